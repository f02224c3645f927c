package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** RFC 3522, the Eifel detection: the echoed timestamp tells whether the original or the copy was acknowledged. */
class Rfc3522Test extends RecoveryFixture {
    private int original;

    @BeforeEach
    void withTimestamps() {
        config.timestamps = true;
    }

    /** Recovery began, and segment 0 was sent again. */
    private int recovery() {
        openAndSend(10);
        original = echo;
        advance(100);
        acks(0, 1, 4);
        int copy = out.peekFirst().options.tsVal;
        expectSegments(0);
        inState(LossRecovery.State.RECOVERY);
        return copy;
    }

    /** A timeout, and segment 0 was sent again. */
    private int timeout() {
        openAndSend(10);
        original = echo;
        while (count(StackCounter.TCP_RTO_TIMEOUTS) == 0) {
            drain();
            advance(10);
        }
        int copy = out.peekLast().options.tsVal;
        drain();
        inState(LossRecovery.State.LOSS);
        return copy;
    }

    // --- section 3.2: the algorithm ---

    @Test
    void theEchoOfTheOriginalShowsThatRecoveryWasForNothing() {
        // Step 4: "If the value of the Timestamp Echo Reply field of the acceptable ACK's Timestamps option is
        // smaller than RetransmitTS" ... step 6: "SpuriousRecovery <- dupacks" (or 1).
        recovery();
        echo = original;
        acks(4);
        assertEquals(1, info().undos);
        inState(LossRecovery.State.OPEN);
        assertEquals(10 * SEGMENT, cwnd());
        drain();
    }

    @Test
    void theEchoOfTheCopyShowsThatTheLossWasReal() {
        int copy = recovery();
        advance(100);
        echo = copy;
        acks(4);
        assertEquals(0, info().undos);
        inState(LossRecovery.State.RECOVERY);
        drain();
    }

    @Requirement("RFC9438:4.9-3")
    @Test
    void aTimeoutIsShownToBeSpuriousByTheFirstAck() {
        timeout();
        assertEquals(SEGMENT, cwnd());
        echo = original;
        acks(1);
        assertEquals(1, info().undos);
        inState(LossRecovery.State.OPEN);
        assertTrue(cwnd() >= 10 * SEGMENT, "cwnd " + cwnd());
        assertTrue(out.isEmpty(), "nothing else is sent again");
        acks(10);
    }

    @Test
    void aRealTimeoutStays() {
        int copy = timeout();
        advance(100);
        echo = copy;
        acks(1);
        assertEquals(0, info().undos);
        inState(LossRecovery.State.LOSS);
        expectSegments(1, 2);
    }

    @Test
    void anAckThatAcknowledgesNothingNewSaysNothing() {
        // Step 3: "Wait for the arrival of an acceptable ACK", one that acknowledges outstanding data.
        recovery();
        echo = original;
        acks(0, 1, 5);
        assertEquals(0, info().undos);
        inState(LossRecovery.State.RECOVERY);
        drain();
    }

    @Test
    void theRetransmissionThatCountsIsTheFirst() {
        // Step 2: "RetransmitTS: ... the value of the Timestamp Value field ... of the retransmit sent when loss
        // recovery is initiated. A TCP sender must ensure that RetransmitTS does not get overwritten as loss recovery
        // progresses".
        int first = timeout();
        advance(1500);
        assertEquals(2, count(StackCounter.TCP_RTO_TIMEOUTS));
        drain();
        echo = first;
        acks(1);
        assertEquals(0, info().undos, "the first copy has arrived: the timeout had a reason");
        drain();
    }

    @Test
    void withoutTimestampsNothingIsFoundOutThisWay() {
        config.timestamps = false;
        openAndSend(10);
        advance(100);
        acks(0, 1, 4);
        expectSegments(0);
        acks(4);
        assertEquals(0, info().undos);
        drain();
    }
}
