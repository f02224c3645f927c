package dev.penstock.stack.device;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.UdpHeader;
import dev.penstock.stack.wire.Wire;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** What devices, simulated ones included, must know of the packets that pass through them. */
public final class Packets {
    static final int IPV6_HEADER = 40;

    private static final int VLAN_TAG = 4;
    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int DESTINATION_OPTIONS = 60;
    private static final int MAX_EXTENSION_HEADERS = 8;

    private Packets() {}

    /**
     * Bytes of the link-layer header, 802.1Q tags included, in front of an IP packet; -1 for anything else, and for a
     * frame too short to tell.
     */
    public static int linkLength(DirectBuffer buffer, int offset, int length) {
        int at = EthernetHeader.LENGTH;
        for (int tags = 0; tags <= 2 && length >= at; tags++) {
            int type = Wire.u16(buffer, offset + at - 2);
            if (type == EthernetHeader.TYPE_IPV4 || type == EthernetHeader.TYPE_IPV6) {
                return at;
            }
            if (type != EthernetHeader.TYPE_VLAN && type != EthernetHeader.TYPE_QINQ) {
                return -1;
            }
            at += VLAN_TAG;
        }
        return -1;
    }

    /** Copies {@code length} bytes of a frame, slices included, from the {@code from}-th on. */
    static void copy(Frame frame, int from, int length, MutableDirectBuffer dst, int at) {
        int to = from + length;
        int pos = frame.headLength();
        if (from < pos) {
            int n = Math.min(to, pos) - from;
            dst.putBytes(at, frame.buffer(), frame.start() + from, n);
        }
        for (int i = 0; i < frame.sliceCount() && pos < to; i++) {
            int n = frame.sliceLength(i);
            int lo = Math.max(from, pos);
            int hi = Math.min(to, pos + n);
            if (lo < hi) {
                dst.putBytes(at + lo - from, frame.sliceBuffer(i), frame.sliceOffset(i) + lo - pos, hi - lo);
            }
            pos += n;
        }
    }

    /** The partial checksum of a frame from its {@code from}-th byte, which is not in a slice, to its end. */
    static int sum(Frame frame, int from) {
        int length = frame.headLength() - from;
        int sum = InternetChecksum.sum(frame.buffer(), frame.start() + from, length);
        for (int i = 0; i < frame.sliceCount(); i++) {
            int n = frame.sliceLength(i);
            int slice = InternetChecksum.sum(frame.sliceBuffer(i), frame.sliceOffset(i), n);
            sum = InternetChecksum.concat(sum, length, slice);
            length += n;
        }
        return sum;
    }

    /** The value for a checksum field; UDP never sends 0, which means "none" (RFC 768). */
    static int finish(int sum, int csumOffset) {
        int checksum = InternetChecksum.finish(sum);
        return checksum == 0 && csumOffset == UdpHeader.CHECKSUM_OFFSET ? 0xffff : checksum;
    }

    /**
     * Computes the TCP or UDP checksum of a link-layer frame from its addresses and writes it, whatever the field held.
     * A frame that is not TCP or UDP, is a fragment, or is malformed stays as it is.
     */
    public static void completeChecksum(MutableDirectBuffer buffer, int offset, int length) {
        int link = linkLength(buffer, offset, length);
        if (link < 0) {
            return;
        }
        int ip = offset + link;
        int room = length - link;
        if (room >= Ipv4Header.MIN_LENGTH && Wire.u8(buffer, ip) >>> 4 == 4) {
            int header = Ipv4Header.headerLength(buffer, ip);
            int total = Ipv4Header.totalLength(buffer, ip);
            if (header >= Ipv4Header.MIN_LENGTH
                    && total >= header
                    && total <= room
                    && !Ipv4Header.isFragment(buffer, ip)) {
                long src = IpAddress.v4(Ipv4Header.source(buffer, ip));
                long dst = IpAddress.v4(Ipv4Header.destination(buffer, ip));
                int protocol = Ipv4Header.protocol(buffer, ip);
                int pseudo = InternetChecksum.pseudoHeader(0, src, 0, dst, protocol, total - header);
                completeTransport(buffer, ip + header, total - header, protocol, pseudo);
            }
        } else if (room >= IPV6_HEADER && Wire.u8(buffer, ip) >>> 4 == 6) {
            completeV6(buffer, ip, Math.min(room, IPV6_HEADER + Wire.u16(buffer, ip + 4)));
        }
    }

    private static void completeV6(MutableDirectBuffer buffer, int ip, int length) {
        int next = Wire.u8(buffer, ip + 6);
        int at = IPV6_HEADER;
        for (int i = 0; i < MAX_EXTENSION_HEADERS && isExtension(next) && at + 8 <= length; i++) {
            next = Wire.u8(buffer, ip + at);
            at += (Wire.u8(buffer, ip + at + 1) + 1) << 3;
        }
        if (at <= length) {
            long srcHi = Wire.i64(buffer, ip + 8);
            long srcLo = Wire.i64(buffer, ip + 16);
            long dstHi = Wire.i64(buffer, ip + 24);
            long dstLo = Wire.i64(buffer, ip + 32);
            int pseudo = InternetChecksum.pseudoHeader(srcHi, srcLo, dstHi, dstLo, next, length - at);
            completeTransport(buffer, ip + at, length - at, next, pseudo);
        }
    }

    private static boolean isExtension(int header) {
        return header == HOP_BY_HOP || header == ROUTING || header == DESTINATION_OPTIONS;
    }

    private static void completeTransport(MutableDirectBuffer buffer, int at, int length, int protocol, int pseudo) {
        int csumOffset;
        if (protocol == IpProtocol.TCP && length >= TcpHeader.MIN_LENGTH) {
            csumOffset = TcpHeader.CHECKSUM_OFFSET;
        } else if (protocol == IpProtocol.UDP && length >= UdpHeader.LENGTH) {
            csumOffset = UdpHeader.CHECKSUM_OFFSET;
        } else {
            return;
        }
        Wire.u16(buffer, at + csumOffset, pseudo);
        Wire.u16(buffer, at + csumOffset, finish(InternetChecksum.sum(buffer, at, length), csumOffset));
    }
}
