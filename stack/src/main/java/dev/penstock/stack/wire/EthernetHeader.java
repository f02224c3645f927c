package dev.penstock.stack.wire;

import dev.penstock.stack.base.DropReason;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** An Ethernet II header: destination, source, type; 14 bytes (RFC 894). */
public final class EthernetHeader {
    /** Bytes. */
    public static final int LENGTH = 14;

    public static final int TYPE_IPV4 = 0x0800;
    public static final int TYPE_ARP = 0x0806;
    public static final int TYPE_VLAN = 0x8100;
    public static final int TYPE_QINQ = 0x88a8;
    public static final int TYPE_IPV6 = 0x86dd;

    private EthernetHeader() {}

    /** Null when the accessors may be used. */
    public static DropReason check(int length) {
        return length < LENGTH ? DropReason.ETHERNET_TRUNCATED : null;
    }

    public static long destination(DirectBuffer buffer, int offset) {
        return MacAddress.get(buffer, offset);
    }

    public static long source(DirectBuffer buffer, int offset) {
        return MacAddress.get(buffer, offset + 6);
    }

    public static int type(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 12);
    }

    /** Writes the whole header. */
    public static void put(MutableDirectBuffer buffer, int offset, long destination, long source, int type) {
        MacAddress.put(buffer, offset, destination);
        MacAddress.put(buffer, offset + 6, source);
        Wire.u16(buffer, offset + 12, type);
    }
}
