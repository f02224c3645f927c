package dev.penstock.stack.tcp;

import org.agrona.DirectBuffer;

/**
 * What a connection tells its user, on the shard's thread. All but {@link #onData} come after the burst of received
 * frames was processed and the answers were sent, at most once each a burst. From within, all methods of the connection
 * may be called, {@code abort} and {@code close} included.
 */
public interface TcpHandler {
    /** The handshake is complete. */
    default void onConnected(TcpConnection connection, long nowNs) {}

    /**
     * Bytes arrived in order, and nothing before them waits in the receive queue: they may be used where they lie,
     * without a copy. Every byte of the stream is offered here first, so a handler that always uses all of them never
     * needs the queue. This one may come during the burst, before the answers are sent.
     *
     * @param buffer valid during the call only
     * @return how many were used, 0 .. {@code length}; the others stay in the receive queue, and {@link #onReadable}
     *     follows
     */
    default int onData(TcpConnection connection, DirectBuffer buffer, int offset, int length, long nowNs) {
        return 0;
    }

    /**
     * The receive queue holds bytes that {@link #onData} did not use, or the peer has closed its direction ({@link
     * TcpConnection#isInputEnded}). Who reads from the queue calls {@link TcpConnection#dataRead}.
     */
    default void onReadable(TcpConnection connection, long nowNs) {}

    /**
     * The peer has sent urgent data, or more of it (RFC 9293, section 3.8.5, MUST-32): what is received up to the mark that {@link
     * TcpConnection#urgentRemaining} tells. It stays in line with the other data, and may not have arrived yet. Comes before
     * {@link #onReadable}; {@link #onData} may have been offered a part of it before.
     */
    default void onUrgent(TcpConnection connection, long nowNs) {}

    /** There is room in the send queue again: at least a third of its limit, after a write found too little. */
    default void onWritable(TcpConnection connection, long nowNs) {}

    /**
     * Something is in the way, and the connection goes on regardless (RFC 9293, MUST-47 and SHLD-9): an ICMP error says
     * that the peer is out of reach ({@link TcpError#HOST_UNREACHABLE}, {@link TcpError#NET_UNREACHABLE}, {@link
     * TcpError#CONNECTION_REFUSED}), or the same data was retransmitted R1 times in vain ({@link TcpError#TIMED_OUT}, once
     * until something is acknowledged). Of several in one burst the last is told. Not to override it is not to want it
     * (SHLD-20).
     */
    default void onSoftError(TcpConnection connection, TcpError error, long nowNs) {}

    /**
     * The connection is over, all its timers are gone, and it will tell nothing more. Comes exactly once, also for a
     * connection that was never established. What the receive queue still holds can be read until it is closed.
     *
     * @param error null when both directions were closed in order
     */
    default void onClosed(TcpConnection connection, TcpError error, long nowNs) {}
}
