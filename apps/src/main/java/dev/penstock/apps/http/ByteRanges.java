package dev.penstock.apps.http;

import java.util.Arrays;
import java.util.Locale;

/**
 * The byte ranges of a Range field against a length (RFC 9110, section 14.1.2): none to be honoured, not satisfiable, or
 * some. Immutable.
 */
final class ByteRanges {
    /** More ranges than this are "numerous", as section 14.2 warns of; the whole is sent instead. */
    static final int MOST = 16;
    /** The field is absent, malformed, of another unit or excessive: send the whole. */
    static final ByteRanges IGNORED = new ByteRanges(new long[0]);
    /** Nothing that was asked for exists: 416. */
    static final ByteRanges UNSATISFIABLE = new ByteRanges(new long[0]);

    private final long[] bounds;

    private ByteRanges(long[] bounds) {
        this.bounds = bounds;
    }

    /** How many ranges. */
    int count() {
        return bounds.length / 2;
    }

    /** The first byte of range {@code i}. */
    long first(int i) {
        return bounds[2 * i];
    }

    /** The last byte of range {@code i}, included. */
    long last(int i) {
        return bounds[2 * i + 1];
    }

    /** How many bytes range {@code i} has. */
    long length(int i) {
        return last(i) - first(i) + 1;
    }

    /** Reads the field. */
    static ByteRanges parse(String field, long size) {
        if (field == null || !field.toLowerCase(Locale.ROOT).startsWith("bytes=")) {
            return IGNORED;
        }
        String[] specs = field.substring(6).split(",", -1);
        if (specs.length > 4 * MOST) {
            return IGNORED;
        }
        long[] bounds = new long[2 * specs.length];
        int n = 0;
        int given = 0;
        long sum = 0;
        for (String each : specs) {
            String spec = each.strip();
            if (spec.isEmpty()) {
                continue;
            }
            given++;
            int dash = spec.indexOf('-');
            long first = dash > 0 ? number(spec.substring(0, dash)) : -1;
            long last = dash >= 0 && dash + 1 < spec.length() ? number(spec.substring(dash + 1)) : -1;
            boolean noLast = dash == spec.length() - 1;
            // "An int-range is invalid if the last-pos value is present, and its value is less than first-pos."
            if (dash < 0
                    || (dash > 0 && first < 0)
                    || (!noLast && last < 0)
                    || (dash == 0 && noLast)
                    || (dash > 0 && !noLast && last < first)) {
                return IGNORED;
            }
            if (dash == 0) {
                first = last == 0 ? size : Math.max(0, size - last);
                last = size - 1;
            } else {
                last = noLast ? size - 1 : Math.min(last, size - 1);
            }
            if (first < size) {
                bounds[n++] = first;
                bounds[n++] = last;
                sum += last - first + 1;
            }
        }
        if (given == 0) {
            return IGNORED;
        }
        if (n == 0) {
            return UNSATISFIABLE;
        }
        // Many or overlapping ranges ask for more than the whole: "either a broken client or a deliberate
        // denial-of-service attack" (section 14.2).
        if (n > 2 * MOST || (n > 2 && sum > size)) {
            return IGNORED;
        }
        return new ByteRanges(Arrays.copyOf(bounds, n));
    }

    /** {@code 1*DIGIT}, at most {@link Long#MAX_VALUE}; -1 when it is not a number. */
    private static long number(String text) {
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : value * 10 + digit;
        }
        return text.isEmpty() ? -1 : value;
    }
}
