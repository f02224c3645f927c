package dev.penstock.stack.tcp;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.TcpHeader;
import java.util.ArrayDeque;

/** A port in LISTEN: half-open connections and the queue of those that wait to be accepted, both bounded. */
final class Listener implements TcpAcceptor {
    final TcpAcceptHandler handler;

    private final TcpLayer layer;
    private final long localHi;
    private final long localLo;
    private final int localPort;
    private final int backlog;
    /** Handed out. */
    private final TcpOptions options;
    /** A copy that was checked: what connections get. */
    private final TcpOptions inForce;

    private final ArrayDeque<ConnectionHandle> ready = new ArrayDeque<>();
    /** Those whose handshake is not complete, the oldest first. */
    private final ArrayDeque<Connection> halfOpen = new ArrayDeque<>();

    /** When a SYN was last answered with a cookie, if {@link #cookiesSent}. */
    private long lastCookieNs;

    private boolean cookiesSent;
    private long overflows;
    private long drops;
    private boolean closed;
    /** It is on the list of listeners whose handlers are to be told. */
    boolean tellDue;

    Listener(
            TcpLayer layer,
            long localHi,
            long localLo,
            int localPort,
            int backlog,
            TcpOptions options,
            TcpAcceptHandler handler) {
        this.layer = layer;
        this.localHi = localHi;
        this.localLo = localLo;
        this.localPort = localPort;
        this.backlog = backlog;
        this.options = options.clone();
        this.inForce = options.clone();
        this.handler = handler;
    }

    /** RFC 9293, section 3.10.7.2: a segment in state LISTEN. */
    void onSegment(Segment s, int leastIss, boolean issGiven, long nowNs) {
        if (s.has(TcpHeader.RST)) {
            // "First, check for an RST: An incoming RST segment could not be valid ... and should be ignored."
            layer.drop(DropReason.TCP_NO_SOCKET);
            return;
        }
        if (s.has(TcpHeader.ACK)) {
            if (!openByCookie(s, nowNs)) {
                // "Any acknowledgment is bad if it arrives on a connection still in the LISTEN state."
                layer.drop(DropReason.TCP_BAD_ACK);
                layer.replyReset(s);
            }
            return;
        }
        if (!s.has(TcpHeader.SYN) || s.has(TcpHeader.FIN)) {
            layer.drop(DropReason.TCP_BAD_FLAGS);
            return;
        }
        if (layer.memory.isHigh()) {
            dropped(DropReason.TCP_MEMORY_PRESSURE);
            return;
        }
        if (!hasRoom()) {
            // No reset: the peer tries again, and finds room if this was a burst.
            overflowed();
            return;
        }
        SynCookiePolicy policy = layer.config.synCookies;
        boolean full = halfOpen.size() >= layer.config.maxHalfOpen;
        if (policy == SynCookiePolicy.ALWAYS || full && policy == SynCookiePolicy.WHEN_FULL && !issGiven) {
            answerWithCookie(s, nowNs);
            return;
        }
        if (full) {
            // A flood of SYNs from peers that never answer must not shut the others out until it times out: the oldest
            // goes, silently. A peer that does answer needs a round trip, in which few of a thousand places change.
            layer.counters.count(StackCounter.TCP_HALF_OPEN_EVICTED);
            halfOpen.peekFirst().fail(TcpError.NO_RESOURCES, nowNs);
        }
        Connection c = create(s, nowNs);
        if (c != null) {
            halfOpen.addLast(c);
            c.openPassive(s, issGiven ? leastIss : layer.chooseIss(c, nowNs), nowNs);
        }
    }

    private Connection create(Segment s, long nowNs) {
        int zone = inForce.interfaceIndex >= 0 ? inForce.interfaceIndex : s.zone;
        Connection c = layer.create(
                s.localHi,
                s.localLo,
                localPort,
                s.remoteHi,
                s.remoteLo,
                s.remotePort,
                zone,
                inForce,
                null,
                this,
                nowNs);
        if (c == null) {
            boolean full = layer.errorOfLastCall() == TcpError.NO_RESOURCES;
            dropped(full ? DropReason.TCP_TABLE_FULL : DropReason.TCP_NO_ROUTE);
        }
        return c;
    }

    private void dropped(DropReason reason) {
        countDrop();
        layer.drop(reason);
    }

    private void countDrop() {
        drops++;
        layer.counters.count(StackCounter.TCP_LISTEN_DROPS);
    }

    /** A SYN, or the ACK that completes a handshake, finds the accept queue full. */
    void overflowed() {
        overflows++;
        layer.counters.count(StackCounter.TCP_LISTEN_OVERFLOWS);
        dropped(DropReason.TCP_BACKLOG_FULL);
    }

