package dev.penstock.stack.device;

import dev.penstock.stack.buffer.Frame;

/** Frames that wait for a moment, in the order of their moments; ties in the order of arrival. Fixed size. */
final class DelayLine {
    private final Frame[] frames;
    private final long[] at;
    private final long[] order;
    private int size;
    private long nextOrder;

    DelayLine(int capacity) {
        frames = new Frame[capacity];
        at = new long[capacity];
        order = new long[capacity];
    }

    int size() {
        return size;
    }

    int capacity() {
        return frames.length;
    }

    /** When the first one is due, {@link Long#MAX_VALUE} if there is none. */
    long nextNs() {
        return size == 0 ? Long.MAX_VALUE : at[0];
    }

    Frame first() {
        return frames[0];
    }

    void add(Frame frame, long atNs) {
        int i = size++;
        long o = nextOrder++;
        while (i > 0) {
            int parent = (i - 1) >> 1;
            if (!before(atNs, o, parent)) {
                break;
            }
            move(parent, i);
            i = parent;
        }
        set(i, frame, atNs, o);
    }

    Frame removeFirst() {
        Frame first = frames[0];
        size--;
        Frame last = frames[size];
        long lastAt = at[size];
        long lastOrder = order[size];
        frames[size] = null;
        if (size > 0) {
            int i = 0;
            while (true) {
                int child = 2 * i + 1;
                if (child >= size) {
                    break;
                }
                if (child + 1 < size && before(at[child + 1], order[child + 1], child)) {
                    child++;
                }
                if (before(lastAt, lastOrder, child)) {
                    break;
                }
                move(child, i);
                i = child;
            }
            set(i, last, lastAt, lastOrder);
        }
        return first;
    }

    private boolean before(long atNs, long o, int i) {
        return atNs < at[i] || (atNs == at[i] && o < order[i]);
    }

    private void move(int from, int to) {
        set(to, frames[from], at[from], order[from]);
    }

    private void set(int i, Frame frame, long atNs, long o) {
        frames[i] = frame;
        at[i] = atNs;
        order[i] = o;
    }
}
