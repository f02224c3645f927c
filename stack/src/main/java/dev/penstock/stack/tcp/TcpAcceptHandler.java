package dev.penstock.stack.tcp;

/** Takes the connections of a listener, on the shard's thread. */
public interface TcpAcceptHandler {
    /**
     * A handshake is complete. {@link TcpAcceptor#accept} takes connections, in their order; those that are not taken
     * wait, up to the backlog. Comes after the burst, once for any number of new connections.
     */
    void onAcceptable(TcpAcceptor listener, long nowNs);

    /**
     * How many connections it has taken that nobody uses yet: they wait, too, and count against the backlog. Asked before a
     * connection is let in.
     */
    default int waiting() {
        return 0;
    }
}
