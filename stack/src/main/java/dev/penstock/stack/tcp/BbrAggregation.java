package dev.penstock.stack.tcp;

/**
 * BBR.extra_acked: how much more than the bandwidth explains is acknowledged at once, because acknowledgments, or data, are held
 * up and come together (draft-ietf-ccwg-bbr-06, section 5.5.9). Bytes; the maximum of ten round trips, kept in two halves.
 */
final class BbrAggregation {
    /** Half of "BBR.ExtraAckedFilterLen", 10 round trips. */
    private static final int HALF_ROUNDS = 5;

    private long startNs;
    private double delivered;
    private double older;
    private double newer;
    private int rounds;

    /** An interval begins: the connection, or sending after a pause. */
    void restart(long nowNs) {
        startNs = nowNs;
        delivered = 0;
    }

    /**
     * "UpdateACKAggregation".
     *
     * @param bandwidth BBR.bw, bytes a second
     * @param acked newly delivered, bytes
     * @param most the congestion window
     * @param newRound a round trip begins
     * @param startup "in Startup, just remember 1 round"
     */
    void update(double bandwidth, long acked, long most, boolean newRound, boolean startup, long nowNs) {
        if (newRound && ++rounds >= (startup ? 1 : HALF_ROUNDS)) {
            rounds = 0;
            older = newer;
            newer = 0;
        }
        double expected = bandwidth * (nowNs - startNs) / 1e9;
        if (delivered <= expected) {
            restart(nowNs);
            expected = 0;
        }
        delivered += acked;
        newer = Math.max(newer, Math.min(delivered - expected, (double) most));
    }

    double get() {
        return Math.max(older, newer);
    }
}
