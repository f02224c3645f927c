package dev.penstock.stack.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import java.util.Arrays;
import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * What is written and read, octet by octet as the RFCs draw it: what writers and readers get wrong alike, a round trip does
 * not show. Where something is written there was something else before.
 */
class OctetsTest {
    private static final int AT = 5;

    private static UnsafeBuffer dirty() {
        byte[] bytes = new byte[80];
        Arrays.fill(bytes, (byte) 0xa5);
        return new UnsafeBuffer(bytes);
    }

    private static UnsafeBuffer octets(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        byte[] moved = new byte[AT + bytes.length];
        System.arraycopy(bytes, 0, moved, AT, bytes.length);
        return new UnsafeBuffer(moved);
    }

    private static void assertOctets(String hex, UnsafeBuffer written) {
        byte[] expected = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertArrayEquals(expected, Arrays.copyOfRange(written.byteArray(), AT, AT + expected.length));
        assertEquals((byte) 0xa5, written.getByte(AT - 1), "nothing before it is touched");
        assertEquals((byte) 0xa5, written.getByte(AT + expected.length), "nothing behind it is touched");
    }

    @Test
    void icmp() {
        UnsafeBuffer b = dirty();
        IcmpHeader.put(b, AT, 3, 4, 0x0000_05dc);
        assertOctets("03 04 0000 0000 05dc", b);
        b = octets("08 00 ffff 1234 5678");
        IcmpHeader.putChecksum(b, AT, 8);
        assertEquals("08008f531234" + "5678", HexFormat.of().formatHex(b.byteArray(), AT, AT + 8));
        assertNull(IcmpHeader.check(b, AT, 8));
    }

    @Test
    void icmpv6() {
        UnsafeBuffer b = dirty();
        Icmpv6Header.put(b, AT, 2, 1, 1280);
        assertOctets("02 01 0000 00000500", b);
        b = octets("80 07 beef 1234 5678 00");
        assertEquals(0x80, Icmpv6Header.type(b, AT));
        assertEquals(7, Icmpv6Header.code(b, AT));
        assertEquals(0x1234, Icmpv6Header.identifier(b, AT));
        assertEquals(0x5678, Icmpv6Header.sequence(b, AT));
        assertEquals(0x1234_5678L, Icmpv6Header.rest(b, AT));
        b = octets("02 00 0000 ffffffff");
        assertEquals(0xffff_ffffL, Icmpv6Header.rest(b, AT));
        b = octets("80 00 ffff 1234 5678");
        Icmpv6Header.putChecksum(b, AT, 8, 0x1111);
        assertNull(Icmpv6Header.check(b, AT, 8, 0x1111));
        assertEquals("06 42", String.format("%02x %02x", b.getByte(AT + 2), b.getByte(AT + 3)));
    }

    @Requirement("RFC4443:2.1-1")
    @Test
    void errorsAreTheTypesBelow128() {
        assertTrue(Icmpv6Header.isError(0));
        assertTrue(Icmpv6Header.isError(127));
        assertFalse(Icmpv6Header.isError(128));
        assertFalse(Icmpv6Header.isError(255));
    }

    @Requirement("RFC4861:7.2.4-1")
    @Test
    void neighborAdvertisement() {
        UnsafeBuffer b = dirty();
        assertEquals(32, NdpMessage.putAdvertisement(b, AT, true, true, 0x20010db8_00000000L, 1, 0x0200_0000_0001L));
        assertOctets("88 00 0000 60000000 20010db8000000000000000000000001 02 01 020000000001", b);
        b = dirty();
        assertEquals(24, NdpMessage.putAdvertisement(b, AT, true, false, 1, 2, MacAddress.NONE));
        assertOctets("88 00 0000 40000000 0000000000000001 0000000000000002", b);
        b = dirty();
        assertEquals(24, NdpMessage.putAdvertisement(b, AT, false, true, 1, 2, MacAddress.NONE));
        assertOctets("88 00 0000 20000000 0000000000000001 0000000000000002", b);
        b = octets("88 00 0000 80000000");
        assertTrue(NdpMessage.isRouter(b, AT));
        assertFalse(NdpMessage.isSolicited(b, AT));
        assertFalse(NdpMessage.isOverride(b, AT));
        b = octets("88 00 0000 40000000");
        assertTrue(NdpMessage.isSolicited(b, AT));
        assertFalse(NdpMessage.isRouter(b, AT));
        b = octets("88 00 0000 20000000");
        assertTrue(NdpMessage.isOverride(b, AT));
    }

