package dev.penstock.stack.tcp;

import dev.penstock.stack.buffer.SendQueue;

/** Collects a connection's {@link TcpInfo}: each part tells what it knows. */
final class ConnectionInfo {
    private ConnectionInfo() {}

    static void read(Connection c, TcpInfo into, long nowNs) {
        into.clear();
        into.state = c.state();
        SendQueue queue = c.sendQueue();
        into.bytesNotSent = queue.isClosed() ? 0 : Math.max(0, c.policy.available());
        into.congestion = c.cc.name();
        into.cwnd = c.cc.cwnd();
        into.ssthresh = Tracing.known(c.cc.ssthresh(), CongestionControl.UNLIMITED);
        into.pipe = c.pipe();
        into.maxPacingRate = Tracing.known(c.options().maxPacingRate, Long.MAX_VALUE);
        into.pacingRate =
                Tracing.known(Math.min(c.cc.pacingRate(c.rtt.srttNs()), c.options().maxPacingRate), Long.MAX_VALUE);
        into.atoNs = c.options().delayedAck ? c.config.delayedAckNs : 0;
        into.receiveWindowLimit = c.receiveQueue().limit();
        for (SentSegment e = c.board.network.first(); e != null; e = e.next) {
            into.bytesRetransmittedInFlight += e.retransmitted ? e.length() : 0;
        }
        c.chronograph.info(into, nowNs);
        c.ackProcessor.info(into);
        c.recovery.info(into);
        c.retransmission.info(into);
        c.rtt.info(into);
        c.probe.info(into);
        c.keepalive.info(into);
        c.tcb.info(into);
        c.negotiation.info(into);
        c.traffic.info(into, nowNs);
        c.receiver.info(into);
    }
}
