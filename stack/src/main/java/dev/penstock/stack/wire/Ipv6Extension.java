package dev.penstock.stack.wire;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The extension headers of IPv6 (RFC 8200, section 4). All but the fragment header begin with the type of the next header
 * and their own length in units of 8 bytes, the first not counted. Offsets are those of the header in its buffer.
 */
public final class Ipv6Extension {
    public static final int HOP_BY_HOP = 0;
    public static final int ROUTING = 43;
    public static final int FRAGMENT = 44;
    /** Nothing follows (RFC 8200, section 4.7). */
    public static final int NO_NEXT_HEADER = 59;

    public static final int DESTINATION_OPTIONS = 60;

    /** Bytes of a fragment header, and of the shortest of the others. */
    public static final int MIN_LENGTH = 8;
    /** The most extension headers of one packet (RFC 8504, section 5.3 allows a limit; no honest packet has so many). */
    public static final int MAX_HEADERS = 8;

    /** {@link #upperLayer}: there is none that could be reached. */
    public static final long NOT_FOUND = -1;

    private static final int MORE_FRAGMENTS = 1;

    private Ipv6Extension() {}

    /** True for the headers that are walked over: hop-by-hop and destination options, routing, fragment. */
    public static boolean isExtension(int header) {
        return header == HOP_BY_HOP || header == ROUTING || header == FRAGMENT || header == DESTINATION_OPTIONS;
    }

    /** The type of the header that follows. */
    public static int nextHeader(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset);
    }

    /** Writes the type of the header that follows. */
    public static void putNextHeader(MutableDirectBuffer buffer, int offset, int nextHeader) {
        Wire.u8(buffer, offset, nextHeader);
    }

    /** Bytes of the header of this type: a multiple of 8, 8 .. 2048. */
    public static int length(DirectBuffer buffer, int offset, int type) {
        return type == FRAGMENT ? MIN_LENGTH : (Wire.u8(buffer, offset + 1) + 1) << 3;
    }

    /** Of a routing header: its type. */
    public static int routingType(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + 2);
    }

    /** Of a routing header: nodes that are still to be visited. */
    public static int segmentsLeft(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + 3);
    }

    /** Of a fragment header: where the fragment belongs, in bytes: a multiple of 8. */
    public static int fragmentOffset(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 2) & 0xfff8;
    }

    /** Of a fragment header. */
    public static boolean moreFragments(DirectBuffer buffer, int offset) {
        return (Wire.u16(buffer, offset + 2) & MORE_FRAGMENTS) != 0;
    }

    /** Of a fragment header: 32 bits. */
    public static int identification(DirectBuffer buffer, int offset) {
        return Wire.i32(buffer, offset + 4);
    }

    /**
     * Writes a fragment header.
     *
     * @param fragmentOffset in bytes: a multiple of 8
     */
    public static void putFragment(
            MutableDirectBuffer buffer, int offset, int nextHeader, int fragmentOffset, boolean more, int id) {
        Wire.u16(buffer, offset, nextHeader << 8);
        Wire.u16(buffer, offset + 2, fragmentOffset | (more ? MORE_FRAGMENTS : 0));
        Wire.u32(buffer, offset + 4, id);
    }

    /**
     * Finds the transport header behind an IPv6 header that was checked, or the first 40 bytes of which are known to be
     * there; without judging the options on the way. A fragment other than the first has none.
     *
     * @param offset of the IPv6 header
     * @param length bytes that may be looked at, header included
     * @return the protocol in the upper 32 bits and the offset in the buffer in the lower; or {@link #NOT_FOUND}
     */
    public static long upperLayer(DirectBuffer buffer, int offset, int length) {
        int end = offset + length;
        return upperLayer(buffer, Ipv6Header.nextHeader(buffer, offset), offset + Ipv6Header.LENGTH, end);
    }

    /**
     * As {@link #upperLayer(DirectBuffer, int, int)}, from a header in the chain on.
     *
     * @param type of the header at {@code at}
     * @param end where the bytes end that may be looked at
     */
    public static long upperLayer(DirectBuffer buffer, int type, int at, int end) {
        int next = type;
        int here = at;
        for (int i = 0; i <= MAX_HEADERS; i++) {
            if (!isExtension(next)) {
                return here <= end ? pack(next, here) : NOT_FOUND;
            }
            boolean there = here + MIN_LENGTH <= end;
            if (!there || (next == FRAGMENT && fragmentOffset(buffer, here) != 0)) {
                return NOT_FOUND;
            }
            int length = length(buffer, here, next);
            next = nextHeader(buffer, here);
            here += length;
        }
        return NOT_FOUND;
    }

    private static long pack(int protocol, int offset) {
        return (long) protocol << 32 | offset;
    }

    /** The protocol in an answer of {@link #upperLayer}. */
    public static int protocol(long upperLayer) {
        return (int) (upperLayer >>> 32);
    }

    /** The offset in an answer of {@link #upperLayer}. */
    public static int offset(long upperLayer) {
        return (int) upperLayer;
    }
}
