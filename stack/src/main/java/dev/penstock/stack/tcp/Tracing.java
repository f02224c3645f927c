package dev.penstock.stack.tcp;

import dev.penstock.stack.wire.TcpHeader;

/** Tells a {@link TcpTrace} about one connection; a connection that is not traced has none. */
final class Tracing {
    private final Connection c;
    private final TcpTrace trace;

    private TcpState state;
    private long cwnd = Long.MIN_VALUE;
    private long ssthresh;
    private long srttNs;
    private long rttvarNs;
    private long rtoNs;
    private long pacingRate;
    private long pipe;

    Tracing(Connection c, TcpTrace trace) {
        this.c = c;
        this.trace = trace;
        this.state = c.state();
    }

    /** A segment left, with the window field {@code window}. */
    void sent(boolean again, int flags, int seq, int length, int window, long nowNs) {
        boolean syn = (flags & TcpHeader.SYN) != 0;
        ReceiveState rcv = c.tcb.rcv;
        int ack = (flags & TcpHeader.ACK) != 0 ? rcv.nxt : 0;
        TcpEvent kind = again ? TcpEvent.RETRANSMITTED : TcpEvent.SENT;
        trace.segment(kind, flags, seq, length, ack, syn ? window : (long) window << rcv.wndShift, nowNs);
    }

    void received(Segment s, long nowNs) {
        SendState snd = c.tcb.snd;
        long window = s.has(TcpHeader.SYN) ? s.window : (long) s.window << snd.wndShift;
        trace.segment(TcpEvent.RECEIVED, s.flags, s.seq, s.payloadLength, s.ack, window, nowNs);
        for (int i = 0; i < s.sackCount; i++) {
            trace.sack(s.sackStart[i], s.sackEnd[i], nowNs);
        }
    }

    /** After something that may have changed the state or an estimate: told if one did. */
    void sample(long nowNs) {
        TcpState now = c.state();
        if (now != state) {
            trace.state(state, now, nowNs);
            state = now;
        }
        if (read()) {
            tell(TcpEvent.SAMPLE, nowNs);
        }
    }

    void congestion(TcpEvent kind, long nowNs) {
        read();
        tell(kind, nowNs);
    }

    private void tell(TcpEvent kind, long nowNs) {
        trace.congestion(kind, cwnd, ssthresh, pipe, srttNs, rttvarNs, rtoNs, pacingRate, nowNs);
    }

    /** True if something has changed since it was told last. */
    private boolean read() {
        CongestionControl cc = c.cc;
        RttEstimator rtt = c.rtt;
        long newCwnd = cc.cwnd();
        long newSsthresh = known(cc.ssthresh(), CongestionControl.UNLIMITED);
        long newPacing = known(cc.pacingRate(rtt.srttNs()), Long.MAX_VALUE);
        boolean same = newCwnd == cwnd
                && newSsthresh == ssthresh
                && rtt.srttNs() == srttNs
                && rtt.rttvarNs() == rttvarNs
                && rtt.rtoNs() == rtoNs
                && newPacing == pacingRate
                && c.pipe() == pipe;
        pipe = c.pipe();
        cwnd = newCwnd;
        ssthresh = newSsthresh;
        srttNs = rtt.srttNs();
        rttvarNs = rtt.rttvarNs();
        rtoNs = rtt.rtoNs();
        pacingRate = newPacing;
        return !same;
    }

    /** {@code value}, or -1 if it is so large that it stands for none. */
    static long known(long value, long none) {
        return value >= none ? TcpInfo.UNKNOWN : value;
    }
}
