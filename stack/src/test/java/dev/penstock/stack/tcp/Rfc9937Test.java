package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import org.junit.jupiter.api.Test;

/** RFC 9937: proportional rate reduction. */
class Rfc9937Test extends RecoveryFixture {
    private static final int MSS_1 = 1;
    private final ProportionalRateReduction prr = new ProportionalRateReduction();

    /** An ACK arrives, and all that the window allows is sent; answers how much that is. */
    private long ack(long delivered, long inFlight, long ssthresh, int mss, boolean safe) {
        prr.onAck(delivered, inFlight, ssthresh, mss, safe);
        long sent = prr.window() - inFlight;
        prr.onSent(sent);
        return sent;
    }

    // --- section 6.2: the algorithm ---

    @Requirement({"RFC9937:6.2-1", "RFC9937:6.2-2"})
    @Test
    void theWindowFallsInProportionToWhatIsDelivered() {
        // "SndCnt = CEIL(prr_delivered * ssthresh / RecoverFS) - prr_out": for ssthresh of a half, one for two.
        prr.begin(20);
        long inFlight = 19;
        long sent = 0;
        for (int i = 0; i < 10 && inFlight > 10; i++) {
            inFlight--;
            long now = ack(1, inFlight, 10, MSS_1, false);
            sent += now;
            inFlight += now;
        }
        assertEquals(5, sent);
    }

    @Requirement("RFC9937:5-2")
    @Test
    void theFactorOfCubicIsKeptAsWell() {
        // Section 6: "... works with any" ssthresh: 7 of 10.
        prr.begin(100);
        long inFlight = 99;
        long sent = 0;
        for (int i = 0; i < 90; i++) {
            inFlight--;
            long now = ack(1, inFlight, 70, MSS_1, false);
            sent += now;
            inFlight += now;
        }
        assertTrue(Math.abs(inFlight - 70) <= 1 || sent == 63, "in flight " + inFlight + " sent " + sent);
    }

    @Requirement("RFC9937:6.2-2")
    @Test
    void roundedUp() {
        prr.begin(10);
        assertEquals(1, ack(1, 9, 5, MSS_1, false), "CEIL(1 * 5 / 10)");
        assertEquals(0, ack(1, 9, 5, MSS_1, false), "CEIL(2 * 5 / 10) - 1");
        assertEquals(1, ack(1, 8, 5, MSS_1, false), "CEIL(3 * 5 / 10) - 1");
    }

    @Requirement("RFC9937:6.2-3")
    @Test
    void belowSsthreshPacketConservation() {
        // "SndCnt = MAX(prr_delivered - prr_out, DeliveredData)", without safeACK: PRR-CRB.
        prr.begin(20);
        prr.onSent(1);
        assertEquals(1, ack(1, 4, 10, MSS_1, false));
        assertEquals(3, ack(3, 2, 10, MSS_1, false));
    }

    @Requirement("RFC9937:6.2-4")
    @Test
    void belowSsthreshSlowStartIfTheAckIsSafe() {
        // "if (safeACK) SndCnt += SMSS": PRR-SSRB, once SND.UNA advances and no further loss is told.
        prr.begin(20_000);
        prr.onSent(1000);
        assertEquals(2000, ack(1000, 4000, 10_000, 1000, true));
        assertEquals(1000, ack(1000, 5000, 10_000, 1000, false));
    }

    @Requirement("RFC9937:6.2-5")
    @Test
    void itNeverCatchesUpBeyondSsthresh() {
        // "SndCnt = MIN(ssthresh - inflight, SndCnt)".
        prr.begin(20_000);
        prr.onSent(1000);
        assertEquals(500, ack(9000, 9500, 10_000, 1000, true));
        assertEquals(0, ack(1000, 10_000, 10_000, 1000, true));
    }

    @Requirement("RFC9937:6.2-6")
    @Test
    void theFirstRetransmissionIsForced() {
        // "If (prr_out is 0 AND SndCnt is 0): SndCnt = SMSS".
        prr.begin(20_000);
        assertEquals(1000, ack(0, 19_000, 10_000, 1000, false));
        assertEquals(0, ack(0, 19_000, 10_000, 1000, false), "only the first");
    }

    @Test
    void theArithmeticHoldsForTheLargestWindows() {
        long window = 1L << 30;
        prr.begin(window);
        prr.onAck(window, window - 1, window / 2, 1460, false);
        assertEquals(window - 1 + window / 2, prr.window());
    }

