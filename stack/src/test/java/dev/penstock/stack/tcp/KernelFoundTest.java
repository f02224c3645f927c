package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What {@code conformance/kernel-matrix} found against Linux, each in its smallest form. */
class KernelFoundTest extends TcpFixture {
    private static final int WINDOW = 8_000;

    @Test
    void theWindowOfAnAcknowledgmentOfNewDataCountsThoughItsSegmentIsARetransmission() {
        // RFC 9293, section 3.10.7.4: "Note that SND.WND is an offset from SND.UNA, that SND.WL1 records the sequence
        // number of the last segment used to update SND.WND ... The check here prevents using old segments to update
        // the
        // window." Nothing that acknowledges new data is old. The peer had 131,401 out of order before its
        // retransmission
        // of 68,621 acknowledged 43,800 bytes and offered less; we sent beyond its window.
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
}
