package dev.penstock.stack.wire;

import dev.penstock.stack.base.DropReason;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** The messages of MLD, both versions (RFC 2710, section 3; RFC 3810, section 5): ICMPv6 messages, header included. */
public final class MldMessage {
    public static final int QUERY = 130;
    public static final int V1_REPORT = 131;
    public static final int DONE = 132;
    public static final int V2_REPORT = 143;

    /** Bytes of all messages of version 1. */
    public static final int LENGTH = 24;
    /** Bytes of a version 2 query without its sources. */
    public static final int QUERY_V2_LENGTH = 28;
    /** Bytes of a version 2 report without its records. */
    public static final int REPORT_V2_LENGTH = 8;
    /** "All MLDv2-capable routers", {@code ff02::16}. */
    public static final IpAddress ALL_V2_ROUTERS = new IpAddress(0xff02L << 48, 0x16);

    private MldMessage() {}

    /** True for the ICMPv6 types above. */
    public static boolean isType(int type) {
        return type == QUERY || type == V1_REPORT || type == DONE || type == V2_REPORT;
    }

    /** Null when the length is right, so that the accessors may be used; the checksum is ICMPv6's. */
    public static DropReason check(DirectBuffer buffer, int offset, int length) {
        if (Icmpv6Header.type(buffer, offset) == V2_REPORT) {
            return length < REPORT_V2_LENGTH ? DropReason.MLD_TRUNCATED : null;
        }
        if (length < LENGTH) {
            return DropReason.MLD_TRUNCATED;
        }
        if (Icmpv6Header.type(buffer, offset) != QUERY || length == LENGTH) {
            return null;
        }
        // RFC 3810, 8.1: "Query messages that do not match any of the above conditions (e.g., a Query of length 26
        // octets)
        // MUST be silently ignored."
        boolean whole = length >= QUERY_V2_LENGTH && QUERY_V2_LENGTH + 16 * sourceCount(buffer, offset) <= length;
        return whole ? null : DropReason.MLD_TRUNCATED;
    }

    /** Of a query: the Maximum Response Delay or Code, 16 bits. */
    public static int maxRespCode(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 4);
    }

    /** The first half of the group address; {@code ::} in a general query. */
    public static long groupHi(DirectBuffer buffer, int offset) {
        return Wire.i64(buffer, offset + 8);
    }

    /** The second half of the group address. */
    public static long groupLo(DirectBuffer buffer, int offset) {
        return Wire.i64(buffer, offset + 16);
    }

    /** Of a version 2 query: the querier's robustness variable, 0 .. 7. */
    public static int robustness(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + 24) & 7;
    }

    /** Of a version 2 query: the Querier's Query Interval Code, for {@link IgmpMessage#decode}; seconds. */
    public static int intervalCode(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + 25);
    }

    /** Of a version 2 query. */
    public static int sourceCount(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 26);
    }

    /** The number that a 16-bit code stands for (RFC 3810, 5.1.3): exact below 32,768, then floating point; milliseconds. */
    public static int decode(int code) {
        return code < 32_768 ? code : (code & 0xfff | 0x1000) << ((code >>> 12 & 7) + 3);
    }

    /** Writes a message of version 1 without its checksum. */
    public static void put(MutableDirectBuffer buffer, int offset, int type, long groupHi, long groupLo) {
        Icmpv6Header.put(buffer, offset, type, 0, 0);
        Wire.u64(buffer, offset + 8, groupHi);
        Wire.u64(buffer, offset + 16, groupLo);
    }
}
