package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * RFC 6675: loss recovery by SACK, with RACK switched off. NextSeg () is that of this stack: what is lost goes first, lowest
 * first (rule 1), then new data (rule 2). Rules 3 and 4, which retransmit what is not known to be lost when there is no new
 * data, are MAYs; the tail loss probe does their work.
 */
class Rfc6675Test extends RecoveryFixture {

    @BeforeEach
    void withoutRack() {
        config.rack = false;
    }

    // --- section 4: IsLost ---

    @Requirement({"RFC6675:4-2", "RFC6675:5-1"})
    @Test
    void moreThanTwoSegmentsOfBytesAbove() {
        // "more than (DupThresh - 1) * SMSS bytes with sequence numbers greater than 'SeqNum' have been SACKed".
        openAndSend(10);
        advance(100);
        acks(0, 5, 7);
        advance(100);
        expectNothing();
        acks(0, 5, 8);
        expectSegments(0);
        assertEquals(4 * SEGMENT, info().bytesLost, "segments 1 to 4");
        inState(LossRecovery.State.RECOVERY);
    }

    @Requirement("RFC6675:4-2")
    @Test
    void threeSeparateBlocksAbove() {
        // "DupThresh discontiguous SACKed sequences have arrived above 'SeqNum'": small segments, few bytes.
        options.noDelay = true;
        open();
        for (int i = 0; i < 8; i++) {
            write(10);
        }
        assertEquals(8, drain());
        advance(100);
        acksBytes(1, 11, 21, 31, 41);
        expectNothing();
        acksBytes(1, 11, 21, 31, 41, 51, 61);
        expectData(ACK, 1, 1, 10);
        assertEquals(0, info().bytesLost, "21 has two above it only");
    }

    @Requirement("RFC6675:4-2")
    @Test
    void whatIsAboveTheThirdFromTheTopIsNotLost() {
        openAndSend(10);
        advance(100);
        acks(0, 1, 2, 3, 4, 5, 6);
        expectSegments(0);
        assertEquals(0, info().bytesLost, "segment 2 has two above it");
        acks(0, 1, 2, 3, 4, 5, 6, 7, 8);
        assertEquals(SEGMENT, info().bytesLost + (long) drain() * SEGMENT, "segment 2 has three");
    }

    // --- section 5: the algorithm ---

    /** Three ACKs with news are enough, however few bytes they tell of: nothing but the timeout recovered these. */
    @Requirement({"RFC6675:5-1", "RFC6675:5-6"})
    @Test
    void threeDuplicateAcksMakeTheFirstLost() {
        // Step 1: "If DupAcks >= DupThresh, go to step 4"; (4.3): "retransmit the first data segment presumed dropped
        // -- the segment starting with sequence number HighACK + 1".
        options.noDelay = true;
        open();
        for (int i = 0; i < 6; i++) {
            write(10);
        }
        assertEquals(6, drain());
        advance(100);
        acksBytes(1, 11, 21);
        acksBytes(1, 11, 31);
        expectNothing();
        acksBytes(1, 11, 41);
        expectData(ACK, 1, 1, 10);
        inState(LossRecovery.State.RECOVERY);
    }

    @Requirement("RFC6675:5-3")
    @Test
    void anAckWithoutNewsIsNoDuplicate() {
        // Section 2: a duplicate acknowledgment "carries a SACK block that identifies previously unacknowledged and
        // un-SACKed octets".
        openAndSend(6);
        advance(100);
        for (int i = 0; i < 5; i++) {
            acks(0, 1, 2);
        }
        expectNothing();
        inState(LossRecovery.State.OPEN);
    }

    @Requirement("RFC6675:5-4")
    @Test
    void limitedTransmitBefore() {
        // Step 3: "(3.1) ... (3.3) transmit ... previously unsent data".
        openAndSend(10);
        write(10 * SEGMENT);
        drain();
        advance(100);
        acks(0, 1, 2);
        expectSegments(10);
        acks(0, 1, 3);
        expectSegments(11);
    }

    @Requirement({"RFC6675:4-4", "RFC6675:4-5", "RFC6675:5-8"})
    @Test
    void whatIsLostGoesBeforeNewData() {
        openAndSend(10);
        write(10 * SEGMENT);
        advance(100);
        acks(0, 1, 2, 3, 9);
        expectSegments(0, 2, 10, 11);
    }

    @Requirement({"RFC6675:5-2", "RFC6675:5-5", "RFC6675:5-7"})
    @Test
    void recoveryEndsAtRecoveryPoint() {
        // (B): "Upon receipt of an ACK that acknowledges RecoveryPoint ... loss recovery is over".
        openAndSend(10);
        advance(100);
        acks(0, 1, 5);
        expectSegments(0);
        advance(100);
        acks(9);
        inState(LossRecovery.State.RECOVERY);
        acks(10);
        inState(LossRecovery.State.OPEN);
        assertEquals(5 * SEGMENT, cwnd());
    }

    @Requirement({"RFC6675:4-1", "RFC6675:4-3"})
    @Test
    void pipeCountsWhatIsInTheNetwork() {
        // SetPipe (): neither SACKed nor lost; a retransmission counts.
        openAndSend(10);
        advance(100);
        acks(0, 2, 6);
        expectSegments(0);
        // 10 sent, 4 SACKed, 0 and 1 lost, 0 sent again.
        assertEquals(5 * SEGMENT, connection.pipe());
    }

    @Requirement({"RFC6675:5.1-3", "RFC6675:6-1"})
    @Test
    void aLostCopyIsLeftToTheTimeout() {
        // Section 5.1: "... retransmitted ... lost ... RTO".
        openAndSend(10);
        write(10 * SEGMENT);
        advance(100);
        acks(0, 1, 10);
        drain();
        advance(100);
        for (int i = 11; i < 13; i++) {
            acks(0, 1, i);
        }
        assertTrue(out.stream().noneMatch(s -> s.rawSeq - iss == at(0)));
        while (count(StackCounter.TCP_RTO_TIMEOUTS) == 0) {
            drain();
            advance(10);
        }
        assertEquals(at(0), out.peekFirst().rawSeq - iss);
        drain();
    }

    @Test
    void afterAnUndoTheSameIsJudgedAgain() {
        config.timestamps = true;
        openAndSend(10);
        int original = echo;
        advance(100);
        acks(0, 2, 5);
        expectSegments(0);
        // The original was only late; segment 1 is lost all the same.
        echo = original;
        acks(1, 2, 6);
        assertEquals(1, info().undos);
        assertEquals(2, info().recoveries);
        assertEquals(at(1), out.peekFirst().rawSeq - iss);
        drain();
    }
}
