package dev.penstock.stack.device;

/** A device on which an idle shard can sleep until a frame arrives, a deadline passes or another thread wakes it. */
public interface BlockingDevice extends NetworkDevice {

    /**
     * Waits until a frame can be read, {@link #wakeUp} was called since the last return, or the time is over. May
     * return early for no reason. The shard's thread.
     *
     * @param timeoutNs at most this long, nanoseconds; 0 returns at once, {@link Long#MAX_VALUE} means without end
     */
    void await(long timeoutNs);

    /** Ends the current or the next {@link #await}. Any thread; cheap when the shard is awake. */
    void wakeUp();
}
