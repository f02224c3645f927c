package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Reassembly against a byte-array model, and each of its limits. */
class Ipv4ReassemblerTest {
    private static final int PROTOCOL = 253;

    private static final class Recorder implements TransportHandler {
        final List<byte[]> packets = new ArrayList<>();
        int tos;

        @Override
        public void onPacket(IpPacket packet, long nowNs) {
            byte[] data = new byte[packet.payloadLength];
            packet.buffer.getBytes(packet.payloadOffset, data);
            packets.add(data);
            tos = packet.tos;
        }

        @Override
        public void onIcmpError(IcmpError error, long nowNs) {}
    }

    private static byte[] fragment(IpHost host, int id, byte[] data, int from, int to) {
        int flags = from / 8 | (to < data.length ? Ipv4Header.MF : 0);
        return Packets.ipv4(IpHost.PEER, host.address, PROTOCOL, id, flags, Arrays.copyOfRange(data, from, to));
    }

    private static List<byte[]> cut(IpHost host, int id, byte[] data, Random random) {
        List<byte[]> fragments = new ArrayList<>();
        for (int from = 0; from < data.length; ) {
            // At least two pieces: a packet in one piece is none.
            int most = from == 0 ? (data.length - 1) & ~7 : data.length;
            int to = Math.min(most, from + 8 * (1 + random.nextInt(100)));
            fragments.add(fragment(host, id, data, from, to));
            from = to;
        }
        return fragments;
    }

    @Requirement({"RFC1122:IP-16", "RFC1122:IP-112"})
    @Property(tries = 200)
    void anyCutInAnyOrderWithDuplicatesGivesTheDatagram(
            @ForAll long seed, @ForAll @IntRange(min = 16, max = 9000) int n) {
        Random random = new Random(seed);
        try (IpHost host = IpHost.ready()) {
            Recorder seen = new Recorder();
            host.ip.setTransport(PROTOCOL, seen);
            byte[] a = Packets.bytes(n, seed);
            byte[] b = Packets.bytes(n + 8, seed + 1);
            List<byte[]> fragments = cut(host, 1, a, random);
            fragments.addAll(cut(host, 2, b, random));
            Collections.shuffle(fragments, random);
            int firstDuplicates = 0;
            for (byte[] fragment : fragments) {
                host.peerSends(fragment);
                if (random.nextInt(4) == 0 && host.ip.reassembler().datagrams() > 0) {
                    firstDuplicates++;
                    host.peerSends(fragment);
                }
            }
            // A duplicate of a datagram's last fragment begins a new one, which nothing completes.
            boolean aFirst = seen.packets.get(0).length == n;
            assertArrayEquals(aFirst ? a : b, seen.packets.get(0));
            assertArrayEquals(aFirst ? b : a, seen.packets.get(1));
            assertEquals(2, seen.packets.size());
            assertTrue(host.counters.get(DropReason.IPV4_FRAGMENT_DUPLICATE) <= firstDuplicates);
            host.advance(31 * IpHost.SECOND);
            assertEquals(0, host.ip.reassembler().datagrams());
            assertEquals(0, host.ip.reassembler().fragments());
            assertEquals(0, host.small.outstanding());
        }
    }

    @Property(tries = 200)
    void overlapsEndTheDatagramAndNeverCorruptIt(@ForAll long seed) {
        Random random = new Random(seed);
        try (IpHost host = IpHost.ready()) {
            Recorder seen = new Recorder();
            host.ip.setTransport(PROTOCOL, seen);
            byte[] data = Packets.bytes(2000, seed);
            byte[] forged = Packets.bytes(2000, seed + 1);
            List<byte[]> fragments = cut(host, 1, data, random);
            int from = 8 * random.nextInt(240);
            int to = Math.min(2000, from + 8 * (1 + random.nextInt(20)));
            fragments.add(fragment(host, 1, forged, from, to));
            Collections.shuffle(fragments, random);
            for (byte[] fragment : fragments) {
                host.peerSends(fragment);
            }
            // Only if the forgery came when all was there already, or was taken for the whole of an honest one's place,
            // may a datagram result; mixed ones have bytes of both.
            for (byte[] got : seen.packets) {
                boolean whole = Arrays.equals(got, data);
                byte[] replaced = data.clone();
                System.arraycopy(forged, from, replaced, from, to - from);
                assertTrue(whole || Arrays.equals(got, replaced), "a mixture was delivered");
            }
            assertTrue(seen.packets.size() <= 1);
        }
    }

