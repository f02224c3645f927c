package dev.penstock.stack.sim;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.wire.MacAddress;

/**
 * A cable between two hosts of a {@link LinkNetwork}, each direction with a rate, a queue, loss, delay and reordering of
 * its own.
 */
public final class SimulatedLink {
    private static final int LINK_HEADERS = 22;

    private final FramePool pool;
    private final LinkEnd a;
    private final LinkEnd b;
    private final LinkSide aToB;
    private final LinkSide bToA;

    SimulatedLink(LinkNetwork network, int number, int mtu, RandomSource random) {
        pool = new FramePool(Math.min(mtu + LINK_HEADERS, Frame.MAX_LENGTH), 2 * LinkSide.MAX_FRAMES);
        a = new LinkEnd(network, MacAddress.locallyAdministered(2 * number + 1), mtu);
        b = new LinkEnd(network, MacAddress.locallyAdministered(2 * number + 2), mtu);
        aToB = new LinkSide(network, pool, RandomSource.seeded(random.nextLong()), b);
        bToA = new LinkSide(network, pool, RandomSource.seeded(random.nextLong()), a);
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

    void close() {
        a.close();
        b.close();
    }

    void assertAllReturned() {
        pool.assertAllReturned();
    }
}
