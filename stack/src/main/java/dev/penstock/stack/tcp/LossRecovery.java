package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.tcp.CongestionControl.Cause;

/**
 * From an ACK to recovery and back: has {@link RackDetector} or {@link DuplicateThreshold} find what is lost, tells
 * {@link CongestionControl}, leads the window through recovery by {@link ProportionalRateReduction}, and takes all of it
 * back when it was for nothing (RFC 4015, RFC 5682).
 */
final class LossRecovery {
    /** As Linux's tcp_ca_state; its Disorder is OPEN here. */
    enum State {
        /** Nothing is amiss. */
        OPEN,
        /** The path marked segments: the window is being reduced, nothing was lost. */
        REDUCING,
        /** Fast recovery. */
        RECOVERY,
        /** After a timeout. */
        LOSS
    }

    private static final State[] STATES = State.values();

    private final Connection c;
    private final SendState snd;
    private final Scoreboard board;
    private final RackDetector rack;
    private final CongestionControl cc;
    private final Counters counters;
    private final DuplicateThreshold threshold;
    private final ProportionalRateReduction prr = new ProportionalRateReduction();
    private final SpuriousRecovery spurious = new SpuriousRecovery();
    final TailLossProbe probe;

    private State state = State.OPEN;
    /** RecoveryPoint: SND.NXT when the state was entered. */
    private int recover;

    /** RFC 6582's recover: SND.NXT at the last loss or timeout, while not everything before it is acknowledged. */
    private int lossPoint;

    private boolean lossPointValid;
    /** Congestion control can take the reduction of this episode back: no mark has asked for it. */
    private boolean undoable;
    /** Nothing new is sent before: a window of one segment was marked. */
    private long heldUntilNs = Long.MIN_VALUE;
    /** The oldest segment goes out whatever the window says: there was a timeout. */
    private boolean headDue;
    /** F-RTO (RFC 5682): it is being found out whether the timeout was spurious. */
    private boolean forwardRto;
    /** F-RTO, step 2b: two new segments go out before anything is sent again; the next ACK is for step 3. */
    private boolean newDataFirst;

    /** The last recovery began because later segments had arrived, and not by a timeout. */
    private boolean byArrivals;

    private long newlyLostMark;
    /** What the ACK in hand delivers, bytes. */
    private long deliveredNow;

    private long recoveries;

    LossRecovery(Connection c, Scoreboard board, RackDetector rack, CongestionControl cc) {
        this.c = c;
        this.snd = c.tcb.snd;
        this.board = board;
        this.rack = rack;
        this.cc = cc;
        this.counters = c.layer.counters;
        board.tellLosses(cc);
        this.threshold = new DuplicateThreshold(snd, board);
        this.probe = new TailLossProbe(c, board);
    }

    State state() {
        return state;
    }

    /** What may be in the network now, bytes. */
    long window() {
        boolean led = (state == State.RECOVERY || state == State.REDUCING) && cc.reducesProportionally();
        return led ? prr.window() : cc.cwnd();
    }

    /** New data goes out before what is lost. */
    boolean newDataFirst() {
        return newDataFirst;
    }

    /** The oldest segment is to be sent whatever the window says. */
    boolean headDue() {
        return headDue;
    }

    /** A tail loss probe may be sent: "the connection is not in loss recovery" (RFC 8985, section 7.2). */
    boolean isProbePossible() {
        return c.config.tailLossProbe && probe.isPossible(state == State.OPEN || state == State.REDUCING);
    }

    // --- what was sent ---

    void onSent(long bytes) {
        if (state == State.RECOVERY || state == State.REDUCING) {
            prr.onSent(bytes);
        }
    }

    void onRetransmitted(int start, int end, long nowNs) {
        headDue = false;
        spurious.onRetransmitted(start, end, c.negotiation.timestamp(nowNs));
        onSent(end - start);
    }

    /**
     * When something may be sent again, if a mark came while the window was one segment (RFC 3168, section 6.1.2); then "the
     * sending TCP will ... be able to send a new packet only when the retransmit timer expires".
     */
    long heldUntilNs() {
        return heldUntilNs;
    }

    // --- acknowledgments ---

    /** A DSACK: {@code [start, end)} had arrived before. */
    void onDsack(int start, int end) {
        counters.count(StackCounter.TCP_DSACKS_RECEIVED);
        rack.onDsack();
        if (byArrivals) {
            // The segment had been sent again, so its late arrival was no reordering to RFC 8985, section 6.2, step
            // 3. But it was: the copy went out because later segments had arrived, and the original came behind them.
            rack.onLateArrival();
        }
        spurious.onDsack(start, end);
    }