    // --- in a connection ---

    @Requirement({"RFC6675:5-8", "RFC9937:6.1-1"})
    @Test
    void recoverFsIsWhatWasInFlightBeforeTheAckThatTold() {
        // "RecoverFS = SND.NXT - SND.UNA", less what was SACKed before, plus what this ACK delivers.
        openAndSend(10);
        write(30 * SEGMENT);
        advance(100);
        acks(0, 1, 2);
        expectSegments(10);
        acks(0, 1, 3);
        expectSegments(11);
        acks(0, 1, 4);
        expectSegments(0);
        // RecoverFS is 10 and ssthresh 5: one segment for every two delivered. One was delivered, one is out.
        acks(0, 1, 6);
        expectNothing();
        acks(0, 1, 7);
        expectSegments(12);
        acks(0, 1, 8);
        expectNothing();
        // In flight is ssthresh now, and stays.
        acks(0, 1, 9);
        expectNothing();
        acks(0, 1, 10);
        expectSegments(13);
    }

    @Requirement({"RFC9937:5-1", "RFC9937:6.2-9"})
    @Test
    void recoveryEndsAtSsthresh() {
        // "On recovery completion, cwnd = ssthresh".
        openAndSend(10);
        write(30 * SEGMENT);
        acks(0, 1, 4);
        drain();
        acks(0, 1, 10);
        drain();
        advance(100);
        acks(connection.tcb.snd.nxt - iss == 1 ? 10 : (connection.tcb.snd.nxt - iss - 1) / SEGMENT);
        inState(LossRecovery.State.OPEN);
        assertEquals(5 * SEGMENT, cwnd());
        assertEquals(5 * SEGMENT, ssthresh());
        assertTrue(drain() <= 5);
    }

    @Requirement({"RFC9937:6.2-7", "RFC9937:6.2-8"})
    @Test
    void aBurstOfLossesIsNotAnsweredByABurst() {
        // Section 3: "... bursts": nine of ten are lost, and what goes out is what was delivered.
        openAndSend(10);
        write(30 * SEGMENT);
        advance(100);
        acks(0, 9, 10);
        expectSegments(10);
        advance(30);
        inState(LossRecovery.State.RECOVERY);
        expectSegments(0);
        advance(75);
        acks(1, 9, 10);
        assertTrue(drain() <= 2, "safeACK: one delivered, and one more");
    }

    @Requirement("RFC9937:7-1")
    @Test
    void aMarkIsAnsweredInProportionToo() {
        // Section 6.1: "... also ... ECN". RFC 8511: to 8 of 10.
        config.ecn = TcpEcn.ON;
        connecting();
        drain();
        advance(100);
        peer.sends(SYN | ACK | ECE, 0, 1, WINDOW, 0, mss(SEGMENT), sackPermitted());
        drain();
        write(30 * SEGMENT);
        assertEquals(10, drain());
        peer.sends(ACK | ECE, 1, at(1), WINDOW, 0);
        inState(LossRecovery.State.REDUCING);
        int sent = drain();
        for (int i = 2; i <= 10; i++) {
            acks(i);
            sent += drain();
        }
        assertTrue(sent >= 7 && sent <= 9, "sent for ten delivered: " + sent);
        assertEquals(8 * SEGMENT, ssthresh());
    }

    // --- RFC 5681, section 4.3 ---

    /** Lost in recovery, found in recovery, and answered by nothing: it was in the next window. */
    @Requirement("RFC5681:4.3-1")
    @Test
    void aLossInTheNextWindowIsASecondIndication() {
        openAndSend(10);
        write(50 * SEGMENT);
        acks(0, 1, 4);
        drain();
        // The copy is lost, and of what is sent after it the second segment; that is found while recovery goes on.
        for (int i = 5; i <= 10; i++) {
            acks(0, 1, i);
        }
        int next = (connection.tcb.snd.nxt - iss - 1) / SEGMENT;
        assertTrue(next >= 13, "next " + next);
        drain();
        advance(100);
        acks(0, 11, 13, 1, 10);
        acks(0, 11, next, 1, 10);
        drain();
        assertEquals(1, info().recoveries);
        long before = ssthresh();
        advance(100);
        acks(10, 11, next);
        assertEquals(2, info().recoveries);
        assertTrue(ssthresh() < before, "ssthresh " + ssthresh());
        drain();
    }
}
