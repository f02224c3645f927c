package dev.penstock.stack.tcp;

/**
 * What Reno and CUBIC have in common: slow start with HyStart++ (RFC 9406) and byte counting (RFC 3465), the reduction at a
 * loss, a mark or a timeout (RFC 5681, 8511), its undoing, validation of the window (RFC 7661) and the pacing rate. The
 * window is kept with its fraction, for at five segments and a loss in twenty every fraction counts.
 */
abstract class LossBased implements CongestionControl {
    private final TcpConfig config;
    int mss = 536;
    /** The congestion window, bytes. */
    double cwnd = initialWindow(536);

    long ssthresh = UNLIMITED;
    /**
     * The window at the beginning of this round trip, in whole segments: what is acknowledged in a round trip when the
     * window is full. An increase of one segment a round trip is this many bytes' worth of acknowledgments.
     */
    double roundWindow = mss;

    private final HyStart hyStart = new HyStart();
    private final CwndValidation validation = new CwndValidation();
    private long roundEnd = -1;
    private boolean started;
    private long srttNs = -1;
    /** Before the last congestion event; 0 when nothing can be undone. */
    private double undoCwnd;

    private long undoSsthresh;
    /** The last congestion event came in the non-validated phase: max(pipeACK, LossFlightSize) then, otherwise 0. */
    private double nonValidatedWindow;

    private long lostInRecovery;
    /** A round trip of recovery went by at the reduced window, see {@link #takeRecoveryRound}. */
    private boolean recoveryRound;

    LossBased(TcpConfig config) {
        this.config = config;
    }

    /** RFC 6928, section 2: "min (10*MSS, max (2*MSS, 14600))". */
    static long initialWindow(int mss) {
        return Math.min(10L * mss, Math.max(2L * mss, 14_600));
    }

    /** The initial window of this connection, which may be configured otherwise. */
    private long initial(int segmentSize) {
        return initialWindow(config, segmentSize);
    }

    static long initialWindow(TcpConfig config, int segmentSize) {
        return config.initialWindowSegments > 0
                ? (long) config.initialWindowSegments * segmentSize
                : initialWindow(segmentSize);
    }

    /** What goes out is spread over the round trip. */
    private boolean isPaced(long srtt) {
        return config.pacing && Pacer.paces(srtt);
    }

    // --- what differs ---

    /** How much of the window stays at a congestion event. */
    abstract double factor(Cause cause);

    /**
     * Congestion avoidance.
     *
     * @param acked bytes acknowledged, not more than the window
     */
    abstract void avoidCongestion(double acked, long srttNs, long nowNs);

    /** In slow start, or the window is reduced: congestion avoidance will begin anew. */
    void endAvoidance() {}

    /** The window was not in use from the last acknowledgment to this one. */
    void notInUse(long nowNs) {}

    /** Slow start ended without a loss. */
    void slowStartOver() {}

    /**
     * Before the window is reduced from {@code window}, bytes.
     *
     * @param inUse the window, and not the application or the peer, was the limit
     */
    void beforeReduction(Cause cause, double window, boolean inUse) {}

    /** The last {@link #beforeReduction} is taken back. */
    void restore() {}

    /** The window in whole segments: more cannot be sent, so that this much acknowledged is a round trip's worth. */
    final double wholeWindow() {
        return Math.max(mss, cwnd() / mss * mss);
    }

    /**
     * True once after each recovery. The window is reduced when recovery begins, and when it ends a round trip has gone by
     * at the reduced window, all of it acknowledged: it counts as the first one of congestion avoidance, as in the model of
     * which RFC 9438, equation (3), is the average. At five segments, where every fourth round trip is one of recovery,
     * that makes a fifth of the throughput. Still "cwnd MUST NOT be increased by more than SMSS bytes per RTT".
     */
    final boolean takeRecoveryRound() {
        boolean taken = recoveryRound;
        recoveryRound = false;
        return taken;
    }

    // --- beginning ---

    @Override
    public final void onMss(int newMss) {
        if (!started) {
            started = true;
            cwnd = initial(newMss);
        }
        if (newMss != mss) {
            endAvoidance();
        }
        mss = newMss;
        cwnd = Math.max(cwnd, newMss);
        roundEnd = -1;
    }

    @Override
    public final void onSynLost() {
        // RFC 5681, section 3.1: "if the SYN or SYN/ACK is lost, the initial window ... MUST be one segment".
        cwnd = mss;
    }

