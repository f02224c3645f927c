package dev.penstock.stack.wire;

import dev.penstock.stack.base.DropReason;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The fixed part of a DHCP message (RFC 2131, section 2): 236 bytes, and the 4 of the magic cookie with which the options
 * begin (RFC 2132, section 2). All addresses are 32 bits, the first byte highest.
 */
public final class DhcpHeader {
    /** Bytes, the cookie included. */
    public static final int LENGTH = 240;
    /** The smallest message: what BOOTP always sends, and some relays still ask for (RFC 1542, section 2.1). */
    public static final int MIN_MESSAGE = 300;

    public static final int SERVER_PORT = 67;
    public static final int CLIENT_PORT = 68;

    /** {@code op}: from a client. */
    public static final int REQUEST = 1;
    /** {@code op}: from a server. */
    public static final int REPLY = 2;

    /** {@code htype}: Ethernet. */
    public static final int ETHERNET = 1;

    /** The server name, or options (RFC 2132, section 9.3). */
    public static final int SNAME_OFFSET = 44;

    public static final int SNAME_LENGTH = 64;
    /** The boot file name, or options. */
    public static final int FILE_OFFSET = 108;

    public static final int FILE_LENGTH = 128;

    private static final int COOKIE_OFFSET = 236;
    private static final int COOKIE = 0x63825363;
    private static final int BROADCAST = 0x8000;

    private DhcpHeader() {}

    /** Null when it is a DHCP message for a client on Ethernet; {@code length} is what UDP delivered. */
    public static DropReason checkReply(DirectBuffer buffer, int offset, int length) {
        if (length < LENGTH) {
            return DropReason.DHCP_TRUNCATED;
        }
        boolean good = Wire.u8(buffer, offset) == REPLY
                && Wire.u8(buffer, offset + 1) == ETHERNET
                && Wire.u8(buffer, offset + 2) == MacAddress.LENGTH;
        if (!good) {
            return DropReason.DHCP_BAD_HEADER;
        }
        return Wire.i32(buffer, offset + COOKIE_OFFSET) == COOKIE ? null : DropReason.DHCP_BAD_COOKIE;
    }

    public static int op(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset);
    }

    /** The number by which client and server know the exchange. */
    public static int xid(DirectBuffer buffer, int offset) {
        return Wire.i32(buffer, offset + 4);
    }

    /** Seconds since the client began, as it says. */
    public static int secs(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 8);
    }

    /** The client asked for broadcast replies. */
    public static boolean isBroadcast(DirectBuffer buffer, int offset) {
        return (Wire.u16(buffer, offset + 10) & BROADCAST) != 0;
    }

    /** The address that the client has already. */
    public static int ciaddr(DirectBuffer buffer, int offset) {
        return Wire.i32(buffer, offset + 12);
    }

    /** The address that the client gets. */
    public static int yiaddr(DirectBuffer buffer, int offset) {
        return Wire.i32(buffer, offset + 16);
    }

    /** The relay's address. */
    public static int giaddr(DirectBuffer buffer, int offset) {
        return Wire.i32(buffer, offset + 24);
    }

    /** The client's MAC address. */
    public static long chaddr(DirectBuffer buffer, int offset) {
        return MacAddress.get(buffer, offset + 28);
    }

    /** Writes all of it; the server and file names are empty. */
    public static void put(
            MutableDirectBuffer buffer,
            int offset,
            int op,
            int xid,
            int secs,
            boolean broadcast,
            int ciaddr,
            int yiaddr,
            long chaddr) {
        buffer.setMemory(offset, LENGTH, (byte) 0);
        Wire.u8(buffer, offset, op);
        Wire.u8(buffer, offset + 1, ETHERNET);
        Wire.u8(buffer, offset + 2, MacAddress.LENGTH);
        Wire.u32(buffer, offset + 4, xid);
        Wire.u16(buffer, offset + 8, secs);
        Wire.u16(buffer, offset + 10, broadcast ? BROADCAST : 0);
        Wire.u32(buffer, offset + 12, ciaddr);
        Wire.u32(buffer, offset + 16, yiaddr);
        MacAddress.put(buffer, offset + 28, chaddr);
        Wire.u32(buffer, offset + COOKIE_OFFSET, COOKIE);
    }
}
