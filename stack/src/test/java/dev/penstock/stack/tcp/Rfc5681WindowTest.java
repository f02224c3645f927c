package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.tcp.CongestionControl.Cause;
import org.junit.jupiter.api.Test;

/** RFC 5681: the congestion window of NewReno by itself. */
class Rfc5681WindowTest {
    private final NewReno reno = new NewReno();

    @Requirement("RFC5681:3.1-8")
    @Test
    void slowStartAddsWhatIsAcknowledged() {
        // Section 3.1, equation (2).
        CcDriver d = new CcDriver(reno, 1000);
        d.round();
        assertEquals(20_000, reno.cwnd());
        d.round();
        assertEquals(40_000, reno.cwnd());
    }

    @Requirement("RFC5681:3.1-7")
    @Test
    void slowStartEndsExactlyAtTheThreshold() {
        CcDriver d = CcDriver.at(reno, 1000, 10);
        d.congestion(Cause.TIMEOUT);
        assertEquals(5_000, reno.ssthresh());
        assertEquals(1_000, reno.cwnd());
        d.ack(1000);
        d.ack(1000);
        d.ack(1500);
        assertEquals(4_500, reno.cwnd());
        // 500 bytes for slow start; what is left of the acknowledgment counts for congestion avoidance.
        d.ack(1000);
        assertEquals(5_100, (double) reno.cwnd(), 30);
    }

    @Requirement({"RFC5681:3-1", "RFC5681:3.1-9"})
    @Test
    void congestionAvoidanceAddsOneSegmentInARoundTrip() {
        // Section 3.1: "cwnd is incremented by roughly 1 full-sized segment per round-trip time".
        CcDriver d = CcDriver.at(reno, 1000, 20);
        d.congestion(Cause.LOSS);
        assertEquals(10_000, reno.cwnd());
        d.ack(1000);
        long first = reno.cwnd();
        // The round trip of recovery counts as the first.
        assertEquals(11_100, first);
        for (int i = 0; i < 50; i++) {
            long before = reno.cwnd();
            d.round();
            assertEquals((double) (before + 1000), (double) reno.cwnd(), 120, "round " + i);
        }
        assertEquals((double) (first + 50_000), (double) reno.cwnd(), 1000);
    }

    @Requirement("RFC5681:3.1-10")
    @Test
    void noFractionOfASegmentIsLost() {
        // 5 segments halve to 2.5; acknowledgments of two at a time.
        CcDriver d = CcDriver.at(reno, 1000, 10);
        d.congestion(Cause.LOSS);
        d.congestion(Cause.LOSS);
        assertEquals(2_500, reno.cwnd());
        assertEquals(2_500, reno.ssthresh());
        d.ack(1000);
        // One for the round trip of recovery, and half of one, for two segments can be in flight.
        assertEquals(4_000, reno.cwnd());
    }

    @Test
    void afterAReductionThereIsNoSlowStartForHalfAByte() {
        // Section 3.1: "The slow start algorithm is used when cwnd < ssthresh". An odd window halves to half a byte,
        // which the threshold is rounded up by: that is no slow start, which would forget the round trip of recovery
        // and double the pacing rate.
        CcDriver d = CcDriver.at(reno, 1001, 41);
        d.congestion(Cause.LOSS);
        assertEquals(20_521, reno.cwnd());
        assertEquals(20_521, reno.ssthresh());
        assertEquals(1.2 * 20_520.5 / 0.1, (double) reno.pacingRate(100 * CcDriver.MS), 1);
        d.ack(1001);
        // One segment for the round trip of recovery, and a twentieth.
        assertEquals(20_520.5 + 1_001 + 1_001 / 20.0, (double) reno.cwnd(), 1);
    }

    @Requirement({"RFC5681:3.1-6", "RFC5681:3.1-11", "RFC9406:4.2-9"})
    @Test
    void aLossHalvesTheWindowAndLeavesTwoSegmentsAtLeast() {
        // Equation (4): "ssthresh = max (FlightSize / 2, 2*SMSS)".
        CcDriver d = CcDriver.at(reno, 1000, 30);
        d.congestion(Cause.LOSS);
        assertEquals(15_000, reno.ssthresh());
        assertEquals(15_000, reno.cwnd());
        for (int i = 0; i < 5; i++) {
            d.congestion(Cause.LOSS);
        }
        assertEquals(2_000, reno.ssthresh());
        assertEquals(2_000, reno.cwnd());
    }

