package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Test;

/** RFC 6191, section 2: a new connection request for one in TIME-WAIT, each of its cases. */
class Rfc6191Test extends TcpFixture {
    private static final int T0 = 5_000;
    /** The last sequence number of the peer is 1, its FIN; the last timestamp is this. */
    private static final int LAST = T0 + 7;

    private void toTimeWait(boolean stamped) {
        config.timestamps = true;
        listen();
        byte[] none = NO_OPTIONS;
        peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS), stamped ? stamps(T0, 0) : none);
        iss = expect(SYN | ACK, 0, 1).rawSeq;
        peer.sends(ACK, 1, 1, 60_000, 0, stamped ? stamps(T0 + 1, 0) : none);
        shutdownOutput();
        peer.sends(FIN | ACK, 1, 2, 60_000, 0, stamped ? stamps(LAST, 0) : none);
        state(TcpState.TIME_WAIT);
        drain();
        app.closed = 0;
        app.connected = 0;
    }

    /** A SYN {@code seq} after the last one; true if it is honoured. */
    private boolean honoured(int seq, byte[]... options) {
        int usedByUs = iss + 2;
        peer.sends(SYN, seq, 0, 60_000, 0, options);
        assertTrue(out.size() <= 1);
        Seg answer = out.pollFirst();
        if (answer == null || answer.flags != (SYN | ACK)) {
            state(TcpState.TIME_WAIT);
            return false;
        }
        // RFC 9293, MAY-2: "larger than the largest sequence number it used on the previous connection incarnation".
        assertTrue(answer.rawSeq - usedByUs > 0);
        iss = answer.rawSeq;
        peer.irs += seq;
        state(TcpState.CLOSED);
        peer.sends(ACK, 1, 1, 60_000, 0, options.length > 1 ? stamps(LAST + 1_000_000, 0) : NO_OPTIONS);
        state(TcpState.ESTABLISHED);
        assertEquals(1, count(StackCounter.TCP_TIME_WAIT_RECYCLED));
        return true;
    }

    @Test
    @Requirement("RFC9293:SHLD-4")
    void aNewerTimestampIsHonouredWhateverTheSequenceNumber() {
        toTimeWait(true);
        assertTrue(honoured(-1_000_000, mss(MSS), stamps(LAST + 1, 0)));
    }

    @Test
    void anEqualTimestampNeedsALargerSequenceNumber() {
        toTimeWait(true);
        assertEquals(false, honoured(1, mss(MSS), stamps(LAST, 0)));
        assertTrue(honoured(1000, mss(MSS), stamps(LAST, 0)));
    }

    @Test
    @Requirement("RFC9293:SHLD-4")
    void anOlderTimestampIsNot() {
        toTimeWait(true);
        assertEquals(false, honoured(1_000_000, mss(MSS), stamps(LAST - 1, 0)));
    }

    @Test
    void withoutTimestampsNowTheSequenceNumberDecides() {
        toTimeWait(true);
        assertEquals(false, honoured(-5, mss(MSS)));
        assertTrue(honoured(1000, mss(MSS)));
    }

    @Test
    void withTimestampsOnlyNowItIsHonoured() {
        toTimeWait(false);
        assertTrue(honoured(-1000, mss(MSS), stamps(1, 0)));
    }

    @Test
    void withoutAnyTimestampsTheSequenceNumberDecides() {
        toTimeWait(false);
        assertEquals(false, honoured(1, mss(MSS)));
        assertTrue(honoured(10, mss(MSS)));
    }

    @Test
    void aListenerWithoutRoomLeavesTimeWaitAlone() {
        toTimeWait(true);
        acceptor.close(nowNs);
        acceptor = tcp.listen(0, 0, localPort, 1, options, (l, now) -> {});
        int port = remotePort;
        int was = iss;
        remotePort = 9_999;
        peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS));
        iss = out.pollFirst().rawSeq;
        peer.sends(ACK, 1, 1, 60_000, 0);
        assertEquals(1, acceptor.acceptable());
        remotePort = port;
        iss = was;
        assertEquals(false, honoured(1000, mss(MSS), stamps(LAST + 1, 0)));
    }

    /** Section 3: timestamps go on from one connection to the next between the same ports, so that the peer honours us. */
    @Test
    void ourTimestampsGoOnAcrossConnections() {
        config.timestamps = true;
        connecting();
        int first = expect(SYN, 0, 0).options.tsVal;
        abort();
        app.closed = 0;
        advance(250);
        connecting();
        int second = expect(SYN, 0, 0).options.tsVal;
        assertEquals(250, second - first);
        abort();
        app.closed = 0;
        remotePort++;
        connecting();
        int other = expect(SYN, 0, 0).options.tsVal;
        assertTrue(Math.abs(other - second) > 100_000, "another connection's clock tells nothing of this one's");
    }
}
