package dev.penstock.stack.socket;

/** Told on the shard's thread that a socket has become ready. Must neither block nor throw. */
@FunctionalInterface
public interface ReadinessListener {
    /** Listens to nothing. */
    ReadinessListener NONE = ready -> {};

    /**
     * The socket has become ready.
     *
     * @param ready bits of {@link Readiness}; a hint: look at the socket, events may have passed meanwhile
     */
    void onReady(int ready);
}
