package dev.penstock.conformance.properties;

import dev.penstock.conformance.wire.SegmentView;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.sim.SimulatedNetwork;
import dev.penstock.stack.tcp.TcpAcceptor;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpOption;
import dev.penstock.stack.tcp.TcpOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/** One run of a {@link Scenario}: hosts, connections, what happens to them, and what was wrong. One thread. */
final class World implements AutoCloseable {
    private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;
    private static final int MOST_VIOLATIONS = 12;
    /** What listens: on the host's IPv4 address, its IPv6 address, or any. */
    private static final int FAMILIES = 3;

    private static final int ANY = 2;

    private final Scenario scenario;
    private final SimulatedNetwork net;
    private final RandomSource random;
    private final Coverage coverage = new Coverage();
    private final Vitals vitals = new Vitals(this);
    final Node[] nodes = new Node[Arg.HOSTS];
    private final AppEnd[] slots = new AppEnd[2 * Arg.SLOTS];
    final List<AppEnd> ends = new ArrayList<>();
    private final Set<String> violations = new LinkedHashSet<>();
    private boolean duplicating;
    /** Something was done to a path. */
    boolean pathWasBad;

    private int streams = 1;
    private long digest;
    private final CRC32C crc = new CRC32C();
    private final UnsafeBuffer copy = new UnsafeBuffer(new byte[Frame.HEADROOM + Frame.MAX_LENGTH]);
    private final ByteBuffer copied = ByteBuffer.wrap(copy.byteArray());

    private final Consumer<String> log;

    /** @param log is shown actions, segments and what applications are told, one line each; or null */
    World(Scenario scenario, Consumer<String> log) {
        this.log = log;
        this.scenario = scenario;
        this.net = SimulatedNetwork.seeded(scenario.seed());
        this.random = RandomSource.seeded(~scenario.seed());
    }

    Scenario scenario() {
        return scenario;
    }

    SimulatedNetwork network() {
        return net;
    }

    RandomSource random() {
        return random;
    }

    Coverage coverage() {
        return coverage;
    }

    Vitals vitals() {
        return vitals;
    }

    long nowNs() {
        return net.nowNs();
    }

    // --- what is wrong ---

    void violate(String what) {
        if (violations.size() < MOST_VIOLATIONS) {
            log(() -> "!! " + what);
            violations.add("at " + Math.floor(nowNs() / 1e6) / 1e3 + " s: " + what);
        }
    }

    void check(boolean good, Supplier<String> what) {
        if (!good) {
            violate(what.get());
        }
    }

    Set<String> violations() {
        return violations;
    }

    boolean wasDuplicating() {
        return duplicating;
    }

    /** One line of what happens, if somebody wants to see it. */
    void log(Supplier<String> what) {
        if (log != null) {
            log.accept(Math.floor(nowNs() / 1e3) / 1e6 + " " + what.get());
        }
    }

    // --- what happened, as a number ---

    void digest(Frame frame) {
        int length = frame.length();
        frame.copyTo(copy, 0);
        crc.reset();
        crc.update(copied.limit(length).position(0));
        mix(crc.getValue() << 17 ^ length ^ nowNs());
    }

    void event(AppEnd end, int kind, long value) {
        log(() -> "   " + end.name + " event " + kind + " " + value);
        mix((long) end.stream << 40 ^ (long) kind << 32 ^ value ^ nowNs());
    }

    private void mix(long value) {
        digest = (digest ^ value) * MULTIPLIER;
        digest ^= digest >>> 29;
    }

    long digest() {
        return digest;
    }

    // --- hosts and ends ---

