package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Test;

/** RFC 9293, section 3.6: closing a connection, in all orders; RFC 1337; RFC 6191; RFC 2525, section 2.17. */
class Rfc9293CloseTest extends TcpFixture {

    /** Figure 12, seen from the side that closes first. */
    @Test
    @Requirement("RFC9293:MUST-13")
    void weCloseFirst() {
        established();
        close();
        expect(FIN | ACK, 1, 1);
        state(TcpState.FIN_WAIT_1);
        peer.acks(2, 1000);
        state(TcpState.FIN_WAIT_2);
        expectNothing();
        peer.sends(FIN | ACK, 1, 2, 1000, 0);
        state(TcpState.TIME_WAIT);
        expectAck(2, 2);
        assertEquals(1, app.closed);
        assertNull(app.error);
        advance(59_999);
        state(TcpState.TIME_WAIT);
        advance(1);
        state(TcpState.CLOSED);
        assertEquals(1, app.closed);
    }

    /** Figure 12, from the other side. */
    @Test
    void theyCloseFirst() {
        established();
        peer.sends(FIN | ACK, 1, 1, 1000, 0);
        expectAck(1, 2);
        state(TcpState.CLOSE_WAIT);
        assertTrue(connection.isInputEnded());
        assertEquals(1, app.readable);
        close();
        expect(FIN | ACK, 1, 2);
        state(TcpState.LAST_ACK);
        peer.sends(ACK, 2, 2, 1000, 0);
        closedWith(null);
        expectNothing();
    }

    /** Figure 13. */
    @Test
    void simultaneousClose() {
        established();
        close();
        expect(FIN | ACK, 1, 1);
        peer.sends(FIN | ACK, 1, 1, 1000, 0);
        state(TcpState.CLOSING);
        expectAck(2, 2);
        peer.sends(ACK, 2, 2, 1000, 0);
        state(TcpState.TIME_WAIT);
        expectNothing();
    }

    @Test
    void simultaneousCloseWithAllAcksLost() {
        established();
        close();
        expect(FIN | ACK, 1, 1);
        peer.sends(FIN | ACK, 1, 1, 1000, 0);
        expectAck(2, 2);
        advance(250);
        expect(FIN | ACK, 1, 2);
        // Their FIN again: they have not seen our ACK.
        peer.sends(FIN | ACK, 1, 1, 1000, 0);
        expectAck(2, 2);
        state(TcpState.CLOSING);
        peer.sends(ACK, 2, 2, 1000, 0);
        state(TcpState.TIME_WAIT);
    }

    @Test
    void finThatAcknowledgesOursGoesStraightToTimeWait() {
        // "If our FIN has been ACKed (perhaps in this segment), then enter TIME-WAIT".
        established();
        close();
        expect(FIN | ACK, 1, 1);
        peer.sends(FIN | ACK, 1, 2, 1000, 0);
        state(TcpState.TIME_WAIT);
        expectAck(2, 2);
    }

    @Test
    void halfCloseLetsThePeerGoOnSending() {
        established();
        shutdownOutput();
        expect(FIN | ACK, 1, 1);
        peer.acks(2, 1000);
        state(TcpState.FIN_WAIT_2);
        peer.sends(ACK, 1, 2, 1000, 100);
        expectAck(2, 101);
        assertEquals(100, read());
        advance(10 * 60_000);
        state(TcpState.FIN_WAIT_2);
        peer.sends(FIN | ACK | PSH, 101, 2, 1000, 50);
        expectAck(2, 152);
        assertEquals(50, read());
        state(TcpState.TIME_WAIT);
    }

    @Test
    void halfCloseByThePeerLetsUsGoOnSending() {
        established();
        peer.sends(FIN | ACK, 1, 1, 5000, 0);
        expectAck(1, 2);
        write(100);
        expectData(ACK | PSH, 1, 2, 100);
        peer.sends(ACK, 2, 101, 5000, 0);
        shutdownOutput();
        expect(FIN | ACK, 101, 2);
        peer.sends(ACK, 2, 102, 5000, 0);
        closedWith(null);
    }

    @Test
    void finOutOfOrderWaitsForTheDataBeforeIt() {
        established();
        peer.sends(FIN | ACK, 11, 1, 1000, 10);
        expectAck(1, 1);
        state(TcpState.ESTABLISHED);
        assertFalse(connection.isInputEnded());
        peer.sends(ACK, 1, 1, 1000, 10);
        expectAck(1, 22);
        state(TcpState.CLOSE_WAIT);
        assertEquals(20, read());
    }

