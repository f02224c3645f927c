package dev.penstock.apps.netsim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponseFunctionTest {

    /** RFC 9438, section 5.1, tables 1 and 2: average windows for RTTs of 100 ms and 10 ms. */
    @ParameterizedTest
    @CsvSource({
        "0.1,  1e-2, 12,    12",
        "0.1,  1e-3, 38,    38",
        "0.1,  1e-4, 120,   187",
        "0.1,  1e-5, 379,   1054",
        "0.1,  1e-6, 1200,  5926",
        "0.1,  1e-7, 3795,  33325",
        "0.1,  1e-8, 12000, 187400",
        "0.01, 1e-4, 120,   120",
        "0.01, 1e-6, 1200,  1200",
        "0.01, 1e-7, 3795,  5926",
        "0.01, 1e-8, 12000, 33325"
    })
    void agreesWithTheTablesOfRfc9438(double rtt, double loss, double reno, double cubic) {
        // The tables take 1.2 for the root of 1.5, which is 1.2247.
        assertEquals(reno, ResponseFunction.RENO.segments(loss, rtt), 0.035 * reno + 0.5);
        assertEquals(cubic, ResponseFunction.CUBIC.segments(loss, rtt), 0.035 * cubic + 0.5);
    }

    /** RFC 9438, section 5.1: {@code AVG_W_cubic = 1.054 * RTT^(3/4) / p^(3/4)}. */
    @Test
    void theConstantOfCubicIsThatOfTheRfc() {
        assertEquals(1.054, ResponseFunction.CUBIC.segments(1e-12, 1) * Math.pow(1e-12, 0.75), 0.0005);
    }

    /** RFC 9438, section 4.3: alpha_cubic makes AIMD(alpha_cubic, 0.7) as fast as AIMD(1, 0.5). */
    @Test
    void inTheRenoFriendlyRegionCubicIsReno() {
        assertEquals(ResponseFunction.RENO.segments(0.05, 0.02), ResponseFunction.CUBIC.segments(0.05, 0.02), 1e-9);
        assertEquals(Math.sqrt(1.5 / 0.05), ResponseFunction.RENO.segments(0.05, 0.02), 1e-9);
    }

    @Test
    void withoutLossNothingLimits() {
        for (ResponseFunction function : ResponseFunction.values()) {
            assertTrue(Double.isInfinite(function.segments(0, 0.1)), function.name());
        }
        assertTrue(Double.isInfinite(ResponseFunction.NONE.segments(0.3, 0.1)));
    }

    @Test
    void isFoundByName() {
        assertEquals(ResponseFunction.CUBIC, ResponseFunction.of("cubic"));
        assertEquals(ResponseFunction.RENO, ResponseFunction.of("reno"));
        assertEquals(ResponseFunction.NONE, ResponseFunction.of("bbr"));
        assertEquals(ResponseFunction.NONE, ResponseFunction.of("none"));
        assertThrows(IllegalArgumentException.class, () -> ResponseFunction.of("vegas"));
    }
}