    Node node(int index) {
        if (nodes[index] == null) {
            create(Action.of(Kind.MAKE_HOST, index, 1500, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        }
        return nodes[index];
    }

    private void create(Action a) {
        if (nodes[a.intArg(0)] == null) {
            Node node = new Node(this, a);
            nodes[node.index] = node;
            node.datagrams.open();
        }
    }

    List<AppEnd> peersOf(AppEnd end) {
        List<AppEnd> peers = new ArrayList<>();
        for (AppEnd other : ends) {
            if (end.isPeer(other)) {
                peers.add(other);
            }
        }
        return peers;
    }

    /** A host has sent a reset: no application must be surprised by that. */
    void onReset(String host, SegmentView s) {
        for (AppEnd end : ends) {
            boolean its = end.node.name.equals(host)
                    && end.connection != null
                    && end.connection.localPort() == s.sourcePort
                    && end.connection.remotePort() == s.destinationPort
                    && (int) end.connection.remoteLo() == s.destination;
            if (its && end.connected && !end.over && !end.closed && !end.aborted && !end.inputShut) {
                check(
                        end.connection.state() == dev.penstock.stack.tcp.TcpState.CLOSED,
                        () -> end.name + ": the stack reset a connection that nobody had ended");
            }
        }
    }

    // --- actions ---

    void run() {
        for (Action a : scenario.actions()) {
            log(() -> "== " + a);
            act(a);
            if (a.kind != Kind.STEP) {
                coverage.count("action " + a.kind.text());
            }
        }
    }

    private void act(Action a) {
        switch (a.kind) {
            case MAKE_HOST -> create(a);
            case STEP -> step(a.arg(0));
            case LISTEN -> listen(a);
            case UNLISTEN -> {
                for (int family = 0; family < FAMILIES; family++) {
                    TcpAcceptor l = node(a.intArg(0)).listeners.remove(a.intArg(1) * FAMILIES + family);
                    if (l != null) {
                        l.close(nowNs());
                    }
                }
            }
            case CONNECT -> connect(a);
            case DATAGRAM -> node(a.intArg(0)).datagrams.send(a.intArg(1), a.intArg(2), !a.first(3));
            case HEAL -> heal();
            case LOSS, DUPLICATE, CORRUPT, REORDER, DELAY, RATE, PARTITION, PATH_MTU, MARK -> path(a);
            default -> {
                AppEnd end = slots[a.intArg(0)];
                if (end != null) {
                    end(end, a);
                }
            }
        }
    }

    void step(long ns) {
        net.runUntil(vitals::afterStep, ns);
    }

    void heal() {
        for (Node node : nodes) {
            if (node != null) {
                node.heal();
            }
        }
    }

    private static TcpOptions options(long sendBuffer, long receiveBuffer, int congestion) {
        TcpOptions options = new TcpOptions();
        options.sendBuffer = (int) sendBuffer;
        options.receiveBuffer = (int) receiveBuffer;
        options.congestion = Arg.CONGESTION.words().get(congestion);
        return options;
    }

    private void listen(Action a) {
        Node node = node(a.intArg(0));
        TcpOptions options = options(a.arg(3), a.arg(4), a.intArg(5));
        boolean accepts = a.first(6);
        int family = a.intArg(7);
        long hi = family == 1 ? Node.HI_V6 : 0;
        long lo = family == ANY ? 0 : Node.address(a.intArg(0), family == 1);
        TcpAcceptor l = node.tcp().listen(hi, lo, a.intArg(1), a.intArg(2), options, (acceptor, now) -> {
            if (accepts) {
                accept(node, acceptor);
            }
        });
        if (l != null) {
            node.listeners.put(a.intArg(1) * FAMILIES + family, l);
        }
    }

    /** Takes all that wait. */
    void accept(Node node, TcpAcceptor acceptor) {
        while (acceptor.acceptable() > 0) {
            AppEnd end = new AppEnd(this, node, false, "", streams);
            TcpConnection c = acceptor.accept(end);
            if (c == null) {
                return;
            }
            end.connection = c;
            int slot = slotOfPeer(end);
            end.name = slot < 0 ? "a?" + streams : "a" + slot / 2;
            streams++;
            ends.add(end);
            end.autoRead = slot < 0 || slots[slot].autoRead;
            end.inPlace = slot >= 0 && slots[slot].inPlace;
            if (slot >= 0) {
                slots[slot + 1] = end;
            }
        }
    }

    private int slotOfPeer(AppEnd end) {
        for (int i = 0; i < slots.length; i += 2) {
            if (slots[i] != null && end.isPeer(slots[i])) {
                return i;
            }
        }
        return -1;
    }

    private void connect(Action a) {
        int slot = 2 * a.intArg(0);
        if (slots[slot] != null && !slots[slot].closed && !slots[slot].over) {
            // Its end would be nobody's.
            slots[slot].close();
        }
        Node node = node(a.intArg(1));
        AppEnd end = new AppEnd(this, node, true, "c" + a.intArg(0), streams);
        TcpOptions options = options(a.arg(5), a.arg(6), a.intArg(7));
        boolean v6 = !a.first(8);
        long hi = v6 ? Node.HI_V6 : 0;
        long to = Node.address(a.intArg(2), v6);
        TcpConnection c = node.tcp().connect(0, 0, a.intArg(4), hi, to, a.intArg(3), options, end, nowNs());
        if (c == null) {
            coverage.count("connect refused at once: " + node.tcp().errorOfLastCall());
            return;
        }
        streams++;
        end.connection = c;
        coverage.count("connections over IPv" + (v6 ? 6 : 4));
        ends.add(end);
        slots[slot] = end;
        slots[slot + 1] = null;
    }

    private void path(Action a) {
        Node node = node(a.intArg(0));
        double p = a.arg(a.kind.args.size() > 2 ? 2 : 1) / 1000.0;
        pathWasBad = true;
        switch (a.kind) {
            case LOSS -> node.forWay(a.intArg(1), s -> s.loss(p));
            case DUPLICATE -> {
                duplicating = true;
                node.forWay(a.intArg(1), s -> s.duplicate(p));
            }
            case CORRUPT -> node.forWay(a.intArg(1), s -> s.corrupt(p));
            case REORDER -> node.forWay(a.intArg(1), s -> s.holdBack(p, a.intArg(3)));
            case DELAY -> node.forWay(a.intArg(1), s -> s.delay(a.arg(2), a.arg(3)));
            case RATE -> node.forWay(a.intArg(1), s -> s.rate(a.arg(2)));
            case PARTITION -> node.forWay(a.intArg(1), s -> s.cut(a.first(2)));
            case PATH_MTU -> {
                node.router.mtu = a.intArg(1);
                node.router.tells = a.first(2);
            }
            default -> node.router.marking = a.arg(1) / 1000.0;
        }
    }

    private void end(AppEnd end, Action a) {
        switch (a.kind) {
            case WRITE -> end.write(a.arg(1), false);
            case URGENT -> end.write(a.arg(1), true);
            case READ -> end.read(a.arg(1));
            case AUTO_READ -> {
                end.autoRead = a.first(1);
                end.inPlace = !a.first(2);
                if (end.autoRead) {
                    end.read(Long.MAX_VALUE);
                }
            }
            case SHUTDOWN_OUTPUT -> end.shutdownOutput();
            case SHUTDOWN_INPUT -> end.shutdownInput();
            case CLOSE -> end.close();
            case ABORT -> end.abort();
            default -> set(end, TcpOption.ALL.get(a.intArg(1)), a.arg(2));
        }
    }

    private <T> void set(AppEnd end, TcpOption<T> option, long value) {
        Object v;
        if (option.type() == Boolean.class) {
            v = value != 0;
        } else if (option.type() == String.class) {
            v = Arg.CONGESTION.words().get((int) (value & 1));
        } else if (option.type() == Long.class) {
            v = value;
        } else {
            v = (int) value;
        }
        T before = option.get(end.connection.options());
        try {
            end.connection.setOption(option, option.type().cast(v), nowNs());
        } catch (IllegalArgumentException e) {
            T after = option.get(end.connection.options());
            check(before.equals(after), () -> end.name + ": " + option + " was refused and changed");
        }
    }

    @Override
    public void close() {
        net.close();
    }
}
