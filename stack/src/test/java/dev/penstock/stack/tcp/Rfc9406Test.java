package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.tcp.CongestionControl.Cause;
import org.junit.jupiter.api.Test;

/** RFC 9406: HyStart++. */
class Rfc9406Test {
    private static final long MS = 1_000_000L;

    private final HyStart hyStart = new HyStart();
    private final AckSample sample = new AckSample();
    private long una;

    /** A round of so many acknowledgments with this round-trip time; true if slow start ended in it. */
    private boolean round(int acks, long rttNs) {
        boolean over = false;
        long end = una + acks;
        for (int i = 0; i < acks; i++) {
            una++;
            sample.clear();
            sample.rttNs = rttNs;
            sample.unaPosition = una;
            sample.nxtPosition = end + i;
            over |= hyStart.onAck(sample);
        }
        return over;
    }

    @Requirement("RFC9406:4.2-2")
    @Test
    void aSteadyRoundTripTimeNeverEndsSlowStart() {
        for (int i = 0; i < 50; i++) {
            assertFalse(round(20, 100 * MS));
            assertFalse(hyStart.conservative());
        }
    }

    @Requirement({"RFC9406:4.2-2", "RFC9406:4.2-4", "RFC9406:4.2-5", "RFC9438:4.10-2"})
    @Test
    void aRiseByAnEighthBeginsConservativeSlowStart() {
        // "RttThresh = max(MIN_RTT_THRESH, min(lastRoundMinRTT / MIN_RTT_DIVISOR, MAX_RTT_THRESH))": 10 ms of 80.
        round(20, 80 * MS);
        round(20, 89 * MS);
        assertFalse(hyStart.conservative());
        round(20, 99 * MS + 1);
        assertFalse(hyStart.conservative(), "an eighth of 89 ms is more");
        round(20, 111 * MS + MS);
        assertTrue(hyStart.conservative());
    }

    @Requirement({"RFC9406:4.2-4", "RFC9406:4.3-1"})
    @Test
    void theThresholdIsFourMillisecondsAtLeastAndSixteenAtMost() {
        round(20, 10 * MS);
        round(20, 14 * MS - 1);
        assertFalse(hyStart.conservative());
        hyStart.reset();
        round(20, 10 * MS);
        round(20, 14 * MS);
        assertTrue(hyStart.conservative());
        hyStart.reset();
        round(20, 400 * MS);
        round(20, 416 * MS - 1);
        assertFalse(hyStart.conservative());
        hyStart.reset();
        round(20, 400 * MS);
        round(20, 416 * MS);
        assertTrue(hyStart.conservative());
    }

    @Requirement({"RFC9406:4.2-1", "RFC9406:4.2-3"})
    @Test
    void aRoundOfLessThanEightMeasurementsIsNotJudged() {
        // "N_RTT_SAMPLE = 8".
        round(20, 50 * MS);
        round(6, 90 * MS);
        assertFalse(hyStart.conservative());
    }

    @Requirement({"RFC9406:4.2-8", "RFC9406:4.3-1"})
    @Test
    void conservativeSlowStartLastsFiveRounds() {
        // "CSS lasts at most CSS_ROUNDS rounds. If the transition into CSS happens in the middle of a round, that
        // partial round counts towards the limit."
        round(20, 50 * MS);
        round(20, 60 * MS);
        assertTrue(hyStart.conservative());
        for (int i = 0; i < 4; i++) {
            assertFalse(round(20, 60 * MS), "round " + i);
        }
        assertTrue(round(20, 60 * MS));
        assertFalse(hyStart.conservative());
    }

    @Requirement("RFC9406:4.2-7")
    @Test
    void aRoundTripTimeThatFallsAgainResumesSlowStart() {
        // "if currentRoundMinRTT < cssBaselineMinRtt": the exit was spurious.
        round(20, 50 * MS);
        round(20, 60 * MS);
        assertTrue(hyStart.conservative());
        round(20, 59 * MS);
        assertFalse(hyStart.conservative());
        for (int i = 0; i < 10; i++) {
            assertFalse(round(20, 59 * MS));
        }
    }

    @Requirement({"RFC9406:4.2-6", "RFC9406:4.3-1"})
    @Test
    void conservativeSlowStartGrowsAQuarterAsFast() {
        // "cwnd = cwnd + (min(N, L * SMSS) / CSS_GROWTH_DIVISOR)".
        assertEquals(4000, hyStart.growth(4000, 1000, 0, false));
        round(20, 50 * MS);
        round(20, 60 * MS);
        assertEquals(1000, hyStart.growth(4000, 1000, 0, false));
    }

    @Requirement("RFC9406:4.2-8")
    @Test
    void theWholeOfItEndsSlowStartAtTheWindowThen() {
        // "enter congestion avoidance by setting the ssthresh to the current cwnd"
        for (String name : new String[] {"cubic", "reno"}) {
            CongestionControl cc = CongestionControls.create(name);
            CcDriver d = new CcDriver(cc, 1000);
            d.rounds(2);
            assertEquals(40_000, cc.cwnd());
            d.rttMs = 120;
            for (int i = 0; i < 7 && cc.ssthresh() == CongestionControl.UNLIMITED; i++) {
                d.round();
            }
            assertTrue(cc.ssthresh() > 60_000 && cc.ssthresh() < 220_000, name + " ssthresh " + cc.ssthresh());
            assertEquals((double) cc.ssthresh(), (double) cc.cwnd(), 25_000, name);
        }
    }

    @Requirement("RFC9406:4.3-2")
    @Test
    void laterSlowStartsAreStandard() {
        // Section 4.3: "SHOULD use HyStart++ only for the initial slow start".
        NewReno reno = new NewReno();
        CcDriver d = CcDriver.at(reno, 1000, 200);
        d.congestion(Cause.TIMEOUT);
        d.rttMs = 50;
        d.rounds(4);
        assertEquals(16_000, reno.cwnd());
        d.rttMs = 200;
        d.rounds(2);
        assertEquals(64_000, reno.cwnd());
        assertEquals(100_000, reno.ssthresh());
    }
}
