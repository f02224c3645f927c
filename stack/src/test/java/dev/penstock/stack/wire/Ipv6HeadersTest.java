package dev.penstock.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** IPv6 on the wire: what is put is read again, and nothing that {@code check} lets through makes an accessor fail. */
class Ipv6HeadersTest {
    private static final int AT = 3;

    private static UnsafeBuffer room(int bytes) {
        return new UnsafeBuffer(new byte[bytes]);
    }

    @Requirement("RFC8200:3-1")
    @Property
    void headerRoundTrip(
            @ForAll @IntRange(max = 255) int tos,
            @ForAll @IntRange(max = 0xfffff) int label,
            @ForAll @IntRange(max = 65_535) int payload,
            @ForAll @IntRange(max = 255) int next,
            @ForAll @IntRange(max = 255) int hops,
            @ForAll long a,
            @ForAll long b,
            @ForAll long c,
            @ForAll long d) {
        UnsafeBuffer buffer = room(AT + 40);
        Ipv6Header.put(buffer, AT, tos, label, payload, next, hops, a, b, c, d);
        assertEquals(6, Wire.u8(buffer, AT) >>> 4);
        assertEquals(tos, Ipv6Header.trafficClass(buffer, AT));
        assertEquals(label, Ipv6Header.flowLabel(buffer, AT));
        assertEquals(payload, Ipv6Header.payloadLength(buffer, AT));
        assertEquals(next, Ipv6Header.nextHeader(buffer, AT));
        assertEquals(hops, Ipv6Header.hopLimit(buffer, AT));
        assertEquals(a, Ipv6Header.sourceHi(buffer, AT));
        assertEquals(b, Ipv6Header.sourceLo(buffer, AT));
        assertEquals(c, Ipv6Header.destinationHi(buffer, AT));
        assertEquals(d, Ipv6Header.destinationLo(buffer, AT));
        Ipv6Header.putTrafficClass(buffer, AT, tos ^ 0xff);
        Ipv6Header.putPayloadLength(buffer, AT, payload ^ 1);
        assertEquals(tos ^ 0xff, Ipv6Header.trafficClass(buffer, AT));
        assertEquals(label, Ipv6Header.flowLabel(buffer, AT));
        assertEquals(payload ^ 1, Ipv6Header.payloadLength(buffer, AT));
    }

