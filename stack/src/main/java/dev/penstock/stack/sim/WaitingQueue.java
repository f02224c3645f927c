package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.timer.Deadline;
import java.util.Arrays;

/**
 * A transmitter and the packets that wait for it, served one by one as virtual time passes: for disciplines that decide
 * when a packet leaves, and for rates that change. Packets of many links may wait. Allocates only to grow, and at most
 * for the packets that its policy allows.
 */
final class WaitingQueue extends Deadline {
    private final SimulatedNetwork network;
    private final Bottleneck owner;
    private final QueuePolicy policy;
    private final Codel codel;

    private Frame[] frames = new Frame[64];
    private LinkSide[] sides = new LinkSide[64];
    private long[] cameNs = new long[64];
    private int first;
    private int count;
    private long waitingBytes;
    private int maxPacket = 1;
    private boolean busy;
    /** What is being sent, and where it goes; null while what is being sent is known to have gone already. */
    private Frame inService;

    private LinkSide inServiceFrom;
    /** When the transmitter is free, the fraction of a nanosecond beside it in 1/rate. */
    private long freeNs;

    private long remainder;

    WaitingQueue(SimulatedNetwork network, Bottleneck owner, QueuePolicy policy, long freeNs) {
        this.network = network;
        this.owner = owner;
        this.policy = policy;
        this.codel = policy.isCodel() ? new Codel(policy.codelTargetNs(), policy.codelIntervalNs()) : null;
        this.freeNs = freeNs;
        if (freeNs > network.nowNs()) {
            busy = true;
            network.schedule(this, freeNs);
        }
    }

    long waitingBytes() {
        return waitingBytes;
    }

    /** A packet comes: it is sent at once, or waits, or is dropped. */
    void take(LinkSide side, Frame frame, long nowNs) {
        int length = frame.length();
        maxPacket = Math.max(maxPacket, length);
        boolean room = !busy || (count < policy.maxPackets() && waitingBytes + length <= policy.maxBytes());
        Frame copy = room ? side.copy(frame) : null;
        if (copy == null) {
            owner.dropped(length);
            side.drop(LinkEvent.QUEUE_FULL, frame, nowNs);
            return;
        }
        if (!busy) {
            if (codel != null) {
                codel.judge(0, 0, maxPacket, nowNs);
            }
            transmit(side, copy, nowNs);
            return;
        }
        if (count == frames.length) {
            grow();
        }
        int at = (first + count) & (frames.length - 1);
        frames[at] = copy;
        sides[at] = side;
        cameNs[at] = nowNs;
        count++;
        waitingBytes += length;
        owner.peak(waitingBytes);
        if (waitingBytes > policy.markingBytes()) {
            side.mark(copy, nowNs);
        }
    }

    private void transmit(LinkSide side, Frame frame, long nowNs) {
        if (freeNs < nowNs) {
            freeNs = nowNs;
            remainder = 0;
        }
        long bits = frame.length() * 8_000_000_000L + remainder;
        freeNs += bits / owner.bitsPerSecond();
        remainder = bits % owner.bitsPerSecond();
        busy = true;
        inService = frame;
        inServiceFrom = side;
        network.schedule(this, freeNs);
    }

    /** The rate is about to change: what is left of the packet that is being sent takes another time. */
    void changeRate(long from, long to, long nowNs) {
        if (inService != null && freeNs > nowNs) {
            freeNs = nowNs + (long) Math.ceil((freeNs - nowNs) * ((double) from / to));
            remainder = 0;
            network.schedule(this, freeNs);
        }
    }

    /** The transmitter is free. */
    @Override
    protected void onDeadline(long nowNs) {
        busy = false;
        if (inService != null) {
            Frame sent = inService;
            LinkSide from = inServiceFrom;
            inService = null;
            inServiceFrom = null;
            from.propagate(sent, nowNs, false, nowNs);
            sent.release();
        }
        while (count > 0) {
            LinkSide side = sides[first];
            long sojourn = nowNs - cameNs[first];
            Frame frame = removeFirst();
            if (codel != null && codel.judge(sojourn, waitingBytes, maxPacket, nowNs) == Codel.Verdict.DROP) {
                if (policy.codelEcn() && EcnMark.isCapable(frame)) {
                    side.mark(frame, nowNs);
                    codel.marked(nowNs);
                } else {
                    owner.dropped(frame.length());
                    side.drop(LinkEvent.CODEL, frame, nowNs);
                    frame.release();
                    continue;
                }
            }
            transmit(side, frame, nowNs);
            return;
        }
        if (codel != null) {
            codel.empty(nowNs);
        }
    }

    private Frame removeFirst() {
        Frame frame = frames[first];
        frames[first] = null;
        sides[first] = null;
        first = (first + 1) & (frames.length - 1);
        count--;
        waitingBytes -= frame.length();
        return frame;
    }

    private void grow() {
        int old = frames.length;
        Frame[] more = Arrays.copyOf(frames, old * 2);
        LinkSide[] owners = Arrays.copyOf(sides, old * 2);
        long[] times = Arrays.copyOf(cameNs, old * 2);
        for (int i = 0; i < count; i++) {
            int from = (first + i) & (old - 1);
            more[i] = frames[from];
            owners[i] = sides[from];
            times[i] = cameNs[from];
        }
        frames = more;
        sides = owners;
        cameNs = times;
        first = 0;
    }

    void clear() {
        while (count > 0) {
            removeFirst().release();
        }
        if (inService != null) {
            inService.release();
            inService = null;
        }
        network.cancel(this);
    }
}
