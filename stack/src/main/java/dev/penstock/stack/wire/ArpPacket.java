package dev.penstock.stack.wire;

import dev.penstock.stack.base.DropReason;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** An ARP packet for IPv4 over Ethernet: 28 bytes (RFC 826). */
public final class ArpPacket {
    /** Bytes. */
    public static final int LENGTH = 28;

    public static final int REQUEST = 1;
    public static final int REPLY = 2;

    private static final int HARDWARE_ETHERNET = 1;

    private ArpPacket() {}

    /** Null when the packet is ARP for IPv4 over Ethernet and the accessors may be used. */
    public static DropReason check(DirectBuffer buffer, int offset, int length) {
        if (length < 8) {
            return DropReason.ARP_MALFORMED;
        }
        boolean ours = Wire.u16(buffer, offset) == HARDWARE_ETHERNET
                && Wire.u16(buffer, offset + 2) == EthernetHeader.TYPE_IPV4
                && Wire.u8(buffer, offset + 4) == MacAddress.LENGTH
                && Wire.u8(buffer, offset + 5) == 4;
        if (!ours) {
            return DropReason.ARP_UNSUPPORTED;
        }
        return length < LENGTH ? DropReason.ARP_MALFORMED : null;
    }

    public static int operation(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 6);
    }

    public static long senderMac(DirectBuffer buffer, int offset) {
        return MacAddress.get(buffer, offset + 8);
    }

    public static int senderIp(DirectBuffer buffer, int offset) {
        return Wire.i32(buffer, offset + 14);
    }

    public static long targetMac(DirectBuffer buffer, int offset) {
        return MacAddress.get(buffer, offset + 18);
    }

    public static int targetIp(DirectBuffer buffer, int offset) {
        return Wire.i32(buffer, offset + 24);
    }

    /** Writes the whole packet. */
    public static void put(
            MutableDirectBuffer buffer,
            int offset,
            int operation,
            long senderMac,
            int senderIp,
            long targetMac,
            int targetIp) {
        Wire.u16(buffer, offset, HARDWARE_ETHERNET);
        Wire.u16(buffer, offset + 2, EthernetHeader.TYPE_IPV4);
        Wire.u8(buffer, offset + 4, MacAddress.LENGTH);
        Wire.u8(buffer, offset + 5, 4);
        Wire.u16(buffer, offset + 6, operation);
        MacAddress.put(buffer, offset + 8, senderMac);
        Wire.u32(buffer, offset + 14, senderIp);
        MacAddress.put(buffer, offset + 18, targetMac);
        Wire.u32(buffer, offset + 24, targetIp);
    }
}
