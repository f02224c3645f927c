package dev.penstock.stack.sim;

import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
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
public final class LinkNetwork extends VirtualNetwork {
    private final DeadlineQueue events = new DeadlineQueue();
    private final List<SimulatedLink> links = new ArrayList<>();
    private final List<LinkedHost> hosts = new ArrayList<>();
    private boolean closed;

    private LinkNetwork(long seed) {
        super(seed);
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
        StackShard shard = shard(between.apply(end), config, address);
        LinkedHost host = new LinkedHost(this, address.address(), end, shard);
        end.plug(host);
        shard.onStart();
        hosts.add(host);
        host.wakeAt(nowNs());
        return host;
    }

    void schedule(Deadline event, long atNs) {
        if (!closed) {
            events.schedule(event, Math.max(nowNs(), atNs));
        }
    }

    @Override
    long nextNs() {
        return events.nextDeadlineNs();
    }

    @Override
    void happen() {
        events.expire(nowNs(), 1);
    }

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
            checkLeaks(host.shard(), host.address());
        }
    }
}
