package dev.penstock.apps.iperf;

/** How much the streams of a test may move together, in the direction that the test is about. Shard thread. */
final class Budget {
    private long left;
    private final boolean ofSenders;
    private final Runnable whenSpent;

    /**
     * @param ofSenders what is sent counts, or else what is received
     * @param whenSpent run once
     */
    Budget(long bytes, boolean ofSenders, Runnable whenSpent) {
        this.left = bytes;
        this.ofSenders = ofSenders;
        this.whenSpent = whenSpent;
    }

    static Budget none() {
        return new Budget(Long.MAX_VALUE, true, () -> {});
    }

    /** What may still be sent. */
    long left() {
        return ofSenders ? left : Long.MAX_VALUE;
    }

    void take(DataStream by, long bytes) {
        if (by.sender == ofSenders && left > 0) {
            left = Math.max(0, left - bytes);
            if (left == 0) {
                whenSpent.run();
            }
        }
    }
}
