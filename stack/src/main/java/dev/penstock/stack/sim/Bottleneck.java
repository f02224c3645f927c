package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;

/**
 * A transmitter of some rate with a queue in front of it, which one link or several may pass. A packet that finds the
 * transmitter idle is sent at once; another one waits, if the {@link QueuePolicy} lets it. The packet that is being sent
 * is no longer in the queue. Virtual time; one thread.
 */
public final class Bottleneck {
    /** {@link #admit}: the packet found no room. */
    static final long DROPPED = -1;

    private final QueuePolicy policy;
    private long bitsPerSecond;

    /**
     * While the rate is constant and nothing is decided when a packet leaves, all is known when it comes, and no event is
     * needed: the waiting packets, oldest first, in a ring: when each begins to be sent, and how long it is.
     */
    private long[] startNs = new long[64];

    private int[] lengths = new int[64];
    private int first;
    private int count;
    private long waitingBytes;
    private long busyUntilNs = Long.MIN_VALUE;
    /** What rounding to nanoseconds has left, in 1/rate ns: the rate is exact in the long run. */
    private long remainder;

    /** Otherwise the packets themselves wait here. */
    private WaitingQueue queue;

    private SimulatedNetwork network;
    private long offered;
    private long offeredBytes;
    private long dropped;
    private long droppedBytes;
    private long peakBytes;

    /**
     * @param bitsPerSecond of link-layer frames, 1 .. 10^12
     */
    public Bottleneck(long bitsPerSecond, QueuePolicy policy) {
        this.bitsPerSecond = rateInRange(bitsPerSecond);
        this.policy = policy;
    }

    private static long rateInRange(long bitsPerSecond) {
        if (bitsPerSecond < 1 || bitsPerSecond > 1_000_000_000_000L) {
            throw new IllegalArgumentException("a rate of " + bitsPerSecond + " bit/s");
        }
        return bitsPerSecond;
    }

    /**
     * Another rate, from now on. At the first change of all, what waits and is being sent still leaves as fast as it was
     * to when it came, unless the queue is CoDel's; from then on the change is exact, to the bit that is being sent.
     */
    public void rate(long newBitsPerSecond) {
        long before = bitsPerSecond;
        bitsPerSecond = rateInRange(newBitsPerSecond);
        if (queue != null) {
            queue.changeRate(before, bitsPerSecond, network.nowNs());
        } else if (offered > 0) {
            queue = new WaitingQueue(network, this, policy, busyUntilNs);
        }
    }

    /** A link that leads through here: all of them belong to one network. */
    void attach(SimulatedNetwork newNetwork) {
        if (network != null && network != newNetwork) {
            throw new IllegalArgumentException("a bottleneck belongs to one network");
        }
        if (network == null) {
            network = newNetwork;
            if (policy.isCodel()) {
                queue = new WaitingQueue(network, this, policy, Long.MIN_VALUE);
            }
        }
    }

    /** A packet arrives from {@code side}, which is told what becomes of it, now or later. */
    void take(LinkSide side, Frame frame, long nowNs) {
        if (queue != null) {
            offered++;
            offeredBytes += frame.length();
            queue.take(side, frame, nowNs);
            return;
        }
        long sentNs = admit(frame.length(), nowNs);
        if (sentNs == DROPPED) {
            side.drop(LinkEvent.QUEUE_FULL, frame, nowNs);
        } else {
            side.propagate(frame, sentNs, isMarking(), nowNs);
        }
    }

    /**
     * A packet arrives.
     *
     * @param length bytes, 1 .. 65,557
     * @return when its last bit is sent, or {@link #DROPPED}
     */
    long admit(int length, long nowNs) {
        offered++;
        offeredBytes += length;
        release(nowNs);
        if (busyUntilNs <= nowNs) {
            busyUntilNs = nowNs;
            remainder = 0;
        } else if (waitingBytes + length > policy.maxBytes() || count >= policy.maxPackets()) {
            dropped(length);
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
        peak(waitingBytes);
    }

    private void release(long nowNs) {
        while (count > 0 && startNs[first] <= nowNs) {
            waitingBytes -= lengths[first];
            first = (first + 1) & (lengths.length - 1);
            count--;
        }
    }

    /** Bounded by the queue. */
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

    /** After {@link #admit}: more waits than the policy lets go unmarked. */
    boolean isMarking() {
        return waitingBytes > policy.markingBytes();
    }

    void dropped(int length) {
        dropped++;
        droppedBytes += length;
    }

    void peak(long bytes) {
        peakBytes = Math.max(peakBytes, bytes);
    }

    void clear() {
        if (queue != null) {
            queue.clear();
        }
    }

    /** Bytes that wait at {@code nowNs}, the packet that is being sent not counted; time does not run backwards. */
    public long waitingBytes(long nowNs) {
        release(nowNs);
        return waitingBytes + (queue == null ? 0 : queue.waitingBytes());
    }

    /** The rate now. */
    public long bitsPerSecond() {
        return bitsPerSecond;
    }

    /** How the queue is managed. */
    public QueuePolicy policy() {
        return policy;
    }

    /** Packets that arrived. */
    public long offered() {
        return offered;
    }

    /** Their bytes. */
    public long offeredBytes() {
        return offeredBytes;
    }

    /** Packets that found no room, or that CoDel dropped. */
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
