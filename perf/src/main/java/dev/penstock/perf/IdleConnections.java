package dev.penstock.perf;

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
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.ObjectName;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What established connections cost that do nothing: two whole stacks on a wire in memory, on one thread, in virtual time. Both ends
 * live in this process, so {@code pairs} make twice as many connections, and all memory, heap and direct, is shared out among these.
 * Each connection has passed 64 bytes in each direction before it fell idle. On one of them the round trip of an echo is
 * timed, as on the only one.
 *
 * <pre>java -Xmx6g -cp perf/target/benchmarks.jar dev.penstock.perf.IdleConnections 1000 100000 500000</pre>
 *
 * {@code -Dhistogram=true} shows what the heap holds.
 */
public final class IdleConnections implements AutoCloseable {
    private static final int FIRST_PORT = 1_000;
    private static final int CONNECTIONS_OF_PORT = 25_000;
    private static final int MESSAGE = 64;
    private static final int BATCH = 256;
    private static final long IDLE_NS = 120_000_000_000L;

    private final MemoryWire wire = MemoryWire.offloading(1500);
    private final StackShard client;
    private final StackShard server;
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[MESSAGE]);
    private final TcpOptions options = new TcpOptions();
    private final TcpHandler pinger = new Pinger();
    private final IpAddress to = IpAddress.parse("192.0.2.2");
    private long nowNs = 1_000_000_000L;
    private TcpConnection lastConnected;
    private int opened;
    private int connected;
    private long returned;

    /** What was found. Bytes and nanoseconds. */
    public record Result(int pairs, double heapPerConnection, double directPerConnection, double echoP50Ns) {
        /** All memory of one connection. */
        public double bytesPerConnection() {
            return heapPerConnection + directPerConnection;
        }
    }

    /** Two stacks, and no connection yet. */
    public IdleConnections() {
        options.noDelay = true;
        client = stack(wire.a(), "192.0.2.1/24", 1);
        server = stack(wire.b(), "192.0.2.2/24", 2);
    }

    private StackShard stack(NetworkDevice device, String prefix, long seed) {
        ShardConfig config = new ShardConfig();
        config.tcp.maxConnections = 1 << 22;
        return StackShard.create(
                device, config, List.of(IpPrefix.parse(prefix)), null, () -> nowNs, RandomSource.seeded(seed), t -> {
                    throw new AssertionError(t);
                });
    }

    private static final class Echo implements TcpHandler {
        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            return Math.max(0, c.write(buffer, offset, length, nowNs));
        }
    }

    private final class Pinger implements TcpHandler {
        @Override
        public void onConnected(TcpConnection c, long nowNs) {
            connected++;
            lastConnected = c;
            c.write(message, 0, MESSAGE, nowNs);
        }

        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            returned += length;
            return length;
        }
    }

    private void step() {
        nowNs += 1_000;
        client.doWork();
        server.doWork();
    }

    /** Opens connections until there are {@code pairs}, and lets them fall idle. */
    public void openTo(int pairs) {
        TcpHandler echo = new Echo();
        while (opened < pairs) {
            int port = FIRST_PORT + opened / CONNECTIONS_OF_PORT;
            if (opened % CONNECTIONS_OF_PORT == 0) {
                server.tcp().listen(0, 0, port, 2 * BATCH, options, (l, now) -> {
                    while (l.accept(echo) != null) {}
                });
            }
            int most = Math.min(pairs - opened, Math.min(BATCH, CONNECTIONS_OF_PORT - opened % CONNECTIONS_OF_PORT));
            for (int i = 0; i < most; i++) {
                if (client.tcp().connect(0, 0, 0, to.hi(), to.lo(), port, options, pinger, nowNs) == null) {
                    throw new IllegalStateException(
                            "connection " + opened + ": " + client.tcp().errorOfLastCall());
                }
                opened++;
            }
            while (connected < opened || returned < (long) opened * MESSAGE) {
                step();
            }
            pass(10_000_000);
        }
        pass(IDLE_NS);
    }

    /** Lets time pass, from deadline to deadline. */
    private void pass(long ns) {
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

    /** The median round trip of 64 bytes on the connection that was opened last. */
    public double echoP50Ns(int rounds) {
        TcpConnection c = lastConnected;
        long[] ns = new long[rounds];
        for (int i = 0; i < rounds; i++) {
            long goal = returned + MESSAGE;
            long before = System.nanoTime();
            c.write(message, 0, MESSAGE, nowNs);
            while (returned < goal) {
                step();
            }
            ns[i] = System.nanoTime() - before;
        }
        Arrays.sort(ns);
        return ns[rounds / 2];
    }

    /** What the heap holds, class by class, as {@code jcmd GC.class_histogram} tells; the first {@code lines} of it. */
    public static String histogram(int lines) {
        try {
            Object text = ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
            return text.toString().lines().limit(lines).collect(Collectors.joining(System.lineSeparator()));
        } catch (JMException e) {
            return "no histogram: " + e.getMessage();
        }
    }

    /** Heap in use after a collection, bytes. */
    public static long heapInUse() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Direct memory in use, bytes. */
    public static long directInUse() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    /** The cost of {@code pairs} idle connections more than one, and of an echo on one of them. */
    public static Result measure(int pairs, int echoes) {
        try (IdleConnections it = new IdleConnections()) {
            it.openTo(1);
            it.echoP50Ns(echoes);
            it.pass(IDLE_NS);
            long heap = heapInUse();
            long direct = directInUse();
            it.openTo(pairs);
            double connections = 2.0 * Math.max(1, pairs - 1);
            double heapOfOne = (heapInUse() - heap) / connections;
            double directOfOne = (directInUse() - direct) / connections;
            if (Boolean.getBoolean("histogram")) {
                System.out.println(histogram(24));
            }
            it.echoP50Ns(echoes);
            return new Result(pairs, heapOfOne, directOfOne, it.echoP50Ns(echoes));
        }
    }

    @Override
    public void close() {
        client.onClose();
        server.onClose();
        wire.close();
    }

    /** Measures each number of pairs told on the command line; 1 pair is measured first. */
    public static void main(String[] args) {
        measure(1, 200_000);
        double alone = measure(1, 200_000).echoP50Ns();
        System.out.printf("%9s pairs: echo %.0f ns%n", 1, alone);
        for (String arg : args) {
            Result r = measure(Integer.parseInt(arg), 200_000);
            System.out.printf(
                    "%,9d pairs: %.0f B a connection (heap %.0f, direct %.0f), echo %.0f ns = %.2f x%n",
                    r.pairs(),
                    r.bytesPerConnection(),
                    r.heapPerConnection(),
                    r.directPerConnection(),
                    r.echoP50Ns(),
                    r.echoP50Ns() / alone);
        }
    }
}
