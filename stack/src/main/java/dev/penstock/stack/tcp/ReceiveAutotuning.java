package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.buffer.ByteQueue;
import dev.penstock.stack.buffer.ReceiveQueue;

/**
 * The size of a receive buffer that nobody has set (dynamic right-sizing, as in Fisk and Feng, 2001, and in Linux): twice
 * what the application takes in a round trip, and room for a sender that doubles its window each round trip. It only
 * grows, so nothing that was advertised is ever taken back, and it stops growing while memory is scarce.
 *
 * <p>A receiver that sends no data measures the round trip by the timestamps that come back with the data, or without
 * them by the time that a window takes to arrive, which is one round trip at least.
 */
final class ReceiveAutotuning {
    /** A coarser clock than this many ticks says nothing of a round trip. */
    private static final int LEAST_TICKS = 2;
    /** The buffer grows so much in a round trip at most: a sender in slow start doubles. */
    private static final int MOST_GROWTH = 4;

    /** Whose least round-trip time is below is next to us. */
    private static final long NEAR_NS = 1_000_000;

    private final Connection c;
    private final ReceiveState rcv;
    private ReceiveQueue queue;

    /** The round-trip time as the receiver sees it, 0 until known. */
    private long rttNs;
    /** What is beyond was sent when an acknowledgment of {@link #windowStartNs} or later had arrived: a round trip. */
    private int windowEnd;

    private long windowStartNs = Long.MIN_VALUE;
    private int lastEcho;
    /** The most that the application took in a round trip. */
    private long space;
    /** Where the application was in the stream when the running measurement began, and when that was. */
    private long spacePosition;

    private long spaceStartNs;

    ReceiveAutotuning(Connection c) {
        this.c = c;
        this.rcv = c.tcb.rcv;
        this.space = 10L * rcv.peerSegment;
    }

    /** The connection's receive queue is another from now on. */
    void use(ReceiveQueue newQueue) {
        queue = newQueue;
    }

    /** The limit with which a connection begins. */
    static int initial(TcpConfig config, TcpOptions options) {
        return options.receiveBuffer > 0
                ? options.receiveBuffer
                : Math.min(config.initialReceiveBuffer, config.maxReceiveBuffer);
    }

    /** The largest window that a connection with these options may ever offer, which its window scale must express. */
    static int largest(TcpConfig config, TcpOptions options) {
        int largest = options.receiveBuffer > 0 ? options.receiveBuffer : config.maxReceiveBuffer;
        return options.windowClamp > 0 ? Math.min(largest, options.windowClamp) : largest;
    }

    /** MSS and scale are known: FreeBSD's buffers hold whole segments. */
    void onEstablished() {
        c.window.fitBuffer();
        if (c.config.habits == TcpHabits.BSD) {
            int mss = Math.min(c.tcb.snd.peerMss, c.negotiation.announcedMss());
            inSegments(queue, mss);
            inSegments(c.sendQueue(), mss);
        }
    }

    private static void inSegments(ByteQueue queue, int mss) {
        if (queue.limit() > mss) {
            queue.setLimit((int) Math.min(Integer.MAX_VALUE, (queue.limit() + mss - 1L) / mss * mss));
        }
    }

    /** Data arrived in order, and RCV.NXT has moved. */
    void onData(Segment s, long nowNs) {
        if (rttNs == 0 && c.rtt.srttNs() > 0) {
            // The handshake has measured it.
            rttNs = c.rtt.srttNs();
        }
        if (rcv.timestamps && s.hasTimestamps && s.tsEcr != lastEcho && s.payloadLength >= rcv.peerSegment) {
            lastEcho = s.tsEcr;
            int ticks = c.negotiation.timestamp(nowNs) - s.tsEcr;
            if (ticks >= LEAST_TICKS && ticks < 600_000) {
                long sample = ticks * Negotiation.TIMESTAMP_TICK_NS;
                rttNs = rttNs == 0 ? sample : rttNs + (sample - rttNs) / 8;
            }
        }
        if (windowStartNs == Long.MIN_VALUE || SeqNum.gt(rcv.nxt, windowEnd)) {
            if (windowStartNs != Long.MIN_VALUE) {
                long sample = Math.max(1, nowNs - windowStartNs);
                rttNs = rttNs == 0 ? sample : Math.min(rttNs, sample);
            }
            windowStartNs = nowNs;
            windowEnd = rcv.nxt + Math.max(rcv.window(), rcv.peerSegment);
        }
        onRead(nowNs);
    }

    /** The application may have taken something. */
    void onRead(long nowNs) {
        if (rttNs == 0 || nowNs - spaceStartNs < rttNs) {
            return;
        }
        long position = queue.headPosition();
        long taken = position - spacePosition;
        if (taken > space) {
            if (c.options().receiveBuffer > 0 || !c.config.receiveAutotuning) {
                // Measured for TcpInfo alone.
                space = taken;
            } else if (!c.layer.chunks.isScarce()) {
                grow(taken);
                space = taken;
            }
        }
        spacePosition = position;
        spaceStartNs = nowNs;
    }

    private void grow(long taken) {
        int limit = queue.limit();
        long wanted = 2 * taken + 16L * rcv.peerSegment;
        // The window that a sender in slow start will use next is as much larger again.
        wanted += 2 * wanted * (taken - space) / space;
        wanted = Math.min(Math.min(wanted, (long) MOST_GROWTH * limit), Math.min(c.config.maxReceiveBuffer, queued()));
        if (wanted > limit) {
            queue.setLimit((int) wanted);
        }
    }

    /**
     * The window of a peer next to us is all in the queue of our own device when we are slower than it: no more than fits in there,
     * with room for others, or the peer fills it until it overflows, again and again. Within a millisecond that is no limit to the
     * rate of a device that hands over packets one by one; of a longer path most of the window is elsewhere.
     */
    private long queued() {
        int packets = c.path.receiveQueueLength();
        long minRtt = c.rtt.minRttNs();
        boolean near = packets > 0 && minRtt >= 0 && minRtt < NEAR_NS;
        return near ? packets * 3L / 4 * rcv.peerSegment : Long.MAX_VALUE;
    }

    void info(TcpInfo into) {
        into.receiveRttNs = rttNs == 0 ? TcpInfo.UNKNOWN : rttNs;
        into.receiveSpace = space;
    }

    void carry(StateCarrier s) {
        rttNs = s.number(rttNs);
        windowEnd = s.sequence(windowEnd, rcv.nxt);
        windowStartNs = s.time(windowStartNs);
        lastEcho = s.number(lastEcho);
        space = s.number(space);
        spacePosition = s.number(spacePosition);
        spaceStartNs = s.time(spaceStartNs);
    }
}
