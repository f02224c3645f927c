package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Test;

/** RFC 5961: blind resets, SYNs, data and acknowledgments; and RFC 9293, 3.10.7.4, first: what is acceptable at all. */
class Rfc5961Test extends TcpFixture {

    @Requirement({"RFC5961:3.2-1", "RFC5961:3.2-2", "RFC5961:3.2-3"})
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

    @Requirement("RFC5961:4.2-1")
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

    @Requirement("RFC5961:5.2-1")
    @Test
    @Requirement("RFC9293:MAY-12")
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

    @Requirement({"RFC5961:7-1", "RFC5961:7-2"})
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

    @Requirement("RFC5961:7-4")
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

    @Requirement("RFC5961:9.3-1")
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

    @Requirement("RFC5961:5.2-2")
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

    /** 3.2: "the RST ... If it is legitimate", the peer answers the challenge with a reset that has exactly its number. */
    @Requirement("RFC5961:3.2-3")
    @Test
    void aPeerThatMeantItAnswersTheChallengeAndResets() {
        established();
        peer.sends(RST, 500, 0, 0, 0);
        Seg challenge = expect(ACK, 1, 1);
        peer.sends(RST, challenge.rawAck - peer.irs, 0, 0, 0);
        closedWith(TcpError.CONNECTION_RESET);
    }

    /** 3.2: "<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>", and data in flight does not change that. */
    @Requirement("RFC5961:3.2-4")
    @Test
    void theChallengeHasTheNumbersOfTheConnection() {
        established(1000, mss(500));
        write(1000);
        drain();
        peer.sends(ACK, 1, 1, 1000, 30);
        drain();
        peer.sends(RST, 100, 0, 0, 0);
        expectAck(1001, 31);
        peer.sends(SYN, 100, 0, 1000, 0);
        expectAck(1001, 31);
        read();
        peer.acks(1001, 1000);
        drain();
    }

    /** 3.2, case 1 and 2 at the edges: RCV.NXT + RCV.WND is outside; with a closed window only RCV.NXT itself resets. */
    @Requirement("RFC5961:3.2-1")
    @Test
    void theEdgesOfTheWindow() {
        options.receiveBuffer = 1000;
        established();
        peer.sends(RST, 1001, 0, 0, 0);
        expectNothing();
        assertEquals(1, drops(DropReason.TCP_OUT_OF_WINDOW));
        peer.sends(RST, 1000, 0, 0, 0);
        expectAck(1, 1);
        peer.sends(ACK, 1, 1, 1000, 1000);
        drain();
        peer.sends(RST, 1002, 0, 0, 0);
        expectNothing();
        state(TcpState.ESTABLISHED);
        peer.sends(RST, 1001, 0, 0, 0);
        closedWith(TcpError.CONNECTION_RESET);
    }

    /** 4.2: "in any of the synchronized states"; a peer that has restarted resets with the number of the challenge. */
    @Requirement({"RFC5961:4.2-1", "RFC5961:4.2-2"})
    @Test
    void aSynIsChallengedInEverySynchronizedState() {
        for (TcpState wanted : new TcpState[] {
            TcpState.ESTABLISHED,
            TcpState.FIN_WAIT_1,
            TcpState.FIN_WAIT_2,
            TcpState.CLOSE_WAIT,
            TcpState.CLOSING,
            TcpState.LAST_ACK
        }) {
            bring(wanted);
            int nxt = connection.tcb.snd.nxt - iss;
            int rcv = connection.tcb.rcv.nxt - peer.irs;
            for (int seq : new int[] {rcv, rcv - 1000, rcv + 100, rcv + 1_000_000}) {
                peer.sends(SYN, seq, 0, 1000, 0);
                expectAck(nxt, rcv);
                state(wanted);
            }
            peer.sends(RST, rcv, 0, 0, 0);
            state(TcpState.CLOSED);
            acceptor.close(nowNs);
            flush();
            remotePort++;
            app.closed = 0;
            app.connected = 0;
        }
    }

    private void bring(TcpState wanted) {
        connection = null;
        established();
        boolean theirs = wanted == TcpState.CLOSE_WAIT || wanted == TcpState.LAST_ACK;
        if (theirs) {
            peer.sends(FIN | ACK, 1, 1, 1000, 0);
        }
        if (wanted != TcpState.ESTABLISHED && wanted != TcpState.CLOSE_WAIT) {
            shutdownOutput();
        }
        if (wanted == TcpState.FIN_WAIT_2) {
            peer.acks(2, 1000);
        } else if (wanted == TcpState.CLOSING) {
            peer.sends(FIN | ACK, 1, 1, 1000, 0);
        }
        drain();
        state(wanted);
    }

    /** 5.2: "(SND.UNA - MAX.SND.WND) =< SEG.ACK =< SND.NXT": each end of the range belongs to it. */
    @Requirement({"RFC5961:5.2-1", "RFC5961:5.2-3"})
    @Test
    @Requirement("RFC9293:MAY-12")
    void theEdgesOfTheRangeOfAcknowledgments() {
        established(1000, mss(500));
        write(3000);
        drain();
        for (int ack = 1001; ack <= 3001; ack += 1000) {
            peer.acks(ack, 1000);
        }
        drain();
        // SND.UNA = SND.NXT = 3001, MAX.SND.WND = 1000.
        peer.sends(ACK, 1, 2000, 1000, 10);
        peer.sends(ACK, 1, 3002, 1000, 10);
        assertEquals(0, connection.receiveQueue().size());
        assertEquals(2, drops(DropReason.TCP_BAD_ACK));
        peer.sends(ACK, 1, 2001, 1000, 10);
        peer.sends(ACK, 11, 3001, 1000, 10);
        assertEquals(20, read());
        drain();
    }

    /** 7: what is limited is challenges alone: a peer's data is acknowledged however many strangers there are. */
    @Requirement("RFC5961:7-3")
    @Test
    void theLimitDoesNotTouchOrdinaryAcknowledgments() {
        config.challengeAcksPerSecond = 2;
        config.quickAcks = 1_000;
        established();
        for (int i = 0; i < 20; i++) {
            peer.sends(SYN, 1, 0, 1000, 0);
        }
        drain();
        peer.sends(RST, 500, 0, 0, 0);
        peer.sends(ACK, 1, 5000, 1000, 10);
        expectNothing();
        peer.sends(ACK, 1, 1, 1000, 10);
        expectAck(1, 11);
        assertEquals(10, read());
        drain();
    }
}
