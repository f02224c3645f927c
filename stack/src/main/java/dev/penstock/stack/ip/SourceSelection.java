package dev.penstock.stack.ip;

import dev.penstock.stack.wire.IpAddress;

/**
 * The source address for an IPv6 destination (RFC 6724, section 5), among those of the interface that it leaves by. Rules
 * that need what is not there (home addresses, temporary addresses, next hops that advertise prefixes) are left out.
 */
final class SourceSelection {
    private static final int GLOBAL = 14;
    private static final int SITE = 5;
    private static final int LINK = 2;

    private SourceSelection() {}

    /** The best address of an interface that may be used, or null if there is none. */
    static LocalAddress choose(IpInterface nic, long dstHi, long dstLo) {
        return choose(nic, dstHi, dstLo, true);
    }

    /** As {@link #choose}, among those that are not optimistic (RFC 4429). */
    static LocalAddress chooseVerified(IpInterface nic, long dstHi, long dstLo) {
        return choose(nic, dstHi, dstLo, false);
    }

    private static LocalAddress choose(IpInterface nic, long dstHi, long dstLo, boolean optimistic) {
        LocalAddress best = null;
        for (int i = 0; i < nic.addressCount(); i++) {
            LocalAddress a = nic.local(i);
            boolean fits = a.usable && !a.v4 && (optimistic || !a.tentative);
            if (fits && (best == null || isBetter(a, best, dstHi, dstLo))) {
                best = a;
            }
        }
        return best;
    }

    private static boolean isBetter(LocalAddress a, LocalAddress b, long dstHi, long dstLo) {
        // Rule 1: Prefer same address.
        boolean sameA = a.hi == dstHi && a.lo == dstLo;
        boolean sameB = b.hi == dstHi && b.lo == dstLo;
        if (sameA != sameB) {
            return sameA;
        }
        // Rule 2: Prefer appropriate scope. "If Scope(SA) < Scope(SB): If Scope(SA) < Scope(D), then prefer SB and
        // otherwise prefer SA."
        int scopeA = scope(a.hi, a.lo);
        int scopeB = scope(b.hi, b.lo);
        if (scopeA != scopeB) {
            int wanted = scope(dstHi, dstLo);
            return scopeA < scopeB ? scopeA >= wanted : scopeB < wanted;
        }
        // Rule 3: Avoid deprecated addresses.
        if (a.deprecated != b.deprecated) {
            return b.deprecated;
        }
        // Rule 6: Prefer matching label.
        int label = label(dstHi, dstLo);
        boolean labelA = label(a.hi, a.lo) == label;
        boolean labelB = label(b.hi, b.lo) == label;
        if (labelA != labelB) {
            return labelA;
        }
        // Rule 8: Use longest matching prefix.
        return common(a, dstHi, dstLo) > common(b, dstHi, dstLo);
    }

    /** RFC 6724, section 3.1; unicast site-local addresses are deprecated, but have their scope there. */
    static int scope(long hi, long lo) {
        if (IpAddress.isMulticast(hi, lo)) {
            return IpAddress.multicastScope(hi);
        }
        if (IpAddress.isLinkLocalV6(hi) || IpAddress.isLoopback(hi, lo)) {
            return LINK;
        }
        return hi >>> 54 == 0xfec0 >>> 6 ? SITE : GLOBAL;
    }

    /** The label of the default policy table (RFC 6724, section 2.1). */
    static int label(long hi, long lo) {
        if (hi == 0) {
            return lo == 1 ? 0 : IpAddress.isV4(hi, lo) ? 4 : lo >>> 32 == 0 ? 3 : 1;
        }
        int first = (int) (hi >>> 48);
        if (first == 0x2002) {
            return 2;
        }
        if (hi >>> 32 == 0x2001_0000L) {
            return 5;
        }
        if (first >>> 9 == 0xfc00 >>> 9) {
            return 13;
        }
        if (first >>> 6 == 0xfec0 >>> 6) {
            return 11;
        }
        return first == 0x3ffe ? 12 : 1;
    }

    /** CommonPrefixLen(S, D): section 2.2, "up to the length of S's prefix". */
    private static int common(LocalAddress source, long dstHi, long dstLo) {
        long difference = source.hi ^ dstHi;
        int equal = difference != 0
                ? Long.numberOfLeadingZeros(difference)
                : 64 + Long.numberOfLeadingZeros(source.lo ^ dstLo);
        return Math.min(equal, source.prefix.length());
    }
}
