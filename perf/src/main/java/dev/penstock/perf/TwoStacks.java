package dev.penstock.perf;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.List;

/** Two whole stacks on a wire in memory, driven by one thread: what the benchmarks of the data path stand on. */
final class TwoStacks {
    private static final int PORT = 7;

    final StackShard client;
    final StackShard server;
    private final MemoryWire wire;
    private long nowNs = 1_000_000_000L;

    TwoStacks(MemoryWire wire) {
        this.wire = wire;
        this.client = stack(wire.a(), "192.0.2.1/24", 1);
        this.server = stack(wire.b(), "192.0.2.2/24", 2);
    }

    private StackShard stack(NetworkDevice device, String prefix, long seed) {
        return StackShard.create(
                device,
                new ShardConfig(),
                List.of(IpPrefix.parse(prefix)),
                null,
                () -> nowNs,
                RandomSource.seeded(seed),
                t -> {
                    throw new AssertionError(t);
                });
    }

    /** Connects the two; the handlers are told on this thread, from within {@link #step}. */
    void connect(TcpHandler clientHandler, TcpHandler serverHandler) {
        TcpOptions options = new TcpOptions();
        options.noDelay = true;
        server.tcp().listen(0, 0, PORT, 4, options, (l, now) -> l.accept(serverHandler));
        IpAddress to = IpAddress.parse("192.0.2.2");
        client.tcp().connect(0, 0, 0, to.hi(), to.lo(), PORT, options, clientHandler, nowNs);
    }

    /** One duty cycle of each; a microsecond of virtual time passes. */
    void step() {
        nowNs += 1_000;
        client.doWork();
        server.doWork();
    }

    void close() {
        client.onClose();
        server.onClose();
        wire.close();
    }
}