    @Test
    void solicitations() {
        UnsafeBuffer b = dirty();
        assertEquals(32, NdpMessage.putSolicitation(b, AT, 0x20010db8_00000000L, 0x22, 0x0200_0000_0001L));
        assertOctets("87 00 0000 00000000 20010db8000000000000000000000022 01 01 020000000001", b);
        assertEquals(0x20010db8_00000000L, NdpMessage.targetHi(b, AT));
        assertEquals(0x22, NdpMessage.targetLo(b, AT));
        b = dirty();
        assertEquals(16, NdpMessage.putRouterSolicitation(b, AT, 0x0200_0000_0001L));
        assertOctets("85 00 0000 00000000 01 01 020000000001", b);
        b = dirty();
        assertEquals(8, NdpMessage.putRouterSolicitation(b, AT, MacAddress.NONE));
        assertOctets("85 00 0000 00000000", b);
    }

    @Test
    void routerAdvertisement() {
        UnsafeBuffer b = octets("86 00 0000 40 c0 0708 80000001 00000fa0");
        assertEquals(0x40, NdpMessage.curHopLimit(b, AT));
        assertEquals(0x0708, NdpMessage.routerLifetime(b, AT));
        assertEquals(0x8000_0001L, NdpMessage.reachableTime(b, AT));
        assertEquals(4000, NdpMessage.retransTimer(b, AT));
    }

    @Test
    void optionsOfRouterAdvertisements() {
        UnsafeBuffer prefix = octets("03 04 40 80 80000000 00000001 00000000 20010db800010000 0000000000000009");
        assertEquals(32, NdpOption.length(prefix, AT));
        assertEquals(64, NdpOption.prefixLength(prefix, AT));
        assertTrue(NdpOption.isOnLink(prefix, AT));
        assertFalse(NdpOption.isAutonomous(prefix, AT));
        assertEquals(0x8000_0000L, NdpOption.validLifetime(prefix, AT));
        assertEquals(1, NdpOption.preferredLifetime(prefix, AT));
        assertEquals(0x20010db8_00010000L, NdpOption.prefixHi(prefix, AT));
        assertEquals(9, NdpOption.prefixLo(prefix, AT));
        prefix.putByte(AT + 3, (byte) 0x40);
        assertFalse(NdpOption.isOnLink(prefix, AT));
        assertTrue(NdpOption.isAutonomous(prefix, AT));
        UnsafeBuffer mtu = octets("05 01 0000 000005dc");
        assertEquals(1500, NdpOption.mtu(mtu, AT));
    }

    @Test
    void anOptionIsFoundBehindOthers() {
        UnsafeBuffer b = octets("0e 01 111111111111 01 02 0200000000010000 000000000000 02 01 020000000003");
        int end = AT + 32;
        assertTrue(NdpOption.areWellFormed(b, AT, end));
        assertEquals(AT, NdpOption.find(b, AT, end, 14));
        assertEquals(AT + 8, NdpOption.find(b, AT, end, 1));
        assertEquals(AT + 24, NdpOption.find(b, AT, end, 2));
        assertEquals(NdpOption.NOT_FOUND, NdpOption.find(b, AT, end, 3));
        assertEquals(NdpOption.NOT_FOUND, NdpOption.find(b, AT, AT + 24, 2));
        assertEquals(MacAddress.NONE, NdpOption.linkAddress(b, AT, end, 1), "of another length than Ethernet's");
        assertEquals(0x0200_0000_0003L, NdpOption.linkAddress(b, AT, end, 2));
        b.putByte(AT + 26, (byte) 0x03);
        assertEquals(MacAddress.NONE, NdpOption.linkAddress(b, AT, end, 2), "a group");
    }

    @Test
    void extensionHeaders() {
        UnsafeBuffer b = octets("06 02 04 03 00000000");
        assertEquals(6, Ipv6Extension.nextHeader(b, AT));
        assertEquals(24, Ipv6Extension.length(b, AT, Ipv6Extension.ROUTING));
        assertEquals(8, Ipv6Extension.length(b, AT, Ipv6Extension.FRAGMENT));
        assertEquals(4, Ipv6Extension.routingType(b, AT));
        assertEquals(3, Ipv6Extension.segmentsLeft(b, AT));
        Ipv6Extension.putNextHeader(b, AT, 0x3a);
        assertEquals("3a020403", HexFormat.of().formatHex(b.byteArray(), AT, AT + 4));
        b = dirty();
        Ipv6Extension.putFragment(b, AT, 17, 0x1238, true, 0x89abcdef);
        assertOctets("11 00 1239 89abcdef", b);
        b = octets("11 00 123f 89abcdef");
        assertEquals(0x1238, Ipv6Extension.fragmentOffset(b, AT));
        assertTrue(Ipv6Extension.moreFragments(b, AT));
        assertEquals(0x89abcdef, Ipv6Extension.identification(b, AT));
        b.putByte(AT + 3, (byte) 0x3e);
        assertFalse(Ipv6Extension.moreFragments(b, AT));
    }

