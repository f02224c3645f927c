package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** RFC 3168, section 6.1.2: what the sender does about marks; with RFC 8511's factor. */
class Rfc3168SenderTest extends RecoveryFixture {

    private void capable() {
        config.ecn = TcpEcn.ON;
        connecting();
        drain();
        advance(100);
        peer.sends(SYN | ACK | ECE, 0, 1, WINDOW, 0, mss(SEGMENT), sackPermitted());
        drain();
    }

    private void echoes(int next) {
        peer.sends(ACK | ECE, 1, at(next), WINDOW, 0);
    }

    @Test
    void aMarkReducesTheWindowOnceForAWindowOfData() {
        // "TCP should not react to congestion indications more than once every window of data".
        capable();
        write(10 * SEGMENT);
        drain();
        echoes(1);
        assertEquals(8 * SEGMENT, cwnd());
        for (int i = 2; i <= 10; i++) {
            echoes(i);
        }
        assertEquals(8 * SEGMENT, cwnd());
        assertEquals(0, info().retransmits);
        drain();
    }

    @Test
    void theNextWindowMayBeReducedAgain() {
        capable();
        write(10 * SEGMENT);
        drain();
        echoes(10);
        write(8 * SEGMENT);
        drain();
        echoes(12);
        assertTrue(cwnd() < 8 * SEGMENT, "cwnd " + cwnd());
        drain();
    }

    @Test
    void aLossIsToldByCwrAsWell() {
        // "when the TCP sender reduces its congestion window ... for any reason ... sets the CWR flag".
        capable();
        write(12 * SEGMENT);
        drain();
        advance(100);
        acks(0, 1, 10);
        assertTrue(out.stream().anyMatch(s -> s.has(CWR)), "new data with CWR");
        assertTrue(
                out.stream().filter(s -> s.rawSeq - iss == at(0)).noneMatch(s -> s.has(CWR) || s.ecn != 0),
                "6.1.5: no retransmission");
        drain();
    }

    /** It went on with one segment, or two, each round trip, however often it was marked. */
    @Test
    void aWindowOfOneSegmentWaitsForAnRto() {
        // "the sending TCP MUST reset the retransmit timer on receiving the ECN-Echo packet when the congestion
        // window is one. The sending TCP will then be able to send a new packet only when the retransmit timer
        // expires."
        config.ecn = TcpEcn.ON;
        listen();
        peer.sends(SYN | ECE | CWR, 0, 0, WINDOW, 0, mss(SEGMENT), sackPermitted());
        iss = out.pollFirst().rawSeq;
        // RFC 5681, section 3.1: a SYN-ACK was lost, so the window is one segment.
        advance(1000);
        drain();
        peer.acks(1, WINDOW);
        assertEquals(SEGMENT, cwnd());
        write(10 * SEGMENT);
        expectSegments(0);
        advance(100);
        echoes(1);
        long rto = info().rtoNs;
        assertEquals(SEGMENT, cwnd());
        expectNothing();
        advanceNs(rto - 1);
        expectNothing();
        advanceNs(1);
        expectSegments(1);
        advance(100);
        acks(2);
        assertTrue(drain() >= 1, "not marked: no waiting");
    }
}
