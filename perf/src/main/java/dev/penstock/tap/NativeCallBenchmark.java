package dev.penstock.tap;

import java.io.IOException;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A call into the C library, by binding and by the types of what is passed: an int alone, int and addresses as longs, and one
 * that fails, whose errno is fetched. In the package of what it measures.
 */
@State(Scope.Thread)
@Fork(value = 2, jvmArgsAppend = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class NativeCallBenchmark {
    /** Of JNR-FFI and JNA. */
    @Param({"JNR", "JNA"})
    public NativeBinding binding;

    private final UnsafeBuffer eight = NativeMemory.allocate(8);
    private final UnsafeBuffer pollFd = NativeMemory.allocate(Linux.POLLFD_LENGTH);
    private LibC c;
    private int event;

    /** An eventfd that counts. */
    @Setup
    public void open() throws IOException {
        c = binding.libC();
        event = c.eventfd(0, Linux.EFD_CLOEXEC | Linux.EFD_NONBLOCK);
        eight.putLong(0, 1);
        pollFd.putInt(Linux.POLLFD_FD, event);
        pollFd.putShort(Linux.POLLFD_EVENTS, (short) Linux.POLLIN);
    }

    /** Gives it back. */
    @TearDown
    public void close() {
        c.close(event);
    }

    /** close(-1): one int, fails with EBADF. */
    @Benchmark
    public int failing() {
        return c.close(-1);
    }

    /** poll(2) of one descriptor: an address, a long, an int. */
    @Benchmark
    public int poll() {
        return c.poll(pollFd.addressOffset(), 1, 0);
    }

    /** write(2) and read(2) of eight bytes: an int, an address, a long, each; two calls. */
    @Benchmark
    public long writeAndRead() {
        return c.write(event, eight.addressOffset(), 8) + c.read(event, eight.addressOffset(), 8);
    }
}
