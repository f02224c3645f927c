package dev.penstock.stack.tcp;

import dev.penstock.stack.base.RandomSource;

/**
 * BBR, version 3 (draft-ietf-ccwg-bbr-06): instead of reacting to each loss it models the path, by the highest rate at which
 * data was delivered and the least round-trip time, and sends at that rate, with that rate's worth for a round trip, or twice
 * that, in flight. Every two or three seconds it sends faster for a while to learn whether there is more, and every
 * five less, to learn whether the round trip has become shorter. Losses up to 2 % while probing are no sign of congestion;
 * beyond that, and outside probing, they set {@link BbrBounds}. Bytes, nanoseconds, bytes a second.
 *
 * <p>The draft's procedures are methods of the same names. It needs pacing; without ({@link TcpConfig#pacing}) the window
 * alone holds it, at twice what the path takes.
 */
final class Bbr implements CongestionControl {
    /** What the acknowledgments coming in now tell of: BBR.ack_phase. */
    private enum AckPhase {
        INIT,
        REFILLING,
        PROBE_STARTING,
        PROBE_FEEDBACK,
        PROBE_STOPPING
    }

    /** "BBR.PacingMarginPercent", 1: below the bandwidth, for short queues. */
    private static final double PACING_MARGIN = 0.99;
    /** "BBRStartupFullLossCnt". */
    private static final int STARTUP_LOST_RANGES = 6;
    /** Round trips in Drain, if the bandwidth was overestimated. */
    private static final int DRAIN_ROUNDS = 3;
    /** "BBR.MinPipeCwnd", segments. */
    private static final int MIN_PIPE_SEGMENTS = 4;

    private static final long MS = 1_000_000;
    private static final double SECOND = 1e9;

    private final TcpConfig config;
    private final BbrMaxBandwidth maxBandwidth = new BbrMaxBandwidth();
    private final BbrMinRtt minRtt = new BbrMinRtt();
    private final BbrFullPipe fullPipe = new BbrFullPipe();
    private final BbrAggregation aggregation = new BbrAggregation();
    private final BbrBounds bounds = new BbrBounds();
    private final BbrCycle cycle;

    private int mss = 536;
    private double cwnd = LossBased.initialWindow(536);
    private boolean started;
    private BbrState state = BbrState.STARTUP;
    private AckPhase ackPhase = AckPhase.INIT;
    /** BBR.bw. */
    private double bandwidth;

    private double pacingRate;
    private boolean rttSeen;

    /** The sample in hand: RS.delivery_rate, RS.delivered, RS.is_app_limited. */
    private double sampleRate;

    private double sampleBytes;
    private boolean sampleAppLimited;
    /** C.delivered. */
    private long delivered;
    /** What was sent before so much was delivered was sent in ProbeRTT, and measures no rate. */
    private long limitedUntil;

    private long nextRoundDelivered;
    private boolean roundStart;
    private long rounds;
    private long drainStartRound;

    /** When something was acknowledged, or reported to be amiss, last. */
    private long lastNs;

    private boolean probeSample;
    private boolean previousTooHigh;
    private boolean previousPrecautionary;

    private final BbrProbeRtt probeRtt = new BbrProbeRtt();
    private boolean idleRestart;

    private boolean inRecovery;
    private double priorCwnd;
    private BbrState undoState;
    /** What is to be undone was saved for the losses in hand, before they changed anything. */
    private boolean saved;

    Bbr(TcpConfig config, RandomSource random) {
        this.config = config;
        this.cycle = new BbrCycle(random);
    }

    @Override
    public String name() {
        return "bbr";
    }

    // --- beginning ---

    @Override
    public void onMss(int newMss) {
        mss = newMss;
        if (!started) {
            started = true;
            cwnd = initialCwnd();
        }
        cwnd = Math.max(cwnd, newMss);
    }

    private long initialCwnd() {
        return LossBased.initialWindow(config, mss);
    }

    @Override
    public void onSynLost() {
        // RFC 5681, section 3.1: "if the SYN or SYN/ACK is lost, the initial window ... MUST be one segment".
        cwnd = mss;
    }

