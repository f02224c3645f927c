package dev.penstock.stack.tcp;

/** TCP's service to the layer above: active and passive OPEN. Shard thread. */
public interface Tcp {
    /** {@link #errorOfLastCall}: the last {@link #listen} or {@link #connect} that answered null says why. */
    TcpError errorOfLastCall();

    /**
     * Listens (RFC 9293, section 3.10.1, passive OPEN).
     *
     * @param localHi the address to listen on, or an "any" address
     * @param localPort 1 .. 65535, or 0 to have a free one chosen
     * @param backlog the most connections that wait to be taken, at least 1. While so many wait, SYNs are dropped and so
     *     are ACKs that would complete a handshake: peers ask again, and find room if it was a burst
     *     ({@code TCP_LISTEN_OVERFLOWS} counts). Half-open ones do not count; their limit is
     *     {@link TcpConfig#maxHalfOpen}, beyond which SYN cookies answer
     * @param options for the connections that will be accepted; copied
     * @return null when the port is taken or the address is not ours, see {@link #errorOfLastCall}
     * @throws IllegalArgumentException if an option or the port is out of range: names it, the value and the range
     */
    TcpAcceptor listen(
            long localHi, long localLo, int localPort, int backlog, TcpOptions options, TcpAcceptHandler handler);

    /**
     * Connects (RFC 9293, section 3.10.1, active OPEN). The SYN goes out at the next flush.
     *
     * @param localHi the address to connect from, or an "any" address to have one chosen
     * @param localPort 0 to have one chosen (RFC 6056)
     * @param options copied
     * @return null when there is no route, no port or no room, see {@link #errorOfLastCall}
     * @throws IllegalArgumentException if an option or the local port is out of range: names it, the value and the range
     */
    TcpConnection connect(
            long localHi,
            long localLo,
            int localPort,
            long remoteHi,
            long remoteLo,
            int remotePort,
            TcpOptions options,
            TcpHandler handler,
            long nowNs);

    /** True while segments wait to be sent or signals to be told: the shard must not sleep. */
    boolean hasPending();

    /**
     * Walks the connections that something happened to, once: sends what they may send, then tells their handlers.
     *
     * @return how many connections there were
     */
    int flush(long nowNs);

    /** Connections in the table, TIME-WAIT included. */
    int connections();
}
