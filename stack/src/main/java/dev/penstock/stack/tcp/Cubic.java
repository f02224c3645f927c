package dev.penstock.stack.tcp;

/**
 * CUBIC (RFC 9438): after a reduction the window returns to where it was as a cubic function of time, fast at first, slow
 * near the old maximum, then faster and faster; but never below what Reno would have. Windows in bytes, times in seconds.
 */
final class Cubic extends LossBased {
    /** Section 4.6: "The parameter beta_cubic SHOULD be set to 0.7". */
    private static final double BETA = 0.7;
    /** RFC 8511, section 3.1, for CUBIC. */
    private static final double BETA_ECN = 0.85;
    /** Section 5.1: "C SHOULD be set to 0.4", segments a second cubed. */
    private static final double C = 0.4;
    /** Section 4.3: "alpha_cubic = 3 * (1 - beta_cubic) / (1 + beta_cubic)". */
    private static final double ALPHA = 3 * (1 - BETA) / (1 + BETA);

    private static final double SECOND_NS = 1e9;
    private static final long NONE = Long.MIN_VALUE;

    /** Is the window of the last reduction, made smaller by fast convergence; 0 before. */
    private double wMax;
    /** cwnd when ssthresh was set last. */
    private double cwndPrior;
    /** What Reno's window would be. */
    private double wEst;
    /** The time from the epoch's beginning to {@link #wMax}, seconds. */
    private double k;
    /** When this stage of congestion avoidance began, later by what does not count; {@link #NONE} outside one. */
    private long epochNs = NONE;
    /** The last acknowledgment in this stage. */
    private long lastNs;
    /** The next stage begins at the plateau: after a timeout, or after slow start that no loss ended. */
    private boolean fromPlateau = true;

    private double undoWMax;
    private double undoCwndPrior;
    private double undoWEst;
    private double undoK;
    private long undoEpochNs = NONE;
    private long undoLastNs;
    private boolean undoFromPlateau;
    /** The stage that a reduction is about to end, for {@link #beforeReduction}. */
    private long endedEpochNs = NONE;

    Cubic() {
        this(new TcpConfig());
    }

    Cubic(TcpConfig config) {
        super(config);
    }

    @Override
    public String name() {
        return "cubic";
    }

    @Override
    double factor(Cause cause) {
        return cause == Cause.ECN ? BETA_ECN : BETA;
    }

    // --- the window increase function, section 4.2 ---

    private void beginEpoch(long nowNs) {
        epochNs = nowNs;
        wEst = cwnd;
        if (fromPlateau || cwnd >= wMax) {
            // Sections 4.8 and 4.10: "K is set to 0, and W_max is set to the congestion window size at the beginning of
            // the current congestion avoidance stage".
            fromPlateau = false;
            k = 0;
            wMax = cwnd;
        } else {
            // Equation (2): "K = cubic root of ((W_max - cwnd_epoch) / C)"
            k = Math.cbrt((wMax - cwnd) / mss / C);
        }
        if (takeRecoveryRound()) {
            wEst += ALPHA * mss;
        }
    }

    /** Equation (1): "W_cubic(t) = C * (t - K)^3 + W_max". */
    private double wCubic(double t) {
        double d = t - k;
        return C * d * d * d * mss + wMax;
    }

    @Override
    void avoidCongestion(double acked, long srttNs, long nowNs) {
        if (epochNs == NONE) {
            beginEpoch(nowNs);
        }
        lastNs = nowNs;
        double t = (nowNs - epochNs) / SECOND_NS;
        // Section 4.3, equation (4): "W_est = W_est + alpha_cubic * segments_acked / cwnd"; "Once W_est has grown to
        // reach the cwnd at the time of most recently setting ssthresh ..., the sender SHOULD set alpha_cubic to 1".
        double alpha = wEst >= cwndPrior ? 1 : ALPHA;
        wEst += alpha * mss * acked / roundWindow;
        if (wCubic(t) >= wEst) {
            // Section 4.2: target is W_cubic(t + RTT), but not less than cwnd and not more than 1.5 * cwnd; sections
            // 4.4 and 4.5: "cwnd MUST be incremented by (target - cwnd) / cwnd" for each segment acknowledged.
            double target = wCubic(t + srttNs / SECOND_NS);
            target = Math.max(cwnd, Math.min(1.5 * cwnd, target));
            cwnd += (target - cwnd) * Math.min(1, acked / roundWindow);
        }
        // "CUBIC computes both W_cubic(t) and W_est on receiving a new ACK in congestion avoidance and chooses the
        // higher".
        cwnd = Math.max(cwnd, wEst);
    }

    @Override
    void endAvoidance() {
        endedEpochNs = epochNs;
        epochNs = NONE;
    }

    @Override
    void notInUse(long nowNs) {
        // "The elapsed time t ... MUST NOT include periods during which cwnd has not been updated due to
        // application-limited behavior".
        if (epochNs != NONE) {
            epochNs += nowNs - lastNs;
            lastNs = nowNs;
        }
    }

    @Override
    void slowStartOver() {
        // Section 4.10: "CUBIC sets cwnd_prior = cwnd and switches to congestion avoidance".
        cwndPrior = cwnd;
        fromPlateau = true;
    }

    // --- reduction ---

    @Override
    void beforeReduction(Cause cause, double window, boolean inUse) {
        undoWMax = wMax;
        undoCwndPrior = cwndPrior;
        undoWEst = wEst;
        undoK = k;
        undoEpochNs = endedEpochNs;
        undoLastNs = lastNs;
        undoFromPlateau = fromPlateau;
        // Section 4.7, fast convergence: "W_max = cwnd * (1 + beta_cubic) / 2 if cwnd < W_max", so that others find
        // room. It is for a flow whose saturation point "is getting reduced". One that stopped growing because a buffer
        // is full has found no such point: it would plateau below its buffer for nothing.
        wMax = inUse && window < wMax ? window * (1 + BETA) / 2 : window;
        cwndPrior = window;
        fromPlateau = cause == Cause.TIMEOUT;
    }

    @Override
    void restore() {
        // Section 4.9.2.
        wMax = undoWMax;
        cwndPrior = undoCwndPrior;
        wEst = undoWEst;
        k = undoK;
        epochNs = undoEpochNs;
        lastNs = undoLastNs;
        fromPlateau = undoFromPlateau;
    }

    @Override
    public final void carry(StateCarrier s) {
        super.carry(s);
        wMax = s.real(wMax);
        cwndPrior = s.real(cwndPrior);
        wEst = s.real(wEst);
        k = s.real(k);
        epochNs = s.time(epochNs);
        lastNs = s.time(lastNs);
        fromPlateau = s.flag(fromPlateau);
        undoWMax = s.real(undoWMax);
        undoCwndPrior = s.real(undoCwndPrior);
        undoWEst = s.real(undoWEst);
        undoK = s.real(undoK);
        undoEpochNs = s.time(undoEpochNs);
        undoLastNs = s.time(undoLastNs);
        undoFromPlateau = s.flag(undoFromPlateau);
        endedEpochNs = s.time(endedEpochNs);
    }
}
