package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** {@link Reassembler} against a set of bits, with sequence numbers that wrap. */
class ReassemblerTest {
    private static final int BASE = -1000;
    private static final int SPAN = 4000;

    @Property(tries = 2000)
    void isTheUnionOfWhatWasAdded(
            @ForAll @Size(max = 60) List<@IntRange(max = SPAN * 200 - 1) Integer> pieces,
            @ForAll @IntRange(min = 1, max = 12) int limit) {
        Reassembler r = new Reassembler(limit);
        BitSet model = new BitSet();
        for (int piece : pieces) {
            int start = 1 + piece / 200;
            int end = start + 1 + piece % 200;
            boolean room = r.hasRoomFor(BASE + start, BASE + end);
            BitSet next = (BitSet) model.clone();
            next.set(start, end);
            if (ranges(next) <= limit && !room) {
                // Full, and it touches nothing: only then is a piece refused.
                assertEquals(limit + 1, ranges(next));
            }
            if (room) {
                r.add(BASE + start, BASE + end);
                model = next;
            }
            same(r, model, limit);
        }
        int nxt = model.isEmpty() ? 0 : model.nextSetBit(0);
        int through = r.advance(BASE + nxt);
        assertEquals(model.isEmpty() ? nxt : model.nextClearBit(nxt), through - BASE);
        model.clear(0, through - BASE);
        same(r, model, limit);
    }

    @Property(tries = 1000)
    void advancingAnywhereForgetsWhatLiesBefore(
            @ForAll @Size(max = 30) List<@IntRange(max = SPAN * 200 - 1) Integer> pieces,
            @ForAll @IntRange(max = SPAN) int nxt) {
        Reassembler r = new Reassembler(100);
        BitSet model = new BitSet();
        for (int piece : pieces) {
            int start = 1 + piece / 200;
            r.add(BASE + start, BASE + start + 1 + piece % 200);
            model.set(start, start + 1 + piece % 200);
        }
        // A range that begins at nxt or before goes, and carries nxt along if it reaches further.
        int moved = nxt;
        for (int s = model.nextSetBit(0); s >= 0 && s <= moved; s = model.nextSetBit(s)) {
            int e = model.nextClearBit(s);
            moved = Math.max(moved, e);
            model.clear(s, e);
        }
        assertEquals(moved, r.advance(BASE + nxt) - BASE);
        same(r, model, 100);
    }

    private static int ranges(BitSet b) {
        int n = 0;
        for (int s = b.nextSetBit(0); s >= 0; s = b.nextSetBit(b.nextClearBit(s))) {
            n++;
        }
        return n;
    }

    private static void same(Reassembler r, BitSet model, int limit) {
        int i = 0;
        for (int s = model.nextSetBit(0); s >= 0; s = model.nextSetBit(model.nextClearBit(s))) {
            assertTrue(i < r.ranges());
            assertEquals(s, r.start(i) - BASE);
            assertEquals(model.nextClearBit(s), r.end(i) - BASE);
            i++;
        }
        assertEquals(i, r.ranges());
        assertTrue(i <= limit);
        assertEquals(i == 0, r.isEmpty());
    }

    @Example
    void clearForgetsEverything() {
        Reassembler r = new Reassembler(2);
        r.add(1, 2);
        r.add(4, 5);
        assertFalse(r.hasRoomFor(7, 8));
        assertTrue(r.hasRoomFor(5, 8));
        r.clear();
        assertTrue(r.isEmpty());
        assertTrue(r.hasRoomFor(7, 8));
        assertEquals(3, r.advance(3));
    }
}