    @Override
    public void takeOver(long window, long threshold) {
        // The window is a beginning; what the other control took for the path's limit is not what is modelled here.
        cwnd = Math.max(window, mss);
    }

    // --- what can be asked ---

    @Override
    public long cwnd() {
        return (long) (cwnd + 0.5);
    }

    /** There is no such threshold; a control that takes over is to go on from what the path holds. */
    @Override
    public long ssthresh() {
        return fullPipe.isReached() && minRtt.isKnown() ? Math.max(2L * mss, (long) bdp(1)) : UNLIMITED;
    }

    @Override
    public long pacingRate(long srttNs) {
        initPacingRate(srttNs);
        return Math.max(1, (long) pacingRate);
    }

    @Override
    public boolean reducesProportionally() {
        // Section 5.6.4.4: in fast recovery the response is that of section 5.5.10.
        return false;
    }

    BbrState state() {
        return state;
    }

    double bandwidth() {
        return bandwidth;
    }

    double inflightLongTerm() {
        return bounds.longTerm;
    }

    // --- each acknowledgment, section 5.2.3 ---

    @Override
    public void onAck(AckSample s, long nowNs) {
        saved = false;
        if (s.deliveredBytes <= 0 || s.priorDelivered < 0) {
            return;
        }
        lastNs = nowNs;
        initPacingRate(s.srttNs);
        delivered = s.delivered;
        sampleRate = Math.max(0, s.deliveryRate());
        sampleBytes = s.delivered - s.priorDelivered;
        sampleAppLimited = s.appLimited || s.priorDelivered < limitedUntil;
        updateModelAndState(s, nowNs);
        setPacingRate(state.pacingGain);
        setCwnd(s);
    }

    private void updateModelAndState(AckSample s, long nowNs) {
        bounds.onSample(sampleRate, sampleBytes, s.priorDelivered, delivered);
        updateRound(s.priorDelivered);
        // "even app-limited samples, if the measured delivery rate happens to be larger"
        if (sampleRate > 0 && (sampleRate >= maxBandwidth.get() || !sampleAppLimited)) {
            maxBandwidth.update(sampleRate);
        }
        bounds.adapt(state.isProbing(), maxBandwidth.get(), cwnd());
        aggregation.update(bandwidth, s.deliveredBytes, cwnd(), roundStart, !fullPipe.isReached(), nowNs);
        if (roundStart && !sampleAppLimited) {
            fullPipe.onRound(sampleRate);
        }
        checkStartupDone(s);
        if (state == BbrState.DRAIN
                && (s.inFlight <= inflight(bandwidth, 1) || rounds > drainStartRound + DRAIN_ROUNDS)) {
            startProbeBwDown(nowNs);
        }
        if (fullPipe.isReached()) {
            updateProbeBwCyclePhase(s, nowNs);
        }
        minRtt.update(s.rttNs, nowNs);
        checkProbeRtt(s, nowNs);
        bounds.endSample(sampleRate, sampleBytes);
        // "BoundBWForModel"
        bandwidth = Math.min(maxBandwidth.get(), bounds.rate);
    }

    private void updateRound(long priorDelivered) {
        roundStart = priorDelivered >= nextRoundDelivered;
        if (roundStart) {
            startRound();
            rounds++;
            cycle.onRound();
        }
    }

    private void startRound() {
        nextRoundDelivered = delivered;
    }

    // --- Startup and Drain, section 5.3.1 and 5.3.2 ---

    private void checkStartupDone(AckSample s) {
        if (state != BbrState.STARTUP) {
            return;
        }
        if (!fullPipe.isReached() && isLossHighInStartup(s)) {
            leaveStartupForLoss();
        }
        if (fullPipe.isReached()) {
            state = BbrState.DRAIN;
            drainStartRound = rounds;
        }
    }

    /**
     * Section 5.3.1.3: in recovery for a round trip, more than 2 % lost in one, and in at least six places, for a burst that is
     * lost as a whole is noise. "For connections for which C.has_selective_acks is false ... any packet loss".
     */
    private boolean isLossHighInStartup(AckSample s) {
        if (!s.selective) {
            return s.inRecovery && s.lostSinceSent > 0;
        }
        return bounds.isRoundStart()
                && s.inRecovery
                && bounds.lostRanges() >= STARTUP_LOST_RANGES
                && BbrBounds.isTooHigh(s.lostSinceSent, s.txInFlight);
    }

