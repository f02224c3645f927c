package dev.penstock.stack.tcp;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.wire.TcpHeader;

/** A segment arrives for a connection: the steps of RFC 9293, sections 3.10.7.3 and 3.10.7.4, in their order. */
final class SegmentArrival {
    private final Connection c;
    private final SendState snd;
    private final ReceiveState rcv;
    private final AckProcessor ackProcessor;
    private final ReceiveSide receiver;

    SegmentArrival(Connection c, AckProcessor ackProcessor, ReceiveSide receiver) {
        this.c = c;
        this.snd = c.tcb.snd;
        this.rcv = c.tcb.rcv;
        this.ackProcessor = ackProcessor;
        this.receiver = receiver;
    }

    private boolean linux() {
        return c.config.habits == TcpHabits.LINUX;
    }

    void onSegment(Segment s, long nowNs) {
        if (c.state() == TcpState.SYN_SENT) {
            onSegmentInSynSent(s, nowNs);
        } else {
            onSegmentInOtherStates(s, nowNs);
        }
    }

    /** Section 3.10.7.3. */
    private void onSegmentInSynSent(Segment s, long nowNs) {
        boolean ack = s.has(TcpHeader.ACK);
        if (ack && (SeqNum.leq(s.ack, snd.iss) || SeqNum.gt(s.ack, snd.nxt))) {
            // "If SEG.ACK =< ISS or SEG.ACK > SND.NXT, send a reset (unless the RST bit is set ...)"
            c.layer.drop(DropReason.TCP_BAD_ACK);
            c.retransmission.hurry(nowNs);
            if (!s.has(TcpHeader.RST)) {
                c.layer.replyReset(s);
            }
            return;
        }
        if (s.has(TcpHeader.RST)) {
            if (ack) {
                c.fail(TcpError.CONNECTION_REFUSED, nowNs);
            } else {
                c.layer.drop(DropReason.TCP_BLIND_RST);
            }
            return;
        }
        if (!s.has(TcpHeader.SYN)) {
            c.layer.drop(DropReason.TCP_BAD_FLAGS);
            return;
        }
        c.negotiation.takeSyn(s, nowNs);
        if (ack) {
            establish(s, StateMachine.Event.RECEIVE_SYN_ACK, nowNs);
            c.acks.ackNow();
        } else {
            // "Otherwise, enter SYN-RECEIVED, form a SYN,ACK segment <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK> and send it."
            c.move(StateMachine.Event.RECEIVE_SYN);
            snd.synDue = true;
        }
    }

    /** Section 3.10.7.4; for TIME-WAIT see {@link TimeWaits}. */
    private void onSegmentInOtherStates(Segment s, long nowNs) {
        if (SegmentAcceptance.failsPaws(s, rcv, nowNs)) {
            c.layer.drop(DropReason.TCP_OLD_TIMESTAMP);
            acknowledgeUnacceptable(s, nowNs);
            return;
        }
        if (rcv.timestamps && !s.hasTimestamps && !s.has(TcpHeader.RST) && !linux()) {
            // "If a non-RST segment is received without an expected TSopt, a TCP SHOULD silently drop the segment."
            // Linux
            // takes it.
            c.layer.drop(DropReason.TCP_OLD_TIMESTAMP);
            return;
        }
        // First, check the sequence number.
        if (!SegmentAcceptance.acceptable(s, rcv)) {
            onUnacceptable(s, nowNs);
            return;
        }
        boolean record = linux() && c.state() == TcpState.FIN_WAIT_2 && c.isOrphan();
        if (record && !(s.has(TcpHeader.FIN) && s.end() == rcv.nxt + 1)) {
            onSegmentForRecord(s);
            return;
        }
        // Second, check the RST bit.
        if (s.has(TcpHeader.RST)) {
            onReset(s, nowNs);
            return;
        }
        // Fourth, check the SYN bit: "irrespective of the sequence number, TCP endpoints MUST send a challenge ACK".
        if (s.has(TcpHeader.SYN)) {
            onSynInWindow(s, nowNs);
            return;
        }
        // Fifth, check the ACK field: "if the ACK bit is off, drop the segment and return".
        if (!s.has(TcpHeader.ACK)) {
            c.layer.drop(DropReason.TCP_NO_ACK_FLAG);
            return;
        }
        if (acknowledge(s, nowNs)) {
            onText(s, nowNs);
        }
    }

