package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.TcpHeader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** RFC 4987, section 3.6: SYN cookies, one listener and one peer. */
class Rfc4987Test extends TcpFixture {
    private static final int T0 = 77_000;

    private int synAckStamp;

    @BeforeEach
    void always() {
        config.synCookies = SynCookiePolicy.ALWAYS;
        config.timestamps = true;
        config.windowScaling = true;
        config.sack = true;
    }

    private Seg synAck(int window, byte[]... synOptions) {
        peer.sends(SYN, 0, 0, window, 0, synOptions);
        Seg s = expect(SYN | ACK, 0, 1);
        iss = s.rawSeq;
        return s;
    }

    private Connection stamped() {
        listen();
        Seg s = synAck(65_535, mss(1440), sackPermitted(), stamps(T0, 0), scale(9));
        synAckStamp = s.options.tsVal;
        peer.sends(ACK, 1, 1, 1_000, 0, stamps(T0 + 1, s.options.tsVal));
        expectNothing();
        state(TcpState.ESTABLISHED);
        return connection;
    }

    @Test
    void nothingIsKeptOfTheSyn() {
        listen();
        for (int i = 0; i < 50; i++) {
            remotePort++;
            peer.sends(SYN, 0, 0, 1000, 0, mss(MSS));
        }
        assertEquals(50, drain());
        assertEquals(0, tcp.connections());
        assertEquals(0, deadlines.size());
        assertEquals(0, ip.openPaths);
        assertEquals(50, count(StackCounter.TCP_SYN_COOKIES_SENT));
    }

    @Test
    void theAckMakesTheConnectionAndBringsItsData() {
        options.receiveBuffer = 1 << 20;
        listen();
        Seg s = synAck(65_535, mss(1440), sackPermitted(), stamps(T0, 0), scale(9));
        assertEquals(1460, s.options.mss);
        assertEquals(5, s.options.windowScale);
        assertTrue(s.options.sackPermitted);
        assertEquals(T0, s.options.tsEcr);
        assertEquals(65_535, s.window);
        advance(130);
        peer.sends(ACK | PSH, 1, 1, 1_000, 100, stamps(T0 + 130, s.options.tsVal));
        state(TcpState.ESTABLISHED);
        assertEquals(1, app.connected);
        assertEquals(100, read());
        assertEquals(101 + peer.irs, out.pollLast().rawAck);
        drain();
        SendState snd = connection.tcb.snd;
        ReceiveState rcv = connection.tcb.rcv;
        assertEquals(1_000 << 9, snd.wnd);
        assertEquals(1440, snd.peerMss);
        assertTrue(rcv.sack);
        assertTrue(rcv.timestamps);
        assertEquals(5, rcv.wndShift);
        assertEquals(1, count(StackCounter.TCP_SYN_COOKIES_RECEIVED));
        assertEquals(1, count(StackCounter.TCP_PASSIVE_OPENS));
        long srttMs = connection.rtt.srttNs() / MS;
        assertTrue(srttMs >= 130 && srttMs < 130 + 64, "the low bits of the timestamp blur it: " + srttMs);
        write(5_000);
        assertEquals(5_000, out.stream().mapToInt(x -> x.payload.length).sum());
        drain();
        peer.sends(ACK, 101, 5_001, 1_000, 0, stamps(T0 + 300, 0));
    }

    /** Without timestamps there is no place for them: "they cannot be used". */
    @Test
    void withoutTimestampsNothingElseIsAgreed() {
        listen();
        Seg s = synAck(2_000, mss(1440), sackPermitted(), scale(9));
        assertFalse(s.options.hasTimestamps);
        assertFalse(s.options.sackPermitted);
        assertEquals(Segment.ABSENT, s.options.windowScale);
        peer.sends(ACK, 1, 1, 3_000, 0);
        state(TcpState.ESTABLISHED);
        assertEquals(3_000, connection.tcb.snd.wnd);
        assertEquals(1440, connection.tcb.snd.peerMss);
        assertFalse(connection.tcb.rcv.sack);
        assertEquals(0, connection.tcb.rcv.wndShift);
    }

