package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.wire.TcpHeader;

/** Sends what a connection may send: SYN, data and FIN, retransmissions, probes and acknowledgments, in that order. */
final class SendSide {
    private final Connection c;
    private final SendState snd;
    private final SendPolicy policy;
    private final LossRecovery recovery;
    private final Counters counters;

    /** A transmission ended for want of congestion window: ACKs of what was in flight then may open it. */
    private boolean cwndLimited;

    private int cwndLimitedEnd;
    /** One segment is being timed (RFC 6298, section 3): its end, and when it was sent. */
    private boolean timing;

    private int timedEnd;
    /** There was a timeout: SND.MAX then, and the timestamp from which on segments are retransmissions. */
    private boolean timedOut;

    private int timedOutEnd;
    private int timedOutStamp;
    private long timedAtNs;

    private long bytesSent;
    private long bytesRetransmitted;
    private long segmentsOut;
    private long retransmits;

    SendSide(Connection c, SendPolicy policy, LossRecovery recovery, Counters counters) {
        this.c = c;
        this.snd = c.tcb.snd;
        this.policy = policy;
        this.recovery = recovery;
        this.counters = counters;
    }

    /** The congestion window was in use when the segment at SND.UNA was in flight (RFC 7661, section 4.3). */
    boolean wasCwndLimited() {
        cwndLimited = cwndLimited && SeqNum.lt(snd.una, cwndLimitedEnd);
        return cwndLimited;
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
        int result = 0;
        if (recovery.retransmitPending()) {
            result = retransmitFirst(nowNs);
        }
        if (result >= 0) {
            result = transmitData(nowNs);
        }
        while (result >= 0 && c.acks.owed() > 0) {
            result = sendAck(nowNs);
        }
        c.probe.consider(result >= 0, nowNs);
        return outcome(result, nowNs);
    }

