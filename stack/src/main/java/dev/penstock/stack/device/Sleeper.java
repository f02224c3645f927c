package dev.penstock.stack.device;

/** What an idle shard sleeps on: a {@link BlockingDevice}, or, where there is no device, something else that can be woken. */
public interface Sleeper {

    /**
     * Waits until there is something to do, {@link #wakeUp} was called since the last return, or the time is over. May return early
     * for no reason. The shard's thread.
     *
     * @param timeoutNs at most this long, nanoseconds; 0 returns at once, {@link Long#MAX_VALUE} means without end
     */
    void await(long timeoutNs);

    /** Ends the current or the next {@link #await}. Any thread; cheap when the shard is awake. */
    void wakeUp();
}
