package dev.penstock.apps.netsim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AllowanceTest {
    private static final long RTT = 100_000_000;
    private static final int MSS = 1448;
    private static final int FRAME = 1514;

    private static Allowance of(int buffer, double loss, String congestion, long bandwidth) {
        TransferSpec spec = new TransferSpec(RTT, 1, buffer, loss, congestion, bandwidth, 65536, 0, 0, false, 1);
        return new Allowance(spec, MSS, FRAME);
    }

    @Test
    void aFixedWindowIsABufferARoundTrip() {
        Allowance a = of(1000, 0.3, "none", 0);
        assertEquals(Allowance.Limit.BUFFER, a.limit());
        assertEquals(10_000, a.steadyRate(), 1e-6);
        // Handshake 100 ms, ten windows that leave 100 ms apart, and half a round trip for the last: 1.05 s.
        assertEquals(10_000 / 1.05, a.rate(10_000), 1e-6);
        assertEquals(1_000 / 0.15, a.rate(1_000), 1e-6);
    }

    @Test
    void slowStartComesFirst() {
        Allowance a = of(80 * MSS, 0, "reno", 0);
        // 10, 20, 40, 80, 80 segments: five flights.
        assertEquals(230 * MSS / 0.55, a.rate(230 * MSS), 1e-6);
        assertEquals(10 * MSS / 0.15, a.rate(10 * MSS), 1e-6);
        assertEquals(a.steadyRate(), a.rate(1L << 50), 1);
    }

    @Test
    void theLeastLimitHolds() {
        Allowance byLoss = of(1 << 20, 0.01, "reno", 1_000_000_000);
        assertEquals(Allowance.Limit.LOSS, byLoss.limit());
        assertEquals(Math.sqrt(150) * MSS * 10, byLoss.steadyRate(), 1e-6);
        Allowance byLink = of(TransferSpec.AUTO, 0, "cubic", 8_000_000);
        assertEquals(Allowance.Limit.LINK, byLink.limit());
        assertEquals(1e6 * MSS / FRAME, byLink.steadyRate(), 1e-6);
    }

    @Test
    void nothingLimitsAPerfectLink() {
        Allowance a = of(TransferSpec.AUTO, 0, "cubic", 0);
        assertTrue(Double.isInfinite(a.steadyRate()));
        // 10 + 20 + 40 segments: three flights.
        assertEquals(70 * MSS / 0.35, a.rate(70 * MSS), 1e-6);
    }
}
