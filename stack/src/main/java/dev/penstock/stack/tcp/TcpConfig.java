package dev.penstock.stack.tcp;

/**
 * What is common to all connections of a stack: limits, and the times that RFC 9293 leaves to the implementation. Plain
 * values, read when the {@link TcpLayer} is made and while it runs; times in nanoseconds.
 */
public final class TcpConfig {
    private static final long MS = 1_000_000L;
    private static final long SECOND = 1_000_000_000L;

    /** Decides which connections are traced, see {@link TcpTrace}; null for none. */
    public TcpTracer tracer;

    /** Options of connections and listeners that bring none of their own. */
    public final TcpOptions defaults = new TcpOptions();

    /** The most connections in the table, in all states. */
    public int maxConnections = 1_000_000;
    /**
     * A connection on which nothing happened for so long is folded into a few hundred bytes, until something happens again;
     * {@link Long#MAX_VALUE} for never: then ended ones, too, keep what they worked with until they are let go.
     */
    public long quietNs = SECOND;
    /** What connections work with is kept for the next ones when they have ended or been folded: of so many at most, 4 KB each. */
    public int maxFreeConnections = 4_096;
    /** The most connections in TIME-WAIT; at the limit the oldest goes. */
    public int maxTimeWait = 16_384;
    /** The most half-open connections of one listener, whatever its backlog; at the limit see {@link #synCookies}. */
    public int maxHalfOpen = 1_024;
    /** The most connections that applications have closed and that are not at their end; further ones are reset. */
    public int maxOrphans = 16_384;
    /** Memory pressure ends when less than this of the sockets' memory is in use, per cent. */
    public int memoryLowPercent = 60;
    /** From here on no connection may take more than a fair share of the sockets' memory, per cent in use. */
    public int memoryPressurePercent = 75;
    /** From here on no connection is accepted, and nothing kept that is out of order or has no owner, per cent in use. */
    public int memoryHighPercent = 92;
    /** Then connections end whose peers have taken nothing of what is queued for them for so long. */
    public long memoryStallNs = 10 * SECOND;
    /** Connections begin with the round-trip time that earlier ones to the same host measured (RFC 9040). */
    public boolean tcbSharing = true;
    /**
     * With {@link #tcbSharing}, also with their slow-start threshold. Off: one unlucky connection would slow down all that
     * follow, which is why Linux gave it up, too (tcp_no_ssthresh_metrics_save).
     */
    public boolean tcbSharingSsthresh;
    /** Hosts of which {@link #tcbSharing} remembers something. */
    public int tcbCacheEntries = 1_024;
    /** What {@link #tcbSharing} remembers is forgotten after so long. */
    public long tcbCacheLifeNs = 3_600 * SECOND;
    /** What a listener does about SYNs at {@link #maxHalfOpen} (RFC 4987). */
    public SynCookiePolicy synCookies = SynCookiePolicy.WHEN_FULL;
    /** SYN-ACKs with cookies that may wait for the flush; beyond it SYNs are dropped. */
    public int maxPendingCookies = 256;
    /** The most listeners. */
    public int maxListeners = 4_096;
    /** The most separate pieces of data out of order that one connection keeps. */
    public int maxReassemblyRanges = 16_384;
    /** Resets for segments of no connection that may wait for the flush. */
    public int maxPendingResets = 64;
    /** Acknowledgments of connections in TIME-WAIT that may wait for the flush. */
    public int maxPendingAcks = 256;
    /** Challenge acknowledgments a second, for the whole stack (RFC 5961, section 7). */
    public int challengeAcksPerSecond = 1_000;
    /**
     * The least time between two answers to segments outside the window that carry no data, and of a connection in
     * TIME-WAIT to anything but the FIN (Linux: tcp_invalid_ratelimit).
     */
    public long outOfWindowAckIntervalNs = 500 * MS;

