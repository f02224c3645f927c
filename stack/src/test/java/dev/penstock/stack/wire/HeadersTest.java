package dev.penstock.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Each header: what is put is read again, byte order as on the wire, and {@code check} lets no accessor fail. */
class HeadersTest {
    private static final int AT = 3;

    private final UnsafeBuffer b = new UnsafeBuffer(new byte[100]);

    private String hex(int length) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < length; i++) {
            out.append(String.format("%02x", b.getByte(AT + i)));
        }
        return out.toString();
    }

    @Test
    void wireIsBigEndian() {
        Wire.u8(b, AT, 0x1ff);
        assertEquals(0xff, Wire.u8(b, AT));
        Wire.u16(b, AT, 0x1f2f3);
        assertEquals("f2f3", hex(2));
        assertEquals(0xf2f3, Wire.u16(b, AT));
        Wire.u32(b, AT, 0xf1f2f3f4);
        assertEquals("f1f2f3f4", hex(4));
        assertEquals(0xf1f2f3f4, Wire.i32(b, AT));
        assertEquals(0xf1f2f3f4L, Wire.u32(b, AT));
        Wire.u64(b, AT, 0xf1f2f3f4f5f6f7f8L);
        assertEquals("f1f2f3f4f5f6f7f8", hex(8));
        assertEquals(0xf1f2f3f4f5f6f7f8L, Wire.i64(b, AT));
    }

    @Test
    void ethernet() {
        EthernetHeader.put(b, AT, 0x0102_0304_0506L, 0xfaf9_f8f7_f6f5L, EthernetHeader.TYPE_IPV6);
        assertEquals("010203040506faf9f8f7f6f586dd", hex(14));
        assertEquals(0x0102_0304_0506L, EthernetHeader.destination(b, AT));
        assertEquals(0xfaf9_f8f7_f6f5L, EthernetHeader.source(b, AT));
        assertEquals(EthernetHeader.TYPE_IPV6, EthernetHeader.type(b, AT));
        for (int length = 0; length < 14; length++) {
            assertEquals(DropReason.ETHERNET_TRUNCATED, EthernetHeader.check(length));
        }
        assertNull(EthernetHeader.check(14));
    }

    @Test
    void arp() {
        ArpPacket.put(b, AT, ArpPacket.REPLY, 0x0102_0304_0506L, 0xc000_0201, 0xfaf9_f8f7_f6f5L, 0xc000_0202);
        assertEquals("0001080006040002010203040506c0000201faf9f8f7f6f5c0000202", hex(28));
        assertEquals(ArpPacket.REPLY, ArpPacket.operation(b, AT));
        assertEquals(0x0102_0304_0506L, ArpPacket.senderMac(b, AT));
        assertEquals(0xc000_0201, ArpPacket.senderIp(b, AT));
        assertEquals(0xfaf9_f8f7_f6f5L, ArpPacket.targetMac(b, AT));
        assertEquals(0xc000_0202, ArpPacket.targetIp(b, AT));
        assertNull(ArpPacket.check(b, AT, 28));
        assertNull(ArpPacket.check(b, AT, 46), "padding of a short Ethernet frame");
        for (int length = 0; length < 28; length++) {
            assertEquals(DropReason.ARP_MALFORMED, ArpPacket.check(b, AT, length), "length " + length);
        }
        for (int i = 0; i < 6; i++) {
            byte old = b.getByte(AT + i);
            b.putByte(AT + i, (byte) (old + 1));
            assertEquals(DropReason.ARP_UNSUPPORTED, ArpPacket.check(b, AT, 28), "byte " + i);
            b.putByte(AT + i, old);
        }
    }

    @Test
    void ipv4() {
        Ipv4Header.put(b, AT, 0x2e, 84, 0xfedc, Ipv4Header.DF, 64, IpProtocol.UDP, 0xc000_0201, 0xfffe_fdfc);
        assertEquals(4, Wire.u8(b, AT) >>> 4);
        assertEquals(20, Ipv4Header.headerLength(b, AT));
        assertEquals(0x2e, Ipv4Header.tos(b, AT));
        assertEquals(84, Ipv4Header.totalLength(b, AT));
        assertEquals(0xfedc, Ipv4Header.identification(b, AT));
        assertTrue(Ipv4Header.dontFragment(b, AT));
        assertFalse(Ipv4Header.moreFragments(b, AT));
        assertFalse(Ipv4Header.isFragment(b, AT));
        assertEquals(0, Ipv4Header.fragmentOffset(b, AT));
        assertEquals(64, Ipv4Header.ttl(b, AT));
        assertEquals(IpProtocol.UDP, Ipv4Header.protocol(b, AT));
        assertEquals(0xc000_0201, Ipv4Header.source(b, AT));
        assertEquals(0xfffe_fdfc, Ipv4Header.destination(b, AT));
        assertNull(Ipv4Header.check(b, AT, 84));
        assertNull(Ipv4Header.check(b, AT, 90), "padding of a short Ethernet frame");
        for (int length = 0; length < 20; length++) {
            assertEquals(DropReason.IPV4_TRUNCATED, Ipv4Header.check(b, AT, length));
        }
        for (int length = 20; length < 84; length++) {
            assertEquals(DropReason.IPV4_BAD_TOTAL_LENGTH, Ipv4Header.check(b, AT, length));
        }

        Ipv4Header.put(b, AT, 0, 20, 1, Ipv4Header.MF | 0x1fff, 255, 255, 0, 0);
        assertTrue(Ipv4Header.moreFragments(b, AT));
        assertTrue(Ipv4Header.isFragment(b, AT));
        assertFalse(Ipv4Header.dontFragment(b, AT));
        assertEquals(65_528, Ipv4Header.fragmentOffset(b, AT));
        assertEquals(255, Ipv4Header.ttl(b, AT));
        assertEquals(255, Ipv4Header.protocol(b, AT));
        Ipv4Header.put(b, AT, 0, 20, 1, 1, 1, 1, 0, 0);
        assertTrue(Ipv4Header.isFragment(b, AT));
        assertEquals(8, Ipv4Header.fragmentOffset(b, AT));
    }

    @Test
    void ipv4ThatIsNot() {
        Ipv4Header.put(b, AT, 0, 60, 1, 0, 64, 6, 1, 2);
        for (int bit = 0; bit < 160; bit++) {
            int at = AT + bit / 8;
            b.putByte(at, (byte) (b.getByte(at) ^ 1 << bit % 8));
            assertNotNull(Ipv4Header.check(b, AT, 60), "a flipped bit is noticed: " + bit);
            b.putByte(at, (byte) (b.getByte(at) ^ 1 << bit % 8));
        }
        b.putByte(AT, (byte) 0x65);
        assertEquals(DropReason.IPV4_BAD_VERSION, Ipv4Header.check(b, AT, 60));
        b.putByte(AT, (byte) 0x44);
        assertEquals(DropReason.IPV4_BAD_HEADER_LENGTH, Ipv4Header.check(b, AT, 60));
        b.putByte(AT, (byte) 0x4f);
        assertEquals(DropReason.IPV4_BAD_HEADER_LENGTH, Ipv4Header.check(b, AT, 59));
        Wire.u16(b, AT + 2, 59);
        assertEquals(DropReason.IPV4_BAD_TOTAL_LENGTH, Ipv4Header.check(b, AT, 60));
        Wire.u16(b, AT + 2, 60);
        Ipv4Header.putChecksum(b, AT, 60);
        assertNull(Ipv4Header.check(b, AT, 60));
        assertEquals(60, Ipv4Header.headerLength(b, AT));
    }

    @Test
    void icmp() {
        IcmpHeader.put(b, AT, IcmpHeader.ECHO_REQUEST, 7, 0xfedc_ba98);
        b.putByte(AT + 8, (byte) 0x80);
        IcmpHeader.putChecksum(b, AT, 9);
        assertEquals(IcmpHeader.ECHO_REQUEST, IcmpHeader.type(b, AT));
        assertEquals(7, IcmpHeader.code(b, AT));
        assertEquals(0xfedc, IcmpHeader.identifier(b, AT));
        assertEquals(0xba98, IcmpHeader.sequence(b, AT));
        assertEquals(0xba98, IcmpHeader.nextHopMtu(b, AT));
        assertNull(IcmpHeader.check(b, AT, 9));
        for (int length = 0; length < 8; length++) {
            assertEquals(DropReason.ICMP_TRUNCATED, IcmpHeader.check(b, AT, length));
        }
        assertEquals(DropReason.ICMP_BAD_CHECKSUM, IcmpHeader.check(b, AT, 8));
        Wire.u8(b, AT, 0);
        assertEquals(DropReason.ICMP_BAD_CHECKSUM, IcmpHeader.check(b, AT, 9));
    }

    @Test
    void udp() {
        UdpHeader.put(b, AT, 0xfedc, 0xba98, 20, 0x8765);
        assertEquals("fedcba9800148765", hex(8));
        assertEquals(0xfedc, UdpHeader.sourcePort(b, AT));
        assertEquals(0xba98, UdpHeader.destinationPort(b, AT));
        assertEquals(20, UdpHeader.length(b, AT));
        assertEquals(0x8765, UdpHeader.checksum(b, AT));
        for (int length = 0; length < 8; length++) {
            assertEquals(DropReason.UDP_TRUNCATED, UdpHeader.check(b, AT, length));
        }
        for (int length = 8; length < 20; length++) {
            assertEquals(DropReason.UDP_BAD_LENGTH, UdpHeader.check(b, AT, length));
        }
        assertNull(UdpHeader.check(b, AT, 20));
        assertNull(UdpHeader.check(b, AT, 21));
        Wire.u16(b, AT + 4, 7);
        assertEquals(DropReason.UDP_BAD_LENGTH, UdpHeader.check(b, AT, 20));
    }

    @Test
    void tcp() {
        TcpHeader.put(b, AT, 0xfedc, 0xba98, 0xf1f2f3f4, 0xe1e2e3e4, 60, 0x1ff, 0xffff, 0x8765, 0x4321);
        assertEquals("fedcba98f1f2f3f4e1e2e3e4f1ffffff87654321", hex(20));
        assertEquals(0xfedc, TcpHeader.sourcePort(b, AT));
        assertEquals(0xba98, TcpHeader.destinationPort(b, AT));
        assertEquals(0xf1f2f3f4, TcpHeader.sequence(b, AT));
        assertEquals(0xe1e2e3e4, TcpHeader.acknowledgment(b, AT));
        assertEquals(60, TcpHeader.headerLength(b, AT));
        assertEquals(0x1ff, TcpHeader.flags(b, AT));
        assertEquals(0xffff, TcpHeader.window(b, AT));
        assertEquals(0x8765, TcpHeader.checksum(b, AT));
        assertEquals(0x4321, TcpHeader.urgentPointer(b, AT));
        for (int length = 0; length < 20; length++) {
            assertEquals(DropReason.TCP_TRUNCATED, TcpHeader.check(b, AT, length));
        }
        for (int length = 20; length < 60; length++) {
            assertEquals(DropReason.TCP_BAD_DATA_OFFSET, TcpHeader.check(b, AT, length));
        }
        assertNull(TcpHeader.check(b, AT, 60));
        for (int words = 0; words < 5; words++) {
            TcpHeader.put(b, AT, 1, 2, 3, 4, words * 4, 0, 0, 0, 0);
            assertEquals(DropReason.TCP_BAD_DATA_OFFSET, TcpHeader.check(b, AT, 60));
        }
        int[] flags = {
            TcpHeader.FIN,
            TcpHeader.SYN,
            TcpHeader.RST,
            TcpHeader.PSH,
            TcpHeader.ACK,
            TcpHeader.URG,
            TcpHeader.ECE,
            TcpHeader.CWR,
            TcpHeader.AE
        };
        for (int i = 0; i < flags.length; i++) {
            assertEquals(1 << i, flags[i], "RFC 9293, figure 1");
        }
    }

    /** Whatever passes a check, its accessors stay inside the length that was checked. */
    @Property
    void checksNeverReadBeyondTheLength(@ForAll long seed, @ForAll @IntRange(max = 64) int length) {
        RandomSource r = RandomSource.seeded(seed);
        UnsafeBuffer exact = new UnsafeBuffer(new byte[length]);
        for (int i = 0; i < length; i++) {
            exact.putByte(i, (byte) r.nextInt());
        }
        if (length > 0 && r.nextInt(2) == 0) {
            exact.putByte(0, (byte) (0x45 + r.nextInt(11)));
        }
        ArpPacket.check(exact, 0, length);
        Ipv4Header.check(exact, 0, length);
        IcmpHeader.check(exact, 0, length);
        if (UdpHeader.check(exact, 0, length) == null) {
            assertTrue(UdpHeader.length(exact, 0) <= length);
        }
        if (TcpHeader.check(exact, 0, length) == null) {
            assertTrue(TcpHeader.headerLength(exact, 0) <= length);
            assertEquals(0, TcpHeader.urgentPointer(exact, 0) >>> 16);
        }
    }
}
