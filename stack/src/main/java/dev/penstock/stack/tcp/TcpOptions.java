package dev.penstock.stack.tcp;

import dev.penstock.stack.ip.IpPath;

/**
 * The options of a connection, or of a listener for those it accepts. Plain values, copied when a connection is made;
 * times in nanoseconds, sizes in bytes. {@link TcpOption} names each of them as {@code setsockopt} does and knows its
 * range. Not thread-safe.
 */
public final class TcpOptions implements Cloneable {
    /** {@link #ttl} of those who set none. */
    static final int DEFAULT_TTL = -1;

    private static final TcpOptions DEFAULTS = new TcpOptions();

    /** SO_SNDBUF: the most bytes that wait for acknowledgment, 1 .. 2^30; 0 has it grow with the congestion window. */
    public int sendBuffer;
    /**
     * SO_RCVBUF: the largest receive window, 1 .. 2^30; 0 has it grow with what the application reads. If it is set when the
     * window's scale is agreed, a unit of that (at most 16 KiB) is the least.
     */
    public int receiveBuffer;
    /** TCP_NODELAY: no Nagle algorithm (RFC 9293, section 3.7.4). */
    public boolean noDelay;
    /** TCP_CORK: only full segments are sent, for at most 200 ms; taking it off sends the rest at once. */
    public boolean cork;
    /** TCP_NOTSENT_LOWAT: writable only while less than so many bytes were not sent yet; 0 for off. */
    public int notSentLowat;
    /** SO_MAX_PACING_RATE: the most that is sent, bytes a second, 1 .. {@link Long#MAX_VALUE}, which means no limit. */
    public long maxPacingRate = Long.MAX_VALUE;
    /** TCP_QUICKACK off: acknowledgments may be delayed (RFC 9293, section 3.8.6.3). */
    public boolean delayedAck = true;
    /** SO_KEEPALIVE. */
    public boolean keepAlive;
    /** TCP_KEEPIDLE, up to 32,767 s; "this interval MUST be configurable and MUST default to no less than two hours". */
    public long keepIdleNs = 7_200_000_000_000L;
    /** TCP_KEEPINTVL, up to 32,767 s. */
    public long keepIntervalNs = 75_000_000_000L;
    /** TCP_KEEPCNT, 1 .. 127. */
    public int keepCount = 9;
    /** SO_LINGER: -1 off, 0 resets at close; positive values matter to blocking facades only. */
    public int lingerSeconds = -1;
    /**
     * TCP_USER_TIMEOUT (RFC 5482): give up when data stays unacknowledged so long, or unsent because the peer's window is
     * closed, or when the probes of an idle connection get no answer, whatever {@link #keepCount} says; 0 means by the
     * retransmission count R2.
     */
    public long userTimeoutNs;
    /** TCP_MAXSEG: an upper bound for the segment size in both directions, 64 .. 65,535; 0 for none. */
    public int maxSegment;
    /** TCP_SYNCNT: SYNs that are sent again before a connect is given up, 1 .. 127; 0 for {@link TcpConfig#synRetries}. */
    public int synRetries;
    /**
     * TCP_LINGER2: how long a closed connection stays in FIN-WAIT-2; 0 for {@link TcpConfig#finWait2Ns}, negative for not at all:
     * it is reset.
     */
    public long finWait2Ns;
    /**
     * TCP_DEFER_ACCEPT: a listener's connections wait for the first data to be accepted, about so long; 0 for off. Rounded up to a
     * whole number of SYN-ACKs, the last of which asks for another ACK, which is then enough.
     */
    public long deferAcceptNs;
    /** TCP_WINDOW_CLAMP: no window is offered that is larger, but for one unit of its scale; 0 for no limit. */
    public int windowClamp;
    /** IP_TOS: the DSCP bits; the two ECN bits are TCP's own. */
    public int tos;
    /** IP_TTL, 1 .. 255; -1 for what routers say (RFC 4861, section 6.3.4), or 64. */
    public int ttl = DEFAULT_TTL;
    /** What the default stood for in the last segment. */
    private int ttlInForce = 64;
    /**
     * TCP_CONGESTION: one of {@link CongestionControls#names}; any other name is refused with an
     * {@link IllegalArgumentException} that lists them. Changed on a live connection, the new algorithm takes over
     * congestion window and slow-start threshold.
     */
    public String congestion = CongestionControls.DEFAULT;
    /**
     * SO_BINDTODEVICE: the interface ({@link dev.penstock.stack.ip.IpInterface#index}) by which a connection is made, or a listener's
     * connections come, and the zone of a link-local peer; -1 for any. Fixed once a connection exists.
     */
    public int interfaceIndex = -1;
    /** SO_REUSEADDR: a listener may take a port on which connections still are in TIME-WAIT. */
    public boolean reuseAddress = true;

