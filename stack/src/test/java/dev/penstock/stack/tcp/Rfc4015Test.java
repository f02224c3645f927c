package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Test;

/**
 * RFC 4015, the Eifel response: what was done for nothing is taken back, whatever told of it: timestamps (RFC 3522), DSACKs
 * (RFC 2883 and 3708) or F-RTO (RFC 5682).
 */
class Rfc4015Test extends RecoveryFixture {

    private int original;

    private void recovery(boolean timestamps) {
        config.timestamps = timestamps;
        openAndSend(10);
        original = echo;
        advance(100);
        acks(0, 1, 4);
        expectSegments(0);
    }

    @Test
    void windowAndThresholdAreRestored() {
        // Section 3.2, step (5): "ssthresh <- pipe_prev"; RFC 9438, section 4.9.2: cwnd also.
        recovery(true);
        long threshold = 5 * SEGMENT;
        assertEquals(threshold, ssthresh());
        echo = original;
        acks(4);
        assertEquals(10 * SEGMENT, cwnd());
        assertEquals(CongestionControl.UNLIMITED, connection.cc.ssthresh(), "none had been found");
        assertEquals(1, count(StackCounter.TCP_SPURIOUS_RECOVERIES));
        drain();
    }

    @Test
    void theRtoStaysBackedOffUntilSomethingIsMeasured() {
        // Section 3.2, step (7)... (9): the RTO is made more conservative, not less.
        config.timestamps = true;
        openAndSend(10);
        original = echo;
        long before = info().rtoNs;
        while (count(StackCounter.TCP_RTO_TIMEOUTS) == 0) {
            drain();
            advance(10);
        }
        drain();
        echo = original;
        acks(1);
        assertEquals(1, info().undos);
        assertTrue(info().rtoNs > before, "rto " + info().rtoNs);
        acks(10);
    }

    @Test
    void whatWasHeldToBeLostIsInTheNetwork() {
        config.timestamps = true;
        openAndSend(10);
        original = echo;
        while (count(StackCounter.TCP_RTO_TIMEOUTS) == 0) {
            drain();
            advance(10);
        }
        drain();
        echo = original;
        acks(1);
        assertEquals(0, info().bytesLost);
        assertEquals(connection.tcb.snd.nxt - connection.tcb.snd.una, connection.pipe());
        acks(10);
    }

    // --- by the originals: nothing had been sent again ---

    /** The device takes nothing while the first four acknowledgments come, as a paced copy waits for its time. */
    private void recoveryWithoutCopies(int... sacked) {
        openAndSend(10);
        advance(100);
        ip.deviceFullAfter = 0;
        acks(0, sacked);
        inState(LossRecovery.State.RECOVERY);
        expectSegments();
    }

    @Test
    void whatArrivesBeforeItsCopyWentOutWasNotLost() {
        recoveryWithoutCopies(1, 4);
        assertEquals(5 * SEGMENT, ssthresh());
        ip.deviceFullAfter = Integer.MAX_VALUE;
        acks(4);
        inState(LossRecovery.State.OPEN);
        assertEquals(10 * SEGMENT, cwnd());
        assertEquals(CongestionControl.UNLIMITED, connection.cc.ssthresh(), "slow start goes on");
        assertEquals(1, info().undos);
        assertEquals(0, count(StackCounter.TCP_RETRANS_SEGS));
        assertTrue(info().reorderingSeen > 0, "it was late");
        acks(10);
    }

    @Test
    void oneOfTwoIsNotEnough() {
        recoveryWithoutCopies(1, 5, 6, 10);
        acks(5, 6, 10);
        inState(LossRecovery.State.RECOVERY);
        assertEquals(0, info().undos);
        ip.deviceFullAfter = Integer.MAX_VALUE;
        acks(5, 6, 10);
        expectSegments(5);
        acks(10);
        assertEquals(0, info().undos);
        assertEquals(5 * SEGMENT, cwnd());
    }

    // --- by DSACKs: RFC 3708, section 3 ---

