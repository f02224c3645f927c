package dev.penstock.stack.tcp;

/**
 * Something that was sent and is not yet acknowledged: a run of sequence numbers that went out at one time, one segment or
 * several that a super-segment carried. {@link Scoreboard} keeps it, splits it where the peer's SACK blocks ask for that, and
 * has it back when it was acknowledged.
 */
final class SentSegment {
    /** First sequence number; an ACK that covers a part moves it. */
    int start;
    /** The sequence number after the last. */
    int end;
    /** Payload of each segment of the run but the last: SND.MSS when it was sent. */
    int unit;
    /** When it was last sent. */
    long sentNs;
    /** Its last transmission's place among all of the connection: several may share a nanosecond. */
    long order;
    /** It was sent more than once: its acknowledgment may be for any of the copies. */
    boolean retransmitted;
    /** The peer has it, out of order. */
    boolean sacked;
    /** Of one that is {@link #sacked}: how many segments it was sent as. */
    int segments;
    /** The list it is on, or null for one that is {@link #sacked}. */
    SegmentList list;

    /** {@link Scoreboard}'s delivered bytes when it was sent, and when the last of them had been delivered. */
    long delivered;

    long deliveredNs;
    /** When the first segment of the flight that it belongs to was sent. */
    long firstSentNs;
    /** There was too little to send when it was sent: the rate that it measures is the application's. */
    boolean appLimited;
    /** Bytes in the network when it was sent, its own included. */
    long txInFlight;
    /** {@link Scoreboard}'s lost bytes when it was sent. */
    long lostBefore;

    SentSegment previous;
    SentSegment next;

    int length() {
        return end - start;
    }

    /** What the copy of a part of {@code other} has in common with it. */
    void copyTransmission(SentSegment other) {
        unit = other.unit;
        sentNs = other.sentNs;
        order = other.order;
        retransmitted = other.retransmitted;
        sacked = other.sacked;
        delivered = other.delivered;
        deliveredNs = other.deliveredNs;
        firstSentNs = other.firstSentNs;
        appLimited = other.appLimited;
        txInFlight = other.txInFlight;
        lostBefore = other.lostBefore;
    }
}