    @Override
    public final void onShared(long shared) {
        if (shared > 0) {
            ssthresh = Math.max(shared, 2L * mss);
        }
    }

    @Override
    public final void takeOver(long window, long threshold) {
        cwnd = Math.max(window, mss);
        ssthresh = threshold;
    }

    // --- what can be asked ---

    @Override
    public final long cwnd() {
        // To the nearest byte: ten tenths of a segment are a segment.
        return (long) (cwnd + 0.5);
    }

    @Override
    public final long ssthresh() {
        return ssthresh;
    }

    @Override
    public final long pacingRate(long srtt) {
        if (!isPaced(srtt) || cwnd <= initial(mss)) {
            // What may be sent at once at the beginning, when nothing is known, may be sent at once later.
            return Pacer.UNLIMITED;
        }
        // As Linux: twice the window a round trip leaves slow start room to double; a fifth more than the window
        // keeps the window, and not the pacing, the limit.
        double gain = inSlowStart() ? 2.0 : 1.2;
        return (long) (gain * cwnd * 1e9 / srtt);
    }

    // --- growth ---

    /**
     * RFC 5681, section 3.1: "The slow start algorithm is used when cwnd < ssthresh". Both in whole bytes: ssthresh is the
     * window of the last reduction, rounded, and half a byte less than that is no slow start.
     */
    private boolean inSlowStart() {
        return cwnd() < ssthresh;
    }

    @Override
    public final void onAck(AckSample s, long nowNs) {
        srttNs = s.srttNs;
        validation.onAck(s, cwnd(), nowNs);
        if (s.inRecovery) {
            lostInRecovery += s.lostBytes;
            roundEnd = -1;
            return;
        }
        shrinkUnused(nowNs);
        boolean slowStart = inSlowStart();
        if (slowStart && ssthresh == UNLIMITED && hyStart.onAck(s)) {
            ssthresh = cwnd();
            slowStart = false;
            slowStartOver();
        }
        // A round trip is over when something is acknowledged that was sent after it began. (What the flush will send
        // in answer to this burst of acknowledgments begins at SND.NXT.)
        if (roundEnd < 0 || s.unaPosition > roundEnd) {
            roundEnd = s.nxtPosition;
            roundWindow = wholeWindow();
        }
        // RFC 7661, section 4.4, and RFC 9438, section 5.8: a window not in use does not grow.
        if (!s.cwndLimited || s.ackedBytes <= 0) {
            notInUse(nowNs);
            return;
        }
        double left = s.ackedBytes;
        if (slowStart) {
            endAvoidance();
            recoveryRound = false;
            left = slowStart(left, s.afterTimeout);
            roundWindow = wholeWindow();
        }
        if (left > 0) {
            // However much one acknowledgment covers, it does not count for more than a round trip.
            avoidCongestion(Math.min(left, wholeWindow()), Math.max(0, s.srttNs), nowNs);
        }
    }

    /** Answers what slow start has left of the acknowledged bytes: it ends exactly at the threshold. */
    private double slowStart(double acked, boolean afterTimeout) {
        // RFC 5681, section 3.1: "cwnd += min (N, SMSS)" for each ACK; RFC 3465 counts all bytes, so that ACK division
        // gains nothing and joined ACKs lose nothing.
        double growth = hyStart.growth(
                acked,
                mss,
                isPaced(srttNs) ? 0 : config.slowStartSegments,
                afterTimeout && config.slowStartSegments != 0);
        double room = ssthresh - cwnd;
        if (growth <= room) {
            cwnd += growth;
            return 0;
        }
        cwnd = ssthresh;
        return acked * (growth - room) / growth;
    }

    // --- reduction ---

