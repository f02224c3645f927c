package dev.penstock.stack.wire;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** Big-endian reads and writes, the primitives of all flyweights. */
public final class Wire {

    private Wire() {}

    /** An unsigned byte. */
    public static int u8(DirectBuffer buffer, int offset) {
        return buffer.getByte(offset) & 0xff;
    }

    /** Writes the low byte of {@code value}. */
    public static void u8(MutableDirectBuffer buffer, int offset, int value) {
        buffer.putByte(offset, (byte) value);
    }

    /** An unsigned 16-bit number. */
    public static int u16(DirectBuffer buffer, int offset) {
        return buffer.getShort(offset, ByteOrder.BIG_ENDIAN) & 0xffff;
    }

    /** Writes the low 16 bits of {@code value}. */
    public static void u16(MutableDirectBuffer buffer, int offset, int value) {
        buffer.putShort(offset, (short) value, ByteOrder.BIG_ENDIAN);
    }

    /** 32 bits as they are: a sequence number, an IPv4 address. */
    public static int i32(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset, ByteOrder.BIG_ENDIAN);
    }

    /** An unsigned 32-bit number. */
    public static long u32(DirectBuffer buffer, int offset) {
        return i32(buffer, offset) & 0xffff_ffffL;
    }

    /** Writes 32 bits. */
    public static void u32(MutableDirectBuffer buffer, int offset, int value) {
        buffer.putInt(offset, value, ByteOrder.BIG_ENDIAN);
    }

    /** 64 bits as they are. */
    public static long i64(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset, ByteOrder.BIG_ENDIAN);
    }

    /** Writes 64 bits. */
    public static void u64(MutableDirectBuffer buffer, int offset, long value) {
        buffer.putLong(offset, value, ByteOrder.BIG_ENDIAN);
    }
}
