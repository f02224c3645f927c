package dev.penstock.conformance.properties;

import dev.penstock.stack.tcp.TcpAcceptor;
import dev.penstock.stack.tcp.TcpInfo;
import dev.penstock.stack.tcp.TcpState;

/**
 * The end of every run: the paths heal, the applications read and write what there is and close. Then everything must come
 * to its end within a bound, and leave nothing behind. One use.
 */
final class Finale {
    private static final long SECOND = 1_000_000_000L;
    /** The longest retransmission timer is 60 s; an address that cannot be resolved and a full queue may come on top. */
    private static final long STALL_NS = 150 * SECOND;
    /** TIME-WAIT three times over, after what retransmissions of both ends took. */
    private static final long END_NS = 900 * SECOND;
    /** Neighbours and path MTUs that are remembered. */
    private static final int IDLE_DEADLINES = 16;

    private final World world;

    Finale(World world) {
        this.world = world;
    }

    void run() {
        world.heal();
        awaitProgress();
        new Verdict(world).judge();
        leaveNothing();
    }

    private void drain() {
        for (Node node : world.nodes) {
            if (node != null) {
                for (TcpAcceptor l : node.listeners.values()) {
                    world.accept(node, l);
                }
            }
        }
        for (int i = 0; i < world.ends.size(); i++) {
            AppEnd end = world.ends.get(i);
            if (!end.draining || end.over && !end.closed) {
                end.drain();
            }
        }
    }

    private void awaitProgress() {
        long progress = -1;
        long since = world.nowNs();
        while (true) {
            drain();
            long now = progress();
            if (isOver()) {
                // What needs no connection may still be on its way: datagrams, or a SYN whose sender has gone.
                world.step(SECOND);
                if (isOver()) {
                    return;
                }
            }
            if (now != progress) {
                progress = now;
                since = world.nowNs();
            } else if (world.nowNs() - since > STALL_NS) {
                tellStall();
                return;
            }
            world.step(5 * SECOND);
        }
    }

    private boolean isOver() {
        return world.ends.stream().allMatch(end -> end.over || isForsaken(end));
    }

    /** Its FIN is acknowledged, and the peer's will never come: the reset that said so was lost. Nothing can tell. */
    private boolean isForsaken(AppEnd end) {
        return end.connection.state() == TcpState.FIN_WAIT_2
                && world.peersOf(end).stream().allMatch(peer -> peer.over);
    }

    private long progress() {
        long sum = 0;
        for (AppEnd end : world.ends) {
            sum += end.received + end.written + (end.over ? 1_000 : 0) + (end.endSeen ? 1_000 : 0);
        }
        return sum;
    }

    private void tellStall() {
        TcpInfo info = new TcpInfo();
        for (AppEnd end : world.ends) {
            if (!end.over && !isForsaken(end)) {
                end.connection.info(info, world.nowNs());
                world.violate(
                        "no progress in " + STALL_NS / SECOND + " s although all paths are well: " + end + ": " + info);
            }
        }
    }

    private void leaveNothing() {
        for (Node node : world.nodes) {
            if (node != null) {
                node.listeners.values().forEach(l -> l.close(world.nowNs()));
                node.datagrams.close();
            }
        }
        for (AppEnd end : world.ends) {
            if (!end.over && !isForsaken(end)) {
                end.abort();
            }
            end.close();
        }
        long limit = world.nowNs() + END_NS;
        while (connections() > 0 && world.nowNs() < limit) {
            world.step(20 * SECOND);
        }
        world.check(
                connections() == 0,
                () -> connections() + " connection(s) still there " + END_NS / SECOND
                        + " s after all ends were closed");
        world.step(60 * SECOND);
        long before = world.vitals().steps;
        world.step(3600 * SECOND);
        long idle = world.vitals().steps - before;
        world.check(idle < 400, () -> idle + " steps in an hour in which there was nothing to do");
        world.vitals().invariants();
        for (Node node : world.nodes) {
            if (node != null) {
                leaks(node);
            }
        }
    }

    private int connections() {
        int n = 0;
        for (Node node : world.nodes) {
            n += node == null ? 0 : node.tcp().connections();
        }
        return n;
    }

    private void leaks(Node node) {
        int chunks = node.shard().chunks().outstanding();
        world.check(chunks == 0, () -> node.name + ": " + chunks + " chunk(s) of memory held by nobody");
        int deadlines = node.shard().deadlines().size();
        world.check(deadlines <= IDLE_DEADLINES, () -> node.name + ": " + deadlines + " timers still run");
        world.coverage().addCounters(node.counters());
        world.coverage().count("path too big", node.router.tooBig);
        world.coverage().count("path marked", node.router.marked);
    }
}
