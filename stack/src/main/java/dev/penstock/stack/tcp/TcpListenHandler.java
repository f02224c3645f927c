package dev.penstock.stack.tcp;

/** Takes the connections of a listener, on the shard's thread. */
public interface TcpListenHandler {
    /**
     * A handshake is complete. {@link TcpListener#accept} takes connections, in their order; those that are not taken
     * wait, up to the backlog. Comes after the burst, once for any number of new connections.
     */
    void onAcceptable(TcpListener listener, long nowNs);
}
