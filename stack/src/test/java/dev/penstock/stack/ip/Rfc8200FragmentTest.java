package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Extension;
import dev.penstock.stack.wire.Ipv6Header;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Fragments of IPv6 in and out: RFC 8200, section 4.5, RFC 5722 (overlaps), RFC 6946 (atomic), RFC 7112 (tiny). */
class Rfc8200FragmentTest {
    private static final String US = Packets6.US;
    private static final String PEER = Packets6.PEER;

    private static final class Taker implements TransportHandler {
        final List<byte[]> taken = new ArrayList<>();

        @Override
        public void onPacket(IpPacket p, long nowNs) {
            byte[] payload = new byte[p.payloadLength];
            p.buffer.getBytes(p.payloadOffset, payload);
            taken.add(payload);
        }

        @Override
        public void onIcmpError(IcmpError error, long nowNs) {}
    }

    private static byte[] datagram(int bytes) {
        return Packets6.ipv6(PEER, US, IpProtocol.UDP, Packets6.udp(PEER, 7, US, 9, Packets.bytes(bytes, bytes)));
    }

    private static byte[] payload(byte[] packet) {
        return Arrays.copyOfRange(packet, 40, packet.length);
    }

    private static void expectProblem(IpHost host, int code, int pointer) {
        byte[] packet = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6);
        UnsafeBuffer b = new UnsafeBuffer(packet);
        assertEquals(Icmpv6Header.PARAMETER_PROBLEM, Icmpv6Header.type(b, 40));
        assertEquals(code, Icmpv6Header.code(b, 40));
        assertEquals(pointer, Icmpv6Header.rest(b, 40));
    }

    @Requirement({"RFC8200:4.5-4", "RFC8200:4.5-11", "RFC8200:5-4"})
    @Property(tries = 60)
    void anyCutInAnyOrderWithDuplicatesMakesThePacketAgain(
            @ForAll @IntRange(min = 60, max = 8000) int bytes,
            @ForAll @IntRange(min = 8, max = 160) int units,
            @ForAll long seed) {
        try (IpHost host = Packets6.ready()) {
            Taker taker = new Taker();
            host.ip.setTransport(IpProtocol.UDP, taker);
            byte[] packet = datagram(bytes);
            int size = packet.length - 40;
            List<byte[]> fragments = new ArrayList<>();
            for (int from = 0; from < size; from += units * 8) {
                fragments.add(Packets6.fragment(packet, from, Math.min(size, from + units * 8), 77));
            }
            Collections.shuffle(fragments, new Random(seed));
            for (int i = 0; i < fragments.size(); i++) {
                Packets6.receive(host, fragments.get(i));
                if (i % 3 == 0 && i + 1 < fragments.size()) {
                    Packets6.receive(host, fragments.get(i));
                }
            }
            assertEquals(1, taker.taken.size(), () -> "seed " + seed + " " + host.counters);
            assertArrayEquals(payload(packet), taker.taken.get(0));
            assertEquals(0, host.ip.reassembler().fragments());
            host.expectNothing();
        }
    }

    @Requirement("RFC8200:4.5-5")
    @Test
    void headersBeforeTheFragmentHeaderAreThoseOfTheFirstFragment() {
        try (IpHost host = Packets6.ready()) {
            byte[] echo = Packets6.message(PEER, US, Icmpv6Header.ECHO_REQUEST, 0, 0x0007_0001, Packets.bytes(92, 3));
            byte[] first = Packets6.ipv6(
                    PEER,
                    US,
                    0,
                    Packets6.extension(60, 5, 2, 0, 0),
                    Packets6.extension(44, 0, 0, 0, 0),
                    Packets6.fragmentHeader(IpProtocol.ICMPV6, 0, true, 5),
                    Arrays.copyOf(echo, 48));
            byte[] last = Packets6.ipv6(
                    PEER,
                    US,
                    44,
                    Packets6.fragmentHeader(IpProtocol.TCP, 48, false, 5),
                    Arrays.copyOfRange(echo, 48, 100));
            Packets6.receive(host, last);
            Packets6.receive(host, first);
            byte[] reply = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6);
            assertEquals(Icmpv6Header.ECHO_REPLY, reply[40] & 0xff, "the type is the first fragment's, too");
            assertArrayEquals(Packets.bytes(92, 3), Arrays.copyOfRange(reply, 48, reply.length));
        }
    }

    @Requirement("RFC8200:4.5-10")
    @Requirement("RFC8504:5.1-4")
    @Test
    void overlapsEndTheWholePacketSilently() {
        for (int[] second : new int[][] {{64, 200}, {0, 64}, {120, 136}, {0, 208}}) {
            try (IpHost host = Packets6.ready()) {
                Taker taker = new Taker();
                host.ip.setTransport(IpProtocol.UDP, taker);
                byte[] packet = datagram(400);
                Packets6.receive(host, Packets6.fragment(packet, 0, 128, 9));
                byte[] other = Packets6.fragment(packet, second[0], second[1], 9);
                other[other.length - 1] ^= 1;
                Packets6.receive(host, other);
                host.expectDrop(DropReason.IPV6_FRAGMENT_OVERLAP);
                Packets6.receive(host, Packets6.fragment(packet, 128, 408, 9));
                assertEquals(2, host.counters.get(DropReason.IPV6_FRAGMENT_OVERLAP), "what else comes is refused");
                assertEquals(List.of(), taker.taken);
            }
        }
    }

    @Requirement("RFC8200:4.5-12")
    @Requirement("RFC8504:5.1-5")
    @Test
    void atomicFragmentsStandForThemselves() {
        try (IpHost host = Packets6.ready()) {
            Taker taker = new Taker();
            host.ip.setTransport(IpProtocol.UDP, taker);
            byte[] packet = datagram(400);
            Packets6.receive(host, Packets6.fragment(packet, 0, 128, 9));
            byte[] atomic = datagram(30);
            Packets6.receive(host, Packets6.fragment(atomic, 0, 38, 9));
            assertEquals(1, taker.taken.size());
            Packets6.receive(host, Packets6.fragment(packet, 128, 408, 9));
            assertEquals(2, taker.taken.size(), "the other packet of this name is not disturbed");
            host.expectNothing();
        }
    }

    @Requirement("RFC8200:4.5-9")
    @Requirement("RFC8504:5.1-4")
    @Test
    void aFirstFragmentHasAllHeaders() {
        byte[] packet = Packets6.ipv6(
                PEER, US, 60, Packets6.extension(IpProtocol.UDP), Packets6.udp(PEER, 7, US, 9, new byte[50]));
        try (IpHost host = Packets6.ready()) {
            Packets6.receive(host, Packets6.fragment(packet, 0, 8, 9));
            expectProblem(host, 3, 0);
            host.expectDrop(DropReason.IPV6_FRAGMENT_TINY);
        }
        try (IpHost host = Packets6.ready()) {
            Packets6.receive(host, Packets6.fragment(packet, 0, 16, 9));
            host.expectNothing();
            assertEquals(1, host.ip.reassembler().fragments());
        }
    }

    @Requirement({"RFC8200:4.5-7", "RFC8200:4.5-8"})
    @Test
    void fragmentsOfOddLengthAndBeyondTheEndAreReported() {
        byte[] packet = datagram(400);
        try (IpHost host = Packets6.ready()) {
            Packets6.receive(host, Packets6.fragment(packet, 0, 60, 9));
            expectProblem(host, 0, 4);
            host.expectDrop(DropReason.IPV6_FRAGMENT_BAD);
        }
        try (IpHost host = Packets6.ready()) {
            Packets6.receive(
                    host,
                    Packets6.ipv6(
                            PEER, US, 44, Packets6.fragmentHeader(IpProtocol.UDP, 65_528, false, 9), new byte[8]));
            expectProblem(host, 0, 42);
            host.expectDrop(DropReason.IPV6_FRAGMENT_TOO_BIG);
        }
        try (IpHost host = Packets6.ready()) {
            Packets6.receive(host, Packets6.ipv6(PEER, US, 44, Packets6.fragmentHeader(IpProtocol.UDP, 64, true, 9)));
            host.expectDrop(DropReason.IPV6_FRAGMENT_BAD);
        }
    }

    @Requirement("RFC8200:4.5-6")
    @Test
    void whatStaysIncompleteIsReportedAfterAMinuteIfTheFirstFragmentCame() {
        try (IpHost host = Packets6.ready()) {
            byte[] packet = datagram(400);
            Packets6.receive(host, Packets6.fragment(packet, 0, 128, 9));
            Packets6.receive(host, Packets6.fragment(packet, 128, 200, 10));
            host.advance(60 * IpHost.SECOND - 1);
            host.device.sent.clear();
            host.advance(1);
            UnsafeBuffer b = new UnsafeBuffer(host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6));
            assertEquals(Icmpv6Header.TIME_EXCEEDED, Icmpv6Header.type(b, 40));
            assertEquals(1, Icmpv6Header.code(b, 40));
            host.expectNothing();
            assertEquals(2, host.counters.get(DropReason.IPV6_FRAGMENT_TIMEOUT));
            assertEquals(0, host.ip.reassembler().datagrams());
        }
    }

    @Test
    void memoryIsBoundedPerSourceAndInAll() {
        try (IpHost host = Packets6.ready(c -> c.maxReassembliesPerSource = 4)) {
            byte[] packet = datagram(400);
            for (int id = 0; id < 6; id++) {
                Packets6.receive(host, Packets6.fragment(packet, 128, 200, id));
            }
            assertEquals(4, host.ip.reassembler().datagrams());
            assertEquals(2, host.counters.get(DropReason.IPV6_FRAGMENT_LIMIT));
        }
    }

    @Test
    void familiesDoNotMix() {
        try (IpHost host = Packets6.ready(c -> c.maxReassemblies = 2)) {
            for (int i = 0; i < 4; i++) {
                Packets6.receive(host, Packets6.fragment(datagram(400), 128, 200, i));
            }
            assertEquals(2, host.ip.reassembler().datagrams());
            assertEquals(2, host.counters.get(DropReason.IPV6_FRAGMENT_LIMIT));
        }
    }

    @Requirement({"RFC8200:4.5-1", "RFC8200:4.5-2", "RFC8200:4.5-3"})
    @Test
    void whatWeSendIsCutWithOneIdentificationAndLabel() {
        try (IpHost host = Packets6.ready()) {
            IpPath path =
                    host.ip.path(0, 0, Packets6.ip(PEER).hi(), Packets6.ip(PEER).lo(), host.now);
            int id = host.ip.openEcho((a, b, c, d, e, f, g, h) -> {});
            byte[] data = Packets.bytes(4000, 1);
            assertEquals(1, host.ip.sendEcho(path, id, 1, Packets.view(data), 0, 4000, 0, 64, false, host.now));
            assertEquals(1, host.ip.sendEcho(path, id, 2, Packets.view(data), 0, 4000, 0, 64, false, host.now));
            int[] ids = new int[2];
            for (int packet = 0; packet < 2; packet++) {
                int from = 0;
                for (int i = 0; i < 3; i++) {
                    byte[] p = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6);
                    UnsafeBuffer b = new UnsafeBuffer(p);
                    assertTrue(p.length <= 1500);
                    assertEquals(p.length - 40, Ipv6Header.payloadLength(b, 0));
                    assertEquals(Ipv6Extension.FRAGMENT, Ipv6Header.nextHeader(b, 0));
                    assertEquals(from, Ipv6Extension.fragmentOffset(b, 40));
                    assertEquals(i < 2, Ipv6Extension.moreFragments(b, 40));
                    assertTrue(Ipv6Header.flowLabel(b, 0) != 0);
                    assertTrue(i == 0 || ids[packet] == Ipv6Extension.identification(b, 40));
                    ids[packet] = Ipv6Extension.identification(b, 40);
                    from += p.length - 48;
                }
                assertEquals(4008, from);
            }
            assertNotEquals(ids[0], ids[1]);
            assertEquals(6, host.count(StackCounter.IP_FRAG_CREATES));
            path.release();
            host.ip.closeEcho(id);
        }
    }
}
