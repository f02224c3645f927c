package dev.penstock.stack.tcp;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The scoreboard of 1 Gbit/s at 100 ms, 8,600 segments in flight, of which every second one is lost: the worst that a path
 * can do. Each acknowledgment tells of one new segment in its first SACK block and of two earlier ones; RACK marks what is
 * lost, and that is sent again. In the package of what it measures, which nobody else needs.
 */
@State(Scope.Thread)
@Fork(value = 2, jvmArgsAppend = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ScoreboardBenchmark {
    private static final int MSS = 1_448;
    private static final int ACKS = 4_300;
    private static final int SEGMENTS = 2 * ACKS;
    private static final long RTT_NS = 100_000_000;
    private static final long SEGMENT_NS = RTT_NS / SEGMENTS;
    private static final int ISS = 0x7fff_0000;

    /** How many segments each transmission had: single ones, or super-segments, which SACK then cuts. */
    @Param({"1", "45"})
    public int segmentsAtOnce;

    /** In which order they arrive: "sent", or "random", as no path does. */
    @Param({"sent", "random"})
    public String order;

    private final SendState snd = new SendState();
    private final Scoreboard board = new Scoreboard(new SentSegmentPool(4 * SEGMENTS));
    private final RttEstimator rtt = new RttEstimator(new TcpConfig());
    private final Delivery delivery = new Delivery();
    private final Segment segment = new Segment();
    private final int[] arrivals = new int[ACKS];
    private RackDetector rack;
    private long nowNs;

    /** In which order the segments arrive. */
    @Setup
    public void arrivals() {
        rtt.sample(RTT_NS, 0);
        for (int i = 0; i < ACKS; i++) {
            arrivals[i] = 2 * i + 1;
        }
        Random random = new Random(1);
        for (int i = ACKS - 1; i > 0 && order.equals("random"); i--) {
            int other = random.nextInt(i + 1);
            int kept = arrivals[i];
            arrivals[i] = arrivals[other];
            arrivals[other] = kept;
        }
    }

    /** The window is sent. */
    @Setup(Level.Invocation)
    public void fill() {
        board.clear();
        snd.mss = MSS;
        snd.una = ISS;
        snd.nxt = ISS;
        rack = new RackDetector(snd, board, rtt, null);
        nowNs = 1_000_000_000L;
        for (int i = 0; i < SEGMENTS; i += segmentsAtOnce) {
            int end = Math.min(SEGMENTS, i + segmentsAtOnce);
            board.sent(snd.nxt, snd.nxt + (end - i) * MSS, MSS, false, nowNs);
            snd.nxt += (end - i) * MSS;
            nowNs += SEGMENT_NS * (end - i);
        }
    }

    /** An acknowledgment with three SACK blocks, RACK, and the retransmission. */
    @Benchmark
    @OperationsPerInvocation(ACKS)
    public long acknowledgment() {
        for (int i = 0; i < ACKS; i++) {
            nowNs += 2 * SEGMENT_NS;
            delivery.begin(rack, segment, false, nowNs);
            for (int block = 0; block < 3 && block <= i; block++) {
                int start = ISS + arrivals[i - block] * MSS;
                board.sacked(start, start + MSS, delivery);
            }
            rack.detect(true, nowNs);
            while (!board.lost.isEmpty()) {
                board.sentAgain(board.lost.first(), MSS, nowNs);
            }
        }
        snd.una = snd.nxt;
        delivery.begin(rack, segment, false, nowNs + RTT_NS);
        board.acknowledged(snd.una, delivery);
        return board.deliveredBytes();
    }
}
