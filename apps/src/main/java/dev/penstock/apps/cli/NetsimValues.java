package dev.penstock.apps.cli;

import dev.penstock.apps.netsim.TransferSpec;
import dev.penstock.stack.tcp.CongestionControls;

/** The values of {@link NetsimCommand}'s options. */
final class NetsimValues {
    private static final String NUMBER = "[0-9]{1,9}([.][0-9]{1,9})?";
    private static final double NS_PER_MS = 1e6;
    private static final long LONGEST_RTT_NS = 3_600_000_000_000L;

    private NetsimValues() {}

    /** Milliseconds as nanoseconds: {@code 100}, {@code 0.5}, {@code 20ms}. */
    static long rtt(String text) {
        String number = text.endsWith("ms") ? text.substring(0, text.length() - 2) : text;
        double ns = number.matches(NUMBER) ? Double.parseDouble(number) * NS_PER_MS : 0;
        if (!(ns >= 1000 && ns <= LONGEST_RTT_NS)) {
            throw new IllegalArgumentException(
                    "not a time in milliseconds: '" + text + "' (write 100, 0.5 or 20ms, 0.001 .. 3600000)");
        }
        return Math.round(ns);
    }

    /** Per cent as a probability: {@code 0.1}, {@code 5%}; below 100. */
    static double percent(String text) {
        String number = text.endsWith("%") ? text.substring(0, text.length() - 1) : text;
        double value = number.matches(NUMBER) ? Double.parseDouble(number) : -1;
        if (!(value >= 0 && value < 100)) {
            throw new IllegalArgumentException("not a percentage: '" + text + "' (write 0, 0.1 or 30, below 100)");
        }
        return value / 100;
    }

    /** Bytes of a buffer, or auto. */
    static int buffer(String text) {
        if (text.equals("auto")) {
            return TransferSpec.AUTO;
        }
        long bytes = Units.parseBytes(text);
        if (bytes > 1 << 30) {
            throw new IllegalArgumentException("a buffer has 1G at most: '" + text + "'");
        }
        return (int) bytes;
    }

    /** Bits a second: a number, or one with k, M or G behind it (powers of 1000). */
    static long bandwidth(String text) {
        if (!text.matches("[0-9]{1,9}([.][0-9]{1,6})?[kKmMgG]?")) {
            throw new IllegalArgumentException("not a bandwidth: '" + text + "' (write 500k, 200M or 1G)");
        }
        char last = Character.toLowerCase(text.charAt(text.length() - 1));
        double unit = last == 'k' ? 1e3 : last == 'm' ? 1e6 : last == 'g' ? 1e9 : 1;
        double bits = Double.parseDouble(unit == 1 ? text : text.substring(0, text.length() - 1)) * unit;
        if (!(bits >= 1000 && bits <= 1e12)) {
            throw new IllegalArgumentException("a bandwidth is 1k .. 1000G: '" + text + "'");
        }
        return Math.round(bits);
    }

    /** A number of flows. */
    static int flows(String text) {
        int flows = text.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(text) : 0;
        if (flows < 1 || flows > 1024) {
            throw new IllegalArgumentException("not a number of flows: '" + text + "' (write 1 .. 1024)");
        }
        return flows;
    }

    /** A number of transfers. */
    static int runs(String text) {
        int runs = text.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(text) : 0;
        if (runs < 1 || runs > 1000) {
            throw new IllegalArgumentException("not a number of runs: '" + text + "' (write 1 .. 1000)");
        }
        return runs;
    }

    /** Two round-trip times, nanoseconds. */
    record Range(long min, long max) {}

    /** {@code 50..150}: two times in milliseconds. */
    static Range spread(String text) {
        int dots = text.indexOf("..");
        if (dots < 0) {
            throw new IllegalArgumentException("not a range: '" + text + "' (write 50..150, milliseconds)");
        }
        Range range = new Range(rtt(text.substring(0, dots)), rtt(text.substring(dots + 2)));
        if (range.min > range.max) {
            throw new IllegalArgumentException("the range is upside down: '" + text + "' (write 50..150)");
        }
        return range;
    }

    static final class RttConverter extends OptionConverter<Long> {
        @Override
        Long parse(String text) {
            return rtt(text);
        }
    }

    static final class PercentConverter extends OptionConverter<Double> {
        @Override
        Double parse(String text) {
            return percent(text);
        }
    }

    static final class BufferConverter extends OptionConverter<Integer> {
        @Override
        Integer parse(String text) {
            return buffer(text);
        }
    }

    static final class BandwidthConverter extends OptionConverter<Long> {
        @Override
        Long parse(String text) {
            return bandwidth(text);
        }
    }

    static final class FlowsConverter extends OptionConverter<Integer> {
        @Override
        Integer parse(String text) {
            return flows(text);
        }
    }

    static final class RunsConverter extends OptionConverter<Integer> {
        @Override
        Integer parse(String text) {
            return runs(text);
        }
    }

    static final class SpreadConverter extends OptionConverter<Range> {
        @Override
        Range parse(String text) {
            return spread(text);
        }
    }

    static final class CongestionConverter extends OptionConverter<String> {
        @Override
        String parse(String text) {
            if (!CongestionControls.names().contains(text)) {
                throw new IllegalArgumentException(
                        "no such congestion control: '" + text + "' (write cubic, reno, bbr or none)");
            }
            return text;
        }
    }
}
