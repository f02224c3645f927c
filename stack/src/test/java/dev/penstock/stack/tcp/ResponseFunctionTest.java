package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The average windows that RFC 9438 computes, met by the real classes in a closed loop with random loss: equation (3) with
 * AIMD(1, 0.5) for Reno, and for CUBIC the greater of that and equation (6). Random losses let both be a little above.
 */
class ResponseFunctionTest {
    private static final long MS = 1_000_000L;

    private static double reno(double p) {
        return Math.sqrt(1.5 / p);
    }

    private static double cubic(double p, double rttSeconds) {
        return Math.max(reno(p), 1.054 * Math.pow(rttSeconds / p, 0.75));
    }

    private static double measured(CongestionControl cc, int rttMs, double p) {
        LossyPipe pipe = new LossyPipe(cc, rttMs * MS, p, 1234 + rttMs);
        pipe.averageWindow((int) (50 / p));
        return pipe.averageWindow((int) (1000 / p));
    }

    private static void check(String what, double measured, double expected, double atMost) {
        double ratio = measured / expected;
        assertTrue(ratio >= 0.9 && ratio <= atMost, () -> what + ": " + measured + ", but " + expected);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05})
    void renoMeetsItsResponseFunction(double p) {
        check("reno at " + p, measured(new NewReno(), 100, p), reno(p), 1.15);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05})
    void cubicMeetsItsResponseFunction(double p) {
        for (int rttMs : new int[] {20, 50, 100, 200}) {
            check("cubic at " + p + ", " + rttMs + " ms", measured(new Cubic(), rttMs, p), cubic(p, rttMs / 1e3), 1.3);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {50, 100, 200})
    void cubicIsWorthItsNameOnALongFatPath(int rttMs) {
        // Table 1: at a loss in 100,000 and 100 ms 1054 segments, where Reno has 379.
        double p = 0.00005;
        double w = measured(new Cubic(), rttMs, p);
        check("cubic at " + rttMs + " ms", w, cubic(p, rttMs / 1e3), 1.3);
    }
}
