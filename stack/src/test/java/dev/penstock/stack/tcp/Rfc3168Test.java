package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** RFC 3168, section 6.1: explicit congestion notification. */
class Rfc3168Test extends TcpFixture {
    private static final int ECT_0 = 2;
    private static final int CE = 3;

    @BeforeEach
    void turnOn() {
        config.ecn = TcpEcn.ON;
    }

    private Ecn ecn() {
        return connection.negotiation.ecn;
    }

    private void agreedActively() {
        connecting();
        expect(SYN | ECE | CWR, 0, 0);
        peer.sends(SYN | ACK | ECE, 0, 1, 65_535, 0, mss(MSS));
        expect(ACK, 1, 1);
        assertTrue(info().ecn);
    }

    private void agreedPassively() {
        listen();
        peer.sends(SYN | ECE | CWR, 0, 0, 65_535, 0, mss(MSS));
        iss = expect(SYN | ACK | ECE, 0, 1).rawSeq;
        peer.acks(1, 65_535);
        assertTrue(info().ecn);
    }

    // --- 6.1.1: TCP initialization ---

    @Requirement("RFC8504:5.12-1")
    @Test
    @Requirement("RFC9293:SHLD-8")
    void theSynAsksAndTheSynAckAgrees() {
        agreedActively();
    }

    @Test
    void aListenerAgreesByDefault() {
        assertEquals(TcpEcn.PASSIVE, new TcpConfig().ecn);
        config.ecn = TcpEcn.PASSIVE;
        agreedPassively();
    }

    @Test
    void turnedOffItNeitherAsksNorAgrees() {
        // "a host that is not willing to use ECN on a TCP connection SHOULD clear both the ECE and CWR flags".
        config.ecn = TcpEcn.OFF;
        listen();
        peer.sends(SYN | ECE | CWR, 0, 0, 65_535, 0, mss(MSS));
        iss = expect(SYN | ACK, 0, 1).rawSeq;
        peer.acks(1, 65_535);
        assertFalse(info().ecn);
    }

    @Test
    void aSynThatIsNotEcnSetupIsNotAgreedTo() {
        listen();
        peer.sends(SYN | ECE, 0, 0, 65_535, 0, mss(MSS));
        iss = expect(SYN | ACK, 0, 1).rawSeq;
        peer.acks(1, 65_535);
        assertFalse(info().ecn);
    }

    @Test
    void synsAreNotCapableThemselves() {
        // "A host MUST NOT set ECT on SYN or SYN-ACK packets."
        connecting();
        assertEquals(0, expect(SYN | ECE | CWR, 0, 0).ecn);
        peer.sends(SYN | ACK | ECE, 0, 1, 65_535, 0, mss(MSS));
        assertEquals(0, expect(ACK, 1, 1).ecn, "6.1.4: nor are pure acknowledgments");
    }

    @Test
    void aSynWithTheCodepointCameOverABrokenPath() {
        listen();
        peer.tos = ECT_0;
        peer.sends(SYN | ECE | CWR, 0, 0, 65_535, 0, mss(MSS));
        peer.tos = 0;
        iss = expect(SYN | ACK, 0, 1).rawSeq;
        peer.acks(1, 65_535);
        assertFalse(info().ecn);
    }

    @Test
    void aReflectedSynAckAgreesToNothing() {
        // "the sender MUST interpret ... SYN-ACK with both flags set as not ECN-capable": hosts that copy the bits.
        connecting();
        drain();
        peer.sends(SYN | ACK | ECE | CWR, 0, 1, 65_535, 0, mss(MSS));
        expect(ACK, 1, 1);
        assertFalse(info().ecn);
        write(100);
        assertEquals(0, out.peekFirst().ecn);
        drain();
    }