    @Test
    void everyCopyReportedAsDuplicateShowsThatNothingWasLost() {
        recovery(false);
        // The original was late and filled the hole; recovery has ended when the copy arrives and is reported.
        acks(10);
        inState(LossRecovery.State.OPEN);
        assertEquals(5 * SEGMENT, cwnd());
        acksBytes(at(10), at(0), at(1));
        assertEquals(1, info().undos);
        assertEquals(10 * SEGMENT, cwnd());
    }

    @Test
    void inRecoveryToo() {
        recovery(false);
        acksBytes(at(4), at(0), at(1));
        assertEquals(1, info().undos);
        inState(LossRecovery.State.OPEN);
        assertEquals(10 * SEGMENT, cwnd());
        drain();
    }

    @Test
    void oneOfTwoCopiesIsNotEnough() {
        // "If ... all of the segments retransmitted were ... reported as duplicate".
        openAndSend(10);
        advance(100);
        acks(0, 1, 4, 6, 10);
        drain();
        acks(1, 1, 4, 6, 10);
        drain();
        acks(4, 6, 10);
        drain();
        assertTrue(info().retransmits >= 2, "copies " + info().retransmits);
        advance(100);
        acks(10);
        acksBytes(at(10), at(0), at(1));
        assertEquals(0, info().undos);
    }

    /** Duplicates that the network makes later are of other data. */
    @Test
    void duplicatesOfWhatWasNotSentAgainDoNotCount() {
        recovery(false);
        acks(10);
        write(2 * SEGMENT);
        drain();
        acks(12);
        acksBytes(at(12), at(10), at(12));
        assertEquals(0, info().undos);
        assertEquals(5 * SEGMENT, ssthresh());
    }

    @Test
    void aDuplicateOfOlderDataDoesNotCount() {
        openAndSend(10);
        advance(100);
        acks(2);
        acks(2, 3, 6);
        expectSegments(2);
        acks(10);
        acksBytes(at(10), at(0), at(1));
        assertEquals(0, info().undos);
    }

    // --- what must stay ---

    /** A mark asked for the reduction; the loss that followed was none, and the mark's reduction was taken back. */
    @Test
    void theAnswerToAMarkIsNotTakenBack() {
        // RFC 4015, section 3.2: "if ... congestion ... ECN" - the Eifel response is for losses.
        config.timestamps = true;
        config.ecn = TcpEcn.ON;
        connecting();
        Seg syn = out.pollFirst();
        advance(100);
        peer.sends(
                SYN | ACK | ECE, 0, 1, WINDOW, 0, mss(SEGMENT + 12), sackPermitted(), stamps(500, syn.options.tsVal));
        drain();
        write(10 * SEGMENT);
        original = out.peekLast().options.tsVal;
        drain();
        advance(100);
        peer.sends(ACK | ECE, 1, at(1), WINDOW, 0, stamps(500, original));
        inState(LossRecovery.State.REDUCING);
        long reduced = cwnd();
        drain();
        echo = original;
        acks(1, 2, 5);
        inState(LossRecovery.State.RECOVERY);
        assertEquals(reduced, cwnd(), "once for a window of data");
        drain();
        acks(5);
        assertEquals(1, info().undos);
        inState(LossRecovery.State.OPEN);
        assertEquals(reduced, cwnd());
        drain();
    }

    @Test
    void anUndoIsNotDoneTwice() {
        recovery(false);
        acks(10);
        acksBytes(at(10), at(0), at(1));
        assertEquals(1, info().undos);
        acksBytes(at(10), at(0), at(1));
        assertEquals(1, info().undos);
    }

    @Test
    void theNextRecoveryIsJudgedByItself() {
        recovery(false);
        acks(10);
        write(10 * SEGMENT);
        drain();
        advance(100);
        acks(10, 11, 14);
        assertEquals(2, info().recoveries);
        drain();
        // Of the first recovery's copy; it was late.
        acksBytes(at(10), at(0), at(1));
        assertEquals(0, info().undos);
        drain();
    }
}
