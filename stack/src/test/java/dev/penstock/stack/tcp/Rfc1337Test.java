package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Test;

/** RFC 1337: the hazards of TIME-WAIT assassination; and what the small record that stands for TIME-WAIT answers. */
class Rfc1337Test extends TcpFixture {
    private static final int T0 = 900;

    private void toTimeWait(byte[]... synOptions) {
        established(65_535, synOptions);
        boolean stamped = synOptions.length > 1;
        close();
        expect(FIN | ACK, 1, 1);
        if (stamped) {
            peer.sends(FIN | ACK, 1, 2, 1000, 0, stamps(T0 + 5, 0));
        } else {
            peer.sends(FIN | ACK, 1, 2, 1000, 0);
        }
        expectAck(2, 2);
        state(TcpState.TIME_WAIT);
    }

    private void stampedTimeWait() {
        config.timestamps = true;
        listen();
        peer.sends(SYN, 0, 0, 65_535, 0, mss(MSS), stamps(T0, 0));
        iss = expect(SYN | ACK, 0, 1).rawSeq;
        peer.sends(ACK, 1, 1, 65_535, 0, stamps(T0 + 1, 0));
        close();
        expect(FIN | ACK, 1, 1);
        peer.sends(FIN | ACK, 1, 2, 1000, 0, stamps(T0 + 5, 0));
        expectAck(2, 2);
        state(TcpState.TIME_WAIT);
    }

    /** Section 3: "(F1) Ignore RST segments in TIME-WAIT state." */
    @Test
    void f1ResetsAreIgnored() {
        toTimeWait(mss(MSS));
        for (int seq : new int[] {0, 1, 2, 3, 1000}) {
            peer.sends(RST, seq, 0, 0, 0);
            peer.sends(RST | ACK, seq, 2, 0, 0);
        }
        expectNothing();
        assertEquals(10, drops(DropReason.TCP_TIME_WAIT));
        advance(59_999);
        state(TcpState.TIME_WAIT);
        advance(1);
        state(TcpState.CLOSED);
    }

    /** Section 2, hazard H1: old data is acknowledged, and the reset that this provokes assassinates nothing. */
    @Test
    void h1OldDuplicateDataAndTheResetItProvokes() {
        toTimeWait(mss(MSS));
        peer.sends(ACK, -100, 1, 1000, 50);
        expectAck(2, 2);
        peer.sends(RST, 2, 0, 0, 0);
        state(TcpState.TIME_WAIT);
    }

    /** RFC 9293, 3.10.7.4: "a retransmission of the remote FIN. Acknowledge it, and restart the 2 MSL timeout." */
    @Test
    void theRepeatedFinBeginsTheTimeAnew() {
        stampedTimeWait();
        advance(50_000);
        peer.sends(FIN | ACK, 1, 2, 1000, 0, stamps(T0 + 50_000, 0));
        Seg s = expect(ACK, 2, 2);
        assertEquals(T0 + 50_000, s.options.tsEcr);
        advance(3 * 60_000 - 1);
        state(TcpState.TIME_WAIT);
        advance(1);
        state(TcpState.CLOSED);
    }

    /** A peer that sends its FIN at RTOs of a minute, RFC 6298's least maximum, and loses one copy, still finds the record. */
    @Test
    void aFinThatComesAgainAfterTwoMinutesIsStillAcknowledged() {
        toTimeWait(mss(MSS));
        advance(59_000);
        peer.sends(FIN | ACK, 1, 2, 1000, 0);
        expectAck(2, 2);
        for (int i = 0; i < 3; i++) {
            advance(120_500);
            peer.sends(FIN | ACK, 1, 2, 1000, 0);
            expectAck(2, 2);
        }
        advance(3 * 60_000);
        state(TcpState.CLOSED);
    }

    /** Where the other end is gone already, each answer to one of its old segments provokes a reset. */
    @Test
    void lateDuplicatesAreAnsweredTwiceASecondAtMost() {
        toTimeWait(mss(MSS));
        for (int i = 0; i < 75; i++) {
            peer.sends(ACK | PSH, -100 - i, 2, 1000, 90);
            advance(1);
        }
        assertEquals(1, drain());
        assertEquals(74, count(StackCounter.TCP_TIME_WAIT_ACKS_LIMITED));
        advance(500);
        peer.sends(ACK, -100, 2, 1000, 90);
        expectAck(2, 2);
        // Its FIN is another matter: whoever sends that is still there, and waits.
        peer.sends(FIN | ACK, 1, 2, 1000, 0);
        expectAck(2, 2);
        peer.sends(FIN | ACK, -49, 2, 1000, 50);
        expectAck(2, 2);
    }

