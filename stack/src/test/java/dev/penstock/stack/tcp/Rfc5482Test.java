package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Test;

/** RFC 5482 and RFC 9293, section 3.8.3: the user timeout, as the local limit that the application sets. */
class Rfc5482Test extends RecoveryFixture {

    /** "The maximum amount of time that transmitted data may remain unacknowledged before TCP ... closes the connection". */
    private void endsAfter(long ms) {
        long begin = nowNs;
        while (connection.state() != TcpState.CLOSED && nowNs - begin < 10 * ms * MS) {
            advance(1);
        }
        closedWith(TcpError.TIMED_OUT);
        long took = (nowNs - begin) / MS;
        assertTrue(Math.abs(took - ms) <= 1, "after " + took + " ms");
        drain();
    }

    @Test
    void dataIsNotOutstandingLonger() {
        options.userTimeoutNs = 5_000 * MS;
        config.sack = false;
        open();
        write(SEGMENT);
        endsAfter(5_000);
    }

    /** With each tail loss probe and each fast retransmission the time began anew. */
    @Test
    void aProbeDoesNotProlongIt() {
        options.userTimeoutNs = 1_000 * MS;
        open();
        write(3 * SEGMENT);
        endsAfter(1_000);
        assertEquals(1, count(StackCounter.TCP_LOSS_PROBES));
    }

    @Test
    void aFastRetransmissionDoesNotProlongIt() {
        options.userTimeoutNs = 1_000 * MS;
        openAndSend(10);
        advance(200);
        acks(0, 1, 4);
        endsAfter(800);
    }

    @Test
    void itMayBeShorterThanTheRto() {
        options.userTimeoutNs = 150 * MS;
        open();
        write(SEGMENT);
        endsAfter(150);
    }

    @Test
    void progressBeginsItAnew() {
        options.userTimeoutNs = 1_000 * MS;
        openAndSend(5);
        for (int i = 1; i < 5; i++) {
            advance(900);
            drain();
            acks(i);
            state(TcpState.ESTABLISHED);
        }
        endsAfter(1_000);
    }

    @Test
    void anIdleConnectionIsNotConcerned() {
        options.userTimeoutNs = 1_000 * MS;
        openAndSend(1);
        acks(1);
        advance(60_000);
        state(TcpState.ESTABLISHED);
        write(SEGMENT);
        advance(900);
        state(TcpState.ESTABLISHED);
        drain();
        acks(2);
    }

    @Test
    void itEndsAnOpeningConnectionToo() {
        options.userTimeoutNs = 2_500 * MS;
        connecting();
        endsAfter(2_500);
    }

    @Test
    void withoutItR2Holds() {
        // SHLD-11: at least 100 seconds.
        open();
        write(SEGMENT);
        advance(100_000);
        state(TcpState.ESTABLISHED);
        assertTrue(drain() > 3);
    }
}
