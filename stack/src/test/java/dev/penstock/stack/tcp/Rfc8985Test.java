package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Test;

/** RFC 8985, RACK: what was sent sufficiently long before something that has arrived is lost. For TLP see {@link Rfc8985ProbeTest}. */
class Rfc8985Test extends RecoveryFixture {

    private boolean reordering() {
        return info().reorderingSeen > 0;
    }

    // --- 6.2, step 2: the most recently sent segment that has arrived ---

    @Requirement("RFC8985:6.2-5")
    @Test
    void threeSegmentsSackedAreEnoughAtOnce() {
        // Step 4: "If RACK.reordering_seen is FALSE ... RACK.segs_sacked >= DupThresh: return 0".
        openAndSend(10);
        advance(100);
        acks(0, 1, 2);
        acks(0, 1, 3);
        expectNothing();
        acks(0, 1, 4);
        expectSegments(0);
        inState(LossRecovery.State.RECOVERY);
    }

    /** It counted bytes, and three small segments were not enough. */
    @Requirement("RFC8985:6.2-5")
    @Test
    void smallSegmentsCountAsSegments() {
        options.noDelay = true;
        open();
        for (int i = 0; i < 4; i++) {
            write(10);
        }
        assertEquals(4, drain());
        advance(100);
        acksBytes(1, 11, 41);
        expectData(ACK, 1, 1, 10);
    }

    @Requirement({"RFC8985:5.2-1", "RFC8985:6.2-2", "RFC8985:6.2-10"})
    @Test
    void onlyWhatWasSentBeforeIsLost() {
        // Step 5: RACK_sent_after(RACK.xmit_ts, RACK.end_seq, Segment.xmit_ts, Segment.end_seq).
        openAndSend(10);
        advance(100);
        acks(0, 2, 3, 4, 6);
        expectSegments(0);
        assertEquals(2 * SEGMENT, info().bytesLost, "segments 1 and 3");
    }

    /** The end of the run that it was sent in was taken for what had arrived: the rest of it looked overtaken. */
    @Requirement("RFC8985:6.2-2")
    @Test
    void theRestOfARunIsNotOvertakenByItsBeginning() {
        openAndSend(10);
        advance(100);
        acks(3);
        write(5 * SEGMENT);
        drain();
        advance(20);
        // Reordering would have been "seen" at segment 4, for its run had been acknowledged to its end.
        acks(3, 4, 5);
        assertTrue(!reordering(), "nothing was reordered");
        assertEquals(0, info().bytesLost);
        advance(30);
        drain();
        acks(15);
        assertTrue(!reordering());
    }

    @Requirement("RFC8985:6.2-3")
    @Test
    void theAckOfACopyCountsOnlyIfItIsOfTheCopy() {
        // Step 2: "if RACK.rtt < RACK.min_RTT" it is the original's: nothing sent before the copy is lost because of
        // it.
        openAndSend(10);
        advance(100);
        acks(0, 1, 4);
        expectSegments(0);
        write(2 * SEGMENT);
        drain();
        advance(10);
        // The original had only been late. The copy is 10 ms old; what was sent before it is not overdue.
        acks(4);
        assertEquals(0, info().bytesLost);
        assertTrue(out.stream().allMatch(x -> x.rawSeq - iss >= at(10)), "new data only");
        drain();
    }

    @Requirement("RFC8985:6.2-3")
    @Test
    void aTimestampTellsTheCopyFromTheOriginal() {
        config.timestamps = true;
        openAndSend(10);
        int original = echo;
        advance(100);
        acks(0, 1, 4);
        expectSegments(0);
        // Long after the copy's round trip, and yet the echo is the original's.
        advance(150);
        echo = original;
        acks(4);
        assertTrue(out.isEmpty(), "nothing else is held to be lost");
        assertEquals(1, info().undos, "RFC 3522: and recovery was for nothing");
    }

    // --- step 3: reordering ---

    @Requirement("RFC8985:6.2-4")
    @Test
    void aLateOriginalBelowWhatHasArrivedIsReordering() {
        // "If ... sequence below RACK.fack, and it has never been retransmitted, ... RACK.reordering_seen = TRUE".
        openAndSend(10);
        advance(100);
        acks(0, 1, 2);
        assertTrue(!reordering());
        acks(2);
        assertTrue(reordering());
        assertEquals(0, info().recoveries);
    }

    @Requirement("RFC8985:6.2-4")
    @Test
    void aCopyThatFillsTheHoleIsNone() {
        openAndSend(10);
        advance(100);
        acks(0, 1, 4);
        drain();
        advance(100);
        acks(4);
        assertTrue(!reordering());
    }

    /** The newest block comes first: with ACKs lost before, the older block was taken for late. */
    @Test
    void severalNewBlocksInOneAckAreNone() {
        openAndSend(10);
        advance(100);
        acks(0, 5, 6, 3, 4, 1, 2);
        assertTrue(!reordering(), "the blocks tell of it in the order of arrival backwards");
        expectSegments(0);
        assertEquals(2 * SEGMENT, info().bytesLost, "segments 2 and 4");
    }

    // --- step 4: the reordering window ---

    @Requirement({"RFC8985:6.2-6", "RFC8985:6.2-11"})
    @Test
    void fewerThanThreeWaitAQuarterOfTheRoundTrip() {
        // "min(RACK.reo_wnd_mult * RACK.min_RTT / 4, SRTT)"; step 5: the reordering timer.
        openAndSend(10);
        advance(100);
        acks(0, 1, 2);
        advance(24);
        expectNothing();
        advance(1);
        expectSegments(0);
        inState(LossRecovery.State.RECOVERY);
    }

