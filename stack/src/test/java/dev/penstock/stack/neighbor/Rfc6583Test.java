package dev.penstock.stack.neighbor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.timer.DeadlineQueue;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** RFC 6583: somebody has us ask for neighbours that are not there, as many as there are addresses. */
class Rfc6583Test {
    private static final long MS = 1_000_000L;
    private static final long MAC = 0x02_00_00_00_00_09L;
    private static final int MOST = 16;

    private final DeadlineQueue deadlines = new DeadlineQueue();
    private final Counters counters = new Counters();
    private final List<Long> asked = new ArrayList<>();
    private final NeighborResolver resolver = (hi, lo, mac, now) -> asked.add(lo);
    private final List<Boolean> told = new ArrayList<>();
    private final NeighborCache cache;
    private long now = 1_000 * MS;

    Rfc6583Test() {
        NeighborConfig d = NeighborConfig.defaults();
        NeighborConfig small = new NeighborConfig(
                MOST,
                d.maxWaiters(),
                d.retransTimerNs(),
                d.maxMulticastSolicits(),
                d.maxUnicastSolicits(),
                d.maxUnreachableSolicits(),
                d.delayFirstProbeNs(),
                d.baseReachableNs(),
                d.failedNs());
        cache = new NeighborCache(small, deadlines, RandomSource.seeded(1), counters);
    }

    private Neighbor obtain(long lo) {
        return cache.obtain(resolver, 0, 0, lo, now);
    }

    private void advance(long ns) {
        now += ns;
        deadlines.expire(now, 1000);
    }

    /** Asks for one more invented neighbour, and waits for it as half-open connections do. */
    private Neighbor invent(int i) {
        Neighbor n = obtain(1_000 + i);
        if (n != null) {
            n.await((reachable, at) -> told.add(reachable));
        }
        return n;
    }

    @Test
    void thoseThatWeTalkToStayThoughOthersAreWaitedFor() {
        Neighbor friend = obtain(1);
        cache.onSolicitedReply(friend, MAC, now);
        Neighbor quiet = obtain(2);
        cache.onSolicitedReply(quiet, MAC, now);
        for (int i = 0; i < 1_000; i++) {
            invent(i);
            friend.resolve(now);
            friend.confirm(now);
            advance(20 * MS);
        }
        assertTrue(friend.isCached());
        assertTrue(quiet.isCached(), "half of the cache is not for those that nobody has answered for");
        assertEquals(MAC, friend.resolve(now));
        assertTrue(cache.size() <= MOST);
    }

    @Test
    void theOldestQuestionIsGivenUpForTheNewest() {
        for (int i = 0; i < MOST / 2; i++) {
            invent(i);
        }
        advance(100 * MS);
        Neighbor first = cache.find(0, 0, 1_000);
        assertNotNull(invent(100));
        assertEquals(List.of(), told, "who waits is told later, not in the midst of something else");
        advance(0);
        assertEquals(NeighborState.FAILED, first.state());
        assertEquals(List.of(false), told);
        assertEquals(NeighborState.INCOMPLETE, cache.find(0, 0, 1_001).state());
    }

    @Test
    void everyQuestionHasTimeForItsAnswer() {
        for (int i = 0; i < MOST / 2; i++) {
            assertNotNull(invent(i));
        }
        advance(99 * MS);
        assertNull(invent(100), "so many at once are refused instead");
        assertEquals(1, counters.get(DropReason.NEIGHBOR_TABLE_FULL));
        Neighbor first = cache.find(0, 0, 1_000);
        cache.onSolicitedReply(first, MAC, now);
        assertEquals(List.of(true), told);
        assertNotNull(invent(101), "the place of one that answered is free");
        assertSame(NeighborState.REACHABLE, first.state());
    }

    @Test
    void questionsAreFewHoweverMuchIsAskedFor() {
        for (int i = 0; i < 100_000; i++) {
            invent(i);
            advance(10_000);
        }
        // One second: half of the cache each 100 ms, and repetitions.
        assertTrue(asked.size() <= 12 * MOST / 2, "asked " + asked.size() + " times");
    }
}
