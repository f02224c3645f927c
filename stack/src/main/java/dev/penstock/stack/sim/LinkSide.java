package dev.penstock.stack.sim;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.Wire;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One direction of a {@link SimulatedLink}: a bottleneck, loss, delay and reordering, in this order. A new one is perfect
 * and without delay; each effect may be changed at any time. What is on its way is bounded, see {@link #MAX_FRAMES}.
 *
 * <p>ARP passes at once and is never lost, as if the neighbours had been configured: what is measured is what runs over
 * IP. One thread, virtual time.
 */
public final class LinkSide {
    /** The most frames on their way; at the limit the newest is dropped, and {@link #overflowed} counts it. */
    public static final int MAX_FRAMES = 1 << 18;

    private static final int CE = 3;

    private final LinkNetwork network;
    private final FramePool pool;
    private final RandomSource random;
    private final LinkEnd to;

    private Bottleneck bottleneck;
    private double loss;
    private long delayNs;
    private double reorder;
    private long reorderNs;
    private LinkObserver observer;

    /** In a ring, in the order in which they are due. */
    private Frame[] frames = new Frame[64];

    private long[] dueNs = new long[64];
    private int first;
    private int count;

    private long offered;
    private long lost;
    private long dropped;
    private long marked;
    private long reordered;
    private long overflowed;
    private long delivered;

    LinkSide(LinkNetwork network, FramePool pool, RandomSource random, LinkEnd to) {
        this.network = network;
        this.pool = pool;
        this.random = random;
        this.to = to;
    }

    /** Frames pass {@code shared} first, which may be that of other links, too; null for no limit of the rate. */
    public LinkSide bottleneck(Bottleneck shared) {
        bottleneck = shared;
        return this;
    }

    /** Loses each frame with this probability, 0 .. 1, independently. */
    public LinkSide loss(double probability) {
        loss = probability(probability);
        return this;
    }

    /** Delays each frame by {@code ns}. */
    public LinkSide delay(long ns) {
        if (ns < 0) {
            throw new IllegalArgumentException("a delay of " + ns + " ns");
        }
        delayNs = ns;
        return this;
    }

    /** Delays a frame, with this probability, by up to {@code atMostNs} more (uniformly), so that others overtake it. */
    public LinkSide reorder(double probability, long atMostNs) {
        if (atMostNs < 0) {
            throw new IllegalArgumentException("a delay of " + atMostNs + " ns");
        }
        reorder = probability(probability);
        reorderNs = atMostNs;
        return this;
    }

    /** Shows what passes to {@code newObserver}; null ends it. */
    public LinkSide observe(LinkObserver newObserver) {
        observer = newObserver;
        return this;
    }

    // --- the way through ---

    void accept(Frame frame) {
        long now = network.nowNs();
        if (EthernetHeader.type(frame.buffer(), frame.start()) == EthernetHeader.TYPE_ARP) {
            enqueue(frame, now, false);
            return;
        }
        offered++;
        if (observer != null) {
            observer.onOffered(frame, now);
        }
        long sent = now;
        boolean mark = false;
        if (bottleneck != null) {
            sent = bottleneck.admit(frame.length(), now);
            if (sent == Bottleneck.DROPPED) {
                dropped++;
                return;
            }
            mark = bottleneck.isMarking();
        }
        if (loss > 0 && random.nextDouble() < loss) {
            lost++;
            return;
        }
        long due = sent + delayNs;
        if (reorder > 0 && random.nextDouble() < reorder) {
            reordered++;
            due += (long) (random.nextDouble() * reorderNs);
        }
        enqueue(frame, due, mark);
    }

    private void enqueue(Frame frame, long due, boolean mark) {
        Frame copy = count < MAX_FRAMES && frame.length() <= pool.frameCapacity() ? pool.acquire() : null;
        if (copy == null) {
            overflowed++;
            return;
        }
        frame.copyTo(copy.buffer(), copy.append(frame.length()));
        copy.rx().partial = frame.tx().checksumNeeded;
        if (mark) {
            mark(copy);
        }
        if (count == frames.length) {
            grow();
        }
        // Nearly always the last place is the right one; what is due earlier than others goes before them.
        int mask = frames.length - 1;
        int at = count++;
        while (at > 0 && dueNs[(first + at - 1) & mask] > due) {
            frames[(first + at) & mask] = frames[(first + at - 1) & mask];
            dueNs[(first + at) & mask] = dueNs[(first + at - 1) & mask];
            at--;
        }
        frames[(first + at) & mask] = copy;
        dueNs[(first + at) & mask] = due;
        if (at == 0) {
            to.onNext(due);
        }
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

    /** RFC 3168, section 5: a router "can set the CE codepoint" of a packet whose ECT codepoint is set. IPv4 only. */
    private void mark(Frame copy) {
        UnsafeBuffer b = copy.buffer();
        int ip = copy.start() + EthernetHeader.LENGTH;
        if (EthernetHeader.type(b, copy.start()) != EthernetHeader.TYPE_IPV4 || (Ipv4Header.tos(b, ip) & CE) == 0) {
            return;
        }
        Wire.u8(b, ip + 1, Ipv4Header.tos(b, ip) | CE);
        Ipv4Header.putChecksum(b, ip, Ipv4Header.headerLength(b, ip));
        marked++;
    }

    /** When the next frame arrives; {@link Long#MAX_VALUE} if none is on its way. */
    long nextNs() {
        return count == 0 ? Long.MAX_VALUE : dueNs[first];
    }

    /** The next frame, if it has arrived, or null: it is the caller's to release. */
    Frame take(long nowNs) {
        if (count == 0 || dueNs[first] > nowNs) {
            return null;
        }
        Frame frame = frames[first];
        frames[first] = null;
        first = (first + 1) & (frames.length - 1);
        count--;
        if (EthernetHeader.type(frame.buffer(), frame.start()) != EthernetHeader.TYPE_ARP) {
            delivered++;
            if (observer != null) {
                observer.onDelivered(frame, nowNs);
            }
        }
        return frame;
    }

    void clear() {
        for (; count > 0; count--) {
            frames[first].release();
            frames[first] = null;
            first = (first + 1) & (frames.length - 1);
        }
    }

    private static double probability(double p) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("a probability must be in 0 .. 1: " + p);
        }
        return p;
    }

    // --- what happened ---

    /** Frames that came, ARP not counted here nor below. */
    public long offered() {
        return offered;
    }

    /** Frames lost by chance. */
    public long lost() {
        return lost;
    }

    /** Frames that the bottleneck's queue had no room for. */
    public long dropped() {
        return dropped;
    }

    /** Frames that were marked as having met congestion. */
    public long marked() {
        return marked;
    }

    /** Frames that others could overtake. */
    public long reordered() {
        return reordered;
    }

    /** Frames dropped because too many were on their way, or too long. */
    public long overflowed() {
        return overflowed;
    }

    /** Frames that arrived. */
    public long delivered() {
        return delivered;
    }
}
