package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SipHash;
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

/** The look-up of a segment's connection among so many, in random order, so that neither the last one found nor a cache helps. */
@State(Scope.Thread)
@Fork(value = 2, jvmArgsAppend = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ConnectionTableBenchmark {
    private static final int ORDER = 1 << 16;

    /** Connections in the table. */
    @Param({"1", "1000", "100000", "1000000"})
    public int connections;

    private ConnectionTable<Entry> table;
    private final int[] order = new int[ORDER];
    private int next;

    private static final class Entry implements ConnectionTable.Entry {
        private final int number;
        private int hash;

        Entry(int number) {
            this.number = number;
        }

        @Override
        public long localHi() {
            return 0;
        }

        @Override
        public long localLo() {
            return 0xffff_c000_0201L;
        }

        @Override
        public int localPort() {
            return 80;
        }

        @Override
        public long remoteHi() {
            return 0;
        }

        @Override
        public long remoteLo() {
            return remote(number);
        }

        @Override
        public int remotePort() {
            return port(number);
        }

        @Override
        public int zone() {
            return -1;
        }

        @Override
        public int tableHash() {
            return hash;
        }

        @Override
        public void tableHash(int newHash) {
            hash = newHash;
        }
    }

    private static long remote(int number) {
        return 0xffff_0a00_0000L + (number >>> 14);
    }

    private static int port(int number) {
        return 40_000 + (number & 0x3fff);
    }

    /** Fills it. */
    @Setup
    public void fill() {
        table = new ConnectionTable<>(new SipHash(1, 2), connections);
        for (int i = 0; i < connections; i++) {
            table.add(new Entry(i));
        }
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < ORDER; i++) {
            order[i] = random.nextInt(connections);
        }
    }

    /** One that is there. */
    @Benchmark
    public Object find() {
        int n = order[next++ & (ORDER - 1)];
        return table.find(0, 0xffff_c000_0201L, 80, 0, remote(n), port(n), -1);
    }

    /** One that is not: a stray. */
    @Benchmark
    public Object miss() {
        int n = order[next++ & (ORDER - 1)];
        return table.find(0, 0xffff_c000_0201L, 81, 0, remote(n), port(n), -1);
    }
}
