package dev.penstock.stack.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.DropReason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The effects of a link, by their statistics with fixed seeds. */
class LinkEffectsTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;

    private final SimulatedNetwork net = SimulatedNetwork.seeded(21);
    private final SimulatedLink link = net.link(1500);
    private final LinkSide side = link.aToB();
    /** Numbers and moments, as they arrive. */
    private final List<Integer> arrived = new ArrayList<>();

    private final List<Long> when = new ArrayList<>();

    LinkEffectsTest() {
        net.station("sink", link.b(), (device, now) -> {
            device.poll(
                    frame -> {
                        arrived.add(IpFrames.number(frame));
                        when.add(now);
                    },
                    Integer.MAX_VALUE);
            return Long.MAX_VALUE;
        });
    }

    @AfterEach
    void nothingLeaks() {
        net.close();
        net.assertNoLeaks();
    }

    /** Offers {@code n} numbered packets, {@code gapNs} apart, and lets them arrive. */
    private void offer(int n, long gapNs) {
        for (int i = 0; i < n; i++) {
            link.a().offer(IpFrames.packet(i & 0xffff, 100, 0));
            net.run(gapNs);
        }
        net.run(10 * SECOND);
    }

    @Test
    void burstsAreAsLongAndAsFrequentAsTheModelSays() {
        int n = 60_000;
        GilbertElliott model = GilbertElliott.bursts(0.05, 4);
        assertEquals(0.05, model.averageLoss(), 1e-12);
        side.loss(model);
        offer(n, 0);
        boolean[] came = new boolean[n];
        arrived.forEach(i -> came[i] = true);
        int lost = n - arrived.size();
        int runs = 0;
        for (int i = 0; i < n; i++) {
            runs += !came[i] && (i == 0 || came[i - 1]) ? 1 : 0;
        }
        // About 750 runs: 2,900 to 3,100 lost is 5 standard deviations or so.
        assertEquals(0.05, (double) lost / n, 0.01, lost + " lost");
        assertEquals(4, (double) lost / runs, 0.5, runs + " runs");
        assertEquals(lost, side.count(LinkEvent.LOST));
    }

    @Test
    void randomLossComesInRunsOfOneOverItsComplement() {
        int n = 60_000;
        side.loss(0.2);
        offer(n, 0);
        boolean[] came = new boolean[n];
        arrived.forEach(i -> came[i] = true);
        int runs = 0;
        for (int i = 0; i < n; i++) {
            runs += !came[i] && (i == 0 || came[i - 1]) ? 1 : 0;
        }
        int lost = n - arrived.size();
        assertEquals(0.2, (double) lost / n, 0.01);
        assertEquals(1.25, (double) lost / runs, 0.03);
    }

    @Test
    void bothStatesOfElliottsModelLoseAsTheySay() {
        side.loss(new GilbertElliott(0.01, 0.02, 0.001, 0.3));
        offer(60_000, 0);
        double expected = new GilbertElliott(0.01, 0.02, 0.001, 0.3).averageLoss();
        assertEquals(0.1006, expected, 0.0001);
        assertEquals(expected, 1 - arrived.size() / 60_000.0, 0.02);
    }

    @Test
    void jitterStaysWithinItsBoundsAndReordersUnlessForbidden() {
        side.delay(10 * MS).jitter(4 * MS);
        offer(5_000, MS);
        long least = Long.MAX_VALUE;
        long most = 0;
        long sum = 0;
        for (int i = 0; i < arrived.size(); i++) {
            long took = when.get(i) - SimulatedNetwork.EPOCH_NS - arrived.get(i) * MS;
            least = Math.min(least, took);
            most = Math.max(most, took);
            sum += took;
        }
        assertTrue(least >= 10 * MS && least < 10 * MS + MS / 20, "least " + least);
        assertTrue(most < 14 * MS && most > 14 * MS - MS / 20, "most " + most);
        assertEquals(12.0 * MS, (double) sum / arrived.size(), 0.1 * MS);
        assertTrue(inversions() > 500, "reordered " + inversions());
    }

    @Test
    void inOrderNothingIsOvertaken() {
        side.delay(10 * MS).jitter(40 * MS).reorder(0.2, 10 * MS).inOrder(true);
        offer(5_000, MS);
        assertEquals(0, inversions());
        assertEquals(5_000, arrived.size());
        for (int i = 0; i < arrived.size(); i++) {
            long took = when.get(i) - SimulatedNetwork.EPOCH_NS - arrived.get(i) * MS;
            assertTrue(took >= 10 * MS && took < 60 * MS, "took " + took);
        }
    }

    private int inversions() {
        int inversions = 0;
        for (int i = 1; i < arrived.size(); i++) {
            inversions += arrived.get(i) < arrived.get(i - 1) ? 1 : 0;
        }
        return inversions;
    }

    @Test
    void whatIsHeldBackIsOvertakenByAsManyAsWasSaid() {
        side.holdBack(1, 3, SECOND);
        link.a().offer(IpFrames.packet(0, 100, 0));
        side.holdBack(0, 3, SECOND);
        for (int i = 1; i <= 5; i++) {
            link.a().offer(IpFrames.packet(i, 100, 0));
        }
        net.run(MS);
        assertEquals(List.of(1, 2, 3, 0, 4, 5), arrived);
        assertEquals(1, side.count(LinkEvent.REORDERED));
    }

    @Test
    void whatIsHeldBackWaitsNoLongerThanItWasTold() {
        side.delay(5 * MS).holdBack(1, 3, 20 * MS);
        link.a().offer(IpFrames.packet(7, 100, 0));
        net.run(SECOND);
        assertEquals(List.of(7), arrived);
        assertEquals(SimulatedNetwork.EPOCH_NS + 25 * MS, when.get(0));
    }

    @Test
    void duplicatesArriveTwice() {
        side.duplicate(0.25);
        offer(10_000, 0);
        int twice = (int) side.count(LinkEvent.DUPLICATED);
        assertEquals(2_500, twice, 200);
        assertEquals(10_000 + twice, arrived.size());
        int[] seen = new int[10_000];
        arrived.forEach(i -> seen[i]++);
        assertEquals(twice, Arrays.stream(seen).filter(c -> c == 2).count());
        assertEquals(10_000 - twice, Arrays.stream(seen).filter(c -> c == 1).count());
    }

    @Test
    void aLowerMtuSwallowsWhatIsLonger() {
        side.mtu(1000);
        link.a().offer(IpFrames.packet(1, 1000, 0));
        link.a().offer(IpFrames.packet(2, 1001, 0));
        net.run(MS);
        assertEquals(List.of(1), arrived);
        assertEquals(1, side.count(LinkEvent.TOO_LONG));
        assertThrows(IllegalArgumentException.class, () -> side.mtu(1501));
        assertThrows(IllegalArgumentException.class, () -> side.mtu(67));
    }

    @Test
    void eachDirectionsRandomnessIsItsOwn() {
        side.loss(0.5);
        offer(1000, 0);
        List<Integer> alone = List.copyOf(arrived);
        arrived.clear();
        SimulatedNetwork again = SimulatedNetwork.seeded(21);
        SimulatedLink same = again.link(1500);
        again.station("sink", same.b(), (device, now) -> {
            device.poll(frame -> arrived.add(IpFrames.number(frame)), Integer.MAX_VALUE);
            return Long.MAX_VALUE;
        });
        same.aToB().loss(0.5);
        same.bToA().loss(0.5).jitter(MS);
        for (int i = 0; i < 1000; i++) {
            same.a().offer(IpFrames.packet(i, 100, 0));
            same.b().offer(IpFrames.packet(i, 100, 0));
        }
        again.run(SECOND);
        assertEquals(alone, arrived);
        again.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFlippedBitIsAlwaysCaughtByAChecksum(boolean offload) {
        SimulatedHost a = net.newHost("a")
                .address("192.0.2.1/24")
                .checksumOffload(offload)
                .plugIn();
        SimulatedHost b = net.newHost("b")
                .address("192.0.2.2/24")
                .checksumOffload(offload)
                .plugIn();
        net.run(5 * SECOND);
        b.receive().corrupt(0.1);
        long before = drops(b);
        Streams s = Streams.start(a, b, 5_000_000);
        assertTrue(net.runUntil(s::isDone, 600 * SECOND));
        assertTrue(s.right, "every byte");
        long corrupted = b.receive().count(LinkEvent.CORRUPTED);
        assertTrue(corrupted > 250, "corrupted " + corrupted);
        assertEquals(corrupted, drops(b) - before);
    }

    private static long drops(SimulatedHost host) {
        long drops = 0;
        for (DropReason reason : DropReason.values()) {
            drops += host.counters().get(reason);
        }
        return drops;
    }

    @Test
    void aBottleneckThatChangesServesExactlyAtItsRates() {
        side.rate(8 * 1_000_000, QueuePolicy.dropTailPackets(100));
        // Packets of 1,000 bytes with their headers: a millisecond each, and one before the change.
        link.a().offer(IpFrames.packet(0, 986, 0));
        side.rate(8 * 500_000);
        for (int i = 1; i <= 4; i++) {
            link.a().offer(IpFrames.packet(i, 986, 0));
        }
        net.after(4 * MS, () -> side.rate(8 * 2_000_000));
        net.run(SECOND);
        List<Long> at = when.stream().map(t -> t - SimulatedNetwork.EPOCH_NS).toList();
        // At 4 ms half of the second one is left, which then takes a quarter of a millisecond.
        assertEquals(List.of(MS, 3 * MS, 4 * MS + MS / 4, 4 * MS + 3 * MS / 4, 5 * MS + MS / 4), at);
    }

    @Test
    void anOutageOfTheRateDoesNotOutliveItself() {
        side.rate(8 * 1_000_000, QueuePolicy.dropTailPackets(10));
        link.a().offer(IpFrames.packet(0, 986, 0));
        net.run(10 * MS);
        side.rate(80);
        link.a().offer(IpFrames.packet(1, 986, 0));
        link.a().offer(IpFrames.packet(2, 986, 0));
        net.run(SECOND);
        long healed = net.nowNs();
        side.rate(8 * 1_000_000);
        net.run(SECOND);
        assertEquals(List.of(0, 1, 2), arrived);
        assertEquals(990_000.0, (double) (when.get(1) - healed), 1.0, "99 % of the first one was left");
        assertEquals(MS, when.get(2) - when.get(1));
    }

    @Test
    void refusesNonsense() {
        assertThrows(IllegalArgumentException.class, () -> side.loss(-0.1));
        assertThrows(IllegalArgumentException.class, () -> new GilbertElliott(0, 0, 2, 0));
        assertThrows(IllegalArgumentException.class, () -> GilbertElliott.bursts(0.9, 1));
        assertThrows(IllegalArgumentException.class, () -> GilbertElliott.bursts(1, 2));
        assertThrows(IllegalArgumentException.class, () -> side.holdBack(0.1, 0));
        assertThrows(IllegalArgumentException.class, () -> side.jitter(-1));
        assertThrows(IllegalArgumentException.class, () -> side.rate(-1));
        SimulatedLink foreign = SimulatedNetwork.seeded(1).link(1500);
        Bottleneck shared = new Bottleneck(1, QueuePolicy.dropTail(0));
        side.bottleneck(shared);
        assertThrows(IllegalArgumentException.class, () -> foreign.aToB().bottleneck(shared));
    }
}