    @Requirement("RFC8985:6.2-6")
    @Test
    void onceReorderingWasSeenThreeAreNotEnough() {
        openAndSend(10);
        advance(100);
        acks(0, 1, 2);
        acks(2);
        acks(2, 3, 8);
        expectNothing();
        advance(24);
        expectNothing();
        // In time after all.
        acks(8);
        advance(50);
        assertEquals(0, info().recoveries);
        drain();
    }

    private void reorderedRounds(int dsacks) {
        openAndSend(10);
        advance(100);
        acks(0, 1, 2);
        acks(2);
        for (int i = 0; i < dsacks; i++) {
            acksBytes(at(2), at(1), at(2));
        }
    }

    @Requirement({"RFC8985:4-2", "RFC8985:6.2-7"})
    @Test
    void aDsackWidensTheWindowOnceARoundTrip() {
        // "RACK.reo_wnd_mult += 1" when "RACK.dsack_round is None".
        reorderedRounds(3);
        assertEquals(50 * MS, info().reorderWindowNs);
        acks(10);
        write(SEGMENT);
        acksBytes(at(10), at(1), at(2));
        assertEquals(75 * MS, info().reorderWindowNs);
        drain();
    }

    @Requirement("RFC8985:6.2-9")
    @Test
    void itIsNeverWiderThanTheRoundTrip() {
        // "bounded by SRTT".
        reorderedRounds(1);
        int next = 10;
        acks(next);
        for (int i = 0; i < 10; i++) {
            write(SEGMENT);
            drain();
            acksBytes(at(next), at(1), at(2));
            advance(100);
            acks(++next);
        }
        assertTrue(info().reorderWindowNs <= info().srttNs);
        assertTrue(info().reorderWindowNs >= 99 * MS, "window " + info().reorderWindowNs);
    }

    @Requirement("RFC8985:6.2-8")
    @Test
    void sixteenRecoveriesWithoutADsackNarrowIt() {
        // "RACK.reo_wnd_persist -= 1; If RACK.reo_wnd_persist <= 0: RACK.reo_wnd_mult = 1".
        reorderedRounds(1);
        acks(10);
        assertEquals(50 * MS, info().reorderWindowNs);
        int next = 10;
        for (int i = 1; i <= 16; i++) {
            write(2 * SEGMENT);
            drain();
            advance(100);
            acks(next, next + 1, next + 2);
            advance(60);
            assertEquals(i, info().recoveries);
            drain();
            advance(100);
            next += 2;
            assertTrue(info().reorderWindowNs >= 50 * MS, "after " + i);
            acks(next);
        }
        assertTrue(info().reorderWindowNs < 30 * MS, "window " + info().reorderWindowNs);
    }

    // --- step 5: lost retransmissions ---

    @Requirement({"RFC5681:4.3-2", "RFC8985:6.1-1", "RFC8985:6.2-12"})
    @Test
    void aLostCopyIsFoundWhenSomethingLaterArrives() {
        openAndSend(10);
        write(10 * SEGMENT);
        drain();
        advance(100);
        acks(0, 1, 6);
        assertEquals(0, out.peekFirst().rawSeq - iss - 1);
        drain();
        advance(1);
        acks(0, 1, 10);
        int newer = connection.tcb.snd.nxt - iss - SEGMENT;
        assertTrue(newer > at(9), "something new went out after the copy");
        drain();
        advance(100);
        acksBytes(1, newer, newer + SEGMENT, at(1), at(10));
        assertEquals(1, out.peekFirst().rawSeq - iss, "the copy is sent again");
        assertEquals(1, info().recoveries);
        drain();
    }

    /** What the timer finds lost left the pipe, and the whole window for it: all was sent again in one burst. */
    @Test
    void whatTheTimerFindsInRecoveryIsNotSentAgainInOneBurst() {
        openAndSend(10);
        advance(100);
        // Reordering, then recovery for segment 2.
        acks(0, 1, 2);
        acks(2);
        acks(2, 3, 4);
        advance(25);
        expectSegments(2);
        inState(LossRecovery.State.RECOVERY);
        advance(5);
        acks(2, 3, 4, 9, 10);
        drain();
        long copies = info().bytesRetransmitted;
        advance(25);
        assertTrue(info().bytesRetransmitted - copies <= 2 * SEGMENT, "bytes " + (info().bytesRetransmitted - copies));
        drain();
    }

    // --- 6.3: the RTO ---

    @Requirement("RFC8985:6.3-1")
    @Test
    void theTimeoutMarksTheFirstAndWhatIsOverdue() {
        // "if Segment is the first ... or Segment.xmit_ts + RACK.rtt + RACK.reo_wnd - Now() <= 0".
        open();
        write(2 * SEGMENT);
        drain();
        advance(100);
        acks(1);
        advance(190);
        write(SEGMENT);
        drain();
        long rtoLeft = connection.timers.when(ConnectionTimers.RETRANSMIT) - nowNs;
        assertTrue(rtoLeft > 0);
        while (count(StackCounter.TCP_RTO_TIMEOUTS) == 0) {
            drain();
            advance(10);
        }
        assertTrue(info().bytesLost + (long) out.size() * SEGMENT >= SEGMENT);
        assertEquals(at(1), out.peekFirst().rawSeq - iss);
        drain();
        advance(100);
        acks(3);
    }
}
