package dev.penstock.apps.trace;

import java.util.Arrays;

/**
 * Vertical bars, one for each segment. Bars that touch each other in one column become one; the columns are as wide as
 * it takes to have no more than a given number of bars.
 */
final class BarPath {
    private final int most;
    private final double leastHeight;
    private double columnWidth = 0.5;
    private double[] bars = new double[3 * 256];
    private int count;
    private int segments;

    /**
     * @param most the most bars
     * @param leastHeight pixels; one that is less high is drawn so high
     */
    BarPath(int most, double leastHeight) {
        this.most = most;
        this.leastHeight = leastHeight;
    }

    /** From {@code top} down to {@code bottom}, which is the greater; {@code x} never decreases. */
    void add(double x, double top, double bottom) {
        segments++;
        put(Math.round(x / columnWidth) * columnWidth, top, bottom);
        while (count > most) {
            coarsen();
        }
    }

    private void put(double x, double top, double bottom) {
        // Those of the same column lie at the end; more than a few of them are as good as one.
        for (int i = count - 1; i >= Math.max(0, count - 8) && bars[3 * i] == x; i--) {
            if (top <= bars[3 * i + 2] + columnWidth && bottom >= bars[3 * i + 1] - columnWidth) {
                bars[3 * i + 1] = Math.min(bars[3 * i + 1], top);
                bars[3 * i + 2] = Math.max(bars[3 * i + 2], bottom);
                return;
            }
        }
        if (3 * count + 3 > bars.length) {
            bars = Arrays.copyOf(bars, bars.length * 2);
        }
        bars[3 * count] = x;
        bars[3 * count + 1] = top;
        bars[3 * count + 2] = bottom;
        count++;
    }

    private void coarsen() {
        columnWidth *= 2;
        double[] before = bars;
        int n = count;
        bars = new double[before.length];
        count = 0;
        for (int i = 0; i < n; i++) {
            double x = Math.round(before[3 * i] / columnWidth) * columnWidth;
            put(x, before[3 * i + 1], before[3 * i + 2]);
        }
    }

    int segments() {
        return segments;
    }

    int bars() {
        return count;
    }

    /** How wide to draw them, pixels: few of them can be seen better when they are broad. */
    String width() {
        return Svg.number(Math.max(columnWidth, count < 150 ? 3 : count < 1_500 ? 2.4 : 1.4));
    }

    CharSequence path() {
        StringBuilder d = new StringBuilder();
        for (int i = 0; i < count; i++) {
            double middle = (bars[3 * i + 1] + bars[3 * i + 2]) / 2;
            double half = Math.max(leastHeight, bars[3 * i + 2] - bars[3 * i + 1]) / 2;
            d.append('M').append(Svg.number(bars[3 * i])).append(' ').append(Svg.number(middle - half));
            d.append('V').append(Svg.number(middle + half));
        }
        return d;
    }
}
