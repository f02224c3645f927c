package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** RFC 6582, NewReno, for peers without SACK; and RFC 3042, limited transmit. */
class Rfc6582Test extends RecoveryFixture {

    @BeforeEach
    void withoutSack() {
        config.sack = false;
    }

    private void duplicates(int next, int n) {
        for (int i = 0; i < n; i++) {
            acks(next);
        }
    }

    // --- RFC 3042 ---

    @Requirement("RFC5681:3.2-5")
    @Test
    void theFirstTwoDuplicatesLetANewSegmentGoEach() {
        openAndSend(10);
        write(10 * SEGMENT);
        duplicates(0, 1);
        expectSegments(10);
        duplicates(0, 1);
        expectSegments(11);
        assertEquals(10 * SEGMENT, cwnd(), "\"The congestion window (cwnd) MUST NOT be changed\"");
    }

    @Requirement("RFC5681:3.1-1")
    @Test
    void limitedTransmitObeysThePeersWindow() {
        // "The receiver's advertised window allows the transmission of the segment."
        open();
        peer.sends(ACK, 1, 1, 10 * SEGMENT, 0);
        write(20 * SEGMENT);
        assertEquals(10, drain());
        for (int i = 0; i < 2; i++) {
            peer.sends(ACK, 1, 1, 10 * SEGMENT, 0);
        }
        expectNothing();
    }

    // --- RFC 6582, 3.2 ---

    @Requirement("RFC6675:3-1")
    @Test
    void thirdDuplicateEntersFastRecovery() {
        // Step 2.
        openAndSend(10);
        duplicates(0, 3);
        expectSegments(0);
        inState(LossRecovery.State.RECOVERY);
        assertEquals(5 * SEGMENT, ssthresh());
    }

    @Test
    void aPartialAckRetransmitsTheNextHole() {
        // Step 3: "If this ACK does *not* acknowledge all of the data up to and including recover, then this is a
        // partial ACK. In this case, retransmit the first unacknowledged segment."
        openAndSend(10);
        duplicates(0, 7);
        expectSegments(0);
        advance(100);
        acks(3);
        expectSegments(3);
        inState(LossRecovery.State.RECOVERY);
        acks(6);
        expectSegments(6);
        assertEquals(1, info().recoveries);
    }

    @Test
    void aPartialAckRestartsTheTimer() {
        // "For the first partial ACK that arrives during fast recovery, also reset the retransmit timer."
        openAndSend(10);
        advance(100);
        duplicates(0, 3);
        drain();
        advance(250);
        acks(3);
        assertEquals(nowNs + info().rtoNs, connection.timers.when(ConnectionTimers.RETRANSMIT));
        drain();
    }

    @Test
    void aFullAckEndsIt() {
        // Step 3: "When an ACK arrives that acknowledges ... all of the data up to and including recover".
        openAndSend(10);
        duplicates(0, 3);
        drain();
        acks(10);
        inState(LossRecovery.State.OPEN);
        assertEquals(5 * SEGMENT, cwnd());
    }

    @Test
    void duplicatesBelowRecoverBeginNothing() {
        // Step 2: "checks ... if the Cumulative Acknowledgment field covers more than recover ... If not, the TCP
        // does not enter fast retransmit and does not reset ssthresh".
        openAndSend(10);
        duplicates(0, 3);
        drain();
        acks(10);
        write(10 * SEGMENT);
        drain();
        duplicates(10, 3);
        assertEquals(1, info().recoveries);
        acks(11);
        duplicates(11, 3);
        assertEquals(2, info().recoveries);
        drain();
    }

    @Test
    void aTimeoutSetsRecoverToo() {
        // Step 4: "After a retransmit timeout, record the highest sequence number transmitted in the variable recover".
        openAndSend(10);
        advance(300);
        expectSegments(0);
        acks(2);
        drain();
        duplicates(2, 3);
        assertEquals(0, info().recoveries);
        drain();
        acks(10);
        write(10 * SEGMENT);
        drain();
        duplicates(10, 3);
        assertEquals(0, info().recoveries, "they may be of what was sent again");
        acks(11);
        duplicates(11, 3);
        assertEquals(1, info().recoveries);
        drain();
    }

    /** A mark and a loss in one window: the third duplicate was ignored while the window was being reduced. */
    @Test
    void aLossWhileTheWindowIsReducedForAMarkIsRecovered() {
        config.ecn = TcpEcn.ON;
        connecting();
        drain();
        advance(100);
        peer.sends(SYN | ACK | ECE, 0, 1, WINDOW, 0, mss(SEGMENT));
        drain();
        write(10 * SEGMENT);
        assertEquals(10, drain());
        peer.sends(ACK | ECE, 1, at(1), WINDOW, 0);
        inState(LossRecovery.State.REDUCING);
        long reduced = ssthresh();
        drain();
        duplicates(1, 3);
        inState(LossRecovery.State.RECOVERY);
        assertEquals(at(1), out.peekFirst().rawSeq - iss);
        assertEquals(reduced, ssthresh(), "RFC 3168, 6.1.2: once for a window of data");
        drain();
    }

    /** A mark is no loss: afterwards recover keeps nothing from being sent again. */
    @Test
    void aMarkSetsNoRecover() {
        config.ecn = TcpEcn.ON;
        connecting();
        drain();
        advance(100);
        peer.sends(SYN | ACK | ECE, 0, 1, WINDOW, 0, mss(SEGMENT));
        drain();
        write(10 * SEGMENT);
        drain();
        peer.sends(ACK | ECE, 1, at(1), WINDOW, 0);
        acks(10);
        inState(LossRecovery.State.OPEN);
        write(10 * SEGMENT);
        drain();
        duplicates(10, 3);
        assertEquals(1, info().recoveries);
        drain();
    }

    /** 2 GiB later the same 32 bits would be before recover again. */
    @Test
    void recoverIsForgottenWhenItIsPassed() {
        openAndSend(10);
        duplicates(0, 3);
        drain();
        acks(10);
        write(SEGMENT);
        drain();
        acks(11);
        SendState snd = connection.tcb.snd;
        assertEquals(snd.una, snd.nxt);
        // As if so much had been sent and acknowledged meanwhile.
        int jump = Integer.MAX_VALUE - 5;
        snd.una += jump;
        snd.nxt += jump;
        snd.sml += jump;
        snd.probeEnd += jump;
        iss += jump;
        write(10 * SEGMENT);
        drain();
        // The peer's window updates carry on from there.
        for (int i = 0; i < 3; i++) {
            acks(11);
        }
        assertTrue(info().recoveries == 2, "recoveries " + info().recoveries);
        drain();
        acks(21);
    }
}
