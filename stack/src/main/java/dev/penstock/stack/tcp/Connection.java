package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Invariant;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.ReceiveQueue;
import dev.penstock.stack.buffer.SendQueue;
import org.agrona.DirectBuffer;

/**
 * One connection: it only orchestrates. What is known is in {@link Tcb}; each decision is in a class of its own. Here
 * are the application's calls (RFC 9293, sections 3.10.1 to 3.10.6), the timeouts (3.10.8) and the two halves of the
 * flush: sending and telling.
 */
final class Connection extends ConnectionLoan {
    final TcpLayer layer;
    final TcpConfig config;
    final Negotiation negotiation;
    final RttEstimator rtt;
    final ConnectionTimers timers;
    final SackBlocks sacks;
    final AckPolicy acks;
    final WindowAdvertiser window;
    final SegmentWriter writer;
    final SendSide sender;
    final ZeroWindowProbe probe;
    final PathTrouble pathTrouble;
    final MtuProbing mtu;
    final RetransmissionTimeout retransmission;

    final Traffic traffic = new Traffic(this);
    final Cork cork;
    final Chronograph chronograph = new Chronograph();
    private final TcpOptions options;
    final ChosenCongestionControl cc;
    final Scoreboard board;
    final LossRecovery recovery;
    final SendPolicy policy;
    final ReceiveSide receiver;
    final AckProcessor ackProcessor;
    private final SegmentArrival arrival;
    final Keepalive keepalive;

    /** It is on the list of the next flush. */
    boolean dirty;

    private TcpState state = TcpState.CLOSED;
    private TcpError error;
    final Upcalls upcalls;
    final WriteReadiness writing;
    /** The application has called close: nobody reads, nobody waits. */
    private boolean orphan;

    private boolean inputEnded;
    private boolean established;
    /** What it found out is there for others (RFC 9040, section 7). */
    private boolean measured;

    private boolean resetDue;

    /** All parts, for nobody yet. */
    Connection(TcpLayer layer) {
        this.layer = layer;
        this.config = layer.config;
        this.options = new TcpOptions();
        this.cork = new Cork(options, this);
        this.upcalls = new Upcalls(this);
        this.writer = layer.writer;
        SendQueue toSend = new SendQueue(layer.chunks, 1);
        ReceiveQueue received = new ReceiveQueue(layer.chunks, 1);
        this.writing = new WriteReadiness(this, options);
        this.negotiation = new Negotiation(config, options, tcb, layer.counters);
        this.rtt = new RttEstimator(config);
        this.cc = new ChosenCongestionControl(options.congestion, config, layer.random);
        this.policy = new SendPolicy(tcb.snd, toSend, cork, config);
        this.board = new Scoreboard(layer.sentSegments);
        RackDetector rack = new RackDetector(tcb.snd, board, rtt, negotiation);
        this.recovery = new LossRecovery(this, board, rack, cc);
        this.timers = new ConnectionTimers(this, layer.deadlines);
        Reassembler reassembler = new Reassembler(config.maxReassemblyRanges);
        this.sacks = new SackBlocks(tcb.rcv, reassembler);
        this.acks = new AckPolicy(config, tcb.rcv, sacks);
        this.window = new WindowAdvertiser(tcb.rcv, received, options, layer.chunks);
        this.sender = new SendSide(this, policy, board, recovery, layer.counters);
        this.probe = new ZeroWindowProbe(this, layer.counters);
        this.receiver = new ReceiveSide(this, reassembler, layer.counters);
        this.ackProcessor = new AckProcessor(this, board, rack, recovery, cc);
        this.arrival = new SegmentArrival(this, ackProcessor, receiver);
        this.keepalive = new Keepalive(this);
        this.pathTrouble = new PathTrouble(this);
        this.mtu = new MtuProbing(this);
        this.retransmission = new RetransmissionTimeout(this, recovery, cc);
        use(toSend, received);
    }

    // --- lent and taken back ---

    /** Works on these queues from now on. */
    void use(SendQueue toSend, ReceiveQueue received) {
        sendQueue = toSend;
        receiveQueue = received;
        policy.use(toSend);
        sender.pushes.use(toSend);
        writing.use(toSend);
        window.use(received);
        receiver.use(received);
    }

    /** What is known here, and not by a part; see {@link ConnectionFolding}. */
    void carryOwn(StateCarrier s) {
        state = s.one(state, TcpState.ALL);
        error = s.one(error, TcpError.ALL);
        orphan = s.flag(orphan);
        inputEnded = s.flag(inputEnded);
        established = s.flag(established);
        measured = s.flag(measured);
        resetDue = s.flag(resetDue);
    }

