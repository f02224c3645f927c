package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@link TcpHandler}: "From within, all methods of the connection may be called, abort and close included". */
class HandlerTest extends TcpFixture {

    @Test
    void closeFromOnConnected() {
        app.onConnected = (c, now) -> c.close(now);
        established2();
        expect(FIN | ACK, 1, 1);
        peer.sends(FIN | ACK, 1, 2, 1000, 0);
        state(TcpState.TIME_WAIT);
        drain();
    }

    private void established2() {
        listen();
        peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS));
        iss = expect(SYN | ACK, 0, 1).rawSeq;
        peer.acks(1, 60_000);
    }

    @Test
    void abortFromOnConnected() {
        app.onConnected = (c, now) -> c.abort(now);
        established2();
        expect(RST | ACK, 1, 1);
        closedWith(TcpError.ABORTED);
    }

    /** What nobody would read any more stayed allocated for ever. */
    @Test
    void abortGivesBackWhatWasNotRead() {
        established();
        peer.sends(ACK | PSH, 1, 1, 60_000, 100);
        drain();
        assertEquals(1, chunks.outstanding());
        connection.abort(nowNs);
        flush();
        assertEquals(0, chunks.outstanding());
        closedWith(TcpError.ABORTED);
        drain();
    }

    @Test
    void writeAndCloseFromOnConnectedGoTogether() {
        app.onConnected = (c, now) -> {
            app.write(c, 100, now);
            c.close(now);
        };
        established2();
        expectData(FIN | ACK | PSH, 1, 1, 100);
        peer.sends(FIN | ACK, 1, 102, 1000, 0);
        drain();
    }

    @Test
    void abortFromOnDataLeavesNoTimer() {
        config.quickAcks = 0;
        app.takeInPlace = 50;
        app.onData = (c, now) -> c.abort(now);
        established();
        peer.sends(FIN | ACK, 1, 1, 60_000, 100);
        expect(RST | ACK, 1, 1);
        expectNothing();
        closedWith(TcpError.ABORTED);
        assertTrue(!connection.timers.isScheduled(), "a timer is left");
    }

    @Test
    void closeFromOnDataThatUsedAllEndsInOrder() {
        app.takeInPlace = 100;
        app.onData = (c, now) -> c.close(now);
        established();
        peer.sends(ACK, 1, 1, 60_000, 100);
        expect(FIN | ACK, 1, 101);
        peer.sends(FIN | ACK, 101, 2, 60_000, 0);
        drain();
        state(TcpState.TIME_WAIT);
        assertNull(app.error);
    }

    @Test
    void closeFromOnDataThatUsedAllOfWhatHadClosedAGapEndsInOrder() {
        app.takeInPlace = 1000;
        app.onData = (c, now) -> {
            if (app.received == 200) {
                c.close(now);
            }
        };
        established();
        peer.sends(ACK, 101, 1, 60_000, 100);
        drain();
        peer.sends(ACK, 1, 1, 60_000, 100);
        drain();
        assertEquals(200, app.received);
        state(TcpState.FIN_WAIT_1);
    }

    @Test
    void closeFromOnDataThatUsedAPartResets() {
        app.takeInPlace = 50;
        app.onData = (c, now) -> c.close(now);
        established();
        peer.sends(ACK, 1, 1, 60_000, 100);
        expect(RST | ACK, 1, 101);
        closedWith(TcpError.ABORTED);
    }

    @Test
    void closeFromOnDataWithTheFinOfThePeer() {
        app.takeInPlace = 100;
        app.onData = (c, now) -> c.close(now);
        established();
        peer.sends(FIN | ACK, 1, 1, 60_000, 100);
        expect(FIN | ACK, 1, 102);
        peer.sends(ACK, 102, 2, 60_000, 0);
        state(TcpState.TIME_WAIT);
    }

    @Test
    void closeAndAbortFromOnReadable() {
        app.onReadable = (c, now) -> {
            app.readAll(c, now);
            c.close(now);
        };
        established();
        peer.sends(ACK, 1, 1, 60_000, 100);
        drain();
        state(TcpState.FIN_WAIT_1);
        app.onReadable = (c, now) -> {};
        abort();
        drain();
        closedWith(TcpError.ABORTED);
    }

    @Test
    void abortFromOnWritable() {
        options.sendBuffer = 100;
        established();
        app.write(connection, 200, nowNs);
        app.onWritable = (c, now) -> c.abort(now);
        flush();
        drain();
        peer.acks(101, 60_000);
        expect(RST | ACK, 101, 1);
        closedWith(TcpError.ABORTED);
    }

    @Test
    void anythingFromOnClosedDoesNothing() {
        app.onClosed = (c, now) -> {
            assertEquals(-1, app.write(c, 5, now));
            c.shutdownOutput(now);
            c.shutdownInput(now);
            c.dataRead(now);
            c.optionsChanged(now);
            c.close(now);
            c.abort(now);
        };
        established();
        peer.sends(RST, 1, 0, 0, 0);
        expectNothing();
        closedWith(TcpError.CONNECTION_RESET);
    }

    @Test
    void aNewConnectionFromOnClosed() {
        TcpConnection[] second = new TcpConnection[1];
        app.onClosed = (c, now) -> {
            c.close(now);
            second[0] = tcp.connect(0, 0, 0, theirs.hi(), theirs.lo(), 99, options, new Recorder(), now);
        };
        established();
        peer.sends(RST, 1, 0, 0, 0);
        assertNotNull(second[0]);
        assertEquals(99, out.peekFirst().destinationPort);
        drain();
    }

    @Test
    void dataBeforeTheFailureCanStillBeRead() {
        established();
        peer.sends(ACK, 1, 1, 60_000, 100);
        peer.sends(RST, 101, 0, 0, 0);
        closedWith(TcpError.CONNECTION_RESET);
        assertEquals(100, read());
        drain();
    }

    // --- listeners ---

    @Test
    void whatWasAcceptedLateIsToldEverything() {
        List<TcpAcceptor> told = new ArrayList<>();
        acceptor = tcp().listen(0, 0, 80, 8, options, (l, now) -> told.add(l));
        peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS));
        iss = expect(SYN | ACK, 0, 1).rawSeq;
        peer.sends(FIN | ACK, 1, 1, 60_000, 100);
        expectAck(1, 102);
        assertEquals(1, told.size());
        assertEquals(1, acceptor.acceptable());
        connection = parts(acceptor.accept(app));
        flush();
        assertEquals(1, app.connected);
        assertEquals(1, app.readable);
        assertEquals(100, read());
        assertTrue(connection.isInputEnded());
        assertNull(acceptor.accept(app));
    }

    @Test
    void aListenerThatClosesResetsWhatNobodyTook() {
        acceptor = tcp().listen(0, 0, 80, 8, options, (l, now) -> {});
        peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS));
        iss = expect(SYN | ACK, 0, 1).rawSeq;
        peer.acks(1, 60_000);
        remotePort++;
        peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS));
        expect(SYN | ACK, 0, 1);
        acceptor.close(nowNs);
        flush();
        assertEquals(2, drain());
        assertEquals(0, tcp.connections());
        peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS));
        iss = 0;
        expect(RST | ACK, 0, 1);
    }

    @Test
    void neverMoreThanTheBacklogWait() {
        acceptor = tcp().listen(0, 0, 80, 2, options, (l, now) -> {});
        int[] sequences = new int[4];
        for (int i = 0; i < 4; i++) {
            remotePort = 6000 + i;
            peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS));
            sequences[i] = expect(SYN | ACK, 0, 1).rawSeq;
        }
        for (int i = 0; i < 4; i++) {
            remotePort = 6000 + i;
            iss = sequences[i];
            peer.acks(1, 60_000);
        }
        assertEquals(2, acceptor.acceptable());
        remotePort = 6010;
        peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS));
        expectNothing();
        assertEquals(3, drops(DropReason.TCP_BACKLOG_FULL));
        // Those whose ACK was dropped are reminded by our SYN-ACK, and find room once somebody has accepted.
        TcpConnection first = acceptor.accept(new Recorder());
        assertEquals(6000, first.remotePort());
        advance(1000);
        remotePort = 6003;
        peer.acks(1, 60_000);
        assertEquals(2, acceptor.acceptable());
        first.abort(nowNs);
        first.close(nowNs);
        drain();
    }

    @Test
    void halfOpenConnectionsAreLimited() {
        config.maxHalfOpen = 3;
        config.synCookies = SynCookiePolicy.OFF;
        listen();
        for (int i = 0; i < 5; i++) {
            remotePort++;
            peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS));
        }
        assertEquals(5, drain());
        assertEquals(3, tcp().connections());
        assertEquals(2, count(StackCounter.TCP_HALF_OPEN_EVICTED));
        // The handshakes of the oldest two have gone, and nothing was said about it.
        advance(100_000);
        drain();
        assertEquals(0, tcp().connections());
    }

    @Test
    void aFloodOfSynsDoesNotShutOthersOut() {
        config.maxHalfOpen = 100;
        config.synCookies = SynCookiePolicy.OFF;
        listen();
        int honest = remotePort;
        for (int i = 0; i < 1_000; i++) {
            remotePort = 10_000 + i;
            peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS));
        }
        drain();
        remotePort = honest;
        peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS));
        iss = expect(SYN | ACK, 0, 1).rawSeq;
        for (int i = 0; i < 50; i++) {
            remotePort = 20_000 + i;
            peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS));
        }
        drain();
        remotePort = honest;
        peer.sends(ACK, 1, 1, 60_000, 0);
        assertNotNull(connection, "accepted");
        state(TcpState.ESTABLISHED);
        assertTrue(tcp().connections() <= 101);
    }

    @Test
    void theTableIsLimited() {
        config.maxConnections = 2;
        listen();
        for (int i = 0; i < 3; i++) {
            remotePort++;
            peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS));
        }
        assertEquals(2, drain());
        assertEquals(1, drops(DropReason.TCP_TABLE_FULL));
        assertNull(tcp.connect(0, 0, 0, theirs.hi(), theirs.lo(), 9, options, app, nowNs));
        assertEquals(TcpError.NO_RESOURCES, tcp.errorOfLastCall());
    }

    @Test
    void specificListenersComeBeforeWildcardsAndPortsAreNotSharedUnawares() {
        List<String> who = new ArrayList<>();
        TcpAcceptor specific = tcp().listen(ours.hi(), ours.lo(), 80, 8, options, (l, now) -> who.add("specific"));
        assertNotNull(specific);
        assertNull(tcp.listen(0, 0, 80, 8, options, (l, now) -> who.add("any")));
        assertEquals(TcpError.ADDRESS_IN_USE, tcp.errorOfLastCall());
        assertNull(tcp.listen(theirs.hi(), theirs.lo(), 81, 8, options, (l, now) -> {}));
        assertEquals(TcpError.ADDRESS_NOT_AVAILABLE, tcp.errorOfLastCall());
        peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS));
        iss = expect(SYN | ACK, 0, 1).rawSeq;
        peer.acks(1, 60_000);
        assertEquals(List.of("specific"), who);
        specific.close(nowNs);
        specific.close(nowNs);
        flush();
        drain();
        acceptor = tcp.listen(0, 0, 0, 8, options, (l, now) -> {});
        assertTrue(acceptor.localPort() >= config.ephemeralPortFirst);
    }

    @Test
    void ephemeralPortsAreSpreadAndRunOut() {
        // RFC 6056, sections 3.2 and 3.3.3.
        config.ephemeralPortFirst = 40_000;
        config.ephemeralPortLast = 40_009;
        var seen = new java.util.HashSet<Integer>();
        for (int i = 0; i < 10; i++) {
            TcpConnection c = tcp().connect(0, 0, 0, theirs.hi(), theirs.lo(), 9, options, app, nowNs);
            assertTrue(seen.add(c.localPort()));
            assertTrue(c.localPort() >= 40_000 && c.localPort() <= 40_009);
        }
        assertNull(tcp.connect(0, 0, 0, theirs.hi(), theirs.lo(), 9, options, app, nowNs));
        assertEquals(TcpError.ADDRESS_IN_USE, tcp.errorOfLastCall());
        TcpConnection other = tcp.connect(0, 0, 0, theirs.hi(), theirs.lo(), 10, options, app, nowNs);
        assertNotNull(other, "the same port serves another destination");
        assertNull(tcp.connect(0, 0, other.localPort(), theirs.hi(), theirs.lo(), 10, options, app, nowNs));
        checkLeaks = false;
    }
}
