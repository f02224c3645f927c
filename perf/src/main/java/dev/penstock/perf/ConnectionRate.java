package dev.penstock.perf;

import com.sun.management.ThreadMXBean;
import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import java.lang.management.ManagementFactory;
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

    private final TwoStacks stacks = new TwoStacks(MemoryWire.offloading(1500));
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[MESSAGE]);
    private final TcpOptions options = new TcpOptions();
    private final TcpHandler visitor = new Visitor();
    private int open;
    private long done;

    /** What was found. */
    public record Result(double perSecond, double bytesPerCycle) {}

    /** Two stacks, one of which listens. */
    public ConnectionRate() {
        options.noDelay = true;
        stacks.listen(PORT, 1024, options, new Echo());
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
                stacks.connect(PORT, options, visitor);
                open++;
            }
            stacks.step();
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
        stacks.close();
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
