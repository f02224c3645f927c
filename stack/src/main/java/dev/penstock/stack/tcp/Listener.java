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
    private final TcpOptions options;
    private final ArrayDeque<Connection> ready = new ArrayDeque<>();
    /** Those whose handshake is not complete, the oldest first. */
    private final ArrayDeque<Connection> halfOpen = new ArrayDeque<>();

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
            // "Any acknowledgment is bad if it arrives on a connection still in the LISTEN state."
            layer.drop(DropReason.TCP_BAD_ACK);
            layer.replyReset(s);
            return;
        }
        if (!s.has(TcpHeader.SYN) || s.has(TcpHeader.FIN)) {
            layer.drop(DropReason.TCP_BAD_FLAGS);
            return;
        }
        if (!hasRoom()) {
            // No reset: the peer tries again, and finds room if this was a burst.
            layer.drop(DropReason.TCP_BACKLOG_FULL);
            return;
        }
        if (halfOpen.size() >= layer.config.maxHalfOpen) {
            // A flood of SYNs from peers that never answer must not shut the others out until it times out: the oldest
            // goes, silently. A peer that does answer needs a round trip, in which few of a thousand places change.
            layer.counters.count(StackCounter.TCP_HALF_OPEN_EVICTED);
            halfOpen.peekFirst().fail(TcpError.NO_RESOURCES, nowNs);
        }
        Connection c = layer.create(
                s.localHi, s.localLo, localPort, s.remoteHi, s.remoteLo, s.remotePort, options, null, this, nowNs);
        if (c == null) {
            layer.drop(DropReason.TCP_TABLE_FULL);
            return;
        }
        halfOpen.addLast(c);
        int iss = issGiven ? leastIss : layer.chooseIss(c, nowNs);
        c.openPassive(s, iss, nowNs);
    }

    /** One more may wait to be accepted. */
    boolean hasRoom() {
        return ready.size() < backlog;
    }

    /** The handshake of one of ours is complete. */
    void onEstablished(Connection c) {
        halfOpen.removeFirstOccurrence(c);
        ready.addLast(c);
        layer.tellLater(this);
    }

    /** One of ours is gone. */
    void onClosed(Connection c) {
        if (c.wasAccepted()) {
            return;
        }
        if (c.isEstablished()) {
            ready.remove(c);
        } else {
            halfOpen.removeFirstOccurrence(c);
        }
    }

    boolean matches(long hi, long lo) {
        return localHi == hi && localLo == lo;
    }

    boolean isWildcard() {
        return IpAddress.isAny(localHi, localLo);
    }

    @Override
    public TcpConnection accept(TcpHandler connectionHandler) {
        Connection c = ready.pollFirst();
        if (c != null) {
            c.accepted(connectionHandler);
        }
        return c;
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