    /** RFC 4987, section 3.6: the SYN-ACK holds everything, nothing is kept here. */
    private void answerWithCookie(Segment s, long nowNs) {
        StatelessSegment r = layer.cookieReply();
        if (r == null) {
            countDrop();
            return;
        }
        lastCookieNs = nowNs;
        cookiesSent = true;
        layer.counters.count(StackCounter.TCP_SYN_COOKIES_SENT);
        TcpConfig config = layer.config;
        int defaultMss = IpAddress.isV4(s.remoteHi, s.remoteLo) ? Negotiation.MSS_V4 : Negotiation.MSS_V6;
        r.answer(s, inForce);
        r.seq = layer.cookies.make(s, s.mss == Segment.ABSENT ? defaultMss : s.mss, nowNs);
        r.ack = s.seq + 1;
        r.flags = TcpHeader.SYN | TcpHeader.ACK;
        r.window = Math.min(65_535, inForce.receiveBuffer);
        r.maxSegment = inForce.maxSegment;
        if (config.timestamps && s.hasTimestamps) {
            // Without timestamps there is no place to keep the rest, and so it is not agreed.
            boolean scaled = config.windowScaling && s.windowScale != Segment.ABSENT;
            r.windowScale = scaled ? Negotiation.shiftFor(layer.config, inForce) : Segment.ABSENT;
            r.sackPermitted = config.sack && s.sackPermitted;
            int scale = scaled ? s.windowScale : Segment.ABSENT;
            boolean ecn = config.ecn != TcpEcn.OFF && Ecn.isRequest(s);
            r.flags |= ecn ? TcpHeader.ECE : 0;
            r.stamp(SynCookies.stamp(layer.timestamp(s, nowNs), scale, r.sackPermitted, ecn), s.tsVal);
        }
    }

    /**
     * The ACK of a cookie makes the connection that its SYN did not, as if it had waited half-open.
     *
     * @return false if there was no such cookie
     */
    private boolean openByCookie(Segment s, long nowNs) {
        if (!cookiesSent || nowNs - lastCookieNs > SynCookies.LIFE_NS) {
            // Nobody can have one: guessing is in vain, too.
            return false;
        }
        int mss = layer.cookies.check(s, nowNs);
        if (mss == Segment.ABSENT || s.has(TcpHeader.SYN)) {
            layer.counters.count(StackCounter.TCP_SYN_COOKIES_FAILED);
            return false;
        }
        if (!hasRoom()) {
            overflowed();
            return true;
        }
        Connection c = create(s, nowNs);
        if (c != null) {
            layer.counters.count(StackCounter.TCP_SYN_COOKIES_RECEIVED);
            c.openByCookie(synOf(s, mss), s.ack - 1, nowNs);
            c.onSegment(s, nowNs);
        }
        return true;
    }

    /** The SYN that led to {@code ack}, as far as it matters. */
    private static Segment synOf(Segment ack, int mss) {
        Segment syn = new Segment();
        syn.seq = ack.seq - 1;
        boolean ecn = ack.hasTimestamps && SynCookies.ecn(ack.tsEcr);
        syn.flags = TcpHeader.SYN | (ecn ? TcpHeader.ECE | TcpHeader.CWR : 0);
        syn.window = ack.window;
        syn.mss = mss;
        syn.hasTimestamps = ack.hasTimestamps;
        syn.tsVal = ack.tsVal;
        syn.windowScale = ack.hasTimestamps ? SynCookies.scale(ack.tsEcr) : Segment.ABSENT;
        syn.sackPermitted = ack.hasTimestamps && SynCookies.sack(ack.tsEcr);
        return syn;
    }

    /** One more may wait to be accepted. */
    boolean hasRoom() {
        return ready.size() + handler.waiting() < backlog;
    }

    /** The handshake of one of ours is complete. */
    void onEstablished(Connection c) {
        halfOpen.removeFirstOccurrence(c);
        ready.addLast(c.handle);
        layer.tellLater(this);
    }

    /** One of ours is gone. */
    void onClosed(Connection c) {
        if (c.handle.wasAccepted()) {
            return;
        }
        if (c.isEstablished()) {
            ready.remove(c.handle);
        } else {
            halfOpen.removeFirstOccurrence(c);
        }
    }

    /** The interface that it is bound to, or -1. */
    int boundInterface() {
        return inForce.interfaceIndex;
    }

    boolean matches(long hi, long lo) {
        return localHi == hi && localLo == lo;
    }

    boolean isWildcard() {
        return IpAddress.isAny(localHi, localLo);
    }

    @Override
    public TcpConnection accept(TcpHandler connectionHandler) {
        ConnectionHandle h = ready.pollFirst();
        if (h != null) {
            h.parts().accepted(connectionHandler);
        }
        return h;
    }

    @Override
    public TcpOptions options() {
        return options;
    }

    @Override
    public void optionsChanged() {
        options.check();
        inForce.copyFrom(options);
    }

    @Override
    public long overflows() {
        return overflows;
    }

    @Override
    public long drops() {
        return drops;
    }

    @Override
    public long localHi() {
        return localHi;
    }

    @Override
    public long localLo() {
        return localLo;
    }

    @Override
    public int localPort() {
        return localPort;
    }

    @Override
    public int acceptable() {
        return ready.size();
    }

    @Override
    public void close(long nowNs) {
        if (closed) {
            return;
        }
        closed = true;
        layer.removeListener(this);
        // "Any outstanding RECEIVEs are returned with 'error: closing' responses"; what nobody will take is reset.
        layer.abortUnaccepted(this, nowNs);
    }
}
