package dev.penstock.stack.base;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class CountersTest {
    private final Counters counters = new Counters();

    @Test
    void countsEachForItself() {
        for (DropReason r : DropReason.values()) {
            counters.drop(r);
        }
        counters.drop(DropReason.TCP_BAD_CHECKSUM);
        for (StackCounter c : StackCounter.values()) {
            counters.count(c);
        }
        counters.count(StackCounter.BYTES_IN, 1L << 40);
        for (DropReason r : DropReason.values()) {
            assertEquals(r == DropReason.TCP_BAD_CHECKSUM ? 2 : 1, counters.get(r), r.name());
        }
        for (StackCounter c : StackCounter.values()) {
            assertEquals(c == StackCounter.BYTES_IN ? (1L << 40) + 1 : 1, counters.get(c), c.name());
        }
        assertEquals(DropReason.values().length + 1, counters.totalDrops());
    }

    @Test
    void printsWhatIsNotZero() {
        assertEquals("", counters.toString());
        counters.count(StackCounter.FRAMES_IN, 3);
        counters.drop(DropReason.UDP_NO_PORT);
        assertEquals("FRAMES_IN=3 drop.UDP_NO_PORT=1", counters.toString());
    }

    @Test
    void invariantsThrowOnlyWhenBroken() {
        assertDoesNotThrow(() -> Invariant.check(true, "x"));
        assertDoesNotThrow(() -> Invariant.check(true, "x", 1, 2));
        Throwable e = assertThrows(IllegalStateException.class, () -> Invariant.check(false, "sndUna", 5, 4));
        assertEquals("broken invariant: sndUna (5, 4)", e.getMessage());
        assertThrows(IllegalStateException.class, () -> Invariant.check(false, "x"));
    }
}
