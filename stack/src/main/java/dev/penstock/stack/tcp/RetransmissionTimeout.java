package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.base.StackCounter;

/** What happens when the retransmission timer expires (RFC 6298, sections 5.4 to 5.7), and when we give up (R2). */
final class RetransmissionTimeout {
    /** Two ticks of Linux's clock, of 1000 a second. */
    private static final long LEAST_TIMEOUT_NS = 2_000_000;

    private static final long SYN_TIMEOUT_NS = 1_000_000_000;
    private static final int MOST_DOUBLINGS = 16;

    private final Connection c;
    private final LossRecovery recovery;
    private final CongestionControl cc;
    private final DeferredAccept deferral;

    /** Timeouts in a row without progress. */
    private int retries;
    /** When the peer last acknowledged something new, or began to owe it. */
    private long unansweredSinceNs;

    private long timeouts;
    /** Series of timeouts that ended, and how long they lasted. */
    private long recoveries;

    private long recoveryNs;
    private long firstTimeoutNs;
    /** When the retransmission timeout is, whether or not a probe comes before it. */
    private long timeoutAtNs;
    /** The timer is set for a tail loss probe. */
    private boolean probing;
    /** An acknowledgment came since the last timeout. */
    private boolean heard;

    RetransmissionTimeout(Connection c, LossRecovery recovery, CongestionControl cc) {
        this.c = c;
        this.recovery = recovery;
        this.cc = cc;
        this.deferral = new DeferredAccept(c.options(), c.config);
    }

    /** The peer lives: it acknowledges something, new or not. */
    void onHeard() {
        heard = true;
    }

    /** New data was acknowledged. */
    void onProgress(long nowNs) {
        if (retries > 0) {
            recoveries++;
            recoveryNs += nowNs - firstTimeoutNs;
        }
        retries = 0;
        unansweredSinceNs = nowNs;
    }

    void info(TcpInfo into) {
        into.timeouts = timeouts;
        into.timeoutsInRow = retries;
        into.timeoutRecoveries = recoveries;
        into.timeoutRecoveryNs = recoveryNs;
    }

    /** {@code s} would complete the handshake: is data to be waited for? */
    boolean defers(Segment s) {
        return deferral.defers(s, retries);
    }

    long timeouts() {
        return timeouts;
    }

    /** Something is sent, and the timer was not running. */
    void start(long nowNs) {
        if (retries == 0) {
            unansweredSinceNs = nowNs;
        }
        arm(nowNs);
    }

    /** What answers our SYN does not know it: Linux sends the first one again at once, for an old connection is over now. */
    void hurry(long nowNs) {
        if (retries == 0 && c.config.habits == TcpHabits.LINUX) {
            timeoutAtNs = nowNs + LEAST_TIMEOUT_NS;
            c.timers.set(ConnectionTimers.RETRANSMIT, timeoutAtNs);
        }
    }

    /** Starts the timer, or starts it anew; the user timeout is not overslept. */
    void arm(long nowNs) {
        long at = nowNs + c.rtt.rtoNs();
        timeoutAtNs = Math.max(nowNs, Math.min(at, userTimeoutAtNs()));
        at = timeoutAtNs;
        probing = false;
        c.timers.set(ConnectionTimers.RETRANSMIT, at);
    }

    /**
     * When the user timeout is over. Linux counts from the first retransmission on and not from when the data was first sent
     * (tcp_clamp_rto_to_user_timeout()).
     */
    private long userTimeoutAtNs() {
        long userTimeoutNs = c.options().userTimeoutNs;
        if (userTimeoutNs == 0) {
            return Long.MAX_VALUE;
        }
        if (c.config.habits == TcpHabits.LINUX) {
            return retries == 0 ? Long.MAX_VALUE : firstTimeoutNs + userTimeoutNs;
        }
        return unansweredSinceNs + userTimeoutNs;
    }

    /** The option has changed, and may end the connection earlier than the timer would. */
    void onUserTimeout(long nowNs) {
        if (c.timers.isSet(ConnectionTimers.RETRANSMIT)) {
            timeoutAtNs = Math.max(nowNs, Math.min(timeoutAtNs, userTimeoutAtNs()));
            c.timers.set(
                    ConnectionTimers.RETRANSMIT, Math.min(c.timers.when(ConnectionTimers.RETRANSMIT), timeoutAtNs));
        }
    }