    /** Without SACK: a duplicate ACK. */
    void onDuplicate(Delivery delivery) {
        board.duplicate(snd.mss, delivery);
        // RFC 6582, 3.2, step 2: "checks the value of recover to see if the Cumulative Acknowledgment field covers more
        // than recover": duplicates of what a timeout sent again are no sign of loss.
        if (threshold.onDuplicate() && (state == State.OPEN || state == State.REDUCING) && !lossPointValid) {
            threshold.markFirstLost();
        }
    }

    /**
     * An ACK was taken into the scoreboard.
     *
     * @param acked how far SND.UNA moved
     * @param dsack it reported a duplicate
     */
    void onAck(Delivery delivery, AckSample sample, int acked, boolean dsack, long nowNs) {
        boolean advanced = acked > 0;
        boolean sack = c.negotiation.sack();
        State before = state;
        deliveredNow = delivery.bytes;
        sample.inRecovery = state == State.RECOVERY || state == State.REDUCING;
        sample.afterTimeout = state == State.LOSS;
        if (advanced) {
            threshold.onAdvance();
            rack.onAdvance();
            lossPointValid = lossPointValid && SeqNum.leq(snd.una, lossPoint);
        }
        boolean plainDuplicate = !advanced && delivery.sackedBytes == 0;
        if (probe.onAck(snd.una, dsack, plainDuplicate) && state == State.OPEN) {
            counters.count(StackCounter.TCP_LOSS_PROBE_RECOVERIES);
            respond(Cause.LOSS, nowNs);
            undoable = false;
            spurious.end();
            cc.onRecovered(nowNs);
        }
        boolean repairing = state == State.RECOVERY || state == State.LOSS;
        boolean inVain = state == State.RECOVERY && spurious.isShownByOriginals(board.lost.isEmpty());
        if (inVain || repairing && advanced && spurious.isShownByEcho(delivery) || spurious.isShownByDuplicates()) {
            undo(nowNs);
        } else if (state == State.LOSS) {
            onAckAfterTimeout(delivery, advanced, nowNs);
        }
        boolean moreLost = false;
        if (state != State.OPEN && endsHere(sack)) {
            // RFC 5681, section 4.3: "Loss in two successive windows of data" are "two indications of congestion".
            moreLost = sack && state != State.REDUCING && board.isLostBeyond(snd.una);
            leave(nowNs);
            if (moreLost) {
                enterRecovery(false, nowNs);
            }
        } else if (state == State.RECOVERY && advanced && !sack) {
            // RFC 6582, step 3, partial acknowledgment: "retransmit the first unacknowledged segment".
            threshold.markFirstLost();
            headDue = true;
        }
        moreLost |= detect(delivery.sackedBytes > 0, nowNs);
        if (sample.ecnEcho) {
            onEcho(sample, nowNs);
        }
        sample.lostBytes = board.lostTotal() - newlyLostMark;
        newlyLostMark = board.lostTotal();
        boolean reducing = state == State.RECOVERY || state == State.REDUCING;
        if (!reducing && c.config.habits == TcpHabits.LINUX) {
            // The acknowledgment that ends recovery opens the window as any later one does (tcp_may_raise_cwnd).
            sample.inRecovery = false;
        }
        if (reducing) {
            sample.inRecovery = true;
            if (advanced || delivery.bytes > 0 || state != before || moreLost) {
                prr.onAck(delivery.bytes, board.inNetwork(), target(), snd.mss, advanced && !moreLost);
            }
        }
    }

    /** The peer echoes a mark, for the first time in a round trip. */
    private void onEcho(AckSample sample, long nowNs) {
        if (cc.cwnd() <= snd.mss) {
            // RFC 3168, section 6.1.2: "the sending TCP MUST reset the retransmit timer on receiving the ECN-Echo
            // packet when the congestion window is one."
            heldUntilNs = nowNs + c.rtt.rtoNs();
        }
        if (state == State.OPEN) {
            begin(State.REDUCING, Cause.ECN, sample, nowNs);
        }
    }

    /** Where PRR leads the window: ssthresh is two segments at least, but after a mark cwnd may be one. */
    private long target() {
        return Math.min(cc.ssthresh(), cc.cwnd());
    }

    /**
     * Has lost segments found; true if there are new ones.
     *
     * @param sacked SACK blocks told something new
     */
    private boolean detect(boolean sacked, long nowNs) {
        long lostBefore = board.lostTotal();
        if (c.negotiation.sack()) {
            if (c.config.rack) {
                long due = rack.detect(state == State.RECOVERY || state == State.LOSS, nowNs);
                if (due == Long.MAX_VALUE) {
                    c.timers.stop(ConnectionTimers.REORDER);
                } else {
                    c.timers.set(ConnectionTimers.REORDER, due);
                }
            } else if (sacked) {
                boolean open = state == State.OPEN || state == State.REDUCING;
                // RFC 6675, section 5, step 1: "If DupAcks >= DupThresh, go to step 4", whatever IsLost says.
                if (threshold.onDuplicate() && open) {
                    threshold.markFirstLost();
                }
                threshold.detectBySack();
            }
        }
        boolean found = board.lostTotal() != lostBefore || !c.negotiation.sack() && newlyLostMark != lostBefore;
        if (found && state == State.OPEN && c.mtu.takeLoneLoss()) {
            // Too large for the path, and no congestion: nothing was lost as far as the window is concerned.
            newlyLostMark = board.lostTotal();
            return false;
        }
        if (found && (state == State.OPEN || state == State.REDUCING)) {
            enterRecovery(true, nowNs);
        }
        return found;
    }