    /** It is over, everybody knows, and nobody has left anything here. */
    boolean isDone() {
        boolean over = state == TcpState.CLOSED || state == TcpState.TIME_WAIT;
        return over
                && !dirty
                && !resetDue
                && (upcalls.isClosedTold() || handle.handler == null)
                && sendQueue.isClosed()
                && receiveQueue.isClosed();
    }

    /** TIME-WAIT is over. */
    void timeWaitIsOver() {
        state = TcpState.CLOSED;
    }

    // --- opening ---

    /** Active OPEN: the SYN goes out at the next flush. */
    void open(int iss, long nowNs) {
        tcb.snd.begin(iss);
        state = TcpState.SYN_SENT;
        layer.markDirty(this);
    }

    /** A SYN came to a listener: the SYN-ACK goes out at the next flush. */
    void openPassive(Segment s, int iss, long nowNs) {
        traffic.onReceived(s, nowNs);
        tcb.snd.begin(iss);
        state = TcpState.SYN_RECEIVED;
        negotiation.takeSyn(s, nowNs);
        layer.markDirty(this);
    }

    /** The SYN-ACK to {@code syn} was a cookie, and what follows acknowledges it: as if it had been sent from here. */
    void openByCookie(Segment syn, int iss, long nowNs) {
        openPassive(syn, iss, nowNs);
        tcb.snd.synDue = false;
        tcb.snd.nxt = iss + 1;
        window.select(true);
    }

    /** The accept queue's user has come for it. */
    void accepted(TcpHandler newHandler) {
        handle.handler = newHandler;
        signal(Upcalls.CONNECTED);
    }

    // --- what arrives ---

    void onSegment(Segment s, long nowNs) {
        traffic.onReceived(s, nowNs);
        keepalive.onHeard(nowNs);
        arrival.onSegment(s, nowNs);
        trace(nowNs);
        layer.markDirty(this);
    }

    void onEstablished(StateMachine.Event event, long nowNs) {
        retransmission.onProgress(nowNs);
        established = true;
        move(event);
        mtu.onEstablished();
        receiver.onEstablished();
        cc.onMss(tcb.snd.mss);
        if (retransmission.timeouts() > config.synLossesForgiven) {
            cc.onSynLost();
        } else {
            layer.shareWith(cc, this, nowNs);
        }
        if (tcb.snd.finQueued()) {
            move(StateMachine.Event.CLOSE);
        }
        keepalive.arm(nowNs);
        if (listener() != null) {
            layer.counters.count(StackCounter.TCP_PASSIVE_OPENS);
            listener().onEstablished(this);
        } else {
            signal(Upcalls.CONNECTED);
        }
    }

    /** The peer's FIN, in order. */
    void onFin(long nowNs) {
        receiver.acknowledgeFin(nowNs);
        inputEnded = true;
        signal(Upcalls.READABLE);
        move(StateMachine.Event.RECEIVE_FIN);
        if (state == TcpState.TIME_WAIT) {
            enterTimeWait(nowNs);
        }
    }

    /** Our FIN was acknowledged. */
    void onFinAcked(long nowNs) {
        move(StateMachine.Event.RECEIVE_ACK_OF_FIN);
        if (state == TcpState.TIME_WAIT) {
            enterTimeWait(nowNs);
        } else if (state == TcpState.CLOSED) {
            finish(null);
        } else if (orphan) {
            timers.awaitFin(nowNs);
        }
    }

    private void enterTimeWait(long nowNs) {
        layer.enterTimeWait(this, nowNs);
        finish(null);
    }

    // --- timers ---

    void onTimer(int timer, long nowNs) {
        layer.markDirty(this);
        switch (timer) {
            case ConnectionTimers.RETRANSMIT -> retransmission.onTimer(nowNs);
            case ConnectionTimers.PERSIST -> probe.onTimer(nowNs);
            case ConnectionTimers.DELAYED_ACK -> acks.onDelayExpired();
            case ConnectionTimers.KEEPALIVE -> keepalive.onTimer(nowNs);
            case ConnectionTimers.CORK -> cork.onTimer();
            case ConnectionTimers.MEMORY -> sendQueueShrank();
            case ConnectionTimers.PACE -> layer.markDirty(this); // the flush sends what waited
            case ConnectionTimers.REORDER -> recovery.onReorderTimer(nowNs);
            default -> {
                move(StateMachine.Event.TIME_WAIT_OVER);
                finish(null);
            }
        }
    }

    // --- the flush ---

