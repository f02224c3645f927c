package dev.penstock.stack.tcp;

/**
 * What one acknowledgment said, for congestion control: one reusable object a stack. Bytes and nanoseconds; sequence
 * space of a FIN counts as a byte. The rate is that of the delivery-rate estimation draft (draft-cheng-iccrg), as BBR needs it.
 */
final class AckSample {
    /** SND.UNA moved by so much. */
    long ackedBytes;
    /** Newly acknowledged by SACK blocks. */
    long sackedBytes;
    /** What left the network for the receiver: acknowledged now, and not selectively before. */
    long deliveredBytes;
    /** Newly judged lost. */
    long lostBytes;
    /** In the network before this acknowledgment: sent, neither acknowledged nor judged lost. */
    long priorInFlight;
    /** In the network now. */
    long inFlight;
    /** The round-trip time that this acknowledgment measured, from a segment sent once; -1 for none. */
    long rttNs;
    /** The smoothed round-trip time, -1 for none. */
    long srttNs;
    /** The least round-trip time of the connection, -1 for none. */
    long minRttNs;
    /** Everything delivered in the life of the connection, this acknowledgment included. */
    long delivered;
    /** {@link #delivered} when the newest of the segments acknowledged now was sent; -1 for none. */
    long priorDelivered;
    /** Over what time {@code delivered - priorDelivered} was delivered; 0 or less when unknown. */
    long intervalNs;
    /** What was in the network when that segment was sent, its own bytes included. */
    long txInFlight;
    /** What was judged lost since it was sent. */
    long lostSinceSent;
    /** SACK was agreed upon: each loss is seen, and not only one in a round trip. */
    boolean selective;
    /** The application, not the network, limited that interval. */
    boolean appLimited;
    /** The window was in use when what is acknowledged now was sent: only then may it grow (RFC 7661). */
    boolean cwndLimited;
    /** In fast recovery, or in the reduction that an ECN echo asks for. */
    boolean inRecovery;
    /** What was in flight at the last timeout is not yet acknowledged. */
    boolean afterTimeout;
    /** The acknowledgment carried an ECN echo. */
    boolean ecnEcho;
    /** Stream position of SND.UNA: what a window's worth is counted by. */
    long unaPosition;
    /** Stream position of SND.NXT. */
    long nxtPosition;

    /** The delivery rate, bytes a second; -1 for none. */
    long deliveryRate() {
        if (intervalNs <= 0 || priorDelivered < 0) {
            return -1;
        }
        return (long) ((delivered - priorDelivered) * 1e9 / intervalNs);
    }

    void clear() {
        ackedBytes = 0;
        sackedBytes = 0;
        deliveredBytes = 0;
        lostBytes = 0;
        rttNs = -1;
        priorDelivered = -1;
        intervalNs = 0;
        txInFlight = 0;
        lostSinceSent = 0;
        appLimited = false;
        ecnEcho = false;
    }
}
