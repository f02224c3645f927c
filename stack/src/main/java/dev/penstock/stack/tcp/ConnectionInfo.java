package dev.penstock.stack.tcp;

import dev.penstock.stack.buffer.SendQueue;

/** Collects a connection's {@link TcpInfo}: each part tells what it knows. */
final class ConnectionInfo {
    private ConnectionInfo() {}

    static void read(Connection c, TcpInfo into, long nowNs) {
        into.clear();
        into.state = c.state();
        into.timeouts = c.retransmission.timeouts();
        SendQueue queue = c.sendQueue();
        into.bytesNotSent = queue.isClosed() ? 0 : Math.max(0, c.policy.available());
        into.congestion = c.cc.name();
        into.cwnd = c.cc.cwnd();
        into.ssthresh = Tracing.known(c.cc.ssthresh(), CongestionControl.UNLIMITED);
        into.pipe = c.pipe();
        into.maxPacingRate = Tracing.known(c.options().maxPacingRate, Long.MAX_VALUE);
        into.receiveWindowLimit = c.receiveQueue().limit();
        into.duplicateAcks = c.ackProcessor.duplicateAcks;
        c.recovery.info(into);
        c.rtt.info(into);
        c.tcb.info(into);
        c.negotiation.info(into);
        c.traffic.info(into, nowNs);
        c.receiver.info(into);
    }
}
