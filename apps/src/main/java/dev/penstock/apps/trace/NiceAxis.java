package dev.penstock.apps.trace;

import java.util.Locale;

/** An axis whose ticks are at 1, 2 or 5 times a power of ten, in the unit that suits. Maps values to a length. */
final class NiceAxis {
    /** A unit: its name, and how many base units it has. */
    private record Unit(String name, double size) {}

    private static final Unit[] TIME = {
        new Unit("ns", 1), new Unit("µs", 1e3), new Unit("ms", 1e6), new Unit("s", 1e9),
    };
    private static final Unit[] BYTES = {
        new Unit("B", 1), new Unit("kB", 1e3), new Unit("MB", 1e6), new Unit("GB", 1e9), new Unit("TB", 1e12),
    };

    private final double from;
    private final double to;
    private final double atFrom;
    private final double atTo;
    private final double step;
    private final Unit unit;

    private NiceAxis(Unit[] units, double from, double to, double atFrom, double atTo, int ticks) {
        this.from = from;
        this.to = to > from ? to : from + 1;
        this.atFrom = atFrom;
        this.atTo = atTo;
        Unit best = units[0];
        for (Unit u : units) {
            if (Math.max(Math.abs(from), Math.abs(this.to)) >= 2 * u.size) {
                best = u;
            }
        }
        this.unit = best;
        double rough = (this.to - from) / best.size / ticks;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double mantissa = rough / power;
        this.step = (mantissa <= 1 ? 1 : mantissa <= 2 ? 2 : mantissa <= 5 ? 5 : 10) * power * best.size;
    }

    /** An axis of times in nanoseconds, drawn from {@code atFrom} to {@code atTo}, with about so many ticks. */
    static NiceAxis time(double from, double to, double atFrom, double atTo, int ticks) {
        return new NiceAxis(TIME, from, to, atFrom, atTo, ticks);
    }

    /** As {@link #time}, of bytes. */
    static NiceAxis bytes(double from, double to, double atFrom, double atTo, int ticks) {
        return new NiceAxis(BYTES, from, to, atFrom, atTo, ticks);
    }

    String unit() {
        return unit.name;
    }

    double from() {
        return from;
    }

    double to() {
        return to;
    }

    /** Where a value is drawn. */
    double at(double value) {
        return atFrom + (value - from) / (to - from) * (atTo - atFrom);
    }

    /** Where a value is drawn: a pixel is far more than what is rounded. */
    double at(long value) {
        return at((double) value);
    }

    int ticks() {
        return (int) (Math.floor(to / step + 1e-9) - firstTick()) + 1;
    }

    private double firstTick() {
        return Math.ceil(from / step - 1e-9);
    }

    double tick(int i) {
        return (firstTick() + i) * step;
    }

    /** The number at a tick, without the unit. */
    String label(int i) {
        double value = tick(i) / unit.size;
        int digits = Math.max(0, (int) Math.ceil(-Math.log10(step / unit.size) - 1e-9));
        return String.format(Locale.ROOT, "%." + digits + "f", value + 0.0);
    }
}
