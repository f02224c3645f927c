package dev.penstock.stack.ip;

/** Lets {@code rate} events a second through, and {@code burst} at once. No timer: refilled when it is asked. */
final class TokenBucket {
    private final long costNs;
    private final long depthNs;
    /** When the bucket would be full again, if nothing were taken: the theoretical arrival time of the GCRA. */
    private long fullAtNs = Long.MIN_VALUE;

    TokenBucket(int ratePerSecond, int burst) {
        this.costNs = Math.max(1, 1_000_000_000L / ratePerSecond);
        this.depthNs = costNs * burst;
    }

    boolean take(long nowNs) {
        long from = Math.max(fullAtNs, nowNs);
        if (from + costNs - nowNs > depthNs) {
            return false;
        }
        fullAtNs = from + costNs;
        return true;
    }
}
