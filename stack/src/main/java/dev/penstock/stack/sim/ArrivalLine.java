package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import java.util.Arrays;

/**
 * The frames on their way, in the order in which they arrive; those of one moment in the order in which they came. A ring:
 * nearly always the last place is the right one. Allocates only to grow.
 */
final class ArrivalLine {
    private Frame[] frames = new Frame[64];
    private long[] dueNs = new long[64];
    private int first;
    private int count;

    int size() {
        return count;
    }

    /** When the next frame arrives; {@link Long#MAX_VALUE} if none is on its way. */
    long nextNs() {
        return count == 0 ? Long.MAX_VALUE : dueNs[first];
    }

    /** True if it is now the first one. */
    boolean add(Frame frame, long due) {
        if (count == frames.length) {
            grow();
        }
        int mask = frames.length - 1;
        int at = count++;
        while (at > 0 && dueNs[(first + at - 1) & mask] > due) {
            frames[(first + at) & mask] = frames[(first + at - 1) & mask];
            dueNs[(first + at) & mask] = dueNs[(first + at - 1) & mask];
            at--;
        }
        frames[(first + at) & mask] = frame;
        dueNs[(first + at) & mask] = due;
        return at == 0;
    }

    /** The first one, or null. */
    Frame removeFirst() {
        if (count == 0) {
            return null;
        }
        Frame frame = frames[first];
        frames[first] = null;
        first = (first + 1) & (frames.length - 1);
        count--;
        return frame;
    }

    private void grow() {
        int old = frames.length;
        Frame[] more = Arrays.copyOf(frames, old * 2);
        long[] times = Arrays.copyOf(dueNs, old * 2);
        for (int i = 0; i < count; i++) {
            more[i] = frames[(first + i) & (old - 1)];
            times[i] = dueNs[(first + i) & (old - 1)];
        }
        frames = more;
        dueNs = times;
        first = 0;
    }
}
