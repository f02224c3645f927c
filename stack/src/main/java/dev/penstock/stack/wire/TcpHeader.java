package dev.penstock.stack.wire;

import dev.penstock.stack.base.DropReason;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** A TCP header, 20 to 60 bytes (RFC 9293, section 3.1). */
public final class TcpHeader {
    /** Bytes without options. */
    public static final int MIN_LENGTH = 20;
    /** Bytes with all the options that fit. */
    public static final int MAX_LENGTH = 60;
    /** Where the checksum is. */
    public static final int CHECKSUM_OFFSET = 16;

    public static final int FIN = 0x01;
    public static final int SYN = 0x02;
    public static final int RST = 0x04;
    public static final int PSH = 0x08;
    public static final int ACK = 0x10;
    public static final int URG = 0x20;
    public static final int ECE = 0x40;
    public static final int CWR = 0x80;
    /** The accurate-ECN flag, once NS. */
    public static final int AE = 0x100;

    private TcpHeader() {}

    /** Null when the lengths are right, so that the accessors may be used. The checksum is the caller's to verify. */
    public static DropReason check(DirectBuffer buffer, int offset, int length) {
        if (length < MIN_LENGTH) {
            return DropReason.TCP_TRUNCATED;
        }
        int headerLength = headerLength(buffer, offset);
        return headerLength < MIN_LENGTH || headerLength > length ? DropReason.TCP_BAD_DATA_OFFSET : null;
    }

    public static int sourcePort(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset);
    }

    public static int destinationPort(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 2);
    }

    public static int sequence(DirectBuffer buffer, int offset) {
        return Wire.i32(buffer, offset + 4);
    }

    public static int acknowledgment(DirectBuffer buffer, int offset) {
        return Wire.i32(buffer, offset + 8);
    }

    /** Header bytes, options included. */
    public static int headerLength(DirectBuffer buffer, int offset) {
        return (buffer.getByte(offset + 12) & 0xf0) >>> 2;
    }

    /** The nine flags, {@link #AE} highest. */
    public static int flags(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 12) & 0x1ff;
    }

    /** The window field as it stands, not scaled. */
    public static int window(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 14);
    }

    public static int checksum(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 16);
    }

    public static int urgentPointer(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 18);
    }

    /** Writes the fixed 20 bytes; the options are the caller's to write behind them. */
    public static void put(
            MutableDirectBuffer buffer,
            int offset,
            int sourcePort,
            int destinationPort,
            int sequence,
            int acknowledgment,
            int headerLength,
            int flags,
            int window,
            int checksum,
            int urgentPointer) {
        Wire.u16(buffer, offset, sourcePort);
        Wire.u16(buffer, offset + 2, destinationPort);
        Wire.u32(buffer, offset + 4, sequence);
        Wire.u32(buffer, offset + 8, acknowledgment);
        Wire.u16(buffer, offset + 12, headerLength << 10 | flags);
        Wire.u16(buffer, offset + 14, window);
        Wire.u16(buffer, offset + 16, checksum);
        Wire.u16(buffer, offset + 18, urgentPointer);
    }
}