    /** Each record counts for itself. */
    @Test
    void anotherConnectionIsAnswered() {
        toTimeWait(mss(MSS));
        peer.sends(ACK, -100, 2, 1000, 50);
        expectAck(2, 2);
        acceptor.close(nowNs);
        remotePort++;
        app.connected = 0;
        app.closed = 0;
        toTimeWait(mss(MSS));
        peer.sends(ACK, -100, 2, 1000, 50);
        expectAck(2, 2);
    }

    /** PAWS: an old duplicate of the FIN is acknowledged but does not prolong the wait. */
    @Test
    void anOldFinDoesNotProlongIt() {
        stampedTimeWait();
        advance(50_000);
        peer.sends(FIN | ACK, 1, 2, 1000, 0, stamps(T0, 0));
        Seg s = expect(ACK, 2, 2);
        assertEquals(T0 + 5, s.options.tsEcr);
        advance(10_000);
        state(TcpState.CLOSED);
    }

    /** RFC 7323, section 5.4: the clock of the acknowledgments is that of the connection. */
    @Test
    void theTimestampClockGoesOn() {
        config.timestamps = true;
        listen();
        peer.sends(SYN, 0, 0, 65_535, 0, mss(MSS), stamps(T0, 0));
        Seg synAck = expect(SYN | ACK, 0, 1);
        iss = synAck.rawSeq;
        peer.sends(ACK, 1, 1, 65_535, 0, stamps(T0 + 1, 0));
        close();
        drain();
        advance(100);
        peer.sends(FIN | ACK, 1, 2, 1000, 0, stamps(T0 + 5, 0));
        Seg ack = expect(ACK, 2, 2);
        assertEquals(100, ack.options.tsVal - synAck.options.tsVal);
        peer.sends(ACK, 2, 2, 1000, 0);
        expectNothing();
        assertEquals(1, drops(DropReason.TCP_OLD_TIMESTAMP), "without the timestamp it is not from the peer");
    }

    @Test
    void twoConfusedEndsDoNotAcknowledgeForEver() {
        toTimeWait(mss(MSS));
        for (int i = 0; i < 100; i++) {
            peer.sends(ACK, 700, 2, 1000, 0);
        }
        assertEquals(1, drain());
        peer.sends(ACK, 2, 2, 1000, 0);
        expectNothing();
        advance(1000);
        peer.sends(ACK, 700, 2, 1000, 0);
        expectAck(2, 2);
    }

    /** Input never emits: the acknowledgments wait for the flush, so many and no more. */
    @Test
    void theAcknowledgmentsOfOneBurstAreLimited() {
        config.maxPendingAcks = 4;
        toTimeWait(mss(MSS));
        for (int i = 0; i < 10; i++) {
            peer.arrives(FIN | ACK, 1, 2, 1000, 0);
        }
        expectNothing();
        flush();
        assertEquals(4, drain());
        assertEquals(6, drops(DropReason.TCP_ACK_LIMITED));
    }

    /** The record holds no path, no timer and no queue of the connection, and the limit holds. */
    @Test
    void thousandsCostLittle() {
        config.maxTimeWait = 5_000;
        listen();
        int records = 6_000;
        for (int i = 0; i < records; i++) {
            remotePort = 10_000 + i;
            app.connected = 0;
            peer.sends(SYN, 0, 0, 1000, 0);
            iss = out.pollLast().rawSeq;
            peer.sends(ACK, 1, 1, 1000, 0);
            connection.close(nowNs);
            flush();
            peer.sends(FIN | ACK, 1, 2, 1000, 0);
            state(TcpState.TIME_WAIT);
            drain();
            app.closed = 0;
        }
        assertEquals(5_000, tcp.connections());
        assertEquals(1_000, count(StackCounter.TCP_TIME_WAIT_OVERFLOWS));
        assertEquals(0, ip.openPaths);
        assertTrue(deadlines.size() <= 2, "deadlines " + deadlines.size());
        assertEquals(0, chunks.outstanding());
        advance(60_000);
        assertEquals(0, tcp.connections());
    }
}