    private void leaveStartupForLoss() {
        undoState = BbrState.STARTUP;
        fullPipe.setReached(true);
        bounds.longTerm = Math.max(bdp(1), bounds.latestVolume());
    }

    // --- ProbeBW, section 5.3.3.9 ---

    private void startProbeBwDown(long nowNs) {
        bounds.resetSignals();
        cycle.start(nowNs);
        ackPhase = AckPhase.PROBE_STOPPING;
        startRound();
        state = BbrState.PROBE_BW_DOWN;
    }

    private void startProbeBwRefill() {
        bounds.resetShortTerm();
        cycle.resetSlope();
        previousPrecautionary = false;
        ackPhase = AckPhase.REFILLING;
        startRound();
        state = BbrState.PROBE_BW_REFILL;
    }

    private void startProbeBwUp() {
        ackPhase = AckPhase.PROBE_STARTING;
        startRound();
        fullPipe.reset(sampleRate);
        state = BbrState.PROBE_BW_UP;
        cycle.raiseSlope(cwnd, mss);
    }

    private void updateProbeBwCyclePhase(AckSample s, long nowNs) {
        if (adaptLongTermModel(s)) {
            return;
        }
        switch (state) {
            case PROBE_BW_DOWN, PROBE_BW_CRUISE -> {
                if (cycle.isTimeToProbe(targetInflight() / mss, nowNs)) {
                    startProbeBwRefill();
                } else if (state == BbrState.PROBE_BW_DOWN && isTimeToCruise(s)) {
                    state = BbrState.PROBE_BW_CRUISE;
                }
            }
            case PROBE_BW_REFILL -> {
                if (roundStart) {
                    probeSample = true;
                    startProbeBwUp();
                }
            }
            case PROBE_BW_UP -> {
                if (isTimeToGoDown(s)) {
                    previousTooHigh = false;
                    startProbeBwDown(nowNs);
                }
            }
            default -> {
                // "only handling ProbeBW states here"
            }
        }
    }

    private boolean isTimeToCruise(AckSample s) {
        return s.inFlight <= bounds.withHeadroom(mss, minPipeCwnd()) && s.inFlight <= inflight(maxBandwidth.get(), 1);
    }

    private boolean isTimeToGoDown(AckSample s) {
        if (previousTooHigh && s.inFlight >= bounds.longTerm) {
            // "Precautionary Bandwidth Probing: Deceleration"
            previousPrecautionary = true;
            return true;
        }
        if (s.cwndLimited && cwnd >= bounds.longTerm) {
            // "bw is limited by BBR.inflight_longterm"
            fullPipe.reset(sampleRate);
            return false;
        }
        return fullPipe.isFull();
    }

    private void probeLongTermUpward(AckSample s) {
        if (!s.cwndLimited || cwnd < bounds.longTerm) {
            return;
        }
        bounds.longTerm += cycle.increments(s.deliveredBytes) * mss;
        if (roundStart) {
            cycle.raiseSlope(cwnd, mss);
        }
    }

    /** True if it decided a change of state. */
    private boolean adaptLongTermModel(AckSample s) {
        if (ackPhase == AckPhase.PROBE_STARTING && roundStart) {
            ackPhase = AckPhase.PROBE_FEEDBACK;
        }
        if (ackPhase == AckPhase.PROBE_STOPPING && roundStart) {
            probeSample = false;
            ackPhase = AckPhase.INIT;
            if (state.isProbeBw() && !sampleAppLimited) {
                maxBandwidth.advance();
            }
            if (state.isProbeBw() && previousPrecautionary && !previousTooHigh) {
                // "Precautionary Bandwidth Probing: Acceleration"
                startProbeBwRefill();
                return true;
            }
        }
        boolean tooHigh = BbrBounds.isTooHigh(s.lostSinceSent, s.txInFlight) || !s.selective && s.lostSinceSent > 0;
        if (!tooHigh && bounds.longTerm != BbrBounds.INFINITY) {
            bounds.longTerm = Math.max(bounds.longTerm, (double) s.txInFlight);
            if (state == BbrState.PROBE_BW_UP) {
                probeLongTermUpward(s);
            }
        }
        return false;
    }

