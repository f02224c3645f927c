package dev.penstock.perf;

import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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

/**
 * The deadline queue of a shard with so many timers in it: one is moved to a later moment, as each acknowledgment moves a
 * retransmission timer, and one that is due fires and is set anew.
 */
@State(Scope.Thread)
@Fork(value = 2, jvmArgsAppend = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TimerBenchmark {
    private static final long SECOND_NS = 1_000_000_000;

    /** Timers that wait. */
    @Param({"1", "1000", "100000", "1000000"})
    public int waiting;

    private final DeadlineQueue queue = new DeadlineQueue();
    private Timer[] timers;
    private int next;
    private long nowNs;
    private long fired;

    private final class Timer extends Deadline {
        @Override
        protected void onDeadline(long atNs) {
            fired++;
            queue.schedule(this, atNs + SECOND_NS);
        }
    }

    /** All within a second, at random. */
    @Setup
    public void schedule() {
        SplittableRandom random = new SplittableRandom(1);
        timers = new Timer[waiting];
        for (int i = 0; i < waiting; i++) {
            timers[i] = new Timer();
            queue.schedule(timers[i], random.nextLong(SECOND_NS));
        }
    }

    /** Moves one of them to a second from now. */
    @Benchmark
    public long move() {
        Timer timer = timers[next];
        next = next + 1 == waiting ? 0 : next + 1;
        queue.schedule(timer, nowNs += 100);
        return queue.nextDeadlineNs();
    }

    /** Has the first fire, which sets itself anew. */
    @Benchmark
    public long fire() {
        queue.expire(queue.nextDeadlineNs(), 1);
        return fired;
    }
}
