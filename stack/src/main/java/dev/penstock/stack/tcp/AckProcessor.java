package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.SendQueue;
import dev.penstock.stack.wire.TcpHeader;

/** Takes in acknowledgments and windows (RFC 9293, section 3.10.7.4, fifth; RFC 5681; RFC 6298, section 5). */
final class AckProcessor {
    private final Connection c;
    private final SendState snd;
    private final LossRecovery recovery;
    private final CongestionControl cc;
    private final Counters counters;

    private final AckSample sample = new AckSample();

    long duplicateAcks;

    AckProcessor(Connection c, LossRecovery recovery, CongestionControl cc, Counters counters) {
        this.c = c;
        this.snd = c.tcb.snd;
        this.recovery = recovery;
        this.cc = cc;
        this.counters = counters;
    }

    /** An acceptable acknowledgment in a synchronized state. */
    void onAck(Segment s, long nowNs) {
        c.probe.onAnswered();
        if (SeqNum.gt(s.ack, snd.una)) {
            onNewAck(s, nowNs);
        } else if (isDuplicate(s)) {
            duplicateAcks++;
            if (recovery.onDuplicate(nowNs)) {
                counters.count(StackCounter.TCP_FAST_RETRANSMITS);
            }
        }
        if (SeqNum.leq(snd.una, s.ack)) {
            updateWindow(s);
        }
    }

    /** RFC 5681, section 2: what counts as a duplicate acknowledgment. */
    private boolean isDuplicate(Segment s) {
        return s.ack == snd.una
                && s.payloadLength == 0
                && !s.has(TcpHeader.SYN | TcpHeader.FIN)
                && snd.max != snd.una
                && scaledWindow(s) == snd.wnd;
    }

    private void onNewAck(Segment s, long nowNs) {
        int acked = SeqNum.distance(snd.una, s.ack);
        boolean limited = c.sender.wasCwndLimited();
        measure(s, nowNs);
        snd.unaPosition += acked;
        snd.una = s.ack;
        snd.nxt = SeqNum.max(snd.nxt, snd.una);
        snd.max = SeqNum.max(snd.max, snd.una);
        snd.sml = SeqNum.max(snd.sml, snd.una);
        snd.probeEnd = SeqNum.max(snd.probeEnd, snd.una);
        release();
        if (!recovery.onAdvance(acked, nowNs)) {
            sample.clear();
            sample.ackedBytes = acked;
            sample.cwndLimited = limited;
            cc.onAck(sample, nowNs);
        }
        c.progressed(nowNs);
        if (snd.una == snd.max) {
            // RFC 6298, (5.2): "When all outstanding data has been acknowledged, turn off the retransmission timer."
            c.timers.stop(ConnectionTimers.RETRANSMIT);
        } else {
            // (5.3): "When an ACK is received that acknowledges new data, restart the retransmission timer".
            c.retransmission.arm(nowNs);
        }
    }

    private void measure(Segment s, long nowNs) {
        long rtt = c.sender.takeTiming(s.ack, nowNs);
        boolean stamped = c.tcb.rcv.timestamps && s.hasTimestamps && s.tsEcr != 0;
        if (rtt < 0 && stamped && !c.sender.isAmbiguous(s)) {
            // A timestamp tells which transmission is acknowledged, also after a retransmission (RFC 7323, section 4).
            int ticks = c.negotiation.timestamp(nowNs) - s.tsEcr;
            rtt = ticks >= 0 && ticks < 600_000 ? Math.max(1, ticks) * Negotiation.TIMESTAMP_TICK_NS : -1;
        }
        if (rtt >= 0) {
            c.rtt.sample(rtt);
        }
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
        if (SeqNum.lt(snd.wl2, s.ack) || SeqNum.lt(snd.wl1, s.seq) || snd.wl1 == s.seq && snd.wl2 == s.ack) {
            setWindow(s);
        }
    }

    /** The window of the segment that completed the handshake, or a later one. */
    void setWindow(Segment s) {
        long window = scaledWindow(s);
        snd.wnd = window;
        snd.maxWnd = Math.max(snd.maxWnd, window);
        snd.wl1 = s.seq;
        snd.wl2 = s.ack;
    }
}