    @Test
    void aTransportThatBeginsAtTheEndIsFoundAndNoneBehindIt() {
        UnsafeBuffer b = octets("06 00 0000 00000000");
        long found = Ipv6Extension.upperLayer(b, Ipv6Extension.DESTINATION_OPTIONS, AT, AT + 8);
        assertEquals(6, Ipv6Extension.protocol(found));
        assertEquals(AT + 8, Ipv6Extension.offset(found));
        assertEquals(
                Ipv6Extension.NOT_FOUND, Ipv6Extension.upperLayer(b, Ipv6Extension.DESTINATION_OPTIONS, AT, AT + 7));
        UnsafeBuffer chain = new UnsafeBuffer(new byte[8 * (Ipv6Extension.MAX_HEADERS + 2)]);
        for (int i = 0; i < Ipv6Extension.MAX_HEADERS; i++) {
            chain.putByte(8 * i, (byte) (i == Ipv6Extension.MAX_HEADERS - 1 ? 17 : Ipv6Extension.DESTINATION_OPTIONS));
        }
        found = Ipv6Extension.upperLayer(chain, Ipv6Extension.DESTINATION_OPTIONS, 0, chain.capacity());
        assertEquals(17, Ipv6Extension.protocol(found), "as many headers as are allowed");
        chain.putByte(8 * (Ipv6Extension.MAX_HEADERS - 1), (byte) Ipv6Extension.DESTINATION_OPTIONS);
        chain.putByte(8 * Ipv6Extension.MAX_HEADERS, (byte) 17);
        assertEquals(
                Ipv6Extension.NOT_FOUND,
                Ipv6Extension.upperLayer(chain, Ipv6Extension.DESTINATION_OPTIONS, 0, chain.capacity()));
    }

    @Test
    void incrementalUpdatesOfTheChecksum() {
        // RFC 1624, section 4: "HC' = ~(C + (-m) + m')"; its example: 0xdd2f, 0x5555 becomes 0x3285, 0x0000.
        assertEquals(0x0000, InternetChecksum.update(0xdd2f, 0x5555, 0x3285));
        for (int checksum : new int[] {0, 1, 0xdd2f, 0xfffe, 0xffff}) {
            for (int was : new int[] {0, 1, 0x5555, 0xfffe, 0xffff}) {
                for (int is : new int[] {0, 1, 0x3285, 0xfffe, 0xffff}) {
                    int sum = (~checksum & 0xffff) + (~was & 0xffff) + is;
                    while (sum > 0xffff) {
                        sum = (sum & 0xffff) + (sum >>> 16);
                    }
                    assertEquals(~sum & 0xffff, InternetChecksum.update(checksum, was, is));
                }
            }
        }
    }

    @Test
    void edgesOfMacAddresses() {
        assertTrue(MacAddress.isUnicast(1));
        assertFalse(MacAddress.isUnicast(0));
        assertFalse(MacAddress.isUnicast(MacAddress.BROADCAST));
        assertTrue(MacAddress.isUnicast(0xfeff_ffff_ffffL));
        assertFalse(MacAddress.isUnicast(0x1_0000_0000_0000L), "more than 48 bits");
        assertEquals(0x0200_0000_00aaL, MacAddress.locallyAdministered(0xaa));
        assertEquals(0xfeff_ffff_ffffL, MacAddress.locallyAdministered(-1));
        assertEquals(0x0200_0000_00aaL, MacAddress.locallyAdministered(0x0200_0000_00aaL), "it has the bit already");
    }

    @Test
    void edgesOfPrefixes() {
        for (int bits : new int[] {0, 1, 63, 64, 65, 127, 128}) {
            IpPrefix prefix = IpPrefix.parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/" + bits);
            for (int flipped = 0; flipped < 128; flipped++) {
                long hi = flipped < 64 ? -1L ^ Long.MIN_VALUE >>> flipped : -1L;
                long lo = flipped < 64 ? -1L : -1L ^ Long.MIN_VALUE >>> flipped - 64;
                assertEquals(flipped >= bits, prefix.contains(hi, lo), bits + " bits, and bit " + flipped);
            }
        }
    }

    @Test
    void aSingleZeroAtTheEndIsWrittenWhateverComesBeforeIt() {
        // RFC 5952, section 4.2.2: "The symbol '::' MUST NOT be used to shorten just one 16-bit 0 field."
        for (int other = 0; other < 7; other++) {
            int[] groups = {1, 2, 3, 4, 5, 6, 7, 0};
            groups[other] = other == 6 ? 7 : 0;
            StringBuilder text = new StringBuilder();
            for (int g : groups) {
                text.append(text.length() == 0 ? "" : ":").append(g);
            }
            assertEquals(text.toString(), IpAddress.parse(text.toString()).toString());
        }
    }
}