    @Override
    public final void onCongestion(Cause cause, long inFlight, long nowNs) {
        endAvoidance();
        hyStart.reset();
        roundEnd = -1;
        recoveryRound = cause == Cause.LOSS || cause == Cause.ECN;
        if (cause == Cause.REPEATED_TIMEOUT) {
            // RFC 5681, section 3.1: when the segment "has already been retransmitted by way of the retransmission
            // timer at least once, the value of ssthresh is held constant".
            cwnd = mss;
            return;
        }
        undoCwnd = cwnd;
        undoSsthresh = ssthresh;
        boolean validated = validation.validated(cwnd());
        double window = Math.min(cwnd, (double) validation.windowAtCongestion(cwnd(), inFlight, mss));
        if (window + 1 > cwnd) {
            window = cwnd;
        }
        nonValidatedWindow = validated ? 0 : window;
        lostInRecovery = 0;
        beforeReduction(cause, window, validation.inUse());
        // RFC 8511 lets a mark reduce the window less than a loss does.
        double reduced = window * factor(cause == Cause.ECN && !config.alternativeBackoff ? Cause.LOSS : cause);
        // RFC 5681, equation (4): "ssthresh = max (FlightSize / 2, 2*SMSS)", with RFC 9438's or 8511's factor
        ssthresh = (long) (Math.max(reduced, 2.0 * mss) + 0.5);
        cwnd = switch (cause) {
            // "upon a timeout ... cwnd MUST be set to no more than the loss window, LW, which equals 1 full-sized
            // segment"
            case TIMEOUT, REPEATED_TIMEOUT -> mss;
            // RFC 9438, section 4.6: "reduction on ECE, cwnd is at least 1 MSS"; RFC 3168, section 6.1.2.
            case ECN -> Math.max(reduced, mss);
            case LOSS -> Math.max(reduced, 2.0 * mss);
        };
    }

    @Override
    public final void onBlackHole() {
        // The window stays that of a timeout, one segment; only the threshold of before holds again.
        ssthresh = Math.max(ssthresh, undoSsthresh);
    }

    @Override
    public final void onRecovered(long nowNs) {
        validation.onRecovered();
        if (nonValidatedWindow > 0) {
            // RFC 7661, section 4.4.1: "At the end of the recovery phase, the TCP sender MUST reset the cwnd using the
            // method below: cwnd = (Max(pipeACK, LossFlightSize) - R)/2", where R was retransmitted.
            double reset = (nonValidatedWindow - lostInRecovery) * factor(Cause.LOSS);
            cwnd = Math.min(cwnd, Math.max(reset, mss));
            ssthresh = Math.min(ssthresh, Math.max(2L * mss, cwnd()));
            nonValidatedWindow = 0;
        }
        roundEnd = -1;
    }

    @Override
    public final void undo(long nowNs) {
        // RFC 9438, section 4.9.2: "if cwnd < cwnd_prior"; otherwise "continue to use the current and the most recent
        // values".
        if (cwnd < undoCwnd) {
            cwnd = undoCwnd;
            ssthresh = undoSsthresh;
            restore();
        }
        undoCwnd = 0;
        recoveryRound = false;
        nonValidatedWindow = 0;
        roundEnd = -1;
    }

    // --- idle ---

    @Override
    public final void onRestart(long idleNs, long rtoNs, long nowNs) {
        validation.onIdle(idleNs, srttNs, cwnd(), nowNs);
        notInUse(nowNs);
        shrinkUnused(nowNs);
        if (idleNs > rtoNs && !isPaced(srttNs)) {
            // RFC 5681, section 4.1: after an idle time longer than the RTO "a TCP SHOULD set cwnd to no more than RW
            // segments"; RW is "min (IW, cwnd)". RFC 7661 keeps the window instead for five minutes, but demands that
            // no burst comes of it (section 4.4.2): that holds where we pace.
            cwnd = Math.min(cwnd, (double) initial(mss));
        }
        roundEnd = -1;
    }

    /** RFC 7661, section 4.4.3: what happens to a window that was not used for five minutes. */
    private void shrinkUnused(long nowNs) {
        for (int n = validation.periodsOver(nowNs); n > 0 && cwnd > initial(mss); n--) {
            // "ssthresh = max(ssthresh, 3*cwnd/4)", then "cwnd = max(1/2*cwnd, IW)"
            ssthresh = Math.max(ssthresh, (long) (cwnd * 3 / 4));
            cwnd = Math.max(cwnd / 2, (double) initial(mss));
        }
    }

    @Override
    public void carry(StateCarrier s) {
        mss = s.number(mss);
        cwnd = s.real(cwnd);
        // The threshold of those that have found none is the longest of numbers.
        ssthresh = Math.min(UNLIMITED, s.number(ssthresh == UNLIMITED ? Long.MAX_VALUE : ssthresh));
        roundWindow = s.real(roundWindow);
        hyStart.carry(s);
        validation.carry(s);
        roundEnd = s.number(roundEnd);
        started = s.flag(started);
        srttNs = s.number(srttNs);
        undoCwnd = s.real(undoCwnd);
        undoSsthresh = s.number(undoSsthresh);
        nonValidatedWindow = s.real(nonValidatedWindow);
        lostInRecovery = s.number(lostInRecovery);
        recoveryRound = s.flag(recoveryRound);
    }

    @Override
    public final boolean isFoldable() {
        return true;
    }
}
