package dev.penstock.perf;

import dev.penstock.stack.wire.InternetChecksum;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The Internet checksum over off-heap memory. */
@State(Scope.Thread)
@Fork(value = 2, jvmArgsAppend = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ChecksumBenchmark {
    /** Bytes summed. */
    @Param({"20", "64", "1460", "65483"})
    public int bytes;

    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(65_536));

    /** One sum. */
    @Benchmark
    public int sum() {
        return InternetChecksum.sum(buffer, 2, bytes);
    }
}
