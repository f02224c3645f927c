package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.ip.IpPath;
import dev.penstock.stack.wire.TcpHeader;

/**
 * What the two ends agree on in their SYNs - MSS, window scale, timestamps, SACK, ECN - and the segment size that follows from it
 * and from the path (RFC 9293, section 3.7.1; RFC 6691; RFC 7323).
 */
final class Negotiation {
    /** RFC 7323, section 5.4: the timestamp clock ticks once a millisecond. */
    static final long TIMESTAMP_TICK_NS = 1_000_000;

    /** An MSS below this would make the headers cost more than the data; a peer that asks for less gets this. */
    private static final int LEAST_MSS = 64;

    /** Linux's tcp_min_snd_mss. */
    private static final int LINUX_LEAST_MSS = 48;

    private static final int MAX_MSS = 65_535;
    /** The MSS of an IPv4 peer that announces none. */
    static final int MSS_V4 = 536;
    /** The MSS of an IPv6 peer that announces none. */
    static final int MSS_V6 = 1_220;

    private final TcpConfig config;
    private final TcpOptions options;
    private IpPath path;
    private final SendState snd;
    private final ReceiveState rcv;
    /** So that the clock tells nobody how long this machine has been up. */
    private int timestampOffset;

    /** Fixed with the first SYN: the peer scales by it from then on, whatever becomes of the buffer. */
    private int ownShift;

    final Ecn ecn;

    private int knownMtu;
    /** {@link MtuProbing}'s: what gets through, whatever the path's MTU is said to be. */
    private int mtuLimit = Integer.MAX_VALUE;

    private boolean halvesWindow;
    private boolean synSeen;
    private boolean scaling;

    Negotiation(TcpConfig config, TcpOptions options, Tcb tcb, Counters counters) {
        this.ecn = new Ecn(config, counters);
        this.config = config;
        this.options = options;
        this.snd = tcb.snd;
        this.rcv = tcb.rcv;
    }

    /** The connection begins or goes on along {@code newPath}; the two ends decide about {@code stampOffset}. */
    void use(IpPath newPath, int stampOffset) {
        path = newPath;
        timestampOffset = stampOffset;
    }

    /** A connection begins, whose path and options are known. */
    void begin() {
        ecn.begin();
        ownShift = shiftFor(config, options);
        // "If an MSS Option is not received at connection setup, TCP implementations MUST assume a default send MSS of
        // 536 (576 - 40) for IPv4 or 1220 (1280 - 60) for IPv6" (RFC 9293, MUST-15).
        snd.peerMss = path.headerLength() == 20 ? MSS_V4 : MSS_V6;
        updateMss();
    }

    /** The peer's SYN: its sequence number, window and options. */
    void takeSyn(Segment s, long nowNs) {
        synSeen = true;
        rcv.begin(s.seq);
        boolean linux = config.habits == TcpHabits.LINUX;
        if (s.mss != Segment.ABSENT && !(linux && s.mss == 0)) {
            snd.peerMss = Math.max(linux ? LINUX_LEAST_MSS : LEAST_MSS, s.mss);
        }
        scaling = config.windowScaling && s.windowScale != Segment.ABSENT;
        // "If a Window Scale option is received with a shift.cnt value larger than 14, the TCP SHOULD log the error but
        // MUST use 14 instead of the specified value." (RFC 7323, section 2.3)
        snd.wndShift = scaling ? Math.min(14, s.windowScale) : 0;
        rcv.wndShift = scaling ? ownWindowShift() : 0;
        rcv.timestamps = config.timestamps && s.hasTimestamps;
        if (rcv.timestamps) {
            rcv.tsRecent = s.tsVal;
            rcv.tsRecentNs = nowNs;
        }
        rcv.sack = config.sack && s.sackPermitted;
        ecn.takeSyn(s);
        // "The window field in a segment where the SYN bit is set ... MUST NOT be scaled."
        snd.wnd = s.window;
        snd.maxWnd = s.window;
        snd.wl1 = s.seq;
        snd.wl2 = s.ack;
        updateMss();
    }

    /**
     * Path MTU, the peer's MSS or the options have changed.
     *
     * @return true if the segment size became another
     */
    boolean updateMss() {
        int perSegment = optionBytes();
        knownMtu = path.mtu();
        int room = mtu() - overhead();
        // RFC 6691: "the MSS value ... is not decreased to account for options", so the sender subtracts them.
        int mss = Math.min(room, snd.peerMss - perSegment);
        if (options.maxSegment > 0) {
            mss = Math.min(mss, options.maxSegment - perSegment);
        }
        if (halvesWindow) {
            mss = Math.min(mss, (int) Math.min(MAX_MSS, snd.maxWnd > MSS_V4 ? snd.maxWnd / 2 : snd.maxWnd));
        }
        mss = Math.max(LEAST_MSS / 2, mss);
        boolean changed = mss != snd.mss;
        snd.mss = mss;
        return changed;
    }

