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

    /** The options of connections that come from now on; to be changed within their ranges only. */
    TcpOptions options();
}
