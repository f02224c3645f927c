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
    void slowStartDoesNotGrowBeyondThePeersWindow() {
        // RFC 9438, section 4.6: cwnd is kept "from growing when the volume of bytes in flight is smaller than cwnd".
        openWithRtt(100);
        write(100_000);
        assertEquals(10, drain());
        advance(100);
        for (int i = 1; i <= 5; i++) {
            peer.acks(1 + 2000 * i, 15_000);
        }
        drain();
        assertTrue(info().cwnd >= 15_000 && info().cwnd <= 17_000, "cwnd " + info().cwnd);
        advance(200);
        drain();
        // The peer offers more: growth goes on.
        for (int i = 1; i <= 5; i++) {
            peer.acks(10_001 + 2000 * i, 60_000);
        }
        drain();
        advance(100);
        drain();
        peer.acks(30_001, 60_000);
        assertTrue(info().cwnd > 17_000, "cwnd " + info().cwnd);
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

    @Test
    void theUsersLimitHoldsFromTheMomentItIsSet() {
        established(60_000, mss(1000));
        connection.setOption(TcpOption.SO_MAX_PACING_RATE, 10_000L, nowNs);
        write(3_000);
        assertEquals(2, drain(), "two segments are one piece");
        advance(199);
        expectNothing();
        advance(1);
        assertEquals(1, drain());
    }
}
