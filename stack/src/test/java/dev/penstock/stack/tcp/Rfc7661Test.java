package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.tcp.CongestionControl.Cause;
import org.junit.jupiter.api.Test;

/** RFC 7661: a congestion window that the application does not use. */
class Rfc7661Test {
    private static final long MINUTE_NS = 60_000 * CcDriver.MS;

    private final NewReno reno = new NewReno();

    /** A window of 100 segments, of which one is used every 100 ms for so long. */
    private CcDriver rateLimited(int seconds) {
        CcDriver d = CcDriver.at(reno, 1000, 100);
        d.congestion(Cause.LOSS);
        d.rounds(50);
        d.limited = false;
        d.ack(d.nxt - d.una);
        use(d, seconds, 1000);
        return d;
    }

    private static void use(CcDriver d, int seconds, int bytes) {
        for (int i = 0; i < seconds * 10; i++) {
            d.advance(100);
            d.ack(bytes);
        }
    }

    // --- pipeACK ---

    @Test
    void pipeAckIsWhatARoundTripAcknowledgedAtMost() {
        // Section 4.5: the maximum over a sampling period of "max(3*RTT, 1 second)".
        CwndValidation v = new CwndValidation();
        AckSample s = new AckSample();
        assertEquals(-1, v.pipeAck());
        assertTrue(v.validated(1_000_000), "undefined");
        long una = 0;
        long nowNs = 0;
        for (int round = 0; round < 30; round++) {
            int segments = round == 5 ? 40 : 10;
            long end = una + segments * 1000L;
            for (int i = 0; i < segments; i++) {
                una += 1000;
                nowNs += 100 * CcDriver.MS / segments;
                ack(v, s, una, end + 1000, 1000, nowNs);
            }
            if (round == 7) {
                assertEquals(40_000, (double) v.pipeAck(), 1000);
            }
        }
        assertEquals(10_000, (double) v.pipeAck(), 1000);
        assertFalse(v.validated(30_000));
        assertTrue(v.validated(20_000));
    }

    private static void ack(CwndValidation v, AckSample s, long una, long nxt, long bytes, long nowNs) {
        s.clear();
        s.ackedBytes = bytes;
        s.unaPosition = una;
        s.nxtPosition = nxt;
        s.srttNs = 100 * CcDriver.MS;
        s.cwndLimited = false;
        v.onAck(s, 30_000, nowNs);
    }

    // --- section 4.4: the non-validated phase ---

    @Test
    void aWindowThatIsNotUsedIsKeptButDoesNotGrow() {
        CcDriver d = rateLimited(1);
        long before = reno.cwnd();
        assertTrue(before > 90_000);
        use(d, 200, 1000);
        assertEquals(before, reno.cwnd());
    }

    @Test
    void afterAPauseTheWindowIsAtOnceThereAgainWhenPaced() {
        // "allows a TCP sender to restart quickly following a rate-limited interval"
        CcDriver d = rateLimited(1);
        long before = reno.cwnd();
        d.nowNs += 2 * MINUTE_NS;
        reno.onRestart(2 * MINUTE_NS, 300 * CcDriver.MS, d.nowNs);
        assertEquals(before, reno.cwnd());
    }

    @Requirement("RFC5681:4.1-1")
    @Test
    void afterAPauseTheWindowBeginsAnewWhenNotPaced() {
        // RFC 5681, section 4.1: no more than RW = min(IW, cwnd) after an idle time longer than the RTO.
        CcDriver d = new CcDriver(reno, 1000);
        d.rttMs = 0;
        d.rounds(4);
        assertTrue(reno.cwnd() > 100_000);
        reno.onRestart(100 * CcDriver.MS, 200 * CcDriver.MS, d.nowNs);
        assertTrue(reno.cwnd() > 100_000, "not yet");
        reno.onRestart(201 * CcDriver.MS, 200 * CcDriver.MS, d.nowNs);
        assertEquals(10_000, reno.cwnd());
    }

    // --- section 4.4.1: congestion in the non-validated phase ---

