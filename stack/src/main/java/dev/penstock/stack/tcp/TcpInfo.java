package dev.penstock.stack.tcp;

/** A snapshot of a connection, after Linux's {@code tcp_info}; times in nanoseconds, -1 where not yet known. */
public final class TcpInfo {
    public TcpState state = TcpState.CLOSED;
    /** Smoothed round-trip time (RFC 6298). */
    public long srttNs;
    /** Round-trip time variation (RFC 6298). */
    public long rttvarNs;
    /** The least round-trip time seen. */
    public long minRttNs;
    /** The retransmission timeout now, back-off included. */
    public long rtoNs;
    /** Congestion window, bytes. */
    public long cwnd;
    /** Slow-start threshold, bytes. */
    public long ssthresh;
    /** Bytes sent and not acknowledged. */
    public long bytesInFlight;
    /** Bytes in the send queue that were never sent. */
    public long bytesNotSent;
    /** The peer's window, bytes. */
    public long sendWindow;
    /** Our window as last advertised, bytes. */
    public long receiveWindow;
    /** The largest payload we send in a segment. */
    public int sendMss;
    /** Path MTU, bytes. */
    public int pathMtu;
    /** Window scale that we apply to what we send, 0 .. 14; -1 when not agreed. */
    public int sendWindowScale;
    /** Window scale that the peer applies, 0 .. 14; -1 when not agreed. */
    public int receiveWindowScale;
    /** RFC 7323 timestamps are in use. */
    public boolean timestamps;
    /** RFC 2018 selective acknowledgment was agreed. */
    public boolean sack;

    public long bytesSent;
    public long bytesAcked;
    public long bytesReceived;
    public long bytesRetransmitted;
    public long segmentsOut;
    public long segmentsIn;
    public long retransmits;
    public long timeouts;
    public long duplicateAcks;
    public long outOfOrderSegments;
}
