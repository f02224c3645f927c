package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.tcp.CongestionControl.Cause;
import org.junit.jupiter.api.Test;

/** RFC 3465: appropriate byte counting; where the limit L comes from RFC 9406 instead, and why, is at HyStart.growth. */
class Rfc3465Test {
    @Test
    void acknowledgmentsOfPartsOfASegmentGainNothing() {
        // Section 1: "ACK division".
        for (String name : new String[] {"cubic", "reno"}) {
            CongestionControl whole = CongestionControls.create(name);
            CongestionControl parts = CongestionControls.create(name);
            CcDriver a = new CcDriver(whole, 1000);
            CcDriver b = new CcDriver(parts, 1000);
            a.ack(1000);
            for (int i = 0; i < 100; i++) {
                b.ack(10);
            }
            assertEquals(11_000, whole.cwnd(), name);
            assertEquals(11_000, parts.cwnd(), name);
        }
    }

    @Test
    void divisionGainsNothingInCongestionAvoidanceEither() {
        NewReno whole = new NewReno();
        NewReno parts = new NewReno();
        CcDriver a = CcDriver.at(whole, 1000, 20);
        CcDriver b = CcDriver.at(parts, 1000, 20);
        a.congestion(Cause.LOSS);
        b.congestion(Cause.LOSS);
        for (int i = 0; i < 60; i++) {
            a.ack(1000);
            for (int k = 0; k < 100; k++) {
                b.ack(10);
            }
        }
        assertEquals((double) whole.cwnd(), (double) parts.cwnd(), 200);
    }

    @Test
    void joinedAcknowledgmentsLoseNothingWhenPaced() {
        NewReno reno = new NewReno();
        CcDriver d = CcDriver.at(reno, 1000, 100);
        d.ack(64_000);
        assertEquals(164_000, reno.cwnd());
    }

    @Requirement("RFC9406:4.2-10")
    @Test
    void withoutPacingOneAcknowledgmentAddsEightSegmentsAtMost() {
        // RFC 9406, section 4.3: "L = 8 if non-paced".
        NewReno reno = new NewReno();
        CcDriver d = new CcDriver(reno, 1000);
        d.sample.srttNs = 1;
        d.rttMs = 0;
        d.ack(10_000);
        assertEquals(18_000, reno.cwnd());
    }

    @Test
    void afterATimeoutOneAcknowledgmentAddsOneSegmentAtMost() {
        // Section 2.3: L = 1*SMSS in the slow start that follows a timeout.
        NewReno reno = new NewReno();
        CcDriver d = CcDriver.at(reno, 1000, 40);
        d.congestion(Cause.TIMEOUT);
        d.afterTimeout = true;
        d.ack(15_000);
        assertEquals(2_000, reno.cwnd());
        d.ack(500);
        assertEquals(2_500, reno.cwnd());
        d.afterTimeout = false;
        d.ack(2_000);
        assertEquals(4_500, reno.cwnd());
        assertTrue(reno.cwnd() < reno.ssthresh());
    }
}
