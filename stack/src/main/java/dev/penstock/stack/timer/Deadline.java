package dev.penstock.stack.timer;

/**
 * One thing that waits for a moment. Extended by what it serves (a connection, a neighbour, a fragment buffer), so that
 * scheduling allocates nothing. Belongs to one {@link DeadlineQueue}; shard thread.
 */
public abstract class Deadline {
    /** Not scheduled. */
    public static final long NEVER = Long.MAX_VALUE;

    long atNs = NEVER;
    long order;
    int index = -1;

    /** When it is due, or {@link #NEVER}. */
    public final long atNs() {
        return atNs;
    }

    /** True while it waits. */
    public final boolean isScheduled() {
        return index >= 0;
    }

    /**
     * The moment has come. The deadline is no longer scheduled and may be scheduled again from within.
     *
     * @param nowNs the shard's clock, at or after the moment
     */
    protected abstract void onDeadline(long nowNs);
}
