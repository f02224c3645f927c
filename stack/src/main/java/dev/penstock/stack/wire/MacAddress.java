package dev.penstock.stack.wire;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** A 48-bit MAC address in the low bits of a {@code long}, its first byte on the wire highest; no objects. */
public final class MacAddress {
    /** Bytes on the wire. */
    public static final int LENGTH = 6;
    /** ff:ff:ff:ff:ff:ff. */
    public static final long BROADCAST = 0xffff_ffff_ffffL;
    /** No address: what look-ups answer when there is none. */
    public static final long NONE = -1;

    private static final long GROUP_BIT = 1L << 40;
    private static final long LOCAL_BIT = 1L << 41;

    private MacAddress() {}

    /** Reads an address. */
    public static long get(DirectBuffer buffer, int offset) {
        return (long) Wire.u16(buffer, offset) << 32 | Wire.u32(buffer, offset + 2);
    }

    /** Writes an address. */
    public static void put(MutableDirectBuffer buffer, int offset, long mac) {
        Wire.u16(buffer, offset, (int) (mac >>> 32));
        Wire.u32(buffer, offset + 2, (int) mac);
    }

    /** True for multicast and broadcast addresses. */
    public static boolean isGroup(long mac) {
        return (mac & GROUP_BIT) != 0;
    }

    /** True for an address that a single station may have: neither a group nor all zeros. */
    public static boolean isUnicast(long mac) {
        return mac > 0 && mac <= BROADCAST && !isGroup(mac);
    }

    /** A locally administered unicast address made of the low 46 bits of {@code bits}. */
    public static long locallyAdministered(long bits) {
        return (bits & BROADCAST & ~GROUP_BIT) | LOCAL_BIT;
    }

    /** The group address for an IPv4 multicast address: 01:00:5e and its low 23 bits (RFC 1112, section 6.4). */
    public static long forIpv4Multicast(int address) {
        return 0x0100_5e00_0000L | (address & 0x7f_ffff);
    }

    /** The group address for an IPv6 multicast address: 33:33 and its low 32 bits (RFC 2464, section 7). */
    public static long forIpv6Multicast(long lo) {
        return 0x3333_0000_0000L | (lo & 0xffff_ffffL);
    }

    /**
     * Reads {@code aa:bb:cc:dd:ee:ff}.
     *
     * @throws IllegalArgumentException if {@code text} is not six hexadecimal bytes
     */
    public static long parse(String text) {
        String[] parts = text.split(":", -1);
        long mac = 0;
        boolean good = parts.length == LENGTH;
        for (int i = 0; good && i < LENGTH; i++) {
            good = parts[i].matches("[0-9a-fA-F]{1,2}");
            mac = good ? mac << 8 | Integer.parseInt(parts[i], 16) : 0;
        }
        if (!good) {
            throw new IllegalArgumentException("not a MAC address: '" + text + "' (write it as 02:00:00:00:00:01)");
        }
        return mac;
    }

    /** {@code aa:bb:cc:dd:ee:ff}. */
    public static String format(long mac) {
        StringBuilder out = new StringBuilder(17);
        for (int shift = 40; shift >= 0; shift -= 8) {
            int b = (int) (mac >>> shift) & 0xff;
            out.append(Character.forDigit(b >>> 4, 16)).append(Character.forDigit(b & 15, 16));
            if (shift != 0) {
                out.append(':');
            }
        }
        return out.toString();
    }
}
