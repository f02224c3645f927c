package dev.penstock.stack.wire;

/**
 * An IPv4 or IPv6 address: 128 bits in two longs, an IPv4 address as its IPv4-mapped form {@code ::ffff:a.b.c.d}
 * (RFC 4291, section 2.5.5.2). The data path passes the two longs, so one code serves both families and allocates
 * nothing; this object is for tables and for users. Immutable; any thread.
 *
 * @param hi the first 64 bits, network order
 * @param lo the last 64 bits, network order
 */
public record IpAddress(long hi, long lo) implements Comparable<IpAddress> {
    /** The second long of an IPv4 address, without its 32 bits. */
    public static final long V4_PREFIX = 0xffff_0000_0000L;

    /** 0.0.0.0: any IPv4 address. */
    public static final IpAddress ANY_V4 = ofV4(0);
    /** 255.255.255.255. */
    public static final IpAddress BROADCAST_V4 = ofV4(-1);
    /** 127.0.0.1. */
    public static final IpAddress LOOPBACK_V4 = ofV4(0x7f00_0001);
    /** {@code ::}, any address of either family. */
    public static final IpAddress ANY = new IpAddress(0, 0);
    /** {@code ::1}. */
    public static final IpAddress LOOPBACK_V6 = new IpAddress(0, 1);
    /** {@code ff02::1}: all nodes of a link. */
    public static final IpAddress ALL_NODES = new IpAddress(0xff02L << 48, 1);
    /** {@code ff02::2}: all routers of a link. */
    public static final IpAddress ALL_ROUTERS = new IpAddress(0xff02L << 48, 2);

    /** The first long of each solicited-node multicast address (RFC 4291, section 2.7.1). */
    public static final long SOLICITED_NODE_HI = 0xff02L << 48;

    /** The IPv4 address with these 32 bits, first byte highest. */
    public static IpAddress ofV4(int bits) {
        return new IpAddress(0, v4(bits));
    }

    /** The second long of the IPv4 address with these 32 bits. */
    public static long v4(int bits) {
        return V4_PREFIX | (bits & 0xffff_ffffL);
    }

    /** True for an IPv4 address. */
    public static boolean isV4(long hi, long lo) {
        return hi == 0 && (lo >>> 32) == 0xffff;
    }

    /** True for an IPv4 address. */
    public boolean isV4() {
        return isV4(hi, lo);
    }

    /** The 32 bits of an IPv4 address. */
    public int v4Bits() {
        return (int) lo;
    }

    /** True for 0.0.0.0 and for {@code ::}. */
    public static boolean isAny(long hi, long lo) {
        return hi == 0 && (lo == 0 || lo == V4_PREFIX);
    }

    /** True for 0.0.0.0 and for {@code ::}. */
    public boolean isAny() {
        return isAny(hi, lo);
    }

    /** True for 224.0.0.0/4 and ff00::/8. */
    public static boolean isMulticast(long hi, long lo) {
        return isV4(hi, lo) ? ((int) lo >>> 28) == 0xe : (hi >>> 56) == 0xff;
    }

    /** True for 127.0.0.0/8 and {@code ::1}. */
    public static boolean isLoopback(long hi, long lo) {
        return isV4(hi, lo) ? ((int) lo >>> 24) == 127 : hi == 0 && lo == 1;
    }

    /** The second long of the solicited-node multicast address, {@code ff02::1:ff00:0/104}, of an IPv6 address. */
    public static long solicitedNodeLo(long lo) {
        return 0x1_ff00_0000L | (lo & 0xff_ffff);
    }

    /** True for fe80::/10; IPv4's 169.254.0.0/16 is not meant. */
    public static boolean isLinkLocalV6(long hi) {
        return hi >>> 54 == 0xfe80 >>> 6;
    }

    /** True for the 32 bits of an address of 169.254.0.0/16 (RFC 3927). */
    public static boolean isLinkLocalV4(int bits) {
        return bits >>> 16 == 0xa9fe;
    }

