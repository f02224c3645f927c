package dev.penstock.stack.tcp;

import static dev.penstock.stack.wire.TcpHeader.ACK;
import static dev.penstock.stack.wire.TcpHeader.FIN;
import static dev.penstock.stack.wire.TcpHeader.PSH;
import static dev.penstock.stack.wire.TcpHeader.RST;
import static dev.penstock.stack.wire.TcpHeader.SYN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.penstock.stack.ip.IcmpError;
import org.junit.jupiter.api.Test;

/** TCP_DEFER_ACCEPT, TCP_SYNCNT, TCP_LINGER2 and TCP_WINDOW_CLAMP, as Linux's tcp(7) describes them. */
class HandshakeOptionTest extends TcpFixture {
    private static final long SECOND = 1_000_000_000L;

    private void halfOpen(long deferSeconds) {
        options.deferAcceptNs = deferSeconds * SECOND;
        listen();
        peer.sends(SYN, 0, 0, 65_535, 0, mss(MSS));
        iss = expect(SYN | ACK, 0, 1).rawSeq;
    }

    @Test
    void aDeferredConnectionIsAcceptedWithItsData() {
        halfOpen(1);
        peer.sends(ACK, 1, 1, 65_535, 0);
        expectNothing();
        assertNull(connection, "the application need not know yet");
        peer.sends(ACK | PSH, 1, 1, 65_535, 100);
        expect(ACK, 1, 101);
        assertEquals(1, app.connected);
    }

    @Test
    void aDeferredConnectionIsAcceptedWithItsFin() {
        halfOpen(1);
        peer.sends(ACK, 1, 1, 65_535, 0);
        peer.sends(ACK | FIN, 1, 1, 65_535, 0);
        expect(ACK, 1, 2);
        assertEquals(TcpState.CLOSE_WAIT, connection.state());
    }

    @Test
    void afterTheTimeAnotherAckIsAskedForAndIsEnough() {
        halfOpen(3);
        peer.sends(ACK, 1, 1, 65_535, 0);
        advance(2_999);
        expectNothing();
        advance(1);
        expect(SYN | ACK, 0, 1);
        peer.sends(ACK, 1, 1, 65_535, 0);
        expectNothing();
        assertEquals(1, app.connected);
    }

    @Test
    void withoutAnAckTheSynAckIsRepeatedAsEver() {
        halfOpen(10);
        advance(1_000);
        expect(SYN | ACK, 0, 1);
        advance(2_000);
        expect(SYN | ACK, 0, 1);
        peer.sends(RST, 1, 0, 0, 0);
    }

    @Test
    void synsAreSentAgainAsOftenAsTheSocketSays() {
        options.synRetries = 2;
        connecting();
        expect(SYN, 0, 0);
        advance(1_000);
        expect(SYN, 0, 0);
        advance(2_000);
        expect(SYN, 0, 0);
        advance(3_999);
        assertEquals(TcpState.SYN_SENT, connection.state());
        advance(1);
        expectNothing();
        assertEquals(TcpError.TIMED_OUT, connection.error());
    }

    @Test
    void finWait2LastsAsLongAsTheSocketSays() {
        options.finWait2Ns = 5 * SECOND;
        established();
        close();
        expect(FIN | ACK, 1, 1);
        peer.sends(ACK, 1, 2, 65_535, 0);
        advance(4_999);
        assertEquals(TcpState.FIN_WAIT_2, connection.state());
        advance(1);
        assertEquals(TcpState.CLOSED, connection.state());
    }

    @Test
    void finWait2CanBeLeftByAReset() {
        options.finWait2Ns = -SECOND;
        established();
        close();
        expect(FIN | ACK, 1, 1);
        peer.sends(ACK, 1, 2, 65_535, 0);
        expect(RST | ACK, 2, 1);
    }

    @Test
    void anUnreachableHostEndsOpeningIfThatIsConfigured() {
        config.unreachableEndsOpening = true;
        connecting();
        expect(SYN, 0, 0);
        icmp(IcmpError.Kind.HOST_UNREACHABLE, 0, 0);
        flush();
        assertEquals(TcpState.CLOSED, connection.state());
        assertEquals(TcpError.HOST_UNREACHABLE, connection.error());
    }

    @Test
    void anUnreachableHostEndsNoConnection() {
        config.unreachableEndsOpening = true;
        established();
        write(10);
        drain();
        icmp(IcmpError.Kind.HOST_UNREACHABLE, 1, 0);
        assertEquals(TcpState.ESTABLISHED, connection.state());
        abort();
        drain();
    }

    @Test
    void toLinuxBothDirectionsShutIsClosed() {
        config.habits = TcpHabits.LINUX;
        established();
        connection.shutdownInput(nowNs);
        shutdownOutput();
        expect(FIN | ACK, 1, 1);
        peer.sends(ACK | PSH, 1, 2, 65_535, 100);
        expect(RST, 2, 0);
        assertEquals(TcpState.CLOSED, connection.state());
    }

    @Test
    void noWindowIsLargerThanItsClamp() {
        options.windowClamp = 5_000;
        listen();
        peer.sends(SYN, 0, 0, 65_535, 0, mss(MSS));
        Seg synAck = expect(SYN | ACK, 0, 1);
        assertEquals(5_000, synAck.window);
        iss = synAck.rawSeq;
        peer.sends(ACK, 1, 1, 65_535, 0);
        peer.sends(ACK | PSH, 1, 1, 65_535, MSS);
        assertEquals(5_000, expect(ACK, 1, 1 + MSS).window, "not the whole buffer that is free");
    }
}
