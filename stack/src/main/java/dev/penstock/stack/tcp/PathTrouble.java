package dev.penstock.stack.tcp;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.ip.PathWaiter;

/** What goes wrong below TCP: no link address yet, no route, a smaller path MTU, ICMP errors; and what to do about it. */
final class PathTrouble implements PathWaiter {
    private static final int LEAST_V6 = 1_280;

    private final Connection c;
    private final SendState snd;
    /** Waits for the neighbour's link address; nothing is sent meanwhile. */
    private boolean parked;
    /** The last sign that the peer cannot be reached; the application learns it again if the connection times out. */
    private TcpError softError;
    /** The MTU that an ICMP message claims which is not believed yet, and which segment it quotes; 0 for none. */
    private int pendingMtu;

    private int pendingSeq;

    PathTrouble(Connection c) {
        this.c = c;
        this.snd = c.tcb.snd;
    }

    boolean isParked() {
        return parked;
    }

    void unpark() {
        if (parked) {
            parked = false;
            c.path.unpark(this);
        }
    }

    /** Something was acknowledged: the path works. */
    void onProgress() {
        softError = null;
        if (pendingMtu > 0 && SeqNum.gt(snd.una, pendingSeq)) {
            // RFC 5927, section 7.2: what was quoted got through, so the message is discarded.
            pendingMtu = 0;
            c.layer.counters.count(StackCounter.TCP_TOO_BIG_REFUSED);
        }
    }

    /** The retransmission timer expired: what contradicted a pending message was of another time. */
    void onTimeout(long nowNs) {
        if (pendingMtu > 0) {
            int mtu = pendingMtu;
            pendingMtu = 0;
            reduce(mtu, nowNs);
        }
    }

    /** What a connection that gives up tells its user. */
    TcpError timeoutError() {
        return softError != null ? softError : TcpError.TIMED_OUT;
    }

    /** RFC 5927: only an error that quotes a segment in flight is believed. */
    void onIcmpError(IcmpError icmp, int quotedSeq, long nowNs) {
        if (SeqNum.lt(quotedSeq, snd.una) || SeqNum.geq(quotedSeq, snd.nxt)) {
            c.layer.drop(DropReason.ICMP_UNMATCHED);
            return;
        }
        if (icmp.kind == IcmpError.Kind.TOO_BIG) {
            onTooBig(icmp.mtu, quotedSeq, nowNs);
            return;
        }
        if (icmp.kind == IcmpError.Kind.UNKNOWN) {
            return; // nobody knows what it says
        }
        TcpError why =
                switch (icmp.kind) {
                    case PORT_UNREACHABLE, PROTOCOL_UNREACHABLE -> TcpError.CONNECTION_REFUSED;
                    case NET_UNREACHABLE -> TcpError.NET_UNREACHABLE;
                    default -> TcpError.HOST_UNREACHABLE;
                };
        boolean opening = !c.state().isSynchronized();
        if (opening && (icmp.kind.isHard() || c.config.unreachableEndsOpening)) {
            // RFC 1122, 4.2.3.9: "Codes 2-4 ... TCP SHOULD abort the connection"; RFC 5927, 5.2: not once synchronized.
            c.fail(why, nowNs);
        } else {
            // "Since these Unreachable messages indicate soft error conditions, TCP MUST NOT abort the connection".
            // "... and it SHOULD make the information available to the application" (RFC 9293, SHLD-25).
            softError = why;
            c.signalSoftError(why);
            c.layer.markDirty(c);
        }
    }

    /**
     * RFC 5927, section 7.2, and stricter than Linux, which believes whatever quotes a sequence number in flight. Believed at
     * once is only what is about a segment in flight that was larger than the MTU that is claimed, and only while no
     * segment larger than that was ever acknowledged; otherwise the message waits, and counts when the segment times out.
     */
    private void onTooBig(int mtu, int quotedSeq, long nowNs) {
        boolean v6 = c.path.headerLength() == 40;
        int size = c.board.unitAt(quotedSeq) + c.negotiation.overhead();
        // RFC 8201, section 4: "If a node receives a Packet Too Big message reporting a next-hop MTU that is less than
        // the IPv6 minimum link MTU, it MUST discard it."
        if (size <= mtu || v6 && mtu < LEAST_V6) {
            c.layer.counters.count(StackCounter.TCP_TOO_BIG_REFUSED);
            c.layer.drop(DropReason.ICMP_UNMATCHED);
        } else if (c.mtu.isContradicted(mtu)) {
            c.layer.counters.count(StackCounter.TCP_TOO_BIG_DEFERRED);
            pendingMtu = mtu;
            pendingSeq = quotedSeq;
        } else {
            reduce(mtu, nowNs);
        }
    }

    private void reduce(int mtu, long nowNs) {
        c.mtu.onReduced(mtu);
        c.path.reduceMtu(mtu, nowNs);
        // Also when another connection has lowered it before: what is in flight is too large all the same.
        c.pathBecameSmaller();
    }

    /** IP could not send, for the reason {@code result}. */
    void cannotSend(int result, long nowNs) {
        switch (result) {
            case IpOutput.UNRESOLVED -> {
                parked = c.path.park(this);
                if (!parked) {
                    retryLater(nowNs);
                }
            }
            case IpOutput.TOO_BIG -> {
                int before = snd.mss;
                c.updateMss();
                if (snd.mss < before) {
                    // Another connection found the path to be smaller: what was cut too large is cut again.
                    c.layer.markDirty(c);
                } else {
                    retryLater(nowNs);
                }
            }
            case IpOutput.NO_ROUTE -> unreachable(TcpError.NET_UNREACHABLE, nowNs);
            default -> unreachable(TcpError.HOST_UNREACHABLE, nowNs);
        }
    }

    private void unreachable(TcpError why, long nowNs) {
        boolean news = softError != why;
        softError = why;
        c.acks.clear();
        if (c.state() == TcpState.SYN_SENT && snd.nxt == snd.iss) {
            // Nothing has left this host and nothing can: an application is told at once.
            c.fail(why, nowNs);
        } else {
            if (news) {
                c.signalSoftError(why);
            }
            retryLater(nowNs);
        }
    }

    /** As if the segment had been sent and lost. */
    private void retryLater(long nowNs) {
        boolean somethingWaits = snd.una != snd.nxt || !c.state().isSynchronized() || c.hasUnsent();
        if (somethingWaits && !c.timers.isSet(ConnectionTimers.RETRANSMIT)) {
            c.retransmission.start(nowNs);
        }
    }

    @Override
    public void onPathReady(boolean reachable, long nowNs) {
        parked = false;
        if (c.state() == TcpState.CLOSED) {
            return;
        }
        c.layer.markDirty(c);
        if (!reachable) {
            unreachable(TcpError.HOST_UNREACHABLE, nowNs);
        }
    }

    void carry(StateCarrier s) {
        softError = s.one(softError, TcpError.ALL);
        pendingMtu = s.number(pendingMtu);
        pendingSeq = s.number(pendingSeq);
    }
}