    private boolean transmitSyn(long nowNs) {
        int result = 0;
        if (snd.nxt == snd.iss) {
            boolean passive = c.state() == TcpState.SYN_RECEIVED;
            int flags = passive ? TcpHeader.SYN | TcpHeader.ACK : TcpHeader.SYN;
            result = c.writer.send(c, snd.iss, flags, 0, 0, nowNs);
            if (result >= 0) {
                sent(1, 0, nowNs);
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

    /** Fast retransmission: the first segment not acknowledged. */
    private int retransmitFirst(long nowNs) {
        long position = snd.positionOf(snd.una);
        long data = policy.availableFrom(position);
        int length = (int) Math.min(Math.min(data, snd.mss), SeqNum.distance(snd.una, snd.max));
        boolean fin = data == length && snd.finSent();
        int result = sendData(snd.una, position, Math.max(0, length), fin, nowNs);
        if (result < 0) {
            return result;
        }
        recovery.retransmitted();
        counters.count(StackCounter.TCP_RETRANS_SEGS);
        retransmits++;
        bytesRetransmitted += Math.max(0, length);
        timing = false;
        if (SeqNum.lt(snd.nxt, snd.una + length)) {
            snd.nxt = snd.una + length;
        }
        // "the retransmit timer is to be restarted" when the first segment is sent anew, or it could fire in recovery.
        c.retransmission.arm(nowNs);
        return result;
    }

    private int transmitData(long nowNs) {
        if (!c.hasUnsent()) {
            // A connection that only receives is here once for each burst.
            return 0;
        }
        int largest = c.negotiation.largestPayload();
        while (true) {
            int length = policy.sendable(largest, c.options().noDelay);
            if (length == 0 && policy.cwndLimited()) {
                cwndLimited = true;
                cwndLimitedEnd = snd.nxt;
            }
            boolean fin = finMayGo(length);
            if (length == 0 && !fin) {
                return 0;
            }
            long position = snd.positionOf(snd.nxt);
            int result = sendData(snd.nxt, position, length, fin, nowNs);
            if (result < 0) {
                return result;
            }
            boolean whole = result == length;
            boolean small = whole && length % snd.mss != 0;
            int moved = result + (whole && fin ? 1 : 0);
            int fresh = Math.max(0, SeqNum.distance(snd.max, snd.nxt + moved));
            if (fresh < moved) {
                int again = moved - fresh;
                counters.count(StackCounter.TCP_RETRANS_SEGS, Math.max(1, (again + snd.mss - 1) / snd.mss));
                retransmits++;
                bytesRetransmitted += again;
            }
            sent(moved, fresh, nowNs);
            if (small) {
                snd.sml = snd.nxt;
            }
            if (!whole) {
                return SegmentWriter.DEVICE_FULL;
            }
        }
    }

    private boolean finMayGo(int length) {
        if (!snd.finQueued() || snd.positionOf(snd.nxt) + length != snd.finPosition) {
            return false;
        }
        return snd.inFlight() + length < snd.wnd || SeqNum.lt(snd.nxt, snd.max);
    }

    /** Sends data from the queue; SND.NXT is the caller's to move. */
    private int sendData(int seq, long position, int length, boolean fin, long nowNs) {
        int flags = TcpHeader.ACK;
        if (fin) {
            flags |= TcpHeader.FIN;
        }
        // "a TCP MUST set the PSH bit in the last buffered segment (i.e., when there is no more queued data to be
        // sent)"
        if (length > 0 && position + length == c.sendQueue().tailPosition()) {
            flags |= TcpHeader.PSH;
        }
        int result = c.writer.send(c, seq, flags, position, length, nowNs);
        if (result >= 0) {
            segmentsOut += Math.max(1, (result + snd.mss - 1) / snd.mss);
            c.acknowledgmentSent(true);
        }
        return result;
    }

    /** Something of {@code moved} sequence numbers went out at SND.NXT, {@code fresh} of them for the first time. */
    private void sent(int moved, int fresh, long nowNs) {
        snd.advanceNxt(moved);
        snd.lastSentNs = nowNs;
        bytesSent += fresh;
        if (!timing && (fresh > 0 || snd.nxt == snd.iss + 1 && c.rtt.backoff() == 0)) {
            timing = true;
            timedEnd = snd.nxt;
            timedAtNs = nowNs;
        }
        if (snd.nxt == snd.iss + 1) {
            segmentsOut++;
            c.acknowledgmentSent(true);
        }
        // RFC 6298, (5.1): "Every time a packet containing data is sent ..., if the timer is not running, start it".
        if (!c.timers.isSet(ConnectionTimers.RETRANSMIT)) {
            c.retransmission.arm(nowNs);
        }
    }

    /** A pure acknowledgment. */
    int sendAck(long nowNs) {
        int result = c.writer.send(c, snd.acceptableSeq(), TcpHeader.ACK, 0, 0, nowNs);
        if (result >= 0) {
            counters.count(StackCounter.TCP_OUT_ACKS);
            segmentsOut++;
            c.acknowledgmentSent(false);
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
        int result = sendData(snd.nxt, position, length, fin, nowNs);
        if (result < 0) {
            return result;
        }
        timing = false;
        int moved = length + (fin ? 1 : 0);
        if (snd.wnd >= moved) {
            sent(moved, Math.max(0, SeqNum.distance(snd.max, snd.nxt + moved)), nowNs);
        } else {
            snd.probeEnd = snd.nxt + moved;
        }
        return result;
    }

    /** An acknowledgment moved SND.UNA: the round-trip time of the timed segment, or -1. */
    long takeTiming(int ack, long nowNs) {
        if (!timing || SeqNum.lt(ack, timedEnd)) {
            return -1;
        }
        timing = false;
        return nowNs - timedAtNs;
    }

    /** The timer expired: Karn, "RTT samples MUST NOT be made using segments that were retransmitted". */
    void goBack() {
        timing = false;
        snd.nxt = snd.una;
    }

    /** As {@link #goBack}, after a timeout: what was in flight then is ambiguous, see {@link #isAmbiguous}. */
    void goBackAfterTimeout(long nowNs) {
        goBack();
        timedOut = true;
        timedOutEnd = snd.max;
        timedOutStamp = c.negotiation.timestamp(nowNs);
    }

    /**
     * Does the timestamp that {@code s} echoes measure nothing? If the acknowledgment of data was lost, the data is
     * retransmitted, and the receiver throws the copy away as old, and with it the copy's timestamp (RFC 7323, section
     * 5.3, R2 before R3): it echoes that of the original, as if a round trip had taken all the time since. So, of what was
     * in flight at a timeout, only an echo of the retransmission or later is believed.
     */
    boolean isAmbiguous(Segment s) {
        if (timedOut && SeqNum.gt(s.ack, timedOutEnd)) {
            timedOut = false;
        }
        return timedOut && SeqNum.lt(s.tsEcr, timedOutStamp);
    }

    void info(TcpInfo into) {
        into.bytesSent = bytesSent;
        into.bytesRetransmitted = bytesRetransmitted;
        into.segmentsOut = segmentsOut;
        into.retransmits = retransmits;
    }

    static boolean isUnreachable(int result) {
        return result == IpOutput.NO_ROUTE || result == IpOutput.HOST_UNREACHABLE;
    }
}
