package dev.penstock.stack.blocking;

import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.shard.StaticRoute;
import dev.penstock.stack.tcp.TcpOption;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.SystemNanoClock;

/** Describes a {@link PenstockStack}. Only a device and an address are needed. Not thread-safe. */
public final class StackBuilder {
    private static final long NS_PER_MS = 1_000_000;

    private final List<IpPrefix> addresses = new ArrayList<>();
    private final ShardConfig config = new ShardConfig();
    private TcpOptions tcpOptions = new TcpOptions();
    private BlockingDevice device;
    private IpAddress gateway;
    private IdleMode idle = IdleMode.HYBRID;
    private long lingerNs = 2_000 * NS_PER_MS;
    private String name = "penstock";
    private ErrorHandler errorHandler = t -> {
        System.err.println("penstock: " + t);
        t.printStackTrace();
    };

    StackBuilder() {}

    /** The device to run on; the stack closes it in the end. Decorate it for captures and impairments. */
    public StackBuilder device(BlockingDevice newDevice) {
        device = newDevice;
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

    /** Where packets to other networks go; may be given once for each family. */
    public StackBuilder gateway(String address) {
        return gateway(IpAddress.parse(address));
    }

    /** As {@link #gateway(String)}. */
    public StackBuilder gateway(IpAddress address) {
        if (gateway != null && gateway.isV4() != address.isV4()) {
            IpAddress any = address.isV4() ? IpAddress.ANY_V4 : IpAddress.ANY;
            config.routes.add(new StaticRoute(new IpPrefix(any, 0), address));
        } else {
            gateway = address;
        }
        return this;
    }

    /**
     * Where packets to one other network go: {@code route("198.51.100.0/24", "192.0.2.254")}. The longest prefix
     * decides; {@link #gateway} is the route to everything else.
     */
    public StackBuilder route(String destination, String via) {
        config.routes.add(new StaticRoute(IpPrefix.parse(destination), IpAddress.parse(via)));
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

    /**
     * Starts the stack on a daemon thread of its own.
     *
     * @throws IllegalStateException if the device or an address is missing
     */
    public PenstockStack start() {
        if (device == null || addresses.isEmpty()) {
            throw new IllegalStateException("a stack needs a device and an address");
        }
        StackShard shard = StackShard.create(
                device, config, List.copyOf(addresses), gateway, SystemNanoClock.INSTANCE, new Entropy(), errorHandler);
        ShardRunner runner = new ShardRunner(shard, idle, lingerNs, name);
        PenstockStack stack = new PenstockStack(shard, runner, List.copyOf(addresses), tcpOptions);
        runner.start();
        return stack;
    }
}
