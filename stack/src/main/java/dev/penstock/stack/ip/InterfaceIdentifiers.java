package dev.penstock.stack.ip;

import dev.penstock.stack.base.SipHash;

/** The last 64 bits of the addresses that the stack makes for itself. */
final class InterfaceIdentifiers {
    /** RFC 7217, section 6: IDGEN_RETRIES. */
    static final int RETRIES = 3;

    private final SipHash hash;

    InterfaceIdentifiers(SipHash hash) {
        this.hash = hash;
    }

    /**
     * RFC 7217, section 5: "RID = F(Prefix, Net_Iface, Network_ID, DAD_Counter, secret_key)": the same on the same network
     * as long as the key is, another on another, and without the MAC address in it.
     */
    long stable(long prefixHi, long mac, int dadCounter) {
        long id = hash.hash(prefixHi, mac, dadCounter, 0, 7217);
        while (isReserved(id)) {
            id = hash.hash(id, mac, dadCounter, 1, 7217);
        }
        return id;
    }

    /** RFC 5453: the subnet-router anycast address, IANA's block, and the 128 highest. */
    private static boolean isReserved(long id) {
        return id == 0 || id >>> 24 == 0x0200_5eff_feL || id >>> 7 == 0xfdff_ffff_ffff_ff80L >>> 7;
    }

    /** The modified EUI-64 identifier of a MAC address (RFC 4291, appendix A). */
    static long eui64(long mac) {
        return (mac >>> 24 ^ 0x02_0000L) << 40 | 0xff_fe00_0000L | (mac & 0xff_ffff);
    }
}
