package dev.penstock.stack.neighbor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.MacAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The neighbour state machine of RFC 4861, section 7.3.2, and the bounds of the cache. */
class Rfc4861Test {
    private static final long SECOND = 1_000_000_000L;
    private static final long MAC = 0x02_00_00_00_00_09L;

    private final DeadlineQueue deadlines = new DeadlineQueue();
    private final Counters counters = new Counters();
    private final List<String> asked = new ArrayList<>();
    private final NeighborResolver resolver =
            (hi, lo, mac, now) -> asked.add(now / SECOND + (mac == MacAddress.NONE ? " all" : " one"));
    private NeighborCache cache =
            new NeighborCache(NeighborConfig.defaults(), deadlines, RandomSource.seeded(1), counters);
    private long now = 100 * SECOND;

    private Neighbor obtain(long lo) {
        return cache.obtain(resolver, 0, 0, lo, now);
    }

    private void advance(long ns) {
        long end = now + ns;
        while (deadlines.nextDeadlineNs() <= end) {
            now = deadlines.nextDeadlineNs();
            deadlines.expire(now, 1000);
        }
        now = end;
    }

    @Requirement({"RFC1122:LL-3", "RFC1122:LL-5", "RFC1122:IP-104", "RFC1122:IP-105", "RFC1122:IP-106", "RFC1122:IP-107"
    })
    @Requirement("RFC4861:7.3.3-1")
    @Test
    void fromNothingToReachableToStaleToProbeToGone() {
        Neighbor n = obtain(1);
        assertEquals(NeighborState.INCOMPLETE, n.state());
        assertEquals(Neighbor.UNRESOLVED, n.resolve(now));
        assertEquals(List.of("100 all"), asked);
        cache.onSolicitedReply(n, MAC, now);
        assertEquals(NeighborState.REACHABLE, n.state());
        assertEquals(MAC, n.resolve(now));
        advance(14 * SECOND);
        assertEquals(NeighborState.REACHABLE, n.state(), "at least half of 30 s");
        advance(31 * SECOND + 1);
        assertEquals(NeighborState.STALE, n.state(), "at most one and a half times 30 s");
        advance(1000 * SECOND);
        assertEquals(NeighborState.STALE, n.state(), "nobody sends");
        asked.clear();
        assertEquals(MAC, n.resolve(now));
        assertEquals(NeighborState.DELAY, n.state());
        long t = now / SECOND;
        advance(5 * SECOND);
        assertEquals(NeighborState.PROBE, n.state());
        assertEquals(MAC, n.resolve(now), "used meanwhile");
        advance(3 * SECOND);
        assertEquals(List.of((t + 5) + " one", (t + 6) + " one", (t + 7) + " one"), asked);
        assertFalse(n.isCached());
        assertNull(cache.find(0, 0, 1));
        assertEquals(0, deadlines.size());
        assertEquals(1, counters.get(StackCounter.NEIGHBOR_FAILED));
        assertEquals(NeighborState.INCOMPLETE, obtain(1).state(), "traffic begins anew");
    }

    @Test
    void aReplyEndsTheProbe() {
        Neighbor n = stale();
        n.resolve(now);
        advance(6 * SECOND);
        assertEquals(NeighborState.PROBE, n.state());
        cache.onSolicitedReply(n, MAC, now);
        assertEquals(NeighborState.REACHABLE, n.state());
    }

    @Requirement({"RFC1122:IP-108", "RFC1122:IP-109", "RFC4861:7.3.1-2"})
    @Test
    void confirmationFromAboveSparesTheProbe() {
        Neighbor n = stale();
        n.resolve(now);
        n.confirm(now);
        assertEquals(NeighborState.REACHABLE, n.state());
        asked.clear();
        for (int i = 0; i < 100; i++) {
            advance(5 * SECOND);
            n.confirm(now);
            n.resolve(now);
            assertEquals(NeighborState.REACHABLE, n.state());
        }
        assertEquals(List.of(), asked);
        Neighbor unknown = obtain(2);
        unknown.confirm(now);
        assertEquals(NeighborState.INCOMPLETE, unknown.state());
    }

    private Neighbor stale() {
        cache.learn(resolver, 0, 0, 1, MAC, now);
        Neighbor n = cache.find(0, 0, 1);
        assertEquals(NeighborState.STALE, n.state());
        assertEquals(List.of(), asked);
        return n;
    }

    @Test
    void anotherAddressMakesItStaleAndTheSameChangesNothing() {
        Neighbor n = obtain(1);
        cache.onSolicitedReply(n, MAC, now);
        cache.update(n, MAC, now);
        assertEquals(NeighborState.REACHABLE, n.state());
        cache.update(n, MAC + 1, now);
        assertEquals(NeighborState.STALE, n.state());
        assertEquals(MAC + 1, n.mac());
        cache.onSolicitedReply(n, MAC + 2, now);
        assertEquals(NeighborState.STALE, n.state(), "an answer to nothing we asked is only a hint");
        assertEquals(0, deadlines.size());
    }

