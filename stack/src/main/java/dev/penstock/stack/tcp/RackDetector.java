package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SeqNum;

/**
 * RACK (RFC 8985, section 6): a segment is lost if one that was sent sufficiently later has arrived. It finds lost
 * retransmissions as well as lost originals, and waits a little for what may only be reordered. Needs SACK.
 */
final class RackDetector {
    /** "the number of DSACKs or recoveries": how long a widened window stays (section 6.2, step 4: "16 loss recoveries"). */
    private static final int PERSIST_RECOVERIES = 16;

    private static final int DUP_THRESHOLD = 3;

    private final SendState snd;
    private final Scoreboard board;
    private final RttEstimator rtt;
    private final Negotiation negotiation;

    /** RACK.xmit_ts and RACK.end_seq: of the segments that have arrived, the one sent last. */
    private long sentNs = Long.MIN_VALUE;

    private long order = -1;
    private int endSeq;
    /** RACK.rtt: its round-trip time. */
    private long rttNs;
    /** RACK.fack: the highest sequence number that has arrived. */
    private int fack;

    private boolean fackKnown;
    /** RACK.reordering_seen. */
    private boolean reorderingSeen;
    /** RACK.reo_wnd_mult. */
    private int windowMultiple = 1;
    /** RACK.reo_wnd_persist. */
    private int persist;
    /** RACK.dsack_round: SND.NXT when the last DSACK widened the window; once a round trip is enough. */
    private int dsackRound;

    private boolean dsackRoundKnown;

    private long reorderings;
    private long dsacks;

    RackDetector(SendState snd, Scoreboard board, RttEstimator rtt, Negotiation negotiation) {
        this.snd = snd;
        this.board = board;
        this.rtt = rtt;
        this.negotiation = negotiation;
    }

    /** Steps 2 and 3: {@code e} has arrived, as far as {@code end}: what is behind in the same run may still be lost. */
    void onDelivered(SentSegment e, int end, Delivery delivery) {
        long sample = delivery.nowNs - e.sentNs;
        if (!e.retransmitted || isOfCopy(e, sample, delivery)) {
            if (e.order > order || e.order == order && SeqNum.gt(end, endSeq)) {
                rttNs = sample;
                order = e.order;
                sentNs = e.sentNs;
                endSeq = end;
            }
        }
        if (!fackKnown || SeqNum.gt(end, fack)) {
            fack = end;
            fackKnown = true;
        } else if (SeqNum.lt(end, fack) && !e.retransmitted) {
            // "If an ACK selectively or cumulatively acknowledges a ... sequence below RACK.fack, and it has never been
            // retransmitted", then "set RACK.reordering_seen to TRUE".
            reorderingSeen = true;
            reorderings++;
        }
    }

    /**
     * "If the segment has been retransmitted ... the timestamp ... echoed ... is less than Segment.xmit_ts", or "if RACK.rtt <
     * RACK.min_RTT": the ACK is for an earlier transmission.
     */
    private boolean isOfCopy(SentSegment e, long sample, Delivery delivery) {
        if (delivery.stamped && SeqNum.lt(delivery.tsEcr, negotiation.timestamp(e.sentNs))) {
            return false;
        }
        return sample >= rtt.minRttNs();
    }

    /** A segment that was held to be lost, because later ones had arrived, arrived after all. */
    void onLateArrival() {
        reorderingSeen = true;
        reorderings++;
    }

    /** SND.UNA has moved. "If RACK.dsack_round is not None AND SND.UNA >= RACK.dsack_round: RACK.dsack_round = None". */
    void onAdvance() {
        dsackRoundKnown = dsackRoundKnown && SeqNum.lt(snd.una, dsackRound);
    }

    /** A DSACK: something was sent again for nothing, so we were too quick. */
    void onDsack() {
        dsacks++;
        if (dsackRoundKnown) {
            return;
        }
        // "RACK.dsack_round = SND.NXT; RACK.reo_wnd_mult += 1; RACK.reo_wnd_persist = 16"
        dsackRound = snd.nxt;
        dsackRoundKnown = true;
        windowMultiple = Math.min(windowMultiple + 1, 255);
        persist = PERSIST_RECOVERIES;
    }

    /** "When exiting loss recovery: ... RACK.reo_wnd_persist -= 1 ... If RACK.reo_wnd_persist <= 0: RACK.reo_wnd_mult = 1". */
    void onRecoveryEnd() {
        if (persist > 0 && --persist == 0) {
            windowMultiple = 1;
        }
    }

    /** Step 4: how long a segment is given the benefit of the doubt. */
    private long reorderingWindowNs(boolean inRecovery) {
        if (!reorderingSeen) {
            // "If no reordering has been observed: if in loss recovery, or the number of segments SACKed has reached
            // DupThresh, return 0".
            if (inRecovery || board.sackedSegments() >= DUP_THRESHOLD) {
                return 0;
            }
        }
        // "RACK.reo_wnd = RACK.reo_wnd_mult * RACK.min_RTT / 4, bounded by SRTT"
        return Math.min(windowMultiple * Math.max(0, rtt.minRttNs()) / 4, Math.max(0, rtt.srttNs()));
    }

    /**
     * Step 5: marks as lost what is.
     *
     * @return when the next segment will be, if nothing more arrives; {@link Long#MAX_VALUE} if none will
     */
    long detect(boolean inRecovery, long nowNs) {
        long window = reorderingWindowNs(inRecovery);
        SentSegment e = board.network.first();
        while (e != null && sentBeforeNewest(e)) {
            long due = e.sentNs + rttNs + window;
            if (due > nowNs) {
                // In the order of transmission: all that follow are due later.
                return due;
            }
            SentSegment next = e.next;
            board.markLost(e);
            e = next;
        }
        return Long.MAX_VALUE;
    }

    /**
     * RACK_sent_after. RFC 8985 decides by time and, "when the timestamps are equal", by sequence number; but a copy may go
     * out in the same moment behind new data, so that the order of transmission decides, and the sequence number only
     * within one run.
     */
    private boolean sentBeforeNewest(SentSegment e) {
        return order > e.order || order == e.order && SeqNum.gt(endSeq, e.end);
    }

    /**
     * Section 6.3, on an RTO: "mark all unacknowledged ... segments" as lost that were sent longer ago than a round trip and
     * the reordering window.
     */
    boolean isOverdue(SentSegment e, long nowNs) {
        return sentNs == Long.MIN_VALUE || e.sentNs + rttNs + reorderingWindowNs(true) <= nowNs;
    }

    void info(TcpInfo into) {
        into.reorderingSeen = reorderings;
        into.duplicateSacks = dsacks;
        into.reordering = DUP_THRESHOLD;
        into.reorderWindowNs = reorderingWindowNs(false);
    }

    void carry(StateCarrier s) {
        sentNs = s.time(sentNs);
        order = s.number(order);
        endSeq = s.sequence(endSeq, snd.una);
        rttNs = s.number(rttNs);
        fack = s.sequence(fack, snd.una);
        fackKnown = s.flag(fackKnown);
        reorderingSeen = s.flag(reorderingSeen);
        windowMultiple = s.number(windowMultiple);
        persist = s.number(persist);
        dsackRound = s.sequence(dsackRound, snd.una);
        dsackRoundKnown = s.flag(dsackRoundKnown);
        reorderings = s.number(reorderings);
        dsacks = s.number(dsacks);
    }
}
