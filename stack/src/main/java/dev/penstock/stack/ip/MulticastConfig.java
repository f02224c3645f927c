package dev.penstock.stack.ip;

/** The limits and policies of multicast on each interface, each family for itself. Set before the stack is made. */
public final class MulticastConfig {
    /** The most groups of one interface that sockets and neighbour discovery are in. */
    public int maxGroups = 128;
    /** The most memberships of sockets on one interface, all groups together. */
    public int maxMemberships = 1024;
    /** The most sources of one membership; Linux has 10 for IPv4 ({@code igmp_max_msf}) and 64 for IPv6. */
    public int maxSources = 64;
    /** The most sources of one group, all its memberships together. */
    public int maxGroupSources = 1024;

    /** Packets with reports sent, a second, by one interface; and at once. */
    public int reportsPerSecond = 100;

    public int reportBurst = 200;

    /**
     * How often a change is told as long as no querier has said (RFC 3376, section 8.1: the Robustness Variable), 1 .. 7.
     */
    public int robustness = 2;
    /** The newest version of IGMP that is spoken, 1 .. 3: as Linux's {@code force_igmp_version}. */
    public int igmpVersion = 3;
    /** The newest version of MLD that is spoken, 1 or 2: as Linux's {@code force_mld_version}. */
    public int mldVersion = 2;

    void check() {
        boolean good = maxGroups >= 2
                && maxGroups <= 256
                && maxMemberships >= 1
                && maxSources >= 1
                && maxGroupSources >= maxSources
                && reportsPerSecond >= 1
                && reportBurst >= 1
                && robustness >= 1
                && robustness <= 7
                && igmpVersion >= 1
                && igmpVersion <= 3
                && mldVersion >= 1
                && mldVersion <= 2;
        if (!good) {
            throw new IllegalArgumentException("multicast settings out of range: maxGroups " + maxGroups
                    + ", maxMemberships " + maxMemberships + ", maxSources " + maxSources + ", maxGroupSources "
                    + maxGroupSources + ", reportsPerSecond " + reportsPerSecond + ", reportBurst " + reportBurst
                    + ", robustness " + robustness + ", igmpVersion " + igmpVersion + ", mldVersion " + mldVersion);
        }
    }
}
