package dev.penstock.stack.tcp;

/**
 * HyStart++ (RFC 9406): slow start that ends before it overshoots. A round-trip time that rises says that a queue builds
 * up; then the window grows slowly for some rounds ("Conservative Slow Start"), and if the rise was but jitter, slow start
 * goes on. For the initial slow start only; {@link #growth} serves the later ones, too. Bytes and nanoseconds.
 */
final class HyStart {
    /** Section 4.3: "MIN_RTT_THRESH = 4 msec". */
    private static final long MIN_RTT_THRESH_NS = 4_000_000;
    /** "MAX_RTT_THRESH = 16 msec". */
    private static final long MAX_RTT_THRESH_NS = 16_000_000;
    /** "MIN_RTT_DIVISOR = 8". */
    private static final int MIN_RTT_DIVISOR = 8;
    /** "N_RTT_SAMPLE = 8": the least number of measurements that a round is judged by. */
    private static final int N_RTT_SAMPLE = 8;
    /** "CSS_GROWTH_DIVISOR = 4". */
    private static final int CSS_GROWTH_DIVISOR = 4;
    /** "CSS_ROUNDS = 5". */
    private static final int CSS_ROUNDS = 5;

    private static final long INFINITY = Long.MAX_VALUE;

    /** "windowEnd: when it is acknowledged, the round ends." */
    private long windowEnd = -1;

    private long lastRoundMinRttNs = INFINITY;
    private long currentRoundMinRttNs = INFINITY;
    private int rttSampleCount;
    private long cssBaselineMinRttNs = INFINITY;
    /** Rounds of Conservative Slow Start so far, the partial one that it began in included; 0 outside it. */
    private int cssRound;

    /** In Conservative Slow Start. */
    boolean conservative() {
        return cssRound > 0;
    }

    /**
     * An acknowledgment in the initial slow start.
     *
     * @return true if slow start is over: "enter congestion avoidance by setting the ssthresh to the current cwnd"
     */
    boolean onAck(AckSample sample) {
        boolean over = false;
        if (windowEnd < 0) {
            windowEnd = sample.nxtPosition;
        } else if (sample.unaPosition > windowEnd) {
            // The octet at windowEnd is acknowledged: what was sent in answer to the round's first acknowledgment.
            over = nextRound(sample.nxtPosition);
        }
        if (sample.rttNs >= 0) {
            // "Keep track of the minimum observed RTT: currentRoundMinRTT = min(currentRoundMinRTT, currRTT)"
            currentRoundMinRttNs = Math.min(currentRoundMinRttNs, sample.rttNs);
            rttSampleCount++;
            judge();
        }
        return over;
    }

    private boolean nextRound(long newEnd) {
        windowEnd = newEnd;
        lastRoundMinRttNs = currentRoundMinRttNs;
        currentRoundMinRttNs = INFINITY;
        rttSampleCount = 0;
        // "CSS lasts at most CSS_ROUNDS rounds. If the transition into CSS happens in the middle of a round, that
        // partial round counts towards the limit."
        if (conservative() && ++cssRound > CSS_ROUNDS) {
            cssRound = 0;
            return true;
        }
        return false;
    }

    private void judge() {
        if (rttSampleCount < N_RTT_SAMPLE) {
            return;
        }
        if (conservative()) {
            // "if the current round's minRTT drops below baseline ..., slow start exit was spurious": resume slow
            // start.
            if (currentRoundMinRttNs < cssBaselineMinRttNs) {
                cssBaselineMinRttNs = INFINITY;
                cssRound = 0;
            }
            return;
        }
        if (lastRoundMinRttNs == INFINITY) {
            return;
        }
        // "RttThresh = max(MIN_RTT_THRESH, min(lastRoundMinRTT / MIN_RTT_DIVISOR, MAX_RTT_THRESH))"
        long threshold = Math.max(MIN_RTT_THRESH_NS, Math.min(lastRoundMinRttNs / MIN_RTT_DIVISOR, MAX_RTT_THRESH_NS));
        if (currentRoundMinRttNs >= lastRoundMinRttNs + threshold) {
            cssBaselineMinRttNs = currentRoundMinRttNs;
            cssRound = 1;
        }
    }

    /**
     * What an acknowledgment adds to the window in slow start: "cwnd = cwnd + min(N, L * SMSS)", and in Conservative Slow
     * Start a quarter of it.
     *
     * <p>RFC 3465 takes L = 2 for a receiver that acknowledges every second segment, lest one acknowledgment of many lets
     * go a burst as large. Today's receivers join segments and acknowledge up to 64 KiB at once; with L = 2 slow start
     * would add a 20th instead of doubling. Pacing takes the burst away, and then RFC 9406 asks for no limit.
     *
     * @param acked bytes newly acknowledged
     * @param segments L: "L = infinity if paced, L = 8 if non-paced"; 0 for infinity
     * @param afterTimeout what was in flight at a timeout is not yet acknowledged
     */
    double growth(double acked, int mss, int segments, boolean afterTimeout) {
        if (afterTimeout) {
            // RFC 3465, section 2.3: after a timeout an acknowledgment may cover much that had left the network long
            // before, so that L = 1*SMSS.
            return Math.min(acked, mss);
        }
        double n = segments == 0 ? acked : Math.min(acked, (double) segments * mss);
        return conservative() ? n / CSS_GROWTH_DIVISOR : n;
    }

    /** Slow start ended by a loss or a mark, or begins anew. */
    void reset() {
        windowEnd = -1;
        lastRoundMinRttNs = INFINITY;
        currentRoundMinRttNs = INFINITY;
        cssBaselineMinRttNs = INFINITY;
        rttSampleCount = 0;
        cssRound = 0;
    }

    void carry(StateCarrier s) {
        windowEnd = s.number(windowEnd);
        lastRoundMinRttNs = s.number(lastRoundMinRttNs);
        currentRoundMinRttNs = s.number(currentRoundMinRttNs);
        rttSampleCount = s.number(rttSampleCount);
        cssBaselineMinRttNs = s.number(cssBaselineMinRttNs);
        cssRound = s.number(cssRound);
    }
}
