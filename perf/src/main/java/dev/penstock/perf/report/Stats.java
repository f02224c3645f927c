package dev.penstock.perf.report;

import java.util.Arrays;

/** Median and range of a few rounds: what is said of every figure. */
public final class Stats {
    private Stats() {}

    /** The median; of an even number of values the mean of the two in the middle; NaN of none. */
    public static double median(double... values) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /** The least value; NaN of none. */
    public static double min(double... values) {
        return Arrays.stream(values).min().orElse(Double.NaN);
    }

    /** The greatest value; NaN of none. */
    public static double max(double... values) {
        return Arrays.stream(values).max().orElse(Double.NaN);
    }

    /** Round by round {@code a / b}: what disturbed a round disturbed both. Of as many rounds as both have. */
    public static double[] ratios(double[] a, double[] b) {
        double[] r = new double[Math.min(a.length, b.length)];
        for (int i = 0; i < r.length; i++) {
            r[i] = a[i] / b[i];
        }
        return r;
    }
}
