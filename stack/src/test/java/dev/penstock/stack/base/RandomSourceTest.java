package dev.penstock.stack.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RandomSourceTest {

    /** The published first outputs of SplitMix64 for the seed 1234567. */
    @Test
    void matchesThePublishedSequence() {
        RandomSource r = RandomSource.seeded(1234567);
        assertEquals(Long.parseUnsignedLong("6457827717110365317"), r.nextLong());
        assertEquals(Long.parseUnsignedLong("3203168211198807973"), r.nextLong());
        assertEquals(Long.parseUnsignedLong("9817491932198370423"), r.nextLong());
        assertEquals(Long.parseUnsignedLong("4593380528125082431"), r.nextLong());
        assertEquals(Long.parseUnsignedLong("16408922859458223821"), r.nextLong());
    }

    @Property
    void staysWithinBounds(@ForAll long seed, @ForAll @IntRange(min = 1) int bound) {
        RandomSource r = RandomSource.seeded(seed);
        for (int i = 0; i < 20; i++) {
            int n = r.nextInt(bound);
            assertTrue(n >= 0 && n < bound);
            double d = r.nextDouble();
            assertTrue(d >= 0 && d < 1);
        }
    }

    @Test
    void fillsTheRangeEvenly() {
        RandomSource r = RandomSource.seeded(1);
        int[] counts = new int[10];
        double sum = 0;
        for (int i = 0; i < 100_000; i++) {
            counts[r.nextInt(10)]++;
            sum += r.nextDouble();
        }
        for (int c : counts) {
            assertTrue(Math.abs(c - 10_000) < 500, "count " + c);
        }
        assertEquals(0.5, sum / 100_000, 0.01);
    }

    @Test
    void refusesAnEmptyRange() {
        RandomSource r = RandomSource.seeded(1);
        assertThrows(IllegalArgumentException.class, () -> r.nextInt(0));
        assertThrows(IllegalArgumentException.class, () -> r.nextInt(-1));
    }

    @Test
    void halvesAreTheHighBits() {
        assertEquals(
                (int) (RandomSource.seeded(5).nextLong() >>> 32),
                RandomSource.seeded(5).nextInt());
    }
}
