package dev.penstock.stack.tcp;

/** Probes of an idle connection (RFC 9293, section 3.8.4): off unless the application asks for it. */
final class Keepalive {
    private final Connection c;
    private int probes;
    private long lastHeardNs;
    /** When the next probe is due, if one was sent. */
    private long nextProbeNs;

    Keepalive(Connection c) {
        this.c = c;
    }

    /** A segment of the peer arrived. */
    void onHeard(long nowNs) {
        lastHeardNs = nowNs;
        probes = 0;
    }

    void info(TcpInfo into) {
        into.probesInRow = Math.max(into.probesInRow, probes);
    }

    /** Starts or stops the timer, after the option or the state has changed. */
    void arm(long nowNs) {
        TcpState state = c.state();
        if (c.options().keepAlive && state.isSynchronized() && state != TcpState.TIME_WAIT) {
            long since = Math.max(lastHeardNs, c.tcb.snd.lastSentNs);
            c.timers.set(ConnectionTimers.KEEPALIVE, Math.max(nowNs, since + c.options().keepIdleNs));
        } else {
            c.timers.stop(ConnectionTimers.KEEPALIVE);
        }
    }

    void onTimer(long nowNs) {
        TcpOptions o = c.options();
        if (!o.keepAlive || !c.state().isSynchronized()) {
            return;
        }
        SendState snd = c.tcb.snd;
        long idle = Math.max(0, nowNs - Math.max(lastHeardNs, snd.lastSentNs));
        // "Keep-alive packets MUST only be sent when no sent data is outstanding, and no data or acknowledgment packets
        // have been received for the connection within an interval" (MUST-26).
        if (snd.una != snd.nxt) {
            // Retransmissions find out whether the peer lives, and may take far longer than the idle time.
            c.timers.set(ConnectionTimers.KEEPALIVE, nowNs + o.keepIdleNs);
            return;
        }
        if (probes == 0 && idle < o.keepIdleNs) {
            c.timers.set(ConnectionTimers.KEEPALIVE, nowNs + o.keepIdleNs - idle);
            return;
        }
        // "a lack of response to a single keep-alive MUST NOT be interpreted as a dead connection" (MUST-29).
        // As in Linux the user timeout, if there is one, takes the place of the number of probes.
        long silentNs = nowNs - lastHeardNs;
        boolean over = o.userTimeoutNs > 0 ? probes > 0 && silentNs >= o.userTimeoutNs : probes >= o.keepCount;
        if (over) {
            // Should the peer live after all, it learns that we do not know it any more.
            c.abort(TcpError.TIMED_OUT, nowNs);
            return;
        }
        if (nowNs >= nextProbeNs || probes == 0) {
            probes++;
            nextProbeNs = nowNs + o.keepIntervalNs;
            c.sender.sendKeepalive(nowNs);
        }
        long at = nextProbeNs;
        if (o.userTimeoutNs > silentNs) {
            at = Math.min(at, nowNs + o.userTimeoutNs - silentNs);
        }
        c.timers.set(ConnectionTimers.KEEPALIVE, at);
    }

    void carry(StateCarrier s) {
        probes = s.number(probes);
        lastHeardNs = s.time(lastHeardNs);
        nextProbeNs = s.time(nextProbeNs);
    }
}
