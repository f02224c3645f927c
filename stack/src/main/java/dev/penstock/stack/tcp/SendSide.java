package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.wire.TcpHeader;

/** Sends what a connection may send: SYN, retransmissions, data and FIN, probes and acknowledgments, in that order. */
final class SendSide {
    final PushMarks pushes;
    private final Connection c;
    private final SendState snd;
    private final SendPolicy policy;
    private final Scoreboard board;
    private final LossRecovery recovery;
    private final Counters counters;
    /** tcp_tso_should_defer(): only after a transmission so recent, and if not a third of the window may go. */
    private static final long DEFER_NS = 1_000_000;

    private static final int DEFER_DIVISOR = 3;
    /** tcp_update_skb_after_send(): "sch_fq does not pace first 10 MSS". */
    private static final int UNPACED_SEGMENTS = 10;

    /** SO_MAX_PACING_RATE as the pacer knows it. */
    private long knownMaxRate = Long.MAX_VALUE;

    final Pacer pacer = new Pacer();

    /** A transmission ended for want of congestion window: ACKs of what was in flight then may open it. */
    private boolean cwndLimited;

    private int cwndLimitedEnd;
    /** The most that was in flight, counted anew when what was in flight then is acknowledged. */
    private long mostInFlight;

    private int mostInFlightEnd;
    /** SYNs or SYN-ACKs sent, and when the last one was. */
    private int synsSent;

    private long synSentNs;

    SendSide(Connection c, SendPolicy policy, Scoreboard board, LossRecovery recovery, Counters counters) {
        this.c = c;
        this.snd = c.tcb.snd;
        this.policy = policy;
        this.board = board;
        this.recovery = recovery;
        this.counters = counters;
        this.pushes = new PushMarks(c.config, c.tcb.snd);
    }

    /**
     * The congestion window was in use when the segment at SND.UNA was in flight, so that it may grow (RFC 7661, section
     * 4.3; RFC 9438, section 5.8).
     */
    boolean isWindowInUse(long cwnd, boolean slowStart) {
        cwndLimited = cwndLimited && SeqNum.lt(snd.una, cwndLimitedEnd);
        return switch (c.config.habits) {
            // RFC 9438, section 4.6, where ssthresh comes from cwnd instead of flight_size: "other measures to prevent
            // cwnd from growing when the volume of bytes in flight is smaller than cwnd". In slow start it would grow
            // to twice the peer's window before that shows, and a loss would then reduce nothing.
            case PENSTOCK -> cwndLimited && cwnd < snd.wnd;
            // In slow start half of it is use enough: so it can double, and the application, too.
            case LINUX -> cwndLimited || slowStart && 2 * mostInFlight > cwnd;
            case BSD -> cwnd <= snd.wnd;
        };
    }

    /**
     * Sends all that may be sent now.
     *
     * @return true if the device is full and the connection must be visited again
     */
    boolean transmit(long nowNs) {
        TcpState state = c.state();
        if (state == TcpState.SYN_SENT || state == TcpState.SYN_RECEIVED) {
            return transmitSyn(nowNs);
        }
        if (!state.isSynchronized()) {
            return false;
        }
        int before = snd.nxt;
        int result = transmitQueued(nowNs);
        while (result >= 0 && c.acks.owed() > 0) {
            result = sendAck(nowNs);
        }
        c.cork.consider(nowNs);
        c.probe.consider(result >= 0, nowNs);
        if (snd.una != snd.nxt) {
            c.retransmission.considerProbe(snd.nxt != before, nowNs);
        }
        return outcome(result, nowNs);
    }

    private boolean transmitSyn(long nowNs) {
        int result = 0;
        if (snd.synDue) {
            boolean passive = c.state() == TcpState.SYN_RECEIVED;
            int flags = passive ? TcpHeader.SYN | TcpHeader.ACK : TcpHeader.SYN;
            result = c.writer.send(c, snd.iss, flags, 0, 0, nowNs);
            if (result >= 0) {
                snd.synDue = false;
                snd.nxt = snd.iss + 1;
                snd.lastSentNs = nowNs;
                synsSent++;
                synSentNs = nowNs;
                c.acknowledgmentSent(true, nowNs);
                startTimer(nowNs);
            }
        } else if (c.acks.owed() > 0 && c.state() == TcpState.SYN_RECEIVED) {
            result = sendAck(nowNs);
        }
        return outcome(result, nowNs);
    }

