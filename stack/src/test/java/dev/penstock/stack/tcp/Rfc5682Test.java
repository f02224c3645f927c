package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Test;

/** RFC 5682, F-RTO: is a retransmission timeout spurious? Without timestamps, which tell it sooner (RFC 3522). */
class Rfc5682Test extends RecoveryFixture {

    /** Ten segments, a timeout, and the first retransmitted. */
    private void timeout(boolean sack) {
        config.sack = sack;
        openAndSend(10);
        write(10 * SEGMENT);
        assertEquals(0, drain());
        // With SACK a tail loss probe comes first.
        while (count(StackCounter.TCP_RTO_TIMEOUTS) == 0) {
            out.clear();
            advance(50);
        }
        inState(LossRecovery.State.LOSS);
        assertEquals(SEGMENT, cwnd());
    }

    private void timeoutWithoutSack() {
        timeout(false);
        expectSegments(0);
    }

    // --- section 2.1: the basic algorithm ---

    @Test
    void theFirstAckLetsTwoNewSegmentsGo() {
        // Step 2b: "If the acknowledgment advances the window but the Cumulative Acknowledgment field does not cover
        // recover, transmit up to two new (previously unsent) segments and enter step 3".
        timeoutWithoutSack();
        acks(1);
        expectSegments(10, 11);
        inState(LossRecovery.State.LOSS);
    }

    @Requirement("RFC9438:4.9-3")
    @Test
    void theSecondAckThatAdvancesDeclaresItSpurious() {
        // Step 3b: "If the acknowledgment advances the window in step 3, i.e., if it acknowledges segments that were
        // not retransmitted after the timeout, declare the timeout spurious".
        timeoutWithoutSack();
        acks(1);
        expectSegments(10, 11);
        acks(2);
        assertEquals(1, info().undos);
        inState(LossRecovery.State.OPEN);
        assertTrue(cwnd() >= 10 * SEGMENT, "cwnd " + cwnd());
        assertTrue(out.stream().allMatch(s -> s.rawSeq - iss >= at(12)), "only new data");
        drain();
    }

    @Test
    void aDuplicateAsSecondAckMeansThatTheLossWasReal() {
        // Step 3a: "If the acknowledgment is a duplicate ACK, ... continue in slow start retransmitting unacknowledged
        // segments".
        timeoutWithoutSack();
        acks(1);
        expectSegments(10, 11);
        acks(1);
        assertEquals(0, info().undos);
        assertEquals(1, out.peekFirst().rawSeq - iss - SEGMENT, "the next segment is sent again");
        drain();
    }

    @Test
    void aDuplicateAsFirstAckRevertsToConventionalRecovery() {
        // Step 2a.
        timeoutWithoutSack();
        acks(0);
        acks(1);
        expectSegments(1, 2);
        acks(3);
        assertEquals(0, info().undos);
        drain();
    }

    /** All but the first had arrived, and the copy filled the hole. Taken for a spurious timeout, for so much arrived. */
    @Test
    void theFirstAckThatCoversEverythingSaysNothing() {
        // Step 2a: "or ... the Cumulative Acknowledgment field ... covers recover", the sender reverts.
        timeoutWithoutSack();
        acks(10);
        assertEquals(0, info().undos);
        assertEquals(5 * SEGMENT, ssthresh());
        assertTrue(cwnd() <= 2 * SEGMENT, "cwnd " + cwnd());
        drain();
    }

    /** The first hole is filled, a later one is not: the first ACK covers what arrived before the timeout. */
    @Test
    void theFirstAckThatCoversAPartSaysNothingYet() {
        timeoutWithoutSack();
        acks(5);
        assertEquals(0, info().undos);
        expectSegments(10, 11);
        acks(5);
        assertEquals(0, info().undos);
        assertEquals(at(5), out.peekFirst().rawSeq - iss);
        drain();
    }

    @Test
    void withoutNewDataThereIsNothingToTryWith() {
        // "If there are no previously unsent data ... the TCP sender SHOULD NOT" go on with step 3.
        config.sack = false;
        openAndSend(10);
        advance(300);
        expectSegments(0);
        acks(1);
        expectSegments(1, 2);
        acks(3);
        assertEquals(0, info().undos);
        drain();
    }

    @Test
    void onlyTheFirstTimeoutIsExamined() {
        timeoutWithoutSack();
        advance(1000);
        expectSegments(0);
        acks(1);
        expectSegments(1, 2);
        assertEquals(0, info().undos);
    }

    @Test
    void whatElseHappensMeanwhileDoesNotEndTheTrial() {
        timeoutWithoutSack();
        acks(1);
        expectSegments(10, 11);
        // The application writes, the connection is visited: nothing may go, and nothing old goes.
        write(SEGMENT);
        expectNothing();
        acks(2);
        assertEquals(1, info().undos);
        drain();
    }

    // --- section 3.1: with SACK ---

    /** The new segments were sent once, too, and their arrival was taken for that of the old ones. */
    @Test
    void sackOfTheNewSegmentsMeansThatTheLossWasReal() {
        // Step 3: only what is below RecoveryPoint and was not retransmitted tells that the timeout was spurious.
        timeout(true);
        out.clear();
        acks(1);
        int first = connection.tcb.snd.nxt - iss - 2 * SEGMENT;
        assertEquals(2, drain());
        acksBytes(at(1), first, first + SEGMENT);
        assertEquals(0, info().undos);
        inState(LossRecovery.State.LOSS);
        assertEquals(at(1), out.peekFirst().rawSeq - iss);
        drain();
    }

    @Test
    void sackOfWhatWasSentOnceDeclaresItSpurious() {
        timeout(true);
        out.clear();
        acks(1, 3, 4);
        assertEquals(1, info().undos);
        assertTrue(cwnd() >= 10 * SEGMENT, "cwnd " + cwnd());
        drain();
    }

    // --- with timestamps ---

    @Test
    void withTimestampsTheEchoTells() {
        config.timestamps = true;
        timeout(false);
        Seg copy = out.peekFirst();
        out.clear();
        // Not spurious: the copy is echoed, and no new data goes first.
        echo = copy.options.tsVal;
        acks(1);
        expectSegments(1, 2);
        assertEquals(0, info().undos);
    }
}