    /** RTO before the first measurement: "the sender SHOULD set RTO <- 1 second" (RFC 6298, section 2.1). */
    public long initialRtoNs = SECOND;
    /** The least RTO. RFC 6298 says 1 second; 200 ms is what Linux and most others use. */
    public long minRtoNs = 200 * MS;
    /**
     * The least that the RTO exceeds the smoothed round-trip time by, whatever its variation: Linux's tcp_rto_min, which
     * keeps it above {@link #minRtoNs}, too.
     */
    public long minRtoVariationNs = MS;
    /** What every RTO that was measured is longer by: FreeBSD's net.inet.tcp.rexmit_slop; 0 in other stacks. */
    public long rtoSlopNs;
    /** The greatest RTO: "at least 60 seconds" (RFC 6298, section 2.5). Longer, {@link #timeWaitNs} should be, too. */
    public long maxRtoNs = 60 * SECOND;
    /** R1: after so many retransmissions of the same data IP is told to doubt the way (RFC 9293, SHLD-9: at least 3). */
    public int doubtRetries = 3;
    /** R2 for SYNs: "at least 3 minutes" (RFC 9293, MUST-23); 1 + 2 + 4 + 8 + 16 + 32 + 60 + 60 seconds. */
    public int synRetries = 7;
    /** So many SYNs follow the first one an initial RTO apart, before the RTO doubles: Linux has 4 since 6.5; RFC 6298 has none. */
    public int synLinearTimeouts;
    /** R2 for SYN-ACKs, shorter, for they are cheap to forge into being: 63 seconds in all. */
    public int synAckRetries = 5;
    /** R2 for data: "at least 100 seconds" (RFC 9293, SHLD-11); 15 doublings make more than 13 minutes. */
    public int dataRetries = 15;
    /** R2 for data that nobody waits for any more: the application has closed the connection. */
    public int orphanRetries = 8;
    /** How long an acknowledgment may be delayed; "MUST be less than 0.5 seconds" (RFC 9293, MUST-40). */
    public long delayedAckNs = 40 * MS;
    /**
     * The length of TIME-WAIT, 2 MSL. RFC 9293 takes an MSL of 2 minutes for example; Linux waits 60 seconds. It should not
     * be shorter than the peer's longest RTO, {@link #maxRtoNs} if it is one of ours, for it is there to acknowledge the
     * peer's FIN when it comes again. Once a FIN has come again it is three times as long, so that above 20 % loss, where
     * acknowledgments are lost in a row, copies a minute apart still find it.
     */
    public long timeWaitNs = 60 * SECOND;
    /** A reset is ignored in TIME-WAIT (RFC 1337, F1); without it one with the very next sequence number ends it, as in Linux. */
    public boolean timeWaitIgnoresResets = true;
    /** How long an application's half of a connection in FIN-WAIT-2 may be gone before the rest goes, too. */
    public long finWait2Ns = 60 * SECOND;
    /** Offer and accept window scaling (RFC 7323). */
    public boolean windowScaling = true;
    /** Offer and accept timestamps (RFC 7323). */
    public boolean timestamps = true;
    /** The receive buffer with which connections begin that set none of their own, bytes. */
    public int initialReceiveBuffer = 128 << 10;
    /** Receive buffers that no option sets grow with what the application reads. */
    public boolean receiveAutotuning = true;
    /** How large it may grow: 1 Gbit/s at 100 ms needs 12.5 MB, and twice that while something is lost. */
    public int maxReceiveBuffer = 32 << 20;
    /** The send buffer with which connections begin that set none of their own, bytes. */
    public int initialSendBuffer = 256 << 10;
    /** How large it may grow. */
    public int maxSendBuffer = 32 << 20;
    /**
     * An ICMP message that a host or network cannot be reached ends a connection that is being opened, as in Linux (RFC 5461,
     * section 4.1), so that a program with several addresses tries the next one at once; RFC 1122, 4.2.3.9 has it as a hint.
     */
    public boolean unreachableEndsOpening;
    /** Explicit congestion notification (RFC 3168). */
    public TcpEcn ecn = TcpEcn.PASSIVE;
    /** Whose choice it is where the RFCs leave one. Read when a connection is made. */
    public TcpHabits habits = TcpHabits.PENSTOCK;
    /** The order of the options of a SYN. Read when the stack is made. */
    public TcpSynOptions synOptions = TcpSynOptions.LINUX;
    /** Offer and accept selective acknowledgment (RFC 2018). */
    public boolean sack = true;
    /** Tell of duplicates in SACK blocks (RFC 2883). */
    public boolean dsack = true;
    /** Send tail loss probes (RFC 8985, section 7). */
    public boolean tailLossProbe = true;
    /** Find losses by RACK (RFC 8985) where SACK was agreed; otherwise by counting (RFC 6675). */
    public boolean rack = true;
    /**
     * The initial window, segments (RFC 6928: 10), whatever their size; 0 for RFC 6928's "min (10*MSS, max (2*MSS, 14600))".
     */
    public int initialWindowSegments;
    /** Lost SYNs that leave the initial window as it is: Linux forgives 1; RFC 5681, section 3.1 none. */
    public int synLossesForgiven;
    /**
     * How many segments one acknowledgment may add to the window in slow start where nothing is paced: L of RFC 3465 and
     * RFC 9406; 0 for no limit, as in Linux.
     */
    public int slowStartSegments = 8;
    /** Marks reduce the window less than losses do (RFC 8511). */
    public boolean alternativeBackoff = true;
    /** Spread what the window allows over the round trip; without, only {@link TcpOptions#maxPacingRate} is obeyed. */
    public boolean pacing = true;
    /**
     * What to do about paths that swallow large segments and tell nobody. Linux's tcp_mtu_probing is 0 by default, which leaves
     * connections through such paths to die; 1, as here, costs nothing where there is none.
     */
    public TcpMtuProbing mtuProbing = TcpMtuProbing.ON_BLACK_HOLE;
    /** The most separate transmissions that one connection keeps track of; at the limit nothing new is sent. */
    public int maxSentSegments = 32_768;
    /** Acknowledgments that are not delayed when a connection begins, so that the peer's window grows. */
    public int quickAcks = 16;
    /** The first ephemeral port; RFC 6056, section 3.2 asks for a large range. */
    public int ephemeralPortFirst = 32_768;
    /** The last ephemeral port. */
    public int ephemeralPortLast = 65_535;
}