    /** The scope of an IPv6 multicast address (RFC 4291, section 2.7): 1 interface, 2 link, 5 site, 14 global. */
    public static int multicastScope(long hi) {
        return (int) (hi >>> 48) & 0xf;
    }

    /** True for 224.0.0.0/4 and ff00::/8. */
    public boolean isMulticast() {
        return isMulticast(hi, lo);
    }

    /** True for 127.0.0.0/8 and {@code ::1}. */
    public boolean isLoopback() {
        return isLoopback(hi, lo);
    }

    /**
     * Reads dotted-quad IPv4 or RFC 4291 IPv6 text.
     *
     * @throws IllegalArgumentException naming the text when it is neither; names are not looked up
     */
    public static IpAddress parse(String text) {
        IpAddress address = text.indexOf(':') >= 0 ? parseV6(text) : parseV4(text);
        if (address == null) {
            throw new IllegalArgumentException("not an IP address: '" + text + "'");
        }
        return address;
    }

    private static IpAddress parseV4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return null;
        }
        int bits = 0;
        for (String part : parts) {
            if (!part.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(part) > 255) {
                return null;
            }
            bits = bits << 8 | Integer.parseInt(part);
        }
        return ofV4(bits);
    }

    private static IpAddress parseV6(String text) {
        String body = text;
        int lastColon = text.lastIndexOf(':');
        if (text.indexOf('.') >= 0) {
            IpAddress v4 = parseV4(text.substring(lastColon + 1));
            if (v4 == null) {
                return null;
            }
            body = text.substring(0, lastColon + 1)
                    + Integer.toHexString(v4.v4Bits() >>> 16)
                    + ":"
                    + Integer.toHexString(v4.v4Bits() & 0xffff);
        }
        int gap = body.indexOf("::");
        if (gap != body.lastIndexOf("::")) {
            return null;
        }
        String[] front = groups(gap < 0 ? body : body.substring(0, gap));
        String[] back = gap < 0 ? new String[0] : groups(body.substring(gap + 2));
        int given = front.length + back.length;
        if (gap < 0 ? given != 8 : given > 7) {
            return null;
        }
        long[] words = new long[2];
        for (int i = 0; i < given; i++) {
            String group = i < front.length ? front[i] : back[i - front.length];
            if (!group.matches("[0-9a-fA-F]{1,4}")) {
                return null;
            }
            int at = i < front.length ? i : 8 - given + i;
            words[at >>> 2] |= Long.parseLong(group, 16) << (48 - 16 * (at & 3));
        }
        return new IpAddress(words[0], words[1]);
    }

    private static String[] groups(String text) {
        return text.isEmpty() ? new String[0] : text.split(":", -1);
    }

    /** Dotted quad, or the canonical IPv6 text of RFC 5952. */
    @Override
    public String toString() {
        if (isV4()) {
            int b = v4Bits();
            return (b >>> 24) + "." + (b >>> 16 & 0xff) + "." + (b >>> 8 & 0xff) + "." + (b & 0xff);
        }
        int bestStart = -1;
        int bestLength = 1;
        for (int i = 0; i < 8; i++) {
            int j = i;
            while (j < 8 && group(j) == 0) {
                j++;
            }
            if (j - i > bestLength) {
                bestStart = i;
                bestLength = j - i;
            }
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                out.append("::");
                i += bestLength - 1;
            } else {
                if (out.length() > 0 && out.charAt(out.length() - 1) != ':') {
                    out.append(':');
                }
                out.append(Integer.toHexString(group(i)));
            }
        }
        return out.toString();
    }

    private int group(int i) {
        return (int) ((i < 4 ? hi : lo) >>> (48 - 16 * (i & 3))) & 0xffff;
    }

    @Override
    public int compareTo(IpAddress other) {
        int c = Long.compareUnsigned(hi, other.hi);
        return c != 0 ? c : Long.compareUnsigned(lo, other.lo);
    }
}