    @Test
    void bareFinOutOfOrderGetsADuplicateAck() {
        established();
        peer.sends(FIN | ACK, 11, 1, 1000, 0);
        expectAck(1, 1);
        expectNothing();
        peer.sends(ACK, 1, 1, 1000, 10);
        expectAck(1, 12);
        state(TcpState.CLOSE_WAIT);
    }

    @Test
    void finIsRetransmittedAloneAndWithData() {
        established();
        write(10);
        expectData(ACK | PSH, 1, 1, 10);
        close();
        expect(FIN | ACK, 11, 1);
        advance(3000);
        expectData(FIN | ACK | PSH, 1, 1, 10);
        peer.acks(11, 1000);
        drain();
        advance(10_000);
        expect(FIN | ACK, 11, 1);
        drain();
        peer.acks(12, 1000);
        state(TcpState.FIN_WAIT_2);
    }

    @Test
    void partialAckOfDataAndFinLeavesTheFin() {
        established();
        app.write(connection, 3000, nowNs);
        connection.close(nowNs);
        flush();
        drain();
        peer.acks(1461, 65_535);
        drain();
        state(TcpState.FIN_WAIT_1);
        advance(250);
        expectData(ACK, 1461, 1, 1460);
        peer.acks(2921, 65_535);
        expectData(FIN | ACK | PSH, 2921, 1, 80);
    }

    @Test
    @Requirement("RFC9293:MUST-13")
    void timeWaitAcknowledgesTheRepeatedFinAndBeginsAnew() {
        toTimeWait();
        advance(30_000);
        peer.sends(FIN | ACK, 1, 2, 1000, 0);
        expectAck(2, 2);
        // Longer than the 2 MSL of before: see TimeWaits.
        advance(3 * 60_000 - 1);
        state(TcpState.TIME_WAIT);
        advance(1);
        state(TcpState.CLOSED);
    }

    @Test
    void timeWaitIgnoresResets() {
        // RFC 1337, (F1).
        toTimeWait();
        peer.sends(RST, 2, 0, 0, 0);
        peer.sends(RST | ACK, 2, 2, 0, 0);
        state(TcpState.TIME_WAIT);
        expectNothing();
    }

    @Test
    void timeWaitAnswersOldDataWithAnAck() {
        toTimeWait();
        peer.sends(ACK, 1, 2, 1000, 30);
        expectAck(2, 2);
        state(TcpState.TIME_WAIT);
        assertEquals(0, app.received);
    }

    private void toTimeWait() {
        established();
        close();
        expect(FIN | ACK, 1, 1);
        peer.sends(FIN | ACK, 1, 2, 1000, 0);
        expectAck(2, 2);
        state(TcpState.TIME_WAIT);
    }

    @Test
    @Requirement("RFC9293:MAY-2")
    void newSynReopensFromTimeWaitWithALargerIss() {
        // MAY-2: "larger than the largest sequence number it used on the previous connection incarnation".
        toTimeWait();
        Connection old = connection;
        int used = iss + 2;
        app.closed = 0;
        app.connected = 0;
        peer.irs += 10;
        peer.sends(SYN, 0, 0, 1000, 0, mss(MSS));
        Seg s = expect(SYN | ACK, 0, 1);
        assertTrue(s.rawSeq - used > 0, "a larger initial sequence number");
        assertEquals(TcpState.CLOSED, old.state());
        iss = s.rawSeq;
        peer.acks(1, 1000);
        state(TcpState.ESTABLISHED);
        assertEquals(1, count(StackCounter.TCP_TIME_WAIT_RECYCLED));
    }

    @Test
    @Requirement("RFC9293:MAY-2")
    void oldSynDoesNotReopenFromTimeWait() {
        toTimeWait();
        int irs = peer.irs;
        peer.irs -= 10;
        deliver(peer.packet(SYN, peer.irs, 0, 1000, new byte[0], mss(MSS)));
        flush();
        peer.irs = irs;
        expectAck(2, 2);
        state(TcpState.TIME_WAIT);
    }

    @Test
    void newSynWithoutAListenerDoesNotEndTimeWait() {
        toTimeWait();
        acceptor.close(nowNs);
        peer.irs += 10;
        peer.arrives(SYN, 0, 0, 1000, 0, mss(MSS));
        flush();
        peer.irs -= 10;
        state(TcpState.TIME_WAIT);
    }