    @Test
    void ecnIsAgreedWithTimestampsOnly() {
        listen();
        peer.sends(SYN | TcpHeader.ECE | TcpHeader.CWR, 0, 0, 1_000, 0, mss(MSS));
        expect(SYN | ACK, 0, 1);
        peer.sends(SYN | TcpHeader.ECE | TcpHeader.CWR, 0, 0, 1_000, 0, mss(MSS), stamps(T0, 0));
        Seg s = expect(SYN | ACK | TcpHeader.ECE, 0, 1);
        iss = s.rawSeq;
        peer.sends(ACK, 1, 1, 1_000, 0, stamps(T0 + 1, s.options.tsVal));
        assertTrue(connection.negotiation.ecn.agreed());
        assertFalse(connection.tcb.rcv.sack);
    }

    @Test
    @Tag("ipv4-sizes")
    void theMssIsRoundedDown() {
        listen();
        int[][] cases = {{1460, 1460}, {1459, 1440}, {9_000, 8_940}, {700, 536}, {300, 64}, {1_400, 1_380}};
        for (int[] c : cases) {
            remotePort++;
            synAck(2_000, mss(c[0]));
            peer.sends(ACK, 1, 1, 3_000, 0);
            assertEquals(c[1], connection.tcb.snd.peerMss);
            abort();
            app.closed = 0;
            drain();
        }
        remotePort++;
        synAck(2_000);
        peer.sends(ACK, 1, 1, 3_000, 0);
        assertEquals(536, connection.tcb.snd.peerMss, "the default of RFC 9293, MUST-15");
    }

    @Test
    void ourTimestampsDoNotGoBackAfterTheCookie() {
        Connection c = stamped();
        write(10);
        Seg s = out.pollLast();
        int now = s.options.tsVal;
        assertEquals(c.negotiation.timestamp(nowNs), now);
        assertTrue(now - synAckStamp >= 0);
        peer.sends(ACK, 1, 11, 1_000, 0, stamps(T0 + 2, 0));
    }

