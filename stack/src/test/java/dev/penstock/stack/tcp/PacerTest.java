package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Pacing, in virtual time. */
class PacerTest {
    private static final long MS = 1_000_000L;
    private static final long MB = 1_000_000L;

    private final Pacer pacer = new Pacer();
    private long nowNs = 5_000 * MS;

    private void rate(long bytesPerSecond) {
        pacer.setRate(bytesPerSecond, 0, 1000);
    }

    /** Sends what may go now, at most so many bytes; answers how many went. */
    private long burst(long atMost) {
        long sent = 0;
        while (sent < atMost && pacer.maySend(nowNs)) {
            long n = Math.min(pacer.quantum(), atMost - sent);
            pacer.onSent(n, nowNs);
            sent += n;
        }
        return sent;
    }

    @Test
    void withoutARateEverythingGoesAtOnce() {
        assertEquals(1 << 20, burst(1 << 20));
        assertTrue(pacer.maySend(nowNs));
        assertTrue(pacer.earliestNs() <= nowNs);
        assertFalse(Pacer.paces(-1), "no pacing before the first measurement");
        assertFalse(Pacer.paces(300_000));
        assertTrue(Pacer.paces(10 * MS));
    }

    @Test
    void theQuantumIsAMillisecondOfWholeSegments() {
        rate(10 * MB);
        assertEquals(10_000, pacer.quantum());
        pacer.setRate(10 * MB, 0, 1460);
        assertEquals(6 * 1460, pacer.quantum());
        rate(100_000);
        assertEquals(2000, pacer.quantum(), "two segments at least");
        rate(200 * MB);
        assertEquals(Pacer.MAX_QUANTUM, pacer.quantum() + Pacer.MAX_QUANTUM % 1000, 1000);
        assertTrue(pacer.quantum() <= Pacer.MAX_QUANTUM);
    }

    @Test
    void overASecondTheRateIsKeptExactly() {
        rate(3 * MB);
        long start = nowNs;
        long sent = 0;
        while (nowNs < start + 1000 * MS) {
            long n = burst(Long.MAX_VALUE);
            assertTrue(n <= 3000, "one quantum at a time");
            sent += n;
            nowNs = pacer.earliestNs();
        }
        assertEquals(3.0 * MB, (double) sent, 3000);
    }

    @Test
    void aLateWakeUpIsMadeUpFor() {
        // A poll timeout that is up to a millisecond late, as over TAP.
        rate(10 * MB);
        long start = nowNs;
        long sent = 0;
        int i = 0;
        while (nowNs < start + 1000 * MS) {
            sent += burst(Long.MAX_VALUE);
            nowNs = pacer.earliestNs() + (i++ * 37 % 100) * 10_000L;
        }
        assertEquals(10.0 * MB, (double) sent, 0.1 * MB);
    }

    @Test
    void aVeryLateWakeUpIsMadeUpForOnlyInPart() {
        rate(10 * MB);
        burst(Long.MAX_VALUE);
        nowNs += 500 * MS;
        assertEquals(50_000, (double) burst(Long.MAX_VALUE), 1000);
    }

    @Test
    void anIdleTimeGivesNoCredit() {
        rate(10 * MB);
        pacer.onSent(pacer.quantum(), nowNs);
        // It had nothing more to send: nobody was refused.
        nowNs += 1000 * MS;
        assertEquals(10_000, burst(Long.MAX_VALUE));
    }

    @Test
    void catchingUpEndsWithTheFlushThatWasLate() {
        rate(10 * MB);
        burst(Long.MAX_VALUE);
        nowNs = pacer.earliestNs() + 3 * MS;
        // Late by three pieces, but there was only one to send.
        assertEquals(10_000, burst(10_000));
        nowNs += 200 * MS;
        assertEquals(10_000, burst(Long.MAX_VALUE));
    }

    @Test
    void theOptionLimitsTheRateEvenWhereNothingElseDoes() {
        pacer.setRate(Pacer.UNLIMITED, 2 * MB, 1000);
        assertEquals(2 * MB, pacer.rate());
        pacer.setRate(MB, 2 * MB, 1000);
        assertEquals(MB, pacer.rate());
        pacer.setRate(MB, 0, 1000);
        assertEquals(MB, pacer.rate());
        assertEquals(2000, burst(Long.MAX_VALUE));
        assertEquals(nowNs + 2 * MS, pacer.earliestNs());
    }

    @Test
    void aRateThatNoTimerCanKeepIsNotPaced() {
        // 64 KiB in less than 0.1 ms.
        pacer.setRate(1000 * MB, 0, 1000);
        assertEquals(Pacer.UNLIMITED, pacer.rate());
        pacer.setRate(600 * MB, 0, 1000);
        assertEquals(600 * MB, pacer.rate());
        // The user's own limit is kept, whatever it costs.
        pacer.setRate(1000 * MB, 900 * MB, 1000);
        assertEquals(900 * MB, pacer.rate());
    }

    @Test
    void aNewRateCountsFromTheNextPieceOn() {
        rate(MB);
        burst(Long.MAX_VALUE);
        long next = pacer.earliestNs();
        rate(10 * MB);
        assertEquals(next, pacer.earliestNs());
        nowNs = next;
        assertEquals(10_000, burst(Long.MAX_VALUE));
        assertEquals(next + MS, pacer.earliestNs());
    }
}
