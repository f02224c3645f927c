package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.tcp.CongestionControl.Cause;
import org.junit.jupiter.api.Test;

/** RFC 9438: CUBIC. */
class Rfc9438Test {
    private static final int MSS = 1000;
    private static final double ALPHA = 3 * 0.3 / 1.7;

    private final Cubic cubic = new Cubic();

    /** "W_cubic(t) = C * (t - K)^3 + W_max", in segments. */
    private static double curve(double t, double wMax, double from) {
        double k = Math.cbrt((wMax - from) / 0.4);
        return 0.4 * Math.pow(t - k, 3) + wMax;
    }

    private double segments() {
        return cubic.cwnd() / (double) MSS;
    }

    @Requirement({"RFC9438:4.6-1", "RFC9438:4.6-2"})
    @Test
    @Requirement("RFC9293:MAY-18")
    void aLossLeavesSevenTenths() {
        // Section 4.6: "beta_cubic SHOULD be set to 0.7".
        CcDriver d = CcDriver.at(cubic, MSS, 100);
        d.congestion(Cause.LOSS);
        assertEquals(70_000, cubic.cwnd());
        assertEquals(70_000, cubic.ssthresh());
    }

    @Requirement({"RFC9438:4.6-2", "RFC9438:4.6-3"})
    @Test
    void twoSegmentsAreTheLeast() {
        // "ssthresh is at least 2 MSS".
        CcDriver d = new CcDriver(cubic, MSS);
        for (int i = 0; i < 8; i++) {
            d.congestion(Cause.LOSS);
        }
        assertEquals(2 * MSS, cubic.cwnd());
        assertEquals(2 * MSS, cubic.ssthresh());
    }

    @Requirement({"RFC9438:4.1-1", "RFC9438:4.2-1", "RFC9438:4.2-2", "RFC9438:4.4-1", "RFC9438:4.5-1"})
    @Test
    @Requirement("RFC9293:MAY-18")
    void theConcaveAndTheConvexRegionFollowTheCurve() {
        // Sections 4.4 and 4.5. 1000 segments at 100 ms are far out of the Reno-friendly region.
        CcDriver d = CcDriver.at(cubic, MSS, 1000);
        d.congestion(Cause.LOSS);
        assertEquals(700, segments(), 0.01);
        d.ack(MSS);
        long startNs = d.nowNs;
        double before = segments();
        for (int i = 0; i < 150; i++) {
            d.round();
            double t = (d.nowNs - startNs) / 1e9;
            assertEquals(curve(t, 1000, 700), segments(), 0.01 * segments() + 1, "at " + t + " s");
            assertTrue(segments() >= before, "the window never shrinks on an acknowledgment");
            before = segments();
        }
        assertTrue(segments() > 1000, "convex in the end");
    }

    @Requirement("RFC9438:4.2-1")
    @Test
    void nearTheOldMaximumTheWindowGrowsSlowly() {
        CcDriver d = CcDriver.at(cubic, MSS, 1000);
        d.congestion(Cause.LOSS);
        // K = cbrt(300 / 0.4) = 9.09 s
        d.rounds(86);
        double a = segments();
        d.rounds(10);
        assertEquals(1000, segments(), 2);
        assertTrue(segments() - a < 2, "a plateau");
    }

    @Requirement("RFC9438:4.2-3")
    @Test
    void theTargetIsAtMostOneAndAHalfWindows() {
        // Section 4.2: "1.5 * cwnd if W_cubic(t + RTT) > 1.5 * cwnd". A minute of ACKs that the network withheld.
        CcDriver d = CcDriver.at(cubic, MSS, 100);
        d.congestion(Cause.LOSS);
        d.round();
        long before = cubic.cwnd();
        d.advance(60_000);
        d.ack(MSS);
        double most = before + 0.5 * before * MSS / (before / MSS * MSS);
        assertTrue(cubic.cwnd() > before, "it grows");
        assertTrue(cubic.cwnd() <= most + 100, "cwnd " + cubic.cwnd() + ", at most " + most);
        // A whole window's worth: to the target, not beyond it.
        before = cubic.cwnd();
        d.ack(10 * before);
        assertTrue(cubic.cwnd() <= 1.5 * before + 1);
    }

