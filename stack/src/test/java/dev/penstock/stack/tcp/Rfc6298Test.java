package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import org.junit.jupiter.api.Test;

/** RFC 6298: computing TCP's retransmission timer. */
class Rfc6298Test extends TcpFixture {
    private final RttEstimator rtt = new RttEstimator(config);

    @Requirement("RFC6298:2.1")
    @Test
    void beginsWithOneSecond() {
        // (2.1)
        assertEquals(1000 * MS, rtt.rtoNs());
        assertEquals(-1, rtt.srttNs());
    }

    @Requirement("RFC6298:2.2")
    @Test
    void firstMeasurement() {
        // (2.2) SRTT <- R, RTTVAR <- R/2, RTO <- SRTT + max (G, K*RTTVAR)
        rtt.sample(400 * MS, nowNs += 1000 * MS);
        assertEquals(400 * MS, rtt.srttNs());
        assertEquals(1200 * MS, rtt.rtoNs());
    }

    @Requirement({"RFC6298:2.3-1", "RFC6298:2.3-2", "RFC6298:2.3-3"})
    @Test
    void laterMeasurements() {
        // (2.3): RTTVAR first, with the old SRTT.
        rtt.sample(400 * MS, nowNs += 1000 * MS);
        rtt.sample(800 * MS, nowNs += 1000 * MS);
        assertEquals(450 * MS, rtt.srttNs());
        assertEquals((450 + 4 * 250) * MS, rtt.rtoNs());
    }

    @Requirement({"RFC6298:2.5", "RFC6298:5.5-2"})
    @Test
    void isBoundedFromBelowAndAbove() {
        // (2.4) and (2.5): "a maximum value MAY be placed on RTO provided it is at least 60 seconds".
        rtt.sample(1, nowNs += 1000 * MS);
        assertEquals(config.minRtoNs, rtt.rtoNs());
        rtt.sample(1_000_000 * MS, nowNs += 1000 * MS);
        assertEquals(60_000 * MS, rtt.rtoNs());
        for (int i = 0; i < 100; i++) {
            rtt.backOff();
            assertEquals(60_000 * MS, rtt.rtoNs());
        }
    }

    @Requirement("RFC6298:5.5-1")
    @Test
    @Requirement("RFC9293:MUST-19")
    void backsOffByTwoAndASampleEndsThat() {
        // (5.5)
        rtt.sample(400 * MS, nowNs += 1000 * MS);
        rtt.backOff();
        rtt.backOff();
        assertEquals(4800 * MS, rtt.rtoNs());
        rtt.sample(400 * MS, nowNs += 1000 * MS);
        assertTrue(rtt.rtoNs() < 1200 * MS);
    }

    @Requirement({"RFC6298:3-4", "RFC7323:4.2-1"})
    @Test
    void manySamplesInARoundTripDoNotWearTheVariationAway() {
        // RFC 7323, appendix G: "taking multiple RTT samples per window shortens the history calculated by the RTO
        // mechanism".
        rtt.sample(400 * MS, nowNs);
        for (int i = 0; i < 100; i++) {
            rtt.sample(400 * MS, nowNs + 3L * i * MS);
        }
        assertEquals(1200 * MS, rtt.rtoNs());
        rtt.sample(400 * MS, nowNs + 400 * MS);
        assertEquals(1000 * MS, rtt.rtoNs());
    }

    @Requirement("RFC8985:6.2-1")
    @Test
    void theLeastRoundTripTimeIsForgottenAfterMinutes() {
        rtt.sample(10 * MS, nowNs);
        rtt.sample(90 * MS, nowNs + 1);
        assertEquals(10 * MS, rtt.minRttNs());
        rtt.sample(90 * MS, nowNs + 160_000 * MS);
        assertEquals(10 * MS, rtt.minRttNs());
        rtt.sample(90 * MS, nowNs + 320_000 * MS);
        assertEquals(90 * MS, rtt.minRttNs());
    }

    private void open(int rttMs) {
        connecting();
        expect(SYN, 0, 0);
        advance(rttMs);
        peer.sends(SYN | ACK, 0, 1, 60_000, 0, mss(1000));
        expectAck(1, 1);
    }

    @Test
    void theSynIsTimed() {
        open(400);
        assertEquals(400 * MS, info().srttNs);
        assertEquals(1200 * MS, info().rtoNs);
    }

    @Requirement("RFC6298:5.7")
    @Test
    void afterALostSynDataBeginsWithThreeSeconds() {
        // (5.7), and Karn: the SYN-ACK may answer either SYN.
        connecting();
        advance(1100);
        assertEquals(2, drain());
        peer.sends(SYN | ACK, 0, 1, 60_000, 0, mss(1000));
        assertEquals(-1, info().srttNs);
        assertEquals(3000 * MS, info().rtoNs);
        drain();
    }

    @Requirement({"RFC6298:1-1", "RFC6298:4", "RFC6298:5.0", "RFC6298:5.1", "RFC6298:5.2", "RFC6298:5.3", "RFC6298:5.4"
    })
    @Test
    void theTimerStartsWithTheFirstSegmentAndStopsWithTheLastAck() {
        // (5.1), (5.2), (5.3)
        open(400);
        write(1000);
        advance(600);
        write(1000);
        drain();
        advance(500);
        peer.acks(1001, 60_000);
        expectNothing();
        long rto = info().rtoNs;
        advanceNs(rto - 1);
        expectNothing();
        advanceNs(1);
        expectData(ACK | PSH, 1001, 1, 1000);
        peer.acks(2001, 60_000);
        advance(100_000);
        expectNothing();
    }

    @Requirement({"RFC6298:3-1", "RFC6298:5-n2"})
    @Test
    @Requirement("RFC9293:MUST-18")
    void anAmbiguousAckIsNoMeasurementAndKeepsTheBackOff() {
        // Karn, section 3, and the note of section 5: the backed-off RTO is kept until a new measurement.
        open(400);
        write(1000);
        drain();
        advance(1300);
        expectData(ACK | PSH, 1, 1, 1000);
        peer.acks(1001, 60_000);
        assertEquals(400 * MS, info().srttNs);
        assertEquals(2400 * MS, info().rtoNs);
        // New data gives the measurement; if the path is slower now, it is learned and not timed out again for ever.
        write(1000);
        drain();
        advance(2000);
        peer.acks(2001, 60_000);
        assertEquals((400 * 7 + 2000) / 8 * MS, info().srttNs);
        expectNothing();
    }

    /** What is acknowledged together with a copy has waited for it: no round trip either. */
    @Test
    @Requirement({"RFC9293:MUST-18", "RFC6298:3-1"})
    void anOriginalAcknowledgedTogetherWithACopyIsNoMeasurement() {
        open(400);
        write(1000);
        write(1000);
        assertEquals(2, drain());
        advance(1300);
        expectData(ACK, 1, 1, 1000);
        expectNothing();
        peer.acks(2001, 60_000);
        assertEquals(400 * MS, info().srttNs);
        assertEquals(2400 * MS, info().rtoNs);
    }

    @Requirement("RFC6298:3-3")
    @Test
    void aPathThatBecameSlowerIsLearnedWithoutTimestamps() {
        open(10);
        int timeouts = 0;
        for (int i = 0; i < 20; i++) {
            write(1000);
            advance(500);
            timeouts += drain() - 1;
            peer.acks(1 + 1000 * (i + 1), 60_000);
        }
        assertTrue(timeouts <= 3, "timeouts " + timeouts);
    }
}
