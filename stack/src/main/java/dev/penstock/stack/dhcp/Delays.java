package dev.penstock.stack.dhcp;

import dev.penstock.stack.base.RandomSource;

/** How long the client waits for what, nanoseconds. */
final class Delays {
    private static final long SECOND = DhcpConfig.SECOND;

    /** RFC 2131, 4.1: "the delay before the first retransmission SHOULD be 4 seconds", then doubled up to 64. */
    private static final long FIRST_RETRANSMISSION = 4 * SECOND;

    private static final int MAX_DOUBLINGS = 4;
    /** RFC 2131, 3.1.5: "The client SHOULD wait a minimum of ten seconds before restarting the configuration process". */
    private static final long DECLINE_WAIT = 10 * SECOND;
    /** As RFC 5227, section 2.1.1: after so many conflicts, not oftener than this. */
    private static final int MAX_CONFLICTS = 10;

    private static final long RATE_LIMIT_INTERVAL = 60 * SECOND;
    private static final int MAX_NAK_DOUBLINGS = 6;
    /** RFC 2131, 4.4.5: "down to a minimum of 60 seconds, before retransmitting the DHCPREQUEST message". */
    private static final long RENEW_WAIT = 60 * SECOND;
    /** But not longer than this part of the lease: one of two minutes would get two attempts, and end with two lost packets. */
    private static final int RENEW_PARTS = 16;

    /** ARP's look for others takes 7 seconds at most (RFC 5227). */
    static final long CHECK_LIMIT = 30 * SECOND;
    /** However short the lease. */
    static final long LEAST_WAIT = SECOND / 2;
    /** RFC 8925, section 3.4: MIN_V6ONLY_WAIT. */
    private static final long MIN_V6ONLY_WAIT = 300 * SECOND;

    private Delays() {}

    /** RFC 2131, 4.1: 4, 8, 16, 32, 64 seconds, each randomised by up to a second. */
    static long retransmission(int attempts, RandomSource random) {
        long base = FIRST_RETRANSMISSION << Math.min(attempts, MAX_DOUBLINGS);
        return base + (long) ((random.nextDouble() * 2 - 1) * SECOND);
    }

    /**
     * RFC 2131, 4.4.5: "In both RENEWING and REBINDING states, if the client receives no response to its DHCPREQUEST message,
     * the client SHOULD wait one-half of the remaining time until T2 (in RENEWING state) and one-half of the remaining lease
     * time (in REBINDING state)".
     */
    static long renewal(long remainingNs, long leaseNs) {
        long least = Math.max(LEAST_WAIT, Math.min(RENEW_WAIT, leaseNs / RENEW_PARTS));
        return Math.max(least, remainingNs / 2);
    }

    /** After the n-th conflict in a row. */
    static long conflict(int n) {
        return n >= MAX_CONFLICTS ? RATE_LIMIT_INTERVAL : DECLINE_WAIT;
    }

    /** After the n-th refusal in a row: a server that always refuses is asked less and less often. */
    static long refusal(int n) {
        return n == 1 ? 0 : SECOND << Math.min(n - 2, MAX_NAK_DOUBLINGS);
    }

    static long ipv6Only(long seconds) {
        return Math.max(MIN_V6ONLY_WAIT, seconds * SECOND);
    }
}
