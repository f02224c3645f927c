package dev.penstock.stack.wire;

import dev.penstock.stack.base.DropReason;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** The messages of IGMP, all versions (RFC 1112, appendix I; RFC 2236, section 2; RFC 3376, section 4), behind the IP header. */
public final class IgmpMessage {
    /** Bytes of all messages of versions 1 and 2, and of a version 3 report without its records. */
    public static final int LENGTH = 8;
    /** Bytes of a version 3 query without its sources. */
    public static final int QUERY_V3_LENGTH = 12;

    public static final int QUERY = 0x11;
    public static final int V1_REPORT = 0x12;
    public static final int V2_REPORT = 0x16;
    public static final int LEAVE = 0x17;
    public static final int V3_REPORT = 0x22;

    private IgmpMessage() {}

    /**
     * Null when the lengths and the checksum over the whole message are right, so that the accessors may be used.
     *
     * @param length bytes behind the IP header
     */
    public static DropReason check(DirectBuffer buffer, int offset, int length) {
        if (length < LENGTH) {
            return DropReason.IGMP_TRUNCATED;
        }
        // RFC 3376, 4.1.2: the checksum is over "the entire IP payload", what follows the known fields included
        // (4.1.10).
        if (!InternetChecksum.isValid(InternetChecksum.sum(buffer, offset, length))) {
            return DropReason.IGMP_BAD_CHECKSUM;
        }
        if (type(buffer, offset) != QUERY || length == LENGTH) {
            return null;
        }
        // 7.1: "Query messages that do not match any of the above conditions (e.g., a Query of length 10 octets) MUST
        // be silently ignored."
        boolean whole = length >= QUERY_V3_LENGTH && QUERY_V3_LENGTH + 4 * sourceCount(buffer, offset) <= length;
        return whole ? null : DropReason.IGMP_TRUNCATED;
    }

    public static int type(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset);
    }

    /** Of a query: the Max Resp Code; 0 in version 1. */
    public static int maxRespCode(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + 1);
    }

    /** The group address, 32 bits; 0 in a general query. */
    public static int group(DirectBuffer buffer, int offset) {
        return Wire.i32(buffer, offset + 4);
    }

    /** Of a version 3 query: the querier's robustness variable, 0 .. 7. */
    public static int robustness(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + 8) & 7;
    }

    /** Of a version 3 query: the Querier's Query Interval Code, for {@link #decode}; seconds. */
    public static int intervalCode(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + 9);
    }

    /** Of a version 3 query. */
    public static int sourceCount(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 10);
    }

    /** The number that an 8-bit code stands for (RFC 3376, 4.1.1 and 4.1.7): exact below 128, then floating point. */
    public static int decode(int code) {
        return code < 128 ? code : (code & 0xf | 0x10) << ((code >>> 4 & 7) + 3);
    }

    /** Writes a message of version 1 or 2, checksum included. */
    public static void put(MutableDirectBuffer buffer, int offset, int type, int group) {
        Wire.u16(buffer, offset, type << 8);
        Wire.u16(buffer, offset + 2, 0);
        Wire.u32(buffer, offset + 4, group);
        putChecksum(buffer, offset, LENGTH);
    }

    /** Writes the header of a version 3 report whose records are there already, checksum included. */
    public static void putReport(MutableDirectBuffer buffer, int offset, int length, int records) {
        Wire.u16(buffer, offset, V3_REPORT << 8);
        Wire.u32(buffer, offset + 4, records);
        putChecksum(buffer, offset, length);
    }

    private static void putChecksum(MutableDirectBuffer buffer, int offset, int length) {
        Wire.u16(buffer, offset + 2, 0);
        Wire.u16(buffer, offset + 2, InternetChecksum.finish(InternetChecksum.sum(buffer, offset, length)));
    }
}
