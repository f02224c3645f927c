package dev.penstock.stack.tcp;

import dev.penstock.stack.base.RandomSource;

/**
 * When BBR probes for more bandwidth, and how fast its long-term bound rises then (draft-ietf-ccwg-bbr-06, sections 5.3.3.8
 * and 5.3.3.9). Bytes and nanoseconds.
 */
final class BbrCycle {
    /** T_bbr is uniform between two and three seconds. */
    private static final long WAIT_NS = 2_000_000_000L;

    private static final long WAIT_SPREAD_NS = 1_000_000_000L;
    /** T_reno_bound. */
    private static final int RENO_ROUNDS = 63;

    private static final int MOST_UP_ROUNDS = 30;

    private final RandomSource random;
    private int roundsSinceUp;
    private long waitNs;
    private long startNs;
    private int upRounds;
    private double acked;
    private double ackedPerIncrement = BbrBounds.INFINITY;

    BbrCycle(RandomSource random) {
        this.random = random;
    }

    /** A cycle begins, with ProbeBW_DOWN: "PickProbeWait". */
    void start(long nowNs) {
        ackedPerIncrement = BbrBounds.INFINITY;
        roundsSinceUp = random.nextInt(2);
        waitNs = WAIT_NS + (long) (random.nextDouble() * WAIT_SPREAD_NS);
        startNs = nowNs;
    }

    /** A round trip begins. */
    void onRound() {
        roundsSinceUp++;
    }

    /**
     * "IsTimeToProbeBW": not so rarely that Reno, which gains a segment a round trip, would need more patience.
     *
     * @param segments the flow's target in flight
     */
    boolean isTimeToProbe(double segments, long nowNs) {
        return nowNs > startNs + waitNs || roundsSinceUp >= Math.min(segments, RENO_ROUNDS);
    }

    /** ProbeBW_REFILL begins. */
    void resetSlope() {
        upRounds = 0;
        acked = 0;
    }

    /** "RaiseInflightLongtermSlope": 1, 2, 4, ... segments a round trip. */
    void raiseSlope(double cwnd, int mss) {
        ackedPerIncrement = Math.max(cwnd / (1L << upRounds), mss);
        upRounds = Math.min(upRounds + 1, MOST_UP_ROUNDS);
    }

    /** By how many segments the bound rises as {@code bytes} are delivered. */
    double increments(long bytes) {
        acked += bytes;
        double n = Math.floor(acked / ackedPerIncrement);
        if (n > 0) {
            acked -= n * ackedPerIncrement;
        }
        return n;
    }
}
