package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When {@link AckPolicy} does not delay: at the beginning, after idle times and losses, and when the window is full. */
class QuickAckTest extends TcpFixture {
    private int next = 1;

    @BeforeEach
    void few() {
        config.quickAcks = 2;
    }

    private void segment(int flags, int length) {
        peer.sends(flags, next, 1, 65_535, length);
        next += length;
    }

    private void acknowledged() {
        expectAck(1, next);
    }

    private void useUp() {
        segment(ACK, 100);
        acknowledged();
        segment(ACK, 100);
        acknowledged();
        delayed();
    }

    private void delayed() {
        segment(ACK, 100);
        expectNothing();
        advance(40);
        acknowledged();
        read();
    }

    @Test
    void afterAnIdleTimeTheyBeginAgain() {
        established();
        useUp();
        advance(info().rtoNs / MS + 1);
        segment(ACK, 100);
        acknowledged();
        segment(ACK, 100);
        acknowledged();
        delayed();
    }

    @Test
    void whereDataAnswersDataIdleTimesChangeNothing() {
        established();
        useUp();
        segment(ACK | PSH, 100);
        read();
        drain();
        segment(ACK, 100);
        write(10);
        expectData(ACK | PSH, 1, next, 10);
        peer.sends(ACK, next, 11, 65_535, 0);
        advance(10_000);
        peer.sends(ACK | PSH, next, 11, 65_535, 100);
        next += 100;
        expectNothing();
        advance(40);
        expectAck(11, next);
        read();
    }

    @Test
    void afterAGapTheyBeginAgain() {
        established();
        useUp();
        peer.sends(ACK, next + 100, 1, 65_535, 100);
        expectAck(1, next);
        segment(ACK, 100);
        next += 100;
        acknowledged();
        segment(ACK, 100);
        acknowledged();
        delayed();
    }

    @Test
    void afterADuplicateTheyBeginAgain() {
        established();
        useUp();
        peer.sends(ACK, next - 100, 1, 65_535, 100);
        acknowledged();
        segment(ACK, 100);
        acknowledged();
        segment(ACK, 100);
        acknowledged();
        delayed();
    }

    @Test
    void aWindowThatWasFilledIsAcknowledgedAtOnce() {
        config.quickAcks = 0;
        options.receiveBuffer = 2_000;
        established();
        segment(ACK, 1_000);
        expectNothing();
        // Without a PSH, and less than two segments: but 500 bytes are all that may follow, which no sender would send.
        segment(ACK, 500);
        Seg s = expect(ACK, 1, next);
        assertEquals(500, s.window);
        read();
        drain();
    }

    @Test
    void theMeasureOfASegmentFallsWithThePeersMss() {
        config.quickAcks = 0;
        established();
        segment(ACK, 1_400);
        segment(ACK, 1_400);
        acknowledged();
        assertEquals(1_400, connection.tcb.rcv.peerSegment);
        // One could be the last of something.
        segment(ACK, 600);
        assertEquals(1_400, connection.tcb.rcv.peerSegment);
        segment(ACK, 600);
        assertEquals(600, connection.tcb.rcv.peerSegment);
        acknowledged();
        segment(ACK, 600);
        expectNothing();
        segment(ACK, 600);
        acknowledged();
        read();
        drain();
    }

    @Test
    void whatAnApplicationPushesInSmallPiecesIsNoMeasure() {
        established();
        segment(ACK, 1_400);
        for (int i = 0; i < 4; i++) {
            segment(ACK | PSH, 600);
        }
        segment(ACK, 50);
        segment(ACK, 50);
        assertEquals(1_400, connection.tcb.rcv.peerSegment);
        peer.gsoSize = 600;
        segment(ACK | PSH, 1_300);
        assertEquals(600, connection.tcb.rcv.peerSegment, "joined by the device");
        read();
        drain();
    }
}