    /**
     * The peer's window is known: Linux sends no segment larger than half of it, so that a peer with little room always
     * has a segment to acknowledge.
     */
    void onEstablished() {
        halvesWindow = config.habits == TcpHabits.LINUX;
        updateMss();
    }

    /** The path MTU is another than the segment size was reckoned with: it became smaller, or grew again. */
    boolean pathMtuChanged() {
        return path.mtu() != knownMtu;
    }

    /** No packet larger than this is to be sent, whatever the path's MTU; {@link #updateMss} follows. */
    void limitMtu(int limit) {
        mtuLimit = limit;
    }

    /** The largest packet to send, as far as path and probes tell, bytes. */
    int mtu() {
        return Math.min(path.mtu(), mtuLimit);
    }

    /** What {@link #mtu} can be at most: more the path is known not to carry, or the peer, or the application, not to want. */
    int mtuCeiling() {
        int fixed = path.headerLength() + TcpHeader.MIN_LENGTH;
        int most = options.maxSegment > 0 ? Math.min(snd.peerMss, options.maxSegment) : snd.peerMss;
        return Math.min(path.mtu(), most + fixed);
    }

    /** Headers and options around the payload of each segment but a SYN, bytes. */
    int overhead() {
        return path.headerLength() + TcpHeader.MIN_LENGTH + optionBytes();
    }

    /** Bytes of options on every segment but a SYN. */
    int optionBytes() {
        return rcv.timestamps ? SegmentWriter.TIMESTAMP_BYTES : 0;
    }

    /** What we announce: the largest segment that the interface could receive unfragmented (RFC 9293, MUST-67). */
    int announcedMss() {
        return announcedMss(path, options.maxSegment);
    }

    static int announcedMss(IpPath path, int maxSegment) {
        int mss = path.interfaceMtu() - path.headerLength() - TcpHeader.MIN_LENGTH;
        return Math.min(65_535, maxSegment > 0 ? Math.min(mss, maxSegment) : mss);
    }

    /** The largest payload of one frame offered to IP: a multiple of the MSS, at least one. */
    int largestPayload() {
        if (ecn.cwrDue() || snd.isUrgent()) {
            // CWR is on one segment, and not every device takes it off the others; no device moves an urgent pointer.
            return snd.mss;
        }
        int largest = path.gsoMaxLength() - overhead();
        return Math.max(snd.mss, largest - largest % snd.mss);
    }

    /** Our SYN, or SYN-ACK if the peer's SYN had it, carries timestamps. */
    boolean offersTimestamps() {
        return synSeen ? rcv.timestamps : config.timestamps;
    }

    /** Both SYNs said SACK-permitted: either side may send SACK blocks, and believes those of the other (RFC 2018). */
    boolean sack() {
        return rcv.sack;
    }

    /** Our SYN, or SYN-ACK if the peer's SYN had it, says SACK-permitted. */
    boolean offersSack() {
        return synSeen ? rcv.sack : config.sack;
    }

    /** Our SYN, or SYN-ACK if the peer's SYN had it, carries a window scale. */
    boolean offersWindowScale() {
        return synSeen ? scaling : config.windowScaling;
    }

    int ownWindowShift() {
        return ownShift;
    }

    void info(TcpInfo into) {
        // RFC 7323, section 2.3: "Snd.Wind.Shift and Rcv.Wind.Shift, to be applied to the incoming and outgoing window
        // fields, respectively".
        into.sendWindowScale = scaling ? snd.wndShift : TcpInfo.UNKNOWN;
        into.receiveWindowScale = scaling ? rcv.wndShift : TcpInfo.UNKNOWN;
        into.advertisedMss = announcedMss();
        into.pathMtu = mtu();
        ecn.info(into);
    }

    /** The window scale that a connection with these options announces. */
    static int shiftFor(TcpConfig config, TcpOptions options) {
        return leastShift(ReceiveAutotuning.largest(config, options));
    }

    /** The least shift with which a window of {@code buffer} bytes can be expressed. */
    private static int leastShift(int buffer) {
        int shift = 0;
        while (shift < 14 && buffer >>> shift > 65_535) {
            shift++;
        }
        return shift;
    }

    int timestamp(long nowNs) {
        return clock(nowNs) + timestampOffset;
    }

    /** The timestamp clock before a connection's offset is added. */
    static int clock(long nowNs) {
        return (int) (nowNs / TIMESTAMP_TICK_NS);
    }

    int timestampOffset() {
        return timestampOffset;
    }

    void carry(StateCarrier s) {
        ecn.carry(s);
        ownShift = s.number(ownShift);
        knownMtu = s.number(knownMtu);
        mtuLimit = s.number(mtuLimit);
        halvesWindow = s.flag(halvesWindow);
        synSeen = s.flag(synSeen);
        scaling = s.flag(scaling);
    }
}
