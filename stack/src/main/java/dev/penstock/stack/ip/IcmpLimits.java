package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.SipHash;
import dev.penstock.stack.wire.IpAddress;

/**
 * The rate of the ICMP errors of both families that we send (RFC 1812, section 4.3.2.8; RFC 4443, section 2.4, (f)): a
 * bucket for all, and one for each destination, of which those with equal hashes share one. The hosts of an IPv6 /64 are
 * one destination, except for those of the link itself: whoever has one address there has them all.
 */
final class IcmpLimits {
    private static final int DESTINATIONS = 1024;

    private final Counters counters;
    private final SipHash hash;
    private final TokenBucket all;
    private final TokenBucket[] each = new TokenBucket[DESTINATIONS];

    IcmpLimits(IpConfig config, Counters counters, SipHash hash) {
        this.counters = counters;
        this.hash = hash;
        this.all = new TokenBucket(config.icmpErrorsPerSecond, config.icmpErrorBurst);
        for (int i = 0; i < DESTINATIONS; i++) {
            each[i] = new TokenBucket(config.icmpErrorsPerDestinationPerSecond, config.icmpErrorPerDestinationBurst);
        }
    }

    /** True when a message may go to this destination now; otherwise it is counted. */
    boolean allow(long hi, long lo, long nowNs) {
        boolean byNetwork = hi != 0 && !IpAddress.isLinkLocalV6(hi);
        TokenBucket one = each[(int) hash.hash(hi, byNetwork ? 0 : lo) & (DESTINATIONS - 1)];
        // The destination's bucket first: one that asks too much shall not use up what is for all.
        if (one.take(nowNs) && all.take(nowNs)) {
            return true;
        }
        counters.drop(DropReason.ICMP_RATE_LIMITED);
        return false;
    }
}
