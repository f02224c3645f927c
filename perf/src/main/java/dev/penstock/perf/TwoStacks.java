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
    private static final IpAddress SERVER = IpAddress.parse("192.0.2.2");

    final StackShard client;
    final StackShard server;
    private final MemoryWire wire;
    private long nowNs = 1_000_000_000L;

    TwoStacks(MemoryWire wire) {
        this(wire, new ShardConfig());
    }

    /** @param config of both */
    TwoStacks(MemoryWire wire, ShardConfig config) {
        this.wire = wire;
        this.client = stack(wire.a(), config, "192.0.2.1/24", 1);
        this.server = stack(wire.b(), config, "192.0.2.2/24", 2);
    }

    private StackShard stack(NetworkDevice device, ShardConfig config, String prefix, long seed) {
        return StackShard.create(
                device, config, List.of(IpPrefix.parse(prefix)), null, () -> nowNs, RandomSource.seeded(seed), t -> {
                    throw new AssertionError(t);
                });
    }

    /** Connects the two; the handlers are told on this thread, from within {@link #step}. */
    void connect(TcpHandler clientHandler, TcpHandler serverHandler) {
        TcpOptions options = new TcpOptions();
        options.noDelay = true;
        server.tcp().listen(0, 0, PORT, 4, options, (l, now) -> l.accept(serverHandler));
        connect(PORT, options, clientHandler);
    }

    /** Has the server take connections to this port, as many as {@code backlog} at once, all with the one handler. */
    void listen(int port, int backlog, TcpOptions options, TcpHandler handler) {
        server.tcp().listen(0, 0, port, backlog, options, (l, now) -> {
            while (l.accept(handler) != null) {}
        });
    }

    /** Begins one more connection from the client to the server. */
    void connect(int port, TcpOptions options, TcpHandler handler) {
        if (client.tcp().connect(0, 0, 0, SERVER.hi(), SERVER.lo(), port, options, handler, nowNs) == null) {
            throw new IllegalStateException("cannot connect: " + client.tcp().errorOfLastCall());
        }
    }

    /** What the clock of both shows. */
    long nowNs() {
        return nowNs;
    }

    /** One duty cycle of each; a microsecond of virtual time passes. */
    void step() {
        nowNs += 1_000;
        client.doWork();
        server.doWork();
    }

    /** Lets time pass, from deadline to deadline. */
    void pass(long ns) {
        long end = nowNs + ns;
        while (true) {
            long next = Math.min(client.nextDeadlineNs(), server.nextDeadlineNs());
            boolean busy = client.hasPending() || server.hasPending();
            if (!busy && next > end) {
                nowNs = end;
                return;
            }
            nowNs = busy ? nowNs + 1_000 : Math.max(nowNs, next);
            client.doWork();
            server.doWork();
        }
    }

    void close() {
        client.onClose();
        server.onClose();
        wire.close();
    }
}
