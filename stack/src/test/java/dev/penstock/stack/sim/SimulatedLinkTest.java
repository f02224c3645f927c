package dev.penstock.stack.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.Ipv4Header;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A link by itself: frames offered at one end, and what comes out of the other. */
class SimulatedLinkTest {
    private static final int ECT_0 = 2;

    private final SimulatedNetwork net = SimulatedNetwork.seeded(5);
    private final SimulatedLink link = net.link(1500);
    private final LinkSide side = link.aToB();

    @AfterEach
    void nothingLeaks() {
        net.close();
        net.assertNoLeaks();
    }

    /** An IPv4 packet whose identification is {@code number}. */
    private static Frame packet(int number, int length, int tos) {
        Frame frame = new Frame(1600);
        int at = frame.append(EthernetHeader.LENGTH + length);
        EthernetHeader.put(frame.buffer(), at, 1, 2, EthernetHeader.TYPE_IPV4);
        int ip = at + EthernetHeader.LENGTH;
        Ipv4Header.put(frame.buffer(), ip, tos, length, number, 0, 64, 17, 1, 2);
        return frame;
    }

    private void offer(int number) {
        assertEquals(1, link.a().offer(packet(number, 1000, 0)));
    }

    /** What has arrived by then: number and time offered are not known here, only the numbers in their order. */
    private List<Integer> arrivedBy(long ns) {
        List<Integer> numbers = new ArrayList<>();
        Frame frame;
        while ((frame = side.take(SimulatedNetwork.EPOCH_NS + ns)) != null) {
            numbers.add(Ipv4Header.identification(frame.buffer(), frame.start() + EthernetHeader.LENGTH));
            frame.release();
        }
        return numbers;
    }

    @Test
    void aFrameArrivesAfterTheDelayAndNotBefore() {
        side.delay(5_000);
        offer(1);
        assertEquals(List.of(), arrivedBy(4_999));
        assertEquals(List.of(1), arrivedBy(5_000));
        assertEquals(Long.MAX_VALUE, side.nextNs());
    }

    @Test
    void theBottleneckComesBeforeTheDelay() {
        side.delay(5_000_000).bottleneck(new Bottleneck(8_112_000, QueuePolicy.dropTail(1014)));
        offer(1);
        offer(2);
        offer(3);
        assertEquals(List.of(), arrivedBy(5_999_999));
        assertEquals(List.of(1), arrivedBy(6_000_000));
        assertEquals(List.of(2), arrivedBy(7_000_000));
        assertEquals(1, side.count(LinkEvent.QUEUE_FULL));
        assertEquals(3, side.count(LinkEvent.OFFERED));
        assertEquals(2, side.count(LinkEvent.DELIVERED));
    }

    @Test
    void twoLinksShareABottleneck() {
        SimulatedLink other = net.link(1500);
        Bottleneck shared = new Bottleneck(8_112_000, QueuePolicy.dropTail(1 << 20));
        side.bottleneck(shared);
        other.aToB().bottleneck(shared);
        other.a().offer(packet(9, 1000, 0));
        offer(1);
        assertEquals(List.of(), arrivedBy(1_999_999));
        assertEquals(List.of(1), arrivedBy(2_000_000));
        assertEquals(2, shared.offered());
    }

    @Test
    void losesWithTheGivenProbability() {
        side.loss(0.3);
        for (int i = 0; i < 10_000; i++) {
            offer(i);
        }
        // Binomial: the standard deviation is 46.
        assertTrue(Math.abs(side.count(LinkEvent.LOST) - 3_000) < 200, side.count(LinkEvent.LOST) + " lost");
        assertEquals(10_000 - side.count(LinkEvent.LOST), arrivedBy(0).size());
    }

    @Test
    void aDelayedFrameIsOvertakenAndNoneIsMissing() {
        side.delay(1_000).reorder(0.1, 1_000_000);
        for (int i = 0; i < 1_000; i++) {
            offer(i);
        }
        List<Integer> at1000 = arrivedBy(1_000);
        assertEquals(1_000 - side.count(LinkEvent.REORDERED), at1000.size());
        assertTrue(
                side.count(LinkEvent.REORDERED) > 50 && side.count(LinkEvent.REORDERED) < 150,
                side.count(LinkEvent.REORDERED) + " reordered");
        List<Integer> later = arrivedBy(1_001_000);
        assertEquals(side.count(LinkEvent.REORDERED), later.size());
        assertTrue(later.stream().noneMatch(at1000::contains));
    }

    @Test
    void addressResolutionPassesAtOnceAndIsNeverLost() {
        side.delay(5_000).loss(1).sparesDiscovery(true);
        Frame arp = packet(0, 46, 0);
        EthernetHeader.put(arp.buffer(), arp.start(), 1, 2, EthernetHeader.TYPE_ARP);
        link.a().offer(arp);
        Frame arrived = side.take(SimulatedNetwork.EPOCH_NS);
        assertEquals(60, arrived.length());
        arrived.release();
        assertEquals(0, side.count(LinkEvent.LOST));
        assertEquals(1, side.count(LinkEvent.DELIVERED));
    }

    @Test
    void aFullQueueMarksWhatIsEcnCapableAndOnlyThat() {
        side.bottleneck(new Bottleneck(8_000_000, QueuePolicy.dropTail(1 << 20).marking(0)));
        for (int tos : new int[] {ECT_0, ECT_0, 0}) {
            link.a().offer(packet(1, 1000, tos));
        }
        List<Integer> codepoints = new ArrayList<>();
        Frame frame;
        while ((frame = side.take(Long.MAX_VALUE)) != null) {
            int ip = frame.start() + EthernetHeader.LENGTH;
            assertNull(Ipv4Header.check(frame.buffer(), ip, 1000), "the header checksum is right");
            codepoints.add(Ipv4Header.tos(frame.buffer(), ip) & 3);
            frame.release();
        }
        // The first one found an idle transmitter.
        assertEquals(List.of(ECT_0, 3, 0), codepoints);
        assertEquals(1, side.count(LinkEvent.MARKED));
    }

    @Test
    void theObserverSeesWhatHappensAndWhere() {
        List<String> seen = new ArrayList<>();
        side.delay(7)
                .observe((event, where, frame, nowNs) ->
                        seen.add(event + " at " + (nowNs - SimulatedNetwork.EPOCH_NS) + " on " + where));
        offer(1);
        arrivedBy(7);
        assertEquals(List.of("OFFERED at 0 on ?>?", "SENT at 0 on ?>?", "DELIVERED at 7 on ?>?"), seen);
    }

    @Test
    void aFrameThatIsTooLongIsCountedAndDropped() {
        Frame frame = packet(1, 1500, 0);
        frame.append(9);
        link.a().offer(frame);
        assertEquals(1, side.count(LinkEvent.TOO_LONG));
        assertEquals(1, link.a().errors());
        assertEquals(List.of(), arrivedBy(0));
    }

    @Test
    void refusesNonsense() {
        assertThrows(IllegalArgumentException.class, () -> side.loss(1.1));
        assertThrows(IllegalArgumentException.class, () -> side.loss(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> side.delay(-1));
        assertThrows(IllegalArgumentException.class, () -> side.reorder(0.1, -1));
    }
}
