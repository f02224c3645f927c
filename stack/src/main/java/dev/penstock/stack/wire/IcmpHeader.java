package dev.penstock.stack.wire;

import dev.penstock.stack.base.DropReason;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** An ICMPv4 header: type, code, checksum and four bytes that depend on the type; 8 bytes (RFC 792). */
public final class IcmpHeader {
    /** Bytes. */
    public static final int LENGTH = 8;

    public static final int ECHO_REPLY = 0;
    public static final int UNREACHABLE = 3;
    public static final int SOURCE_QUENCH = 4;
    public static final int REDIRECT = 5;
    public static final int ECHO_REQUEST = 8;
    public static final int TIME_EXCEEDED = 11;
    public static final int PARAMETER_PROBLEM = 12;

    public static final int CODE_NET_UNREACHABLE = 0;
    public static final int CODE_HOST_UNREACHABLE = 1;
    public static final int CODE_PROTOCOL_UNREACHABLE = 2;
    public static final int CODE_PORT_UNREACHABLE = 3;
    public static final int CODE_FRAGMENTATION_NEEDED = 4;
    public static final int CODE_SOURCE_ROUTE_FAILED = 5;
    public static final int CODE_ADMIN_PROHIBITED = 13;
    public static final int CODE_TTL_EXCEEDED = 0;
    public static final int CODE_REASSEMBLY_EXCEEDED = 1;

    private IcmpHeader() {}

    /** Null when the length and the checksum over the whole message are right. */
    public static DropReason check(DirectBuffer buffer, int offset, int length) {
        if (length < LENGTH) {
            return DropReason.ICMP_TRUNCATED;
        }
        return InternetChecksum.isValid(InternetChecksum.sum(buffer, offset, length))
                ? null
                : DropReason.ICMP_BAD_CHECKSUM;
    }

    public static int type(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset);
    }

    public static int code(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + 1);
    }

    /** Of an echo: which pinger. */
    public static int identifier(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 4);
    }

    /** Of an echo: which ping. */
    public static int sequence(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 6);
    }

    /** Of "fragmentation needed": the next hop's MTU, or 0 from a router older than RFC 1191. */
    public static int nextHopMtu(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 6);
    }

    /** Writes the header; {@code rest} is the second 32-bit word. The checksum stays to be computed. */
    public static void put(MutableDirectBuffer buffer, int offset, int type, int code, int rest) {
        Wire.u16(buffer, offset, type << 8 | code);
        Wire.u16(buffer, offset + 2, 0);
        Wire.u32(buffer, offset + 4, rest);
    }

    /** Computes the checksum of the whole message and writes it. */
    public static void putChecksum(MutableDirectBuffer buffer, int offset, int length) {
        Wire.u16(buffer, offset + 2, 0);
        Wire.u16(buffer, offset + 2, InternetChecksum.finish(InternetChecksum.sum(buffer, offset, length)));
    }
}
