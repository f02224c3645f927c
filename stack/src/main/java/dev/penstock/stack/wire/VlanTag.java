package dev.penstock.stack.wire;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A VLAN tag (IEEE 802.1Q-2018, clause 9): the tag protocol identifier where an untagged frame has its type, then the tag
 * control information: priority (PCP, 3 bits), drop eligibility (DEI, 1 bit), VLAN identifier (VID, 12 bits). 4 bytes; the next
 * tag or the type follows.
 */
public final class VlanTag {
    /** Bytes. */
    public static final int LENGTH = 4;
    /** No VLAN: the tag tells a priority only. */
    public static final int NO_VLAN = 0;
    /** The largest VID that a VLAN can have; the one after it is reserved. */
    public static final int MAX_VID = 4094;
    /** Never on a wire. */
    public static final int RESERVED_VID = 4095;

    private VlanTag() {}

    /** True for the types of a customer (0x8100) and of a service tag (0x88a8): clause 9.5, table 9-1. */
    public static boolean isTag(int etherType) {
        return etherType == EthernetHeader.TYPE_VLAN || etherType == EthernetHeader.TYPE_QINQ;
    }

    /** The VLAN identifier of the control information at {@code offset}. */
    public static int vid(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset) & 0x0fff;
    }

    /** The priority of the control information at {@code offset}: 0 .. 7. */
    public static int priority(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset) >>> 5;
    }

    /** The drop eligible indicator of the control information at {@code offset}. */
    public static boolean isDropEligible(DirectBuffer buffer, int offset) {
        return (Wire.u8(buffer, offset) & 0x10) != 0;
    }

    /** Writes identifier and control information; the frame is not drop eligible. */
    public static void put(MutableDirectBuffer buffer, int offset, int protocolId, int priority, int vid) {
        Wire.u16(buffer, offset, protocolId);
        Wire.u16(buffer, offset + 2, priority << 13 | vid);
    }
}