    @Requirement({"RFC9438:4.3-1", "RFC9438:4.3-2"})
    @Test
    void aSmallWindowGrowsLikeReno() {
        // Section 4.3, equation (4), with alpha_cubic = 0.53: the Reno-friendly region.
        CcDriver d = CcDriver.at(cubic, MSS, 20);
        d.rttMs = 20;
        d.congestion(Cause.LOSS);
        assertEquals(14, segments(), 0.001);
        d.ack(MSS);
        // The round trip of recovery counts.
        assertEquals(14 + ALPHA * (1 + 1 / 14.0), segments(), 0.001);
        double before = segments();
        d.round();
        assertEquals(before + ALPHA, segments(), 0.1);
        d.rounds(9);
        assertEquals(before + 10 * ALPHA, segments(), 0.2);
    }

    @Requirement("RFC9438:4.3-3")
    @Test
    void beyondThePriorWindowRenoFriendlyGrowthIsOneSegmentARoundTrip() {
        // "Once W_est has grown to reach ... cwnd_prior, the sender SHOULD set alpha_cubic to 1".
        CcDriver d = CcDriver.at(cubic, MSS, 10);
        d.rttMs = 5;
        d.congestion(Cause.LOSS);
        while (segments() < 10.5) {
            d.round();
        }
        double before = segments();
        d.rounds(10);
        assertEquals(before + 10, segments(), 0.6);
    }

    @Requirement("RFC9438:4.7-1")
    @Test
    void fastConvergenceLowersTheOldMaximum() {
        // Section 4.7: "W_max = cwnd * (1 + beta_cubic) / 2 if cwnd < W_max".
        CcDriver d = CcDriver.at(cubic, MSS, 1000);
        d.congestion(Cause.LOSS);
        d.congestion(Cause.LOSS);
        assertEquals(490, segments(), 0.01);
        d.ack(MSS);
        long startNs = d.nowNs;
        d.rounds(60);
        double wMax = 700 * 0.85;
        assertEquals(curve((d.nowNs - startNs) / 1e9, wMax, 490), segments(), 3);
        assertEquals(wMax, segments(), 3);
    }

    @Requirement("RFC9438:4.7-2")
    @Test
    void aWindowThatABufferLimitsDoesNotConverge() {
        // Section 4.7 is for a saturation point that "is getting reduced because of a change in available bandwidth".
        CcDriver d = CcDriver.at(cubic, MSS, 100);
        d.congestion(Cause.LOSS);
        d.rounds(30);
        double before = segments();
        assertTrue(before < 100);
        d.limited = false;
        d.ack(d.nxt - d.una);
        d.cc.onCongestion(Cause.LOSS, (long) (before * MSS), d.nowNs);
        d.cc.onRecovered(d.nowNs);
        d.limited = true;
        d.ack(MSS);
        long startNs = d.nowNs;
        double from = segments() - ALPHA;
        d.rounds(40);
        assertEquals(curve((d.nowNs - startNs) / 1e9, before, from), segments(), 1.5);
        assertEquals(before, segments(), 1.5);
    }

    @Requirement({"RFC9438:4.8-1", "RFC9438:4.8-2"})
    @Test
    void afterATimeoutTheCurveBeginsAtThePlateau() {
        // Section 4.8: "K is set to 0, and W_max is set to the congestion window size at the beginning of the current
        // congestion avoidance stage"; ssthresh by beta_cubic.
        CcDriver d = CcDriver.at(cubic, MSS, 1000);
        d.congestion(Cause.TIMEOUT);
        assertEquals(MSS, cubic.cwnd());
        assertEquals(700 * MSS, cubic.ssthresh());
        while (cubic.cwnd() < cubic.ssthresh()) {
            d.round();
        }
        long startNs = d.nowNs;
        double from = segments();
        d.rounds(50);
        double t = (d.nowNs - startNs) / 1e9;
        double wEst = from + 50 * ALPHA;
        assertEquals(Math.max(wEst, from + 0.4 * t * t * t), segments(), 0.02 * segments());
    }

