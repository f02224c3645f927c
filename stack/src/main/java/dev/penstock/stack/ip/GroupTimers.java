package dev.penstock.stack.ip;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;

/** What all reporters of a stack share: deadlines at random moments, and the mark that one of them has something to tell. */
final class GroupTimers {
    private final DeadlineQueue deadlines;
    private final RandomSource random;
    /** A reporter has something to tell at the flush. */
    boolean pending;

    GroupTimers(DeadlineQueue deadlines, RandomSource random) {
        this.deadlines = deadlines;
        this.random = random;
    }

    /** Sets {@code deadline} to a random moment in {@code (0, rangeNs]} from now. */
    void within(Deadline deadline, long rangeNs, long nowNs) {
        deadlines.schedule(deadline, random(rangeNs, nowNs));
    }

    /** As {@link #within}, unless it is due before. */
    void hasten(Deadline deadline, long rangeNs, long nowNs) {
        long at = random(rangeNs, nowNs);
        if (!deadline.isScheduled() || at < deadline.atNs()) {
            deadlines.schedule(deadline, at);
        }
    }

    private long random(long rangeNs, long nowNs) {
        return nowNs + Math.min(rangeNs, 1 + (long) (random.nextDouble() * rangeNs));
    }

    void cancel(Deadline deadline) {
        deadlines.cancel(deadline);
    }
}
