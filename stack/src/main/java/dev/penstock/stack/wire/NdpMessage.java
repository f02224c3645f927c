package dev.penstock.stack.wire;

import dev.penstock.stack.base.DropReason;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The messages of neighbour discovery (RFC 4861, section 4): ICMPv6 messages, of a fixed part and of {@link NdpOption}s.
 * Offsets are those of the ICMPv6 header.
 */
public final class NdpMessage {
    /** The hop limit of all of them, which says that no router forwarded them. */
    public static final int HOP_LIMIT = 255;

    /** Bytes of a solicitation or an advertisement without options. */
    public static final int NEIGHBOR_LENGTH = 24;

    private static final int ROUTER = 0x80;
    private static final int SOLICITED = 0x40;
    private static final int OVERRIDE = 0x20;
    private static final int MANAGED = 0x80;
    private static final int OTHER = 0x40;
    private static final int OPTION_LENGTH = 8;

    private NdpMessage() {}

    /**
     * Null when code and length are right and all options are well formed, so that the accessors may be used.
     *
     * @param type one of the five of neighbour discovery
     * @param length of the whole ICMPv6 message, bytes
     */
    public static DropReason check(DirectBuffer buffer, int offset, int length, int type) {
        int fixed = fixedLength(type);
        // RFC 4861, 7.1.1 and its like: "ICMP Code is 0 ... ICMP length (derived from the IP length) is 24 or more
        // octets ... All included options have a length that is greater than zero."
        if (length < fixed || Icmpv6Header.code(buffer, offset) != 0) {
            return DropReason.NDP_MALFORMED;
        }
        return NdpOption.areWellFormed(buffer, offset + fixed, offset + length) ? null : DropReason.NDP_MALFORMED;
    }

    /** Where the options begin, bytes from the ICMPv6 header. */
    public static int fixedLength(int type) {
        return switch (type) {
            case Icmpv6Header.ROUTER_SOLICITATION -> 8;
            case Icmpv6Header.ROUTER_ADVERTISEMENT -> 16;
            case Icmpv6Header.NEIGHBOR_SOLICITATION, Icmpv6Header.NEIGHBOR_ADVERTISEMENT -> NEIGHBOR_LENGTH;
            case Icmpv6Header.REDIRECT -> 40;
            default -> throw new IllegalArgumentException("not a message of neighbour discovery: " + type);
        };
    }

    /** Of a solicitation, advertisement or redirect: the address it is about. */
    public static long targetHi(DirectBuffer buffer, int offset) {
        return Wire.i64(buffer, offset + 8);
    }

    /** See {@link #targetHi}. */
    public static long targetLo(DirectBuffer buffer, int offset) {
        return Wire.i64(buffer, offset + 16);
    }

    /** Of an advertisement: the sender is a router. */
    public static boolean isRouter(DirectBuffer buffer, int offset) {
        return (Wire.u8(buffer, offset + 4) & ROUTER) != 0;
    }

    /** Of an advertisement: it answers a solicitation. */
    public static boolean isSolicited(DirectBuffer buffer, int offset) {
        return (Wire.u8(buffer, offset + 4) & SOLICITED) != 0;
    }

    /** Of an advertisement: it replaces a link address that is known already. */
    public static boolean isOverride(DirectBuffer buffer, int offset) {
        return (Wire.u8(buffer, offset + 4) & OVERRIDE) != 0;
    }

    /** Of a router advertisement: the hop limit to send with; 0 for none. */
    public static int curHopLimit(DirectBuffer buffer, int offset) {
        return Wire.u8(buffer, offset + 4);
    }

    /** Of a router advertisement: addresses are to be had from DHCPv6 (RFC 4861, section 4.2). */
    public static boolean isManaged(DirectBuffer buffer, int offset) {
        return (Wire.u8(buffer, offset + 5) & MANAGED) != 0;
    }

    /** Of a router advertisement: other configuration is to be had from DHCPv6. */
    public static boolean isOtherConfig(DirectBuffer buffer, int offset) {
        return (Wire.u8(buffer, offset + 5) & OTHER) != 0;
    }

