package dev.penstock.stack.wire;

import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/** The options of neighbour discovery (RFC 4861, section 4.6): type, length in units of 8 bytes, contents. */
public final class NdpOption {
    public static final int SOURCE_LINK_ADDRESS = 1;
    public static final int TARGET_LINK_ADDRESS = 2;
    public static final int PREFIX = 3;
    public static final int REDIRECTED = 4;
    public static final int MTU = 5;
    /** RFC 3971, section 5.3.2; of duplicate detection: RFC 7527. */
    public static final int NONCE = 14;
    /** RFC 4191, section 2.3. */
    public static final int ROUTE = 24;
    /** RFC 8106, section 5.1. */
    public static final int NAME_SERVERS = 25;
    /** RFC 8106, section 5.2. */
    public static final int SEARCH_DOMAINS = 31;

    /** Bytes of a prefix option. */
    public static final int PREFIX_BYTES = 32;
    /** Bytes of the nonce that we send: what fits into the shortest option. */
    public static final int NONCE_BYTES = 6;

    /** {@link #find}: there is none. */
    public static final int NOT_FOUND = -1;

    /** {@link #routePreference}: the value that has no meaning. */
    public static final int RESERVED_PREFERENCE = -2;

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

    /** Of a nonce option of 8 bytes: the 48 bits. */
    public static long nonce(DirectBuffer buffer, int offset) {
        return MacAddress.get(buffer, offset + 2);
    }

    /** Of a route option: significant bits, as they stand. */
    public static int routePrefixLength(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + 2);
    }

    /**
     * Of a route option: 1 high, 0 medium, -1 low, or {@link #RESERVED_PREFERENCE}, on which "the Route Information
     * Option MUST be ignored" (RFC 4191, section 2.3).
     */
    public static int routePreference(DirectBuffer buffer, int offset) {
        return preference(Wire.u8(buffer, offset + 3));
    }

    static int preference(int flags) {
        // RFC 4191, 2.1: a two's complement number in the two bits.
        return flags << 27 >> 30;
    }

    /** Of a route option, a name server option or a search domain option: seconds, 0xffffffff for ever. */
    public static long lifetime(DirectBuffer buffer, int offset) {
        return Wire.u32(buffer, offset + 4);
    }

    /** Of a route option, which has 8, 16 or 24 bytes: what is not there is zero. */
    public static long routePrefixHi(DirectBuffer buffer, int offset) {
        return length(buffer, offset) < 16 ? 0 : Wire.i64(buffer, offset + 8);
    }

    /** See {@link #routePrefixHi}. */
    public static long routePrefixLo(DirectBuffer buffer, int offset) {
        return length(buffer, offset) < 24 ? 0 : Wire.i64(buffer, offset + 16);
    }

    /**
     * True when a route option's length goes with its prefix. RFC 4191, 2.3: "The Length field is 1, 2, or 3 depending on
     * the Prefix Length."
     */
    public static boolean isRouteLengthRight(DirectBuffer buffer, int offset) {
        int bits = routePrefixLength(buffer, offset);
        int length = length(buffer, offset);
        return bits <= 128 && length <= 24 && (bits == 0 || length >= (bits <= 64 ? 16 : 24));
    }

    /** How many addresses a name server option has; 0 if its length is wrong. */
    public static int nameServers(DirectBuffer buffer, int offset) {
        // RFC 8106, 5.1: "The minimum value is 3 if one IPv6 address is contained in the option."
        int rest = length(buffer, offset) - 8;
        return rest >= 16 && rest % 16 == 0 ? rest / 16 : 0;
    }

    /** Of name server number {@code i}: the first half of its address. */
    public static long nameServerHi(DirectBuffer buffer, int offset, int i) {
        return Wire.i64(buffer, offset + 8 + 16 * i);
    }

    /** See {@link #nameServerHi}. */
    public static long nameServerLo(DirectBuffer buffer, int offset, int i) {
        return Wire.i64(buffer, offset + 16 + 16 * i);
    }

    /**
     * The names in a search domain option (RFC 8106, section 5.2; RFC 1035, section 3.1, without compression), in dotted
     * text, whatever bytes they consist of.
     *
     * @return an empty list when the encoding is wrong
     */
    public static List<String> searchDomains(DirectBuffer buffer, int offset) {
        List<String> names = new ArrayList<>();
        StringBuilder name = new StringBuilder();
        int end = offset + length(buffer, offset);
        int at = offset + 8;
        while (at < end) {
            int label = Wire.u8(buffer, at++);
            if (label == 0) {
                if (name.length() > 0) {
                    names.add(name.toString());
                    name.setLength(0);
                }
                // Zeros behind a name are padding.
                continue;
            }
            if (label > 63 || at + label > end) {
                return List.of();
            }
            name.append(name.length() == 0 ? "" : ".");
            for (int i = 0; i < label; i++) {
                name.append((char) Wire.u8(buffer, at + i));
            }
            at += label;
        }
        return name.length() == 0 ? names : List.of();
    }
}
