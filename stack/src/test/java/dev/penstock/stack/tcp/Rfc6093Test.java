package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.requirement.Requirement;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** RFC 6093 and RFC 9293, section 3.8.5: urgent data, MUST-30 to MUST-33. */
class Rfc6093Test extends TcpFixture {
    private void writeUrgent(int n) {
        assertEquals(n, app.writeUrgent(connection, n, nowNs));
        flush();
    }

    private void urgentSegment(int flags, int seq, int length, int pointer) {
        peer.urgentPointer = pointer;
        peer.sends(flags | URG, seq, 1, 65_535, length);
        peer.urgentPointer = 0;
    }

    private void expectUrgent(int flags, int seq, int length, int pointer) {
        Seg s = expectData(flags | URG, seq, 1, length);
        assertEquals(pointer, s.urgentPointer);
    }

    // --- sending ---

    @Test
    @Requirement({"RFC9293:MUST-30", "RFC9293:MUST-62"})
    void theUrgentPointerIsThatOfTheByteAfterTheUrgentData() {
        // RFC 6093, section 4: "the urgent pointer points to ... the octet following the urgent data".
        established();
        writeUrgent(10);
        expectUrgent(ACK | PSH, 1, 10, 10);
        write(10);
        Seg s = expectData(ACK | PSH, 11, 1, 10);
        assertEquals(0, s.urgentPointer, "behind the mark");
        peer.acks(21, 65_535);
    }

    @Test
    void urgentModeLastsWhileTheMarkIsNotAcknowledged() {
        established();
        writeUrgent(100);
        drain();
        advance(info().rtoNs / MS);
        // Sent again as it was.
        expectUrgent(ACK | PSH, 1, 100, 100);
        peer.acks(101, 65_535);
        write(10);
        expectData(ACK | PSH, 101, 1, 10);
        peer.acks(111, 65_535);
    }

    @Test
    @Requirement("RFC9293:MUST-31")
    void urgentDataOfAnyLengthGoesSegmentBySegment() {
        // MUST-31. No device that cuts super-segments moves the pointer: each is sent by itself.
        established();
        writeUrgent(3 * MSS + 5);
        for (int i = 0; i < 3; i++) {
            expectUrgent(ACK, 1 + i * MSS, MSS, (3 - i) * MSS + 5);
        }
        expectUrgent(ACK | PSH, 1 + 3 * MSS, 5, 5);
        assertEquals(4, info().dataSegmentsOut);
        peer.acks(1 + 3 * MSS + 5, 65_535);
    }

    @Test
    void aMarkFarAheadIsAnnouncedAsFarAsTheFieldGoes() {
        established();
        writeUrgent(100_000);
        assertEquals(65_535, out.peekFirst().urgentPointer);
        abort();
        drain();
    }

    @Test
    void theMarkIsToldWhileTheWindowIsClosed() {
        // The peer shall read what is in the way.
        established(1_000, mss(MSS));
        write(1_000);
        drain();
        peer.acks(1_001, 0);
        writeUrgent(10);
        expectNothing();
        peer.sends(ACK, 1, 1_001, 0, 5);
        Seg s = expect(ACK | URG, 1_001, 6);
        assertEquals(10, s.urgentPointer);
        read();
        abort();
        drain();
    }

    @Test
    void nagleDoesNotHoldIt() {
        established();
        write(10);
        drain();
        write(10);
        expectNothing();
        writeUrgent(1);
        expectUrgent(ACK | PSH, 11, 11, 11);
        peer.acks(22, 65_535);
    }

    @Test
    void aMarkBeyondTheEndOfTheStreamEndsThere() {
        established();
        connection.markUrgent(1_000, nowNs);
        write(10);
        drain();
        shutdownOutput();
        Seg s = expect(FIN | ACK, 11, 1);
        assertEquals(0, s.urgentPointer);
        abort();
        drain();
    }

    @Test
    void whatFindsNoRoomMovesTheMarkToItsEnd() {
        options.sendBuffer = 100;
        established();
        UnsafeBuffer b = new UnsafeBuffer(new byte[150]);
        assertEquals(100, connection.writeUrgent(b, 0, 150, nowNs));
        flush();
        assertEquals(150, out.pollFirst().urgentPointer);
        peer.acks(101, 65_535);
        assertEquals(50, connection.writeUrgent(b, 100, 50, nowNs));
        flush();
        assertEquals(50, out.pollFirst().urgentPointer);
        peer.acks(151, 65_535);
    }

    // --- receiving ---

    @Test
    @Requirement({"RFC9293:MUST-30", "RFC9293:MUST-62", "RFC9293:MUST-32", "RFC9293:MUST-33"})
    void theApplicationIsToldAndTheDataStaysInLine() {
        // MUST-32; RFC 6093, section 5: in line.
        established();
        urgentSegment(ACK, 1, 100, 50);
        assertEquals(1, app.urgent);
        assertEquals(50, connection.urgentRemaining());
        assertEquals(30, app.read(connection, 30, nowNs));
        assertEquals(20, connection.urgentRemaining(), "MUST-33");
        assertEquals(70, read());
        assertEquals(0, connection.urgentRemaining());
        drain();
    }

    @Test
    @Requirement("RFC9293:MUST-32")
    void itIsToldAgainOnlyWhenThePointerAdvances() {
        established();
        urgentSegment(ACK, 1, 100, 50);
        urgentSegment(ACK, 1, 100, 50);
        urgentSegment(ACK, 11, 90, 40);
        assertEquals(1, app.urgent);
        urgentSegment(ACK, 101, 100, 100);
        assertEquals(2, app.urgent);
        assertEquals(200, connection.urgentRemaining());
        read();
        drain();
    }

    @Test
    @Requirement("RFC9293:MUST-33")
    void itIsToldBeforeTheDataArrives() {
        established();
        urgentSegment(ACK, 1, 0, 3_000);
        assertEquals(1, app.urgent);
        assertEquals(3_000, connection.urgentRemaining());
        peer.sends(ACK, 1, 1, 65_535, 1_000);
        assertEquals(3_000, connection.urgentRemaining());
        read();
        assertEquals(2_000, connection.urgentRemaining());
        drain();
    }

    @Test
    void outOfOrderItCountsFromWhereItsSegmentIs() {
        established();
        urgentSegment(ACK, 201, 100, 10);
        assertEquals(210, connection.urgentRemaining());
        peer.sends(ACK, 1, 1, 65_535, 200);
        assertEquals(210, connection.urgentRemaining());
        read();
        assertEquals(0, connection.urgentRemaining());
        drain();
    }

    @Test
    void whatWasReadIsNoNews() {
        established();
        peer.sends(ACK, 1, 1, 65_535, 100);
        read();
        urgentSegment(ACK, 1, 100, 100);
        urgentSegment(ACK, 101, 0, 0);
        assertEquals(0, app.urgent);
        assertEquals(0, connection.urgentRemaining());
        drain();
    }

    @Test
    void withoutTheBitThePointerMeansNothing() {
        established();
        peer.urgentPointer = 50;
        peer.sends(ACK, 1, 1, 65_535, 100);
        assertEquals(0, app.urgent);
        assertEquals(0, connection.urgentRemaining());
        read();
        drain();
    }
}
