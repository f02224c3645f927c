package dev.penstock.stack.neighbor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** What can be configured of neighbours, to the edges. */
class NeighborConfigTest {
    private static NeighborConfig with(
            int entries, int waiters, long retrans, int multicast, int unicast, long... times) {
        return new NeighborConfig(entries, waiters, retrans, multicast, unicast, times[0], times[1], times[2]);
    }

    @Test
    void theLeastAndTheMostAreTaken() {
        assertEquals(1, with(1, 1, 1, 1, 1, 1, 2, 1).maxEntries());
        assertEquals(1 << 20, with(1 << 20, 1, 1, 1, 1, 1, 2, 1).maxEntries());
    }

    @Test
    void lessThanTheLeastAndMoreThanTheMostAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> with(0, 1, 1, 1, 1, 1, 2, 1));
        assertThrows(IllegalArgumentException.class, () -> with((1 << 20) + 1, 1, 1, 1, 1, 1, 2, 1));
        assertThrows(IllegalArgumentException.class, () -> with(1, 0, 1, 1, 1, 1, 2, 1));
        assertThrows(IllegalArgumentException.class, () -> with(1, 1, 0, 1, 1, 1, 2, 1));
        assertThrows(IllegalArgumentException.class, () -> with(1, 1, 1, 0, 1, 1, 2, 1));
        assertThrows(IllegalArgumentException.class, () -> with(1, 1, 1, 1, 0, 1, 2, 1));
        assertThrows(IllegalArgumentException.class, () -> with(1, 1, 1, 1, 1, 0, 2, 1));
        assertThrows(IllegalArgumentException.class, () -> with(1, 1, 1, 1, 1, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> with(1, 1, 1, 1, 1, 1, 2, 0));
    }

    @Test
    void theTimesOfTheRfcAreTheDefaults() {
        // RFC 4861, section 10: RETRANS_TIMER, MAX_MULTICAST_SOLICIT, MAX_UNICAST_SOLICIT, DELAY_FIRST_PROBE_TIME,
        // REACHABLE_TIME.
        NeighborConfig c = NeighborConfig.defaults();
        long second = 1_000_000_000L;
        assertEquals(second, c.retransTimerNs());
        assertEquals(3, c.maxMulticastSolicits());
        assertEquals(3, c.maxUnicastSolicits());
        assertEquals(5 * second, c.delayFirstProbeNs());
        assertEquals(30 * second, c.baseReachableNs());
    }
}
