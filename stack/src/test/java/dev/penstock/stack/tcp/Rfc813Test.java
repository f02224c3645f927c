package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import org.junit.jupiter.api.Test;

/**
 * RFC 813, window and acknowledgement strategy, as RFC 1122, sections 4.2.3.2 to 4.2.3.4, and RFC 9293, sections 3.8.6.2
 * and 3.8.6.3, demand it: no silly windows at either end.
 */
class Rfc813Test extends TcpFixture {

    // --- the receiver: RFC 9293, 3.8.6.2.2 (MUST-39) ---

    /** "keeping RCV.NXT+RCV.WND fixed until: RCV.BUFF - RCV.USER - RCV.WND >= min( Fr * RCV.BUFF, Eff.snd.MSS )". */
    @Test
    @Requirement("RFC9293:MUST-39")
    void theWindowOpensBySegmentsNotByBytes() {
        options.receiveBuffer = 8 * MSS;
        established(65_535, mss(MSS));
        for (int i = 0; i < 8; i++) {
            peer.sends(ACK, 1 + i * MSS, 1, 65_535, MSS);
        }
        advance(100);
        assertEquals(0, out.pollLast().window);
        drain();
        // A reader that takes little by little: no offer of less than a segment.
        int offered = 0;
        for (int i = 0; i < 80; i++) {
            app.read(connection, 100, nowNs);
            flush();
            for (Seg s : out) {
                assertTrue(s.window == 0 || s.window - offered >= MSS || s.window == offered, "window " + s.window);
                offered = s.window;
            }
            drain();
        }
        assertTrue(offered >= MSS, "it opens all the same: " + offered);
        read();
        drain();
    }

    /** For a buffer smaller than two segments, Fr * RCV.BUFF counts: half of it. */
    @Test
    void aTinyBufferOpensByHalves() {
        options.receiveBuffer = 1_000;
        established(65_535, mss(MSS));
        peer.sends(ACK, 1, 1, 65_535, 1_000);
        advance(100);
        assertEquals(0, out.pollLast().window);
        drain();
        app.read(connection, 499, nowNs);
        flush();
        expectNothing();
        app.read(connection, 1, nowNs);
        flush();
        assertEquals(500, out.pollLast().window);
        read();
        drain();
    }

    /** "A TCP receiver ... SHOULD NOT shrink the window": what was offered stays offered while data arrives. */
    @Requirement("RFC7323:2.4-1")
    @Test
    @Requirement("RFC9293:SHLD-14")
    void theRightEdgeNeverMovesBack() {
        options.receiveBuffer = 8 * MSS;
        established(65_535, mss(MSS));
        int edge = 1 + 8 * MSS;
        for (int i = 0; i < 7; i++) {
            peer.sends(ACK, 1 + i * 500, 1, 65_535, 500);
            if (i % 2 == 1) {
                app.read(connection, 300, nowNs);
                flush();
            }
            for (Seg s : out) {
                int now = s.rawAck - peer.irs + s.window;
                assertTrue(now >= edge, "right edge " + now + " was " + edge);
                edge = now;
            }
            drain();
        }
        read();
        drain();
    }

    // --- the sender: RFC 9293, 3.8.6.2.1 (MUST-38) ---

    /** "(1) if a maximum-sized segment can be sent, i.e., if: min(D,U) >= Eff.snd.MSS". */
    @Test
    @Requirement("RFC9293:MUST-38")
    void aSenderWaitsForAWholeSegmentOfWindow() {
        established(10 * MSS, mss(MSS));
        write(20 * MSS);
        drain();
        peer.acks(1 + 9 * MSS, MSS + 700);
        // One segment is outstanding, and 700 bytes of window are left: less than a segment, less than half the
        // largest.
        expectNothing();
        peer.acks(1 + 10 * MSS, 700);
        expectNothing();
        peer.acks(1 + 10 * MSS, MSS);
        expectData(ACK, 1 + 10 * MSS, 1, MSS);
        expectNothing();
        abort();
        drain();
    }

    /** "(3) ... min(D,U) >= Fs * Max(SND.WND)", with Fs = 1/2, for peers whose whole buffer is smaller than a segment. */
    @Test
    void halfOfASmallPeersBufferIsEnough() {
        established(1_000, mss(MSS));
        write(3_000);
        expectData(ACK, 1, 1, 1_000);
        peer.acks(1_001, 499);
        expectNothing();
        peer.acks(1_001, 500);
        expectData(ACK, 1_001, 1, 500);
        abort();
        drain();
    }

    /** "(4) ... the override timeout occurs": "0.1 - 1.0 seconds"; ours is that of the persist timer. */
    @Test
    void theOverrideTimeoutEndsTheWait() {
        established(10 * MSS, mss(MSS));
        write(20 * MSS);
        drain();
        peer.acks(1 + 10 * MSS, 700);
        expectNothing();
        advance(1_000);
        Seg s = out.pollFirst();
        assertEquals(700, s.payload.length);
        abort();
        drain();
    }

    // --- acknowledgments: RFC 9293, 3.8.6.3 ---

    /** MUST-58: "an ACK SHOULD be generated for at least every second full-sized segment"; SHLD-18: "delayed" otherwise. */
    @Requirement("RFC5681:4.2-2")
    @Test
    void everySecondSegmentIsAcknowledgedAndOneAloneIsDelayed() {
        config.quickAcks = 0;
        established();
        peer.sends(ACK, 1, 1, 65_535, MSS);
        expectNothing();
        peer.sends(ACK, 1 + MSS, 1, 65_535, MSS);
        expectAck(1, 1 + 2 * MSS);
        peer.sends(ACK, 1 + 2 * MSS, 1, 65_535, MSS);
        expectNothing();
        // MUST-40: "the delay MUST be less than 0.5 seconds".
        advance(499);
        expectAck(1, 1 + 3 * MSS);
        read();
        drain();
    }
}
