package dev.penstock.stack.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SeqNumTest {

    @Property
    void orderFollowsDistanceAcrossTheWrap(@ForAll int base, @ForAll @IntRange(min = 1) int ahead) {
        int later = base + ahead;
        assertTrue(SeqNum.lt(base, later));
        assertTrue(SeqNum.gt(later, base));
        assertTrue(SeqNum.leq(base, later));
        assertFalse(SeqNum.geq(base, later));
        assertEquals(later, SeqNum.max(base, later));
        assertEquals(base, SeqNum.min(base, later));
        assertEquals(ahead, SeqNum.distance(base, later));
    }

    @Property
    void windowHoldsExactlyItsLength(@ForAll int low, @ForAll @IntRange(min = 1) int length) {
        assertTrue(SeqNum.inWindow(low, low, length));
        assertTrue(SeqNum.inWindow(low + length - 1, low, length));
        assertFalse(SeqNum.inWindow(low + length, low, length));
        assertFalse(SeqNum.inWindow(low - 1, low, length));
        assertFalse(SeqNum.inWindow(low, low, 0));
    }

    @Test
    void leftOpenIntervalExcludesItsLowerEnd() {
        assertFalse(SeqNum.inLeftOpen(-1, -1, 1));
        assertTrue(SeqNum.inLeftOpen(0, -1, 1));
        assertTrue(SeqNum.inLeftOpen(1, -1, 1));
        assertFalse(SeqNum.inLeftOpen(2, -1, 1));
    }
}
