package dev.penstock.stack.wire;

import org.agrona.MutableDirectBuffer;

/**
 * A group record of a report of IGMPv3 or MLDv2 (RFC 3376, section 4.2.4; RFC 3810, section 5.2.4): the same for both but for
 * the width of the addresses.
 */
public final class GroupRecord {
    /** Current state: only these sources are wanted. */
    public static final int IS_INCLUDE = 1;
    /** Current state: all sources but these are wanted. */
    public static final int IS_EXCLUDE = 2;
    /** The filter mode has become INCLUDE, with these sources. */
    public static final int TO_INCLUDE = 3;
    /** The filter mode has become EXCLUDE, with these sources. */
    public static final int TO_EXCLUDE = 4;
    /** These sources are wanted now. */
    public static final int ALLOW = 5;
    /** These sources are wanted no more. */
    public static final int BLOCK = 6;

    private GroupRecord() {}

    /** Bytes of a record without its sources: the group's address is {@code width} bytes long, 4 or 16. */
    public static int length(int width) {
        return 4 + width;
    }

    /** Writes a record without its sources. */
    public static void put(
            MutableDirectBuffer buffer, int offset, int type, int sources, long groupHi, long groupLo, int width) {
        Wire.u16(buffer, offset, type << 8);
        Wire.u16(buffer, offset + 2, sources);
        putAddress(buffer, offset + 4, groupHi, groupLo, width);
    }

    /** Writes an address of {@code width} bytes, 4 or 16. */
    public static void putAddress(MutableDirectBuffer buffer, int offset, long hi, long lo, int width) {
        if (width == 4) {
            Wire.u32(buffer, offset, (int) lo);
        } else {
            Wire.u64(buffer, offset, hi);
            Wire.u64(buffer, offset + 8, lo);
        }
    }
}