    @Requirement("RFC5681:3.2-6")
    @Test
    void limitedTransmitDoesNotCountAsFlightSize() {
        // Section 3.2, step 2: "additional data sent in limited transmit MUST NOT be included in this calculation".
        CcDriver d = CcDriver.at(reno, 1000, 20);
        reno.onCongestion(Cause.LOSS, 22_000, d.nowNs);
        assertEquals(10_000, reno.cwnd());
    }

    @Test
    void whatTheSameBurstAcknowledgedAndTheFlushDidNotRefillCounts() {
        CcDriver d = CcDriver.at(reno, 1000, 20);
        reno.onCongestion(Cause.LOSS, 14_000, d.nowNs);
        assertEquals(10_000, reno.cwnd());
    }

    @Requirement("RFC5681:3.1-12")
    @Test
    void aWindowNotInUseIsReducedFromFlightSize() {
        // "FlightSize ..., not cwnd, which in some implementations may incidentally increase well beyond rwnd".
        CcDriver d = CcDriver.at(reno, 1000, 20);
        d.limited = false;
        d.ack(1000);
        reno.onCongestion(Cause.LOSS, 8_000, d.nowNs);
        assertEquals(4_000, reno.ssthresh());
    }

    @Requirement({"RFC5681:3.1-13", "RFC5681:3.1-14"})
    @Test
    void aTimeoutLeavesOneSegmentAndARepeatedOneTheThreshold() {
        CcDriver d = CcDriver.at(reno, 1000, 30);
        d.congestion(Cause.TIMEOUT);
        assertEquals(1_000, reno.cwnd());
        assertEquals(15_000, reno.ssthresh());
        // "the value of ssthresh is held constant"
        d.congestion(Cause.REPEATED_TIMEOUT);
        assertEquals(1_000, reno.cwnd());
        assertEquals(15_000, reno.ssthresh());
    }

    @Test
    void inRecoveryTheWindowStays() {
        CcDriver d = CcDriver.at(reno, 1000, 20);
        reno.onCongestion(Cause.LOSS, 20_000, d.nowNs);
        d.inRecovery = true;
        for (int i = 0; i < 30; i++) {
            d.ack(1000);
        }
        assertEquals(10_000, reno.cwnd());
    }

    @Test
    void aSpuriousEventIsUndone() {
        // RFC 4015, section 3.2.
        CcDriver d = CcDriver.at(reno, 1000, 20);
        d.congestion(Cause.TIMEOUT);
        d.congestion(Cause.REPEATED_TIMEOUT);
        reno.undo(d.nowNs);
        assertEquals(20_000, reno.cwnd());
        assertEquals(CongestionControl.UNLIMITED, reno.ssthresh());
        // Only once, and only what the last event did.
        d.congestion(Cause.LOSS);
        d.rounds(30);
        long grown = reno.cwnd();
        assertTrue(grown > 20_000);
        reno.undo(d.nowNs);
        assertEquals(grown, reno.cwnd());
    }

    @Test
    void aThresholdThatOthersFoundEndsSlowStart() {
        // RFC 9040, section 3: the initial window is this connection's own.
        CcDriver d = new CcDriver(reno, 1000);
        reno.onShared(12_000);
        assertEquals(10_000, reno.cwnd());
        d.ack(2000);
        d.ack(2000);
        assertEquals(12_000, (double) reno.cwnd(), 400);
        reno.onShared(1);
        assertEquals(2_000, reno.ssthresh());
        reno.onShared(0);
        assertEquals(2_000, reno.ssthresh());
    }

    @Requirement("RFC5681:3.1-9")
    @Test
    void oneAcknowledgmentOfManyWindowsAddsOneSegment() {
        CcDriver d = CcDriver.at(reno, 1000, 20);
        d.congestion(Cause.LOSS);
        d.ack(1000);
        d.rounds(2);
        long before = reno.cwnd();
        d.ack(500_000);
        assertTrue(reno.cwnd() <= before + 1100, "cwnd " + reno.cwnd() + " after " + before);
    }
}
