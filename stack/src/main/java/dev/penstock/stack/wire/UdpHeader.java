package dev.penstock.stack.wire;

import dev.penstock.stack.base.DropReason;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** A UDP header: ports, length, checksum; 8 bytes (RFC 768). */
public final class UdpHeader {
    /** Bytes. */
    public static final int LENGTH = 8;
    /** Where the checksum is. */
    public static final int CHECKSUM_OFFSET = 6;

    private UdpHeader() {}

    /** Null when the lengths are right; {@code length} is what IP delivered. The checksum is the caller's to verify. */
    public static DropReason check(DirectBuffer buffer, int offset, int length) {
        if (length < LENGTH) {
            return DropReason.UDP_TRUNCATED;
        }
        int udpLength = length(buffer, offset);
        return udpLength < LENGTH || udpLength > length ? DropReason.UDP_BAD_LENGTH : null;
    }

    public static int sourcePort(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset);
    }

    public static int destinationPort(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 2);
    }

    /** Header and payload, bytes. */
    public static int length(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 4);
    }

    /** 0 means that the sender computed none. */
    public static int checksum(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 6);
    }

    /** Writes the whole header. */
    public static void put(
            MutableDirectBuffer buffer, int offset, int sourcePort, int destinationPort, int length, int checksum) {
        Wire.u16(buffer, offset, sourcePort);
        Wire.u16(buffer, offset + 2, destinationPort);
        Wire.u16(buffer, offset + 4, length);
        Wire.u16(buffer, offset + 6, checksum);
    }
}
