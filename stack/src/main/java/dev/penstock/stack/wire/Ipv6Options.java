package dev.penstock.stack.wire;

import org.agrona.DirectBuffer;

/**
 * The options in hop-by-hop and destination options headers (RFC 8200, section 4.2): walked safely, with the limits
 * that RFC 8504, section 5.3 proposes. Of those that exist, a host has to act on none; router alert is for routers.
 */
public final class Ipv6Options {
    /** All is well: go on with the next header. */
    public static final int OK = 0;
    /** An option runs beyond the header; the place is that of its length. */
    public static final int MALFORMED = 1;
    /** An option that must be known, and is not: "discard the packet". */
    public static final int DISCARD = 2;
    /** As {@link #DISCARD}, and tell the sender, whomever the packet was sent to. */
    public static final int REPORT = 3;
    /** As {@link #DISCARD}, and tell the sender unless the packet was sent to a group. */
    public static final int REPORT_UNICAST = 4;
    /** Too many options, or too much padding. */
    public static final int LIMIT = 5;

    private static final int PAD1 = 0;
    private static final int PADN = 1;
    private static final int ROUTER_ALERT = 5;
    private static final int MAX_OPTIONS = 8;
    private static final int MAX_PADDING = 7;

    private Ipv6Options() {}

    /**
     * Walks the options of a header.
     *
     * @param at where the first option begins
     * @param end where the header ends
     * @return one of the constants, and in the upper 32 bits the offset in the buffer that it is about
     */
    public static long check(DirectBuffer buffer, int at, int end) {
        int here = at;
        int options = 0;
        int padding = 0;
        while (here < end) {
            int type = Wire.u8(buffer, here);
            if (type != PAD1 && here + 2 > end) {
                return pack(MALFORMED, here);
            }
            int length = type == PAD1 ? 1 : 2 + Wire.u8(buffer, here + 1);
            if (here + length > end) {
                return pack(MALFORMED, here + 1);
            }
            if (type == PAD1 || type == PADN) {
                padding += length;
                // RFC 8504, 5.3: a host may limit "the number of consecutive padding octets ... to 7".
                if (padding > MAX_PADDING) {
                    return pack(LIMIT, here);
                }
            } else {
                padding = 0;
                if (++options > MAX_OPTIONS) {
                    return pack(LIMIT, here);
                }
                int action = type == ROUTER_ALERT ? OK : action(type);
                if (action != OK) {
                    return pack(action, here);
                }
            }
            here += length;
        }
        return OK;
    }

    /**
     * True when MLD's router alert (RFC 2711, value 0) is among the options of a header that {@link #check} found right.
     *
     * @param at where the first option begins
     * @param end where the header ends
     */
    public static boolean hasRouterAlert(DirectBuffer buffer, int at, int end) {
        int here = at;
        while (here < end) {
            int type = Wire.u8(buffer, here);
            int length = type == PAD1 ? 1 : 2 + Wire.u8(buffer, here + 1);
            if (type == ROUTER_ALERT && length == 4 && Wire.u16(buffer, here + 2) == 0) {
                return true;
            }
            here += length;
        }
        return false;
    }

    /** RFC 8200, 4.2: "their highest-order 2 bits specify the action that must be taken". */
    private static int action(int type) {
        return switch (type >>> 6) {
            case 0 -> OK;
            case 1 -> DISCARD;
            case 2 -> REPORT;
            default -> REPORT_UNICAST;
        };
    }

    private static long pack(int verdict, int offset) {
        return (long) offset << 32 | verdict;
    }

    /** The constant in an answer of {@link #check}. */
    public static int verdict(long answer) {
        return (int) answer;
    }

    /** The offset in an answer of {@link #check}. */
    public static int offset(long answer) {
        return (int) (answer >>> 32);
    }
}
