package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.StackCounter;

/**
 * The persist timer (RFC 9293, section 3.8.6.1): when nothing is in flight and the peer's window does not let the next
 * segment go, something must be sent from time to time, or a lost window update would be the end.
 */
final class ZeroWindowProbe {
    private final Connection c;
    private final Counters counters;

    private int backoff;
    /** Probes since the peer last answered anything. */
    private int unanswered;
    /** When the peer's window began to hold back what waits. */
    private long sinceNs;

    ZeroWindowProbe(Connection c, Counters counters) {
        this.c = c;
        this.counters = counters;
    }

    /** After each transmission: starts or stops the timer. */
    void consider(boolean deviceReady, long nowNs) {
        SendState snd = c.tcb.snd;
        boolean waiting = c.state().isSynchronized()
                && snd.nxt == snd.una
                && !c.timers.isSet(ConnectionTimers.RETRANSMIT)
                && !(c.timers.isSet(ConnectionTimers.CORK) && isWindowLargeEnough())
                && !c.timers.isSet(ConnectionTimers.PACE)
                && c.hasUnsent();
        if (!waiting || !deviceReady) {
            if (!waiting) {
                c.timers.stop(ConnectionTimers.PERSIST);
                backoff = 0;
            }
            return;
        }
        if (!c.timers.isSet(ConnectionTimers.PERSIST)) {
            // "The transmitting host SHOULD send the first zero-window probe when a zero window has existed for the
            // retransmission timeout period" (SHLD-29).
            if (backoff == 0) {
                sinceNs = nowNs;
            }
            arm(nowNs);
        }
    }

    /** What a cork holds back for a while could go: otherwise it is the window that holds it, and nothing else probes. */
    private boolean isWindowLargeEnough() {
        SendState snd = c.tcb.snd;
        return snd.wnd >= Math.max(1, Math.min(c.sendQueue().size(), snd.mss));
    }

    private void arm(long nowNs) {
        long at = nowNs + interval();
        long userTimeoutNs = c.options().userTimeoutNs;
        if (userTimeoutNs > 0) {
            at = Math.max(nowNs, Math.min(at, sinceNs + userTimeoutNs));
        }
        c.timers.set(ConnectionTimers.PERSIST, at);
    }

    /** The timer fired: a probe goes out, the next one after a longer time. */
    void onTimer(long nowNs) {
        long userTimeoutNs = c.options().userTimeoutNs;
        if (userTimeoutNs > 0 && nowNs - sinceNs >= userTimeoutNs) {
            // As in Linux, answered or not: the limit is for "buffered data [that] may remain untransmitted (due to
            // zero window size)", too (tcp(7)). The application has asked for it.
            c.fail(TcpError.TIMED_OUT, nowNs);
            return;
        }
        // "the TCP endpoint MUST allow the connection to stay open" as long as the probes are answered (MUST-37).
        if (unanswered > c.retransmission.limit()) {
            c.fail(TcpError.TIMED_OUT, nowNs);
            return;
        }
        if (c.isOrphan() && backoff > c.retransmission.limit()) {
            // Answered or not: nobody waits for this data, and a peer must not hold it for ever (RFC 6429, section 4).
            counters.count(StackCounter.TCP_ORPHANS_ABORTED);
            c.abort(nowNs);
            return;
        }
        unanswered++;
        c.trace(TcpEvent.WINDOW_PROBE, nowNs);
        counters.count(StackCounter.TCP_ZERO_WINDOW_PROBES);
        int result = c.sender.sendProbe(nowNs);
        if (SendSide.isUnreachable(result)) {
            c.pathTrouble.cannotSend(result, nowNs);
        }
        // "SHOULD increase exponentially the interval between successive probes" (SHLD-30).
        backoff = Math.min(backoff + 1, 16);
        if (c.tcb.snd.nxt == c.tcb.snd.una && c.state().isSynchronized()) {
            arm(nowNs);
        }
    }

    /** The peer acknowledged something: it is alive. */
    void onAnswered() {
        unanswered = 0;
    }

    void info(TcpInfo into) {
        into.probesInRow = unanswered;
        into.backoff = Math.max(into.backoff, backoff);
    }

    private long interval() {
        return Math.min(c.config.maxRtoNs, c.rtt.rtoNs() << backoff);
    }

    void carry(StateCarrier s) {
        backoff = s.number(backoff);
        unanswered = s.number(unanswered);
        sinceNs = s.time(sinceNs);
    }
}
