package dev.penstock.stack.sim;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.dhcp.DhcpConfig;
import dev.penstock.stack.shard.InterfaceConfig;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
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
    private final List<IpAddress> gateways = new ArrayList<>();
    private int mtu = 1500;
    private ShardConfig config = new ShardConfig();
    private boolean slaac;
    private long clockAheadNs;
    private double clockPpm;
    private boolean checksumOffload;
    private final List<LinkEnd> furtherEnds = new ArrayList<>();
    private final List<InterfaceConfig> further = new ArrayList<>();
    private DhcpConfig dhcp;
    private UnaryOperator<NetworkDevice> between = device -> device;

    HostBuilder(SimulatedNetwork network, String name) {
        this.network = network;
        this.name = name;
    }

    /** An address of it, {@code "192.0.2.1/24"}; at least one, unless it asks a DHCP server or routers; the first of them is {@link SimulatedHost#address}. */
    public HostBuilder address(String prefix) {
        prefixes.add(IpPrefix.parse(prefix));
        return this;
    }

    /** Has it ask for routers and make itself addresses of what they advertise. */
    public HostBuilder slaac() {
        slaac = true;
        return this;
    }

    /** The neighbour through which all other networks are reached; of several, the first that answers. */
    public HostBuilder gateway(String address) {
        gateways.add(IpAddress.parse(address));
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

    /**
     * One more interface, besides {@code eth0}, which {@link #address}, {@link #gateway} and {@link #plugInto} describe: at the end of
     * a link.
     */
    public HostBuilder networkInterface(String interfaceName, LinkEnd end, Consumer<InterfaceConfig> description) {
        furtherEnds.add(end);
        return add(InterfaceConfig.of(interfaceName, end), description);
    }

    /** As the other form, by a new link to a switch. */
    public HostBuilder networkInterface(
            String interfaceName, SimulatedSwitch lan, Consumer<InterfaceConfig> description) {
        SimulatedLink link = network.link(mtu);
        lan.plugInto(link.b());
        return networkInterface(interfaceName, link.a(), description);
    }

    /** A VLAN on an interface, {@code eth0.100}: see {@link InterfaceConfig#vlan}. */
    public HostBuilder vlan(String parent, int vlanId, Consumer<InterfaceConfig> description) {
        return add(InterfaceConfig.vlan(parent, vlanId), description);
    }

    /** A provider's VLAN on an interface: see {@link InterfaceConfig#serviceVlan}. */
    public HostBuilder serviceVlan(String parent, int vlanId, Consumer<InterfaceConfig> description) {
        return add(InterfaceConfig.serviceVlan(parent, vlanId), description);
    }

    private HostBuilder add(InterfaceConfig described, Consumer<InterfaceConfig> description) {
        description.accept(described);
        further.add(described);
        return this;
    }

    /** Has it ask a DHCP server for an address, beside those that it is given. */
    public HostBuilder dhcp(DhcpConfig settings) {
        dhcp = settings;
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
        config.ip.autoconfigure |= slaac;
        if (prefixes.isEmpty() && further.isEmpty() && dhcp == null && !config.ip.autoconfigure) {
            throw new IllegalStateException("host " + name + " has no address");
        }
        if (checksumOffload) {
            end.offloadChecksums();
        }
        HostClock clock = new HostClock(network);
        clock.advance(clockAheadNs);
        clock.drift(clockPpm);
        InterfaceConfig first = InterfaceConfig.of("eth0", between.apply(end));
        prefixes.forEach(first::address);
        gateways.forEach(first::gateway);
        first.dhcp(dhcp);
        List<InterfaceConfig> all = new ArrayList<>(List.of(first));
        all.addAll(further);
        List<IpPrefix> given = new ArrayList<>();
        all.forEach(i -> given.addAll(i.addresses()));
        StackShard shard = StackShard.create(
                all, config, clock::nowNs, RandomSource.seeded(network.random().nextLong()), network::fault, null);
        List<LinkEnd> ends = new ArrayList<>(List.of(end));
        ends.addAll(furtherEnds);
        SimulatedHost host = new SimulatedHost(network, name, List.copyOf(given), ends, shard, clock);
        ends.forEach(host::plugIn);
        network.add(host);
        shard.onStart();
        host.wakeAt(network.nowNs());
        return host;
    }
}