    @Test
    @Requirement({"RFC9293:MAY-1", "RFC9293:SHLD-3"})
    void closeWithUnreadDataResets() {
        // RFC 2525, section 2.17.
        established();
        peer.sends(ACK, 1, 1, 1000, 10);
        expectAck(1, 11);
        connection.close(nowNs);
        flush();
        expect(RST | ACK, 1, 11);
        closedWith(TcpError.ABORTED);
    }

    @Test
    @Requirement({"RFC9293:MAY-1", "RFC9293:SHLD-3"})
    void dataAfterCloseResets() {
        // 3.6.1: "If such a host issues a CLOSE call while received data is still pending ..., or if new data is
        // received after CLOSE is called, its TCP SHOULD send a RST to show that data was lost."
        established();
        close();
        expect(FIN | ACK, 1, 1);
        peer.acks(2, 1000);
        peer.sends(ACK, 1, 2, 1000, 10);
        // 3.5.2: "the reset takes its sequence number from the ACK field of the segment".
        expect(RST, 2, 0);
        closedWith(TcpError.ABORTED);
    }

    @Test
    void oldDataAfterCloseDoesNotReset() {
        established();
        peer.sends(ACK, 1, 1, 1000, 10);
        expectAck(1, 11);
        read();
        close();
        expect(FIN | ACK, 1, 11);
        peer.sends(ACK, 1, 1, 1000, 10);
        expectAck(2, 11);
        state(TcpState.FIN_WAIT_1);
    }

    @Test
    void lingerZeroAborts() {
        options.lingerSeconds = 0;
        established();
        close();
        expect(RST | ACK, 1, 1);
        closedWith(TcpError.ABORTED);
    }

    @Test
    void orphanInFinWait2GoesAfterAWhile() {
        established();
        close();
        drain();
        peer.acks(2, 1000);
        advance(59_999);
        state(TcpState.FIN_WAIT_2);
        advance(1);
        closedWith(null);
        expectNothing();
    }

    @Test
    void shutdownThenCloseInFinWait2IsBoundedToo() {
        established();
        shutdownOutput();
        drain();
        peer.acks(2, 1000);
        close();
        advance(60_000);
        closedWith(null);
    }

    @Test
    void finWaitsBehindAFullWindowAndGoesAsAProbe() {
        established(10, mss(MSS));
        write(10);
        expectData(ACK | PSH, 1, 1, 10);
        close();
        expectNothing();
        peer.acks(11, 0);
        expectNothing();
        advance(1000);
        expect(FIN | ACK, 11, 1);
        peer.acks(12, 0);
        state(TcpState.FIN_WAIT_2);
    }

    @Test
    void finIsAcceptedThroughAClosedWindow() {
        options.receiveBuffer = 10;
        established();
        peer.sends(ACK, 1, 1, 1000, 10);
        assertEquals(0, expect(ACK, 1, 11).window);
        peer.sends(FIN | ACK, 11, 1, 1000, 0);
        expectAck(1, 12);
        state(TcpState.CLOSE_WAIT);
        assertEquals(10, read());
    }

    @Test
    void dataBeyondTheFinIsNotTaken() {
        established();
        peer.sends(FIN | ACK, 11, 1, 1000, 10);
        drain();
        peer.sends(ACK, 1, 1, 1000, 60);
        expectAck(1, 22);
        assertEquals(20, read());
        state(TcpState.CLOSE_WAIT);
    }

    @Test
    void abortResetsInTheStatesThatAskForIt() {
        // 3.10.5.
        established();
        abort();
        expect(RST | ACK, 1, 1);
        closedWith(TcpError.ABORTED);
        abort();
        expectNothing();
    }

    @Test
    void abortInFinWait1AndCloseWait() {
        established();
        shutdownOutput();
        expect(FIN | ACK, 1, 1);
        abort();
        expect(RST | ACK, 2, 1);
        again();
        peer.sends(FIN | ACK, 1, 1, 1000, 0);
        expectAck(1, 2);
        abort();
        expect(RST | ACK, 1, 2);
        closedWith(TcpError.ABORTED);
    }

    private void again() {
        drain();
        assertNotNull(connection);
        acceptor.close(nowNs);
        app.closed = 0;
        app.connected = 0;
        connection = null;
        remotePort++;
        iss = 0;
        established();
    }

