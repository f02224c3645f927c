package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SeqNum;
import java.util.Arrays;

/**
 * Which bytes beyond RCV.NXT have arrived: disjoint ranges of sequence numbers in ascending order, at most a configured
 * number. The bytes themselves are in the receive queue, in their final place, and stay there until RCV.NXT passes them, or all
 * is forgotten by {@link #clear}, with the bytes: at the end of the connection, or when memory is at its hard limit and the
 * data in order finds none (RFC 2018, section 8).
 * Holds memory only while there is a gap, or was one.
 */
final class Reassembler {
    private static final int FIRST_CAPACITY = 8;
    /** Of an empty one, so much memory is kept for the next gap. */
    private static final int MOST_KEPT = 64;

    private final int maxRanges;
    private int[] starts;
    private int[] ends;
    private int count;

    Reassembler(int maxRanges) {
        this.maxRanges = maxRanges;
    }

    boolean isEmpty() {
        return count == 0;
    }

    int ranges() {
        return count;
    }

    int start(int i) {
        return starts[i];
    }

    int end(int i) {
        return ends[i];
    }

    /** True if {@code [start, end)} can be added without going over the limit. */
    boolean hasRoomFor(int start, int end) {
        if (count < maxRanges) {
            return true;
        }
        int i = firstEndingFrom(start);
        return i < count && SeqNum.leq(starts[i], end);
    }

    /** The range that holds the byte at {@code seq}, or -1. */
    int find(int seq) {
        int i = firstEndingFrom(seq + 1);
        return i < count && SeqNum.leq(starts[i], seq) ? i : -1;
    }

    /** The first range that shares a byte with {@code [start, end)}, or -1. */
    int firstOverlap(int start, int end) {
        int i = firstEndingFrom(start + 1);
        return i < count && SeqNum.lt(starts[i], end) ? i : -1;
    }

    /** The first range whose end is {@code seq} or later; {@link #ranges} if there is none. */
    private int firstEndingFrom(int seq) {
        int low = 0;
        int high = count;
        if (count > 0 && SeqNum.lt(ends[count - 1], seq)) {
            // New data mostly comes after all there is.
            return count;
        }
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (SeqNum.lt(ends[middle], seq)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Adds {@code [start, end)}, joining what touches it: a search, and one move of what lies behind. */
    void add(int start, int end) {
        int first = firstEndingFrom(start);
        int last = first;
        int low = start;
        int high = end;
        while (last < count && SeqNum.leq(starts[last], end)) {
            low = SeqNum.min(low, starts[last]);
            high = SeqNum.max(high, ends[last]);
            last++;
        }
        int removed = last - first;
        if (removed == 0) {
            insertAt(first, low, high);
            return;
        }
        starts[first] = low;
        ends[first] = high;
        removeRange(first + 1, last);
    }

    /** RCV.NXT has moved to {@code nxt}: returns where it can go on to, and forgets what lies before. */
    int advance(int nxt) {
        int moved = nxt;
        int gone = 0;
        while (gone < count && SeqNum.leq(starts[gone], moved)) {
            moved = SeqNum.max(moved, ends[gone]);
            gone++;
        }
        removeRange(0, gone);
        return moved;
    }

    void clear() {
        count = 0;
        if (starts != null && starts.length > MOST_KEPT) {
            starts = null;
            ends = null;
        }
    }

    private void insertAt(int at, int low, int high) {
        if (starts == null) {
            starts = new int[FIRST_CAPACITY];
            ends = new int[FIRST_CAPACITY];
        } else if (count == starts.length) {
            starts = Arrays.copyOf(starts, count * 2);
            ends = Arrays.copyOf(ends, count * 2);
        }
        System.arraycopy(starts, at, starts, at + 1, count - at);
        System.arraycopy(ends, at, ends, at + 1, count - at);
        starts[at] = low;
        ends[at] = high;
        count++;
    }

    private void removeRange(int from, int to) {
        if (to <= from) {
            return;
        }
        System.arraycopy(starts, to, starts, from, count - to);
        System.arraycopy(ends, to, ends, from, count - to);
        count -= to - from;
    }
}