    @Test
    void failureIsRememberedForThreeSecondsAndAnySignOfLifeEndsIt() {
        List<Boolean> told = new ArrayList<>();
        Neighbor n = obtain(1);
        assertTrue(n.await((reachable, t) -> told.add(reachable)));
        advance(3 * SECOND);
        assertEquals(List.of(false), told);
        assertEquals(NeighborState.FAILED, n.state());
        assertEquals(Neighbor.UNREACHABLE, n.resolve(now));
        assertFalse(n.await((reachable, t) -> told.add(reachable)));
        assertEquals(3, asked.size());
        cache.update(n, MAC, now);
        assertEquals(MAC, n.resolve(now));
        Neighbor other = obtain(2);
        advance(3 * SECOND);
        assertEquals(NeighborState.FAILED, other.state());
        advance(3 * SECOND);
        assertFalse(other.isCached());
    }

    @Test
    void theOldestStaleEntryGoesFirstAndTheReachableOneStays() {
        cache = new NeighborCache(
                new NeighborConfig(4, 2, SECOND, 3, 3, 0, SECOND, SECOND, SECOND),
                deadlines,
                RandomSource.seeded(1),
                counters);
        for (int i = 1; i <= 4; i++) {
            cache.learn(resolver, 0, 0, i, MAC + i, now);
            now++;
        }
        cache.onSolicitedReply(cache.find(0, 0, 1), MAC + 1, now);
        NeighborWaiter waiter = (reachable, t) -> {};
        for (int i = 5; i <= 6; i++) {
            now++;
            assertNotNull(obtain(i));
            assertNull(cache.find(0, 0, i - 3), "the oldest went");
            assertTrue(obtain(i).await(waiter));
            assertTrue(obtain(i).await(waiter));
            assertFalse(obtain(i).await(waiter), "waiters are limited");
        }
        assertNull(obtain(7), "half of them are asked for at most");
        assertEquals(4, cache.size());
        assertEquals(NeighborState.REACHABLE, cache.find(0, 0, 1).state());
        assertEquals(1, counters.get(DropReason.NEIGHBOR_TABLE_FULL));
        assertEquals(2, counters.get(StackCounter.NEIGHBOR_EVICTED));
    }

    @Test
    void theTableBehavesAsAMap() {
        Random random = new Random(5);
        Map<Long, Neighbor> model = new HashMap<>();
        for (int step = 0; step < 100_000; step++) {
            long lo = random.nextInt(900);
            int nic = random.nextInt(2);
            long key = lo * 2 + nic;
            Neighbor found = cache.find(nic, 0, lo);
            assertEquals(model.get(key), found, "step " + step);
            if (found == null) {
                cache.learn(resolver, nic, 0, lo, MAC, now);
                if (cache.size() > model.size()) {
                    model.put(key, cache.find(nic, 0, lo));
                } else {
                    model.clear();
                    cache.forEach(n -> model.put(n.lo() * 2 + n.interfaceIndex(), n));
                }
            } else if (random.nextBoolean()) {
                cache.remove(found);
                model.remove(key);
            }
        }
        cache.clear();
        assertEquals(0, cache.size());
        assertEquals(0, deadlines.size());
    }

    @Requirement("RFC7048:3-4")
    @Test
    void aPatientResolverAsksOnlyWhileSomethingIsSent() {
        NeighborResolver patient = new NeighborResolver() {
            @Override
            public void solicit(long hi, long lo, long unicastMac, long nowNs) {
                asked.add(nowNs / SECOND + (unicastMac == MacAddress.NONE ? " all" : " one"));
            }

            @Override
            public boolean isPatient() {
                return true;
            }
        };
        Neighbor n = cache.obtain(patient, 0, 0, 1, now);
        cache.onSolicitedReply(n, MAC, now);
        advance(100 * SECOND);
        n.resolve(now);
        advance(8 * SECOND);
        assertEquals(NeighborState.UNREACHABLE, n.state());
        advance(SECOND);
        asked.clear();
        advance(1000 * SECOND);
        assertEquals(List.of(), asked);
        assertEquals(NeighborState.UNREACHABLE, n.state(), "nor is it given up");
        assertEquals(MAC, n.resolve(now));
        advance(0);
        assertEquals(List.of(now / SECOND + " all"), asked);
        cache.onAdvertisement(n, MAC + 1, true, true, now);
        assertEquals(NeighborState.REACHABLE, n.state());
        assertEquals(MAC + 1, n.mac());
        cache.clear();
        assertEquals(0, deadlines.size());
    }
}
