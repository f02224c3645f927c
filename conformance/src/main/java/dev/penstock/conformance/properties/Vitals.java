package dev.penstock.conformance.properties;

import dev.penstock.stack.tcp.TcpInfo;
import dev.penstock.stack.tcp.TcpState;
import java.util.HashMap;
import java.util.Map;

/**
 * Looks at all connections after each step of a {@link World}: windows and pipe, and whether the stacks run in circles.
 * One thread.
 */
final class Vitals {
    private static final long SECOND = 1_000_000_000L;
    /** Steps in which no frame moved, in a second of virtual time; timers of all kinds and connections together. */
    private static final int IDLE_STEPS = 400;
    /** Steps at one moment. */
    private static final int STEPS_AT_ONCE = 5_000;

    private final World world;
    private final TcpInfo info = new TcpInfo();
    private final Map<AppEnd, Before> before = new HashMap<>();
    long steps;
    private long secondBegan;
    private long idleSteps;
    private long framesBefore;
    private long stepsAtOnce;
    private long lastNs;

    /** A connection as it was after the step before. */
    private static final class Before {
        long sent;
        long pipe;
        long cwnd;
    }

    Vitals(World world) {
        this.world = world;
    }

    /** Always false, as nothing is over. */
    boolean afterStep() {
        steps++;
        long now = world.nowNs();
        long frames = 0;
        for (Node node : world.nodes) {
            if (node != null) {
                frames += node.moved();
            }
        }
        boolean moved = frames != framesBefore;
        framesBefore = frames;
        circles(now, moved);
        if (moved) {
            for (AppEnd end : world.ends) {
                if (!end.over) {
                    look(end, now);
                }
            }
        }
        if (steps % 64 == 0) {
            invariants();
        }
        return false;
    }

    void invariants() {
        for (Node node : world.nodes) {
            if (node != null) {
                node.shard().checkInvariants();
            }
        }
    }

    private void circles(long now, boolean moved) {
        if (now != lastNs || moved) {
            lastNs = now;
            stepsAtOnce = 0;
        }
        if (++stepsAtOnce > STEPS_AT_ONCE) {
            throw new IllegalStateException("livelock: " + stepsAtOnce + " steps at one moment");
        }
        if (now - secondBegan > SECOND) {
            secondBegan = now;
            idleSteps = 0;
        }
        if (!moved && ++idleSteps > IDLE_STEPS) {
            world.violate("livelock: " + idleSteps + " steps within a second in which nothing moved");
            idleSteps = 0;
        }
    }

    private void look(AppEnd end, long now) {
        end.connection.info(info, now);
        if (!info.state.isSynchronized() || info.state == TcpState.TIME_WAIT) {
            return;
        }
        Before b = before.computeIfAbsent(end, e -> new Before());
        long sent = info.bytesSent + info.bytesRetransmitted;
        if (sent != b.sent && info.cwnd > 0) {
            // Limited transmit (RFC 3042) two segments, a tail loss probe, the oldest after a timeout, and the FIN.
            long slack = 4L * Math.max(info.sendMss, 1) + 1;
            // In recovery PRR lets the pipe come down to ssthresh slowly.
            long most = Math.max(Math.max(info.cwnd, b.cwnd), Math.max(b.pipe, Math.max(0, info.ssthresh))) + slack;
            if (info.ssthresh == Long.MAX_VALUE || info.ssthresh > 1L << 40) {
                most = Math.max(Math.max(info.cwnd, b.cwnd), b.pipe) + slack;
            }
            if (info.pipe > most) {
                world.violate(end.name + ": " + info.pipe + " bytes in the pipe, cwnd " + info.cwnd + ", ssthresh "
                        + info.ssthresh + ", before " + b.pipe + " and " + b.cwnd + ", " + info.recovery);
            }
        }
        b.sent = sent;
        b.pipe = info.pipe;
        b.cwnd = info.cwnd;
        bounds(end);
    }

    private void bounds(AppEnd end) {
        world.check(
                info.pipe <= info.bytesInFlight + info.bytesRetransmittedInFlight + 1,
                () -> end.name + ": a pipe of " + info.pipe + ", in flight " + info.bytesInFlight);
        world.check(
                info.bytesSacked <= info.bytesInFlight,
                () -> end.name + ": " + info.bytesSacked + " sacked of " + info.bytesInFlight);
        world.check(
                info.bytesAcked <= end.written,
                () -> end.name + ": " + info.bytesAcked + " of " + end.written + " written bytes acknowledged");
        world.check(
                info.rtoNs >= 200_000_000L && info.rtoNs <= 60 * SECOND, () -> end.name + ": an RTO of " + info.rtoNs);
        world.check(info.cwnd >= 1, () -> end.name + ": a cwnd of " + info.cwnd);
    }
}
