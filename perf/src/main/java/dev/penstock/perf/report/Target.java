package dev.penstock.perf.report;

import java.util.Locale;

/**
 * What a figure or a ratio is to reach.
 *
 * @param atLeast true for a lower bound, false for an upper one
 */
public record Target(boolean atLeast, double limit) {
    /** At least so much. */
    public static Target atLeast(double limit) {
        return new Target(true, limit);
    }

    /** At most so much. */
    public static Target atMost(double limit) {
        return new Target(false, limit);
    }

    /** Whether {@code value} reaches it; a value that is not there does not. */
    public boolean isMet(double value) {
        return atLeast ? value >= limit : value <= limit;
    }

    /** As {@code >= 1.4}. */
    @Override
    public String toString() {
        String text = limit == Math.rint(limit) && Math.abs(limit) >= 1000
                ? String.format(Locale.ROOT, "%,d", (long) limit)
                : String.valueOf(limit).replaceAll("\\.0$", "");
        return (atLeast ? ">= " : "<= ") + text;
    }
}
