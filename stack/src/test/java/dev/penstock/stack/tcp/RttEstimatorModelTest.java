package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The estimator against RFC 6298 in floating point, and against a list of all that was measured. */
class RttEstimatorModelTest {
    private static final long MS = 1_000_000L;
    private static final long SECOND = 1_000 * MS;

    private final TcpConfig config = new TcpConfig();

    /** A measurement in each round trip, no more: then appendix G of RFC 7323 changes nothing. */
    private void play(long seed) {
        Random random = new Random(seed);
        RttEstimator rtt = new RttEstimator(config);
        double srtt = -1;
        double rttvar = -1;
        double longest = 0;
        int backoff = 0;
        long now = SECOND;
        long base = (1 + random.nextInt(1000)) * MS;
        List<long[]> measured = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            if (random.nextInt(5) == 0) {
                rtt.backOff();
                backoff = Math.min(30, backoff + 1);
            } else {
                long r = 1 + (long) (base * (0.5 + random.nextDouble() * (random.nextInt(10) == 0 ? 20 : 1)));
                longest = Math.max(longest, srtt);
                now += Math.max((long) longest + 1_000, r);
                rtt.sample(r, now);
                measured.add(new long[] {now, r});
                if (srtt < 0) {
                    srtt = r;
                    rttvar = r / 2.0;
                } else {
                    rttvar += (Math.abs(srtt - r) - rttvar) / 4;
                    srtt += (r - srtt) / 8;
                }
                backoff = 0;
            }
            String where = "seed " + seed + ", step " + i;
            double expected = srtt < 0
                    ? (double) config.initialRtoNs
                    : Math.max(
                            (double) config.minRtoNs,
                            Math.min((double) config.maxRtoNs, srtt + Math.max((double) MS, 4 * rttvar)));
            expected = Math.min((double) config.maxRtoNs, expected * Math.pow(2, Math.min(backoff, 20)));
            // Divisions of integers leave less than a nanosecond each time.
            assertEquals(expected, (double) rtt.rtoNs(), Math.max(2_000, expected * 1e-6), where);
            if (srtt >= 0) {
                assertEquals(srtt, (double) rtt.srttNs(), 200, where);
                assertEquals(rttvar, (double) rtt.rttvarNs(), 200, where);
            }
            least(measured, rtt.minRttNs(), now, where);
        }
    }

    /** The least of 150 s to 300 s: no measurement of the last 150 s is less, and it is one of the last 300 s. */
    private static void least(List<long[]> measured, long told, long now, String where) {
        long recent = Long.MAX_VALUE;
        boolean known = measured.isEmpty() && told == -1;
        for (long[] m : measured) {
            long r = Math.max(1, m[1]);
            if (m[0] > now - 150 * SECOND) {
                recent = Math.min(recent, r);
            }
            // The latest measurement may be as long ago as it likes: it began the period.
            known |= r == told;
        }
        assertTrue(told <= recent, where + ": " + told + " is more than " + recent);
        assertTrue(known, where + ": " + told + " was never measured");
    }

    @Requirement({"RFC6298:2.2", "RFC6298:2.3-1", "RFC6298:2.3-2", "RFC6298:2.3-3", "RFC6298:5.5-1", "RFC6298:5.5-2"})
    @Property(tries = 300)
    void agreesWithTheModel(@ForAll long seed) {
        play(seed);
    }

    @Test
    void theSameSeedsInEachBuild() {
        for (long seed = 0; seed < 200; seed++) {
            play(seed);
        }
    }

    @Requirement("RFC6298:3-4")
    @Test
    void withinARoundTripTheVariationRisesAtOnceAndFallsOnce() {
        RttEstimator rtt = new RttEstimator(config);
        rtt.sample(100 * MS, SECOND);
        long now = SECOND + 101 * MS;
        rtt.sample(100 * MS, now);
        long before = rtt.rttvarNs();
        assertEquals(50 * MS - 50 * MS / 4, before);
        for (int i = 1; i < 20; i++) {
            rtt.sample(100 * MS, now + i * MS);
            assertEquals(before, rtt.rttvarNs(), "no other fall in this round trip");
        }
        rtt.sample(500 * MS, now + 20 * MS);
        assertTrue(rtt.rttvarNs() > before, "a rise counts at once");
    }
}
