package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** TCP_USER_TIMEOUT with closed windows and with keepalives, as Linux's tcp(7) describes it; see {@link Rfc5482Test}. */
class UserTimeoutTest extends TcpFixture {

    /** "or buffered data may remain untransmitted (due to zero window size) before TCP will forcibly close the connection". */
    @Test
    void dataThatAClosedWindowHoldsBackIsNotHeldForEver() {
        options.userTimeoutNs = 5_000 * MS;
        established(0, mss(MSS));
        write(100);
        for (int i = 0; i < 49; i++) {
            advance(100);
            if (drain() > 0) {
                // The probes are answered all the time.
                peer.acks(1, 0);
            }
        }
        state(TcpState.ESTABLISHED);
        advance(99);
        state(TcpState.ESTABLISHED);
        advance(1);
        closedWith(TcpError.TIMED_OUT);
        drain();
    }

    @Test
    void aWindowThatOpensEndsTheCount() {
        options.userTimeoutNs = 5_000 * MS;
        established(0, mss(MSS));
        write(100);
        advance(4_000);
        peer.acks(1, 1_000);
        peer.acks(101, 0);
        drain();
        write(100);
        advance(4_900);
        state(TcpState.ESTABLISHED);
        advance(100);
        closedWith(TcpError.TIMED_OUT);
        drain();
    }

    /** MUST-37 stays where the application has not asked for a limit. */
    @Test
    void withoutItAClosedWindowIsProbedForEver() {
        established(0, mss(MSS));
        write(100);
        for (int i = 0; i < 100; i++) {
            advance(60_000);
            drain();
            peer.acks(1, 0);
        }
        state(TcpState.ESTABLISHED);
        abort();
        drain();
    }

    private void keepalives(int idle, int interval, int count) {
        options.keepAlive = true;
        options.keepIdleNs = idle * 1_000L * MS;
        options.keepIntervalNs = interval * 1_000L * MS;
        options.keepCount = count;
        established();
    }

    /** "TCP_USER_TIMEOUT will override keepalive to determine when to close a connection due to keepalive failure". */
    @Test
    void itEndsAnIdleConnectionBeforeTheLastProbe() {
        options.userTimeoutNs = 25_000 * MS;
        keepalives(10, 10, 9);
        advance(24_999);
        assertEquals(2, drain());
        state(TcpState.ESTABLISHED);
        advance(1);
        closedWith(TcpError.TIMED_OUT);
    }

    @Test
    void orLaterThanTheNumberOfProbesWould() {
        options.userTimeoutNs = 60_000 * MS;
        keepalives(10, 10, 2);
        advance(59_999);
        assertEquals(5, drain(), "it has no effect on when probes are sent");
        state(TcpState.ESTABLISHED);
        advance(1);
        closedWith(TcpError.TIMED_OUT);
        drain();
    }

    /** A silence that no probe has asked about is no failure: the connection is idle. */
    @Test
    void atLeastOneProbeIsSent() {
        options.userTimeoutNs = 5_000 * MS;
        keepalives(10, 10, 9);
        advance(10_000);
        expectAck(0, 1);
        state(TcpState.ESTABLISHED);
        peer.acks(1, 65_535);
        advance(10_000);
        expectAck(0, 1);
        state(TcpState.ESTABLISHED);
        advance(10_000);
        closedWith(TcpError.TIMED_OUT);
        drain();
    }
}
