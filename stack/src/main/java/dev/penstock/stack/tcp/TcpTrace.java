package dev.penstock.stack.tcp;

/**
 * Is told what happens to one connection, as it happens: on the shard's thread, amid the data path. So it must be quick,
 * must not block, must not throw and must not call the connection. All arguments are values; times in nanoseconds of the
 * shard's clock, sizes in bytes, sequence numbers as on the wire (32 bits, wrapping).
 *
 * @see TcpConfig#tracer
 */
public interface TcpTrace {
    /** The state has changed. The last change is that to CLOSED or to TIME-WAIT, after which nothing is told. */
    void state(TcpState from, TcpState to, long nowNs);

    /**
     * A segment, or a super-segment that the device cuts or has joined, was sent or received.
     *
     * @param kind {@link TcpEvent#SENT}, {@link TcpEvent#RETRANSMITTED} or {@link TcpEvent#RECEIVED}
     * @param flags as in the header: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128
     * @param length payload bytes
     * @param ack the acknowledgment number, without meaning where {@code flags} lacks ACK
     * @param window the window of the segment in bytes, scaled
     */
    void segment(TcpEvent kind, int flags, int seq, int length, int ack, long window, long nowNs);

    /** A selective acknowledgment in the segment received last: {@code from} up to, not including, {@code to}. */
    void sack(int from, int to, long nowNs);

    /**
     * Anything but a segment.
     *
     * @param kind any but those of {@link #segment}
     * @param cwnd the congestion window, after what happened
     * @param ssthresh the slow-start threshold, -1 while there is none
     * @param pipe what is thought to be in the network (RFC 6675)
     * @param srttNs -1 while not measured, as rttvarNs
     * @param rtoNs back-off included
     * @param pacingRate bytes a second, -1 while nothing is paced
     */
    void congestion(
            TcpEvent kind,
            long cwnd,
            long ssthresh,
            long pipe,
            long srttNs,
            long rttvarNs,
            long rtoNs,
            long pacingRate,
            long nowNs);
}
