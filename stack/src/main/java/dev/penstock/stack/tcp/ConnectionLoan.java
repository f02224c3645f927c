package dev.penstock.stack.tcp;

import dev.penstock.stack.buffer.ReceiveQueue;
import dev.penstock.stack.buffer.SendQueue;
import dev.penstock.stack.ip.IpPath;

/**
 * To whom a {@link Connection} is lent, through which it knows its two ends, and its place in {@link ConnectionPool}'s list. Urgent
 * data (RFC 9293, section 3.8.5) is here, too, being no more than a mark in the queue of either direction.
 */
abstract class ConnectionLoan implements TcpConnection {
    final Tcb tcb = new Tcb();

    /** As the application and the table know it; null while it is lent to nobody. */
    ConnectionHandle handle;

    IpPath path;
    SendQueue sendQueue;
    ReceiveQueue receiveQueue;
    /** Null unless this connection is traced. */
    Tracing tracing;

    // The pool's.
    boolean watched;
    boolean touched;
    long lookNs;
    Connection watchedBefore;
    Connection watchedAfter;

    void lendTo(ConnectionHandle to) {
        handle = to;
        path = to.path();
    }

    void takeBack() {
        handle = null;
        path = null;
        tracing = null;
    }

    /** The listener whose accept queue this connection joins, or null for one that was opened actively. */
    final Listener listener() {
        return handle.listener;
    }

    @Override
    public final SendQueue sendQueue() {
        return sendQueue;
    }

    @Override
    public final ReceiveQueue receiveQueue() {
        return receiveQueue;
    }

    @Override
    public final long localHi() {
        return path.srcHi();
    }

    @Override
    public final long localLo() {
        return path.srcLo();
    }

    @Override
    public final int localPort() {
        return handle.localPort();
    }

    @Override
    public final long remoteHi() {
        return path.dstHi();
    }

    @Override
    public final long remoteLo() {
        return path.dstLo();
    }

    @Override
    public final int remotePort() {
        return handle.remotePort();
    }

    @Override
    public final int zone() {
        return handle.zone();
    }

    @Override
    public final void letGo() {
        handle.letGo();
    }

    @Override
    public final void markUrgent(long position, long nowNs) {
        sendQueue().markUrgent(position);
        tcb.snd.up = sendQueue().urgentMark();
        dataWritten(nowNs);
    }

    @Override
    public final long urgentMark() {
        return receiveQueue().urgentMark();
    }

    // --- the trace ---

    @Override
    public final void trace(TcpTrace trace) {
        tracing = trace == null ? null : new Tracing(handle.parts(), trace);
    }

    /** Something may have changed. */
    final void trace(long nowNs) {
        if (tracing != null) {
            tracing.sample(nowNs);
        }
    }

    /** Something has happened that a trace shows. */
    final void trace(TcpEvent kind, long nowNs) {
        if (tracing != null) {
            tracing.congestion(kind, nowNs);
        }
    }
}
