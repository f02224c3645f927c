package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.wire.TcpHeader;
import org.junit.jupiter.api.Test;

/** What {@code conformance/kernel-matrix} found against Linux, each in its smallest form. */
class KernelFoundTest extends TcpFixture {
    private static final int WINDOW = 8_000;

    @Test
    void theWindowOfAnAcknowledgmentOfNewDataCountsThoughItsSegmentIsARetransmission() {
        // RFC 9293, section 3.10.7.4: "Note that SND.WND is an offset from SND.UNA, that SND.WL1 records the sequence
        // number of the last segment used to update SND.WND ... The check here prevents using old segments to update
        // the window." Nothing that acknowledges new data is old. The peer had 131,401 out of order before its
        // retransmission of 68,621 acknowledged 43,800 bytes and offered less; we sent beyond its window.
        established(WINDOW, mss(1000));
        write(30_000);
        assertEquals(8, drain());
        peer.sends(ACK, 1001, 1, WINDOW, 500);
        drain();
        peer.sends(ACK, 1, 6001, 3_000, 500);
        // 6001 + 3000 = 9001: one more segment than the 8 that were sent.
        int highest = 0;
        while (!out.isEmpty()) {
            Seg s = out.pollFirst();
            highest = Math.max(highest, s.rawSeq - iss + s.payload.length);
        }
        assertEquals(9_001, highest);
    }

    @Test
    void marksAreEchoedToAPeerThatMayHaveSeenTheFirstOfTwoAnswersToItsSyns() {
        // RFC 3168, section 6.1.1.1: the peer's second SYN asks no longer, but if it is the SYN-ACK to the first one
        // that gets through, the peer takes ECN for agreed: its data is ECN-capable, and whoever gets marked data has
        // to say so. With 3 % loss Linux ended so, and every mark was ignored.
        listen();
        peer.sends(SYN | TcpHeader.ECE | TcpHeader.CWR, 0, 0, 65_535, 0, mss(MSS));
        iss = expect(SYN | ACK | TcpHeader.ECE, 0, 1).rawSeq;
        peer.sends(SYN, 0, 0, 65_535, 0, mss(MSS));
        expect(SYN | ACK, 0, 1);
        peer.sends(ACK, 1, 1, 65_535, 0);
        assertFalse(info().ecn);
        // "If a host receives a non-ECN-setup SYN ... it MUST NOT set ECT on data packets": ours still is not capable.
        write(10);
        assertEquals(0, expectData(ACK | PSH, 1, 1, 10).ecn);
        peer.tos = 3;
        peer.sends(ACK, 1, 11, 65_535, 100);
        expect(ACK | TcpHeader.ECE, 11, 101);
        assertTrue(info().ecn);
    }

    @Test
    void marksAreEchoedToAPeerThatAnswersTheFirstOfTwoSyns() {
        // The same from the other side: Linux keeps to the first SYN that it saw.
        config.ecn = TcpEcn.ON;
        connecting();
        expect(SYN | TcpHeader.ECE | TcpHeader.CWR, 0, 0);
        advance(1000);
        expect(SYN, 0, 0);
        peer.sends(SYN | ACK | TcpHeader.ECE, 0, 1, 65_535, 0, mss(MSS));
        expect(ACK, 1, 1);
        write(10);
        assertEquals(0, expectData(ACK | PSH, 1, 1, 10).ecn);
        peer.tos = 3;
        peer.sends(ACK, 1, 11, 65_535, 100);
        expect(ACK | TcpHeader.ECE, 11, 101);
        assertTrue(info().ecn);
    }
}
