package dev.penstock.stack.tcp;

import dev.penstock.stack.buffer.SendQueue;

/**
 * Where PSH belongs. "If PUSH flags are not implemented, then the sending TCP peer ... MUST set the PSH bit in the last
 * buffered segment" (RFC 9293, MUST-60, 61) is what most stacks do. Linux remembers where writes ended, so that copies carry
 * it, too: the end of a write, unless more is written while it waits to be sent, and the end of each buffer that it filled
 * with more than half of the peer's largest window.
 */
final class PushMarks {
    /** At the limit the oldest is forgotten: a copy of it goes without PSH. */
    private static final int MAX_MARKS = 1024;

    private static final int LEAST_MARKS = 8;
    /** The largest buffer of Linux, in bytes of payload. */
    private static final int LARGEST_BUFFER = 65_215;
    /** Below this window nothing is halved. */
    private static final int SMALL_WINDOW = 536;

    private final SendState snd;
    private final TcpConfig config;
    private SendQueue queue;
    /** Where records end that no segment goes across, ascending; null while there are none. */
    private java.util.ArrayDeque<Long> records;

    private boolean remembers;

    /** Stream positions, ascending, in a ring. */
    private long[] marks;

    private int first;
    private int count;
    /** Where the buffer begins that the next write goes on with. */
    private long bufferStart;
    /** How far what was written is pushed. */
    private long pushed;

    private long written;

    PushMarks(TcpConfig config, SendState snd) {
        this.snd = snd;
        this.config = config;
    }

    /** The connection's send queue is another from now on. */
    void use(SendQueue newQueue) {
        queue = newQueue;
    }

    /** A connection begins. */
    void begin() {
        remembers = config.habits == TcpHabits.LINUX;
    }

    /**
     * The application has written.
     *
     * @param more it said that more follows: no end of a write yet
     */
    void onWritten(boolean more) {
        long tail = queue.tailPosition();
        if (!remembers || tail <= written) {
            return;
        }
        long next = snd.positionOf(snd.nxt);
        boolean record = records != null && !records.isEmpty() && records.peekLast() == written;
        if (written <= next || bufferStart >= written || record) {
            bufferStart = written;
        } else if (count > 0 && last() == written) {
            // What waits goes on in the same buffer.
            count--;
        }
        long size = bufferSize();
        for (long end = bufferStart + size; end < tail; end += size) {
            if (end > pushed + snd.maxWnd / 2) {
                add(end);
            }
            bufferStart = end;
        }
        if (!more) {
            add(tail);
        }
        written = tail;
        if (tail - bufferStart == size) {
            bufferStart = tail;
        }
        forget();
    }

    private long bufferSize() {
        long half = snd.maxWnd > SMALL_WINDOW ? snd.maxWnd / 2 : snd.maxWnd;
        long most = half > 0 ? Math.min(LARGEST_BUFFER, half) : LARGEST_BUFFER;
        return Math.max(1, most / snd.mss) * snd.mss;
    }

    /** The most of {@code most} bytes from {@code from} on that ends with PSH if anything before its end does. */
    int reach(long from, int most) {
        for (int i = 0; remembers && i < count; i++) {
            long ahead = at(i) - from;
            if (ahead >= snd.mss) {
                return (int) Math.min(most, ahead);
            }
        }
        return most;
    }

    /** Nothing that is written later goes into a segment with what was written so far. */
    void endRecord() {
        if (records == null) {
            records = new java.util.ArrayDeque<>();
        }
        while (!records.isEmpty() && (records.peekFirst() <= snd.unaPosition || records.size() >= MAX_MARKS)) {
            records.pollFirst();
        }
        if (records.isEmpty() || records.peekLast() < queue.tailPosition()) {
            records.addLast(queue.tailPosition());
        }
    }

    /** Bytes from {@code from} to the end of its record, which something follows; {@code Integer.MAX_VALUE} without one. */
    int untilRecordEnd(long from) {
        if (records != null) {
            for (long end : records) {
                if (end > from) {
                    return (int) Math.min(end - from, Integer.MAX_VALUE);
                }
            }
        }
        return Integer.MAX_VALUE;
    }

    /** Does a segment of these positions push? */
    boolean endsAt(long from, long to) {
        if (!remembers) {
            return to == queue.tailPosition();
        }
        for (int i = count - 1; i >= 0; i--) {
            long mark = at(i);
            if (mark <= to) {
                return mark > from;
            }
        }
        return false;
    }

    private void forget() {
        while (count > 0 && at(0) <= snd.unaPosition) {
            first = (first + 1) % marks.length;
            count--;
        }
    }

    private void add(long mark) {
        pushed = mark;
        if (marks == null) {
            marks = new long[LEAST_MARKS];
        } else if (count == marks.length && count < MAX_MARKS) {
            grow();
        }
        if (count == marks.length) {
            first = (first + 1) % marks.length;
            count--;
        }
        marks[(first + count) % marks.length] = mark;
        count++;
    }

    private void grow() {
        long[] larger = new long[2 * marks.length];
        for (int i = 0; i < count; i++) {
            larger[i] = at(i);
        }
        marks = larger;
        first = 0;
    }

    private long at(int i) {
        return marks[(first + i) % marks.length];
    }

    private long last() {
        return at(count - 1);
    }

    /** Without the marks: where all is acknowledged they are of no use. */
    void carry(StateCarrier s) {
        // A quiet connection has no record that something could still be sent of.
        records = null;
        remembers = s.flag(remembers);
        bufferStart = s.number(bufferStart);
        pushed = s.number(pushed);
        written = s.number(written);
        count = 0;
        first = 0;
    }
}