    /** What a negative result means for the connection; true to be visited again. */
    private boolean outcome(int result, long nowNs) {
        if (result >= 0) {
            return false;
        }
        if (result == SegmentWriter.DEVICE_FULL) {
            return true;
        }
        c.pathTrouble.cannotSend(result, nowNs);
        return false;
    }

    private int transmitQueued(long nowNs) {
        if (!board.lost.isEmpty()) {
            if (recovery.newDataFirst()) {
                int before = snd.nxt;
                int result = transmitData(nowNs);
                if (result < 0 || snd.nxt != before) {
                    return result;
                }
                if (recovery.awaitsNewData()) {
                    return result;
                }
            }
            int result = retransmitLost(nowNs);
            if (result < 0 || !board.lost.isEmpty()) {
                return result;
            }
        }
        return transmitData(nowNs);
    }

    /** Sends again what is lost, the lowest sequence number first, as far as the window allows. */
    private int retransmitLost(long nowNs) {
        int largest = c.negotiation.largestPayload();
        while (!board.lost.isEmpty()) {
            SentSegment e = board.lost.first();
            if (e.length() < snd.mss && e.next != null) {
                board.joinLost(e, snd.mss);
            }
            // The peer may have taken back what it offered; it will take the oldest segment all the same, or none.
            long offered = e.start == snd.una ? Long.MAX_VALUE : snd.wnd - SeqNum.distance(snd.una, e.start);
            if (!recovery.headDue() && paced(nowNs)) {
                return 0;
            }
            long usable = recovery.headDue() ? snd.mss : recovery.window() - board.inNetwork();
            int most = pushes.reach(snd.positionOf(e.start), Math.min(burst(largest), piece()));
            int record = pushes.untilRecordEnd(snd.positionOf(e.start));
            int length = Math.min(record, policy.again(e.length(), Math.min(usable, offered), most));
            if (length == 0) {
                limitedByCwnd();
                return 0;
            }
            int result = sendAgain(e, length, nowNs);
            if (result < 0) {
                return result;
            }
        }
        return 0;
    }

    /** Sends the first {@code length} of {@code e} again; what the device does not take remains. */
    private int sendAgain(SentSegment e, int length, long nowNs) {
        long position = snd.positionOf(e.start);
        int data = (int) Math.min(length, policy.availableFrom(position));
        boolean fin = data < length;
        int result = sendData(e.start, position, data, fin, nowNs);
        if (result < 0) {
            return result;
        }
        int done = result < data ? result : length;
        if (done < e.length()) {
            board.split(e, done);
        }
        board.sentAgain(e, snd.mss, nowNs);
        recovery.onRetransmitted(e.start, e.end, nowNs);
        pacer.onSent(done, nowNs);
        c.mtu.onSentAgain(e.start);
        counters.count(StackCounter.TCP_RETRANS_SEGS, Math.max(1, (result + snd.mss - 1) / snd.mss));
        snd.lastSentNs = nowNs;
        if (e.start == snd.una) {
            // "the retransmit timer is to be restarted" when the first segment is sent anew, or it could fire in
            // recovery.
            c.retransmission.arm(nowNs);
        } else {
            startTimer(nowNs);
        }
        return result < data ? SegmentWriter.DEVICE_FULL : result;
    }

    /** What is sent from now on is paced as congestion control and SO_MAX_PACING_RATE have it now. */
    void setRate() {
        knownMaxRate = c.options().maxPacingRate;
        long rate = c.config.pacing ? c.cc.pacingRate(c.rtt.srttNs()) : Pacer.UNLIMITED;
        pacer.setRate(rate, knownMaxRate, snd.mss);
    }

