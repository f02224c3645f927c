package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SeqNum;

/**
 * Finds out that a recovery, or a timeout, was for nothing: by the timestamp of the first ACK (the Eifel detection, RFC 3522),
 * because every copy was reported as a duplicate (RFC 3708 on the DSACKs of RFC 2883), or because no copy was needed. What
 * the congestion control did is then taken back (RFC 4015).
 */
final class SpuriousRecovery {
    private boolean possible;
    /** SND.UNA when the recovery began: duplicates of older data say nothing about it. */
    private int marker;
    /** Sent again in this recovery and not reported as duplicate, bytes. */
    private long copies;

    private boolean sentCopies;
    /** The recovery began because of segments that were just judged lost. */
    private boolean newlyJudged;
    /** The end of the highest copy: duplicates of newer data say nothing either. */
    private int highest;
    /** The timestamp on the first copy. */
    private int firstCopyStamp;

    private long undone;

    /**
     * A recovery begins.
     *
     * @param judged for segments that were judged lost just now, and not for older losses or by a timeout
     */
    void begin(int una, boolean judged) {
        possible = true;
        newlyJudged = judged;
        marker = una;
        copies = 0;
        sentCopies = false;
    }

    void end() {
        possible = false;
    }

    /** {@code [start, end)} was sent again. */
    void onRetransmitted(int start, int end, int stamp) {
        if (!sentCopies) {
            sentCopies = true;
            firstCopyStamp = stamp;
            highest = end;
        }
        highest = SeqNum.max(highest, end);
        copies += SeqNum.distance(start, end);
    }

    /** {@code [start, end)} was reported as received twice. */
    void onDsack(int start, int end) {
        if (possible && sentCopies && SeqNum.gt(end, marker) && SeqNum.lt(start, highest)) {
            copies -= SeqNum.distance(SeqNum.max(start, marker), SeqNum.min(end, highest));
        }
    }

    /** RFC 3522, section 3.2: the first acceptable ACK echoes a timestamp older than that of the retransmission. */
    boolean isShownByEcho(Delivery delivery) {
        return possible && sentCopies && delivery.stamped && SeqNum.lt(delivery.tsEcr, firstCopyStamp);
    }

    /** All copies were duplicates of what had arrived. */
    boolean isShownByDuplicates() {
        return possible && sentCopies && copies <= 0;
    }

    /**
     * All that was judged lost has arrived before anything could be sent again: a copy had to wait for the window or for its
     * time, and the original came.
     *
     * @param nothingLost nothing is held to be lost any more
     */
    boolean isShownByOriginals(boolean nothingLost) {
        return possible && newlyJudged && !sentCopies && nothingLost;
    }

    void onUndone() {
        possible = false;
        undone++;
    }

    /** How many recoveries were taken back. */
    long undone() {
        return undone;
    }

    void carry(StateCarrier s) {
        possible = s.flag(possible);
        newlyJudged = s.flag(newlyJudged);
        marker = s.number(marker);
        copies = s.number(copies);
        sentCopies = s.flag(sentCopies);
        highest = s.number(highest);
        firstCopyStamp = s.number(firstCopyStamp);
        undone = s.number(undone);
    }
}