    // --- ProbeRTT, section 5.3.4 ---

    private void checkProbeRtt(AckSample s, long nowNs) {
        if (state != BbrState.PROBE_RTT && minRtt.isExpired() && !idleRestart) {
            saveCwnd();
            state = BbrState.PROBE_RTT;
            probeRtt.begin();
            ackPhase = AckPhase.PROBE_STOPPING;
            startRound();
        }
        if (state == BbrState.PROBE_RTT) {
            handleProbeRtt(s, nowNs);
        }
        idleRestart = false;
    }

    private void handleProbeRtt(AckSample s, long nowNs) {
        // "Ignore low rate samples during ProbeRTT"
        limitedUntil = delivered + Math.max(1, s.inFlight);
        if (probeRtt.isWaitingForDrain()) {
            if (s.inFlight <= probeRttCwnd()) {
                probeRtt.drained(nowNs);
                startRound();
            }
        } else if (probeRtt.isRoundDone(roundStart)) {
            checkProbeRttDone(nowNs);
        }
    }

    private void checkProbeRttDone(long nowNs) {
        if (!probeRtt.isOver(nowNs)) {
            return;
        }
        minRtt.probed(nowNs);
        cwnd = Math.max(cwnd, priorCwnd);
        bounds.resetShortTerm();
        if (fullPipe.isReached()) {
            // "we know that inflight is already below the estimated BDP, so the connection can proceed immediately"
            startProbeBwDown(nowNs);
            state = BbrState.PROBE_BW_CRUISE;
        } else {
            state = BbrState.STARTUP;
        }
    }

    private double probeRttCwnd() {
        return Math.max(bdp(BbrState.PROBE_RTT.cwndGain), minPipeCwnd());
    }

    // --- losses, section 5.5.10 ---

    @Override
    public void onLost(SentSegment lost, long sinceSent, long deliveredUntilNow) {
        delivered = deliveredUntilNow;
        noteLoss();
        bounds.noteRange(lost.start, lost.end);
        if (probeSample && BbrBounds.isTooHigh(sinceSent, lost.txInFlight)) {
            sampleAppLimited = lost.appLimited || lost.delivered < limitedUntil;
            handleInflightTooHigh(BbrBounds.inflightAtLoss(lost, sinceSent));
        }
    }

    private void noteLoss() {
        if (bounds.noteLoss(delivered)) {
            saveStateUponLoss();
        }
    }

    private void handleInflightTooHigh(double txInFlight) {
        previousTooHigh = true;
        // "only react once per bw probe"
        probeSample = false;
        if (!sampleAppLimited) {
            bounds.longTerm = Math.max(txInFlight, targetInflight() * BbrBounds.BETA);
        }
        if (state == BbrState.PROBE_BW_UP) {
            undoState = BbrState.PROBE_BW_UP;
            startProbeBwDown(lastNs);
        }
    }

    @Override
    public void onCongestion(Cause cause, long inFlight, long nowNs) {
        lastNs = nowNs;
        if (cause == Cause.ECN) {
            onMark(inFlight);
            return;
        }
        saveCwnd();
        if (!saved) {
            saveStateUponLoss();
        }
        inRecovery = true;
        if (cause != Cause.LOSS) {
            // "C.cwnd = C.inflight + 1": all of it may be lost.
            cwnd = mss;
        }
    }

    /**
     * The draft leaves classic marks out. RFC 3168, section 5: "the congestion control response to a CE packet must be
     * essentially the same as the congestion control response to a *single* dropped packet"; one that says that too much is in
     * flight, for a queue marks when it has become long.
     */
    private void onMark(long inFlight) {
        noteLoss();
        if (state == BbrState.STARTUP && !fullPipe.isReached()) {
            leaveStartupForLoss();
        } else if (probeSample) {
            handleInflightTooHigh((double) inFlight);
        }
    }