    @Test
    void anUnaskedSynAckAgreesToNothing() {
        config.ecn = TcpEcn.PASSIVE;
        connecting();
        expect(SYN, 0, 0);
        peer.sends(SYN | ACK | ECE, 0, 1, 65_535, 0, mss(MSS));
        expect(ACK, 1, 1);
        assertFalse(info().ecn);
    }

    // --- 6.1.1.1: middlebox issues ---

    @Test
    void theSecondSynDoesNotAsk() {
        connecting();
        expect(SYN | ECE | CWR, 0, 0);
        advance(1000);
        expect(SYN, 0, 0);
        assertEquals(1, count(StackCounter.TCP_ECN_FALLBACKS));
        // The first one was answered after all; but who sent a SYN that does not ask must not set ECT.
        peer.sends(SYN | ACK | ECE, 0, 1, 65_535, 0, mss(MSS));
        expect(ACK, 1, 1);
        assertFalse(info().ecn);
    }

    @Test
    void thePeersSecondSynDoesNotAskEither() {
        listen();
        peer.sends(SYN | ECE | CWR, 0, 0, 65_535, 0, mss(MSS));
        iss = expect(SYN | ACK | ECE, 0, 1).rawSeq;
        peer.sends(SYN, 0, 0, 65_535, 0, mss(MSS));
        expect(SYN | ACK, 0, 1);
        peer.acks(1, 65_535);
        assertFalse(info().ecn);
    }

    // --- 6.1.2: the sender ---

    @Test
    void newDataIsCapable() {
        agreedPassively();
        write(100);
        assertEquals(ECT_0, expectData(ACK | PSH, 1, 1, 100).ecn);
    }

    @Test
    void retransmissionsAreNot() {
        // 6.1.5: "the ECT codepoint SHOULD NOT be set on retransmitted data packets".
        agreedPassively();
        write(100);
        drain();
        advance(1100);
        assertEquals(0, expectData(ACK | PSH, 1, 1, 100).ecn);
        drain();
    }

    @Test
    void windowProbesAreNot() {
        // 6.1.6: "the TCP data sender MUST NOT set either an ECT codepoint or the CWR bit on window probe packets".
        agreedPassively();
        peer.acks(1, 0);
        write(100);
        advance(2000);
        Seg probe = out.pollFirst();
        assertTrue(probe.payload.length > 0, "a probe");
        assertEquals(0, probe.ecn);
        drain();
    }

    @Test
    @Requirement("RFC9293:SHLD-8")
    void anEchoReducesOnceForEachWindow() {
        agreedPassively();
        write(1000);
        drain();
        SendState snd = connection.tcb.snd;
        Segment s = new Segment();
        s.flags = ACK | ECE;
        s.ack = iss + 501;
        assertTrue(ecn().takeEcho(s));
        ecn().reduced(snd.nxt);
        s.ack = iss + 1001;
        assertFalse(ecn().takeEcho(s), "of the window that was reduced");
        s.ack = iss + 1002;
        assertTrue(ecn().takeEcho(s));
        assertEquals(3, info().congestionEchoes);
    }

    @Test
    void cwrIsOnTheFirstNewDataAfterAReduction() {
        agreedPassively();
        ecn().reduced(connection.tcb.snd.nxt);
        assertTrue(ecn().cwrDue());
        // Even though both would make one super-segment: CWR is on a single segment.
        write(2 * MSS);
        expectData(ACK | CWR, 1, 1, MSS);
        expectData(ACK | PSH, 1 + MSS, 1, MSS);
        assertFalse(ecn().cwrDue());
    }

    @Test
    void withoutAnAgreementAnEchoMeansNothing() {
        established();
        Segment s = new Segment();
        s.flags = ACK | ECE;
        s.ack = iss + 1;
        assertFalse(ecn().takeEcho(s));
        ecn().reduced(connection.tcb.snd.nxt);
        write(100);
        expectData(ACK | PSH, 1, 1, 100);
    }

    // --- 6.1.3: the receiver ---

