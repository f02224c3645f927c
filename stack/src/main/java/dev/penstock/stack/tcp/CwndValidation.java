package dev.penstock.stack.tcp;

import java.util.Arrays;

/**
 * Congestion window validation (RFC 7661): is the congestion window one that the path has shown to carry, or only one that
 * it carried once? pipeACK, what was acknowledged in a round trip, is the evidence. A sender that does not use its window
 * keeps it for a time, without growth, and may use it again at once; but if that meets congestion, it falls back to what
 * was really used. Bytes and nanoseconds.
 */
final class CwndValidation {
    /** Section 4.4.3: "Non-Validated Period (NVP) ... five minutes". */
    static final long NVP_NS = 300_000_000_000L;

    private static final long MIN_SAMPLING_PERIOD_NS = 1_000_000_000L;
    /** The sampling period is kept in so many parts; the oldest is forgotten as a whole. */
    private static final int PARTS = 4;

    private static final long UNDEFINED = -1;

    /** The largest pipeACK sample of each part, {@link #UNDEFINED} for none. */
    private final long[] largest = new long[PARTS];

    private int part;
    private long partEndNs;
    private boolean defined;
    private long roundEnd = -1;
    private long ackedInRound;
    private boolean inRecovery;
    private boolean inUse = true;
    private long nonValidatedSinceNs = -1;

    CwndValidation() {
        Arrays.fill(largest, UNDEFINED);
    }

    /** An acknowledgment; before anything else of it is taken in. */
    void onAck(AckSample s, long cwnd, long nowNs) {
        turn(s.srttNs, nowNs);
        if (s.inRecovery) {
            // Section 4.5: "A sender MUST NOT update the pipeACK variable during loss recovery"; samples begin anew
            // then.
            inRecovery = true;
            return;
        }
        if (inRecovery || roundEnd < 0) {
            inRecovery = false;
            roundEnd = s.nxtPosition;
            ackedInRound = 0;
        }
        inUse = s.cwndLimited;
        ackedInRound += s.ackedBytes;
        if (s.unaPosition > roundEnd) {
            defined = true;
            largest[part] = Math.max(largest[part], ackedInRound);
            ackedInRound = 0;
            roundEnd = s.nxtPosition;
        }
        mark(cwnd, nowNs);
    }

    /** Section 4.5: the sampling period is "max(3*RTT, 1 second)", of which the maximum counts. */
    private void turn(long srttNs, long nowNs) {
        long length = Math.max(3 * srttNs, MIN_SAMPLING_PERIOD_NS) / PARTS;
        for (int i = 0; i < PARTS && nowNs >= partEndNs; i++) {
            part = (part + 1) % PARTS;
            largest[part] = UNDEFINED;
            partEndNs = i == PARTS - 1 ? nowNs + length : Math.max(partEndNs + length, nowNs - length * PARTS);
        }
    }

    private void mark(long cwnd, long nowNs) {
        if (validated(cwnd)) {
            nonValidatedSinceNs = -1;
        } else if (nonValidatedSinceNs < 0) {
            nonValidatedSinceNs = nowNs;
        }
    }

    /** pipeACK, or -1: "undefined" at the beginning, and after loss recovery. */
    long pipeAck() {
        if (!defined) {
            return UNDEFINED;
        }
        long max = 0;
        for (long sample : largest) {
            max = Math.max(max, sample);
        }
        return max;
    }

    /**
     * Section 4.3: in the validated phase "pipeACK >= (1/2)*cwnd, or pipeACK is undefined". A window that was full when
     * the acknowledged data went out is in use whatever the last whole round trip says: in slow start it is twice that.
     */
    boolean validated(long cwnd) {
        return inUse || !defined || 2 * pipeAck() >= cwnd;
    }

    /** The window was full when what was acknowledged last went out. */
    boolean inUse() {
        return inUse;
    }

    /**
     * The window that congestion is the answer to, which the reduction starts from.
     *
     * <p>In use: the whole window. FlightSize itself can be short of it by what the acknowledgments of the same burst
     * have freed and the flush has not refilled, and by the fraction of a segment that could not be sent. It can exceed it
     * by limited transmit, which "MUST NOT be included" (RFC 5681, section 3.2), and by data from before a timeout.
     * Not in use, but validated: FlightSize. Not validated: section 4.4.1, "Max(pipeACK, LossFlightSize)".
     */
    long windowAtCongestion(long cwnd, long flightSize, int mss) {
        if (inUse || cwnd - flightSize < mss) {
            return cwnd;
        }
        long used = validated(cwnd) ? flightSize : Math.max(pipeAck(), flightSize);
        return Math.min(cwnd, used);
    }

    /** Section 4.4.1: "the TCP sender MUST re-initialize the pipeACK variable to the 'undefined' value" after recovery. */
    void onRecovered() {
        Arrays.fill(largest, UNDEFINED);
        defined = false;
        roundEnd = -1;
        ackedInRound = 0;
        nonValidatedSinceNs = -1;
    }

    /** Nothing was sent for so long; the window was not in use then. */
    void onIdle(long idleNs, long srttNs, long cwnd, long nowNs) {
        inUse = false;
        turn(srttNs, nowNs);
        roundEnd = -1;
        ackedInRound = 0;
        // A whole sampling period without an acknowledgment is a pipeACK of 0.
        defined |= idleNs >= Math.max(3 * srttNs, MIN_SAMPLING_PERIOD_NS);
        if (!validated(cwnd) && nonValidatedSinceNs < 0) {
            nonValidatedSinceNs = nowNs - idleNs;
        }
    }

    /** How many non-validated periods have ended since this was last asked: the window halves for each. */
    int periodsOver(long nowNs) {
        if (nonValidatedSinceNs < 0 || nowNs - nonValidatedSinceNs < NVP_NS) {
            return 0;
        }
        long n = (nowNs - nonValidatedSinceNs) / NVP_NS;
        nonValidatedSinceNs += n * NVP_NS;
        return (int) Math.min(n, 64);
    }

    void carry(StateCarrier s) {
        for (int i = 0; i < PARTS; i++) {
            largest[i] = s.number(largest[i]);
        }
        part = s.number(part);
        partEndNs = s.time(partEndNs);
        defined = s.flag(defined);
        roundEnd = s.number(roundEnd);
        ackedInRound = s.number(ackedInRound);
        inRecovery = s.flag(inRecovery);
        inUse = s.flag(inUse);
        nonValidatedSinceNs = s.time(nonValidatedSinceNs);
    }
}
