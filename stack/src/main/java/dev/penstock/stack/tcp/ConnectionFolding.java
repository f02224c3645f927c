package dev.penstock.stack.tcp;

import dev.penstock.stack.buffer.ReceiveQueue;
import dev.penstock.stack.buffer.SendQueue;

/** When a connection can be folded, and what of it; see {@link ConnectionPool}. */
final class ConnectionFolding {
    private ConnectionFolding() {}

    /** {@code c} begins, with these options; it knows nothing yet. */
    static void begin(Connection c, TcpOptions given) {
        TcpConfig config = c.config;
        c.options().copyFrom(given);
        c.sendQueue.restart(0, SendAutotuning.initial(config, given), Long.MIN_VALUE);
        c.receiveQueue.restart(0, ReceiveAutotuning.initial(config, given), 0);
        c.writing.use(c.sendQueue);
        c.cc.begin(given.congestion);
        c.rtt.begin();
        c.acks.begin();
        c.sender.pushes.begin();
        c.negotiation.use(c.path, c.layer.timestampOffset(c));
        c.negotiation.begin();
        c.mtu.begin();
    }

    /** What {@code c} knew is here again. */
    static void unfolded(Connection c) {
        if (c.handle.sendQueue != null) {
            c.use(c.handle.sendQueue, c.handle.receiveQueue);
        }
        c.writing.use(c.sendQueue);
        c.negotiation.use(c.path, c.layer.timestampOffset(c));
    }

    /** All that {@code c} and its parts know, into {@code s} or out of it; see {@link StateCarrier}. */
    static void carry(Connection c, StateCarrier s) {
        c.options().carry(s);
        c.carryOwn(s);
        c.tcb.carry(s);
        c.negotiation.carry(s);
        c.rtt.carry(s);
        c.timers.carry(s);
        c.sacks.clear();
        c.acks.carry(s);
        c.window.carry(s);
        c.traffic.carry(s);
        c.cork.carry(s);
        c.chronograph.carry(s, c.tcb.snd.una);
        c.cc.carry(s, c.options().congestion);
        c.board.carry(s);
        c.ackProcessor.carry(s);
        c.recovery.carry(s);
        c.policy.carry(s);
        c.sender.carry(s);
        c.probe.carry(s);
        c.pathTrouble.carry(s);
        c.mtu.carry(s);
        c.retransmission.carry(s);
        c.receiver.carry(s);
        c.keepalive.carry(s);
        c.upcalls.carry(s);
        c.writing.carry(s);
        carryQueues(c, s);
    }

    /**
     * The queues of a quiet connection hold nothing. Those that the application has go on by themselves; the others are lent with
     * the rest. One that is closed stays so.
     */
    private static void carryQueues(Connection c, StateCarrier s) {
        SendQueue toSend = c.sendQueue;
        boolean sendClosed = s.flag(toSend.isClosed());
        long acknowledged = s.number(toSend.tailPosition());
        int sendLimit = s.number(toSend.limit());
        long sendMark = s.number(toSend.urgentMark());
        ReceiveQueue received = c.receiveQueue;
        boolean receiveClosed = s.flag(received.isClosed());
        long read = s.number(received.tailPosition());
        int receiveLimit = s.number(received.limit());
        long receiveMark = s.number(received.urgentMark());
        if (!s.isUnfolding() || c.handle.sendQueue != null) {
            return;
        }
        toSend.restart(acknowledged, sendLimit, sendMark);
        received.restart(read, receiveLimit, receiveMark);
        if (sendClosed) {
            toSend.close();
        }
        if (receiveClosed) {
            received.close();
        }
    }

    /**
     * Nothing is going on: nothing is in flight or queued, there is no gap, nothing is owed or to be told, and nothing is
     * waited for but the next probe of an idle connection.
     */
    static boolean isQuiet(Connection c) {
        SendState snd = c.tcb.snd;
        ReceiveState rcv = c.tcb.rcv;
        return c.isEstablished()
                && c.state().isSynchronized()
                && !c.dirty
                && snd.una == snd.nxt
                && !c.hasUnsent()
                && c.sendQueue.size() == 0
                && c.receiveQueue.size() == 0
                && c.receiver.isInOrder()
                && (!rcv.finKnown || rcv.finReceived)
                && c.acks.owed() == 0
                && c.upcalls.isAllTold()
                && !c.writing.isWanted()
                && !c.pathTrouble.isParked()
                && c.timers.isOnlyKeepalive()
                && c.recovery.state() == LossRecovery.State.OPEN
                && c.tracing == null
                && c.cc.isFoldable();
    }
}
