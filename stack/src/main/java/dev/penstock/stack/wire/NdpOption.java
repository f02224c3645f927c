package dev.penstock.stack.wire;

import org.agrona.DirectBuffer;

/** The options of neighbour discovery (RFC 4861, section 4.6): type, length in units of 8 bytes, contents. */
public final class NdpOption {
    public static final int SOURCE_LINK_ADDRESS = 1;
    public static final int TARGET_LINK_ADDRESS = 2;
    public static final int PREFIX = 3;
    public static final int REDIRECTED = 4;
    public static final int MTU = 5;

    /** {@link #find}: there is none. */
    public static final int NOT_FOUND = -1;

    private static final int ON_LINK = 0x80;
    private static final int AUTONOMOUS = 0x40;

    private NdpOption() {}

    /** True when each of the options up to {@code end} has a length above zero and ends there at the latest. */
    static boolean areWellFormed(DirectBuffer buffer, int at, int end) {
        int here = at;
        while (here < end) {
            int length = here + 2 <= end ? length(buffer, here) : 0;
            if (length == 0 || here + length > end) {
                return false;
            }
            here += length;
        }
        return true;
    }

    /** Bytes of the option at {@code offset}. */
    public static int length(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + 1) << 3;
    }

    /**
     * The first option of a type in a message that was checked.
     *
     * @param at where to begin: the first option, or the one behind the last that was found
     * @param end where the message ends
     * @return its offset, or {@link #NOT_FOUND}
     */
    public static int find(DirectBuffer buffer, int at, int end, int type) {
        for (int here = at; here < end; here += length(buffer, here)) {
            if (Wire.u8(buffer, here) == type) {
                return here;
            }
        }
        return NOT_FOUND;
    }

    /** The link address that an option of the message tells, or {@link MacAddress#NONE} if none does, or a bad one. */
    public static long linkAddress(DirectBuffer buffer, int at, int end, int type) {
        int option = find(buffer, at, end, type);
        // RFC 2464, section 6: the option's length is 1, in units of 8 octets.
        if (option == NOT_FOUND || length(buffer, option) != 8) {
            return MacAddress.NONE;
        }
        long mac = MacAddress.get(buffer, option + 2);
        return MacAddress.isUnicast(mac) ? mac : MacAddress.NONE;
    }

    /** Of an MTU option of 8 bytes: unsigned. */
    public static long mtu(DirectBuffer buffer, int offset) {
        return Wire.u32(buffer, offset + 4);
    }

    /** Of a prefix option, which has 32 bytes: significant bits, as they stand. */
    public static int prefixLength(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + 2);
    }

    /** Of a prefix option: its addresses are neighbours. */
    public static boolean isOnLink(DirectBuffer buffer, int offset) {
        return (Wire.u8(buffer, offset + 3) & ON_LINK) != 0;
    }

    /** Of a prefix option: hosts may make themselves addresses of it. */
    public static boolean isAutonomous(DirectBuffer buffer, int offset) {
        return (Wire.u8(buffer, offset + 3) & AUTONOMOUS) != 0;
    }

    /** Of a prefix option: seconds, 0xffffffff for ever. */
    public static long validLifetime(DirectBuffer buffer, int offset) {
        return Wire.u32(buffer, offset + 4);
    }

    /** Of a prefix option: seconds, 0xffffffff for ever. */
    public static long preferredLifetime(DirectBuffer buffer, int offset) {
        return Wire.u32(buffer, offset + 8);
    }

    /** Of a prefix option. */
    public static long prefixHi(DirectBuffer buffer, int offset) {
        return Wire.i64(buffer, offset + 16);
    }

    /** Of a prefix option. */
    public static long prefixLo(DirectBuffer buffer, int offset) {
        return Wire.i64(buffer, offset + 24);
    }
}
