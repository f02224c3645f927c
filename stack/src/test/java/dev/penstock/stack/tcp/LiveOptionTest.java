package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Options that are changed on a live connection take effect at once. */
class LiveOptionTest extends TcpFixture {
    private <T> void set(TcpOption<T> option, T value) {
        connection.setOption(option, value, nowNs);
        flush();
    }

    @Test
    void aCorkHoldsWhatIsNoFullSegment() {
        options.cork = true;
        options.noDelay = true;
        established();
        write(MSS + 100);
        expectData(ACK, 1, 1, MSS);
        expectNothing();
        write(MSS - 100);
        expectData(ACK | PSH, 1 + MSS, 1, MSS);
        expectNothing();
        peer.acks(1 + 2 * MSS, 65_535);
    }

    @Test
    void aCorkHoldsNoLongerThan200Milliseconds() {
        options.cork = true;
        established();
        write(100);
        advance(199);
        expectNothing();
        advance(1);
        expectData(ACK | PSH, 1, 1, 100);
        peer.acks(101, 65_535);
        write(50);
        advance(199);
        expectNothing();
        advance(1);
        expectData(ACK | PSH, 101, 1, 50);
        peer.acks(151, 65_535);
    }

    @Test
    void aWriteThatAnnouncesMoreWaitsForIt() {
        established();
        writeMore(MSS + 100);
        expectData(ACK, 1, 1, MSS);
        expectNothing();
        write(50);
        // Not Nagle's algorithm, which has no small segment to wait for, held it.
        expectData(ACK | PSH, 1 + MSS, 1, 150);
        peer.acks(1 + MSS + 150, 65_535);
        advance(1_000);
        expectNothing();
    }

    @Test
    void whatIsAnnouncedIsWaitedForUntilAnAcknowledgmentOr200Milliseconds() {
        established();
        writeMore(MSS + 100);
        expectData(ACK, 1, 1, MSS);
        peer.acks(1 + MSS, 65_535);
        expectData(ACK | PSH, 1 + MSS, 1, 100);
        peer.acks(1 + MSS + 100, 65_535);
        writeMore(10);
        advance(199);
        expectNothing();
        advance(1);
        expectData(ACK | PSH, 1 + MSS + 100, 1, 10);
        peer.acks(1 + MSS + 110, 65_535);
    }

    private void writeMore(int n) {
        UnsafeBuffer data = new UnsafeBuffer(new byte[n]);
        for (int i = 0; i < n; i++) {
            data.putByte(i, TransferApp.byteAt(app.written + i));
        }
        app.written += connection.writeMore(data, 0, n, nowNs);
        flush();
    }

    @Test
    void takingTheCorkOffSendsTheRestAtOnce() {
        established();
        write(10);
        expectData(ACK | PSH, 1, 1, 10);
        set(TcpOption.TCP_CORK, true);
        write(100);
        expectNothing();
        set(TcpOption.TCP_CORK, false);
        // Nagle's algorithm would hold it: ten bytes are outstanding.
        expectData(ACK | PSH, 11, 1, 100);
        peer.acks(111, 65_535);
    }

    @Test
    void changingAnOptionSaysNothingToThePeer() {
        established(65_535, mss(MSS), scale(7));
        set(TcpOption.IP_TTL, 17);
        set(TcpOption.TCP_NODELAY, true);
        set(TcpOption.SO_SNDBUF, 10_000);
        set(TcpOption.SO_RCVBUF, 10_000);
        expectNothing();
    }

    @Test
    void aLargerReceiveBufferIsOfferedAtOnceToAPeerThatWaits() {
        options.receiveBuffer = 1_000;
        established();
        peer.sends(ACK, 1, 1, 65_535, 1_000);
        expect(ACK, 1, 1_001);
        set(TcpOption.SO_RCVBUF, 20_000);
        Seg update = expect(ACK, 1, 1_001);
        assertEquals(19_000, update.window);
    }

    @Test
    void aFinIsNotCorked() {
        options.cork = true;
        established();
        write(100);
        expectNothing();
        shutdownOutput();
        expectData(FIN | ACK | PSH, 1, 1, 100);
        abort();
        drain();
    }

