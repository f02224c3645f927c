package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.ip.IpPacket;
import dev.penstock.stack.wire.TcpHeader;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** RFC 9293, section 3.5.2, reset generation in its three groups; and what is dropped before any state is looked at. */
class Rfc9293ResetTest extends TcpFixture {

    @Test
    void group1NoConnection() {
        // "If the incoming segment has the ACK bit set, the reset takes its sequence number from the ACK field ...;
        // otherwise, the reset has sequence number zero and the ACK field is set to the sum of the sequence number and
        // segment length of the incoming segment."
        tcp();
        peer.sends(SYN, 0, 0, 1000, 0);
        expect(RST | ACK, 0, 1);
        peer.sends(SYN | FIN, 0, 0, 1000, 10);
        expect(RST | ACK, 0, 12);
        peer.sends(0, 5, 0, 1000, 10);
        expect(RST | ACK, 0, 15);
        peer.sends(ACK | FIN, 5, 77, 1000, 10);
        expect(RST, 77, 0);
        peer.sends(SYN | ACK, 5, 78, 1000, 0);
        expect(RST, 78, 0);
        peer.sends(RST, 5, 0, 1000, 0);
        peer.sends(RST | ACK | SYN | FIN, 5, 5, 1000, 0);
        expectNothing();
        assertEquals(7, drops(DropReason.TCP_NO_SOCKET));
        assertEquals(5, count(StackCounter.TCP_OUT_RSTS));
    }

    @Test
    void group2NotYetSynchronized() {
        // "LISTEN, SYN-SENT, SYN-RECEIVED ... the incoming segment acknowledges something not yet sent": a reset, and
        // "the connection remains in the same state".
        connecting();
        expect(SYN, 0, 0);
        peer.sends(ACK, 0, 2, 1000, 0);
        expect(RST, 2, 0);
        state(TcpState.SYN_SENT);
        peer.sends(SYN, 0, 0, 1000, 0);
        expect(SYN | ACK, 0, 1);
        peer.sends(ACK, 1, 2, 1000, 0);
        expect(RST, 2, 0);
        state(TcpState.SYN_RECEIVED);
    }

    @Test
    void group3Synchronized() {
        // "any unacceptable segment (out-of-window sequence number or unacceptable acknowledgment number) must elicit
        // only an empty acknowledgment".
        established();
        peer.sends(ACK, 200_000, 1, 1000, 10);
        expectAck(1, 1);
        peer.sends(ACK, -20, 1, 1000, 10);
        expectAck(1, 1);
        peer.sends(ACK, 1, 99, 1000, 10);
        expectAck(1, 1);
        state(TcpState.ESTABLISHED);
        assertEquals(0, app.received);
    }

    @Test
    void resetsWaitingForTheFlushAreLimited() {
        config.maxPendingResets = 5;
        tcp();
        for (int i = 0; i < 20; i++) {
            peer.arrives(ACK, 0, 100 + i, 1000, 0);
        }
        flush();
        for (int i = 0; i < 5; i++) {
            expect(RST, 100 + i, 0);
        }
        expectNothing();
        assertEquals(15, drops(DropReason.TCP_RESET_LIMITED));
    }

    @Test
    void resetsThatTheDeviceRefusesGoLaterInTheirOrder() {
        tcp();
        ip.deviceFullAfter = 2;
        for (int i = 0; i < 5; i++) {
            peer.arrives(ACK, 0, 100 + i, 1000, 0);
        }
        tcp.flush(nowNs);
        assertEquals(2, out.size());
        assertTrue(tcp.hasPending());
        ip.deviceFullAfter = Integer.MAX_VALUE;
        tcp.flush(nowNs);
        for (int i = 0; i < 5; i++) {
            expect(RST, 100 + i, 0);
        }
    }

    @Test
    @Requirement("RFC9293:MUST-3")
    void badSegmentsAreCountedAndDropped() {
        established();
        badByte(TcpHeader.CHECKSUM_OFFSET, DropReason.TCP_BAD_CHECKSUM);
        badByte(20 + 3, DropReason.TCP_BAD_CHECKSUM);
        IpPacket p = packet();
        p.payloadLength = 19;
        drop(p, DropReason.TCP_TRUNCATED);
        p = packet();
        p.buffer.putByte(12, (byte) 0x40);
        drop(p, DropReason.TCP_BAD_DATA_OFFSET);
        p = packet();
        p.buffer.putByte(12, (byte) 0xf0);
        drop(p, DropReason.TCP_BAD_DATA_OFFSET);
        int port = remotePort;
        remotePort = 0;
        drop(packet(), DropReason.TCP_BAD_PORT);
        remotePort = port;
        assertEquals(0, connection.receiveQueue().size());
    }

    private IpPacket packet() {
        return peer.packet(ACK, peer.irs + 1, iss + 1, 1000, new byte[10]);
    }

    private void badByte(int at, DropReason why) {
        IpPacket p = packet();
        UnsafeBuffer b = p.buffer;
        b.putByte(at, (byte) (b.getByte(at) ^ 0x10));
        drop(p, why);
    }

    private void drop(IpPacket p, DropReason why) {
        long before = drops(why);
        deliver(p);
        flush();
        expectNothing();
        assertEquals(before + 1, drops(why), why.name());
    }
}
