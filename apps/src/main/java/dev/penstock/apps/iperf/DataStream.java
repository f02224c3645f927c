package dev.penstock.apps.iperf;

import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;

/**
 * One stream of a test, in one direction: counts what it moves, and paces itself when a rate is asked for. Shard thread.
 */
abstract class DataStream extends Deadline {
    /** A paced sender catches up with at most so much of missed time at once. */
    private static final long MOST_BEHIND_NS = 100_000_000;

    final IperfSettings settings;
    final boolean sender;
    private final DeadlineQueue deadlines;
    /** From 1; as iperf3 counts them. */
    int id;

    private boolean running;
    private boolean stopped;
    private Budget budget = Budget.none();
    private long paceStartNs;
    private long pacedBytes;

    /** Since the start, or since the end of what is omitted. */
    long bytes;

    long packets;
    long lost;
    long outOfOrder;
    long jitterNs;
    private long intervalBytes;
    private long intervalPackets;
    private long intervalLost;
    private long intervalOutOfOrder;
    private long intervalRetransmits;
    private long omittedRetransmits;
    private long omittedPackets;
    private long omittedLost;

    DataStream(IperfSettings settings, boolean sender, DeadlineQueue deadlines) {
        this.settings = settings;
        this.sender = sender;
        this.deadlines = deadlines;
    }

    /** Sends what goes now. */
    abstract void pump(long nowNs);

    /** Segments sent again since the beginning, -1 where nobody knows. */
    long retransmits(long nowNs) {
        return -1;
    }

    /** The congestion window, bytes; -1 where there is none. */
    long cwnd(long nowNs) {
        return -1;
    }

    /** Says to the peer that no more comes, behind what was sent already. */
    void endOutput(long nowNs) {}

    /** Lets go of socket and peer. */
    abstract void close(long nowNs);

    /** @param shared what all streams together may move */
    final void start(Budget shared, long nowNs) {
        running = true;
        budget = shared;
        shared.take(this, bytes);
        paceStartNs = nowNs;
        pacedBytes = 0;
        if (sender) {
            pump(nowNs);
        }
    }

    final void stop() {
        running = false;
        stopped = true;
        deadlines.cancel(this);
    }

    @Override
    protected void onDeadline(long nowNs) {
        pump(nowNs);
    }

    /**
     * How many bytes may be sent now, at most {@code most}; 0 when it is not time yet: {@link #pump} is called when it is.
     *
     * @param whole a datagram goes as a whole or not at all
     */
    final int allowance(int most, boolean whole, long nowNs) {
        if (!running || !sender) {
            return 0;
        }
        int n = (int) Math.min(most, budget.left());
        if (n <= 0) {
            return 0;
        }
        long rate = settings.effectiveRate();
        if (rate == 0) {
            return whole ? most : n;
        }
        long dueNs = paceStartNs + nanosFor(pacedBytes, rate);
        if (nowNs < dueNs) {
            deadlines.schedule(this, dueNs);
            return 0;
        }
        if (nowNs - dueNs > MOST_BEHIND_NS) {
            paceStartNs += nowNs - dueNs - MOST_BEHIND_NS;
        }
        return whole ? most : n;
    }

    private static long nanosFor(long bytes, long bitsPerSecond) {
        return (long) (bytes * 8e9 / bitsPerSecond);
    }

    final void sent(long n) {
        pacedBytes += n;
        count(n);
    }

    /** What comes in the moment before the word to begin counts, too: it may have overtaken it. */
    final void count(long n) {
        if (!stopped) {
            bytes += n;
            intervalBytes += n;
            budget.take(this, n);
        }
    }

    /** False while something that was sent may be on its way. */
    boolean isDrained() {
        return true;
    }

    final boolean isStopped() {
        return stopped;
    }

    /** What was counted so far does not count. */
    final void omit(long nowNs) {
        bytes = 0;
        omittedPackets = packets;
        omittedLost = lost;
        omittedRetransmits = Math.max(0, retransmits(nowNs));
        outOfOrder = 0;
        intervalBytes = 0;
        intervalPackets = packets;
        intervalLost = lost;
        intervalOutOfOrder = 0;
    }

    final long omittedPackets() {
        return omittedPackets;
    }

    final long omittedLost() {
        return omittedLost;
    }

    /** What was moved since the last call. */
    final IperfInterval interval(long startNs, long endNs, boolean omitted, long nowNs) {
        long retransmits = retransmits(nowNs);
        IperfInterval interval = new IperfInterval(
                id,
                sender,
                settings.udp,
                startNs,
                endNs,
                intervalBytes,
                retransmits < 0 ? -1 : retransmits - intervalRetransmits,
                cwnd(nowNs),
                packets - intervalPackets,
                lost - intervalLost,
                outOfOrder - intervalOutOfOrder,
                jitterNs,
                omitted);
        intervalBytes = 0;
        intervalPackets = packets;
        intervalLost = lost;
        intervalOutOfOrder = outOfOrder;
        intervalRetransmits = retransmits;
        return interval;
    }

    /** What was moved in all that counts. */
    final IperfInterval total(long endNs, long nowNs) {
        long retransmits = retransmits(nowNs);
        return new IperfInterval(
                id,
                sender,
                settings.udp,
                0,
                endNs,
                bytes,
                retransmits < 0 ? -1 : retransmits - omittedRetransmits,
                cwnd(nowNs),
                packets - omittedPackets,
                lost - omittedLost,
                outOfOrder,
                jitterNs,
                false);
    }
}
