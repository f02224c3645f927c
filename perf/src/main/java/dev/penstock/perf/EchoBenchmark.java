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
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A message to the other stack and back: two segments through two whole stacks, on one thread, in memory. */
@State(Scope.Thread)
@Fork(value = 2, jvmArgsAppend = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EchoBenchmark {
    /** Bytes of the message. */
    @Param({"64", "1024", "16384"})
    public int messageBytes;

    private TwoStacks stacks;
    private UnsafeBuffer message;
    private TcpConnection connection;
    private int returned;

    @Setup
    public void connect() {
        message = new UnsafeBuffer(new byte[messageBytes]);
        stacks = new TwoStacks(MemoryWire.offloading(1500));
        stacks.connect(
                new TcpHandler() {
                    @Override
                    public void onConnected(TcpConnection c, long nowNs) {
                        connection = c;
                    }

                    @Override
                    public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
                        returned += length;
                        return length;
                    }
                },
                new TcpHandler() {
                    @Override
                    public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
                        return Math.max(0, c.write(buffer, offset, length, nowNs));
                    }
                });
        while (connection == null) {
            stacks.step();
        }
    }

    /** One round trip. */
    @Benchmark
    public int roundTrip() {
        returned = 0;
        connection.write(message, 0, messageBytes, stacks.client.nowNs());
        while (returned < messageBytes) {
            stacks.step();
        }
        return returned;
    }

    @TearDown
    public void close() {
        stacks.close();
    }
}
