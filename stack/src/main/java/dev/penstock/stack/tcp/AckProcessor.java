package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.buffer.SendQueue;
import dev.penstock.stack.wire.TcpHeader;

/** Takes in acknowledgments and windows (RFC 9293, section 3.10.7.4, fifth; RFC 5681; RFC 6298, section 5). */
final class AckProcessor {
    private final Connection c;
    private final SendState snd;
    private final Scoreboard board;
    private final RackDetector rack;
    private final LossRecovery recovery;
    private final SackInput sacks;
    private final CongestionControl cc;

    private long duplicateAcks;
    /** The newest sample, bytes a second; -1 for none yet. */
    private long deliveryRate = TcpInfo.UNKNOWN;

    private boolean deliveryAppLimited;

    AckProcessor(Connection c, Scoreboard board, RackDetector rack, LossRecovery recovery, CongestionControl cc) {
        this.c = c;
        this.snd = c.tcb.snd;
        this.board = board;
        this.rack = rack;
        this.recovery = recovery;
        this.cc = cc;
        this.sacks = new SackInput(snd, board, recovery, c.layer.counters);
    }

    /** An acceptable acknowledgment in a synchronized state. */
    void onAck(Segment s, long nowNs) {
        c.probe.onAnswered();
        c.retransmission.onHeard();
        boolean advanced = SeqNum.gt(s.ack, snd.una);
        boolean sack = c.negotiation.sack();
        boolean echo = c.negotiation.ecn.takeEcho(s);
        // A DSACK may come when everything is acknowledged, and so may the second ACK of a tail that was probed.
        if (advanced || sack && s.sackCount > 0 || isDuplicate(s) && (snd.una != snd.nxt || isOfProbe())) {
            take(s, sack, echo, nowNs);
        }
        if (SeqNum.leq(snd.una, s.ack)) {
            updateWindow(s);
        }
    }

    private void take(Segment s, boolean sack, boolean echo, long nowNs) {
        Delivery delivery = c.layer.delivery;
        AckSample sample = c.layer.sample;
        sample.clear();
        sample.priorInFlight = board.inNetwork();
        delivery.begin(rack, s, c.tcb.rcv.timestamps, nowNs);
        int acked = Math.max(0, SeqNum.distance(snd.una, s.ack));
        sample.cwndLimited = c.sender.isWindowInUse(cc.cwnd(), cc.cwnd() < cc.ssthresh());
        boolean dsack = false;
        if (acked > 0) {
            advance(s.ack, acked, delivery);
        } else if (snd.una != snd.nxt && isDuplicate(s)) {
            duplicateAcks++;
        }
        if (sack) {
            dsack = sacks.take(s, delivery);
        } else if (acked == 0) {
            recovery.onDuplicate(delivery);
        } else {
            board.duplicatesAcknowledged(Math.max(0, acked - snd.mss), delivery);
        }
        measure(acked, delivery, nowNs);
        c.mtu.onDelivered(delivery.largestUnit);
        sample.ecnEcho = echo;
        sample.ackedBytes = acked;
        sample.sackedBytes = delivery.sackedBytes;
        sample.deliveredBytes = delivery.bytes;
        recovery.onAck(delivery, sample, acked, dsack, nowNs);
        tellCongestionControl(sample, delivery, nowNs);
        if (acked > 0) {
            progressed(nowNs);
        }
    }

    private void advance(int ack, int acked, Delivery delivery) {
        snd.unaPosition += acked;
        snd.una = ack;
        snd.nxt = SeqNum.max(snd.nxt, snd.una);
        snd.sml = SeqNum.max(snd.sml, snd.una);
        snd.probeEnd = SeqNum.max(snd.probeEnd, snd.una);
        board.acknowledged(ack, delivery);
        release();
    }

    private void tellCongestionControl(AckSample sample, Delivery delivery, long nowNs) {
        if (delivery.bytes == 0 && sample.lostBytes == 0 && sample.ackedBytes == 0) {
            return;
        }
        sample.rttNs = delivery.pathRttNs();
        sample.srttNs = c.rtt.srttNs();
        sample.minRttNs = c.rtt.minRttNs();
        delivery.rate(sample, board, sample.minRttNs);
        sample.selective = c.negotiation.sack();
        if (sample.deliveryRate() >= 0) {
            deliveryRate = sample.deliveryRate();
            deliveryAppLimited = sample.appLimited;
        }
        sample.inFlight = board.inNetwork();
        sample.unaPosition = snd.unaPosition;
        sample.nxtPosition = snd.positionOf(snd.nxt);
        cc.onAck(sample, nowNs);
        c.sender.setRate();
    }

    /** What the path carries: bytes delivered within the least round-trip time; -1 while not known. */
    long deliveredInRoundTrip() {
        long minRttNs = c.rtt.minRttNs();
        return deliveryRate < 0 || minRttNs < 0 ? -1 : (long) ((double) deliveryRate * minRttNs / 1e9);
    }