    @Override
    public void onRecovered(long nowNs) {
        inRecovery = false;
        cwnd = Math.max(cwnd, priorCwnd);
    }

    private void saveCwnd() {
        priorCwnd = inRecovery || state == BbrState.PROBE_RTT ? Math.max(priorCwnd, cwnd) : cwnd;
    }

    private void saveStateUponLoss() {
        saveCwnd();
        undoState = null;
        bounds.save();
        saved = true;
    }

    /** "HandleSpuriousLossDetection", section 5.5.11.2. */
    @Override
    public void undo(long nowNs) {
        cwnd = Math.max(cwnd, priorCwnd);
        bounds.restore();
        fullPipe.reset(0);
        if (undoState == BbrState.STARTUP && state != BbrState.STARTUP) {
            fullPipe.setReached(false);
            if (state != BbrState.PROBE_RTT) {
                state = BbrState.STARTUP;
            }
        } else if (undoState == BbrState.PROBE_BW_UP && state != BbrState.PROBE_BW_UP && state != BbrState.PROBE_RTT) {
            startProbeBwRefill();
        }
        undoState = null;
    }

    // --- idle, section 5.4 ---

    @Override
    public void onRestart(long idleNs, long rtoNs, long nowNs) {
        idleRestart = true;
        aggregation.restart(nowNs);
        if (state.isProbeBw()) {
            setPacingRate(1);
        } else if (state == BbrState.PROBE_RTT) {
            checkProbeRttDone(nowNs);
        }
    }

    // --- control, section 5.6 ---

    /** "InitPacingRate": by the initial window, until a rate was measured. */
    private void initPacingRate(long srttNs) {
        if (!rttSeen) {
            rttSeen = srttNs > 0;
            pacingRate = BbrState.STARTUP.pacingGain * initialCwnd() * SECOND / (rttSeen ? srttNs : MS);
        }
    }

    private void setPacingRate(double gain) {
        double rate = gain * bandwidth * PACING_MARGIN;
        if (fullPipe.isReached() || rate > pacingRate) {
            pacingRate = rate;
        }
    }

    private double minPipeCwnd() {
        return (double) MIN_PIPE_SEGMENTS * mss;
    }

    private double bdp(double gain) {
        return bdp(bandwidth, gain);
    }

    /** "BDPMultiple". */
    private double bdp(double rate, double gain) {
        return minRtt.isKnown() ? gain * rate * minRtt.ns() / SECOND : initialCwnd();
    }

    private double inflight(double rate, double gain) {
        return quantizationBudget(bdp(rate, gain));
    }

    private double targetInflight() {
        return Math.min(bdp(1), cwnd);
    }

    private double quantizationBudget(double volume) {
        // "3 * C.send_quantum", which is a millisecond's worth, two segments at least, 64 KiB at most
        double quantum = Math.max(Math.min(pacingRate * MS / SECOND, Pacer.MAX_QUANTUM), 2.0 * mss);
        double budget = Math.max(Math.max(volume, 3 * quantum), minPipeCwnd());
        return state == BbrState.PROBE_BW_UP ? budget + 2.0 * mss : budget;
    }

    private void setCwnd(AckSample s) {
        double most = quantizationBudget(bdp(state.cwndGain) + aggregation.get());
        if (fullPipe.isReached()) {
            cwnd = Math.min(cwnd + s.deliveredBytes, most);
        } else if (cwnd < most || delivered < initialCwnd()) {
            cwnd += s.deliveredBytes;
        }
        cwnd = Math.max(cwnd, minPipeCwnd());
        if (state == BbrState.PROBE_RTT) {
            cwnd = Math.min(cwnd, probeRttCwnd());
        }
        // "BoundCwndForModel"
        double cap =
                switch (state) {
                    case PROBE_BW_DOWN, PROBE_BW_REFILL, PROBE_BW_UP -> bounds.longTerm;
                    case PROBE_RTT, PROBE_BW_CRUISE -> bounds.withHeadroom(mss, minPipeCwnd());
                    case STARTUP, DRAIN -> BbrBounds.INFINITY;
                };
        cwnd = Math.min(cwnd, Math.max(Math.min(cap, bounds.shortTerm), minPipeCwnd()));
    }
}
