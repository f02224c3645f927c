package dev.penstock.perf.bench;

import dev.penstock.perf.report.Stats;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Says when a thing is warm: the median of the last windows is that of the windows before, and so is no longer on its way anywhere. It
 * gives up after a number of windows, and says so.
 */
final class WarmUp {
    /** Windows that a median is taken of. */
    private static final int SPAN = 4;

    private static final int MOST = 40;
    private static final double AGREEMENT = 0.05;

    private final List<Double> values = new ArrayList<>();
    private boolean steady;

    /** Takes the value of one more window; false when it is enough. */
    boolean wantsMore(double value) {
        values.add(value);
        int n = values.size();
        if (n < 2 * SPAN) {
            return true;
        }
        double before = median(n - 2 * SPAN);
        double last = median(n - SPAN);
        steady = Math.abs(last - before) <= AGREEMENT * Math.abs(before);
        return !steady && n < MOST;
    }

    private double median(int from) {
        return Stats.median(values.subList(from, from + SPAN).stream()
                .mapToDouble(Double::doubleValue)
                .toArray());
    }

    /** How long it took, and how it ended, in words. */
    String describe(long beginNs) {
        double seconds = (System.nanoTime() - beginNs) / 1e9;
        return String.format(Locale.ROOT, "%.1f s, %s", seconds, steady ? "then steady" : "NOT steady by then");
    }
}