    @Test
    void nothingIsWritableWhileEnoughWaitsToBeSent() {
        options.notSentLowat = 1000;
        established(3000, mss(MSS));
        assertEquals(5000, app.write(connection, 5000, nowNs), "nothing waits yet");
        flush();
        drain();
        assertEquals(0, app.write(connection, 1, nowNs), "2080 bytes wait");
        int before = app.writable;
        flush();
        peer.acks(1 + MSS, MSS);
        assertEquals(before, app.writable);
        peer.acks(1 + 2 * MSS, 10_000);
        assertEquals(before + 1, app.writable, "all is sent");
        drain();
    }

    @Test
    void noDelayLetsGoWhatNagleHeld() {
        established();
        write(10);
        write(20);
        expectData(ACK | PSH, 1, 1, 10);
        expectNothing();
        set(TcpOption.TCP_NODELAY, true);
        expectData(ACK | PSH, 11, 1, 20);
        peer.acks(31, 65_535);
    }

    @Test
    void quickAckAcknowledgesWhatWasDelayed() {
        config.quickAcks = 0;
        established();
        peer.sends(ACK, 1, 1, 65_535, 10);
        expectNothing();
        set(TcpOption.TCP_QUICKACK, true);
        expectAck(1, 11);
    }

    @Test
    void aUserTimeoutEndsWhatWaitsAlready() {
        established();
        write(100);
        drain();
        advance(300);
        set(TcpOption.TCP_USER_TIMEOUT, 500);
        advance(199);
        state(TcpState.ESTABLISHED);
        advance(1);
        closedWith(TcpError.TIMED_OUT);
        drain();
    }

    @Test
    void keepalivesCountFromWhenThePeerWasHeardLast() {
        established();
        advance(5_000);
        TcpOption.TCP_KEEPIDLE.set(connection.options(), 6);
        set(TcpOption.SO_KEEPALIVE, true);
        advance(999);
        expectNothing();
        advance(1);
        expectAck(0, 1);
        abort();
        drain();
    }

    @Test
    void aWrongValueChangesNothing() {
        established();
        assertThrows(IllegalArgumentException.class, () -> set(TcpOption.IP_TTL, 256));
        assertEquals(64, connection.getOption(TcpOption.IP_TTL));
        connection.options().ttl = 0;
        assertThrows(IllegalArgumentException.class, () -> connection.optionsChanged(nowNs));
        connection.options().ttl = 64;
    }

    @Test
    void theTimesInWhichSomethingHeldUsBackAreCounted() {
        options.sendBuffer = 3000;
        established(65_535, mss(MSS));
        advance(1_000);
        assertEquals(0, info().busyNs, "idle");
        app.write(connection, 4000, nowNs);
        flush();
        advance(30);
        assertEquals(30 * MS, info().busyNs);
        assertEquals(30 * MS, info().sendBufferLimitedNs, "all was sent, and the application wants to write");
        peer.acks(1 + 2920, 0);
        drain();
        write(1000);
        advance(40);
        assertEquals(40 * MS, info().receiveWindowLimitedNs);
        assertTrue(info().busyNs >= 70 * MS, info().toString());
        abort();
        drain();
    }

    /** As Linux: one write that finds less waiting may go beyond, by what goes out in one piece. */
    @Test
    void oneWriteMayGoBeyondTheLowWaterMark() {
        options.notSentLowat = 1000;
        established(0, mss(MSS));
        assertEquals(65_536, app.write(connection, 200_000, nowNs));
        flush();
        assertEquals(0, connection.sendQueue().writable());
        set(TcpOption.TCP_NOTSENT_LOWAT, 0);
        assertTrue(app.writable > 0, "told at once");
        assertEquals(134_464, app.write(connection, 134_464, nowNs));
        abort();
        drain();
    }

    /** For a writer on another thread, which asks the queue itself. */
    @Test
    void theQueueTakesNothingWhileEnoughWaitsToBeSent() {
        established(3000, mss(MSS));
        write(5000);
        drain();
        assertTrue(connection.sendQueue().writable() > 0);
        set(TcpOption.TCP_NOTSENT_LOWAT, 2081);
        assertTrue(connection.sendQueue().writable() > 0, "2080 bytes wait");
        set(TcpOption.TCP_NOTSENT_LOWAT, 2080);
        assertEquals(0, connection.sendQueue().writable());
        int told = app.writable;
        connection.wantWritable();
        flush();
        assertEquals(told, app.writable);
        peer.acks(1 + 2 * MSS, 3000);
        assertEquals(told + 1, app.writable);
        abort();
        drain();
    }
}
