package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** RFC 3042, section 2, limited transmit: new segments for the first two duplicate ACKs, where nothing else tells of losses. */
class Rfc3042Test extends TcpFixture {
    private void tenInFlight(int window) {
        established(window, mss(MSS));
        app.write(connection, 20 * MSS, nowNs);
        flush();
        assertEquals(10, drain());
    }

    private void end() {
        abort();
        drain();
    }

    /** "The TCP sender SHOULD transmit previously unsent data upon the arrival of the first two consecutive duplicate ACKs". */
    @Test
    void theFirstTwoDuplicatesSendANewSegmentEach() {
        tenInFlight(65_535);
        peer.acks(1, 65_535);
        expectData(ACK, 1 + 10 * MSS, 1, MSS);
        expectNothing();
        peer.acks(1, 65_535);
        expectData(ACK, 1 + 11 * MSS, 1, MSS);
        expectNothing();
        // The third is fast retransmit's.
        peer.acks(1, 65_535);
        assertEquals(1, out.pollFirst().rawSeq - iss);
        end();
    }

    /** "The congestion window (cwnd) MUST NOT be changed when these new segments are transmitted". */
    @Test
    void theWindowIsNotChanged() {
        tenInFlight(65_535);
        long cwnd = connection.cc.cwnd();
        peer.acks(1, 65_535);
        peer.acks(1, 65_535);
        assertEquals(cwnd, connection.cc.cwnd());
        assertTrue(connection.tcb.snd.nxt - connection.tcb.snd.una <= cwnd + 2L * MSS, "cwnd plus 2 segments");
        end();
    }

    /** "The receiver's advertised window allows the transmission of the segment." */
    @Test
    void notBeyondTheReceiversWindow() {
        tenInFlight(10 * MSS);
        peer.acks(1, 10 * MSS);
        peer.acks(1, 10 * MSS);
        expectNothing();
        end();
    }
}