    @Test
    void anOverlapRefusesTheRestOfTheDatagramToo() {
        try (IpHost host = IpHost.ready()) {
            Recorder seen = new Recorder();
            host.ip.setTransport(PROTOCOL, seen);
            byte[] data = Packets.bytes(64, 1);
            host.peerSends(fragment(host, 1, data, 0, 32));
            host.peerSends(fragment(host, 1, data, 24, 64));
            host.peerSends(fragment(host, 1, data, 0, 32));
            host.peerSends(fragment(host, 1, data, 32, 64));
            assertEquals(3, host.counters.get(DropReason.IPV4_FRAGMENT_OVERLAP));
            assertEquals(0, host.small.outstanding());
            assertEquals(0, seen.packets.size());
            host.advance(31 * IpHost.SECOND);
            host.expectNothing();
            host.peerSends(fragment(host, 1, data, 0, 32));
            host.peerSends(fragment(host, 1, data, 32, 64));
            assertArrayEquals(data, seen.packets.get(0), "after the time, the name is free again");
        }
    }

    @Test
    void twoEndsOrDataBeyondTheEndAreAConflict() {
        try (IpHost host = IpHost.ready()) {
            Recorder seen = new Recorder();
            host.ip.setTransport(PROTOCOL, seen);
            byte[] longer = new byte[80];
            byte[] shorter = new byte[64];
            host.peerSends(fragment(host, 1, shorter, 48, 64));
            host.peerSends(fragment(host, 1, longer, 64, 80));
            host.peerSends(fragment(host, 2, shorter, 48, 64));
            host.peerSends(fragment(host, 2, longer, 64, 72));
            host.peerSends(fragment(host, 3, longer, 64, 72));
            host.peerSends(fragment(host, 3, shorter, 48, 64));
            host.peerSends(fragment(host, 4, shorter, 56, 64));
            host.peerSends(fragment(host, 4, longer, 48, 64));
            assertEquals(4, host.counters.get(DropReason.IPV4_FRAGMENT_OVERLAP));
        }
    }

    @Test
    void fragmentsOutOfShapeAreRefused() {
        try (IpHost host = IpHost.ready()) {
            int us = host.address;
            host.peerSends(Packets.ipv4(IpHost.PEER, us, PROTOCOL, 1, Ipv4Header.MF, new byte[9]));
            host.peerSends(Packets.ipv4(IpHost.PEER, us, PROTOCOL, 1, Ipv4Header.MF, new byte[0]));
            host.peerSends(Packets.ipv4(IpHost.PEER, us, PROTOCOL, 1, 5, new byte[0]));
            assertEquals(3, host.counters.get(DropReason.IPV4_FRAGMENT_BAD));
            host.peerSends(Packets.ipv4(IpHost.PEER, us, PROTOCOL, 1, 0x1fff, new byte[8]));
            host.peerSends(Packets.ipv4(IpHost.PEER, us, PROTOCOL, 1, 8180, new byte[100]));
            assertEquals(2, host.counters.get(DropReason.IPV4_FRAGMENT_TOO_BIG));
            host.peerSends(Packets.ipv4(IpHost.PEER, us, IpProtocol.TCP, 1, Ipv4Header.MF, new byte[8]));
            host.peerSends(Packets.ipv4(IpHost.PEER, us, IpProtocol.TCP, 1, 1, new byte[40]));
            assertEquals(2, host.counters.get(DropReason.IPV4_FRAGMENT_TINY));
            assertEquals(0, host.ip.reassembler().datagrams());
        }
    }

