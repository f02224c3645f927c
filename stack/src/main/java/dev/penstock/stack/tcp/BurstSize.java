package dev.penstock.stack.tcp;

/**
 * How large the pieces are that Linux hands to its device (tcp_tso_autosize): about a millisecond at the pacing rate, more
 * where the round trip is short, two segments at least. The last segment of each piece of several carries PSH, which makes
 * the receiver's device give up joining there: that is how they show on the wire.
 */
final class BurstSize {
    private static final int LEAST_SEGMENTS = 2;
    private static final int LARGEST = 65_536;
    /** sk_pacing_shift: the pacing rate's share of 1/1024 s. */
    private static final int PACING_SHIFT = 10;
    /** tcp_tso_rtt_log: every 512 us of the smallest round trip halve what is added. */
    private static final int RTT_SHIFT = 9;

    private static final int SLOW_START_PERCENT = 200;
    private static final int AVOIDANCE_PERCENT = 120;
    private static final long NS_PER_US = 1_000;
    private static final long SECOND_NS = 1_000_000_000;

    private BurstSize() {}

    /**
     * Bytes, whole segments.
     *
     * @param cwnd bytes; {@code ssthresh}: bytes, negative while there is none
     * @param srttNs 0 or less while it was never measured, as {@code minRttNs}
     */
    static int of(long cwnd, long ssthresh, int mss, long srttNs, long minRttNs) {
        long bytes = LARGEST;
        if (srttNs > 0) {
            boolean slowStart = ssthresh < 0 || cwnd < ssthresh / 2;
            long percent = slowStart ? SLOW_START_PERCENT : AVOIDANCE_PERCENT;
            double rate = (double) cwnd * percent / 100 * SECOND_NS / srttNs;
            bytes = (long) Math.min(LARGEST, rate / (1 << PACING_SHIFT));
            long halvings = minRttNs < 0 ? Integer.SIZE : minRttNs / NS_PER_US >>> RTT_SHIFT;
            if (halvings < Integer.SIZE) {
                bytes = Math.min(LARGEST, bytes + (LARGEST >>> halvings));
            }
        }
        return (int) Math.max(LEAST_SEGMENTS, bytes / mss) * mss;
    }
}
