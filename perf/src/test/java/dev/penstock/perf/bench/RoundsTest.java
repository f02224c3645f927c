package dev.penstock.perf.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.perf.report.Figure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** How rounds are made: in turn, warm, each set up anew and taken down again. */
class RoundsTest {
    private final List<String> log = new ArrayList<>();

    private Contender fake(String name, double value) {
        return Figures.contender(name, name, "x", true, Map.of(), "thing", () -> {
            log.add("start " + name);
            return new Rig() {
                private int windows;

                @Override
                public Sample measure(long ns) {
                    windows++;
                    return Sample.rate(value, 1);
                }

                @Override
                public void close() {
                    log.add("close " + name + " after " + windows);
                }
            };
        });
    }

    @Test
    void contendersAreMeasuredInTurn() throws Exception {
        List<Figure> figures = new Rounds(2, 0.001, s -> {}).run(List.of(fake("a", 6), fake("b", 3)));
        assertArrayEquals(new double[] {6, 6}, figures.get(0).rounds);
        assertArrayEquals(new double[] {3, 3}, figures.get(1).rounds);
        assertEquals(1.0, figures.get(0).allocation);
        List<String> starts = log.stream().filter(l -> l.startsWith("start")).toList();
        // Both are warmed up, then one round after the other has both.
        assertEquals(List.of("start a", "start b", "start a", "start b", "start a", "start b"), starts);
        assertEquals("close a after 8", log.get(1), "steady values are believed after eight windows");
        assertEquals("close a after 2", log.get(5), "a round has a beginning that does not count");
        assertEquals(12, log.size(), "each that is started is closed");
    }

    @Test
    void warmUpGoesOnWhileValuesRise() {
        WarmUp warmUp = new WarmUp();
        int windows = 0;
        boolean more = true;
        while (more) {
            more = warmUp.wantsMore(Math.min(100, 10.0 * windows++));
        }
        assertTrue(windows > 13 && windows < 20, windows + " windows");
        assertTrue(warmUp.describe(System.nanoTime()).contains("then steady"));
    }

    @Test
    void warmUpGivesUpOnWhatIsNeverSteadyAndSaysSo() {
        WarmUp warmUp = new WarmUp();
        int windows = 0;
        double value = 1;
        while (warmUp.wantsMore(value)) {
            windows++;
            value *= 2;
        }
        assertEquals(39, windows);
        assertTrue(warmUp.describe(System.nanoTime()).contains("NOT steady"));
    }

    @Test
    void afterAStallEveryQuestionThatWasDueCountsItsWait() {
        // 1,000 questions a second, each answered at once, but for one stall of 100 ms.
        Schedule fixed = new Schedule(1_000, 0);
        Schedule closed = new Schedule(0, 0);
        assertTrue(fixed.isFixed());
        assertFalse(closed.isFixed());
        Histogram corrected = new Histogram(10_000_000_000L, 3);
        Histogram naive = new Histogram(10_000_000_000L, 3);
        run(fixed, corrected);
        run(closed, naive);
        assertTrue(naive.getValueAtPercentile(99) < 2_000, "a closed loop asks nothing while it waits");
        long p99 = corrected.getValueAtPercentile(99);
        assertTrue(
                p99 > 85_000_000 && p99 < 101_000_000, p99 + " ns: of 1,000 the ten worst waited for 90 ms and more");
    }

    /** A second of virtual time; an answer takes a microsecond. */
    private static void run(Schedule schedule, Histogram latency) {
        long now = 0;
        for (int i = 0; i < 1_000; i++) {
            long due = schedule.next(now);
            now = Math.max(now, due) + (i == 100 ? 100_000_000 : 1_000);
            latency.recordValue(now - due);
        }
    }
}
