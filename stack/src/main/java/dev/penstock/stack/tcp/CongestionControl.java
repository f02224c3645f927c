package dev.penstock.stack.tcp;

/**
 * How much may be in flight. Loss detection and recovery are elsewhere ({@link LossRecovery}) and report here. Bytes and
 * nanoseconds throughout; shard thread.
 */
interface CongestionControl {
    /** The connection is established, or its segment size changed. */
    void onMss(int mss);

    /** Established, but only after a SYN or SYN-ACK was lost. Follows {@link #onMss}. */
    default void onSynLost() {}

    /** The congestion window. */
    long cwnd();

    /** The slow-start threshold. */
    long ssthresh();

    /**
     * New data was acknowledged outside of recovery.
     *
     * @param ackedBytes how much
     * @param wasCwndLimited the window was in use: an idle window must not grow (RFC 7661)
     */
    void onAck(long ackedBytes, boolean wasCwndLimited, RttEstimator rtt, long nowNs);

    /** Loss was detected by duplicate acknowledgments: recovery begins. */
    void onLoss(long bytesInFlight, long nowNs);

    /** The retransmission timer expired; {@code first} on the first time for the same data. */
    void onTimeout(long bytesInFlight, boolean first, long nowNs);

    /** Nothing was sent for longer than the RTO. */
    void onRestartAfterIdle();
}
