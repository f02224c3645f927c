package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.TcpOptionSpec;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** An IP packet that the stack sent, and when: bytes, and what they say. */
final class Packet {
    private static final int IPV6_HEADER = 40;
    private static final int FRAGMENT_HEADER = 44;
    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int DESTINATION_OPTIONS = 60;

    final long timeNs;
    final UnsafeBuffer b;
    final boolean v6;
    final int length;
    long srcHi;
    long srcLo;
    long dstHi;
    long dstLo;
    int tos;
    int ttl;
    int flowLabel;
    int protocol;
    /** Where what follows the IP header begins. */
    int transport;

    boolean fragment;
    long fragmentId;
    int fragmentOffset;
    boolean moreFragments;

    /** Null when everything can be read; otherwise what is wrong with the packet. */
    final String broken;

    Packet(byte[] bytes, long timeNs) {
        this.timeNs = timeNs;
        this.b = new UnsafeBuffer(bytes);
        this.length = bytes.length;
        this.v6 = bytes.length > 0 && (bytes[0] & 0xf0) == 0x60;
        String problem = v6 ? parseV6() : parseV4();
        this.broken = problem != null ? problem : checkTransport();
    }

    private String parseV4() {
        DropReason reason = Ipv4Header.check(b, 0, length);
        if (reason != null) {
            return "IPv4 header: " + reason;
        }
        srcLo = IpAddress.v4(Ipv4Header.source(b, 0));
        dstLo = IpAddress.v4(Ipv4Header.destination(b, 0));
        tos = Ipv4Header.tos(b, 0);
        ttl = Ipv4Header.ttl(b, 0);
        protocol = Ipv4Header.protocol(b, 0);
        transport = Ipv4Header.headerLength(b, 0);
        fragment = Ipv4Header.isFragment(b, 0);
        fragmentId = Ipv4Header.identification(b, 0);
        fragmentOffset = Ipv4Header.fragmentOffset(b, 0);
        moreFragments = Ipv4Header.moreFragments(b, 0);
        return Ipv4Header.totalLength(b, 0) == length ? null : "IPv4 header: its length is not the packet's";
    }

    private String parseV6() {
        if (length < IPV6_HEADER || IPV6_HEADER + Wire.u16(b, 4) != length) {
            return "IPv6 header: its length is not the packet's";
        }
        long first = Wire.u32(b, 0);
        tos = (int) (first >>> 20) & 0xff;
        flowLabel = (int) first & 0xfffff;
        ttl = Wire.u8(b, 7);
        srcHi = Wire.i64(b, 8);
        srcLo = Wire.i64(b, 16);
        dstHi = Wire.i64(b, 24);
        dstLo = Wire.i64(b, 32);
        int next = Wire.u8(b, 6);
        int at = IPV6_HEADER;
        while (next == HOP_BY_HOP || next == ROUTING || next == DESTINATION_OPTIONS || next == FRAGMENT_HEADER) {
            if (at + 8 > length) {
                return "IPv6 extension header " + next + " is cut off";
            }
            boolean isFragment = next == FRAGMENT_HEADER;
            if (isFragment) {
                fragment = true;
                fragmentOffset = Wire.u16(b, at + 2) & 0xfff8;
                moreFragments = (Wire.u16(b, at + 2) & 1) != 0;
                fragmentId = Wire.u32(b, at + 4);
            }
            next = Wire.u8(b, at);
            at += isFragment ? 8 : (Wire.u8(b, at + 1) + 1) << 3;
        }
        protocol = next;
        transport = at;
        return at <= length ? null : "an IPv6 extension header is cut off";
    }

    private String checkTransport() {
        if (fragment) {
            return null;
        }
        int n = length - transport;
        if (protocol == IpProtocol.TCP) {
            DropReason reason = TcpHeader.check(b, transport, n);
            return reason != null ? "TCP header: " + reason : checksum("TCP");
        }
        if (protocol == IpProtocol.UDP) {
            if (n < 8 || Wire.u16(b, transport + 4) != n) {
                return "UDP header: its length is not the datagram's";
            }
            return Wire.u16(b, transport + 6) == 0 && !v6 ? null : checksum("UDP");
        }
        if (protocol == IpProtocol.ICMP && !v6) {
            return n >= 8 && InternetChecksum.isValid(InternetChecksum.sum(b, transport, n)) ? null : "ICMP: checksum";
        }
        return protocol == IpProtocol.ICMPV6 && v6 ? n < 8 ? "ICMPv6: too short" : checksum("ICMPv6") : null;
    }

    private String checksum(String name) {
        int n = length - transport;
        int sum = InternetChecksum.pseudoHeader(srcHi, srcLo, dstHi, dstLo, protocol, n);
        sum = InternetChecksum.add(sum, InternetChecksum.sum(b, transport, n));
        return InternetChecksum.isValid(sum) ? null : name + ": the checksum is wrong";
    }

    boolean isTcp() {
        return protocol == IpProtocol.TCP && fragmentOffset == 0;
    }

    boolean isUdp() {
        return protocol == IpProtocol.UDP && fragmentOffset == 0;
    }

    boolean isIcmp() {
        return protocol == (v6 ? IpProtocol.ICMPV6 : IpProtocol.ICMP) && fragmentOffset == 0;
    }

    boolean hasPorts() {
        return isTcp() || isUdp();
    }

    int sourcePort() {
        return Wire.u16(b, transport);
    }

    int destinationPort() {
        return Wire.u16(b, transport + 2);
    }

    int flags() {
        return TcpHeader.flags(b, transport);
    }

    boolean has(int flag) {
        return (flags() & flag) != 0;
    }

    int seq() {
        return TcpHeader.sequence(b, transport);
    }

    int ack() {
        return TcpHeader.acknowledgment(b, transport);
    }

    int window() {
        return TcpHeader.window(b, transport);
    }

    int urgent() {
        return TcpHeader.urgentPointer(b, transport);
    }

    /** Bytes behind the transport header. */
    int payload() {
        int header = isTcp() ? TcpHeader.headerLength(b, transport) : isUdp() ? 8 : 0;
        return length - transport - header;
    }

    List<TcpOptionSpec> options() {
        int from = transport + TcpHeader.MIN_LENGTH;
        return TcpOptionBytes.decode(b, from, transport + TcpHeader.headerLength(b, transport));
    }
}
