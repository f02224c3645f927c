package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Test;

/** RFC 5961: blind resets, SYNs, data and acknowledgments; and RFC 9293, 3.10.7.4, first: what is acceptable at all. */
class Rfc5961Test extends TcpFixture {

    @Test
    void onlyTheExactSequenceNumberResets() {
        // 3.2.
        established();
        peer.sends(RST, 2, 0, 0, 0);
        expectAck(1, 1);
        peer.sends(RST, 65_535, 0, 0, 0);
        expectAck(1, 1);
        peer.sends(RST, 70_000, 0, 0, 0);
        peer.sends(RST, 0, 0, 0, 0);
        expectNothing();
        state(TcpState.ESTABLISHED);
        assertEquals(2, drops(DropReason.TCP_BLIND_RST));
        assertEquals(2, drops(DropReason.TCP_OUT_OF_WINDOW));
        peer.sends(RST, 1, 0, 0, 0);
        closedWith(TcpError.CONNECTION_RESET);
    }

    @Test
    void aSynIsChallengedWhereverItIs() {
        // 4.2: "irrespective of the sequence number".
        established();
        for (int seq : new int[] {1, 100, -5, 1_000_000}) {
            peer.sends(SYN, seq, 0, 1000, 0);
            expectAck(1, 1);
            peer.sends(SYN | ACK, seq, 1, 1000, 0);
            expectAck(1, 1);
        }
        state(TcpState.ESTABLISHED);
    }

    @Test
    void anAckOutsideTheRangeDropsTheData() {
        // 5.2.
        established(1000, mss(500));
        write(2000);
        drain();
        peer.acks(1001, 1000);
        drain();
        for (int ack : new int[] {0, 2002, 5000, -100_000}) {
            peer.sends(ACK, 1, ack, 1000, 10);
            expect(ACK, 2001, 1);
            expectNothing();
        }
        assertEquals(0, app.received);
        assertEquals(0, connection.receiveQueue().size());
        peer.sends(ACK, 1, 1, 1000, 10);
        assertEquals(10, read());
        drain();
        peer.sends(ACK, 11, 2001, 1000, 0);
    }

    @Test
    void challengesAreLimitedForTheWholeStack() {
        // 7.
        config.challengeAcksPerSecond = 10;
        established();
        for (int i = 0; i < 100; i++) {
            peer.sends(SYN, 1, 0, 1000, 0);
        }
        int sent = drain();
        assertTrue(sent >= 5 && sent <= 10, "challenges " + sent);
        assertTrue(count(StackCounter.TCP_CHALLENGE_ACKS_LIMITED) >= 90);
        advance(1000);
        peer.sends(SYN, 1, 0, 1000, 0);
        expectAck(1, 1);
    }

    @Test
    void theLimitCannotBeCountedFromOutside() {
        // CVE-2016-5696: a limit that is the same each second tells an attacker who else was challenged.
        config.challengeAcksPerSecond = 1000;
        established();
        var seen = new java.util.HashSet<Integer>();
        for (int second = 0; second < 8; second++) {
            for (int i = 0; i < 1100; i++) {
                peer.sends(SYN, 1, 0, 1000, 0);
            }
            seen.add(drain());
            advance(1000);
        }
        assertTrue(seen.size() > 3, "limits " + seen);
    }

    @Test
    void theFourCasesOfAcceptability() {
        // RFC 9293, section 3.4, table 6.
        assertTrue(SegmentAcceptance.inWindow(10, 0, 10, 0));
        assertTrue(!SegmentAcceptance.inWindow(11, 0, 10, 0));
        assertTrue(SegmentAcceptance.inWindow(10, 0, 10, 5));
        assertTrue(SegmentAcceptance.inWindow(14, 0, 10, 5));
        assertTrue(!SegmentAcceptance.inWindow(15, 0, 10, 5));
        assertTrue(!SegmentAcceptance.inWindow(9, 0, 10, 5));
        assertTrue(!SegmentAcceptance.inWindow(10, 1, 10, 0));
        assertTrue(SegmentAcceptance.inWindow(14, 100, 10, 5));
        assertTrue(SegmentAcceptance.inWindow(5, 6, 10, 5));
        assertTrue(!SegmentAcceptance.inWindow(5, 5, 10, 5));
        int wrap = -2;
        assertTrue(SegmentAcceptance.inWindow(1, 1, wrap, 5));
        assertTrue(!SegmentAcceptance.inWindow(3, 1, wrap, 5));
    }

    @Test
    void twoConfusedEndsDoNotAcknowledgeForEver() {
        established();
        int answers = 0;
        for (int i = 0; i < 100; i++) {
            peer.sends(ACK, -100, 1, 1000, 0);
            answers += drain();
        }
        assertEquals(1, answers);
        advance(600);
        peer.sends(ACK, -100, 1, 1000, 0);
        assertEquals(1, drain());
    }

    @Test
    void aSegmentWithoutAckIsDropped() {
        // RFC 9293, 3.10.7.4, fifth: "if the ACK bit is off, drop the segment and return".
        established();
        peer.sends(0, 1, 0, 1000, 10);
        peer.sends(FIN, 1, 0, 1000, 10);
        expectNothing();
        state(TcpState.ESTABLISHED);
        assertEquals(2, drops(DropReason.TCP_NO_ACK_FLAG));
    }
}
