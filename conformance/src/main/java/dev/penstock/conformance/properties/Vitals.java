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

    /** A connection as it was after the step before, and when its window began to be reduced. */
    private static final class Before {
        long sent;
        long pipe;
        long lost;
        long cwnd;
        long delivered;
        long recoveries;
        TcpInfo.Recovery recovery = TcpInfo.Recovery.OPEN;
        /** RFC 9937's RecoverFS, and what had been delivered in all before the ACK that began the recovery. */
        long recoverFlight;

        long deliveredBefore;
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
        boolean reducing = isReducing(info.recovery);
        if (reducing && (!isReducing(b.recovery) || info.recoveries != b.recoveries)) {
            b.recoverFlight = Math.max(1, b.pipe + b.lost);
            b.deliveredBefore = b.delivered;
        }
        long sent = info.bytesSent + info.bytesRetransmitted;
        // Without SACK the pipe is an estimate by duplicate acknowledgments, which a partial acknowledgment corrects.
        boolean known = info.sack || !reducing;
        if (known && sent != b.sent && info.cwnd > 0) {
            // Limited transmit (RFC 3042) two segments, a tail loss probe, the oldest after a timeout, and the FIN.
            long slack = 4L * Math.max(info.sendMss, 1) + 1;
            long most = slack + Math.max(Math.max(info.cwnd, b.cwnd), reducing ? reduced(b) : b.pipe);
            world.check(
                    info.pipe <= most,
                    () -> end.name + ": " + info.pipe + " bytes in the pipe, cwnd " + info.cwnd + ", ssthresh "
                            + info.ssthresh + ", before " + b.pipe + " and " + b.cwnd + ", " + info.recovery
                            + " from " + b.recoverFlight + ", delivered since "
                            + (info.bytesDelivered - b.deliveredBefore));
        }
        b.sent = sent;
        b.pipe = info.pipe;
        b.lost = info.bytesLost;
        b.cwnd = info.cwnd;
        b.delivered = info.bytesDelivered;
        b.recoveries = info.recoveries;
        b.recovery = info.recovery;
        bounds(end);
    }

    private static boolean isReducing(TcpInfo.Recovery recovery) {
        return recovery == TcpInfo.Recovery.RECOVERY || recovery == TcpInfo.Recovery.CWR;
    }

    /**
     * The most that PRR leaves in the pipe above ssthresh: what was in flight, less what was delivered, and what may be sent
     * for that, "CEIL(prr_delivered * ssthresh / RecoverFS)" (RFC 9937, section 6.2); losses only lessen it.
     */
    private long reduced(Before b) {
        long delivered = info.bytesDelivered - b.deliveredBefore;
        long ssthresh = Math.min(Math.max(0, info.ssthresh), b.recoverFlight);
        return b.recoverFlight - delivered + (delivered * ssthresh + b.recoverFlight - 1) / b.recoverFlight;
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