    /**
     * After a transmission: a tail loss probe may come before the timeout.
     *
     * @param sentNew something was sent for the first time, so the probe's time starts anew
     */
    void considerProbe(boolean sentNew, long nowNs) {
        if (probing && !sentNew) {
            return;
        }
        if (recovery.isProbePossible()) {
            probing = true;
            c.timers.set(ConnectionTimers.RETRANSMIT, Math.min(nowNs + recovery.probe.timeoutNs(), timeoutAtNs));
        }
    }

    void onTimer(long nowNs) {
        if (probing && c.state().isSynchronized() && recovery.isProbePossible()) {
            // RFC 8985, section 7.3: "the sender MUST ... start the RTO timer" after the probe.
            arm(nowNs);
            c.sender.sendLossProbe(nowNs);
            return;
        }
        if (probing && nowNs < timeoutAtNs) {
            probing = false;
            c.timers.set(ConnectionTimers.RETRANSMIT, timeoutAtNs);
            return;
        }
        timeouts++;
        c.layer.counters.count(StackCounter.TCP_RTO_TIMEOUTS);
        boolean synchronizedState = c.state().isSynchronized();
        if (nowNs >= userTimeoutAtNs() || isGivenUp(nowNs)) {
            c.fail(c.pathTrouble.timeoutError(), nowNs);
            return;
        }
        if (synchronizedState && c.tcb.snd.wnd == 0 && heard) {
            // The peer took its window back, and tells so: "the TCP endpoint MUST allow the connection to stay open".
            retries = Math.max(0, retries - 1);
        }
        heard = false;
        retries++;
        if (retries == 1) {
            firstTimeoutNs = nowNs;
        }
        if (retries == c.config.doubtRetries) {
            // RFC 9293, section 3.8.3 (b): "When the number of transmissions of the same segment reaches or exceeds
            // threshold R1, pass negative advice ... to the IP layer, to trigger dead-gateway diagnosis."
            c.layer.ip.doubtReachable(c.path, nowNs);
            // SHLD-9: "TCP SHOULD inform the application of the delivery problem (unless such information has been
            // disabled by the application) when R1 is reached and before R2".
            c.signalSoftError(c.pathTrouble.timeoutError());
        }
        // (5.5) "The host MUST set RTO <- RTO * 2".
        if (c.state() != TcpState.SYN_SENT || retries > c.config.synLinearTimeouts) {
            c.rtt.backOff();
        }
        if (synchronizedState) {
            CongestionControl.Cause cause =
                    retries == 1 ? CongestionControl.Cause.TIMEOUT : CongestionControl.Cause.REPEATED_TIMEOUT;
            cc.onCongestion(cause, SeqNum.distance(c.tcb.snd.una, c.tcb.snd.nxt), nowNs);
            // (5.4) "Retransmit the earliest segment that has not been acknowledged": the flush does.
            recovery.onTimeout(retries == 1, nowNs);
            c.pathTrouble.onTimeout(nowNs);
            c.mtu.onTimeout(retries);
        } else {
            c.trace(TcpEvent.TIMEOUT, nowNs);
            if (deferral.waits(retries)) {
                // The peer knows our SYN-ACK, and we wait for its data.
                arm(nowNs);
            } else {
                c.layer.counters.count(StackCounter.TCP_RETRANS_SEGS);
                c.tcb.snd.synDue = true;
            }
        }
    }

    private boolean isGivenUp(long nowNs) {
        int limit = limit();
        if (c.state() == TcpState.SYN_SENT && c.config.synLinearTimeouts > 0) {
            // SYNs that come more often are given up when those that double would be.
            long doublings = (2L << Math.min(limit, MOST_DOUBLINGS)) - 1;
            return nowNs - unansweredSinceNs >= doublings * SYN_TIMEOUT_NS;
        }
        return retries >= limit;
    }

    /** R2 (RFC 9293, section 3.8.3): how many retransmissions before the connection is given up. */
    int limit() {
        return switch (c.state()) {
            case SYN_SENT -> c.options().synRetries > 0 ? c.options().synRetries : c.config.synRetries;
            case SYN_RECEIVED -> c.config.synAckRetries;
            default -> c.isOrphan() ? c.config.orphanRetries : c.config.dataRetries;
        };
    }

    void carry(StateCarrier s) {
        retries = s.number(retries);
        unansweredSinceNs = s.time(unansweredSinceNs);
        timeouts = s.number(timeouts);
        recoveries = s.number(recoveries);
        recoveryNs = s.number(recoveryNs);
        firstTimeoutNs = s.time(firstTimeoutNs);
        timeoutAtNs = s.time(timeoutAtNs);
        probing = s.flag(probing);
        heard = s.flag(heard);
        deferral.carry(s);
    }
}
