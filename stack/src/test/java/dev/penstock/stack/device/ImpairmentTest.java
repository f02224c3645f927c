package dev.penstock.stack.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.device.TestFrames.Sink;
import dev.penstock.stack.wire.Wire;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ImpairmentTest {
    private final Sink sink = new Sink(DeviceCapabilities.plain(1500));
    private final Impairment link = Impairment.over(sink, RandomSource.seeded(42));

    private static Frame numbered(int i) {
        byte[] payload = new byte[100];
        payload[0] = (byte) (i >>> 8);
        payload[1] = (byte) i;
        return TestFrames.udp(payload);
    }

    private static int number(byte[] frame) {
        return TestFrames.u16(frame, 42);
    }

    private void send(int count) {
        for (int i = 0; i < count; i++) {
            assertEquals(1, link.offer(numbered(i)));
        }
    }

    private List<Integer> numbers() {
        return sink.taken.stream().map(ImpairmentTest::number).toList();
    }

    @Test
    void aPerfectLinkChangesNothing() {
        send(100);
        assertEquals(100, sink.taken.size());
        for (int i = 0; i < 100; i++) {
            assertArrayEquals(TestFrames.bytes(numbered(i)), sink.taken.get(i));
        }
        assertEquals(100, link.transmit().seen());
        assertEquals(100, link.transmit().delivered());
        assertEquals(Long.MAX_VALUE, link.nextDeadlineNs());
    }

    @Test
    void losesAboutAsManyAsAsked() {
        link.transmit().loss(0.1).queue(4);
        send(10_000);
        assertEquals(10_000 - sink.taken.size(), link.transmit().lost());
        assertTrue(
                Math.abs(link.transmit().lost() - 1000) < 150,
                "lost " + link.transmit().lost());
    }

    @Test
    void duplicates() {
        link.transmit().duplicate(1);
        send(3);
        assertEquals(List.of(0, 0, 1, 1, 2, 2), numbers());
        assertEquals(3, link.transmit().duplicated());
    }

    @Test
    void reordersByLettingOthersPass() {
        link.transmit().reorder(1, 2, 1_000_000);
        link.offer(numbered(0));
        link.transmit().reorder(0, 2, 1_000_000);
        link.offer(numbered(1));
        assertEquals(List.of(1), numbers());
        link.offer(numbered(2));
        assertEquals(List.of(1, 2, 0), numbers());
        assertEquals(1, link.transmit().reordered());
    }

    @Test
    void aFrameHeldBackGoesOnWhenNothingFollows() {
        link.advance(5);
        link.transmit().reorder(1, 2, 1_000_000);
        link.offer(numbered(0));
        assertEquals(0, sink.taken.size());
        assertEquals(1_000_005, link.nextDeadlineNs());
        link.advance(1_000_004);
        assertEquals(0, sink.taken.size());
        link.advance(1_000_005);
        assertEquals(List.of(0), numbers());
        assertEquals(Long.MAX_VALUE, link.nextDeadlineNs());
    }

    @Test
    void flipsExactlyOneBitThatTheChecksumsNotice() {
        link.transmit().corrupt(1).queue(4);
        for (int i = 0; i < 2000; i++) {
            byte[] before = TestFrames.bytes(numbered(i));
            link.offer(numbered(i));
            byte[] after = sink.taken.get(i);
            int flipped = 0;
            for (int j = 0; j < before.length; j++) {
                flipped += Integer.bitCount((before[j] ^ after[j]) & 0xff);
            }
            assertEquals(1, flipped);
            assertArrayEquals(Arrays.copyOf(before, 14), Arrays.copyOf(after, 14), "the link header stays");
        }
        assertEquals(2000, link.transmit().corrupted());
    }

    @Test
    void leavesArpWhole() {
        Frame arp = TestFrames.withPayload(new byte[60], 60);
        Wire.u16(arp.buffer(), arp.start() + 12, 0x0806);
        link.transmit().corrupt(1);
        link.offer(arp);
        assertArrayEquals(TestFrames.bytes(arp), sink.taken.get(0));
        assertEquals(0, link.transmit().corrupted());
    }

    @Test
    void aCorruptedPartialFrameIsNoLongerTrusted() {
        Frame f = TestFrames.withPayload(new byte[100], 100);
        TestFrames.pushUdp(f, false);
        f.rx().partial = true;
        f.tx().clear();
        sink.incoming.add(f);
        link.receive().corrupt(1);
        List<byte[]> got = new ArrayList<>();
        link.poll(
                in -> {
                    assertFalse(in.rx().checksumTrusted());
                    got.add(TestFrames.bytes(in));
                },
                1);
        assertFalse(TestFrames.checksumsRight(got.get(0)));
    }

    @Test
    void delaysInVirtualTime() {
        link.transmit().delay(1_000_000, 0);
        link.offer(numbered(0));
        link.advance(400_000);
        link.offer(numbered(1));
        assertEquals(1_000_000, link.nextDeadlineNs());
        link.advance(999_999);
        assertEquals(0, sink.taken.size());
        link.advance(1_000_000);
        assertEquals(List.of(0), numbers());
        assertEquals(1_400_000, link.nextDeadlineNs());
        link.advance(2_000_000);
        assertEquals(List.of(0, 1), numbers());
        link.advance(0);
        assertEquals(Long.MAX_VALUE, link.nextDeadlineNs());
    }

    @Test
    void limitsTheRateAndDropsWhatTheQueueCannotHold() {
        // 142 bytes at 1 Mbit/s take 1.136 ms.
        link.transmit().rate(1_000_000).queue(3);
        send(5);
        assertEquals(2, link.transmit().overflowed());
        long at = 0;
        for (int i = 1; i <= 3; i++) {
            at += 1_136_000;
            assertEquals(at, link.nextDeadlineNs());
            link.advance(at);
            assertEquals(i, sink.taken.size());
        }
    }

    @Test
    void jitterStaysWithinItsBounds() {
        link.transmit().delay(1000, 500);
        send(200);
        link.advance(999);
        assertEquals(0, sink.taken.size());
        link.advance(1499);
        assertEquals(200, sink.taken.size());
        assertFalse(numbers().equals(numbers().stream().sorted().toList()), "jitter reorders");
    }

    @Test
    void dropsByScript() {
        link.transmit().drop(FrameFilter.nth(3, f -> true));
        send(5);
        assertEquals(List.of(0, 1, 3, 4), numbers());
        assertEquals(1, link.transmit().scripted());
        link.transmit().drop(null);
        send(1);
        assertEquals(5, sink.taken.size());
    }

    @Test
    void partitionsAndHeals() {
        link.partition(true);
        send(2);
        sink.incoming.add(numbered(1));
        assertEquals(0, link.poll(f -> {}, 10));
        assertEquals(2, link.transmit().cutOff());
        assertEquals(1, link.receive().cutOff());
        assertTrue(link.isUp(), "the link does not notice");
        link.partition(false);
        send(1);
        assertEquals(1, sink.taken.size());
    }

    @Test
    void impairsWhatIsReceivedForItself() {
        link.receive().duplicate(1);
        for (int i = 0; i < 10; i++) {
            sink.incoming.add(numbered(i));
        }
        List<Integer> got = new ArrayList<>();
        FrameHandler handler = f -> got.add(number(TestFrames.bytes(f)));
        assertEquals(4, link.poll(handler, 4), "never more than the limit");
        assertEquals(List.of(0, 0, 1, 1), got);
        assertEquals(16, link.poll(handler, 100));
        assertEquals(20, got.size());
        assertEquals(0, link.transmit().seen());
    }

    @Test
    void aPollDoesNotEndWithLostFrames() {
        link.receive().drop(FrameFilter.nth(1, f -> true));
        sink.incoming.add(numbered(0));
        sink.incoming.add(numbered(1));
        assertEquals(1, link.poll(f -> {}, 1));
    }

    @Test
    void keepsWhatTheDeviceRefusesAndThenRefusesItself() {
        link.transmit().queue(2);
        sink.room = 0;
        assertEquals(1, link.offer(numbered(0)));
        assertEquals(1, link.offer(numbered(1)));
        assertEquals(0, link.offer(numbered(2)));
        assertEquals(0, link.transmit().overflowed());
        assertTrue(link.nextDeadlineNs() < Long.MAX_VALUE);
        sink.room = 10;
        assertEquals(1, link.offer(numbered(2)));
        assertEquals(List.of(0, 1, 2), numbers());
    }

    @Test
    void standsBelowSoftwareOffload() {
        NetworkDevice top = SoftwareOffload.over((NetworkDevice) link);
        link.transmit().drop(FrameFilter.nth(2, f -> true));
        Frame f = TestFrames.withPayload(TestFrames.pattern(3000, 1), 0);
        TestFrames.pushTcp(f, false, 0x10, 0);
        TestFrames.segmented(f, TxOffload.GSO_TCPV4, 1000);
        assertEquals(3, top.offer(f));
        assertEquals(2, sink.taken.size());
        assertThrows(IllegalArgumentException.class, () -> link.offer(f));
    }

    @Test
    void refusesNonsense() {
        assertThrows(IllegalArgumentException.class, () -> link.transmit().loss(1.1));
        assertThrows(IllegalArgumentException.class, () -> link.transmit().loss(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> link.transmit().delay(-1, 0));
        assertThrows(IllegalArgumentException.class, () -> link.transmit().rate(-1));
        assertThrows(IllegalArgumentException.class, () -> link.transmit().queue(0));
        link.transmit().delay(10, 0);
        send(1);
        assertThrows(IllegalStateException.class, () -> link.transmit().queue(10));
    }

    @Test
    void awaitEndsWhenADelayedFrameIsDue() {
        long[] parked = new long[1];
        Parker parker = new Parker() {
            @Override
            public void park(long ns) {
                parked[0] = ns;
            }

            @Override
            public void unpark() {}
        };
        MemoryWire wire = MemoryWire.builder().parkers(parker, Parker.SPINNING).build();
        Impairment a = Impairment.over(wire.a(), RandomSource.seeded(1));
        BlockingDevice device = assertInstanceOf(BlockingDevice.class, a);
        device.await(500);
        assertEquals(500, parked[0]);
        a.advance(100);
        a.transmit().delay(50, 0);
        a.offer(numbered(0));
        device.await(500);
        assertEquals(50, parked[0]);
        a.close();
        assertFalse(wire.b().isUp());
    }

    @Property(tries = 50)
    void everyFrameIsAccountedForAndARunIsReproducible(@ForAll long seed) {
        assertEquals(run(seed), run(seed));
    }

    private static List<Integer> run(long seed) {
        Sink out = new Sink(DeviceCapabilities.plain(1500));
        Impairment link = Impairment.over(out, RandomSource.seeded(seed));
        link.transmit()
                .loss(0.05)
                .duplicate(0.05)
                .reorder(0.1, 3)
                .delay(1_000_000, 300_000)
                .rate(100_000_000)
                .queue(50);
        RandomSource steps = RandomSource.seeded(~seed);
        long now = 0;
        for (int i = 0; i < 1000; i++) {
            out.room = steps.nextInt(4);
            link.offer(numbered(i));
            now += steps.nextInt(30_000);
            link.advance(now);
        }
        out.room = Integer.MAX_VALUE;
        while (link.nextDeadlineNs() != Long.MAX_VALUE) {
            link.advance(link.nextDeadlineNs());
        }
        ImpairmentSide t = link.transmit();
        assertEquals(0, t.waiting());
        assertEquals(t.seen() + t.duplicated(), t.delivered() + t.lost() + t.overflowed());
        assertEquals(t.delivered(), out.taken.size());
        return out.taken.stream().map(ImpairmentTest::number).toList();
    }
}