    /** RACK's reordering timer: what was given the benefit of the doubt did not come. */
    void onReorderTimer(long nowNs) {
        deliveredNow = 0;
        if (detect(false, nowNs) && state == State.RECOVERY) {
            // What was taken out of the network now must not all be replaced at once; one segment, for there may come
            // no further ACK to let it go.
            prr.onTimer(board.inNetwork(), target(), snd.mss);
        }
    }

    /** {@code judged}: for what was judged lost just now. */
    private void enterRecovery(boolean judged, long nowNs) {
        counters.count(StackCounter.TCP_FAST_RETRANSMITS);
        boolean reducing = state == State.REDUCING;
        byArrivals = true;
        state = State.RECOVERY;
        recoveries++;
        probe.cancel();
        spurious.begin(snd.una, judged);
        recover = snd.nxt;
        markLossPoint();
        // RFC 5681, section 4.3: one reduction for all losses of a window; that of the ECN echo counts, and whether
        // or not something was lost, the mark was there.
        undoable = !reducing;
        if (!reducing) {
            respond(Cause.LOSS, nowNs);
        }
        c.trace(TcpEvent.ENTER_RECOVERY, nowNs);
    }

    private void markLossPoint() {
        lossPoint = snd.nxt;
        lossPointValid = true;
        board.forgetLost(snd.nxt);
    }

    private void begin(State next, Cause cause, AckSample sample, long nowNs) {
        state = next;
        recover = snd.nxt;
        undoable = false;
        sample.inRecovery = true;
        respond(cause, nowNs);
        spurious.end();
        c.trace(TcpEvent.ENTER_CWR, nowNs);
    }

    private void respond(Cause cause, long nowNs) {
        // RFC 5681, 3.2, step 2: "additional data sent in limited transmit MUST NOT be included in this calculation".
        // It went out beyond the window.
        long flight = Math.min(SeqNum.distance(snd.una, snd.nxt) + deliveredNow, Math.max(cc.cwnd(), snd.mss));
        // RFC 9937, section 6.2: RecoverFS is what was outstanding before the ACK that tells of the loss.
        prr.begin(board.inNetwork() + board.lost.bytes() + deliveredNow);
        cc.onCongestion(cause, flight, nowNs);
        c.negotiation.ecn.reduced(snd.nxt);
    }

    private boolean endsHere(boolean sack) {
        // Without SACK the ACK of exactly RecoveryPoint may be followed by duplicates of what was sent again for
        // nothing.
        return sack || state != State.LOSS
                ? SeqNum.geq(snd.una, recover)
                : SeqNum.gt(snd.una, recover) || snd.una == snd.nxt;
    }

    private void leave(long nowNs) {
        if (state == State.RECOVERY || state == State.LOSS) {
            rack.onRecoveryEnd();
        }
        state = State.OPEN;
        forwardRto = false;
        newDataFirst = false;
        headDue = false;
        board.forgetDuplicates();
        cc.onRecovered(nowNs);
        c.trace(TcpEvent.LEAVE_RECOVERY, nowNs);
    }

    private void undo(long nowNs) {
        counters.count(StackCounter.TCP_SPURIOUS_RECOVERIES);
        spurious.onUndone();
        if (byArrivals) {
            rack.onLateArrival();
        }
        board.unmarkLost();
        threshold.forgetExamined();
        lossPointValid = false;
        if (undoable) {
            undoable = false;
            cc.undo(nowNs);
        }
        c.trace(TcpEvent.UNDO, nowNs);
        // The RTO stays backed off until something is measured (Karn): the ACKs may have been lost instead, or the path
        // may have become slower than the RTO.
        if (state != State.OPEN) {
            leave(nowNs);
        }
    }

    // --- after a timeout ---

