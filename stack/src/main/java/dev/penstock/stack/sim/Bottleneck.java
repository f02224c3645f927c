package dev.penstock.stack.sim;

/**
 * A transmitter of a fixed rate with a drop-tail queue in front of it: the arithmetic only, so that it is exact and can be
 * shared by the flows of many links. A packet that finds the transmitter idle is sent at once; another one waits,
 * unless the queue has no room for the whole of it: then it is dropped. The packet that is being sent is no longer in
 * the queue. Virtual time, which must not run backwards between calls; one thread.
 */
public final class Bottleneck {
    /** {@link #admit}: the packet found no room. */
    public static final long DROPPED = -1;

    private final long bitsPerSecond;
    private final long queueBytes;
    private long markingBytes = Long.MAX_VALUE;

    /** The waiting packets, oldest first, in a ring: when each begins to be sent, and how long it is. */
    private long[] startNs = new long[64];

    private int[] lengths = new int[64];
    private int first;
    private int count;
    private long waitingBytes;

    private long busyUntilNs = Long.MIN_VALUE;
    /** What rounding to nanoseconds has left, in 1/rate ns: the rate is exact in the long run. */
    private long remainder;

    private long offered;
    private long offeredBytes;
    private long dropped;
    private long droppedBytes;
    private long peakBytes;

    /**
     * @param bitsPerSecond of link-layer frames, 1 .. 10^12
     * @param queueBytes the most bytes that wait, 0 .. 2^40
     */
    public Bottleneck(long bitsPerSecond, long queueBytes) {
        if (bitsPerSecond < 1 || bitsPerSecond > 1_000_000_000_000L || queueBytes < 0 || queueBytes > 1L << 40) {
            throw new IllegalArgumentException(
                    "a rate of " + bitsPerSecond + " bit/s, a queue of " + queueBytes + " B");
        }
        this.bitsPerSecond = bitsPerSecond;
        this.queueBytes = queueBytes;
    }

    /**
     * Marks packets that are ECN-capable when, with them, more than {@code bytes} wait ({@link #isMarking}); a step, as
     * RFC 8257, section 3.1 describes it. Without this nothing is marked.
     */
    public Bottleneck marking(long bytes) {
        markingBytes = bytes;
        return this;
    }

    /**
     * A packet arrives.
     *
     * @param length bytes, 1 .. 65,557
     * @return when its last bit is sent, or {@link #DROPPED}
     */
    public long admit(int length, long nowNs) {
        offered++;
        offeredBytes += length;
        release(nowNs);
        if (busyUntilNs <= nowNs) {
            busyUntilNs = nowNs;
            remainder = 0;
        } else if (waitingBytes + length > queueBytes) {
            dropped++;
            droppedBytes += length;
            return DROPPED;
        } else {
            enqueue(length);
        }
        long bits = length * 8_000_000_000L + remainder;
        busyUntilNs += bits / bitsPerSecond;
        remainder = bits % bitsPerSecond;
        return busyUntilNs;
    }

    private void enqueue(int length) {
        if (count == lengths.length) {
            grow();
        }
        int at = (first + count) & (lengths.length - 1);
        startNs[at] = busyUntilNs;
        lengths[at] = length;
        count++;
        waitingBytes += length;
        peakBytes = Math.max(peakBytes, waitingBytes);
    }

    private void release(long nowNs) {
        while (count > 0 && startNs[first] <= nowNs) {
            waitingBytes -= lengths[first];
            first = (first + 1) & (lengths.length - 1);
            count--;
        }
    }

    /** Bounded by the queue: a packet has at least one byte. */
    private void grow() {
        long[] starts = new long[startNs.length * 2];
        int[] sizes = new int[starts.length];
        for (int i = 0; i < count; i++) {
            int from = (first + i) & (lengths.length - 1);
            starts[i] = startNs[from];
            sizes[i] = lengths[from];
        }
        startNs = starts;
        lengths = sizes;
        first = 0;
    }

    /** After {@link #admit}: more waits than {@link #marking} allows. */
    public boolean isMarking() {
        return waitingBytes > markingBytes;
    }

    /** Bytes that wait at {@code nowNs}, the packet that is being sent not counted. */
    public long waitingBytes(long nowNs) {
        release(nowNs);
        return waitingBytes;
    }

    public long bitsPerSecond() {
        return bitsPerSecond;
    }

    public long queueBytes() {
        return queueBytes;
    }

    /** Packets that arrived. */
    public long offered() {
        return offered;
    }

    /** Their bytes. */
    public long offeredBytes() {
        return offeredBytes;
    }

    /** Packets that found no room. */
    public long dropped() {
        return dropped;
    }

    /** Their bytes. */
    public long droppedBytes() {
        return droppedBytes;
    }

    /** The most bytes that ever waited. */
    public long peakBytes() {
        return peakBytes;
    }
}