    void info(TcpInfo into) {
        into.duplicateAcks = duplicateAcks;
        into.deliveryRate = deliveryRate;
        into.deliveryRateAppLimited = deliveryAppLimited;
    }

    private void progressed(long nowNs) {
        c.progressed(nowNs);
        if (snd.una == snd.nxt) {
            // RFC 6298, (5.2): "When all outstanding data has been acknowledged, turn off the retransmission timer."
            c.timers.stop(ConnectionTimers.RETRANSMIT);
        } else {
            // (5.3): "When an ACK is received that acknowledges new data, restart the retransmission timer".
            c.retransmission.arm(nowNs);
        }
    }

    private boolean isOfProbe() {
        return recovery.probe.isOutstanding();
    }

    /** RFC 5681, section 2: what counts as a duplicate acknowledgment. */
    private boolean isDuplicate(Segment s) {
        return s.ack == snd.una
                && s.payloadLength == 0
                && !s.has(TcpHeader.SYN | TcpHeader.FIN)
                && scaledWindow(s) == snd.wnd;
    }

    private void measure(int acked, Delivery delivery, long nowNs) {
        long rtt = delivery.ackRttNs();
        if (rtt < 0 && acked > 0) {
            rtt = delivery.copyAcknowledged ? -1 : c.sender.takeSynRttNs(nowNs);
            if (rtt < 0) {
                rtt = rttByEcho(delivery, nowNs);
            }
        }
        if (rtt >= 0) {
            c.rtt.sample(rtt, nowNs);
        }
    }

    /**
     * The timestamp tells which transmission is acknowledged (RFC 7323, section 4), but not always: if the acknowledgment of
     * data was lost, the data is retransmitted, and the receiver throws the copy away as old, and with it the copy's
     * timestamp (section 5.3, R2 before R3): it echoes that of the original, as if a round trip had taken all the time
     * since. So only an echo of the last transmission or later is believed.
     */
    private long rttByEcho(Delivery delivery, long nowNs) {
        boolean old =
                delivery.copyAcknowledged && SeqNum.lt(delivery.tsEcr, c.negotiation.timestamp(delivery.copySentNs));
        if (!delivery.stamped || old) {
            return -1;
        }
        int ticks = c.negotiation.timestamp(nowNs) - delivery.tsEcr;
        return ticks >= 0 && ticks < 600_000 ? Math.max(1, ticks) * Negotiation.TIMESTAMP_TICK_NS : -1;
    }

    /** Gives the acknowledged bytes back to the application. */
    private void release() {
        SendQueue queue = c.sendQueue();
        long through = Math.max(0, Math.min(snd.unaPosition, Math.min(queue.tailPosition(), snd.finPosition)));
        if (through > queue.headPosition()) {
            queue.releaseTo(through);
            c.sendQueueShrank();
        }
    }

    private long scaledWindow(Segment s) {
        // "The window field in a segment where the SYN bit is set ... MUST NOT be scaled" (RFC 7323, section 2.2).
        return s.has(TcpHeader.SYN) ? s.window : (long) s.window << snd.wndShift;
    }

    /**
     * "If (SND.WL1 < SEG.SEQ or (SND.WL1 = SEG.SEQ and SND.WL2 =< SEG.ACK)), set SND.WND <- SEG.WND" - so that an old
     * segment cannot change the window. What acknowledges new data, SND.WL2 < SEG.ACK, is not old, even as a
     * retransmission; to keep SND.WND then would move the window's edge beyond what the peer has offered.
     */
    private void updateWindow(Segment s) {
        if (c.config.habits == TcpHabits.LINUX) {
            updateWindowAsLinux(s);
        } else if (SeqNum.lt(snd.wl2, s.ack) || SeqNum.lt(snd.wl1, s.seq) || snd.wl1 == s.seq && snd.wl2 == s.ack) {
            setWindow(s);
        }
    }

    /** tcp_may_update_window(): a segment that is not newer than the last one may raise the window or close it, nothing else. */
    private void updateWindowAsLinux(Segment s) {
        long window = scaledWindow(s);
        boolean newer = SeqNum.lt(snd.wl2, s.ack) || SeqNum.lt(snd.wl1, s.seq);
        if (newer || snd.wl1 == s.seq && (window > snd.wnd || window == 0)) {
            setWindow(s);
        }
    }

    /** The window of the segment that completed the handshake, or a later one. */
    void setWindow(Segment s) {
        long window = scaledWindow(s);
        if (snd.wnd == 0 && window > 0) {
            recovery.onWindowOpened();
        }
        snd.wnd = window;
        snd.maxWnd = Math.max(snd.maxWnd, window);
        snd.wl1 = s.seq;
        snd.wl2 = s.ack;
    }

    void carry(StateCarrier s) {
        duplicateAcks = s.number(duplicateAcks);
        deliveryRate = s.number(deliveryRate);
        deliveryAppLimited = s.flag(deliveryAppLimited);
    }
}
