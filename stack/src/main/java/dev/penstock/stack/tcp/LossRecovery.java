package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SeqNum;

/**
 * Loss detection by duplicate acknowledgments, and NewReno's fast recovery (RFC 5681, section 3.2; RFC 6582; RFC 3042).
 * Decides what is to be retransmitted; the congestion window itself is {@link CongestionControl}'s.
 */
final class LossRecovery {
    /** "The arrival of 3 duplicate ACKs" is the sign of a loss. */
    private static final int DUP_THRESHOLD = 3;

    private final SendState snd;
    private final CongestionControl cc;

    private int duplicates;
    private boolean inRecovery;
    /** The end of RFC 6582's recover: SND.MAX when recovery, or the last timeout, began. */
    private int recover;

    private boolean recoverValid;
    /** FlightSize when the first duplicate came. */
    private int flightSize;
    /** What duplicate ACKs add to cwnd: each says that one segment has left the network. */
    private long inflation;
    /** The segment at SND.UNA is to be sent again at the next flush. */
    private boolean retransmitPending;

    LossRecovery(SendState snd, CongestionControl cc) {
        this.snd = snd;
        this.cc = cc;
    }

    boolean inRecovery() {
        return inRecovery;
    }

    int duplicates() {
        return duplicates;
    }

    boolean retransmitPending() {
        return retransmitPending;
    }

    void retransmitted() {
        retransmitPending = false;
    }

    /** What may be in flight now. */
    long window() {
        if (inRecovery) {
            return cc.cwnd() + inflation;
        }
        // RFC 3042: "the amount of outstanding data would remain less than or equal to the congestion window plus 2
        // segments" when new data is sent on the first two duplicates.
        return cc.cwnd() + (long) Math.min(duplicates, DUP_THRESHOLD - 1) * snd.mss;
    }

    /**
     * A duplicate acknowledgment.
     *
     * @return true if recovery begins with it
     */
    boolean onDuplicate(long nowNs) {
        duplicates++;
        if (inRecovery) {
            // RFC 5681, 3.2, step 4: "For each additional duplicate ACK received ..., cwnd MUST be incremented by
            // SMSS."
            inflation += snd.mss;
            return false;
        }
        if (duplicates == 1) {
            flightSize = snd.max - snd.una;
        }
        if (duplicates != DUP_THRESHOLD) {
            return false;
        }
        // RFC 6582, 3.2, step 2: "When the third duplicate ACK is received, the TCP sender first checks the value of
        // recover to see if the Cumulative Acknowledgment field covers more than recover."
        if (recoverValid && SeqNum.leq(snd.una, recover)) {
            return false;
        }
        inRecovery = true;
        recover = snd.max;
        recoverValid = true;
        // RFC 5681, 3.2, step 2: "additional data sent in limited transmit MUST NOT be included in this calculation".
        cc.onCongestion(CongestionControl.Cause.LOSS, flightSize, nowNs);
        inflation = (long) DUP_THRESHOLD * snd.mss;
        retransmitPending = true;
        return true;
    }

    /**
     * SND.UNA has moved by {@code acked} bytes.
     *
     * @return true if the acknowledgment belongs to recovery, so that it does not open the window
     */
    boolean onAdvance(int acked, long nowNs) {
        duplicates = 0;
        if (recoverValid && !inRecovery && SeqNum.gt(snd.una, recover)) {
            recoverValid = false;
        }
        if (!inRecovery) {
            return false;
        }
        if (SeqNum.geq(snd.una, recover)) {
            inRecovery = false;
            inflation = 0;
            retransmitPending = false;
            return true;
        }
        // RFC 6582, 3.2, step 3, partial acknowledgment: "retransmit the first unacknowledged segment. Deflate the
        // congestion window by the amount of new data acknowledged ... If the partial ACK acknowledges at least one
        // SMSS
        // of new data, then add back SMSS bytes".
        inflation -= acked;
        if (acked >= snd.mss) {
            inflation += snd.mss;
        }
        inflation = Math.max(inflation, -cc.cwnd() + snd.mss);
        retransmitPending = true;
        return true;
    }

    /** The retransmission timer expired: RFC 6582, step 4, "exit the fast recovery procedure if applicable". */
    void onTimeout() {
        inRecovery = false;
        inflation = 0;
        duplicates = 0;
        retransmitPending = false;
        recover = snd.max;
        recoverValid = true;
    }
}
