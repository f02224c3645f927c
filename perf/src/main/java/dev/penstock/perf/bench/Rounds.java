package dev.penstock.perf.bench;

import dev.penstock.perf.report.Figure;
import dev.penstock.perf.report.Point;
import dev.penstock.perf.report.Stats;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * Measures contenders in turn, round by round, so that whatever else the machine does meets them all alike. Before the first round
 * each runs until its values are steady.
 */
final class Rounds {
    private static final long MS = 1_000_000L;
    private static final double NS_PER_US = 1e3;
    private static final double[] PERCENTILES = {
        0, 10, 25, 50, 75, 80, 90, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.975, 99.99, 99.995, 99.999, 100
    };

    private final int rounds;
    private final long measureNs;
    private final Consumer<String> progress;

    /** @param progress told what is being done, in a few words */
    Rounds(int rounds, double seconds, Consumer<String> progress) {
        this.rounds = rounds;
        this.measureNs = Math.max(MS, (long) (seconds * 1000 * MS));
        this.progress = progress;
    }

    List<Figure> run(List<Contender> contenders) throws Exception {
        List<Figure> figures = new ArrayList<>();
        List<Histogram> latencies = new ArrayList<>();
        List<List<Double>> garbage = new ArrayList<>();
        for (Contender c : contenders) {
            Figure f = c.describe();
            f.rounds = new double[rounds];
            progress.accept(f.title + ": warming up");
            f.warmUp = warmUp(c);
            figures.add(f);
            latencies.add(null);
            garbage.add(new ArrayList<>());
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < contenders.size(); i++) {
                Figure f = figures.get(i);
                progress.accept(f.title + ": round " + (round + 1) + " of " + rounds);
                Sample s = once(contenders.get(i));
                f.rounds[round] = s.value();
                if (!Double.isNaN(s.allocation())) {
                    garbage.get(i).add(s.allocation());
                }
                if (s.latency() != null) {
                    f.p99 = Arrays.copyOf(f.p99, round + 1);
                    f.p99[round] = s.latency().getValueAtPercentile(99) / NS_PER_US;
                    if (latencies.get(i) == null) {
                        latencies.set(i, new Histogram(s.latency()));
                    }
                    latencies.get(i).add(s.latency());
                }
            }
        }
        for (int i = 0; i < figures.size(); i++) {
            finish(figures.get(i), latencies.get(i), garbage.get(i));
        }
        progress.accept("");
        return figures;
    }

    private static void finish(Figure f, Histogram latency, List<Double> garbage) {
        if (!garbage.isEmpty()) {
            f.allocation = Stats.median(
                    garbage.stream().mapToDouble(Double::doubleValue).toArray());
        }
        if (latency != null) {
            f.percentiles = points(latency);
        }
    }

    /** Microseconds by percentile. */
    static List<Point> points(Histogram latency) {
        List<Point> points = new ArrayList<>();
        for (double p : PERCENTILES) {
            points.add(new Point(p, latency.getValueAtPercentile(p) / NS_PER_US));
        }
        return points;
    }

    /** Connections begin slowly: a part of the time is given to that, and not counted. */
    private Sample once(Contender c) throws Exception {
        try (Rig rig = c.start()) {
            rig.measure(Math.max(Math.min(100 * MS, 2 * measureNs), measureNs / 5));
            return rig.measure(measureNs);
        }
    }

    private String warmUp(Contender c) throws Exception {
        WarmUp warmUp = new WarmUp();
        long windowNs = Math.min(200 * MS, Math.max(20 * MS, measureNs));
        long begin = System.nanoTime();
        try (Rig rig = c.start()) {
            boolean more = true;
            while (more) {
                more = warmUp.wantsMore(rig.measure(windowNs).value());
            }
        }
        return warmUp.describe(begin);
    }
}
