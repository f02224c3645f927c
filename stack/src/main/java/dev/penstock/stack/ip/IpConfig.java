package dev.penstock.stack.ip;

import dev.penstock.stack.neighbor.NeighborConfig;

/**
 * The limits, times and policies of an {@link IpLayer}. Set the fields, then construct the layer, which reads them once;
 * times are in nanoseconds.
 */
public final class IpConfig {
    static final long MILLISECOND = 1_000_000L;
    static final long SECOND = 1_000 * MILLISECOND;

    /** What to do when another station keeps using an address of ours (RFC 5227, section 2.4). */
    public enum ConflictPolicy {
        /** (b): defend once; at the next conflict within ten seconds, give the address up. */
        DEFEND_ONCE,
        /** (c): keep the address, defending it at most every ten seconds. For servers with configured addresses. */
        DEFEND_ALWAYS
    }

    /** The neighbour cache. */
    public NeighborConfig neighbors = NeighborConfig.defaults();

    /** Watch for other users of our addresses, and announce and defend them (RFC 5227). */
    public boolean detectConflicts = true;
    /**
     * Probe an address before it is used, which takes 4 to 7 seconds (RFC 5227, section 2.1.1). Without, an address is
     * in use, and announced, at once.
     */
    public boolean probe = false;

    public ConflictPolicy conflictPolicy = ConflictPolicy.DEFEND_ALWAYS;

    /**
     * How often a new IPv6 address is asked for before it counts as ours alone (RFC 4862, section 5.1:
     * DupAddrDetectTransmits); 0 for not at all.
     */
    public int dadTransmits = 1;
    /**
     * Use a new IPv6 address at once, while duplicates are still being looked for (RFC 4429); otherwise 1 to 2 seconds
     * later (RFC 4862, section 5.4).
     */
    public boolean optimisticDad = true;
    /**
     * Make the link-local address of the MAC address (RFC 4291, appendix A); otherwise it is opaque, and stable as long as
     * {@link #stableSecret} is the same (RFC 7217).
     */
    public boolean eui64 = false;
    /** The secret key of opaque addresses, two words; null to have one drawn, so that they change with each start. */
    public long[] stableSecret;

    /**
     * Ask for routers, and take over what they advertise: routes, addresses, name servers (RFC 4861, RFC 4862). Otherwise
     * everything stays as configured, and advertisements are counted and ignored.
     */
    public boolean autoconfigure = false;
    /** When an address is tried again that was taken each time, nanoseconds. */
    public long autoconfigurationRetryNs = 600 * SECOND;
    /** The smallest hop limit that routers are believed: with less, nothing far away can be reached. */
    public int minHopLimit = 32;
    /**
     * Unsolicited advertisements of a new IPv6 address to the routers, so that answers find their way at once (RFC 9131); 0
     * for none.
     */
    public int unsolicitedAdverts = 1;
    /** The most destinations with a first hop of their own, told by redirects; 0 to ignore redirects. */
    public int maxRedirects = 256;

    /** TTL of ICMP messages (RFC 1700: 64); of IPv6, while routers say no other. */
    public int defaultTtl = 64;
    /** What addresses have to do with interfaces. */
    public HostModel hostModel = HostModel.STRONG;

    /** The most destinations that are remembered. */
    public int maxDestinations = 4096;
    /** The most connections that wait on one path for its neighbour. */
    public int maxPathWaiters = 4096;
    /** The most destinations with a path MTU of their own. */
    public int maxPathMtus = 1024;
    /**
     * The smallest path MTU that an ICMP message is believed, bytes. A smaller one, as a forger would send, counts as
     * this, and packets go out without DF, so that the network may cut them: what Linux's {@code min_pmtu} does.
     */
    public int minPathMtu = 552;
    /** How long a path MTU is believed (RFC 1191, section 6.3: 10 minutes). */
    public long pathMtuNs = 600 * SECOND;

    /** The most datagrams in reassembly. */
    public int maxReassemblies = 256;
    /** The most datagrams in reassembly from one source. */
    public int maxReassembliesPerSource = 64;
    /** The most fragments held: each takes one small frame. */
    public int maxFragments = 2048;
    /** How long the rest of a datagram is waited for. */
    public long reassemblyNs = 30 * SECOND;
    /** The same for IPv6 (RFC 8200, section 4.5: 60 seconds). */
    public long reassemblyV6Ns = 60 * SECOND;

    /** Groups: their limits, and what routers are told of them. */
    public MulticastConfig multicast = new MulticastConfig();

    /** The most packets that wait for the flush: echo replies, ICMP errors, ARP, fragments. */
    public int maxPending = 512;
    /** The most of those that wait for neighbours to be resolved. */
    public int maxHeld = 256;
    /** The most of those that wait for one neighbour: a burst of answers survives the first question for an address. */
    public int maxHeldPerNeighbor = 64;
    /** The most packets on the way from this stack to itself. */
    public int maxLoopback = 256;

    /** ICMP errors sent, a second, all destinations together; and at once. */
    public int icmpErrorsPerSecond = 1000;

    public int icmpErrorBurst = 50;
    /** ICMP errors sent, a second, to one destination; and at once. */
    public int icmpErrorsPerDestinationPerSecond = 10;

    public int icmpErrorPerDestinationBurst = 10;
    /** ARP replies sent, a second; and at once. */
    public int arpRepliesPerSecond = 1000;

    public int arpReplyBurst = 200;
    /** Neighbour advertisements sent, a second; and at once. */
    public int ndpRepliesPerSecond = 1000;

    public int ndpReplyBurst = 200;
}