    /**
     * Sends what is to be sent.
     *
     * @return true if the device is full and the connection must be visited again
     */
    boolean transmit(long nowNs) {
        trace(nowNs);
        boolean over = state == TcpState.CLOSED || state == TcpState.TIME_WAIT;
        if (over) {
            chronograph.stop(nowNs);
        }
        if (resetDue) {
            resetDue = !writer.sendStateless(path, layer.resetOf(this, nowNs), nowNs);
            if (!resetDue) {
                path.release();
            }
            return resetDue;
        }
        if (over || pathTrouble.isParked()) {
            return false;
        }
        if (negotiation.pathMtuChanged()) {
            pathBecameSmaller();
        }
        SendState snd = tcb.snd;
        if (snd.una == snd.nxt && established && hasUnsent()) {
            cc.onRestart(nowNs - snd.lastSentNs, rtt.rtoNs(), nowNs);
        }
        boolean again = sender.transmit(nowNs);
        chronograph.update(snd, policy.available(), writing.isWanted(), nowNs);
        writing.onTransmitted();
        return again;
    }

    /** Tells the handler what has happened. */
    void tell(long nowNs) {
        trace(nowNs);
        upcalls.tell(nowNs);
    }

    /** {@link Upcalls}' bits: the handler is told with the next flush. */
    void signal(int bits) {
        upcalls.add(bits);
        layer.markDirty(this);
    }

    /** The handler is told of {@code why} with this flush or the next one that visits us; the connection goes on. */
    void signalSoftError(TcpError why) {
        upcalls.softError(why);
    }

    // --- what the parts tell ---

    /** An acknowledgment of new data: the path works. */
    void progressed(long nowNs) {
        retransmission.onProgress(nowNs);
        cork.expectMore(false);
        measured = measured || layer.save(this);
        pathTrouble.onProgress();
        mtu.onProgress(nowNs);
        layer.ip.confirmReachable(path, nowNs);
        if (options.sendBuffer == 0
                && SendAutotuning.grow(
                        config, sendQueue, layer.chunks, cc.cwnd(), tcb.snd.mss, ackProcessor.deliveredInRoundTrip())) {
            sendQueueShrank();
        }
    }

    void acknowledgmentSent(boolean withData, long nowNs) {
        if (withData) {
            acks.onDataSent(nowNs);
        } else {
            acks.onSent();
        }
        timers.stop(ConnectionTimers.DELAYED_ACK);
    }

    void sendQueueShrank() {
        writing.consider();
    }

    /** Path MTU, the peer's MSS or an option has changed. */
    void updateMss() {
        if (negotiation.updateMss() && established) {
            cc.onMss(tcb.snd.mss);
        }
    }

    /** The path MTU is another: if it is smaller, what was sent larger must be sent again (RFC 1191, section 6.5). */
    void pathBecameSmaller() {
        updateMss();
        if (established) {
            recovery.onSmallerMss();
            layer.markDirty(this);
        }
    }

    /** What is queued and was never sent; the FIN included. */
    boolean hasUnsent() {
        SendState snd = tcb.snd;
        return policy.available() > 0 || snd.finQueued() && snd.positionOf(snd.nxt) <= snd.finPosition;
    }

    /** What is thought to be in the network. */
    long pipe() {
        return board.inNetwork();
    }

    TcpHandler handler() {
        return handle.handler;
    }

    // --- ending ---

    void move(StateMachine.Event event) {
        TcpState next = StateMachine.next(state, event);
        Invariant.check(next != null, "the state diagram has no such arrow", state.ordinal(), event.ordinal());
        state = next;
    }

    /** There is nothing more to say, and nothing was lost. */
    void endInOrder() {
        move(StateMachine.Event.DELETE);
        finish(null);
    }

    /** The connection ends with an error; no reset is sent. */
    void fail(TcpError why, long nowNs) {
        if (state == TcpState.CLOSED) {
            return;
        }
        boolean opening = !established;
        layer.counters.count(opening ? StackCounter.TCP_ATTEMPT_FAILS : StackCounter.TCP_ESTAB_RESETS);
        move(StateMachine.Event.DELETE);
        finish(why);
    }

    /** The state is CLOSED, or a record stands for TIME-WAIT: everything goes but what the application has not read. */
    private void finish(TcpError why) {
        if (error == null && !upcalls.isClosedTold()) {
            error = why;
        }
        inputEnded = true;
        timers.stopAll();
        acks.clear();
        receiver.clear();
        pathTrouble.unpark();
        sendQueue.close();
        board.clear();
        layer.onClosed(this);
        if (!resetDue) {
            path.release();
        }
        if (orphan || listener() != null && handler() == null) {
            receiveQueue.close();
        }
        signal(Upcalls.CLOSED | (why != null ? Upcalls.READABLE : 0));
    }

    // --- the application's calls ---