    @Requirement("RFC9438:4.2-4")
    @Test
    void timeInWhichTheWindowWasNotInUseDoesNotCount() {
        // Section 5.8.
        CcDriver d = CcDriver.at(cubic, MSS, 1000);
        d.congestion(Cause.LOSS);
        d.rounds(20);
        double before = segments();
        d.limited = false;
        for (int i = 0; i < 300; i++) {
            d.advance(100);
            d.ack(MSS);
        }
        assertEquals(before, segments());
        d.limited = true;
        d.round();
        assertEquals(curve(2.1, 1000, 700), segments(), 4, "as if the pause had not been");
    }

    @Requirement("RFC9438:4.2-4")
    @Test
    void idleTimeDoesNotCount() {
        CcDriver d = CcDriver.at(cubic, MSS, 1000);
        d.congestion(Cause.LOSS);
        d.rounds(20);
        double before = segments();
        d.advance(60_000);
        cubic.onRestart(60_000 * CcDriver.MS, 300 * CcDriver.MS, d.nowNs);
        assertEquals(before, segments());
        d.round();
        assertEquals(curve(2.1, 1000, 700), segments(), 5);
    }

    @Requirement("RFC9438:4.9-1")
    @Test
    void aSpuriousLossIsUndoneAndTheCurveGoesOn() {
        // Section 4.9.2: cwnd, cwnd_prior, ssthresh, W_max, K, t_epoch and W_est are restored.
        CcDriver d = CcDriver.at(cubic, MSS, 1000);
        d.congestion(Cause.LOSS);
        d.ack(MSS);
        long startNs = d.nowNs;
        d.rounds(30);
        long before = cubic.cwnd();
        long threshold = cubic.ssthresh();
        d.congestion(Cause.LOSS);
        assertTrue(cubic.cwnd() < before);
        cubic.undo(d.nowNs);
        assertEquals(before, cubic.cwnd());
        assertEquals(threshold, cubic.ssthresh());
        d.rounds(5);
        assertEquals(curve((d.nowNs - startNs) / 1e9, 1000, 700), segments(), 5);
    }

    @Requirement("RFC9438:4.9-2")
    @Test
    void aLateUndoDoesNotShrinkAWindowThatHasGrown() {
        // "the current cwnd is already higher than cwnd_prior": "continue to use the current and the most recent
        // values".
        CcDriver d = CcDriver.at(cubic, MSS, 50);
        d.congestion(Cause.LOSS);
        while (segments() < 60) {
            d.round();
        }
        long before = cubic.cwnd();
        cubic.undo(d.nowNs);
        assertEquals(before, cubic.cwnd());
    }

    @Requirement({"RFC9438:4.10-1", "RFC9438:4.10-3"})
    @Test
    void afterSlowStartWithoutLossTheCurveBeginsThere() {
        // Section 4.10: HyStart++ ended it; "K is set to 0, and W_max is set to the congestion window".
        CcDriver d = new CcDriver(cubic, MSS);
        while (cubic.ssthresh() == CongestionControl.UNLIMITED) {
            d.rttMs = segments() < 40 ? 100 : 140;
            d.round();
        }
        long startNs = d.nowNs;
        double from = segments();
        // "CUBIC sets cwnd_prior = cwnd", so that alpha_cubic is 1: first Reno's line, then the convex curve.
        d.rounds(20);
        assertEquals(from + 20, segments(), 0.5);
        d.rounds(60);
        double t = (d.nowNs - startNs) / 1e9;
        // The stage began somewhere in the round trip before.
        assertEquals(from + 0.4 * t * t * t, segments(), 0.04 * segments());
    }

    @Requirement("RFC9438:4.6-3")
    @Test
    void marksReduceToOneSegmentAtLast() {
        // Section 4.6: "CUBIC MUST continue to reduce cwnd in response to congestion events due to ECN-Echo ACKs
        // until it reaches a value of 1 MSS".
        CcDriver d = new CcDriver(cubic, MSS);
        for (int i = 0; i < 40; i++) {
            cubic.onCongestion(Cause.ECN, cubic.cwnd(), d.nowNs);
        }
        assertEquals(MSS, cubic.cwnd());
        assertEquals(2 * MSS, cubic.ssthresh());
    }
}