    private void onUnacceptable(Segment s, long nowNs) {
        boolean synAckRepeated = s.has(TcpHeader.SYN) && s.seq == rcv.irs && snd.una == snd.iss;
        if (c.state() == TcpState.SYN_RECEIVED && synAckRepeated && !s.has(TcpHeader.RST)) {
            c.negotiation.ecn.onRepeatedSyn(s);
            if (s.has(TcpHeader.ACK) && SeqNum.inLeftOpen(s.ack, snd.una, snd.nxt)) {
                // Both opened at once, and this SYN-ACK answers ours: the ACK in it is good (RFC 9293, figure 8).
                establish(s, StateMachine.Event.RECEIVE_ACK_OF_SYN, nowNs);
                c.acks.ackNow();
            } else {
                // The peer has not seen our SYN-ACK: once more.
                snd.synDue = true;
            }
            return;
        }
        c.layer.drop(DropReason.TCP_OUT_OF_WINDOW);
        if (s.has(TcpHeader.RST)) {
            return;
        }
        if (s.has(TcpHeader.SYN)) {
            challengeAck(nowNs);
            return;
        }
        acknowledgeUnacceptable(s, nowNs);
    }

    /** "If an incoming segment is not acceptable, an acknowledgment should be sent in reply (unless ... RST ...)". */
    private void acknowledgeUnacceptable(Segment s, long nowNs) {
        if (s.length() > 0 || c.acks.outOfWindowAllowed(nowNs)) {
            receiver.onDuplicate(s);
        }
    }

    /** RFC 5961, section 3.2, as taken over by RFC 9293: only the exact sequence number resets. */
    private void onReset(Segment s, long nowNs) {
        TcpState state = c.state();
        if (s.seq != rcv.nxt) {
            c.layer.drop(DropReason.TCP_BLIND_RST);
            challengeAck(nowNs);
            return;
        }
        boolean closing = state == TcpState.CLOSING || state == TcpState.LAST_ACK;
        if (closing && snd.unaPosition >= snd.finPosition) {
            // "CLOSING STATE, LAST-ACK STATE, TIME-WAIT: If the RST bit is set, then enter the CLOSED state, delete
            // the TCB, and return" - without an error. The peer is gone, but it has acknowledged all data before the
            // FIN; had it not, the application would have to be told.
            c.endInOrder();
            return;
        }
        // "If this connection was initiated with an active OPEN ... then the connection was refused". Linux, as other
        // stacks, calls it a reset once a SYN of the peer was seen.
        boolean refused = state == TcpState.SYN_RECEIVED && c.listener() == null && !linux();
        c.fail(refused ? TcpError.CONNECTION_REFUSED : TcpError.CONNECTION_RESET, nowNs);
    }

    private void onSynInWindow(Segment s, long nowNs) {
        c.layer.drop(DropReason.TCP_BLIND_SYN);
        if (c.state() == TcpState.SYN_RECEIVED && c.listener() != null) {
            // "If the connection was initiated with a passive OPEN, then return this connection to the LISTEN state and
            // return. Otherwise, handle per the directions for synchronized states below." Linux says so to the peer.
            if (linux()) {
                c.layer.replyReset(s);
            }
            c.fail(TcpError.CONNECTION_RESET, nowNs);
            return;
        }
        challengeAck(nowNs);
    }

    private void challengeAck(long nowNs) {
        if (c.layer.challengeAckAllowed(nowNs)) {
            c.acks.ackNow();
        }
    }

