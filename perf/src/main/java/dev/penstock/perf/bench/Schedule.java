package dev.penstock.perf.bench;

/**
 * When questions are due. By a fixed rate, each has its time, and a late answer moves none of those that follow: a question that could
 * not be asked in time counts as late from then on, which is what corrects for coordinated omission. In a closed loop it is now.
 */
final class Schedule {
    private static final double NS_PER_SECOND = 1e9;

    private final long intervalNs;
    private long dueNs;

    /** @param rate questions a second; 0 for a closed loop */
    Schedule(double rate, long beginNs) {
        this.intervalNs = rate > 0 ? Math.max(1, (long) (NS_PER_SECOND / rate)) : 0;
        this.dueNs = beginNs;
    }

    /** When the next question is due; the answer to the last one came at {@code nowNs}. */
    long next(long nowNs) {
        dueNs = isFixed() ? dueNs + intervalNs : nowNs;
        return dueNs;
    }

    boolean isFixed() {
        return intervalNs > 0;
    }
}
