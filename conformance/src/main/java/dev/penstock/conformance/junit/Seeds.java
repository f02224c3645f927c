package dev.penstock.conformance.junit;

import java.util.Optional;
import java.util.stream.LongStream;

/** Which seeds a test runs with. */
final class Seeds {
    /** These seeds only. */
    static final String ONLY = "penstock.seed";
    /** So many. */
    static final String MANY = "penstock.seeds";

    private static final int MOST = 100_000_000;

    private Seeds() {}

    static LongStream of(SimulatedNetworkTest test, Optional<String> only, Optional<String> many) {
        if (only.isPresent()) {
            return parse(only.get());
        }
        long count = many.map(text -> number(MANY, text)).orElse((long) test.seeds());
        if (count < 1 || count > MOST) {
            throw new IllegalArgumentException("the number of seeds must be in 1 .. " + MOST + ": " + count);
        }
        return LongStream.range(test.firstSeed(), test.firstSeed() + count);
    }

    /** {@code 17}, {@code 3,17}, {@code 10..20}. */
    static LongStream parse(String text) {
        LongStream all = LongStream.empty();
        for (String part : text.split(",", -1)) {
            int dots = part.indexOf("..");
            long first = number(ONLY, dots < 0 ? part : part.substring(0, dots));
            long last = dots < 0 ? first : number(ONLY, part.substring(dots + 2));
            if (last < first || last - first >= MOST) {
                throw new IllegalArgumentException("-D" + ONLY + "=" + text + ": " + part + " is no range of seeds");
            }
            all = LongStream.concat(all, LongStream.rangeClosed(first, last));
        }
        return all;
    }

    private static long number(String property, String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "-D" + property + ": not a number: '" + text + "' (write 17, 3,17 or 10..20)", e);
        }
    }
}