    /** Takes over all values of {@code other}. */
    public void copyFrom(TcpOptions other) {
        sendBuffer = other.sendBuffer;
        receiveBuffer = other.receiveBuffer;
        noDelay = other.noDelay;
        cork = other.cork;
        notSentLowat = other.notSentLowat;
        maxPacingRate = other.maxPacingRate;
        delayedAck = other.delayedAck;
        keepAlive = other.keepAlive;
        keepIdleNs = other.keepIdleNs;
        keepIntervalNs = other.keepIntervalNs;
        keepCount = other.keepCount;
        lingerSeconds = other.lingerSeconds;
        userTimeoutNs = other.userTimeoutNs;
        maxSegment = other.maxSegment;
        synRetries = other.synRetries;
        finWait2Ns = other.finWait2Ns;
        deferAcceptNs = other.deferAcceptNs;
        windowClamp = other.windowClamp;
        tos = other.tos;
        ttl = other.ttl;
        ttlInForce = other.ttlInForce;
        reuseAddress = other.reuseAddress;
        interfaceIndex = other.interfaceIndex;
        congestion = other.congestion;
    }

    /**
     * Throws if a value is out of range.
     *
     * @throws IllegalArgumentException naming the option, the value and the range
     */
    public void check() {
        for (int i = 0; i < TcpOption.ALL.size(); i++) {
            TcpOption.ALL.get(i).check(this);
        }
    }

    /** An independent copy. */
    @Override
    public TcpOptions clone() {
        try {
            return (TcpOptions) super.clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    /** The TTL or hop limit that is sent: {@link #ttl}, or what the default is. */
    int ttl() {
        return ttl == DEFAULT_TTL ? ttlInForce : ttl;
    }

    /** The TTL or hop limit to send with on {@code path}. */
    int ttlFor(IpPath path) {
        ttlInForce = ttlFor(path, ttl);
        return ttlInForce;
    }

    static int ttlFor(IpPath path, int ttl) {
        return ttl == DEFAULT_TTL ? path.hopLimit(64) : ttl;
    }

    /** For those who are folded: the value of a default takes a byte. */
    void carry(StateCarrier s) {
        sendBuffer = s.number(sendBuffer);
        receiveBuffer = s.number(receiveBuffer);
        noDelay = s.flag(noDelay);
        cork = s.flag(cork);
        notSentLowat = s.number(notSentLowat);
        maxPacingRate = s.number(maxPacingRate);
        delayedAck = s.flag(delayedAck);
        keepAlive = s.flag(keepAlive);
        keepIdleNs = s.number(keepIdleNs - DEFAULTS.keepIdleNs) + DEFAULTS.keepIdleNs;
        keepIntervalNs = s.number(keepIntervalNs - DEFAULTS.keepIntervalNs) + DEFAULTS.keepIntervalNs;
        keepCount = s.number(keepCount);
        lingerSeconds = s.number(lingerSeconds);
        userTimeoutNs = s.number(userTimeoutNs);
        maxSegment = s.number(maxSegment);
        synRetries = s.number(synRetries);
        finWait2Ns = s.number(finWait2Ns);
        deferAcceptNs = s.number(deferAcceptNs);
        windowClamp = s.number(windowClamp);
        tos = s.number(tos);
        ttl = s.number(ttl);
        ttlInForce = s.number(ttlInForce);
        reuseAddress = s.flag(reuseAddress);
        interfaceIndex = s.number(interfaceIndex);
        congestion = CongestionControls.names()
                .get(s.number(CongestionControls.names().indexOf(congestion)));
    }
}