    /** The retransmission timer expired: congestion control was told. */
    void onTimeout(boolean first, long nowNs) {
        boolean sack = c.negotiation.sack();
        probe.cancel();
        c.timers.stop(ConnectionTimers.REORDER);
        threshold.reset();
        board.forgetDuplicates();
        if (board.isReneged()) {
            // RFC 2018, section 8: the receiver has what we hold for received no more, or it would acknowledge it.
            counters.count(StackCounter.TCP_SACK_RENEGING);
            board.forgetSacks();
        }
        SentSegment e = board.network.first();
        while (e != null) {
            SentSegment next = e.next;
            if (!sack || !c.config.rack || e == board.get(0) || rack.isOverdue(e, nowNs)) {
                board.markLost(e);
            }
            e = next;
        }
        newlyLostMark = board.lostTotal();
        if (first || state != State.LOSS) {
            spurious.begin(snd.una, false);
            // RFC 5682, section 2.1: F-RTO is for the first timeout; the echoed timestamp tells as much, and at once.
            forwardRto = first && !c.tcb.rcv.timestamps && SeqNum.distance(snd.una, snd.nxt) > 0;
        } else {
            forwardRto = false;
        }
        newDataFirst = false;
        byArrivals = false;
        undoable = true;
        state = State.LOSS;
        recover = snd.nxt;
        markLossPoint();
        headDue = true;
        c.negotiation.ecn.reduced(snd.nxt);
        c.trace(TcpEvent.TIMEOUT, nowNs);
    }

    /** RFC 5682, sections 2.1 and 3.1, steps 2 and 3. */
    private void onAckAfterTimeout(Delivery delivery, boolean advanced, long nowNs) {
        if (!forwardRto) {
            return;
        }
        // With SACK what arrived before the timeout is known, and does not count. Without, the first ACK may cover it
        // because the copy has filled the hole; the second one, after step 2b, cannot.
        boolean tells = c.negotiation.sack() || advanced && newDataFirst;
        if (tells && delivery.isOriginalDelivered(recover)) {
            // (3b) "if it acknowledges segments that were not retransmitted after the timeout, declare the timeout
            // spurious".
            undo(nowNs);
            return;
        }
        if (advanced && !newDataFirst && SeqNum.lt(snd.una, recover) && c.hasUnsent()) {
            // (2b) "transmit up to two new (previously unsent) segments and enter step 3".
            newDataFirst = true;
            return;
        }
        // (3a) "If the acknowledgment is a duplicate ACK ... revert to the conventional RTO recovery".
        forwardRto = false;
        newDataFirst = false;
    }

    /** The window was closed, and what was sent beyond it thrown away, until now. */
    void onWindowOpened() {
        if (state != State.LOSS) {
            return;
        }
        while (!board.network.isEmpty()) {
            board.markLost(board.network.first());
        }
        newlyLostMark = board.lostTotal();
        headDue = true;
    }

    /** Nothing new can be sent in place of what is lost; unless it was sent before, and its ACK is awaited. */
    boolean awaitsNewData() {
        if (board.inNetwork() > 0) {
            return true;
        }
        newDataFirst = false;
        forwardRto = false;
        return false;
    }

    /** The path takes smaller segments only: what was larger is lost, but not to congestion (RFC 1191, section 6.5). */
    void onSmallerMss() {
        SentSegment e = board.network.first();
        while (e != null) {
            SentSegment next = e.next;
            if (e.unit > snd.mss && e.length() > snd.mss) {
                board.markLost(e);
            }
            e = next;
        }
        newlyLostMark = board.lostTotal();
    }

    void info(TcpInfo into) {
        into.recovery = switch (state) {
            case OPEN -> board.sackedBytes() > 0 ? TcpInfo.Recovery.DISORDER : TcpInfo.Recovery.OPEN;
            case REDUCING -> TcpInfo.Recovery.CWR;
            case RECOVERY -> TcpInfo.Recovery.RECOVERY;
            case LOSS -> TcpInfo.Recovery.LOSS;
        };
        into.bytesSacked = board.sackedBytes();
        into.bytesLost = board.lost.bytes();
        into.bytesDelivered = board.deliveredBytes();
        into.recoveries = recoveries;
        into.undos = spurious.undone();
        into.tailLossProbes = probe.probes();
        rack.info(into);
    }

    void carry(StateCarrier s) {
        state = s.one(state, STATES);
        recover = s.sequence(recover, snd.una);
        lossPoint = s.sequence(lossPoint, snd.una);
        lossPointValid = s.flag(lossPointValid);
        undoable = s.flag(undoable);
        heldUntilNs = s.time(heldUntilNs);
        headDue = s.flag(headDue);
        forwardRto = s.flag(forwardRto);
        newDataFirst = s.flag(newDataFirst);
        byArrivals = s.flag(byArrivals);
        newlyLostMark = s.number(newlyLostMark);
        deliveredNow = s.number(deliveredNow);
        recoveries = s.number(recoveries);
        rack.carry(s);
        threshold.carry(s);
        prr.carry(s);
        spurious.carry(s);
        probe.carry(s);
    }
}