    @Test
    void theTimestampHoldsWhatWasAgreedAndIsNeverAhead() {
        for (int now : new int[] {0, 1, 62, 63, 64, 1_000_000, -1, -64, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            for (int scale = -1; scale <= 14; scale++) {
                int stamp = SynCookies.stamp(now, scale, true, false);
                assertTrue(now - stamp >= 0 && now - stamp < 64, "behind by " + (now - stamp));
                assertEquals(scale, SynCookies.scale(stamp));
                assertTrue(SynCookies.sack(stamp));
                assertFalse(SynCookies.ecn(stamp));
                assertTrue(SynCookies.ecn(SynCookies.stamp(now, scale, false, true)));
            }
        }
    }

    @Test
    void anAckThatAcknowledgesNoCookieIsReset() {
        listen();
        peer.sends(ACK, 1, 4711, 1_000, 0);
        expect(RST, 4711, 0);
        assertEquals(0, count(StackCounter.TCP_SYN_COOKIES_FAILED), "none was sent lately: not even tried");
        synAck(2_000, mss(MSS));
        for (int bit = 0; bit < 32; bit++) {
            peer.sends(ACK, 1, 1 + (1 << bit), 1_000, 0);
            expect(RST, 1 + (1 << bit), 0);
        }
        assertEquals(32, count(StackCounter.TCP_SYN_COOKIES_FAILED));
        peer.sends(ACK, 2, 1, 1_000, 0);
        expect(RST, 1, 0);
        remotePort++;
        peer.sends(ACK, 1, 1, 1_000, 0);
        expect(RST, 1, 0);
        assertNull(connection);
        remotePort--;
        peer.sends(ACK, 1, 1, 1_000, 0);
        state(TcpState.ESTABLISHED);
    }

    @Test
    void aCookieIsGoodForAMinuteAtLeastAndTwoAtMost() {
        listen();
        synAck(2_000, mss(MSS));
        advance(64_000);
        peer.sends(ACK, 1, 1, 1_000, 0);
        state(TcpState.ESTABLISHED);
        abort();
        drain();
        app.closed = 0;
        remotePort++;
        synAck(2_000, mss(MSS));
        // Others come in time, so that the listener still looks.
        advance(100_000);
        remotePort++;
        peer.sends(SYN, 0, 0, 1_000, 0);
        drain();
        advance(28_000);
        remotePort--;
        peer.sends(ACK, 1, 1, 1_000, 0);
        expect(RST, 1, 0);
        assertEquals(1, count(StackCounter.TCP_SYN_COOKIES_FAILED));
    }

    /** Nobody guesses one: 27 bits of a keyed hash; and after two minutes without one no guess is even looked at. */
    @Test
    void theWindowForGuessesCloses() {
        listen();
        synAck(2_000, mss(MSS));
        advance(128_001);
        peer.sends(ACK, 1, 1, 1_000, 0);
        expect(RST, 1, 0);
        assertEquals(0, count(StackCounter.TCP_SYN_COOKIES_FAILED));
    }

    @Test
    void whenFullOnlyAndTheHalfOpenStay() {
        config.synCookies = SynCookiePolicy.WHEN_FULL;
        config.maxHalfOpen = 3;
        listen();
        int first = remotePort;
        int[] sequence = new int[6];
        for (int i = 0; i < 6; i++) {
            remotePort = first + i;
            sequence[i] = synAck(1_000, mss(MSS)).rawSeq;
        }
        assertEquals(3, count(StackCounter.TCP_SYN_COOKIES_SENT));
        assertEquals(0, count(StackCounter.TCP_HALF_OPEN_EVICTED));
        assertEquals(3, tcp.connections());
        for (int i = 5; i >= 0; i--) {
            remotePort = first + i;
            iss = sequence[i];
            peer.sends(ACK, 1, 1, 1_000, 0);
            assertEquals(6 - i, app.connected);
            abort();
            app.closed = 0;
            drain();
        }
        assertEquals(3, count(StackCounter.TCP_SYN_COOKIES_RECEIVED));
        remotePort = first + 7;
        synAck(1_000, mss(MSS));
        assertEquals(3, count(StackCounter.TCP_SYN_COOKIES_SENT), "there is room again");
    }

    @Test
    void aFullAcceptQueueDropsTheAck() {
        acceptor = tcp().listen(0, 0, localPort, 1, options, (l, now) -> {});
        Seg a = synAck(1_000, mss(MSS));
        remotePort++;
        Seg b = synAck(1_000, mss(MSS));
        peer.sends(ACK, 1, 1, 1_000, 0);
        assertEquals(1, acceptor.acceptable());
        remotePort--;
        iss = a.rawSeq;
        peer.sends(ACK, 1, 1, 1_000, 0);
        expectNothing();
        assertEquals(1, count(StackCounter.TCP_LISTEN_OVERFLOWS));
        assertEquals(1, count(StackCounter.TCP_LISTEN_DROPS));
        assertEquals(1, acceptor.overflows());
        assertEquals(1, acceptor.drops());
        assertEquals(1, drops(DropReason.TCP_BACKLOG_FULL));
        connection = parts(acceptor.accept(app));
        peer.sends(ACK, 1, 1, 1_000, 0);
        assertEquals(1, acceptor.acceptable());
        assertTrue(a.rawSeq != b.rawSeq);
    }

    /** Input never emits: SYN-ACKs wait for the flush, so many and no more. */
    @Test
    void theRepliesOfOneBurstAreLimited() {
        config.maxPendingCookies = 10;
        listen();
        for (int i = 0; i < 30; i++) {
            remotePort++;
            peer.arrives(SYN, 0, 0, 1_000, 0);
        }
        expectNothing();
        flush();
        assertEquals(10, drain());
        assertEquals(20, drops(DropReason.TCP_COOKIE_LIMITED));
        assertEquals(20, count(StackCounter.TCP_LISTEN_DROPS));
        assertEquals(20, acceptor.drops());
        assertEquals(0, acceptor.overflows());
    }

    @Test
    void withoutAWayBackItIsDroppedUnderItsOwnReason() {
        config.synCookies = SynCookiePolicy.OFF;
        listen();
        ip.noRoute = true;
        peer.sends(SYN, 0, 0, 1_000, 0);
        expectNothing();
        assertEquals(1, drops(DropReason.TCP_NO_ROUTE));
        assertEquals(0, drops(DropReason.TCP_TABLE_FULL));
    }
}
