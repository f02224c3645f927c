package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SeqNum;

/** A list of segments, linked through themselves; a segment is on one list at most. Knows how many bytes are on it. */
final class SegmentList {
    private SentSegment first;
    private SentSegment last;
    /** Where the last insertion by sequence number was: the next one is near. */
    private SentSegment hint;

    private long bytes;
    private long steps;

    SentSegment first() {
        return first;
    }

    SentSegment last() {
        return last;
    }

    /** Segments passed in search of a place. */
    long steps() {
        return steps;
    }

    /** Sequence space of all segments on the list. */
    long bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return first == null;
    }

    void addLast(SentSegment e) {
        insertAfter(last, e);
    }

    /** Into a list that is in the order of sequence numbers. */
    void addInOrder(SentSegment e) {
        if (last == null || SeqNum.lt(last.start, e.start)) {
            // What was sent for the first time, between retransmissions: the hint stays with these.
            insertAfter(last, e);
            return;
        }
        SentSegment at = hint != null ? hint : last;
        while (at != null && SeqNum.gt(at.start, e.start)) {
            at = at.previous;
            steps++;
        }
        SentSegment following = at == null ? first : at.next;
        while (following != null && SeqNum.lt(following.start, e.start)) {
            at = following;
            following = at.next;
            steps++;
        }
        insertAfter(at, e);
        hint = e;
    }

    /** Behind {@code place}, or at the beginning if that is null. */
    void insertAfter(SentSegment place, SentSegment e) {
        SentSegment following = place == null ? first : place.next;
        e.list = this;
        e.previous = place;
        e.next = following;
        if (place == null) {
            first = e;
        } else {
            place.next = e;
        }
        if (following == null) {
            last = e;
        } else {
            following.previous = e;
        }
        bytes += e.length();
    }

    void remove(SentSegment e) {
        if (hint == e) {
            hint = e.previous != null ? e.previous : e.next;
        }
        if (e.previous == null) {
            first = e.next;
        } else {
            e.previous.next = e.next;
        }
        if (e.next == null) {
            last = e.previous;
        } else {
            e.next.previous = e.previous;
        }
        bytes -= e.length();
        e.list = null;
        e.previous = null;
        e.next = null;
    }

    /** A segment on this list is about to become shorter by {@code n}. */
    void shrinks(int n) {
        bytes -= n;
    }
}
