package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Cpu;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.agrona.concurrent.SystemNanoClock;

/** Two whole stacks on a wire in memory, both run by the thread that measures, by the real clock. */
final class MemoryPair implements Closeable {
    static final int PORT = 7007;
    private static final long PATIENCE_NS = 10_000_000_000L;
    private static final IpAddress SERVER = IpAddress.parse("192.0.2.2");

    final StackShard client;
    final StackShard server;
    private final MemoryWire wire;

    /** @param offload super-segments pass whole; otherwise they are cut and checksummed by us */
    MemoryPair(boolean offload, ShardConfig config) {
        this.wire = offload ? MemoryWire.offloading(1500) : MemoryWire.plain(1500);
        Cpu.pin(Cpu.usable().get(0));
        this.client = stack(wire.a(), config, "192.0.2.1/24", 1);
        this.server = stack(wire.b(), config, "192.0.2.2/24", 2);
    }

    private static StackShard stack(NetworkDevice device, ShardConfig config, String prefix, long seed) {
        return StackShard.create(
                device,
                config,
                List.of(IpPrefix.parse(prefix)),
                null,
                SystemNanoClock.INSTANCE,
                RandomSource.seeded(seed),
                t -> {
                    throw new IllegalStateException(t);
                });
    }

    /** Has the server listen. */
    void listen(CallbackService service, int port, TcpOptions options) throws IOException {
        service.listen(server, port, options);
    }

    TcpConnection connect(int port, TcpOptions options, TcpHandler handler) throws IOException {
        TcpConnection c =
                client.tcp().connect(0, 0, 0, SERVER.hi(), SERVER.lo(), port, options, handler, client.nowNs());
        if (c == null) {
            throw new IOException("no connection: " + client.tcp().errorOfLastCall());
        }
        return c;
    }

    /** One duty cycle of each. */
    int step() {
        return client.doWork() + server.doWork();
    }

    /** Steps until it is so, for ten seconds at most. */
    void until(java.util.function.BooleanSupplier done, String what) throws IOException {
        long begin = System.nanoTime();
        while (!done.getAsBoolean()) {
            step();
            if (System.nanoTime() - begin > PATIENCE_NS) {
                throw new IOException(what + " did not come about within 10 s");
            }
        }
    }

    static long garbage() {
        return Garbage.of(Thread.currentThread().getId());
    }

    @Override
    public void close() {
        client.onClose();
        server.onClose();
        wire.close();
        Cpu.pin(Cpu.ANY);
    }
}
