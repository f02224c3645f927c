package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Test;

/** RFC 8985, section 7: tail loss probes. */
class Rfc8985ProbeTest extends RecoveryFixture {

    private long probes() {
        return count(StackCounter.TCP_LOSS_PROBES);
    }

    // --- 7.2: scheduling ---

    @Requirement("RFC8985:7.2-2")
    @Test
    void theProbeComesAfterTwoRoundTrips() {
        // "PTO = 2 * SRTT", and a little for the timers of the peer. It is before the RTO.
        openAndSend(3);
        advance(201);
        expectNothing();
        advance(1);
        expectSegments(2);
        assertEquals(1, probes());
        assertEquals(0, count(StackCounter.TCP_RTO_TIMEOUTS));
    }

    @Requirement("RFC8985:7.2-2")
    @Test
    void forASingleSegmentThePeerMayDelayItsAck() {
        // "If FlightSize is one segment: PTO += TLP.max_ack_delay"; "If Now() + PTO > TCP_RTO_expiration(): PTO =
        // TCP_RTO_expiration() - Now()".
        open();
        for (int i = 1; i <= 10; i++) {
            write(SEGMENT);
            advance(100);
            acks(i);
        }
        drain();
        write(SEGMENT);
        drain();
        long rto = info().rtoNs;
        assertTrue(rto < 400 * MS);
        advanceNs(rto - 1);
        expectNothing();
        advanceNs(1);
        // The probe in place of the timeout: the window stays.
        expectSegments(10);
        assertEquals(1, probes());
        assertEquals(0, count(StackCounter.TCP_RTO_TIMEOUTS));
    }

    @Requirement("RFC8985:7.2-1")
    @Test
    void theTimerStartsAnewWithNewDataAndWithEachAck() {
        openAndSend(3);
        advance(90);
        write(SEGMENT);
        expectSegments(3);
        advance(150);
        acks(1);
        advance(150);
        expectNothing();
        advance(100);
        expectSegments(3);
        assertEquals(1, probes());
    }

    @Requirement("RFC8985:4-1")
    @Test
    void thereIsNoneWithoutSack() {
        config.sack = false;
        openAndSend(3);
        advance(1000);
        assertEquals(0, probes());
        drain();
    }

    @Requirement("RFC8985:7.2-3")
    @Test
    void thereIsNoneWhileSomethingIsSacked() {
        // "2. The connection has no SACKed sequences in the SACK scoreboard".
        openAndSend(4);
        advance(100);
        acks(0, 1, 2);
        advance(400);
        assertEquals(0, probes());
        drain();
    }

    @Requirement("RFC8985:7.2-3")
    @Test
    void thereIsNoneInRecovery() {
        openAndSend(10);
        advance(100);
        acks(0, 1, 4);
        expectSegments(0);
        advance(1000);
        assertEquals(0, probes());
        drain();
    }

    @Test
    void directlyAfterRecoveryThereIs() {
        openAndSend(10);
        advance(100);
        acks(0, 1, 10);
        expectSegments(0);
        write(3 * SEGMENT);
        drain();
        advance(100);
        acks(10);
        inState(LossRecovery.State.OPEN);
        assertTrue(connection.tcb.snd.nxt != connection.tcb.snd.una);
        drain();
        advance(300);
        assertEquals(1, probes());
        drain();
    }

    // --- 7.3: sending ---

    @Requirement("RFC8985:7.3-1")
    @Test
    void newDataIsTheBetterProbe() {
        // "If an unsent segment exists and the receive window allows new data to be sent: transmit the lowest-sequence
        // unsent segment": one segment beyond the congestion window.
        openAndSend(10);
        write(2 * SEGMENT);
        expectNothing();
        advance(210);
        expectSegments(10);
        assertEquals(0, info().retransmits);
    }

    @Requirement("RFC8985:7.3-1")
    @Test
    void aClosedWindowLeavesTheLastSegment() {
        open();
        write(3 * SEGMENT);
        drain();
        write(5 * SEGMENT);
        drain();
        peer.sends(ACK, 1, at(1), 7 * SEGMENT, 0);
        write(3 * SEGMENT);
        drain();
        advance(210);
        expectSegments(7);
        assertEquals(1, info().retransmits);
    }

    @Requirement("RFC8985:7.3-1")
    @Test
    void theLastSegmentOfARunIsProbedAlone() {
        open();
        write(3 * SEGMENT + 300);
        drain();
        advance(210);
        expectData(ACK | PSH, at(3), 1, 300);
        expectNothing();
    }

    @Test
    void aFinGoesWithTheLastSegment() {
        open();
        write(2 * SEGMENT);
        shutdownOutput();
        assertEquals(3, drain(), "the FIN came later");
        advance(210);
        expect(FIN | ACK, at(2), 1);
        expectNothing();
        peer.sends(ACK, 1, at(2) + 1, WINDOW, 0);
        state(TcpState.FIN_WAIT_2);
    }

