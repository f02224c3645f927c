package dev.penstock.stack.tcp;

/** Plays the rest of TCP to a congestion control: acknowledgments of a window in use, in virtual time. Bytes and milliseconds. */
final class CcDriver {
    static final long MS = 1_000_000L;

    final CongestionControl cc;
    final AckSample sample = new AckSample();
    final int mss;
    long nowNs = 1000 * MS;
    long rttMs = 100;
    long una;
    long nxt;
    boolean limited = true;
    boolean inRecovery;
    boolean afterTimeout;

    CcDriver(CongestionControl cc, int mss) {
        this.cc = cc;
        this.mss = mss;
        cc.onMss(mss);
    }

    /** An acknowledgment of so many bytes; then the window is filled again. */
    void ack(long bytes) {
        fill();
        una += bytes;
        nxt = Math.max(nxt, una);
        sample.clear();
        sample.ackedBytes = bytes;
        sample.deliveredBytes = bytes;
        sample.rttNs = rttMs * MS;
        sample.srttNs = rttMs * MS;
        sample.minRttNs = rttMs * MS;
        sample.cwndLimited = limited;
        sample.inRecovery = inRecovery;
        sample.afterTimeout = afterTimeout;
        sample.unaPosition = una;
        sample.nxtPosition = nxt;
        cc.onAck(sample, nowNs);
        fill();
    }

    private void fill() {
        if (limited) {
            nxt = Math.max(nxt, una + cc.cwnd() / mss * mss);
        }
    }

    /** A round trip: every whole segment of the window is acknowledged by itself, evenly spread in time. */
    void round() {
        long segments = cc.cwnd() / mss;
        long startNs = nowNs;
        for (long i = 1; i <= segments; i++) {
            nowNs = startNs + i * rttMs * MS / segments;
            ack(mss);
        }
    }

    void rounds(int n) {
        for (int i = 0; i < n; i++) {
            round();
        }
    }

    void advance(long ms) {
        nowNs += ms * MS;
    }

    /** A congestion event with the window in use, and for a loss or a mark the round trip of recovery. */
    void congestion(CongestionControl.Cause cause) {
        fill();
        cc.onCongestion(cause, nxt - una, nowNs);
        if (cause == CongestionControl.Cause.LOSS || cause == CongestionControl.Cause.ECN) {
            inRecovery = true;
            nowNs += rttMs * MS;
            ack(nxt - una);
            inRecovery = false;
            cc.onRecovered(nowNs);
        }
    }

    /** Slow start to this many segments, and one acknowledgment so that the window counts as in use. */
    static CcDriver at(CongestionControl cc, int mss, int segments) {
        CcDriver d = new CcDriver(cc, mss);
        while (cc.cwnd() < (long) segments * mss) {
            d.ack(Math.min(d.mss, (long) segments * mss - cc.cwnd()));
        }
        return d;
    }
}
