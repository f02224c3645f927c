package dev.penstock.stack.dhcp;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.timer.Deadline;

/**
 * A lease on the stack's clock; {@link Deadline#NEVER} for what never comes.
 *
 * @param t1Ns when its server is asked to prolong it
 * @param t2Ns when any server is
 * @param endNs when it is over
 * @param lengthNs from the request to the end
 */
record LeaseTimes(long t1Ns, long t2Ns, long endNs, long lengthNs) {
    /** Longer leases, of 34 years, are as good as infinite, and do not overflow a clock of nanoseconds. */
    private static final long LONGEST = 1L << 30;

    /** By so much earlier at most. */
    private static final double FUZZ = 0.05;

    /**
     * RFC 2131, 4.4.5: "Times T1 and T2 SHOULD be chosen with some random 'fuzz' around a fixed value, to avoid synchronization
     * of client reacquisition." Here they come earlier, never later than told.
     *
     * @param requestNs RFC 2131, 4.4.1: the lease counts from "the time at which the client sent the DHCPREQUEST message"
     */
    static LeaseTimes of(DhcpLease lease, long requestNs, RandomSource random) {
        long seconds = lease.leaseSeconds();
        if (seconds > LONGEST) {
            return new LeaseTimes(Deadline.NEVER, Deadline.NEVER, Deadline.NEVER, Deadline.NEVER);
        }
        long length = seconds * DhcpConfig.SECOND;
        long t1 = lease.renewSeconds() * DhcpConfig.SECOND;
        long t2 = lease.rebindSeconds() * DhcpConfig.SECOND;
        long earlier1 = (long) (random.nextDouble() * FUZZ * t1);
        long earlier2 = (long) (random.nextDouble() * FUZZ * (t2 - t1));
        return new LeaseTimes(requestNs + t1 - earlier1, requestNs + t2 - earlier2, requestNs + length, length);
    }
}
