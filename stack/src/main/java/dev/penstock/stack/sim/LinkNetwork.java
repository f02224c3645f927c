package dev.penstock.stack.sim;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/**
 * Whole stacks joined by point-to-point links, in one thread, in virtual time, from one seed; made for measuring. In
 * contrast to {@link SimulatedNetwork}, which has a switch and every kind of trouble, only the hosts run to which
 * something happens, so that a hundred of them cost little more than two.
 *
 * <pre>{@code
 * LinkNetwork net = LinkNetwork.seeded(42);
 * SimulatedLink link = net.link(1500);
 * link.aToB().delay(50_000_000).loss(0.01);
 * LinkedHost a = net.host(link.a(), "192.0.2.1/24", new ShardConfig());
 * LinkedHost b = net.host(link.b(), "192.0.2.2/24", new ShardConfig());
 * }</pre>
 *
 * <p>A link is a segment of its own: the addresses of one link may be used again on another.
 */
public final class LinkNetwork implements AutoCloseable {
    /** Virtual time starts here, so that a zero that was forgotten shows. */
    public static final long EPOCH_NS = 1_000_000_000L;

    private final long seed;
    private final RandomSource random;
    private final DeadlineQueue events = new DeadlineQueue();
    private final List<SimulatedLink> links = new ArrayList<>();
    private final List<LinkedHost> hosts = new ArrayList<>();
    private final List<Throwable> faults = new ArrayList<>();
    private long nowNs = EPOCH_NS;
    private boolean closed;

    private LinkNetwork(long seed) {
        this.seed = seed;
        this.random = RandomSource.seeded(seed);
    }

    /** A network without hosts whose whole randomness comes from {@code seed}. */
    public static LinkNetwork seeded(long seed) {
        return new LinkNetwork(seed);
    }

    /** A perfect link without delay. */
    public SimulatedLink link(int mtu) {
        SimulatedLink link = new SimulatedLink(this, links.size(), mtu, random);
        links.add(link);
        return link;
    }

    /** As {@link #host(LinkEnd, String, ShardConfig, UnaryOperator)}, with nothing in between. */
    public LinkedHost host(LinkEnd end, String prefix, ShardConfig config) {
        return host(end, prefix, config, device -> device);
    }

    /**
     * Plugs in a host.
     *
     * @param prefix its address, {@code "192.0.2.1/24"}
     * @param config read now
     * @param between puts something between the link and the stack, a capture for instance
     */
    public LinkedHost host(LinkEnd end, String prefix, ShardConfig config, UnaryOperator<NetworkDevice> between) {
        IpPrefix address = IpPrefix.parse(prefix);
        StackShard shard = StackShard.create(
                between.apply(end),
                config,
                List.of(address),
                null,
                () -> nowNs,
                RandomSource.seeded(random.nextLong()),
                faults::add);
        LinkedHost host = new LinkedHost(this, address.address(), end, shard);
        end.plug(host);
        shard.onStart();
        hosts.add(host);
        host.wakeAt(nowNs);
        return host;
    }

    /** What reproduces this run. */
    public long seed() {
        return seed;
    }

    /** The virtual time, nanoseconds; begins at {@link #EPOCH_NS}. */
    public long nowNs() {
        return nowNs;
    }

    void schedule(Deadline event, long atNs) {
        if (!closed) {
            events.schedule(event, Math.max(nowNs, atNs));
        }
    }

    /**
     * Goes to the next moment at which something happens and lets it happen to one host.
     *
     * @return false if nothing will ever happen by itself
     * @throws IllegalStateException with the seed, if a stack or a handler threw
     */
    public boolean step() {
        return stepBefore(Deadline.NEVER - 1);
    }

    private boolean stepBefore(long endNs) {
        long next = events.nextDeadlineNs();
        if (next > endNs) {
            return false;
        }
        nowNs = Math.max(nowNs, next);
        events.expire(nowNs, 1);
        if (!faults.isEmpty()) {
            throw new IllegalStateException("a stack failed, seed " + seed, faults.get(0));
        }
        return true;
    }

    /**
     * Runs until {@code done}, but at most for {@code forNs} of virtual time.
     *
     * @return whether it was done
     */
    public boolean runUntil(BooleanSupplier done, long forNs) {
        long end = nowNs + forNs;
        while (!done.getAsBoolean()) {
            if (!stepBefore(end)) {
                nowNs = end;
                return done.getAsBoolean();
            }
        }
        return true;
    }

    /** Runs for {@code forNs} of virtual time. */
    public void run(long forNs) {
        runUntil(() -> false, forNs);
    }

    /** Ends all hosts. Resets go nowhere any more. */
    @Override
    public void close() {
        closed = true;
        for (SimulatedLink link : links) {
            link.close();
        }
        for (LinkedHost host : hosts) {
            events.cancel(host);
            host.shard().onClose();
        }
    }

    /** After {@link #close}: throws {@link IllegalStateException} if anything was not given back. */
    public void assertNoLeaks() {
        for (SimulatedLink link : links) {
            link.assertAllReturned();
        }
        for (LinkedHost host : hosts) {
            String leaks = host.shard().leaks();
            if (!leaks.isEmpty()) {
                throw new IllegalStateException(host.address() + " leaks " + leaks + ", seed " + seed);
            }
        }
    }
}
