package dev.penstock.stack.socket;

/** Ends the sleep of a shard. Any thread. */
@FunctionalInterface
public interface Waker {
    /** For a shard that is polled by its owner and never sleeps. */
    Waker NONE = () -> {};

    void wakeUp();
}
