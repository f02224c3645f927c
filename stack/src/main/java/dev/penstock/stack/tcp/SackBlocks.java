package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SeqNum;

/**
 * Which SACK blocks an acknowledgment carries: RFC 2018, section 4, and the D-SACK blocks of RFC 2883.
 *
 * <p>Input never emits, so several segments may have arrived since the last acknowledgment. Each that is out of order,
 * and each duplicate, waits here for an acknowledgment of its own, as if it had been answered at once: one
 * acknowledgment for all of them could not name more than four blocks. Blocks always are what the {@link Reassembler}
 * holds at that moment. It lets go of nothing before RCV.NXT passes it, with one exception, which RFC 2018, section 8, allows and
 * {@link ReceiveSide} counts: there is no memory for the data that comes next in order, without which nobody can go on.
 *
 * <p>Memory is taken when the first segment arrives out of order, and no sooner.
 */
final class SackBlocks {
    /** No more acknowledgments than these wait; beyond, blocks are reported without one of their own. */
    static final int MAX_PENDING = 64;

    /** Ranges that were a first block lately; more than an option holds, because some of them will grow together. */
    private static final int MAX_RECENT = 8;

    private final ReceiveState rcv;
    private final Reassembler held;

    /** For each acknowledgment that is to be sent: the segment that triggers it; the oldest first. */
    private int[] trigger;
    /** And its duplicate part, which is empty if it had none. */
    private int[] duplicateStart;

    private int[] duplicateEnd;
    private int pending;
    /** A sequence number in each of the ranges that were a first block, the latest first. */
    private int[] recent;

    private int recentCount;

    SackBlocks(ReceiveState rcv, Reassembler held) {
        this.rcv = rcv;
        this.held = held;
    }

    /** How many acknowledgments are to be sent, each for a segment of its own. */
    int pending() {
        return pending;
    }

    /** A segment that begins at {@code seq} was put beside the others that are out of order, or was there before. */
    void onOutOfOrder(int seq) {
        add(seq, seq, seq);
    }

    /**
     * A segment arrived of which {@code [start, end)} was received before (RFC 2883, section 4): below RCV.NXT, or out
     * of order.
     */
    void onDuplicate(int start, int end) {
        int last = pending - 1;
        if (last >= 0 && duplicateEnd[last] == start && duplicateStart[last] != start) {
            // Nothing was sent between the two: they are one "duplicate contiguous sequence".
            duplicateEnd[last] = end;
            return;
        }
        add(start, start, end);
    }

    private void add(int seq, int start, int end) {
        if (trigger == null) {
            trigger = new int[MAX_PENDING];
            duplicateStart = new int[MAX_PENDING];
            duplicateEnd = new int[MAX_PENDING];
            recent = new int[MAX_RECENT];
        }
        if (pending == MAX_PENDING) {
            remember(seq);
            return;
        }
        trigger[pending] = seq;
        duplicateStart[pending] = start;
        duplicateEnd[pending] = end;
        pending++;
    }

    /**
     * RCV.NXT has moved. What lies before it needs no block any more, and one acknowledgment for each range that is left
     * tells all that is new: more of them would only look like more loss.
     */
    void onAdvance() {
        int kept = 0;
        for (int i = 0; i < pending; i++) {
            boolean duplicate = duplicateStart[i] != duplicateEnd[i];
            if (duplicate || isNewRange(trigger[i], kept)) {
                trigger[kept] = trigger[i];
                duplicateStart[kept] = duplicateStart[i];
                duplicateEnd[kept] = duplicateEnd[i];
                kept++;
            }
        }
        pending = kept;
    }

    private boolean isNewRange(int seq, int kept) {
        int range = held.find(seq);
        for (int i = 0; i < kept && range >= 0; i++) {
            if (held.find(trigger[i]) == range) {
                return false;
            }
        }
        return range >= 0;
    }