    @Requirement("RFC8200:3-1")
    @Test
    void headerAsOnTheWire() {
        UnsafeBuffer b = room(40);
        Ipv6Header.put(b, 0, 0xb8, 0x12345, 20, IpProtocol.TCP, 64, 0x20010db800000000L, 1, 0xfe80L << 48, 2);
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            hex.append(String.format("%02x", b.getByte(i)));
        }
        assertEquals(
                "6b81234500140640" + "20010db8000000000000000000000001" + "fe800000000000000000000000000002",
                hex.toString());
    }

    @Test
    void headerIsRefusedAtEveryWrongLengthAndVersion() {
        UnsafeBuffer b = room(60);
        Ipv6Header.put(b, 0, 0, 0, 20, 59, 64, 1, 2, 3, 4);
        for (int length = 0; length < 40; length++) {
            assertEquals(DropReason.IPV6_TRUNCATED, Ipv6Header.check(b, 0, length));
        }
        for (int length = 40; length < 60; length++) {
            assertEquals(DropReason.IPV6_BAD_LENGTH, Ipv6Header.check(b, 0, length));
        }
        assertNull(Ipv6Header.check(b, 0, 60));
        Wire.u8(b, 0, 0x40);
        assertEquals(DropReason.IPV6_BAD_VERSION, Ipv6Header.check(b, 0, 60));
    }

    @Property
    void fragmentHeaderRoundTrip(
            @ForAll @IntRange(max = 255) int next,
            @ForAll @IntRange(max = 8191) int units,
            @ForAll boolean more,
            @ForAll int id) {
        UnsafeBuffer b = room(AT + 8);
        Ipv6Extension.putFragment(b, AT, next, units << 3, more, id);
        assertEquals(next, Ipv6Extension.nextHeader(b, AT));
        assertEquals(units << 3, Ipv6Extension.fragmentOffset(b, AT));
        assertEquals(more, Ipv6Extension.moreFragments(b, AT));
        assertEquals(id, Ipv6Extension.identification(b, AT));
        assertEquals(8, Ipv6Extension.length(b, AT, Ipv6Extension.FRAGMENT));
    }

    /** A chain of headers of these types and lengths, in front of UDP. */
    private static UnsafeBuffer chain(int[] types, int[] units) {
        int length = 40;
        for (int unit : units) {
            length += unit * 8;
        }
        UnsafeBuffer b = room(length + 8);
        Ipv6Header.put(b, 0, 0, 0, length + 8 - 40, types.length > 0 ? types[0] : IpProtocol.UDP, 64, 1, 2, 3, 4);
        int at = 40;
        for (int i = 0; i < types.length; i++) {
            int next = i + 1 < types.length ? types[i + 1] : IpProtocol.UDP;
            if (types[i] == Ipv6Extension.FRAGMENT) {
                Ipv6Extension.putFragment(b, at, next, 0, true, 7);
            } else {
                Wire.u8(b, at, next);
                Wire.u8(b, at + 1, units[i] - 1);
            }
            at += units[i] * 8;
        }
        return b;
    }

    @Test
    void theTransportIsFoundBehindAllExtensionHeadersAndNotBehindTruncatedOnes() {
        UnsafeBuffer b = chain(new int[] {0, 60, 43, 44}, new int[] {1, 3, 2, 1});
        long found = Ipv6Extension.upperLayer(b, 0, b.capacity());
        assertEquals(IpProtocol.UDP, Ipv6Extension.protocol(found));
        assertEquals(40 + 56, Ipv6Extension.offset(found));
        for (int length = 40; length < 96; length++) {
            assertEquals(Ipv6Extension.NOT_FOUND, Ipv6Extension.upperLayer(b, 0, length), "length " + length);
        }
        Ipv6Extension.putFragment(b, 88, IpProtocol.UDP, 8, true, 7);
        assertEquals(Ipv6Extension.NOT_FOUND, Ipv6Extension.upperLayer(b, 0, b.capacity()), "not the first fragment");
    }

    @Test
    void chainsWithoutEndAreNotWalkedToTheEnd() {
        int[] types = new int[9];
        int[] units = new int[9];
        java.util.Arrays.fill(types, Ipv6Extension.DESTINATION_OPTIONS);
        java.util.Arrays.fill(units, 1);
        UnsafeBuffer nine = chain(types, units);
        assertEquals(Ipv6Extension.NOT_FOUND, Ipv6Extension.upperLayer(nine, 0, nine.capacity()));
        UnsafeBuffer eight = chain(java.util.Arrays.copyOf(types, 8), java.util.Arrays.copyOf(units, 8));
        assertEquals(IpProtocol.UDP, Ipv6Extension.protocol(Ipv6Extension.upperLayer(eight, 0, eight.capacity())));
    }

    @Property(tries = 2000)
    void noBytesMakeTheWalksFail(@ForAll @Size(max = 120) byte[] bytes, @ForAll @IntRange(max = 7) int first) {
        // A buffer of exactly these bytes: reading past the end throws.
        byte[] packet = new byte[40 + bytes.length];
        System.arraycopy(bytes, 0, packet, 40, bytes.length);
        packet[6] = new byte[] {0, 43, 44, 60, 6, 17, 58, 59}[first];
        UnsafeBuffer b = new UnsafeBuffer(packet);
        long found = Ipv6Extension.upperLayer(b, 0, packet.length);
        if (found != Ipv6Extension.NOT_FOUND) {
            assertTrue(Ipv6Extension.offset(found) <= packet.length);
            assertFalse(Ipv6Extension.isExtension(Ipv6Extension.protocol(found)));
        }
        long options = Ipv6Options.check(b, 40, packet.length);
        int where = Ipv6Options.offset(options);
        assertTrue(Ipv6Options.verdict(options) == Ipv6Options.OK || (where >= 40 && where < packet.length));
        for (int type = Icmpv6Header.ROUTER_SOLICITATION; type <= Icmpv6Header.REDIRECT; type++) {
            if (NdpMessage.check(b, 0, packet.length, type) == null) {
                int at = NdpMessage.fixedLength(type);
                NdpOption.linkAddress(b, at, packet.length, NdpOption.SOURCE_LINK_ADDRESS);
                NdpMessage.retransTimer(b, 0);
            }
        }
    }

    @Test
    void optionsThatAreNotKnownSayWhatIsToBeDone() {
        int[][] cases = {
            {0x1e, Ipv6Options.OK}, {0x05, Ipv6Options.OK}, {0x5e, Ipv6Options.DISCARD},
            {0x9e, Ipv6Options.REPORT}, {0xde, Ipv6Options.REPORT_UNICAST}, {0xc2, Ipv6Options.REPORT_UNICAST}
        };
        for (int[] each : cases) {
            UnsafeBuffer b = room(16);
            Wire.u8(b, 8, 0);
            Wire.u8(b, 9, each[0]);
            Wire.u8(b, 10, 5);
            long answer = Ipv6Options.check(b, 8, 16);
            assertEquals(each[1], Ipv6Options.verdict(answer), "type " + each[0]);
            assertEquals(each[1] == Ipv6Options.OK ? 0 : 9, Ipv6Options.offset(answer));
        }
    }

    @Test
    void optionsBeyondTheirHeaderAreMalformed() {
        UnsafeBuffer b = room(8);
        Wire.u8(b, 2, 0x1e);
        Wire.u8(b, 3, 5);
        assertEquals(Ipv6Options.MALFORMED, Ipv6Options.verdict(Ipv6Options.check(b, 2, 8)));
        assertEquals(3, Ipv6Options.offset(Ipv6Options.check(b, 2, 8)));
        Wire.u8(b, 3, 4);
        assertEquals(Ipv6Options.OK, Ipv6Options.check(b, 2, 8));
        assertEquals(Ipv6Options.MALFORMED, Ipv6Options.verdict(Ipv6Options.check(b, 2, 3)), "a type alone");
    }

    @Requirement("RFC8200:4.2-3")
    @Test
    void paddingAndOptionsAreLimited() {
        UnsafeBuffer b = room(64);
        assertEquals(Ipv6Options.OK, Ipv6Options.check(b, 0, 7));
        assertEquals(Ipv6Options.LIMIT, Ipv6Options.verdict(Ipv6Options.check(b, 0, 8)), "8 bytes of Pad1");
        for (int i = 0; i < 18; i += 2) {
            Wire.u8(b, i, 0x1e);
        }
        assertEquals(Ipv6Options.OK, Ipv6Options.check(b, 0, 16));
        assertEquals(Ipv6Options.LIMIT, Ipv6Options.verdict(Ipv6Options.check(b, 0, 18)));
    }

    @Requirement("RFC8200:8.1-1")
    @Property
    void icmpChecksumsAreThoseOfTheNaiveSum(@ForAll long seed, @ForAll @IntRange(min = 8, max = 1500) int length) {
        RandomSource random = RandomSource.seeded(seed);
        byte[] message = new byte[length];
        new java.util.Random(seed).nextBytes(message);
        UnsafeBuffer b = new UnsafeBuffer(message);
        long[] a = {random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()};
        int pseudo = InternetChecksum.pseudoHeader(a[0], a[1], a[2], a[3], IpProtocol.ICMPV6, length);
        Icmpv6Header.putChecksum(b, 0, length, pseudo);
        assertNull(Icmpv6Header.check(b, 0, length, pseudo));
        long sum = (long) length + IpProtocol.ICMPV6;
        for (long word : a) {
            sum += (word >>> 48) + (word >>> 32 & 0xffff) + (word >>> 16 & 0xffff) + (word & 0xffff);
        }
        for (int i = 0; i < length; i++) {
            sum += (i & 1) == 0 ? (message[i] & 0xff) << 8 : message[i] & 0xff;
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        assertEquals(0xffff, sum);
        b.putByte(length / 2, (byte) (b.getByte(length / 2) ^ 0x10));
        assertEquals(DropReason.ICMP_BAD_CHECKSUM, Icmpv6Header.check(b, 0, length, pseudo));
        assertEquals(DropReason.ICMP_TRUNCATED, Icmpv6Header.check(b, 0, 7, pseudo));
    }

    @Test
    void neighborMessages() {
        UnsafeBuffer b = room(AT + 32);
        assertEquals(32, NdpMessage.putSolicitation(b, AT, 0xfe80L << 48, 5, 0x0200_0000_0001L));
        assertNull(NdpMessage.check(b, AT, 32, Icmpv6Header.NEIGHBOR_SOLICITATION));
        assertEquals(0xfe80L << 48, NdpMessage.targetHi(b, AT));
        assertEquals(5, NdpMessage.targetLo(b, AT));
        assertEquals(0x0200_0000_0001L, NdpOption.linkAddress(b, AT + 24, AT + 32, NdpOption.SOURCE_LINK_ADDRESS));
        assertEquals(MacAddress.NONE, NdpOption.linkAddress(b, AT + 24, AT + 32, NdpOption.TARGET_LINK_ADDRESS));
        assertEquals(24, NdpMessage.putSolicitation(b, AT, 0, 5, MacAddress.NONE));
        assertEquals(32, NdpMessage.putAdvertisement(b, AT, true, false, 1, 2, 0x0200_0000_0002L));
        assertTrue(NdpMessage.isSolicited(b, AT));
        assertFalse(NdpMessage.isOverride(b, AT) || NdpMessage.isRouter(b, AT));
        NdpMessage.putAdvertisement(b, AT, false, true, 1, 2, 0x0200_0000_0002L);
        assertTrue(!NdpMessage.isSolicited(b, AT) && NdpMessage.isOverride(b, AT));
        assertEquals(16, NdpMessage.putRouterSolicitation(b, AT, 0x0200_0000_0002L));
        assertNull(NdpMessage.check(b, AT, 16, Icmpv6Header.ROUTER_SOLICITATION));
    }

    @Requirement({"RFC4861:7.1.1-1", "RFC4861:9-1"})
    @Test
    void neighborMessagesAreRefusedWhenTruncatedOrWithOptionsOfNoLength() {
        UnsafeBuffer b = room(32);
        NdpMessage.putSolicitation(b, 0, 1, 2, 0x0200_0000_0001L);
        for (int length = 8; length < 32; length++) {
            if (length != 24) {
                assertEquals(
                        DropReason.NDP_MALFORMED, NdpMessage.check(b, 0, length, Icmpv6Header.NEIGHBOR_SOLICITATION));
            }
        }
        assertNull(NdpMessage.check(b, 0, 24, Icmpv6Header.NEIGHBOR_SOLICITATION));
        Wire.u8(b, 25, 0);
        assertEquals(DropReason.NDP_MALFORMED, NdpMessage.check(b, 0, 32, Icmpv6Header.NEIGHBOR_SOLICITATION));
        Wire.u8(b, 25, 2);
        assertEquals(DropReason.NDP_MALFORMED, NdpMessage.check(b, 0, 32, Icmpv6Header.NEIGHBOR_SOLICITATION));
        Wire.u8(b, 25, 1);
        Wire.u8(b, 1, 1);
        assertEquals(DropReason.NDP_MALFORMED, NdpMessage.check(b, 0, 32, Icmpv6Header.NEIGHBOR_SOLICITATION));
    }

    @Test
    void addressesOfIpv6() {
        IpAddress a = IpAddress.parse("2001:db8::12:3456");
        assertEquals(
                "ff02::1:ff12:3456",
                new IpAddress(IpAddress.SOLICITED_NODE_HI, IpAddress.solicitedNodeLo(a.lo())).toString());
        assertEquals("33:33:ff:12:34:56", MacAddress.format(MacAddress.forIpv6Multicast(0x1_ff12_3456L)));
        assertTrue(IpAddress.isLinkLocalV6(IpAddress.parse("febf::1").hi()));
        assertFalse(IpAddress.isLinkLocalV6(IpAddress.parse("fec0::1").hi()));
        assertEquals(5, IpAddress.multicastScope(IpAddress.parse("ff15::1").hi()));
        IpAddress v4 = IpAddress.parse("192.0.2.1");
        assertFalse(IpPrefix.parse("::/0").contains(v4.hi(), v4.lo()), "a default route is of one family");
        assertTrue(IpPrefix.parse("0.0.0.0/0").contains(v4.hi(), v4.lo()));
        assertFalse(IpPrefix.parse("0.0.0.0/0").contains(a.hi(), a.lo()));
    }
}
