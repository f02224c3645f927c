package dev.penstock.stack.tcp;

/**
 * How much may be in flight, and how fast it may go out. Loss detection, recovery and its undoing are elsewhere
 * ({@link LossRecovery}) and report here. Wide enough for a model of the path instead of a reaction to losses (BBR): each
 * acknowledgment comes with a delivery-rate sample, and the answer is a window and a rate. Bytes, nanoseconds and bytes a
 * second throughout; shard thread.
 */
interface CongestionControl {
    /** No limit was found yet: the slow-start threshold of a new connection. */
    long UNLIMITED = Long.MAX_VALUE / 4;

    /** Why the window must become smaller. */
    enum Cause {
        /** Segments were lost, and others arrived after them: fast recovery begins. */
        LOSS,
        /** The path marked segments instead of dropping them (RFC 3168, section 6.1.2). */
        ECN,
        /** The retransmission timer expired. */
        TIMEOUT,
        /** It expired again before anything new was acknowledged. */
        REPEATED_TIMEOUT
    }

    /** Its name as the TCP_CONGESTION option tells it. */
    String name();

    /** The connection is established, or its segment size changed. */
    void onMss(int mss);

    /** Established, but only after a SYN or SYN-ACK was lost. Follows {@link #onMss}. */
    default void onSynLost() {}

    /**
     * What other connections to the same host have found (RFC 9040, section 3): slow start ends at {@code ssthresh}, but
     * begins with the initial window, for nothing says that their share is free. After {@link #onMss}, before anything is
     * sent; not after {@link #onSynLost}.
     *
     * @param ssthresh bytes; {@link #UNLIMITED} or 0 if none was found
     */
    default void onShared(long ssthresh) {}

    /**
     * Another congestion control found these, and from now on this one is in charge (TCP_CONGESTION on a live connection).
     * After {@link #onMss}. Whoever models the path instead of using a window may ignore it.
     *
     * @param cwnd bytes
     * @param ssthresh bytes; {@link #UNLIMITED} if none was found
     */
    default void takeOver(long cwnd, long ssthresh) {}

    /** True if window and threshold say something about the path, so that a successor may go on with them. */
    default boolean isMeasured() {
        return true;
    }

    /** The congestion window. */
    long cwnd();

    /** The slow-start threshold. */
    long ssthresh();

    /**
     * How fast segments go out, bytes a second; {@link Long#MAX_VALUE} for as fast as they can.
     *
     * @param srttNs the smoothed round-trip time, -1 while none was measured
     */
    long pacingRate(long srttNs);

    /** Something was delivered, or judged lost. Comes during recovery also ({@link AckSample#inRecovery}). */
    void onAck(AckSample sample, long nowNs);

    /**
     * {@code lost} was judged lost; congestion or not, {@link #onCongestion} tells. Before the {@link #onAck} of the
     * acknowledgment that told of it.
     *
     * @param sinceSent bytes that were judged lost since it was sent, its own included
     * @param delivered all that was ever delivered, bytes
     */
    default void onLost(SentSegment lost, long sinceSent, long delivered) {}

    /**
     * A congestion event: at most one a round trip, timeouts aside. What it changes can be taken back by {@link #undo}
     * until the next one.
     *
     * @param inFlight FlightSize: bytes sent and not acknowledged
     */
    void onCongestion(Cause cause, long inFlight, long nowNs);

    /**
     * The timeouts since the last progress were those of segments that are too large for the path, of a size that never got
     * through: they say nothing of congestion, and slow start need not end where they began. Follows {@link #onCongestion}.
     */
    default void onBlackHole() {}

    /** Everything that was in flight at the last congestion event was acknowledged. */
    default void onRecovered(long nowNs) {}

    /** The last congestion event was none: nothing had been lost (RFC 4015, section 3.2; RFC 5682). */
    void undo(long nowNs);

    /**
     * True if in fast recovery the window is led to {@link #ssthresh} by proportional rate reduction (RFC 9937); false if
     * {@link #cwnd} holds in recovery, too.
     */
    default boolean reducesProportionally() {
        return true;
    }

    /** Something is about to be sent after {@code idleNs} in which nothing was in flight. */
    void onRestart(long idleNs, long rtoNs, long nowNs);

    /** False if it is too much to be folded: the connection keeps its parts then, however quiet it is. */
    default boolean isFoldable() {
        return false;
    }

    /** As that of all parts of a connection, if {@link #isFoldable}. */
    default void carry(StateCarrier s) {}
}
