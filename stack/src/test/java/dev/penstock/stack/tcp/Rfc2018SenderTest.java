package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** RFC 2018, the data sender's half: sections 5 and 8; and RFC 2883, section 4, what is a D-SACK block. */
class Rfc2018SenderTest extends RecoveryFixture {

    private void timeout() {
        long before = count(StackCounter.TCP_RTO_TIMEOUTS);
        while (count(StackCounter.TCP_RTO_TIMEOUTS) == before) {
            drain();
            advance(10);
        }
    }

    // --- section 5: interpreting the option ---

    @Test
    void whatIsSackedIsNotSentAgain() {
        // "the data sender ... SHOULD skip ... segments" that are SACKed.
        openAndSend(10);
        advance(100);
        acks(0, 1, 3, 4, 10);
        drain();
        advance(100);
        acks(1, 1, 3, 4, 10);
        acks(3, 4, 10);
        drain();
        acks(10);
        assertEquals(2, info().retransmits, "segments 0 and 3");
    }

    @Test
    void blocksOfWhatWasNeverSentAreCountedAndIgnored() {
        openAndSend(4);
        advance(100);
        acksBytes(1, at(2), at(4) + 1);
        acksBytes(1, at(10), at(20));
        acksBytes(1, at(3), at(2));
        assertEquals(0, info().bytesSacked);
        assertEquals(3, count(StackCounter.TCP_BAD_SACK_BLOCKS));
        acks(4);
    }

    @Test
    void partsOfASegmentAreNotRemembered() {
        // They would have to be sent again with the rest.
        openAndSend(4);
        advance(100);
        acksBytes(1, at(1) + 10, at(2) - 10);
        assertEquals(0, info().bytesSacked);
        acksBytes(1, at(1) + 10, at(3) + 10);
        assertEquals(SEGMENT, info().bytesSacked, "segment 2");
        acks(4);
    }

    @Test
    void anOldAckStillTellsNews() {
        // Overtaken by a later one: its acknowledgment says nothing, its blocks may.
        openAndSend(10);
        advance(100);
        acks(2);
        acks(0, 5, 7);
        assertEquals(2 * SEGMENT, info().bytesSacked);
        advance(60);
        drain();
        acks(10);
    }

    @Test
    void aBlockThatBeginsBelowTheAckIsTakenFromThereOn() {
        openAndSend(10);
        advance(100);
        acks(2);
        acks(1, 2, 4);
        assertEquals(2 * SEGMENT, info().bytesSacked);
        drain();
        acks(10);
    }

    // --- section 8: the receiver may throw it away ---

    @Test
    void nothingIsReleasedBeforeItIsAcknowledged() {
        // "The data sender ... MUST NOT discard data before it is acknowledged by the acknowledgment number field".
        openAndSend(10);
        advance(100);
        acks(0, 1, 10);
        assertEquals(10 * SEGMENT, connection.sendQueue().size());
        drain();
    }

    @Requirement("RFC6675:5.1-1")
    @Test
    void aPeerThatThrewAwayWhatItHadGetsItAgain() {
        // "After a retransmit timeout the data sender SHOULD turn off all of the SACKed bits, since the timeout might
        // indicate that the data receiver has reneged"; it has, if the first segment is among them.
        openAndSend(10);
        advance(100);
        acks(0, 1, 10);
        expectSegments(0);
        advance(100);
        // The copy is acknowledged, and nothing else.
        acks(1);
        expectNothing();
        timeout();
        assertEquals(1, count(StackCounter.TCP_SACK_RENEGING));
        assertEquals(0, info().bytesSacked);
        assertEquals(0, connection.board.sackedSegments());
        TreeSet<Integer> again = new TreeSet<>();
        for (int round = 0; round < 10 && again.size() < 9; round++) {
            out.forEach(s -> again.add((s.rawSeq - iss - 1) / SEGMENT));
            out.clear();
            advance(1);
            acks(again.last() + 1);
        }
        assertEquals("[1, 2, 3, 4, 5, 6, 7, 8, 9]", again.toString());
        assertEquals(0, info().bytesInFlight);
        advance(10_000);
        expectNothing();
    }

    @Test
    void whatIsSackedBehindAHoleSurvivesTheTimeout() {
        // RFC 6675, section 5.1, and RFC 8985, section 6.3: only evidence of reneging makes it forget.
        openAndSend(10);
        advance(100);
        acks(0, 1, 10);
        drain();
        timeout();
        assertEquals(0, count(StackCounter.TCP_SACK_RENEGING));
        assertEquals(9 * SEGMENT, info().bytesSacked);
        expectSegments(0);
        acks(10);
        expectNothing();
    }

    // --- RFC 2883, section 4 ---

    @Test
    void aBlockBelowTheAckReportsADuplicate() {
        openAndSend(4);
        acks(2);
        acksBytes(at(2), at(0), at(1));
        assertEquals(1, count(StackCounter.TCP_DSACKS_RECEIVED));
        assertEquals(0, info().bytesSacked);
        acks(4);
    }

    @Test
    void aBlockInsideTheSecondReportsADuplicate() {
        openAndSend(10);
        advance(100);
        acks(0, 5, 6, 4, 7);
        assertEquals(1, count(StackCounter.TCP_DSACKS_RECEIVED));
        assertEquals(3 * SEGMENT, info().bytesSacked);
        drain();
    }

    @Test
    void onlyTheFirstBlockMayReportOne() {
        openAndSend(10);
        advance(100);
        acks(2, 4, 6, 0, 1);
        assertEquals(0, count(StackCounter.TCP_DSACKS_RECEIVED));
        drain();
    }

    @Test
    void whatWasNeverSentWasNotReceivedTwice() {
        openAndSend(4);
        acksBytes(at(2), at(8), at(9), at(7), at(10));
        assertEquals(0, count(StackCounter.TCP_DSACKS_RECEIVED));
        acksBytes(at(2), -1_000_000, -999_000);
        assertEquals(0, count(StackCounter.TCP_DSACKS_RECEIVED), "older than any window");
        acks(4);
    }

    // --- the FIN ---

    @Test
    void aSackedFinIsNotSentAgain() {
        open();
        write(3 * SEGMENT);
        shutdownOutput();
        drain();
        advance(100);
        acksBytes(1, at(1), at(3) + 1);
        expectData(ACK, 1, 1, SEGMENT);
        expectNothing();
        peer.sends(ACK, 1, at(3) + 1, WINDOW, 0);
        state(TcpState.FIN_WAIT_2);
    }

    @Test
    void aFinBehindAHoleIsSentAgainAlone() {
        open();
        write(2 * SEGMENT);
        shutdownOutput();
        drain();
        advance(100);
        acks(2);
        advance(1000);
        assertTrue(out.stream().allMatch(s -> s.has(FIN) && s.payload.length == 0), "the FIN, and it alone");
        assertTrue(drain() > 0);
        peer.sends(ACK, 1, at(2) + 1, WINDOW, 0);
        state(TcpState.FIN_WAIT_2);
    }

    @Test
    void dataAndFinInOneSegmentAreSentAgainTogether() {
        open();
        app.write(connection, 500, nowNs);
        connection.shutdownOutput(nowNs);
        flush();
        expect(FIN | ACK | PSH, 1, 1);
        timeout();
        Seg again = out.peekLast();
        assertTrue(again.has(FIN) && again.payload.length == 500, () -> again.show(this));
        drain();
        peer.sends(ACK, 1, 502, WINDOW, 0);
        state(TcpState.FIN_WAIT_2);
    }
}