    /** Fifth: false if the segment goes no further. */
    private boolean acknowledge(Segment s, long nowNs) {
        if (c.state() == TcpState.SYN_RECEIVED) {
            // "If SND.UNA < SEG.ACK =< SND.NXT, then enter ESTABLISHED state"; otherwise a reset <SEQ=SEG.ACK>.
            if (!SeqNum.inLeftOpen(s.ack, snd.una, snd.nxt)) {
                c.layer.drop(DropReason.TCP_BAD_ACK);
                c.layer.replyReset(s);
                return false;
            }
            if (c.listener() != null && c.retransmission.defers(s)) {
                return false;
            }
            if (c.listener() != null && !c.listener().hasRoom()) {
                // As if the ACK had been lost: our SYN-ACK asks for it again, and there may be room then.
                c.listener().overflowed();
                return false;
            }
            SegmentAcceptance.updateTsRecent(s, rcv, nowNs);
            establish(s, StateMachine.Event.RECEIVE_ACK_OF_SYN, nowNs);
            return c.state() != TcpState.CLOSED;
        }
        if (!SegmentAcceptance.ackAcceptable(s.ack, snd) || linux() && isBeforeAllAcked(s.ack)) {
            c.layer.drop(DropReason.TCP_BAD_ACK);
            challengeAck(nowNs);
            return false;
        }
        // RFC 7323 has this before the ACK field; but what acknowledges nonsense (RFC 5961) must not feed PAWS.
        SegmentAcceptance.updateTsRecent(s, rcv, nowNs);
        ackProcessor.onAck(s, nowNs);
        if (snd.finAcked() && c.state().isFinPending()) {
            c.onFinAcked(nowNs);
        }
        return c.state() != TcpState.CLOSED;
    }

    /** RFC 5961 bounded further: nobody acknowledges less than the connection began with (Linux's bytes_acked). */
    private boolean isBeforeAllAcked(int ack) {
        return SeqNum.distance(ack, snd.una) > Math.max(0, snd.unaPosition);
    }

    /**
     * Linux keeps a record only of what was closed and waits for the peer's FIN (tcp_timewait_state_process()): anything new
     * but the FIN ends it with a reset, a reset in the window ends it, too, and nothing else is answered.
     */
    private void onSegmentForRecord(Segment s) {
        boolean news = SeqNum.gt(s.end(), rcv.nxt);
        if (s.has(TcpHeader.RST)) {
            c.endInOrder();
        } else if (s.has(TcpHeader.SYN) || s.has(TcpHeader.ACK) && news) {
            c.layer.drop(DropReason.TCP_DATA_AFTER_CLOSE);
            c.layer.replyReset(s);
            c.endInOrder();
        }
    }

    private void establish(Segment s, StateMachine.Event event, long nowNs) {
        ackProcessor.onAck(s, nowNs);
        ackProcessor.setWindow(s);
        if (c.rtt.srttNs() < 0) {
            c.rtt.afterSynTimeout();
        }
        c.negotiation.onEstablished();
        c.onEstablished(event, nowNs);
    }

    /** Sixth to eighth: urgent pointer, text, FIN. */
    private void onText(Segment s, long nowNs) {
        if (s.has(TcpHeader.URG)) {
            receiver.onUrgent(s);
        }
        if (!c.state().canReceive()) {
            // "Ignore the segment text": Linux does so without a word, where others acknowledge what they have.
            boolean ignored = linux() && rcv.finReceived && SeqNum.geq(s.seq, rcv.nxt);
            if (s.length() > 0 && !ignored) {
                c.acks.ackNow();
            }
            return;
        }
        // To Linux, an application that has shut both directions has closed the connection, too.
        boolean nobodyReads = c.isOrphan() || linux() && receiver.isDiscarding() && snd.finQueued();
        boolean text = s.payloadLength > 0 || linux() && s.has(TcpHeader.FIN);
        if (nobodyReads && text && SeqNum.gt(s.seq + s.payloadLength, rcv.nxt)) {
            // RFC 9293, section 3.6.1: when data arrives that nobody will read, "TCP SHOULD send a RST to show that
            // data was lost". It answers a segment that has an ACK field: section 3.5.2, "the reset takes its sequence
            // number from the ACK field of the segment".
            c.layer.drop(DropReason.TCP_DATA_AFTER_CLOSE);
            c.layer.replyReset(s);
            c.fail(c.isOrphan() ? TcpError.ABORTED : TcpError.CONNECTION_RESET, nowNs);
            return;
        }
        receiver.onText(s, nowNs);
        if (c.state().canReceive() && receiver.takeFin()) {
            c.onFin(nowNs);
        }
    }
}
