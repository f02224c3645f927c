package dev.penstock.stack.tcp;

import dev.penstock.stack.ip.IpPath;

/**
 * The two ends of a connection, by which segments find it; and urgent data (RFC 9293, section 3.8.5), which is no more than a
 * mark in the queue of either direction.
 */
abstract class ConnectionEndpoints implements TcpConnection, ConnectionTable.Entry {
    final IpPath path;
    final Tcb tcb = new Tcb();

    private final int localPort;
    private final int remotePort;
    private final int zone;
    private int tableHash;

    ConnectionEndpoints(IpPath path, int localPort, int remotePort) {
        this.path = path;
        this.localPort = localPort;
        this.remotePort = remotePort;
        this.zone = path.zone();
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
        return localPort;
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
        return remotePort;
    }

    @Override
    public final int zone() {
        return zone;
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

    @Override
    public final int tableHash() {
        return tableHash;
    }

    @Override
    public final void tableHash(int hash) {
        tableHash = hash;
    }
}