    private int transmitData(long nowNs) {
        if (!c.hasUnsent()) {
            // A connection that only receives is here once for each burst.
            return 0;
        }
        if (knownMaxRate != c.options().maxPacingRate) {
            // Set before anything was acknowledged, or since.
            setRate();
        }
        while (true) {
            if (paced(nowNs)) {
                return 0;
            }
            policy.takeUrgentMark();
            // In here, for a segment with CWR, or one before the urgent mark, goes alone, and those after it do not.
            int largest = c.negotiation.largestPayload();
            if (board.size() >= c.config.maxSentSegments) {
                counters.count(StackCounter.TCP_SENT_SEGMENTS_LIMITED);
                return 0;
            }
            int probe = c.mtu.due(policy.available(), isOpen(), nowNs);
            if (probe > 0 && policy.canHold(probe, recovery.window())) {
                if (!policy.hasRoomFor(probe, recovery.window() - board.inNetwork())) {
                    // Acknowledgments make room for it: what is smaller must not take that away piece by piece.
                    limitedByCwnd();
                    return 0;
                }
                int result = sendMtuProbe(probe, nowNs);
                if (result < 0) {
                    return result;
                }
                continue;
            }
            int length = nextLength(largest, nowNs);
            boolean fin = finMayGo(length);
            if (length == 0 && !fin) {
                if (policy.available() <= 0) {
                    board.applicationLimits();
                    if (recovery.window() - board.inNetwork() < snd.mss) {
                        // Nothing waits, but a segment more could not go: the window is full.
                        limitedByCwnd();
                    }
                }
                return 0;
            }
            if (policy.takeUrgentMark()) {
                // What was written meanwhile is urgent, and goes in smaller segments.
                continue;
            }
            int result = sendData(snd.nxt, snd.positionOf(snd.nxt), length, fin, nowNs);
            if (result < 0) {
                return result;
            }
            boolean whole = result == length;
            boolean small = whole && length % snd.mss != 0;
            sent(result + (whole && fin ? 1 : 0), snd.mss, nowNs);
            if (small) {
                snd.sml = snd.nxt;
            }
            if (!whole) {
                return SegmentWriter.DEVICE_FULL;
            }
        }
    }

    /** How much of what is queued may go now. */
    private int nextLength(int largest, long nowNs) {
        long position = snd.positionOf(snd.nxt);
        int most = pushes.reach(position, Math.min(burst(largest), piece()));
        int record = pushes.untilRecordEnd(position);
        int length = policy.sendable(recovery.window() - board.inNetwork(), most, record, c.options().noDelay);
        if (length > 0 && c.config.habits == TcpHabits.LINUX && defers(length, nowNs)) {
            limitedByCwnd();
            return 0;
        }
        if (length == 0 && policy.cwndLimited()) {
            limitedByCwnd();
        }
        return length;
    }

    /** The most that goes to the device in one piece. */
    private int burst(int largest) {
        if (c.config.habits != TcpHabits.LINUX) {
            return largest;
        }
        int most = BurstSize.of(c.cc.cwnd(), c.cc.ssthresh(), snd.mss, c.rtt.srttNs(), c.rtt.minRttNs());
        return Math.min(largest, most);
    }

    /**
     * Linux waits for room for two segments where another acknowledgment will soon make it: something was sent within the
     * last millisecond, and what is oldest in flight is older than half a round trip (tcp_tso_should_defer()).
     */
    private boolean defers(int length, long nowNs) {
        if (length > snd.mss || policy.available() <= snd.mss || board.size() == 0) {
            return false;
        }
        boolean recovering = recovery.state().ordinal() >= LossRecovery.State.RECOVERY.ordinal()
                || nowNs - snd.lastSentNs > DEFER_NS;
        long window = Math.min(snd.wnd, recovery.window());
        if (recovering
                || length >= window / DEFER_DIVISOR
                || pushes.untilRecordEnd(snd.positionOf(snd.nxt)) <= length) {
            return false;
        }
        return nowNs - board.get(0).sentNs >= c.rtt.srttNs() / 2;
    }