    @Requirement({"RFC1122:IP-45", "RFC1122:IP-116", "RFC1122:IP-117"})
    @Test
    void theTimeIsThirtySecondsAndTheSenderIsToldIfTheFirstFragmentCame() {
        try (IpHost host = IpHost.ready()) {
            byte[] data = Packets.bytes(100, 1);
            host.peerSends(fragment(host, 1, data, 0, 48));
            host.peerSends(fragment(host, 2, data, 48, 96));
            host.advance(29 * IpHost.SECOND);
            assertEquals(2, host.ip.reassembler().datagrams());
            host.device.sent.clear();
            host.advance(IpHost.SECOND);
            assertEquals(0, host.ip.reassembler().datagrams());
            assertEquals(2, host.counters.get(DropReason.IPV4_FRAGMENT_TIMEOUT));
            byte[] error = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            assertEquals(IcmpHeader.TIME_EXCEEDED, error[20]);
            assertEquals(IcmpHeader.CODE_REASSEMBLY_EXCEEDED, error[21]);
            assertArrayEquals(fragment(host, 1, data, 0, 48), Arrays.copyOfRange(error, 28, error.length));
            host.expectNothing();
        }
    }

    @Test
    void datagramsSourcesAndFragmentsAreLimited() {
        try (IpHost host = IpHost.ready(c -> {
            c.maxReassemblies = 10;
            c.maxReassembliesPerSource = 4;
            c.maxFragments = 30;
        })) {
            Recorder seen = new Recorder();
            host.ip.setTransport(PROTOCOL, seen);
            byte[] data = Packets.bytes(400, 1);
            for (int i = 0; i < 6; i++) {
                host.peerSends(fragment(host, i, data, 0, 8));
            }
            assertEquals(4, host.ip.reassembler().datagrams());
            assertEquals(2, host.counters.get(DropReason.IPV4_FRAGMENT_LIMIT));
            for (int i = 0; i < 20; i++) {
                host.peerSends(
                        Packets.ipv4(Packets.ip("192.0.2.100") + i, host.address, PROTOCOL, 1, 0x2000, new byte[8]));
            }
            assertEquals(10, host.ip.reassembler().datagrams());
            assertEquals(2 + 14, host.counters.get(DropReason.IPV4_FRAGMENT_LIMIT), "the oldest went");
            for (int from = 0; from < 392; from += 8) {
                host.peerSends(fragment(host, 77, data, from, from + 8));
            }
            assertTrue(host.ip.reassembler().fragments() <= 30);
            assertEquals(0, seen.packets.size());
            // Thirty fragments fill the store: that datagram was refused, and a smaller one gets through.
            byte[] small = Packets.bytes(200, 2);
            for (int from = 0; from < 200; from += 8) {
                host.peerSends(fragment(host, 78, small, from, from + 8));
            }
            assertArrayEquals(small, seen.packets.get(0));
        }
    }

    @Test
    void congestionMarksSurvive() {
        try (IpHost host = IpHost.ready()) {
            Recorder seen = new Recorder();
            host.ip.setTransport(PROTOCOL, seen);
            byte[] data = Packets.bytes(64, 1);
            host.peerSends(Packets.withByte(fragment(host, 1, data, 0, 32), 1, 2));
            host.peerSends(Packets.withByte(fragment(host, 1, data, 32, 64), 1, 3));
            assertEquals(3, seen.tos);
            host.peerSends(Packets.withByte(fragment(host, 2, data, 0, 32), 1, 0));
            host.peerSends(Packets.withByte(fragment(host, 2, data, 32, 64), 1, 3));
            host.expectDrop(DropReason.IPV4_FRAGMENT_BAD);
            assertEquals(1, host.count(StackCounter.IP_REASM_OK));
        }
    }
}
