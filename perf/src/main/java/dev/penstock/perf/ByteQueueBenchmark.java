package dev.penstock.perf;

import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.buffer.ReceiveQueue;
import dev.penstock.stack.buffer.SendQueue;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The two queues between an application and the shard, on one thread: so many bytes in, and out again. */
@State(Scope.Thread)
@Fork(value = 2, jvmArgsAppend = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ByteQueueBenchmark {
    private static final int LIMIT = 1 << 20;

    /** Bytes at once. */
    @Param({"64", "1460", "65536"})
    public int bytes;

    private final ChunkPool pool = new ChunkPool(1 << 24);
    private final SendQueue send = new SendQueue(pool, LIMIT);
    private final ReceiveQueue receive = new ReceiveQueue(pool, LIMIT);
    private UnsafeBuffer data;
    private byte[] array;

    /** What is carried. */
    @Setup
    public void allocate() {
        data = new UnsafeBuffer(ByteBuffer.allocateDirect(bytes));
        array = new byte[bytes];
    }

    /** Written by the application, and let go when it is acknowledged. */
    @Benchmark
    public int writeAndRelease() {
        int n = send.write(data, 0, bytes);
        send.releaseTo(send.tailPosition());
        return n;
    }

    /** Put there by the shard, and read by the application into an array. */
    @Benchmark
    public int receiveAndRead() {
        long at = receive.tailPosition();
        receive.writeAt(at, data, 0, bytes);
        receive.commitTo(at + bytes);
        int n = receive.read(array, 0, bytes);
        receive.reclaim();
        return n;
    }
}
