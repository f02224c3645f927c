package dev.penstock.stack.blocking;

import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.device.BlockingDeviceDecorator;
import dev.penstock.stack.dhcp.DhcpConfig;
import dev.penstock.stack.shard.InterfaceConfig;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.shard.StaticRoute;
import dev.penstock.stack.tcp.TcpOption;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.SystemNanoClock;

/** Describes a {@link PenstockStack}. As a rule a device and an address, {@link #dhcp()} or {@link #slaac}, are needed. Not thread-safe. */
public final class StackBuilder {
    private static final long NS_PER_MS = 1_000_000;

    private final List<IpPrefix> addresses = new ArrayList<>();
    private final ShardConfig config = new ShardConfig();
    private TcpOptions tcpOptions = new TcpOptions();
    private BlockingDevice device;
    private long mac = MacAddress.NONE;
    private final List<IpAddress> gateways = new ArrayList<>();
    private final List<InterfaceConfig> interfaces = new ArrayList<>();
    private DhcpConfig dhcp;
    private IdleMode idle = IdleMode.HYBRID;
    private long lingerNs = 2_000 * NS_PER_MS;
    private String name = "penstock";
    private ErrorHandler errorHandler = t -> {
        System.err.println("penstock: " + t);
        t.printStackTrace();
    };

    StackBuilder() {}

    /**
     * The device to run on, as interface {@code eth0}; the stack closes it in the end. Decorate it for captures and impairments.
     * {@link #address}, {@link #gateway} and {@link #route} are about this one; further interfaces are described by {@link
     * #networkInterface} and {@link #vlan}. Without any there is the loopback alone.
     */
    public StackBuilder device(BlockingDevice newDevice) {
        device = newDevice;
        return this;
    }

    /**
     * The MAC address that the stack has on {@link #device}, {@code "02:00:00:00:00:01"}; that of the device unless told. The device
     * must hand over frames for it, as a TAP interface and the ends of a memory wire do.
     *
     * @throws IllegalArgumentException if it is no single station's
     */
    public StackBuilder mac(String address) {
        mac = MacAddress.parse(address);
        if (!MacAddress.isUnicast(mac)) {
            throw new IllegalArgumentException("no single station has the MAC address " + address);
        }
        return this;
    }

    /** An address with its prefix, {@code "192.0.2.2/24"} or {@code "2001:db8::2/64"}; may be given more than once. */
    public StackBuilder address(String prefix) {
        return address(IpPrefix.parse(prefix));
    }

    /** As {@link #address(String)}. */
    public StackBuilder address(IpPrefix prefix) {
        addresses.add(prefix);
        return this;
    }

    /**
     * Asks a DHCP server for an IPv4 address, and keeps asking; without an answer, the stack takes an address of 169.254/16 after
     * a time (RFC 3927). {@link PenstockStack#awaitAddress} waits for it.
     */
    public StackBuilder dhcp() {
        return dhcp(new DhcpConfig());
    }

    /** As {@link #dhcp()}, with a name, a lease of before, a listener and whatever else {@link DhcpConfig} has. */
    public StackBuilder dhcp(DhcpConfig settings) {
        dhcp = settings;
        return this;
    }

    /**
     * Where packets to other networks go; may be given more than once, for each family. Of several the first that answers is used.
     */
    public StackBuilder gateway(String address) {
        return gateway(IpAddress.parse(address));
    }

    /** As {@link #gateway(String)}. */
    public StackBuilder gateway(IpAddress address) {
        gateways.add(address);
        return this;
    }

    /**
     * Has the stack ask for IPv6 routers and take over what they advertise: addresses, routes, name servers (RFC 4861, RFC
     * 4862). With it no address need be given; it then begins with a link-local one. Off unless told.
     */
    public StackBuilder slaac(boolean on) {
        config.ip.autoconfigure = on;
        return this;
    }

    /**
     * Where packets to one other network go: {@code route("198.51.100.0/24", "192.0.2.254")}. The longest prefix
     * decides; {@link #gateway} is the route to everything else. It leaves by the interface on whose network the gateway is.
     */
    public StackBuilder route(String destination, String via) {
        config.routes.add(new StaticRoute(IpPrefix.parse(destination), IpAddress.parse(via)));
        return this;
    }

    /**
     * One more interface:
     *
     * <pre>{@code
     * builder.networkInterface("eth0", a, i -> i.address("192.0.2.2/24").gateway("192.0.2.1"))
     *         .networkInterface("eth1", b, i -> i.address("198.51.100.2/24").gateway("198.51.100.1").metric(10))
     * }</pre>
     *
     * @param name 1 .. 15 characters, by which it is known: {@code fe80::1%eth1}
     * @param newDevice closed by the stack in the end
     */
    public StackBuilder networkInterface(String name, BlockingDevice newDevice, Consumer<InterfaceConfig> description) {
        return add(InterfaceConfig.of(name, newDevice), description);
    }

