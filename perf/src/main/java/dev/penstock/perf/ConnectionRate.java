package dev.penstock.perf;

import com.sun.management.ThreadMXBean;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Short connections: connect, 64 bytes each way, close, some at once, between two whole stacks on a wire in memory, on one
 * thread. A microsecond of virtual time passes in each duty cycle.
 *
 * <pre>java -cp perf/target/benchmarks.jar dev.penstock.perf.ConnectionRate 16 8</pre>
 */
public final class ConnectionRate implements AutoCloseable {
    private static final int PORT = 7;
    private static final int MESSAGE = 64;

    private final MemoryWire wire = MemoryWire.offloading(1500);
    private final StackShard client;
    private final StackShard server;
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[MESSAGE]);
    private final TcpOptions options = new TcpOptions();
    private final TcpHandler visitor = new Visitor();
    private final IpAddress to = IpAddress.parse("192.0.2.2");
    private long nowNs = 1_000_000_000L;
    private int open;
    private long done;

    /** What was found. */
    public record Result(double perSecond, double bytesPerCycle) {}

    /** Two stacks, one of which listens. */
    public ConnectionRate() {
        options.noDelay = true;
        client = stack(wire.a(), "192.0.2.1/24", 1);
        server = stack(wire.b(), "192.0.2.2/24", 2);
        TcpHandler echo = new Echo();
        server.tcp().listen(0, 0, PORT, 1024, options, (l, now) -> {
            while (l.accept(echo) != null) {}
        });
    }

    private StackShard stack(NetworkDevice device, String prefix, long seed) {
        ShardConfig config = new ShardConfig();
        return StackShard.create(
                device, config, List.of(IpPrefix.parse(prefix)), null, () -> nowNs, RandomSource.seeded(seed), t -> {
                    throw new AssertionError(t);
                });
    }

    /** Answers, and closes when the peer has. */
    private static final class Echo implements TcpHandler {
        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            return Math.max(0, c.write(buffer, offset, length, nowNs));
        }

        @Override
        public void onReadable(TcpConnection c, long nowNs) {
            if (c.isInputEnded()) {
                c.close(nowNs);
            }
        }

        @Override
        public void onClosed(TcpConnection c, TcpError error, long nowNs) {
            c.letGo();
        }
    }

    /** Asks once, and closes when it has the answer. */
    private final class Visitor implements TcpHandler {
        @Override
        public void onConnected(TcpConnection c, long nowNs) {
            c.write(message, 0, MESSAGE, nowNs);
        }

        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            c.close(nowNs);
            return length;
        }

        @Override
        public void onClosed(TcpConnection c, TcpError error, long nowNs) {
            if (error != null) {
                throw new IllegalStateException("a connection failed: " + error);
            }
            c.letGo();
            open--;
            done++;
        }
    }

    /** Opens and closes {@code connections}, {@code atOnce} at a time. */
    public void run(long connections, int atOnce) {
        long goal = done + connections;
        while (done < goal) {
            while (open < atOnce) {
                if (client.tcp().connect(0, 0, 0, to.hi(), to.lo(), PORT, options, visitor, nowNs) == null) {
                    throw new IllegalStateException(
                            "cannot connect: " + client.tcp().errorOfLastCall());
                }
                open++;
            }
            nowNs += 1_000;
            client.doWork();
            server.doWork();
        }
    }

    /** The rate over {@code seconds}, and what is allocated for one connection, both ends together. */
    public Result measure(int atOnce, double seconds) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().getId();
        long allocated = threads.getThreadAllocatedBytes(id);
        long begun = System.nanoTime();
        long end = begun + (long) (seconds * 1e9);
        long before = done;
        while (System.nanoTime() < end) {
            run(1_000, atOnce);
        }
        double count = done - before;
        double elapsed = System.nanoTime() - begun;
        return new Result(count * 1e9 / elapsed, (threads.getThreadAllocatedBytes(id) - allocated) / count);
    }

    @Override
    public void close() {
        client.onClose();
        server.onClose();
        wire.close();
    }

    /** {@code ConnectionRate [at once] [seconds]}. */
    public static void main(String[] args) {
        int atOnce = args.length > 0 ? Integer.parseInt(args[0]) : 16;
        int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 8;
        try (ConnectionRate it = new ConnectionRate()) {
            it.measure(atOnce, 4);
            for (int i = 0; i < seconds; i++) {
                Result r = it.measure(atOnce, 1);
                System.out.printf("%,.0f connections/s, %.0f B each%n", r.perSecond(), r.bytesPerCycle());
            }
        }
    }
}
