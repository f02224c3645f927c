package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.tcp.CongestionControl.Cause;
import org.junit.jupiter.api.Test;

/** RFC 8511: alternative backoff with ECN. */
class Rfc8511Test {
    @Test
    void renoKeepsFourFifths() {
        // Section 3.1: beta_ecn = 0.8.
        NewReno reno = new NewReno();
        CcDriver d = CcDriver.at(reno, 1000, 100);
        d.congestion(Cause.ECN);
        assertEquals(80_000, reno.cwnd());
        assertEquals(80_000, reno.ssthresh());
        d.congestion(Cause.LOSS);
        assertEquals(40_000, reno.cwnd());
    }

    @Test
    void cubicKeepsSeventeenTwentieths() {
        // Section 3.1: 0.85 for CUBIC.
        Cubic cubic = new Cubic();
        CcDriver d = CcDriver.at(cubic, 1000, 100);
        d.congestion(Cause.ECN);
        assertEquals(85_000, cubic.cwnd());
        assertEquals(85_000, cubic.ssthresh());
    }

    @Test
    void theThresholdIsTwoSegmentsAtLeastAndTheWindowOne() {
        // RFC 3168, section 6.1.2.
        NewReno reno = new NewReno();
        CcDriver d = new CcDriver(reno, 1000);
        for (int i = 0; i < 40; i++) {
            reno.onCongestion(Cause.ECN, reno.cwnd(), d.nowNs);
        }
        assertEquals(1000, reno.cwnd());
        assertEquals(2000, reno.ssthresh());
    }

    @Test
    void inTheReductionThatAMarkAsksForTheWindowStays() {
        NewReno reno = new NewReno();
        CcDriver d = CcDriver.at(reno, 1000, 50);
        reno.onCongestion(Cause.ECN, reno.cwnd(), d.nowNs);
        d.inRecovery = true;
        d.ack(20_000);
        assertEquals(40_000, reno.cwnd());
        d.inRecovery = false;
        d.ack(1000);
        assertTrue(reno.cwnd() > 40_000 && reno.cwnd() <= 41_100);
    }
}
