package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The sending side asks {@link Pacer} before each piece: what the window allows is spread over the round trip. */
class PacedSendingTest extends TcpFixture {
    private void openWithRtt(int rttMs) {
        connecting();
        expect(SYN, 0, 0);
        advance(rttMs);
        peer.sends(SYN | ACK, 0, 1, 60_000, 0, mss(1000));
        expectAck(1, 1);
    }

    @Test
    void theInitialWindowGoesAtOnceAndTheNextIsSpread() {
        openWithRtt(100);
        write(100_000);
        assertEquals(10, drain());
        advance(100);
        peer.acks(10_001, 60_000);
        int atOnce = drain();
        assertTrue(atOnce >= 2 && atOnce < 6, "at once " + atOnce);
        // Twice the window a round trip in slow start: half a round trip is enough for all of it.
        advance(25);
        int after25 = atOnce + drain();
        assertTrue(after25 > 8 && after25 < 14, "after a quarter of the round trip " + after25);
        advance(35);
        assertEquals(20, after25 + drain());
    }

    @Test
    void theUsersLimitHoldsWithoutMeasurement() {
        options.maxPacingRate = 100_000;
        connecting();
        expect(SYN, 0, 0);
        peer.sends(SYN | ACK, 0, 1, 60_000, 0, mss(1000));
        expectAck(1, 1);
        write(10_000);
        assertEquals(2, drain());
        advance(60);
        int soFar = 2 + drain();
        assertTrue(soFar >= 6 && soFar <= 8, "100 kB/s make 6 kB in 60 ms: " + soFar);
    }
}