    /**
     * A VLAN (IEEE 802.1Q) on another interface, as an interface of its own, named {@code eth0.100}. Untagged frames stay the
     * parent's. It may be on a VLAN, too: {@code vlan("eth0.100", 7, ...)}.
     *
     * @param vlanId 1 .. 4094
     */
    public StackBuilder vlan(String parent, int vlanId, Consumer<InterfaceConfig> description) {
        return add(InterfaceConfig.vlan(parent, vlanId), description);
    }

    /** As {@link #vlan}, with a provider's tag (IEEE 802.1ad, type 0x88a8), in which {@link #vlan} puts customers'. */
    public StackBuilder serviceVlan(String parent, int vlanId, Consumer<InterfaceConfig> description) {
        return add(InterfaceConfig.serviceVlan(parent, vlanId), description);
    }

    private StackBuilder add(InterfaceConfig described, Consumer<InterfaceConfig> description) {
        description.accept(described);
        interfaces.add(described);
        return this;
    }

    /** What the stack's thread does when idle; {@link IdleMode#HYBRID} unless told. */
    public StackBuilder idle(IdleMode mode) {
        idle = mode;
        return this;
    }

    /** Told of exceptions out of the application's callbacks and out of the stack; prints them unless told. */
    public StackBuilder errorHandler(ErrorHandler handler) {
        errorHandler = handler;
        return this;
    }

    /** The options that TCP sockets and listeners start with; copied. */
    public StackBuilder tcpOptions(TcpOptions options) {
        options.check();
        tcpOptions = options.clone();
        return this;
    }

    /** One of the options that TCP sockets and listeners start with. */
    public <T> StackBuilder tcpOption(TcpOption<T> option, T value) {
        option.set(tcpOptions, value);
        return this;
    }

    /** Memory for the buffers of all sockets together, bytes; 256 MiB unless told, taken as it is needed. */
    public StackBuilder socketMemory(long bytes) {
        config.socketMemory = bytes;
        return this;
    }

    /** Sockets that may be open at once, accepted ones included; 16,384 unless told. */
    public StackBuilder maxSockets(int n) {
        config.maxSockets = n;
        return this;
    }

    /** Limits, times and policies of all layers, to be changed before the start. */
    public ShardConfig config() {
        return config;
    }

    /** How long {@link PenstockStack#close} lets connections end in order, milliseconds; 2,000 unless told. */
    public StackBuilder closeTimeout(int ms) {
        lingerNs = TcpSocketSettings.checkTimeout(ms) * NS_PER_MS;
        return this;
    }

    /** The name of the stack's thread. */
    public StackBuilder name(String threadName) {
        name = threadName;
        return this;
    }

    /** All interfaces, that of {@link #device} first. */
    private List<InterfaceConfig> allInterfaces() {
        List<InterfaceConfig> all = new ArrayList<>();
        if (device != null) {
            InterfaceConfig first =
                    InterfaceConfig.of("eth0", mac == MacAddress.NONE ? device : new AddressedDevice(device, mac));
            addresses.forEach(first::address);
            gateways.forEach(first::gateway);
            first.dhcp(dhcp);
            all.add(first);
        } else if (!addresses.isEmpty() || !gateways.isEmpty() || dhcp != null) {
            throw new IllegalStateException(
                    "an address, a gateway or DHCP needs a device; for several interfaces, say both at each"
                            + " networkInterface");
        }
        all.addAll(interfaces);
        return all;
    }

    /** Whether somebody else's code is run by the shard, or what an interrupt of an application's thread would hurt: a capture. */
    private boolean hasCodeOnShard(List<InterfaceConfig> all) {
        return config.tcp.tracer != null
                || dhcp != null
                || all.stream().anyMatch(i -> i.device() instanceof BlockingDeviceDecorator);
    }

    /**
     * Starts the stack on a daemon thread of its own. Without any interface it talks to itself, by the loopback.
     *
     * @throws IllegalStateException if there is a device without an address, or an address without a device
     * @throws IllegalArgumentException if the interfaces contradict each other, or an address fits none
     */
    public PenstockStack start() {
        if (device != null && addresses.isEmpty() && interfaces.isEmpty() && dhcp == null && !config.ip.autoconfigure) {
            throw new IllegalStateException("the device has no address");
        }
        List<InterfaceConfig> all = allInterfaces();
        StackShard shard = StackShard.create(
                all, config, SystemNanoClock.INSTANCE, new Entropy(), errorHandler, new ParkedSleeper());
        ShardRunner runner = new ShardRunner(shard, idle, hasCodeOnShard(all), lingerNs, name);
        List<IpPrefix> given = new ArrayList<>();
        all.forEach(i -> given.addAll(i.addresses()));
        PenstockStack stack = new PenstockStack(shard, runner, List.copyOf(given), tcpOptions);
        runner.start();
        return stack;
    }
}
