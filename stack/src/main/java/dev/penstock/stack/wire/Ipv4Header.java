package dev.penstock.stack.wire;

import dev.penstock.stack.base.DropReason;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** An IPv4 header, 20 to 60 bytes (RFC 791, section 3.1). */
public final class Ipv4Header {
    /** Bytes without options. */
    public static final int MIN_LENGTH = 20;
    /** The smallest MTU of a link, bytes (RFC 791, section 3.2). */
    public static final int MIN_LINK_MTU = 68;
    /** Bytes with all the options that fit. */
    public static final int MAX_LENGTH = 60;

    /** Don't Fragment, in the flags word. */
    public static final int DF = 0x4000;
    /** More Fragments, in the flags word. */
    public static final int MF = 0x2000;

    private static final int OFFSET_MASK = 0x1fff;

    private Ipv4Header() {}

    /** Null when version, lengths and checksum are right, so that the accessors may be used. */
    public static DropReason check(DirectBuffer buffer, int offset, int length) {
        if (length < MIN_LENGTH) {
            return DropReason.IPV4_TRUNCATED;
        }
        if (Wire.u8(buffer, offset) >>> 4 != 4) {
            return DropReason.IPV4_BAD_VERSION;
        }
        int headerLength = headerLength(buffer, offset);
        if (headerLength < MIN_LENGTH || headerLength > length) {
            return DropReason.IPV4_BAD_HEADER_LENGTH;
        }
        int totalLength = totalLength(buffer, offset);
        if (totalLength < headerLength || totalLength > length) {
            return DropReason.IPV4_BAD_TOTAL_LENGTH;
        }
        if (!InternetChecksum.isValid(InternetChecksum.sum(buffer, offset, headerLength))) {
            return DropReason.IPV4_BAD_CHECKSUM;
        }
        return null;
    }

    /** Header bytes, options included. */
    public static int headerLength(DirectBuffer buffer, int offset) {
        return (buffer.getByte(offset) & 0x0f) << 2;
    }

    /** DSCP and ECN. */
    public static int tos(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + 1);
    }

    /** Header and payload, bytes. */
    public static int totalLength(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 2);
    }

    public static int identification(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 4);
    }

    public static boolean dontFragment(DirectBuffer buffer, int offset) {
        return (Wire.u16(buffer, offset + 6) & DF) != 0;
    }

    public static boolean moreFragments(DirectBuffer buffer, int offset) {
        return (Wire.u16(buffer, offset + 6) & MF) != 0;
    }

    /** Where this fragment's payload belongs, in bytes: a multiple of 8. */
    public static int fragmentOffset(DirectBuffer buffer, int offset) {
        return (Wire.u16(buffer, offset + 6) & OFFSET_MASK) << 3;
    }

    /** True for any piece of a fragmented packet. */
    public static boolean isFragment(DirectBuffer buffer, int offset) {
        return (Wire.u16(buffer, offset + 6) & (MF | OFFSET_MASK)) != 0;
    }

    public static int ttl(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + 8);
    }

    public static int protocol(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + 9);
    }

    public static int source(DirectBuffer buffer, int offset) {
        return Wire.i32(buffer, offset + 12);
    }

    public static int destination(DirectBuffer buffer, int offset) {
        return Wire.i32(buffer, offset + 16);
    }

    /**
     * Writes a header without options, checksum included.
     *
     * @param flagsAndOffset {@link #DF}, {@link #MF} and the fragment offset in units of 8 bytes
     */
    public static void put(
            MutableDirectBuffer buffer,
            int offset,
            int tos,
            int totalLength,
            int identification,
            int flagsAndOffset,
            int ttl,
            int protocol,
            int source,
            int destination) {
        Wire.u16(buffer, offset, 0x4500 | tos);
        Wire.u16(buffer, offset + 2, totalLength);
        Wire.u16(buffer, offset + 4, identification);
        Wire.u16(buffer, offset + 6, flagsAndOffset);
        Wire.u16(buffer, offset + 8, ttl << 8 | protocol);
        Wire.u16(buffer, offset + 10, 0);
        Wire.u32(buffer, offset + 12, source);
        Wire.u32(buffer, offset + 16, destination);
        putChecksum(buffer, offset, MIN_LENGTH);
    }

    /** Computes the header checksum and writes it. */
    public static void putChecksum(MutableDirectBuffer buffer, int offset, int headerLength) {
        Wire.u16(buffer, offset + 10, 0);
        Wire.u16(buffer, offset + 10, InternetChecksum.finish(InternetChecksum.sum(buffer, offset, headerLength)));
    }
}
