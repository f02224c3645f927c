package dev.penstock.stack.wire;

import dev.penstock.stack.base.DropReason;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** An ICMPv6 header: type, code, checksum and four bytes that depend on the type; 8 bytes (RFC 4443, section 2.1). */
public final class Icmpv6Header {
    /** Bytes, with the four that depend on the type. */
    public static final int LENGTH = 8;

    public static final int UNREACHABLE = 1;
    public static final int PACKET_TOO_BIG = 2;
    public static final int TIME_EXCEEDED = 3;
    public static final int PARAMETER_PROBLEM = 4;
    /** Types below are errors (RFC 4443, section 2.1). */
    public static final int FIRST_INFORMATIONAL = 128;

    public static final int ECHO_REQUEST = 128;
    public static final int ECHO_REPLY = 129;
    public static final int ROUTER_SOLICITATION = 133;
    public static final int ROUTER_ADVERTISEMENT = 134;
    public static final int NEIGHBOR_SOLICITATION = 135;
    public static final int NEIGHBOR_ADVERTISEMENT = 136;
    public static final int REDIRECT = 137;

    public static final int CODE_NO_ROUTE = 0;
    public static final int CODE_ADMIN_PROHIBITED = 1;
    public static final int CODE_BEYOND_SCOPE = 2;
    public static final int CODE_ADDRESS_UNREACHABLE = 3;
    public static final int CODE_PORT_UNREACHABLE = 4;
    public static final int CODE_POLICY_FAILED = 5;
    public static final int CODE_ROUTE_REJECTED = 6;
    public static final int CODE_HOP_LIMIT_EXCEEDED = 0;
    public static final int CODE_REASSEMBLY_EXCEEDED = 1;
    public static final int CODE_BAD_FIELD = 0;
    public static final int CODE_UNKNOWN_NEXT_HEADER = 1;
    public static final int CODE_UNKNOWN_OPTION = 2;
    /** RFC 7112: the first fragment lacks a part of the header chain. */
    public static final int CODE_INCOMPLETE_CHAIN = 3;

    private Icmpv6Header() {}

    /**
     * Null when the length is right, and the checksum over pseudo-header and message.
     *
     * @param pseudo of {@link InternetChecksum#pseudoHeader}
     */
    public static DropReason check(DirectBuffer buffer, int offset, int length, int pseudo) {
        if (length < LENGTH) {
            return DropReason.ICMP_TRUNCATED;
        }
        int sum = InternetChecksum.add(pseudo, InternetChecksum.sum(buffer, offset, length));
        return InternetChecksum.isValid(sum) ? null : DropReason.ICMP_BAD_CHECKSUM;
    }

    public static int type(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset);
    }

    public static int code(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + 1);
    }

    /** RFC 4443, 2.1: "ICMPv6 error messages have message types from 0 to 127". */
    public static boolean isError(int type) {
        return type < 128;
    }

    /** Of an echo: which pinger. */
    public static int identifier(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 4);
    }

    /** Of an echo: which ping. */
    public static int sequence(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 6);
    }

    /** Of Packet Too Big: the next hop's MTU, unsigned; of Parameter Problem: the pointer. */
    public static long rest(DirectBuffer buffer, int offset) {
        return Wire.u32(buffer, offset + 4);
    }

    /** Writes the header; {@code rest} is the second 32-bit word. The checksum stays to be computed. */
    public static void put(MutableDirectBuffer buffer, int offset, int type, int code, int rest) {
        Wire.u16(buffer, offset, type << 8 | code);
        Wire.u16(buffer, offset + 2, 0);
        Wire.u32(buffer, offset + 4, rest);
    }

    /** Computes the checksum of pseudo-header and message and writes it. */
    public static void putChecksum(MutableDirectBuffer buffer, int offset, int length, int pseudo) {
        Wire.u16(buffer, offset + 2, 0);
        int sum = InternetChecksum.add(pseudo, InternetChecksum.sum(buffer, offset, length));
        Wire.u16(buffer, offset + 2, InternetChecksum.finish(sum));
    }
}
