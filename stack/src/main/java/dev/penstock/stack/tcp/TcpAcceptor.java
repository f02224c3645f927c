package dev.penstock.stack.tcp;

/** A listening endpoint (RFC 9293, section 3.9.1, passive OPEN). Shard thread. */
public interface TcpAcceptor {
    /**
     * Takes the oldest connection that waits, or answers null.
     *
     * @param handler told of everything from now on; what happened already is told at the next flush
     */
    TcpConnection accept(TcpHandler handler);

    long localHi();

    long localLo();

    int localPort();

    /** How many connections wait to be taken. */
    int acceptable();

    /** Stops listening and resets the connections that nobody took. Idempotent. */
    void close(long nowNs);

    /** The options of connections that come from now on; changes take effect with {@link #optionsChanged}. */
    TcpOptions options();

    /**
     * Tells the listener that {@link #options()} were changed.
     *
     * @throws IllegalArgumentException if one is out of range, see {@link TcpOptions#check}; those of before stay in force
     */
    void optionsChanged();

    /**
     * SYNs, and ACKs that would complete a handshake, that found the queue full: {@code backlog} connections waited to be
     * taken. The stack's TCP_LISTEN_OVERFLOWS counts those of all listeners.
     */
    long overflows();

    /**
     * SYNs and ACKs of handshakes that were dropped for any reason: {@link #overflows}, too little memory, the limit of
     * connections, no route back, too many SYN cookies to send. The stack's TCP_LISTEN_DROPS counts those of all listeners.
     */
    long drops();
}
