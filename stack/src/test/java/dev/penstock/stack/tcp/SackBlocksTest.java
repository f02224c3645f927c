package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.RandomSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** {@link SackBlocks} against a set of bits and a list of all the first blocks there ever were. */
class SackBlocksTest {
    private static final int BASE = -500;
    private static final int SPAN = 3000;

    private final ReceiveState rcv = new ReceiveState();
    private final Reassembler held = new Reassembler(1000);
    private final SackBlocks blocks = new SackBlocks(rcv, held);
    private final BitSet model = new BitSet();
    /** The latest first. */
    private final List<Integer> triggers = new ArrayList<>();

    private final int[] starts = new int[4];
    private final int[] ends = new int[4];

    @Property(tries = 1000)
    void areWhatTheRfcAsksFor(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int max) {
        RandomSource random = RandomSource.seeded(seed);
        rcv.begin(BASE - 1);
        rcv.sack = true;
        held.clear();
        blocks.clear();
        model.clear();
        triggers.clear();
        for (int i = 0; i < 60; i++) {
            int start = 1 + random.nextInt(SPAN);
            int end = start + 1 + random.nextInt(60);
            if (random.nextInt(10) == 0) {
                advance(random.nextInt(SPAN / 10));
            } else if (start > rcv.nxt - BASE) {
                arrive(start, end, max);
            } else {
                blocks.onDuplicate(BASE + start, BASE + start + 1);
                check(-1, start, start + 1, max);
                blocks.onSent();
            }
        }
    }

    private void advance(int n) {
        int nxt = rcv.nxt - BASE + n;
        int moved = held.advance(BASE + nxt) - BASE;
        model.clear(0, moved);
        rcv.nxt = BASE + moved;
        blocks.onAdvance();
        assertEquals(0, blocks.pending());
    }

    private void arrive(int start, int end, int max) {
        int known = model.nextSetBit(start);
        int from = -1;
        int to = -1;
        if (known >= 0 && known < end) {
            from = known;
            to = Math.min(end, model.nextClearBit(known));
            blocks.onDuplicate(BASE + from, BASE + to);
        } else {
            blocks.onOutOfOrder(BASE + start);
        }
        held.add(BASE + start, BASE + end);
        model.set(start, end);
        check(start, from, to, max);
        blocks.onSent();
        triggers.add(0, start);
    }

    private void check(int trigger, int dupFrom, int dupTo, int max) {
        int n = blocks.fill(starts, ends, max, true);
        int at = 0;
        if (dupFrom >= 0) {
            assertEquals(dupFrom, starts[0] - BASE);
            assertEquals(dupTo, ends[0] - BASE);
            at = 1;
        }
        Set<Integer> seen = new HashSet<>();
        for (int i = at; i < n; i++) {
            int s = starts[i] - BASE;
            assertEquals(s, firstOf(s), "a block begins where a range begins");
            assertEquals(ends[i] - BASE, model.nextClearBit(s));
            assertTrue(seen.add(s), "blocks are distinct");
        }
        int ranges = held.ranges();
        assertEquals(Math.min(max, ranges + at), n, "as many as possible");
        List<Integer> expected = new ArrayList<>();
        if (trigger >= 0) {
            expected.add(firstOf(trigger));
        }
        // It remembers at least the last seven.
        for (int t : triggers.subList(0, Math.min(7, triggers.size()))) {
            if (model.get(t) && !expected.contains(firstOf(t))) {
                expected.add(firstOf(t));
            }
        }
        for (int i = at; i < n && i - at < expected.size(); i++) {
            assertEquals(expected.get(i - at), starts[i] - BASE, "the latest first");
        }
    }

    private int firstOf(int bit) {
        return model.previousClearBit(bit) + 1;
    }
}
