package dev.penstock.perf.report;

import java.util.Locale;

/** Numbers for people: three digits that count. */
public final class Numbers {
    private Numbers() {}

    /** As {@code 0.123}, {@code 12.3}, {@code 123}, {@code 12,345}. */
    public static String of(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        if (value == 0) {
            return "0";
        }
        double size = Math.abs(value);
        if (size >= 100) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        int decimals = size >= 10 ? 1 : size >= 1 ? 2 : 3;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /** As {@code 1.42 (1.38 .. 1.47)}; the range is left out of a single round. */
    public static String withRange(double... rounds) {
        String median = of(Stats.median(rounds));
        return rounds.length < 2
                ? median
                : median + " (" + of(Stats.min(rounds)) + " .. " + of(Stats.max(rounds)) + ")";
    }
}
