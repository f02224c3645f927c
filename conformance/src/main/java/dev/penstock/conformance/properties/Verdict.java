package dev.penstock.conformance.properties;

import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Holds what the applications saw against what happened: all bytes once and in order, or an error that has a cause. */
final class Verdict {
    private final World world;
    private final Map<AppEnd, AppEnd> readers = new HashMap<>();

    Verdict(World world) {
        this.world = world;
    }

    void judge() {
        for (AppEnd end : world.ends) {
            once(end);
            whole(end);
            if (end.over && end.error != null) {
                world.check(isJustified(end), () -> end + ": nothing explains this");
                world.check(
                        !world.scenario().gentle() || isUnresolved(end),
                        () -> end + ": nothing could end a connection here");
            }
        }
        datagrams();
    }

    /** No stream is read by two. */
    private void once(AppEnd end) {
        List<AppEnd> from = end.candidates();
        if (end.received > 0 && from.size() == 1) {
            AppEnd other = readers.put(from.get(0), end);
            world.check(other == null, () -> "the stream of " + from.get(0) + " was read by " + other + " and " + end);
        }
    }

    /** Who was told of the end of the stream, and of no error, has all of it. */
    private void whole(AppEnd end) {
        boolean orderly = end.endSeen && end.error == null && !end.aborted && !end.inputShut;
        if (!orderly) {
            return;
        }
        boolean found = end.candidates().stream().anyMatch(p -> p.finalLength == end.received);
        world.check(
                found,
                () -> end + ": its stream ended, but of its peers " + end.candidates()
                        + " none has sent so many bytes");
        if (found && end.received > 0) {
            world.coverage().count("streams whole");
        }
    }

    private boolean isJustified(AppEnd end) {
        TcpConnection c = end.connection;
        TcpOptions o = c.options();
        boolean bad = world.pathWasBad || end.node.scarce;
        boolean reset = end.node.watch.resetsArrived((int) c.remoteLo(), c.localPort(), c.remotePort()) > 0
                || c.localLo() == c.remoteLo();
        boolean nobody = !exists(c.remoteLo());
        return switch (end.error) {
            case CONNECTION_REFUSED -> reset && !end.connected;
            case CONNECTION_RESET -> reset;
            case TIMED_OUT -> bad || o.userTimeoutNs > 0 || o.keepAlive || nobody;
            case HOST_UNREACHABLE -> bad || nobody;
            case ABORTED -> end.aborted || end.node.scarce || end.closed;
            case NO_RESOURCES -> end.node.scarce;
            default -> false;
        };
    }

    private boolean exists(long lo) {
        for (Node node : world.nodes) {
            if (node != null && node.has(lo)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Three requests for the link address were lost, which ends an attempt to connect; and the other's, if both opened at the
     * same time: its SYN then meets nobody.
     */
    private boolean isUnresolved(AppEnd end) {
        if (end.connected || !world.pathWasBad) {
            return false;
        }
        return end.error == TcpError.HOST_UNREACHABLE
                || end.error == TcpError.CONNECTION_REFUSED
                        && world.peersOf(end).stream().anyMatch(p -> p.error == TcpError.HOST_UNREACHABLE);
    }

    private void datagrams() {
        long sent = 0;
        long came = 0;
        boolean overflowed = false;
        for (Node node : world.nodes) {
            if (node != null) {
                sent += node.datagrams.sent;
                came += node.datagrams.distinct;
                overflowed |= node.dropped() > 0;
            }
        }
        if (!world.pathWasBad && !overflowed) {
            long lost = sent - came;
            world.check(lost <= unreachable(), () -> lost + " datagrams are lost on a perfect network");
        }
    }

    /** Datagrams to hosts that do not exist are lost, rightly. */
    private long unreachable() {
        long n = 0;
        for (Action a : world.scenario().actions()) {
            Node to = a.kind == Kind.DATAGRAM ? world.nodes[a.intArg(1)] : null;
            if (a.kind == Kind.DATAGRAM && (to == null || !a.first(3) && !to.ipv6)) {
                n++;
            }
        }
        return n;
    }
}
