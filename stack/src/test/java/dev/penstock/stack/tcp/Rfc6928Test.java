package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** RFC 6928: the initial window. */
class Rfc6928Test {
    @Test
    void tenSegmentsButBoundedForLargeOnes() {
        // Section 2: "min (10*MSS, max (2*MSS, 14600))".
        for (String name : new String[] {"cubic", "reno"}) {
            for (int[] expected :
                    new int[][] {{536, 5360}, {1000, 10_000}, {1460, 14_600}, {5000, 14_600}, {8960, 17_920}}) {
                CongestionControl cc = CongestionControls.create(name);
                cc.onMss(expected[0]);
                assertEquals(expected[1], cc.cwnd(), name);
                assertEquals(CongestionControl.UNLIMITED, cc.ssthresh(), name);
            }
        }
    }

    @Test
    void oneSegmentIfTheSynWasLost() {
        // Section 2: "if the SYN or SYN/ACK is lost, the initial window ... MUST be 1 segment".
        Cubic cubic = new Cubic();
        cubic.onMss(1460);
        cubic.onSynLost();
        assertEquals(1460, cubic.cwnd());
    }

    @Test
    void aChangedSegmentSizeIsNoNewBeginning() {
        Cubic cubic = new Cubic();
        CcDriver d = CcDriver.at(cubic, 1460, 50);
        cubic.onMss(1200);
        assertEquals(50 * 1460, cubic.cwnd());
        d.ack(1200);
        assertEquals(50 * 1460 + 1200, cubic.cwnd());
    }

    @Test
    void theInitialWindowIsNotPaced() {
        Cubic cubic = new Cubic();
        CcDriver d = new CcDriver(cubic, 1460);
        assertEquals(Pacer.UNLIMITED, cubic.pacingRate(-1));
        assertEquals(Pacer.UNLIMITED, cubic.pacingRate(100 * CcDriver.MS));
        d.ack(1460);
        // Twice the window a round trip in slow start.
        assertEquals(2 * 11 * 1460 * 10, cubic.pacingRate(100 * CcDriver.MS));
        d.congestion(CongestionControl.Cause.LOSS);
        d.rounds(20);
        assertEquals(1.2 * cubic.cwnd() * 10, (double) cubic.pacingRate(100 * CcDriver.MS), 20);
        assertEquals(Pacer.UNLIMITED, cubic.pacingRate(500_000));
    }
}
