package dev.penstock.stack.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.timer.Deadline;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class HostClockTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;
    private static final long YEAR = 365L * 86_400 * SECOND;

    private final SimulatedNetwork net = SimulatedNetwork.seeded(1);

    private SimulatedHost host(String name, long ahead, double ppm) {
        return net.newHost(name)
                .address("192.0.2." + (net.hosts().size() + 1) + "/24")
                .clock(ahead, ppm)
                .plugIn();
    }

    @Test
    void theRatioIsExact() {
        SimulatedHost fast = host("fast", 0, 100);
        SimulatedHost slow = host("slow", 5 * SECOND, -50.5);
        SimulatedHost right = host("right", 0, 0);
        net.run(1000 * SECOND);
        assertEquals(1001 * SECOND + 100 * MS, fast.nowNs());
        assertEquals(1006 * SECOND - 50_500_000, slow.nowNs());
        assertEquals(1001 * SECOND, right.nowNs());
        fast.clock().drift(-100);
        net.run(1000 * SECOND);
        assertEquals(2001 * SECOND, fast.nowNs());
        fast.clock().advance(7);
        assertEquals(2001 * SECOND + 7, fast.nowNs());
    }

    @Test
    void timersRunByTheHostsOwnClock() {
        // 10 %: a second of this host is over after 909 ms.
        SimulatedHost fast = host("fast", 0, 100_000);
        net.run(SECOND);
        long began = net.nowNs();
        long[] fired = {0};
        Deadline deadline = new Deadline() {
            @Override
            protected void onDeadline(long nowNs) {
                fired[0] = net.nowNs();
                assertTrue(nowNs >= atLocal[0], "not early");
            }

            private final long[] atLocal = {fast.nowNs() + SECOND};
        };
        fast.stack().deadlines().schedule(deadline, fast.nowNs() + SECOND);
        net.run(2 * SECOND);
        assertEquals(909_090_910.0, (double) (fired[0] - began), 2.0);
    }

    @Test
    void hostsWhoseClocksDifferTalkToEachOther() {
        SimulatedHost a = host("a", YEAR, 200);
        SimulatedHost b = host("b", 0, -200);
        a.transmit().loss(0.05).delay(20 * MS);
        Streams s = Streams.start(a, b, 300_000);
        assertTrue(net.runUntil(s::isDone, 600 * SECOND));
        assertTrue(s.right);
        net.close();
        net.assertNoLeaks();
    }

    @Property(tries = 200)
    void theMomentOfALocalTimeIsTheFirstAtWhichItIsShown(
            @ForAll @DoubleRange(min = -100_000, max = 100_000) double ppm,
            @ForAll @LongRange(min = 0, max = 20 * YEAR) long ahead,
            @ForAll long seed) {
        SimulatedNetwork other = SimulatedNetwork.seeded(1);
        HostClock clock = new HostClock(other);
        clock.advance(ahead);
        clock.drift(ppm);
        RandomSource random = RandomSource.seeded(seed);
        for (int i = 0; i < 20; i++) {
            // A slow clock may have shown what it shows now for a nanosecond or more already.
            long local = clock.nowNs() + 1 + (random.nextLong() >>> 1) % (YEAR >> random.nextInt(50));
            long at = clock.networkNs(local);
            assertTrue(at >= other.nowNs(), "not in the past");
            assertTrue(clock.localNs(at) >= local, "not early");
            assertTrue(at == other.nowNs() || clock.localNs(at - 1) < local, "and not late");
            other.run(random.nextInt(1_000_000_000));
        }
        assertEquals(Deadline.NEVER, clock.networkNs(Deadline.NEVER));
    }

    @Test
    void refusesNonsense() {
        SimulatedHost a = host("a", 0, 0);
        assertThrows(IllegalArgumentException.class, () -> a.clock().drift(100_001));
        assertThrows(IllegalArgumentException.class, () -> a.clock().drift(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> a.clock().advance(-1));
    }
}
