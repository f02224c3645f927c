package dev.penstock.stack.device;

/** A device on which an idle shard can sleep until a frame arrives, a deadline passes or another thread wakes it. */
public interface BlockingDevice extends NetworkDevice, Sleeper {

    /**
     * Waits until a frame can be read, {@link #wakeUp} was called since the last return, or the time is over. May
     * return early for no reason. The shard's thread.
     *
     * @param timeoutNs at most this long, nanoseconds; 0 returns at once, {@link Long#MAX_VALUE} means without end
     */
    @Override
    void await(long timeoutNs);

    /**
     * Has {@link #await} of this device end for frames, or room, of {@code other}, too, so that one thread sleeps on several devices.
     * The shard's thread, when it is made.
     *
     * @param other what {@link #sleepsOn} of the other device answers
     * @return false if the two cannot be slept on together
     */
    default boolean awaitAlso(BlockingDevice other) {
        return false;
    }

    /** The device that the thread sleeps on in the end: that behind a decorator; this one if it is none. */
    default BlockingDevice sleepsOn() {
        return this;
    }

    /**
     * How long the device may be slept on at most, nanoseconds, because it has something of its own to do then, such as a frame that
     * it delays; {@link Long#MAX_VALUE} if it has not.
     */
    default long dueInNs() {
        return Long.MAX_VALUE;
    }

    /** Ends the current or the next {@link #await}. Any thread; cheap when the shard is awake. */
    @Override
    void wakeUp();
}
