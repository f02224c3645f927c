package dev.penstock.stack.wire;

import dev.penstock.stack.base.DropReason;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** An IPv6 header: 40 bytes (RFC 8200, section 3). What follows it is for {@link Ipv6Extension}. */
public final class Ipv6Header {
    /** Bytes. */
    public static final int LENGTH = 40;
    /** The MTU that every link has at least, bytes (RFC 8200, section 5). */
    public static final int MIN_LINK_MTU = 1280;
    /** The most bytes behind the header; jumbograms (RFC 2675) are not supported. */
    public static final int MAX_PAYLOAD = 65_535;
    /** Where the payload length is, for Parameter Problem messages. */
    public static final int PAYLOAD_LENGTH_OFFSET = 4;
    /** Where the type of the next header is. */
    public static final int NEXT_HEADER_OFFSET = 6;

    private Ipv6Header() {}

    /** Null when version and lengths are right, so that the accessors may be used. */
    public static DropReason check(DirectBuffer buffer, int offset, int length) {
        if (length < LENGTH) {
            return DropReason.IPV6_TRUNCATED;
        }
        if (Wire.u8(buffer, offset) >>> 4 != 6) {
            return DropReason.IPV6_BAD_VERSION;
        }
        return LENGTH + payloadLength(buffer, offset) > length ? DropReason.IPV6_BAD_LENGTH : null;
    }

    /** DSCP and ECN. */
    public static int trafficClass(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset) >>> 4 & 0xff;
    }

    /** 20 bits (RFC 6437). */
    public static int flowLabel(DirectBuffer buffer, int offset) {
        return Wire.i32(buffer, offset) & 0xf_ffff;
    }

    /** Extension headers and transport payload, bytes. */
    public static int payloadLength(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + PAYLOAD_LENGTH_OFFSET);
    }

    /** What follows this header: an extension header or one of {@link IpProtocol}. */
    public static int nextHeader(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + NEXT_HEADER_OFFSET);
    }

    public static int hopLimit(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + 7);
    }

    public static long sourceHi(DirectBuffer buffer, int offset) {
        return Wire.i64(buffer, offset + 8);
    }

    public static long sourceLo(DirectBuffer buffer, int offset) {
        return Wire.i64(buffer, offset + 16);
    }

    public static long destinationHi(DirectBuffer buffer, int offset) {
        return Wire.i64(buffer, offset + 24);
    }

    public static long destinationLo(DirectBuffer buffer, int offset) {
        return Wire.i64(buffer, offset + 32);
    }

    /** Writes another length of extension headers and payload, bytes. */
    public static void putPayloadLength(MutableDirectBuffer buffer, int offset, int payloadLength) {
        Wire.u16(buffer, offset + PAYLOAD_LENGTH_OFFSET, payloadLength);
    }

    /** Writes another traffic class. */
    public static void putTrafficClass(MutableDirectBuffer buffer, int offset, int trafficClass) {
        Wire.u16(buffer, offset, Wire.u16(buffer, offset) & 0xf00f | trafficClass << 4);
    }

    /**
     * Writes the whole header.
     *
     * @param trafficClass DSCP and ECN, 8 bits
     * @param flowLabel 20 bits
     */
    public static void put(
            MutableDirectBuffer buffer,
            int offset,
            int trafficClass,
            int flowLabel,
            int payloadLength,
            int nextHeader,
            int hopLimit,
            long srcHi,
            long srcLo,
            long dstHi,
            long dstLo) {
        Wire.u32(buffer, offset, 6 << 28 | trafficClass << 20 | flowLabel);
        Wire.u16(buffer, offset + PAYLOAD_LENGTH_OFFSET, payloadLength);
        Wire.u16(buffer, offset + NEXT_HEADER_OFFSET, nextHeader << 8 | hopLimit);
        Wire.u64(buffer, offset + 8, srcHi);
        Wire.u64(buffer, offset + 16, srcLo);
        Wire.u64(buffer, offset + 24, dstHi);
        Wire.u64(buffer, offset + 32, dstLo);
    }
}