    private boolean isOpen() {
        return recovery.state() == LossRecovery.State.OPEN && board.lost.isEmpty();
    }

    /** New data, as one segment that is larger than the MSS (RFC 4821, section 7.4). */
    private int sendMtuProbe(int length, long nowNs) {
        policy.takeUrgentMark();
        c.mtu.beginSending(length);
        int result = sendData(snd.nxt, snd.positionOf(snd.nxt), length, false, nowNs);
        c.mtu.endSending(result >= 0);
        if (result >= 0) {
            sent(length, length, nowNs);
        }
        return result;
    }

    /** The most to send at once: a segment at least, for the MSS may have grown since the rate was set. */
    private int piece() {
        return Math.max(snd.mss, pacer.quantum());
    }

    /** Is it too early for the next piece? Then the timer is set for it. */
    private boolean paced(long nowNs) {
        boolean held = nowNs < recovery.heldUntilNs();
        if (!held && (isUnpaced() || pacer.maySend(nowNs))) {
            return false;
        }
        c.timers.set(ConnectionTimers.PACE, held ? recovery.heldUntilNs() : pacer.earliestNs());
        return true;
    }

    private boolean isUnpaced() {
        return c.config.habits == TcpHabits.LINUX && c.traffic.dataSegmentsOut() < UNPACED_SEGMENTS;
    }

    private void limitedByCwnd() {
        cwndLimited = true;
        cwndLimitedEnd = snd.nxt;
    }

    private boolean finMayGo(int length) {
        if (!snd.finQueued() || snd.positionOf(snd.nxt) + length != snd.finPosition) {
            return false;
        }
        return snd.inFlight() + length < snd.wnd;
    }

    /** Sends data from the queue; SND.NXT is the caller's to move. */
    private int sendData(int seq, long position, int length, boolean fin, long nowNs) {
        int flags = TcpHeader.ACK;
        if (fin) {
            flags |= TcpHeader.FIN;
        }
        // "a TCP MUST set the PSH bit in the last buffered segment (i.e., when there is no more queued data to be
        // sent)"
        boolean piece = length > snd.mss && c.config.habits == TcpHabits.LINUX;
        if (piece || length > 0 && pushes.endsAt(position, position + length)) {
            flags |= TcpHeader.PSH;
        }
        int result = c.writer.send(c, seq, flags, position, length, nowNs);
        if (result >= 0) {
            c.acknowledgmentSent(true, nowNs);
        }
        return result;
    }

    /** {@code moved} sequence numbers went out at SND.NXT, in segments of {@code unit}. */
    private void sent(int moved, int unit, long nowNs) {
        board.sent(snd.nxt, snd.nxt + moved, unit, SeqNum.lt(snd.nxt, snd.probeEnd), nowNs);
        snd.nxt += moved;
        snd.lastSentNs = nowNs;
        if (board.inNetwork() > mostInFlight || !SeqNum.lt(snd.una, mostInFlightEnd)) {
            mostInFlight = board.inNetwork();
            mostInFlightEnd = snd.nxt;
        }
        recovery.onSent(moved);
        pacer.onSent(isUnpaced() ? 0 : moved, nowNs);
        startTimer(nowNs);
    }

    /** RFC 6298, (5.1): "Every time a packet containing data is sent ..., if the timer is not running, start it". */
    private void startTimer(long nowNs) {
        if (!c.timers.isSet(ConnectionTimers.RETRANSMIT)) {
            c.retransmission.start(nowNs);
        }
    }

    /** A pure acknowledgment. */
    int sendAck(long nowNs) {
        int result = c.writer.send(c, snd.acceptableSeq(), TcpHeader.ACK, 0, 0, nowNs);
        if (result >= 0) {
            counters.count(StackCounter.TCP_OUT_ACKS);
            c.acknowledgmentSent(false, nowNs);
        }
        return result;
    }