    @Override
    public int write(DirectBuffer src, int offset, int length, long nowNs) {
        return writing.write(src, offset, length, false, nowNs);
    }

    @Override
    public int writeMore(DirectBuffer src, int offset, int length, long nowNs) {
        return writing.write(src, offset, length, true, nowNs);
    }

    @Override
    public void dataWritten(long nowNs) {
        sender.pushes.onWritten(cork.expectsMore());
        layer.markDirty(this);
    }

    @Override
    public void endRecord() {
        sender.pushes.endRecord();
    }

    @Override
    public void wantWritable() {
        writing.want();
    }

    @Override
    public void dataRead(long nowNs) {
        layer.pool.touch(this);
        receiver.onRead(nowNs);
        if (state.canReceive() && (window.updateDue() || acks.isPushDue() && receiveQueue.size() == 0)) {
            acks.ackNow();
            layer.markDirty(this);
        }
    }

    @Override
    public void shutdownOutput(long nowNs) {
        if (tcb.snd.finQueued() || state == TcpState.CLOSED) {
            return;
        }
        // "Queue this until all preceding SENDs have been segmentized, then form a FIN segment and send it."
        tcb.snd.finPosition = sendQueue.tailPosition();
        if (state.canSend()) {
            move(StateMachine.Event.CLOSE);
        }
        layer.markDirty(this);
    }

    @Override
    public void shutdownInput(long nowNs) {
        receiver.discard();
        inputEnded = true;
        signal(Upcalls.READABLE);
    }

    @Override
    public void close(long nowNs) {
        if (orphan) {
            return;
        }
        if (receiver.closeLater()) {
            return;
        }
        if (state == TcpState.CLOSED || state == TcpState.TIME_WAIT) {
            orphan = true;
            receiveQueue.close();
            return;
        }
        // RFC 2525, 2.17: received data that was never read is lost, and the peer must learn that.
        boolean unread = receiveQueue.size() > 0;
        orphan = true;
        boolean room = layer.addOrphan();
        if (unread || !room || options.lingerSeconds == 0 || state == TcpState.SYN_SENT) {
            abort(nowNs);
            return;
        }
        shutdownOutput(nowNs);
        receiver.discard();
        inputEnded = true;
        receiveQueue.close();
        if (state == TcpState.FIN_WAIT_2) {
            timers.awaitFin(nowNs);
        }
    }

    @Override
    public void abort(long nowNs) {
        abort(TcpError.ABORTED, nowNs);
    }

    void abort(TcpError why, long nowNs) {
        if (handle.timeWait != null) {
            layer.endTimeWait(handle.timeWait);
            receiveQueue.close();
            return;
        }
        if (state == TcpState.CLOSED) {
            return;
        }
        // "All queued SENDs and RECEIVEs should be given 'connection reset' notification ... a reset segment is sent"
        // in the states in which the peer knows of us; in SYN-SENT, the last three and TIME-WAIT "delete the TCB".
        resetDue = switch (state) {
            case SYN_RECEIVED, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT -> true;
            default -> false;
        };
        move(StateMachine.Event.DELETE);
        finish(why);
    }

    @Override
    public void optionsChanged(long nowNs) {
        options.check();
        cc.choose(options.congestion);
        sendQueue.setLimit(options.sendBuffer > 0 ? options.sendBuffer : sendQueue.limit());
        window.fitBuffer();
        updateMss();
        keepalive.arm(nowNs);
        retransmission.onUserTimeout(nowNs);
        cork.onOptions();
        if (!options.delayedAck && (config.habits != TcpHabits.LINUX || receiver.isAllRead())) {
            acks.onDelayExpired();
        }
        writing.onOptions();
        if (window.hasGrown()) {
            dataRead(nowNs);
        }
        layer.markDirty(this);
    }

    // --- what can be asked ---

    void offerQueued(long nowNs) {
        receiver.offerQueued(nowNs);
    }

    boolean isOrphan() {
        return orphan;
    }

    /** The handshake was completed. */
    boolean isEstablished() {
        return established;
    }

    /** Throws if the connection's parts contradict each other. */
    void checkInvariants() {
        tcb.checkInvariants(state, sendQueue);
        board.checkInvariants(tcb.snd.una, tcb.snd.nxt);
    }

    @Override
    public TcpState state() {
        return state;
    }

    @Override
    public TcpError error() {
        return error;
    }

    @Override
    public boolean isInputEnded() {
        return inputEnded;
    }

    @Override
    public TcpOptions options() {
        return options;
    }

    @Override
    public void info(TcpInfo into, long nowNs) {
        ConnectionInfo.read(this, into, nowNs);
    }
}
