package dev.penstock.conformance.attack;

import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.Ipv6Extension;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.UdpHeader;
import dev.penstock.stack.wire.Wire;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/** Packets from anyone to anyone, of either family, with right lengths and checksums. Each method answers new bytes. */
final class Craft {
    private static final int ETHERNET = EthernetHeader.LENGTH;

    private Craft() {}

    static byte[] bytes(int n) {
        byte[] all = new byte[n];
        Arrays.fill(all, (byte) 'A');
        return all;
    }

    static byte[] join(byte[]... parts) {
        byte[] all = new byte[0];
        for (byte[] part : parts) {
            int at = all.length;
            all = Arrays.copyOf(all, at + part.length);
            System.arraycopy(part, 0, all, at, part.length);
        }
        return all;
    }

    private static int pseudo(IpAddress src, IpAddress dst, int protocol, int length) {
        return InternetChecksum.pseudoHeader(src.hi(), src.lo(), dst.hi(), dst.lo(), protocol, length);
    }

    private static byte[] mend(byte[] all, int checksumOffset, int pseudo) {
        UnsafeBuffer b = new UnsafeBuffer(all);
        Wire.u16(b, checksumOffset, 0);
        int sum = InternetChecksum.add(pseudo, InternetChecksum.sum(b, 0, all.length));
        Wire.u16(b, checksumOffset, InternetChecksum.finish(sum));
        return all;
    }

    static byte[] tcp(
            IpAddress src, int srcPort, IpAddress dst, int dstPort, int seq, int ack, int flags, byte... data) {
        byte[] all = Arrays.copyOf(new byte[0], TcpHeader.MIN_LENGTH + data.length);
        UnsafeBuffer b = new UnsafeBuffer(all);
        TcpHeader.put(b, 0, srcPort, dstPort, seq, ack, TcpHeader.MIN_LENGTH, flags, 65_535, 0, 0);
        b.putBytes(TcpHeader.MIN_LENGTH, data);
        return mend(all, TcpHeader.CHECKSUM_OFFSET, pseudo(src, dst, IpProtocol.TCP, all.length));
    }

    static byte[] udp(IpAddress src, int srcPort, IpAddress dst, int dstPort, byte... data) {
        byte[] all = new byte[UdpHeader.LENGTH + data.length];
        UnsafeBuffer b = new UnsafeBuffer(all);
        UdpHeader.put(b, 0, srcPort, dstPort, all.length, 0);
        b.putBytes(UdpHeader.LENGTH, data);
        return mend(all, UdpHeader.CHECKSUM_OFFSET, pseudo(src, dst, IpProtocol.UDP, all.length));
    }

    /** ICMP of the family that the addresses are of. */
    static byte[] icmp(IpAddress src, IpAddress dst, int type, int code, int rest, byte... data) {
        byte[] all = new byte[IcmpHeader.LENGTH + data.length];
        UnsafeBuffer b = new UnsafeBuffer(all);
        IcmpHeader.put(b, 0, type, code, rest);
        b.putBytes(IcmpHeader.LENGTH, data);
        if (src.isV4()) {
            IcmpHeader.putChecksum(b, 0, all.length);
        } else {
            Icmpv6Header.putChecksum(b, 0, all.length, pseudo(src, dst, IpProtocol.ICMPV6, all.length));
        }
        return all;
    }

    /** An IP packet; {@code protocol} is the first next header of IPv6. */
    static byte[] ip(IpAddress src, IpAddress dst, int protocol, int ttl, byte... payload) {
        if (!src.isV4() || !dst.isV4()) {
            byte[] all = join(new byte[Ipv6Header.LENGTH], payload);
            UnsafeBuffer b = new UnsafeBuffer(all);
            Ipv6Header.put(b, 0, 0, 0, payload.length, protocol, ttl, src.hi(), src.lo(), dst.hi(), dst.lo());
            return all;
        }
        return ipv4(src, dst, protocol, ttl, 1, 0, new byte[0], payload);
    }

    /** @param options whole words */
    static byte[] ipv4(
            IpAddress src, IpAddress dst, int protocol, int ttl, int id, int fragment, byte[] options, byte[] payload) {
        int header = Ipv4Header.MIN_LENGTH + options.length;
        byte[] all = join(new byte[Ipv4Header.MIN_LENGTH], options, payload);
        UnsafeBuffer b = new UnsafeBuffer(all);
        Ipv4Header.put(b, 0, 0, all.length, id, fragment, ttl, protocol, (int) src.lo(), (int) dst.lo());
        Wire.u8(b, 0, 0x40 | header / 4);
        Ipv4Header.putChecksum(b, 0, header);
        return all;
    }

    /** A fragment of either family, with the bytes {@code from .. to} of what is behind the IP header. */
    static byte[] fragment(
            IpAddress src, IpAddress dst, int protocol, int id, int offset, boolean more, byte... payload) {
        if (src.isV4()) {
            int flags = offset >>> 3 | (more ? Ipv4Header.MF : 0);
            return ipv4(src, dst, protocol, 64, id, flags, new byte[0], payload);
        }
        byte[] header = new byte[Ipv6Extension.MIN_LENGTH];
        Ipv6Extension.putFragment(new UnsafeBuffer(header), 0, protocol, offset, more, id);
        return ip(src, dst, Ipv6Extension.FRAGMENT, 64, join(header, payload));
    }

    /** The frame around an IP packet. */
    static byte[] frame(long srcMac, long dstMac, byte... packet) {
        boolean v4 = packet[0] >>> 4 == 4;
        return frame(srcMac, dstMac, v4 ? EthernetHeader.TYPE_IPV4 : EthernetHeader.TYPE_IPV6, packet);
    }

    static byte[] frame(long srcMac, long dstMac, int type, byte... payload) {
        byte[] all = join(new byte[ETHERNET], payload);
        EthernetHeader.put(new UnsafeBuffer(all), 0, dstMac, srcMac, type);
        return all;
    }

    /** The link address of a group or of all. */
    static long groupMac(IpAddress group) {
        if (!group.isMulticast()) {
            return MacAddress.BROADCAST;
        }
        return group.isV4() ? MacAddress.forIpv4Multicast((int) group.lo()) : MacAddress.forIpv6Multicast(group.lo());
    }
}