    @Test
    @Requirement("RFC9293:SHLD-8")
    void congestionIsEchoedUntilCwr() {
        agreedPassively();
        peer.tos = CE;
        peer.sends(ACK, 1, 1, 65_535, 100);
        expect(ACK | ECE, 1, 101);
        peer.tos = ECT_0;
        peer.sends(ACK, 101, 1, 65_535, 100);
        expect(ACK | ECE, 1, 201);
        write(10);
        expectData(ACK | PSH | ECE, 1, 201, 10);
        peer.sends(ACK | CWR, 201, 11, 65_535, 100);
        expect(ACK, 11, 301);
        // "CWR and CE": the new mark is a new congestion.
        peer.tos = CE;
        peer.sends(ACK | CWR, 301, 11, 65_535, 100);
        expect(ACK | ECE, 11, 401);
        assertEquals(2, count(StackCounter.TCP_CE_RECEIVED));
        assertTrue(info().ecnSeen);
        read();
        drain();
    }

    @Test
    void theEchoIsNotDelayed() {
        config.quickAcks = 0;
        agreedPassively();
        peer.tos = ECT_0;
        peer.sends(ACK, 1, 1, 65_535, 100);
        expectNothing();
        peer.tos = CE;
        peer.sends(ACK, 101, 1, 65_535, 100);
        expect(ACK | ECE, 1, 201);
        read();
        drain();
    }

    @Test
    void marksOutsideTheWindowAreIgnored() {
        // 6.1.5: "the TCP data receiver SHOULD ignore the ECN field on arriving data packets that are outside of the
        // receiver's current window".
        agreedPassively();
        peer.sends(ACK, 1, 1, 65_535, 100);
        drain();
        peer.tos = CE;
        peer.sends(ACK, 1, 1, 65_535, 100);
        expect(ACK, 1, 101);
        // 6.1.4: nor does a mark on a pure acknowledgment count.
        peer.sends(ACK, 101, 1, 65_535, 0);
        peer.tos = 0;
        peer.sends(ACK, 101, 1, 65_535, 100);
        expect(ACK, 1, 201);
        read();
    }

    // --- paths that break it ---

    @Test
    void aPathThatLosesWhatIsCapable() {
        agreedPassively();
        for (int i = 0; i < 3; i++) {
            write(100);
            assertEquals(ECT_0, out.pollFirst().ecn, "new data");
            drain();
            advance(60_000);
            assertEquals(0, out.pollFirst().ecn, "its copy gets through");
            drain();
            peer.acks(1 + 100 * (i + 1), 65_535);
        }
        write(100);
        assertEquals(0, out.pollFirst().ecn);
        assertEquals(1, count(StackCounter.TCP_ECN_FALLBACKS));
        drain();
    }

    @Test
    void oneSegmentThatGetsThroughProvesThePath() {
        agreedPassively();
        Segment s = new Segment();
        s.flags = ACK;
        write(100);
        s.ack = iss + 101;
        ecn().takeEcho(s);
        peer.acks(101, 65_535);
        drain();
        for (int i = 1; i < 6; i++) {
            write(100);
            assertEquals(ECT_0, out.pollFirst().ecn);
            advance(60_000);
            drain();
            peer.acks(1 + 100 * (i + 1), 65_535);
        }
        assertEquals(0, count(StackCounter.TCP_ECN_FALLBACKS));
    }

    @Test
    void aPathThatMarksEverything() {
        agreedPassively();
        Segment s = new Segment();
        s.flags = ACK | ECE;
        int reductions = 0;
        for (int i = 1; i <= 20; i++) {
            s.ack = iss + 1 + i;
            if (ecn().takeEcho(s)) {
                reductions++;
                ecn().reduced(s.ack);
            }
        }
        assertEquals(10, reductions);
        assertEquals(1, count(StackCounter.TCP_ECN_FALLBACKS));
        write(100);
        assertEquals(0, out.pollFirst().ecn);
    }
}
