package dev.penstock.stack.tcp;

/**
 * Proportional rate reduction (RFC 9937): in recovery the window moves to ssthresh as data leaves the network, neither at
 * once nor by stopping first. Bytes.
 */
final class ProportionalRateReduction {
    private long delivered;
    private long out;
    /** RecoverFS: what was in flight when recovery began. */
    private long recoverFlight;

    private long window;

    /**
     * Recovery begins, with what is said of the ACK that began it still to come.
     *
     * @param flight "RecoverFS = SND.NXT - SND.UNA", less what SACK blocks have acknowledged before
     */
    void begin(long flight) {
        delivered = 0;
        out = 0;
        recoverFlight = Math.max(1, flight);
    }

    /** Something was sent in recovery. */
    void onSent(long bytes) {
        out += bytes;
    }

    /**
     * An ACK in recovery.
     *
     * @param deliveredNow DeliveredData
     * @param inFlight the pipe, after this ACK
     * @param safe "SND.UNA has advanced and no further loss indicated" (safeACK)
     */
    void onAck(long deliveredNow, long inFlight, long ssthresh, int mss, boolean safe) {
        delivered += deliveredNow;
        long count;
        if (inFlight > ssthresh) {
            // "SndCnt = CEIL(prr_delivered * ssthresh / RecoverFS) - prr_out"
            count = (long) Math.ceil((double) delivered * ssthresh / recoverFlight) - out;
        } else {
            // "SndCnt = MAX(prr_delivered - prr_out, DeliveredData); if (safeACK) SndCnt += SMSS; Attempt to catch
            // up, as permitted: SndCnt = MIN(ssthresh - inflight, SndCnt)"
            count = Math.max(delivered - out, deliveredNow);
            if (safe) {
                count += mss;
            }
            count = Math.min(ssthresh - inFlight, count);
        }
        if (out == 0) {
            // "Force a fast retransmit upon entering recovery": a whole segment, for less would not go out.
            count = Math.max(count, mss);
        }
        window = inFlight + Math.max(0, count);
    }

    /** Losses were found although no ACK came, by RACK's timer. */
    void onTimer(long inFlight, long ssthresh, int mss) {
        long count = Math.min(ssthresh - inFlight, delivered - out);
        window = inFlight + Math.max(count, mss);
    }

    /** "cwnd = inflight + SndCnt" */
    long window() {
        return window;
    }

    void carry(StateCarrier s) {
        delivered = s.number(delivered);
        out = s.number(out);
        recoverFlight = s.number(recoverFlight);
        window = s.number(window);
    }
}