    @Requirement({"RFC8985:7.1-1", "RFC8985:7.2-3", "RFC8985:7.3-2"})
    @Test
    void oneProbeThenTheRto() {
        // "The sender MUST NOT" send a second one while the first is not accounted for; the RTO is armed with it.
        openAndSend(3);
        advance(202);
        expectSegments(2);
        long rto = connection.timers.when(ConnectionTimers.RETRANSMIT) - nowNs;
        assertEquals(info().rtoNs, rto);
        advanceNs(rto);
        assertEquals(1, probes());
        assertEquals(1, count(StackCounter.TCP_RTO_TIMEOUTS));
        drain();
    }

    // --- 7.4: what became of it ---

    @Requirement("RFC8985:7.4.2-1")
    @Test
    void aProbeThatRepairedALossIsAnsweredByCongestionControl() {
        // 7.4.2: "Else If SEG.ACK > TLP.end_seq: Repaired the single loss".
        openAndSend(3);
        long before = cwnd();
        advance(202);
        expectSegments(2);
        advance(100);
        acks(3);
        assertEquals(before, cwnd(), "not known yet");
        write(SEGMENT);
        drain();
        advance(100);
        acks(4);
        assertEquals(1, count(StackCounter.TCP_LOSS_PROBE_RECOVERIES));
        assertTrue(cwnd() < before, "cwnd " + cwnd());
        inState(LossRecovery.State.OPEN);
        assertFalse(connection.recovery.probe.isOutstanding());
    }

    /** The DSACK comes when everything is acknowledged, and was not looked at: the window was halved for nothing. */
    @Requirement("RFC8985:7.4.2-2")
    @Test
    void aDsackSaysThatNothingWasLost() {
        // 7.4.1, case 1: "the original ... and the TLP retransmission ... the receiver ... DSACK".
        openAndSend(3);
        long before = cwnd();
        advance(202);
        expectSegments(2);
        acks(3);
        acksBytes(at(3), at(2), at(3));
        write(SEGMENT);
        drain();
        advance(100);
        acks(4);
        assertEquals(0, count(StackCounter.TCP_LOSS_PROBE_RECOVERIES));
        assertEquals(before, cwnd());
    }

    /** So was the plain duplicate of a peer without DSACK. */
    @Requirement("RFC8985:7.4.2-2")
    @Test
    void aDuplicateAckSaysSoToo() {
        // 7.4.1, case 2: "Else If ACK is a DUPACK without any SACK option".
        openAndSend(3);
        long before = cwnd();
        advance(202);
        expectSegments(2);
        acks(3);
        acks(3);
        write(SEGMENT);
        drain();
        advance(100);
        acks(4);
        assertEquals(0, count(StackCounter.TCP_LOSS_PROBE_RECOVERIES));
        assertEquals(before, cwnd());
        assertEquals(0, info().duplicateAcks, "RFC 5681, section 2 (a): nothing was outstanding");
    }

    @Requirement("RFC8985:7.4.2-3")
    @Test
    void newDataAsProbeRepairsNothing() {
        // "If not TLP.is_retrans: TLP.end_seq = None".
        openAndSend(10);
        write(2 * SEGMENT);
        advance(210);
        expectSegments(10);
        long before = cwnd();
        acks(11);
        expectSegments(11);
        acks(12);
        assertEquals(0, count(StackCounter.TCP_LOSS_PROBE_RECOVERIES));
        assertTrue(cwnd() >= before);
    }

    @Test
    void severalLossesAreRecoveredByRack() {
        // Section 7: the probe's SACK shows the others.
        openAndSend(5);
        advance(202);
        expectSegments(4);
        advance(100);
        acks(0, 4, 5);
        advance(30);
        inState(LossRecovery.State.RECOVERY);
        assertEquals(0, count(StackCounter.TCP_RTO_TIMEOUTS));
        assertEquals(at(0), out.peekFirst().rawSeq - iss);
        drain();
    }

    /** The peer has marked, nothing was lost: the tail is guarded all the same. */
    @Test
    void aReductionForAMarkIsNoRecovery() {
        config.ecn = TcpEcn.ON;
        connecting();
        drain();
        advance(100);
        peer.sends(SYN | ACK | ECE, 0, 1, WINDOW, 0, mss(SEGMENT), sackPermitted());
        drain();
        write(10 * SEGMENT);
        drain();
        advance(100);
        peer.sends(ACK | ECE, 1, at(1), WINDOW, 0);
        inState(LossRecovery.State.REDUCING);
        drain();
        advance(250);
        assertEquals(1, probes());
        drain();
    }
}