    /**
     * Writes the blocks of the next segment into {@code starts} and {@code ends}.
     *
     * @param max the most there is room for, 0 .. 4
     * @param pure the segment is an acknowledgment and nothing else; one with data is no answer to a single segment
     * @return how many there are
     */
    int fill(int[] starts, int[] ends, int max, boolean pure) {
        boolean finHeld = rcv.finKnown && isFin(rcv.finSeq);
        if (!rcv.sack || max <= 0 || pending == 0 && held.isEmpty() && !finHeld) {
            return 0;
        }
        int n = 0;
        int first = 0;
        if (pure && pending > 0) {
            if (duplicateStart[0] != duplicateEnd[0]) {
                // RFC 2883, section 4: the D-SACK block comes first; "the second SACK block in that SACK option should
                // specify that (possibly larger) block of data" of which it is a part.
                starts[0] = duplicateStart[0];
                ends[0] = duplicateEnd[0];
                n = 1;
                first = 1;
            }
            // "The first SACK block ... MUST specify the contiguous block of data containing the segment which
            // triggered this ACK, unless that segment advanced the Acknowledgment Number field".
            n = append(starts, ends, first, n, max, held.find(trigger[0]));
            if (n == first && isFin(trigger[0])) {
                n = appendFin(starts, ends, first, n, max);
            }
        }
        // "The SACK option SHOULD be filled out by repeating the most recently reported SACK blocks (based on first
        // SACK blocks in previous SACK options)".
        for (int i = 0; i < recentCount && n < max; i++) {
            n = append(starts, ends, first, n, max, held.find(recent[i]));
        }
        // "The data receiver SHOULD include as many distinct SACK blocks as possible".
        int ranges = Math.min(held.ranges(), Segment.MAX_SACK_BLOCKS + 1);
        for (int i = 0; i < ranges && n < max; i++) {
            n = append(starts, ends, first, n, max, i);
        }
        return finHeld ? appendFin(starts, ends, first, n, max) : n;
    }

    /**
     * A FIN out of order is held, too, and reported "in all ACKs which do not ACK the highest sequence number in the data
     * receiver's queue". With what it follows it is one block: a smaller one before that would be a D-SACK block.
     */
    private int appendFin(int[] starts, int[] ends, int first, int n, int max) {
        int range = held.find(rcv.finSeq - 1);
        if (range >= 0) {
            return append(starts, ends, first, n, max, range);
        }
        for (int i = first; i < n; i++) {
            if (starts[i] == rcv.finSeq) {
                return n;
            }
        }
        if (n < max) {
            starts[n] = rcv.finSeq;
            ends[n] = rcv.finSeq + 1;
            return n + 1;
        }
        return n;
    }

    private int append(int[] starts, int[] ends, int first, int n, int max, int range) {
        if (range < 0 || n == max) {
            return n;
        }
        int start = held.start(range);
        for (int i = first; i < n; i++) {
            if (starts[i] == start) {
                return n;
            }
        }
        starts[n] = start;
        int end = held.end(range);
        // A FIN out of order is remembered, so it is held: it follows the last byte.
        ends[n] = isFin(end) ? end + 1 : end;
        return n + 1;
    }

    /** The next pure acknowledgment begins with a D-SACK block. */
    boolean isDuplicateNext() {
        return pending > 0 && duplicateStart[0] != duplicateEnd[0];
    }

    private boolean isFin(int seq) {
        return rcv.finKnown && !rcv.finReceived && rcv.finSeq == seq && SeqNum.gt(seq, rcv.nxt);
    }

    /** A pure acknowledgment went out, with the blocks that {@link #fill} found. */
    void onSent() {
        if (pending == 0) {
            return;
        }
        remember(trigger[0]);
        pending--;
        System.arraycopy(trigger, 1, trigger, 0, pending);
        System.arraycopy(duplicateStart, 1, duplicateStart, 0, pending);
        System.arraycopy(duplicateEnd, 1, duplicateEnd, 0, pending);
    }

    /** The range that holds {@code seq} was a first block: to the front with it. */
    private void remember(int seq) {
        int range = held.find(seq);
        if (range < 0) {
            return;
        }
        int kept = 0;
        for (int i = 0; i < recentCount; i++) {
            int other = held.find(recent[i]);
            if (other >= 0 && other != range && !isAmongRecent(other, kept)) {
                recent[kept++] = recent[i];
            }
        }
        kept = Math.min(kept, MAX_RECENT - 1);
        System.arraycopy(recent, 0, recent, 1, kept);
        recent[0] = seq;
        recentCount = kept + 1;
    }

    /** Ranges grow together: of those that became one the latest stands for all. */
    private boolean isAmongRecent(int range, int count) {
        int start = held.start(range);
        int end = held.end(range);
        for (int i = 0; i < count; i++) {
            if (SeqNum.leq(start, recent[i]) && SeqNum.lt(recent[i], end)) {
                return true;
            }
        }
        return false;
    }

    void clear() {
        pending = 0;
        recentCount = 0;
    }
}
