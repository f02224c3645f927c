package dev.penstock.stack.sim;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.FramePool;

/**
 * A cable between two nodes, each direction with its own delay, rate, loss and the like, see {@link LinkSide}. Made by
 * {@link SimulatedNetwork#link} with loose ends, into which nodes are plugged.
 */
public final class SimulatedLink {
    private static final int LINK_HEADERS = 22;

    private final FramePool pool;
    private final int mtu;
    private final LinkEnd a;
    private final LinkEnd b;
    private final LinkSide aToB;
    private final LinkSide bToA;

    SimulatedLink(SimulatedNetwork network, long macA, long macB, int mtu, RandomSource random) {
        this.mtu = mtu;
        pool = new FramePool(Math.min(mtu + LINK_HEADERS, Frame.MAX_LENGTH), 2 * LinkSide.MAX_FRAMES);
        a = new LinkEnd(network, this, macA, mtu);
        b = new LinkEnd(network, this, macB, mtu);
        aToB = new LinkSide(network, pool, RandomSource.seeded(random.nextLong()), a, b, mtu);
        bToA = new LinkSide(network, pool, RandomSource.seeded(random.nextLong()), b, a, mtu);
        a.connect(aToB, bToA);
        b.connect(bToA, aToB);
    }

    /** The one end. */
    public LinkEnd a() {
        return a;
    }

    /** The other end. */
    public LinkEnd b() {
        return b;
    }

    /** What is sent at {@link #a()}. */
    public LinkSide aToB() {
        return aToB;
    }

    /** What is sent at {@link #b()}. */
    public LinkSide bToA() {
        return bToA;
    }

    /** The MTU that it was made with, bytes of IP packet; that of a direction may be less now. */
    public int mtu() {
        return mtu;
    }

    /** {@link LinkSide#cut}, both directions. */
    public SimulatedLink cut(boolean on) {
        aToB.cut(on);
        bToA.cut(on);
        return this;
    }

    /** {@link LinkSide#delay(long)}, both directions. */
    public SimulatedLink delay(long ns) {
        aToB.delay(ns);
        bToA.delay(ns);
        return this;
    }

    /** {@link LinkSide#loss(double)}, both directions. */
    public SimulatedLink loss(double probability) {
        aToB.loss(probability);
        bToA.loss(probability);
        return this;
    }

    /** {@link LinkSide#rate(long, QueuePolicy)}, each direction with a queue of its own. */
    public SimulatedLink rate(long bitsPerSecond, QueuePolicy queue) {
        aToB.rate(bitsPerSecond, queue);
        bToA.rate(bitsPerSecond, queue);
        return this;
    }

    /** {@link LinkSide#mtu(int)}, both directions. */
    public SimulatedLink mtu(int bytes) {
        aToB.mtu(bytes);
        bToA.mtu(bytes);
        return this;
    }

    /** {@link LinkSide#perfect}, both directions. */
    public SimulatedLink perfect() {
        aToB.perfect();
        bToA.perfect();
        return this;
    }

    /** {@link LinkSide#sparesDiscovery}, both directions. */
    public SimulatedLink sparesDiscovery(boolean on) {
        aToB.sparesDiscovery(on);
        bToA.sparesDiscovery(on);
        return this;
    }

    /** {@link LinkSide#observe}, both directions. */
    public SimulatedLink observe(LinkObserver observer) {
        aToB.observe(observer);
        bToA.observe(observer);
        return this;
    }

    void close() {
        a.close();
        b.close();
    }

    int outstanding() {
        return pool.outstanding();
    }

    /** From node to node: {@code a-b}. */
    @Override
    public String toString() {
        return a + "-" + b;
    }
}
