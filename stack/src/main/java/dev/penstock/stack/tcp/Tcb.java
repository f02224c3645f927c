package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Invariant;
import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.buffer.SendQueue;

/** The transmission control block: what a connection knows, in two halves (RFC 9293, section 3.3.1). */
final class Tcb {
    final SendState snd = new SendState();
    final ReceiveState rcv = new ReceiveState();

    void info(TcpInfo into) {
        into.bytesInFlight = SeqNum.distance(snd.una, snd.nxt);
        into.sendWindow = snd.wnd;
        into.receiveWindow = rcv.window();
        into.sendMss = snd.mss;
        into.receiveMss = rcv.peerSegment;
        into.timestamps = rcv.timestamps;
        into.sack = rcv.sack;
        into.bytesAcked = Math.max(0, Math.min(snd.unaPosition, snd.finPosition));
    }

    /** Throws if the variables contradict each other. Called by tests after every event. */
    void checkInvariants(TcpState state, SendQueue queue) {
        Invariant.check(SeqNum.leq(snd.una, snd.nxt), "SND.UNA <= SND.NXT", snd.una, snd.nxt);
        Invariant.check(snd.wnd >= 0 && snd.wnd <= 65_535L << 14, "SND.WND in range", snd.wnd, snd.wndShift);
        Invariant.check(snd.maxWnd >= snd.wnd, "Max(SND.WND) >= SND.WND", snd.maxWnd, snd.wnd);
        Invariant.check(SeqNum.leq(rcv.nxt, rcv.adv + 1), "RCV.NXT inside the window", rcv.nxt, rcv.adv);
        if (state.isSynchronized() && !queue.isClosed()) {
            long queued = Math.min(queue.tailPosition(), snd.finPosition);
            long end = queued + (snd.finQueued() ? 1 : 0);
            Invariant.check(snd.positionOf(snd.nxt) <= end, "nothing is sent that is not queued", snd.nxt, end);
            Invariant.check(
                    queue.headPosition() == Math.max(0, Math.min(snd.unaPosition, queued)),
                    "the queue holds what is not acknowledged",
                    queue.headPosition(),
                    snd.unaPosition);
        }
    }

    void carry(StateCarrier s) {
        rcv.carry(s);
        snd.carry(s, rcv.nxt);
    }
}