    @Test
    void abortInClosingLastAckAndTimeWaitIsSilent() {
        established();
        shutdownOutput();
        peer.sends(FIN | ACK, 1, 1, 1000, 0);
        drain();
        state(TcpState.CLOSING);
        abort();
        expectNothing();
        again();
        peer.sends(FIN | ACK, 1, 1, 1000, 0);
        shutdownOutput();
        drain();
        state(TcpState.LAST_ACK);
        abort();
        expectNothing();
        again();
        shutdownOutput();
        peer.sends(FIN | ACK, 1, 2, 1000, 0);
        drain();
        state(TcpState.TIME_WAIT);
        abort();
        expectNothing();
        state(TcpState.CLOSED);
        assertEquals(1, app.closed);
        assertNull(app.error);
    }

    @Test
    @Requirement("RFC9293:MUST-12")
    void resetEndsEveryStateButTimeWait() {
        established();
        peer.sends(RST, 1, 0, 0, 0);
        closedWith(TcpError.CONNECTION_RESET);
        again();
        shutdownOutput();
        peer.sends(RST | ACK, 1, 1, 0, 0);
        closedWith(TcpError.CONNECTION_RESET);
        again();
        shutdownOutput();
        peer.acks(2, 1000);
        state(TcpState.FIN_WAIT_2);
        peer.sends(RST, 1, 0, 0, 0);
        closedWith(TcpError.CONNECTION_RESET);
        again();
        peer.sends(FIN | ACK, 1, 1, 1000, 0);
        peer.sends(RST, 2, 0, 0, 0);
        closedWith(TcpError.CONNECTION_RESET);
        again();
        shutdownOutput();
        peer.sends(FIN | ACK, 1, 1, 1000, 0);
        state(TcpState.CLOSING);
        peer.sends(RST, 2, 0, 0, 0);
        state(TcpState.CLOSED);
        drain();
    }

    /** 3.10.7.4, second: in CLOSING and LAST-ACK a reset deletes the TCB and is no error, if all data arrived. */
    @Test
    void aResetOfThePeerThatHasForgottenUsIsNoErrorOnceAllDataArrived() {
        established();
        write(100);
        peer.sends(FIN | ACK, 1, 101, 1000, 0);
        shutdownOutput();
        drain();
        state(TcpState.LAST_ACK);
        peer.sends(RST, 2, 0, 0, 0);
        closedWith(null);
        again();
        shutdownOutput();
        peer.sends(FIN | ACK, 1, 1, 1000, 0);
        state(TcpState.CLOSING);
        peer.sends(RST, 2, 0, 0, 0);
        closedWith(null);
        drain();
    }

    @Test
    void aResetInLastAckIsAnErrorIfDataMayBeLost() {
        established();
        peer.sends(FIN | ACK, 1, 1, 1000, 0);
        write(100);
        shutdownOutput();
        drain();
        state(TcpState.LAST_ACK);
        peer.sends(RST, 2, 0, 0, 0);
        closedWith(TcpError.CONNECTION_RESET);
    }

    @Test
    void unacknowledgedFinOfAnOrphanIsGivenUp() {
        established();
        close();
        advance(600_000);
        assertEquals(1 + config.orphanRetries, drain());
        closedWith(TcpError.TIMED_OUT);
    }

    @Test
    void writeAfterShutdownIsRefused() {
        established();
        shutdownOutput();
        assertEquals(-1, app.write(connection, 5, nowNs));
        drain();
    }

    @Test
    void shutdownInputThrowsAwayWhatComes() {
        established();
        connection.shutdownInput(nowNs);
        flush();
        peer.sends(ACK, 1, 1, 1000, 100);
        expectAck(1, 101);
        assertEquals(0, connection.receiveQueue().size());
        peer.sends(FIN | ACK, 101, 1, 1000, 0);
        expectAck(1, 102);
        state(TcpState.CLOSE_WAIT);
    }

    @Test
    void noMoreTimeWaitsThanTheLimit() {
        config.maxTimeWait = 2;
        established();
        for (int i = 0; i < 3; i++) {
            shutdownOutput();
            peer.sends(FIN | ACK, 1, 2, 1000, 0);
            drain();
            state(TcpState.TIME_WAIT);
            if (i < 2) {
                again();
            }
        }
        assertEquals(2, tcp.connections());
        assertEquals(1, count(StackCounter.TCP_TIME_WAIT_OVERFLOWS));
    }
}
