package dev.penstock.perf;

import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A long stream from one stack to the other, on one thread, in memory; an operation is one mebibyte. */
@State(Scope.Thread)
@Fork(value = 2, jvmArgsAppend = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class BulkBenchmark {
    private static final int MEBIBYTE = 1 << 20;
    private static final int PER_INVOCATION = 16;

    /** Super-segments pass whole, or are cut and checksummed by us. */
    @Param({"offloading", "plain"})
    public String wire;

    private final UnsafeBuffer block = new UnsafeBuffer(new byte[64 * 1024]);
    private TwoStacks stacks;
    private TcpConnection connection;
    private long received;

    @Setup
    public void connect() {
        stacks = new TwoStacks("plain".equals(wire) ? MemoryWire.plain(1500) : MemoryWire.offloading(1500));
        stacks.connect(
                new TcpHandler() {
                    @Override
                    public void onConnected(TcpConnection c, long nowNs) {
                        connection = c;
                        fill(nowNs);
                    }

                    @Override
                    public void onWritable(TcpConnection c, long nowNs) {
                        fill(nowNs);
                    }
                },
                new TcpHandler() {
                    @Override
                    public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
                        received += length;
                        return length;
                    }
                });
        while (connection == null) {
            stacks.step();
        }
    }

    private void fill(long nowNs) {
        int taken = block.capacity();
        while (taken == block.capacity()) {
            taken = connection.write(block, 0, block.capacity(), nowNs);
        }
    }

    /** Sixteen mebibytes. */
    @Benchmark
    @OperationsPerInvocation(PER_INVOCATION)
    public long mebibyte() {
        long goal = received + (long) PER_INVOCATION * MEBIBYTE;
        while (received < goal) {
            stacks.step();
        }
        return received;
    }

    @TearDown
    public void close() {
        stacks.close();
    }
}
