package dev.penstock.stack.tcp;

/** Slow start and congestion avoidance of RFC 5681, with the initial window of RFC 6928 and counting in bytes. */
final class NewReno implements CongestionControl {
    private int mss = 536;
    private long cwnd = initialWindow(536);
    private long ssthresh = UNLIMITED;
    private long ackedInRound;
    private boolean started;
    private long undoCwnd;
    private long undoSsthresh;

    @Override
    public String name() {
        return "reno";
    }

    /** RFC 6928, section 2: "min (10*MSS, max (2*MSS, 14600))". */
    static long initialWindow(int mss) {
        return Math.min(10L * mss, Math.max(2L * mss, 14_600));
    }

    @Override
    public void onMss(int newMss) {
        if (!started) {
            started = true;
            cwnd = initialWindow(newMss);
        }
        mss = newMss;
        cwnd = Math.max(cwnd, newMss);
    }

    @Override
    public void onSynLost() {
        // RFC 5681, section 3.1: "if the SYN or SYN/ACK is lost, the initial window ... MUST be one segment".
        cwnd = mss;
    }

    @Override
    public void onShared(long shared) {
        if (shared > 0) {
            ssthresh = Math.max(shared, 2L * mss);
        }
    }

    @Override
    public long cwnd() {
        return cwnd;
    }

    @Override
    public long ssthresh() {
        return ssthresh;
    }

    @Override
    public long pacingRate(long srttNs) {
        return Long.MAX_VALUE;
    }

    @Override
    public void onAck(AckSample sample, long nowNs) {
        if (!sample.cwndLimited || sample.inRecovery) {
            return;
        }
        long left = sample.ackedBytes;
        if (cwnd < ssthresh) {
            // RFC 5681, section 3.1: "cwnd += min (N, SMSS)" for each ACK. A receiver that joins segments acknowledges
            // many with one ACK, so we count all bytes, as Linux does; ACK division gains nothing by it.
            long grow = Math.min(left, ssthresh - cwnd);
            cwnd += grow;
            left -= grow;
        }
        if (left > 0) {
            // "a common approach is to count the bytes acknowledged and to increase cwnd by SMSS when they reach cwnd"
            ackedInRound += left;
            if (ackedInRound >= cwnd) {
                ackedInRound -= cwnd;
                cwnd += mss;
            }
        }
    }

    @Override
    public void onCongestion(Cause cause, long inFlight, long nowNs) {
        if (cause != Cause.REPEATED_TIMEOUT) {
            undoCwnd = cwnd;
            undoSsthresh = ssthresh;
            // Equation (4): "ssthresh = max (FlightSize / 2, 2*SMSS)"
            ssthresh = Math.max(inFlight / 2, 2L * mss);
        }
        // "upon a timeout ... cwnd MUST be set to no more than the loss window, LW, which equals 1 full-sized segment"
        cwnd = cause == Cause.LOSS || cause == Cause.ECN ? ssthresh : mss;
        ackedInRound = 0;
    }

    @Override
    public void undo(long nowNs) {
        cwnd = Math.max(cwnd, undoCwnd);
        ssthresh = Math.max(ssthresh, undoSsthresh);
    }

    @Override
    public void onRestart(long idleNs, long rtoNs, long nowNs) {
        if (idleNs > rtoNs) {
            // RFC 5681, section 4.1: "a TCP SHOULD set cwnd to no more than RW segments before beginning
            // transmission if the TCP has not sent data in an interval exceeding the retransmission timeout"; RW is
            // "min (IW, cwnd)".
            cwnd = Math.min(cwnd, initialWindow(mss));
        }
    }
}
