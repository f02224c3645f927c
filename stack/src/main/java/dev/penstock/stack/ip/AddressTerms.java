package dev.penstock.stack.ip;

import dev.penstock.stack.timer.Deadline;

/**
 * On what terms the stack has an address (RFC 4862, section 5.5.4): preferred, then deprecated, then gone.
 *
 * @param origin who gave it
 * @param preferredUntilNs until when new connections may use it, on the stack's clock; {@link #FOREVER}
 * @param validUntilNs when it is removed; {@link #FOREVER}; not before {@code preferredUntilNs}
 * @param onLink true when the other addresses of its prefix are neighbours, so that a route to them comes and goes with it;
 *     false where that is told apart from it (RFC 4861's prefix option, DHCPv6)
 */
public record AddressTerms(Origin origin, long preferredUntilNs, long validUntilNs, boolean onLink) {
    /** No end. */
    public static final long FOREVER = Deadline.NEVER;

    /** Checks that it is not preferred for longer than it is valid. */
    public AddressTerms {
        if (validUntilNs < preferredUntilNs) {
            throw new IllegalArgumentException("an address is not preferred for longer than it is valid");
        }
    }

    /** For ever, with its network on the link: what {@link IpLayer#addAddress} gives. */
    public static AddressTerms permanent(Origin origin) {
        return new AddressTerms(origin, FOREVER, FOREVER, true);
    }

    /** For a number of seconds from now, with its network on the link: a lease. */
    public static AddressTerms lease(Origin origin, long seconds, long nowNs) {
        long until = after(seconds, nowNs);
        return new AddressTerms(origin, until, until, true);
    }

    /** {@code seconds} from now as a moment; 0xffffffff, which all protocols have for infinity, is {@link #FOREVER}. */
    public static long after(long seconds, long nowNs) {
        return seconds >= 0xffff_ffffL ? FOREVER : nowNs + seconds * IpConfig.SECOND;
    }
}
