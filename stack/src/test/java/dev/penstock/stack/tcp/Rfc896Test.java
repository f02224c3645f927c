package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import org.junit.jupiter.api.Test;

/**
 * RFC 896, the Nagle algorithm, as RFC 1122, section 4.2.3.4, and RFC 9293, section 3.7.4, have it, with Minshall's
 * refinement (draft-minshall-nagle-01), and TCP_CORK, which asks for more than either.
 */
class Rfc896Test extends TcpFixture {

    /** "inhibit the sending of new TCP segments when new outgoing data arrives ... if any previously transmitted data remains unacknowledged". */
    @Test
    @Requirement("RFC9293:SHLD-7")
    void theSecondSmallSegmentWaitsForTheAcknowledgmentOfTheFirst() {
        established();
        write(1);
        expectData(ACK | PSH, 1, 1, 1);
        write(1);
        write(1);
        write(1);
        expectNothing();
        peer.acks(2, 65_535);
        expectData(ACK | PSH, 2, 1, 3);
        peer.acks(5, 65_535);
    }

    /** RFC 896's Telnet user: 200 ms between key strokes, five seconds of round trip, one segment each. */
    @Test
    void theTelnetUserSendsOneSegmentARoundTrip() {
        config.initialRtoNs = 20_000 * MS;
        listen();
        peer.sends(SYN, 0, 0, 65_535, 0, mss(MSS));
        iss = out.pollFirst().rawSeq;
        advance(5_000);
        peer.sends(ACK, 1, 1, 65_535, 0);
        int sent = 0;
        for (int i = 1; i <= 100; i++) {
            write(1);
            sent += drain();
            advance(200);
            if (i % 25 == 0) {
                peer.acks(connection.tcb.snd.nxt - connection.tcb.snd.iss, 65_535);
            }
        }
        sent += drain();
        assertTrue(sent <= 6, "segments for 100 characters in 4 round trips: " + sent);
        peer.acks(101, 65_535);
        drain();
        peer.acks(101, 65_535);
    }

    /** RFC 9293, 3.7.4: "or until the TCP endpoint can send a full-sized segment". */
    @Test
    void aFullSegmentIsNotHeld() {
        established();
        write(10);
        expectData(ACK | PSH, 1, 1, 10);
        write(MSS - 1);
        expectNothing();
        write(1);
        expectData(ACK | PSH, 11, 1, MSS);
        peer.acks(11 + MSS, 65_535);
    }

    /** RFC 9293, MUST-17: "there MUST be a way for an application to disable the Nagle algorithm on an individual connection". */
    @Test
    @Requirement("RFC9293:MUST-17")
    void itCanBeDisabled() {
        options.noDelay = true;
        established();
        for (int i = 0; i < 5; i++) {
            write(1);
            expectData(ACK | PSH, 1 + i, 1, 1);
        }
        peer.acks(6, 65_535);
    }

    /**
     * Minshall: the tail of a large write is not held by the full segments before it, or a request of more than one segment
     * would wait for a delayed acknowledgment; but a second small segment is held by the first.
     */
    @Test
    void onlySmallSegmentsThatAreOutstandingHoldASmallOne() {
        established();
        write(2 * MSS + 100);
        Seg first = out.pollFirst();
        assertEquals(MSS, first.payload.length);
        expectData(ACK, 1 + MSS, 1, MSS);
        expectData(ACK | PSH, 1 + 2 * MSS, 1, 100);
        write(50);
        expectNothing();
        // Full segments acknowledged, the small one not: it waits on.
        peer.acks(1 + 2 * MSS, 65_535);
        expectNothing();
        peer.acks(101 + 2 * MSS, 65_535);
        expectData(ACK | PSH, 101 + 2 * MSS, 1, 50);
        peer.acks(151 + 2 * MSS, 65_535);
    }

    /** What is sent again does not count: SND.SML is where the last small segment ended, and stays. */
    @Test
    void aRetransmissionDoesNotLetTheNextSmallOneGo() {
        established();
        write(10);
        drain();
        write(20);
        advance(1_500);
        for (Seg s : out) {
            assertEquals(10, s.payload.length, "only what was lost");
        }
        assertTrue(drain() > 0);
        peer.acks(11, 65_535);
        expectData(ACK | PSH, 11, 1, 20);
        peer.acks(31, 65_535);
    }

    /** Nothing follows a FIN, so nothing is gained by waiting. */
    @Test
    void aFinIsNotHeld() {
        established();
        write(10);
        drain();
        write(20);
        expectNothing();
        shutdownOutput();
        expectData(FIN | ACK | PSH, 11, 1, 20);
        peer.acks(32, 65_535);
        abort();
        drain();
    }

    /** TCP_CORK holds a small segment even while nothing is outstanding, and full ones never. */
    @Test
    void aCorkHoldsWhatNagleWouldSend() {
        options.cork = true;
        established();
        write(1);
        expectNothing();
        write(2 * MSS);
        Seg s = out.pollFirst();
        assertEquals(MSS, s.payload.length);
        expectData(ACK, 1 + MSS, 1, MSS);
        expectNothing();
        connection.setOption(TcpOption.TCP_CORK, false, nowNs);
        flush();
        expectData(ACK | PSH, 1 + 2 * MSS, 1, 1);
        peer.acks(2 + 2 * MSS, 65_535);
    }
}
