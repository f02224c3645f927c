package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import org.junit.jupiter.api.Test;

/** RFC 9293, section 3.8.6: windows that are large, that shrink, and that are closed; 3.8.6.3: one ACK for many segments. */
class Rfc9293WindowTest extends TcpFixture {

    /** 0xffff is not -1: all of it may be used. */
    @Test
    @Requirement("RFC9293:MUST-1")
    void aWindowBeyond32767IsNotNegative() {
        options.congestion = "none";
        established(65_535, mss(MSS));
        write(80_000);
        int sent = out.stream().mapToInt(s -> s.payload.length).sum();
        assertTrue(sent > 65_535 - MSS && sent <= 65_535, "sent " + sent);
        drain();
        peer.acks(1 + sent, 40_000);
        assertEquals(80_000 - sent, out.stream().mapToInt(s -> s.payload.length).sum());
        drain();
        peer.acks(80_001, 40_000);
    }

    /** The largest that window scaling allows is neither cut nor wrapped, for sending and for receiving. */
    @Test
    @Requirement("RFC9293:REC-1")
    void windowsAreKeptIn32Bits() {
        config.windowScaling = true;
        options.receiveBuffer = 1 << 30;
        established(65_535, concat(mss(MSS), scale(14)));
        peer.acks(1, 65_535);
        assertEquals(65_535 << 14, connection.tcb.snd.wnd);
        peer.sends(ACK, 1, 1, 65_535, 100);
        read();
        advance(1000);
        drain();
        assertTrue(connection.tcb.rcv.window() > 0xffff << 8, "window " + connection.tcb.rcv.window());
    }

    // --- a window that shrinks ---

    /** Ten segments in flight, and the peer takes back all but 2,500 bytes of the window they were sent into. */
    private void shrunken() {
        options.congestion = "none";
        established(10_000, mss(1000));
        write(20_000);
        assertEquals(10, drain());
        peer.acks(1, 2500);
    }

    @Test
    @Requirement({"RFC9293:SHLD-15", "RFC9293:MUST-34"})
    void newDataWaitsUntilTheWindowHasRoomForIt() {
        shrunken();
        expectNothing();
        peer.acks(8001, 2500);
        assertTrue(
                out.stream().noneMatch(s -> s.rawSeq - iss > 10_000), "beyond the edge at 10,501 minus a silly piece");
        drain();
        peer.acks(10_001, 5000);
        expectData(ACK, 10_001, 1, 1000);
        assertEquals(4, drain());
    }

    @Test
    @Requirement("RFC9293:SHLD-16")
    void whatLiesWithinTheWindowIsRetransmitted() {
        shrunken();
        advance(300);
        expectData(ACK, 1, 1, 1000);
        expectData(ACK, 1001, 1, 1000);
        expectNothing();
        peer.acks(2001, 2500);
        expectData(ACK, 2001, 1, 1000);
        expectData(ACK, 3001, 1, 1000);
        drain();
        peer.acks(10_001, 10_000);
        drain();
        peer.acks(20_001, 10_000);
    }

    /** The peer acknowledges what lies within its window, and nothing beyond: that is no failure. */
    @Test
    @Requirement({"RFC9293:SHLD-17", "RFC9293:MUST-34"})
    void dataBeyondTheEdgeDoesNotEndTheConnection() {
        shrunken();
        peer.acks(2501, 0);
        for (int i = 0; i < 60; i++) {
            advance(60_000);
            assertTrue(drain() > 0, "it is probed");
            peer.acks(2501, 0);
        }
        state(TcpState.ESTABLISHED);
        peer.acks(2501, 10_000);
        drain();
        peer.acks(10_001, 10_000);
        peer.acks(20_001, 10_000);
        drain();
        assertEquals(0, info().bytesInFlight);
    }

    @Test
    @Requirement("RFC9293:MAY-7")
    void oldDataBeyondTheEdgeMayBeSentAgain() {
        shrunken();
        peer.acks(1, 0);
        advance(5000);
        assertTrue(out.stream().anyMatch(s -> s.rawSeq - iss == 1), "beyond SND.UNA + 0");
        drain();
        peer.acks(10_001, 10_000);
        drain();
        peer.acks(20_001, 10_000);
    }

    // --- our own window is closed ---

    private void full() {
        options.receiveBuffer = 100;
        established();
        peer.sends(ACK, 1, 1, 65_535, 100);
        assertEquals(0, expect(ACK, 1, 101).window);
    }

    /** "A TCP receiver MUST process the RST and URG fields of all incoming segments, even when the receive window is zero". */
    @Test
    @Requirement("RFC9293:MUST-66")
    void aResetIsTakenThroughAClosedWindow() {
        full();
        peer.sends(RST, 101, 0, 0, 0);
        closedWith(TcpError.CONNECTION_RESET);
        assertEquals(100, read());
    }

    @Test
    @Requirement("RFC9293:MUST-66")
    void urgIsTakenThroughAClosedWindow() {
        full();
        peer.urgentPointer = 30;
        peer.sends(ACK | URG, 101, 1, 65_535, 0);
        assertEquals(1, app.urgent);
        assertEquals(130, connection.urgentRemaining());
        peer.urgentPointer = 40;
        peer.sends(ACK | URG, 101, 1, 65_535, 1);
        assertEquals(2, app.urgent, "with a byte that the window has no room for, too");
        assertEquals(100, read());
        drain();
    }

    @Test
    @Requirement("RFC9293:MAY-8")
    void theWindowStaysClosedAsLongAsNobodyReads() {
        full();
        for (int i = 0; i < 100; i++) {
            advance(60_000);
            peer.sends(ACK, 101, 1, 65_535, 1);
            assertEquals(0, expect(ACK, 1, 101).window);
            expectNothing();
        }
        assertEquals(100, read());
        assertEquals(100, expect(ACK, 1, 101).window);
    }

    /** Nor does a segment that goes out for another reason tell of a few bytes of room. */
    @Test
    @Requirement("RFC9293:MUST-39")
    void aSegmentOfOursDoesNotOpenTheWindowByBytes() {
        full();
        assertEquals(10, app.read(connection, 10, nowNs));
        write(5);
        assertEquals(0, expectData(ACK | PSH, 1, 101, 5).window);
        peer.sends(ACK, 101, 6, 65_535, 0);
        assertEquals(40, app.read(connection, 40, nowNs));
        write(5);
        assertEquals(50, expectData(ACK | PSH, 6, 101, 5).window, "half of the buffer is enough");
        peer.sends(ACK, 101, 11, 65_535, 0);
        read();
        drain();
    }

    // --- acknowledgments ---

    @Test
    @Requirement("RFC9293:MUST-58")
    void segmentsThatArriveTogetherGetOneAck() {
        established();
        for (int i = 0; i < 8; i++) {
            peer.arrives(ACK, 1 + i * MSS, 1, 65_535, MSS);
        }
        flush();
        expectAck(1, 1 + 8 * MSS);
        expectNothing();
        read();
        drain();
    }
}
