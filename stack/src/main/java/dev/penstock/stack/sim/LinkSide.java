package dev.penstock.stack.sim;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.device.FrameFilter;
import dev.penstock.stack.device.Packets;
import dev.penstock.stack.wire.EthernetHeader;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One direction of a {@link SimulatedLink}. A new one is perfect, without delay and without a limit of its rate; each
 * effect may be changed at any time, {@link SimulatedNetwork#at} included. Every method that sets one answers this
 * direction again.
 *
 * <p>A frame passes, in this order: a cut, the script, the MTU, the bottleneck with its queue; then, on the wire, loss,
 * duplication, and, each copy for itself, corruption, delay, jitter and reordering. What is on its way is bounded, see
 * {@link #MAX_FRAMES}. What became of how many frames is told by {@link #count}.
 *
 * <p>One thread, virtual time; probabilities are 0 .. 1, and all randomness is this direction's own, from the network's
 * seed, so that what one link does leaves all others as they were.
 */
public final class LinkSide {
    /** The most frames on their way; at the limit the newest is dropped. */
    public static final int MAX_FRAMES = 1 << 18;

    static final LinkObserver[] NONE = {};
    private static final QueuePolicy DEFAULT_QUEUE = QueuePolicy.dropTailPackets(1000);
    private static final long DEFAULT_HOLD_NS = 10_000_000;

    private final SimulatedNetwork network;
    private final FramePool pool;
    private final RandomSource random;
    private final LinkEnd from;
    private final LinkEnd to;
    private final int number;
    private final int maxMtu;
    private final ArrivalLine line = new ArrivalLine();
    private final HeldFrames held;
    private final GilbertElliott.State burstState = new GilbertElliott.State();
    private final long[] counts = new long[LinkEvent.values().length];

    private boolean cut;
    private FrameFilter script;
    private int mtu;
    private Bottleneck bottleneck;
    private double loss;
    private GilbertElliott burstLoss;
    private double duplicate;
    private double corrupt;
    private long delayNs;
    private long jitterNs;
    private boolean inOrder;
    private long lastDueNs;
    private double reorder;
    private long reorderNs;
    private double holdBack;
    private int holdBackBehind;
    private long holdBackNs;
    private boolean sparesDiscovery;
    private LinkObserver[] observers = NONE;

    LinkSide(SimulatedNetwork network, FramePool pool, RandomSource random, LinkEnd from, LinkEnd to, int mtu) {
        this.network = network;
        this.number = (int) from.macAddress();
        this.pool = pool;
        this.random = random;
        this.from = from;
        this.to = to;
        this.mtu = mtu;
        this.maxMtu = mtu;
        this.held = new HeldFrames(this, network);
    }

    // --- what it does to frames ---

    /** Drops everything while {@code on}: alone, a link that is half open. What is on its way arrives. */
    public LinkSide cut(boolean on) {
        cut = on;
        return this;
    }

    /** Drops what {@code filter} matches, see {@link Match}; null for no script. */
    public LinkSide drop(FrameFilter filter) {
        script = filter;
        return this;
    }

    /** Drops frames whose IP packet is longer than {@code bytes}, 68 .. what the link was made with. */
    public LinkSide mtu(int bytes) {
        if (bytes < 68 || bytes > maxMtu) {
            throw new IllegalArgumentException("an MTU must be in 68 .. " + maxMtu + " here: " + bytes);
        }
        mtu = bytes;
        return this;
    }

    /** Limits the rate, bits per second of link-layer frames; 0 for no limit. At most 1,000 packets wait. */
    public LinkSide rate(long bitsPerSecond) {
        if (bitsPerSecond == 0) {
            return bottleneck(null);
        }
        if (bottleneck != null) {
            bottleneck.rate(bitsPerSecond);
            return this;
        }
        return rate(bitsPerSecond, DEFAULT_QUEUE);
    }

    /** Limits the rate with a new, empty queue in front. */
    public LinkSide rate(long bitsPerSecond, QueuePolicy queue) {
        return bottleneck(new Bottleneck(bitsPerSecond, queue));
    }

    /** Frames pass {@code shared} first, which may be that of other links, too; null for no limit of the rate. */
    public LinkSide bottleneck(Bottleneck shared) {
        if (shared != null) {
            shared.attach(network);
        }
        if (bottleneck != null && bottleneck != shared) {
            network.retire(bottleneck);
        }
        bottleneck = shared;
        return this;
    }

    /** Loses each frame with this probability, independently. */
    public LinkSide loss(double probability) {
        loss = probability(probability);
        return this;
    }

    /** Loses frames in bursts, beside {@link #loss(double)}; null for none. */
    public LinkSide loss(GilbertElliott bursts) {
        burstLoss = bursts;
        return this;
    }

    /** Delivers each frame twice with this probability. */
    public LinkSide duplicate(double probability) {
        duplicate = probability(probability);
        return this;
    }

    /**
     * Flips one bit of each frame with this probability: of its IP packet, whose checksums must notice. Other frames, ARP
     * among them, stay whole: what protects them on a real link is the Ethernet checksum, and a frame that fails it is
     * simply lost.
     */
    public LinkSide corrupt(double probability) {
        corrupt = probability(probability);
        return this;
    }

    /** Delays each frame by {@code ns}. */
    public LinkSide delay(long ns) {
        delayNs = notNegative(ns);
        return this;
    }

    /** As {@link #delay(long)}, and {@link #jitter}. */
    public LinkSide delay(long ns, long jitter) {
        return delay(ns).jitter(jitter);
    }

    /** Delays each frame by a uniformly drawn part of {@code ns} more, which reorders, unless {@link #inOrder}. */
    public LinkSide jitter(long ns) {
        jitterNs = notNegative(ns);
        return this;
    }

    /** While {@code on}, no frame arrives before one that was sent earlier, whatever the delays. */
    public LinkSide inOrder(boolean on) {
        inOrder = on;
        return this;
    }

    /** Delays a frame, with this probability, by up to {@code atMostNs} more (uniformly), so that others overtake it. */
    public LinkSide reorder(double probability, long atMostNs) {
        reorderNs = notNegative(atMostNs);
        reorder = probability(probability);
        return this;
    }

    /**
     * Holds a frame back, with this probability, until {@code behind} later ones have gone before it, but at most
     * {@code maxHoldNs}. At most 64 are held.
     */
    public LinkSide holdBack(double probability, int behind, long maxHoldNs) {
        if (behind < 1) {
            throw new IllegalArgumentException("behind " + behind + " frames");
        }
        holdBackNs = notNegative(maxHoldNs);
        holdBackBehind = behind;
        holdBack = probability(probability);
        return this;
    }

    /** As {@link #holdBack(double, int, long)}, at most 10 ms. */
    public LinkSide holdBack(double probability, int behind) {
        return holdBack(probability, behind, DEFAULT_HOLD_NS);
    }

    /**
     * While {@code on}, ARP and neighbour discovery pass at once and are never lost, as if the neighbours had been
     * configured: for measuring what runs over IP.
     */
    public LinkSide sparesDiscovery(boolean on) {
        sparesDiscovery = on;
        return this;
    }

    /** No loss, script, duplication, corruption, jitter nor reordering any more; cut, rate, delay and MTU stay. */
    public LinkSide perfect() {
        loss = 0;
        burstLoss = null;
        script = null;
        duplicate = 0;
        corrupt = 0;
        jitterNs = 0;
        reorder = 0;
        holdBack = 0;
        return this;
    }

    /** Shows what happens here to {@code observer}, too. */
    public LinkSide observe(LinkObserver observer) {
        observers = Arrays.copyOf(observers, observers.length + 1);
        observers[observers.length - 1] = observer;
        return this;
    }

    // --- the way through ---

    void accept(Frame frame) {
        long now = network.nowNs();
        event(LinkEvent.OFFERED, frame, now);
        if (sparesDiscovery && Match.isDiscovery(frame)) {
            Frame copy = copy(frame);
            if (copy == null) {
                drop(LinkEvent.OVERFLOWED, frame, now);
            } else {
                event(LinkEvent.SENT, frame, now);
                arrive(copy, now, now);
            }
        } else if (cut) {
            drop(LinkEvent.CUT_OFF, frame, now);
        } else if (script != null && script.matches(frame)) {
            drop(LinkEvent.SCRIPTED, frame, now);
        } else if (frame.length() - linkLength(frame) > mtu) {
            drop(LinkEvent.TOO_LONG, frame, now);
        } else if (bottleneck != null) {
            bottleneck.take(this, frame, now);
        } else {
            propagate(frame, now, false, now);
        }
    }

    private static int linkLength(Frame frame) {
        int length = Packets.linkLength(frame.buffer(), frame.start(), frame.headLength());
        return length < 0 ? EthernetHeader.LENGTH : length;
    }

    /** The last bit of {@code frame} leaves the transmitter at {@code sentNs}; {@code mark}, if ECN-capable. */
    void propagate(Frame frame, long sentNs, boolean mark, long nowNs) {
        if (chance(loss) || (burstLoss != null && burstState.loses(burstLoss, random))) {
            drop(LinkEvent.LOST, frame, nowNs);
            return;
        }
        boolean twice = chance(duplicate);
        if (!propagateCopy(frame, sentNs, mark, nowNs)) {
            drop(LinkEvent.OVERFLOWED, frame, nowNs);
            return;
        }
        if (twice && propagateCopy(frame, sentNs, mark, nowNs)) {
            event(LinkEvent.DUPLICATED, frame, nowNs);
        }
        event(LinkEvent.SENT, frame, nowNs);
    }

    private boolean propagateCopy(Frame frame, long sentNs, boolean mark, long nowNs) {
        Frame copy = copy(frame);
        if (copy == null) {
            return false;
        }
        if (mark) {
            mark(copy, nowNs);
        }
        if (chance(corrupt)) {
            flipOneBit(copy, nowNs);
        }
        if (holdBack > 0 && held.hasRoom() && chance(holdBack)) {
            event(LinkEvent.REORDERED, copy, nowNs);
            held.hold(copy, holdBackBehind, holdBackNs, nowNs);
            return true;
        }
        long due = sentNs + delayNs;
        if (jitterNs > 0) {
            due += (long) (random.nextDouble() * jitterNs);
        }
        if (chance(reorder)) {
            event(LinkEvent.REORDERED, copy, nowNs);
            due += (long) (random.nextDouble() * reorderNs);
        }
        if (inOrder) {
            due = Math.max(due, lastDueNs);
            lastDueNs = due;
        }
        arrive(copy, due, nowNs);
        held.pass(nowNs);
        return true;
    }

    /** A frame that was held back goes on; no others overtake it any more. */
    void release(Frame copy, long nowNs) {
        arrive(copy, nowNs + delayNs, nowNs);
    }

    private void arrive(Frame copy, long due, long nowNs) {
        if (line.add(copy, due)) {
            to.onNext(due, nowNs);
        }
    }

    /** A copy that travels, or null if there are too many. */
    Frame copy(Frame frame) {
        Frame copy = pool.outstanding() < 2 * MAX_FRAMES ? pool.acquire() : null;
        if (copy != null) {
            frame.copyTo(copy.buffer(), copy.append(frame.length()));
            copy.rx().partial = frame.tx().checksumNeeded || frame.rx().partial;
        }
        return copy;
    }

    void drop(LinkEvent reason, Frame frame, long nowNs) {
        event(reason, frame, nowNs);
    }

    /** RFC 3168, section 5: a router "can set the CE codepoint" of a packet whose ECT codepoint is set. */
    void mark(Frame copy, long nowNs) {
        if (EcnMark.mark(copy)) {
            event(LinkEvent.MARKED, copy, nowNs);
        }
    }

    private void flipOneBit(Frame copy, long nowNs) {
        UnsafeBuffer b = copy.buffer();
        int link = Packets.linkLength(b, copy.start(), copy.headLength());
        if (link < 0 || link == copy.headLength()) {
            return;
        }
        if (copy.rx().partial) {
            // A checksum that is not there cannot notice.
            Packets.completeChecksum(b, copy.start(), copy.headLength());
            copy.rx().partial = false;
        }
        int bit = random.nextInt((copy.headLength() - link) * 8);
        int at = copy.start() + link + (bit >>> 3);
        b.putByte(at, (byte) (b.getByte(at) ^ 1 << (bit & 7)));
        event(LinkEvent.CORRUPTED, copy, nowNs);
    }

    /** When the next frame arrives; {@link Long#MAX_VALUE} if none is on its way. */
    long nextNs() {
        return line.nextNs();
    }

    /** The next frame, if it has arrived, or null: it is the caller's to release. */
    Frame take(long nowNs) {
        while (line.nextNs() <= nowNs) {
            Frame frame = line.removeFirst();
            if (!network.isPartitioned() || network.joins(frame, to)) {
                event(LinkEvent.DELIVERED, frame, nowNs);
                return frame;
            }
            drop(LinkEvent.PARTITIONED, frame, nowNs);
            frame.release();
        }
        return null;
    }

    void clear() {
        held.clear();
        Frame frame;
        while ((frame = line.removeFirst()) != null) {
            frame.release();
        }
        if (bottleneck != null) {
            bottleneck.clear();
        }
    }

    @SuppressWarnings("EnumOrdinal")
    void event(LinkEvent event, Frame frame, long nowNs) {
        counts[event.ordinal()]++;
        for (LinkObserver observer : observers) {
            observer.onEvent(event, this, frame, nowNs);
        }
        for (LinkObserver observer : network.observers()) {
            observer.onEvent(event, this, frame, nowNs);
        }
    }

    private boolean chance(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    static double probability(double p) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("a probability must be in 0 .. 1: " + p);
        }
        return p;
    }

    private static long notNegative(long ns) {
        if (ns < 0) {
            throw new IllegalArgumentException("a delay of " + ns + " ns");
        }
        return ns;
    }

    // --- what happened ---

    /** How often that happened here since the beginning. */
    @SuppressWarnings("EnumOrdinal")
    public long count(LinkEvent event) {
        return counts[event.ordinal()];
    }

    /** Frames that are on their way. */
    public int inFlight() {
        return line.size();
    }

    /** The MTU now, bytes of IP packet. */
    public int mtu() {
        return mtu;
    }

    /** Unique in its network. */
    int number() {
        return number;
    }

    /** Where it begins. */
    LinkEnd from() {
        return from;
    }

    /** Where it ends. */
    LinkEnd to() {
        return to;
    }

    /** From node to node: {@code a>b}. */
    @Override
    public String toString() {
        return from + ">" + to;
    }
}