    /** A keepalive: "SEG.SEQ = SND.NXT-1" (RFC 9293, section 3.8.4), without data. */
    void sendKeepalive(long nowNs) {
        counters.count(StackCounter.TCP_KEEPALIVE_PROBES);
        c.writer.send(c, snd.nxt - 1, TcpHeader.ACK, 0, 0, nowNs);
    }

    /**
     * A zero-window probe: one byte beyond the window, or the FIN; or, when the window is open a little, what fits it.
     * SND.NXT does not move for what the window does not admit.
     */
    int sendProbe(long nowNs) {
        long position = snd.positionOf(snd.nxt);
        long data = policy.availableFrom(position);
        int length = (int) Math.min(Math.min(data, Math.max(1, snd.wnd)), snd.mss);
        boolean fin = snd.finQueued() && position + length == snd.finPosition;
        policy.takeUrgentMark();
        if (snd.wnd <= 0 && c.config.habits == TcpHabits.LINUX) {
            // An old sequence number makes the peer answer as a byte beyond its window does.
            return c.writer.send(c, snd.una - 1, TcpHeader.ACK, 0, 0, nowNs);
        }
        int result = sendData(snd.nxt, position, length, fin, nowNs);
        if (result < 0) {
            return result;
        }
        int moved = length + (fin ? 1 : 0);
        if (snd.wnd >= moved) {
            sent(moved, snd.mss, nowNs);
        } else {
            snd.probeEnd = snd.nxt + moved;
        }
        return result;
    }

    /**
     * A tail loss probe (RFC 8985, section 7.3): "If an unsent segment exists and the receive window allows new data ...
     * transmit the lowest-sequence unsent segment; else retransmit the highest-sequence segment sent so far". It may go
     * beyond the congestion window by this one segment.
     */
    void sendLossProbe(long nowNs) {
        int length = (int) Math.min(policy.available(), Math.min(snd.mss, snd.wnd - snd.inFlight()));
        if (length > 0 && board.size() < c.config.maxSentSegments) {
            policy.takeUrgentMark();
            int result = sendData(snd.nxt, snd.positionOf(snd.nxt), length, false, nowNs);
            if (result >= 0) {
                sent(length, snd.mss, nowNs);
                snd.sml = length % snd.mss != 0 ? snd.nxt : snd.sml;
                recovery.probe.sent(false, nowNs);
            }
            return;
        }
        SentSegment e = board.get(board.size() - 1);
        int tail = tailLength(e);
        if (tail < e.length()) {
            board.split(e, e.length() - tail);
            e = board.get(board.size() - 1);
        }
        if (sendAgain(e, e.length(), nowNs) >= 0) {
            recovery.probe.sent(true, nowNs);
        }
    }

    /** The sequence space of the last segment of {@code e}, with the FIN if that is in it. */
    private int tailLength(SentSegment e) {
        int data = (int) Math.min(e.length(), policy.availableFrom(snd.positionOf(e.start)));
        int tail = data % e.unit == 0 ? Math.min(data, e.unit) : data % e.unit;
        return Math.min(tail, snd.mss) + (e.length() - data);
    }

    /** The round-trip time of our SYN, once, or -1 if it was sent more than once (Karn). */
    long takeSynRttNs(long nowNs) {
        long rtt = synsSent == 1 ? nowNs - synSentNs : -1;
        synsSent = 0;
        return rtt;
    }

    static boolean isUnreachable(int result) {
        return result == IpOutput.NO_ROUTE || result == IpOutput.HOST_UNREACHABLE;
    }

    void carry(StateCarrier s) {
        pushes.carry(s);
        pacer.carry(s);
        knownMaxRate = s.number(knownMaxRate);
        cwndLimited = s.flag(cwndLimited);
        cwndLimitedEnd = s.sequence(cwndLimitedEnd, snd.una);
        mostInFlight = s.number(mostInFlight);
        mostInFlightEnd = s.sequence(mostInFlightEnd, snd.una);
        synsSent = s.number(synsSent);
        synSentNs = s.time(synSentNs);
    }
}