    /**
     * Of a router advertisement: 1 high, 0 medium, -1 low (RFC 4191, section 2.2): the reserved value "MUST be treated
     * by the receiver as if it was medium", as that of a router that is none.
     */
    public static int routerPreference(DirectBuffer buffer, int offset) {
        int preference = NdpOption.preference(Wire.u8(buffer, offset + 5));
        return preference == NdpOption.RESERVED_PREFERENCE || routerLifetime(buffer, offset) == 0 ? 0 : preference;
    }

    /** Of a redirect: the first half of the destination's address. */
    public static long destinationHi(DirectBuffer buffer, int offset) {
        return Wire.i64(buffer, offset + 24);
    }

    /** See {@link #destinationHi}. */
    public static long destinationLo(DirectBuffer buffer, int offset) {
        return Wire.i64(buffer, offset + 32);
    }

    /** Of a router advertisement: for how long it is a default router, seconds; 0 for not at all. */
    public static int routerLifetime(DirectBuffer buffer, int offset) {
        return Wire.u16(buffer, offset + 6);
    }

    /** Of a router advertisement: how long a confirmation holds, milliseconds; 0 for not said. */
    public static long reachableTime(DirectBuffer buffer, int offset) {
        return Wire.u32(buffer, offset + 8);
    }

    /** Of a router advertisement: between two solicitations, milliseconds; 0 for not said. */
    public static long retransTimer(DirectBuffer buffer, int offset) {
        return Wire.u32(buffer, offset + 12);
    }

    /**
     * Writes a neighbour solicitation, the checksum excepted.
     *
     * @param mac of the sender, or {@link MacAddress#NONE} to tell none
     * @return bytes
     */
    public static int putSolicitation(MutableDirectBuffer buffer, int offset, long targetHi, long targetLo, long mac) {
        Icmpv6Header.put(buffer, offset, Icmpv6Header.NEIGHBOR_SOLICITATION, 0, 0);
        Wire.u64(buffer, offset + 8, targetHi);
        Wire.u64(buffer, offset + 16, targetLo);
        return NEIGHBOR_LENGTH + putLinkAddress(buffer, offset + NEIGHBOR_LENGTH, NdpOption.SOURCE_LINK_ADDRESS, mac);
    }

    /**
     * Writes the solicitation that looks for duplicates, with a nonce by which we know it again (RFC 7527, section 4),
     * the checksum excepted.
     *
     * @param nonce 48 bits
     * @return bytes
     */
    public static int putProbe(MutableDirectBuffer buffer, int offset, long targetHi, long targetLo, long nonce) {
        int length = putSolicitation(buffer, offset, targetHi, targetLo, MacAddress.NONE);
        return length + putLinkAddress(buffer, offset + length, NdpOption.NONCE, nonce);
    }

    /**
     * Writes a neighbour advertisement of a host, the checksum excepted.
     *
     * @param mac of the target
     * @return bytes
     */
    public static int putAdvertisement(
            MutableDirectBuffer buffer,
            int offset,
            boolean solicited,
            boolean override,
            long targetHi,
            long targetLo,
            long mac) {
        int flags = (solicited ? SOLICITED : 0) | (override ? OVERRIDE : 0);
        Icmpv6Header.put(buffer, offset, Icmpv6Header.NEIGHBOR_ADVERTISEMENT, 0, flags << 24);
        Wire.u64(buffer, offset + 8, targetHi);
        Wire.u64(buffer, offset + 16, targetLo);
        return NEIGHBOR_LENGTH + putLinkAddress(buffer, offset + NEIGHBOR_LENGTH, NdpOption.TARGET_LINK_ADDRESS, mac);
    }

    /**
     * Writes a router solicitation, the checksum excepted.
     *
     * @param mac of the sender, or {@link MacAddress#NONE} to tell none
     * @return bytes
     */
    public static int putRouterSolicitation(MutableDirectBuffer buffer, int offset, long mac) {
        Icmpv6Header.put(buffer, offset, Icmpv6Header.ROUTER_SOLICITATION, 0, 0);
        return 8 + putLinkAddress(buffer, offset + 8, NdpOption.SOURCE_LINK_ADDRESS, mac);
    }

    private static int putLinkAddress(MutableDirectBuffer buffer, int offset, int type, long mac) {
        if (mac == MacAddress.NONE) {
            return 0;
        }
        Wire.u8(buffer, offset, type);
        Wire.u8(buffer, offset + 1, 1);
        MacAddress.put(buffer, offset + 2, mac);
        return OPTION_LENGTH;
    }
}
