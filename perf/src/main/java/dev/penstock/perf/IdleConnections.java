package dev.penstock.perf;

import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
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

    private final TwoStacks stacks;
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[MESSAGE]);
    private final TcpOptions options = new TcpOptions();
    private final TcpHandler pinger = new Pinger();
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
        ShardConfig config = new ShardConfig();
        config.tcp.maxConnections = 1 << 22;
        stacks = new TwoStacks(MemoryWire.offloading(1500), config);
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

    /** Opens connections until there are {@code pairs}, and lets them fall idle. */
    public void openTo(int pairs) {
        TcpHandler echo = new Echo();
        while (opened < pairs) {
            int port = FIRST_PORT + opened / CONNECTIONS_OF_PORT;
            if (opened % CONNECTIONS_OF_PORT == 0) {
                stacks.listen(port, 2 * BATCH, options, echo);
            }
            int most = Math.min(pairs - opened, Math.min(BATCH, CONNECTIONS_OF_PORT - opened % CONNECTIONS_OF_PORT));
            for (int i = 0; i < most; i++) {
                stacks.connect(port, options, pinger);
                opened++;
            }
            while (connected < opened || returned < (long) opened * MESSAGE) {
                stacks.step();
            }
            stacks.pass(10_000_000);
        }
        stacks.pass(IDLE_NS);
    }

    /** The median round trip of 64 bytes on the connection that was opened last. */
    public double echoP50Ns(int rounds) {
        TcpConnection c = lastConnected;
        long[] ns = new long[rounds];
        for (int i = 0; i < rounds; i++) {
            long goal = returned + MESSAGE;
            long before = System.nanoTime();
            c.write(message, 0, MESSAGE, stacks.nowNs());
            while (returned < goal) {
                stacks.step();
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
            it.stacks.pass(IDLE_NS);
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
        stacks.close();
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
