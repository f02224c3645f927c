package dev.penstock.stack.sim;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What a {@link SimulatedHost} is to be like.
 *
 * <pre>{@code
 * net.newHost("a").address("192.0.2.1/24").gateway("192.0.2.254").mtu(9000).clock(0, 50).plugIn();
 * }</pre>
 */
public final class HostBuilder {
    private final SimulatedNetwork network;
    private final String name;
    private final List<IpPrefix> prefixes = new ArrayList<>();
    private IpAddress gateway;
    private int mtu = 1500;
    private ShardConfig config = new ShardConfig();
    private long clockAheadNs;
    private double clockPpm;
    private boolean checksumOffload;
    private UnaryOperator<NetworkDevice> between = device -> device;

    HostBuilder(SimulatedNetwork network, String name) {
        this.network = network;
        this.name = name;
    }

    /** An address of it, {@code "192.0.2.1/24"}; at least one, the first of them is {@link SimulatedHost#address}. */
    public HostBuilder address(String prefix) {
        prefixes.add(IpPrefix.parse(prefix));
        return this;
    }

    /** The neighbour through which all other networks are reached. */
    public HostBuilder gateway(String address) {
        gateway = IpAddress.parse(address);
        return this;
    }

    /** Of the link to the switch, bytes of IP packet; initially 1,500. A link that is there already has its own. */
    public HostBuilder mtu(int bytes) {
        mtu = bytes;
        return this;
    }

    /** The limits and habits of its stack; read when it is plugged in. */
    public HostBuilder config(ShardConfig newConfig) {
        config = newConfig;
        return this;
    }

    /** Its clock: so far ahead of the network's time at first, and so many millionths faster, see {@link HostClock}. */
    public HostBuilder clock(long aheadNs, double ppm) {
        clockAheadNs = aheadNs;
        clockPpm = ppm;
        return this;
    }

    /**
     * Whether TCP and UDP checksums are left to the link, which computes them only for frames that it corrupts, and
     * verified by nobody. Initially off: the stack computes and verifies them.
     */
    public HostBuilder checksumOffload(boolean on) {
        checksumOffload = on;
        return this;
    }

    /** Puts something between the link and the stack. */
    public HostBuilder through(UnaryOperator<NetworkDevice> device) {
        between = device;
        return this;
    }

    /** Plugs it into the network's first switch, {@link SimulatedNetwork#lan}. */
    public SimulatedHost plugIn() {
        return plugInto(network.lan());
    }

    /** Plugs it into a switch, by a new link. */
    public SimulatedHost plugInto(SimulatedSwitch lan) {
        SimulatedLink link = network.link(mtu);
        lan.plugInto(link.b());
        return plugInto(link.a());
    }

    /** Plugs it into the end of a link. */
    public SimulatedHost plugInto(LinkEnd end) {
        if (prefixes.isEmpty()) {
            throw new IllegalStateException("host " + name + " has no address");
        }
        if (checksumOffload) {
            end.offloadChecksums();
        }
        HostClock clock = new HostClock(network);
        clock.advance(clockAheadNs);
        clock.drift(clockPpm);
        StackShard shard = StackShard.create(
                between.apply(end),
                config,
                List.copyOf(prefixes),
                gateway,
                clock::nowNs,
                RandomSource.seeded(network.random().nextLong()),
                network::fault);
        SimulatedHost host = new SimulatedHost(network, name, List.copyOf(prefixes), end, shard, clock);
        host.plugIn(end);
        network.add(host);
        shard.onStart();
        host.wakeAt(network.nowNs());
        return host;
    }
}