    @Test
    void congestionFallsBackToWhatWasReallyUsed() {
        // "cwnd = (Max(pipeACK, LossFlightSize))/2".
        CcDriver d = rateLimited(20);
        use(d, 20, 8000);
        reno.onCongestion(Cause.LOSS, 6_000, d.nowNs);
        assertEquals(4_000, (double) reno.cwnd(), 600);
        CcDriver e = new CcDriver(new NewReno(), 1000);
        assertEquals(10_000, e.cc.cwnd());
    }

    @Test
    void aLargerFlightSizeCounts() {
        CcDriver d = rateLimited(20);
        reno.onCongestion(Cause.LOSS, 30_000, d.nowNs);
        assertEquals(15_000, reno.cwnd());
        assertEquals(15_000, reno.ssthresh());
    }

    @Test
    void atTheEndOfRecoveryWhatWasLostIsTakenOff() {
        // "cwnd = (Max(pipeACK, LossFlightSize) - R)/2".
        CcDriver d = rateLimited(20);
        reno.onCongestion(Cause.LOSS, 30_000, d.nowNs);
        d.inRecovery = true;
        d.sample.clear();
        d.sample.inRecovery = true;
        d.sample.lostBytes = 10_000;
        reno.onAck(d.sample, d.nowNs);
        assertEquals(15_000, reno.cwnd());
        reno.onRecovered(d.nowNs);
        assertEquals(10_000, reno.cwnd());
        assertEquals(10_000, reno.ssthresh());
    }

    @Test
    void aWindowInUseIsNotCutBelowItsHalf() {
        CcDriver d = CcDriver.at(reno, 1000, 100);
        reno.onCongestion(Cause.LOSS, 100_000, d.nowNs);
        d.inRecovery = true;
        d.ack(1000);
        d.sample.lostBytes = 50_000;
        reno.onAck(d.sample, d.nowNs);
        reno.onRecovered(d.nowNs);
        assertEquals(50_000, reno.cwnd());
    }

    @Test
    void cubicRemembersTheUsedWindowToo() {
        Cubic cubic = new Cubic();
        CcDriver d = CcDriver.at(cubic, 1000, 1000);
        d.congestion(Cause.LOSS);
        d.rounds(20);
        d.limited = false;
        use(d, 10, 1000);
        cubic.onCongestion(Cause.LOSS, 100_000, d.nowNs);
        assertEquals(70_000, cubic.cwnd());
        cubic.onRecovered(d.nowNs);
        d.limited = true;
        d.rounds(20);
        // W_max is 100 segments; with one of 700 the window would be more than three times that by now.
        assertTrue(cubic.cwnd() < 100_000, "cwnd " + cubic.cwnd());
    }

    // --- section 4.4.3: the end of the non-validated period ---

    @Test
    void fiveMinutesHalveTheWindow() {
        // "ssthresh = max(ssthresh, 3*cwnd/4)", "cwnd = max(1/2*cwnd, IW)".
        CcDriver d = rateLimited(1);
        long before = reno.cwnd();
        use(d, 298, 1000);
        assertEquals(before, reno.cwnd());
        use(d, 5, 1000);
        assertEquals(before / 2.0, (double) reno.cwnd(), 1);
        assertEquals(before * 0.75, (double) reno.ssthresh(), 1);
        use(d, 301, 1000);
        assertEquals(before / 4.0, (double) reno.cwnd(), 1);
        use(d, 2000, 1000);
        assertEquals(10_000, reno.cwnd(), "the initial window");
    }

    @Test
    void idleMinutesDoTheSame() {
        CcDriver d = rateLimited(1);
        long before = reno.cwnd();
        d.nowNs += 11 * MINUTE_NS;
        reno.onRestart(11 * MINUTE_NS, 300 * CcDriver.MS, d.nowNs);
        assertEquals(before / 4.0, (double) reno.cwnd(), 1);
        assertEquals(before * 0.75, (double) reno.ssthresh(), 1);
    }

    @Test
    void aWindowInUseAgainIsValidatedAgain() {
        CcDriver d = rateLimited(200);
        long before = reno.cwnd();
        d.limited = true;
        d.rounds(3);
        assertTrue(reno.cwnd() > before, "it grows");
        d.limited = false;
        use(d, 200, 1000);
        assertTrue(reno.cwnd() > before, "the five minutes began anew");
    }
}
