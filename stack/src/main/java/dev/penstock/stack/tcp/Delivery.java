package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SeqNum;

/**
 * What the acknowledgment in hand says of the segments that it delivers: round-trip times, the newest of them (RACK), the
 * delivery rate, and whether something arrived that was sent only once. One a stack, made anew by {@link #begin}.
 */
final class Delivery {
    private RackDetector rack;

    long nowNs;
    /** Bytes newly known to have arrived. */
    long bytes;
    /** Those of {@link #bytes} that SACK blocks, or without SACK duplicate ACKs, tell of. */
    long sackedBytes;
    /** From the oldest segment that was acknowledged now and was sent once: a delayed ACK counts in. -1 for none. */
    private long oldestAckedRttNs;

    private long newestAckedRttNs;
    private long newestSackedRttNs;
    /** Something was delivered that was sent only once, and the lowest sequence number of it. */
    private boolean originalDelivered;

    private int originalStart;
    /** Something was acknowledged that was sent again, and when that was done last. */
    boolean copyAcknowledged;

    long copySentNs;

    /** The echoed timestamp is there and can be compared with what our clock was. */
    boolean stamped;

    int tsEcr;

    /** The largest payload of a segment that was delivered now and sent once. */
    int largestUnit;

    private long rateSentNs;
    private long priorDelivered;
    private long priorDeliveredNs;
    private long sendElapsedNs;
    private boolean appLimited;
    private long txInFlight;
    private long lostBefore;

    void begin(RackDetector detector, Segment s, boolean timestamps, long now) {
        rack = detector;
        nowNs = now;
        bytes = 0;
        sackedBytes = 0;
        oldestAckedRttNs = -1;
        newestAckedRttNs = -1;
        newestSackedRttNs = -1;
        originalDelivered = false;
        copyAcknowledged = false;
        copySentNs = Long.MIN_VALUE;
        stamped = timestamps && s.hasTimestamps && s.tsEcr != 0;
        tsEcr = s.tsEcr;
        largestUnit = 0;
        rateSentNs = Long.MIN_VALUE;
        priorDelivered = -1;
        appLimited = false;
    }

    /** Something from before {@code seq} was delivered that was sent only once. */
    boolean isOriginalDelivered(int seq) {
        return originalDelivered && SeqNum.lt(originalStart, seq);
    }

    /** The first {@code length} bytes of {@code e} are delivered; true if no newer segment is. */
    boolean add(SentSegment e, int length, boolean cumulatively) {
        bytes += length;
        long rtt = nowNs - e.sentNs;
        if (!cumulatively) {
            sackedBytes += length;
        }
        if (e.retransmitted) {
            if (cumulatively) {
                copyAcknowledged = true;
                copySentNs = Math.max(copySentNs, e.sentNs);
            }
        } else {
            if (!originalDelivered || SeqNum.lt(e.start, originalStart)) {
                originalStart = e.start;
            }
            originalDelivered = true;
            largestUnit = Math.max(largestUnit, Math.min(e.unit, length));
            if (cumulatively) {
                oldestAckedRttNs = Math.max(oldestAckedRttNs, rtt);
                newestAckedRttNs = least(newestAckedRttNs, rtt);
            } else {
                newestSackedRttNs = least(newestSackedRttNs, rtt);
            }
        }
        rack.onDelivered(e, e.start + length, this);
        if (e.sentNs < rateSentNs) {
            return false;
        }
        rateSentNs = e.sentNs;
        priorDelivered = e.delivered;
        priorDeliveredNs = e.deliveredNs;
        sendElapsedNs = e.sentNs - e.firstSentNs;
        appLimited = e.appLimited;
        txInFlight = e.txInFlight;
        lostBefore = e.lostBefore;
        return true;
    }

    private static long least(long a, long b) {
        return a < 0 ? b : Math.min(a, b);
    }

    /**
     * From the newest segment delivered now that was sent once: what the path takes. -1 for none. What is acknowledged together
     * with a copy may have waited behind the hole that it filled, and measures nothing (Karn).
     */
    long pathRttNs() {
        if (copyAcknowledged || newestAckedRttNs < 0) {
            return newestSackedRttNs;
        }
        return newestSackedRttNs < 0 ? newestAckedRttNs : Math.min(newestAckedRttNs, newestSackedRttNs);
    }

    /** For the RTO: what an acknowledgment may take, delayed ones included; -1 for none. */
    long ackRttNs() {
        return copyAcknowledged || oldestAckedRttNs < 0 ? newestSackedRttNs : oldestAckedRttNs;
    }

    /** Tells {@code sample} the rate: over the longer of the time it took to send and the time it took to arrive. */
    void rate(AckSample sample, Scoreboard board, long minRttNs) {
        sample.delivered = board.deliveredBytes();
        sample.priorDelivered = priorDelivered;
        sample.txInFlight = txInFlight;
        sample.lostSinceSent = priorDelivered < 0 ? 0 : board.lostTotal() - lostBefore;
        sample.appLimited = appLimited;
        sample.intervalNs = 0;
        if (priorDelivered >= 0) {
            long interval = Math.max(sendElapsedNs, nowNs - priorDeliveredNs);
            // ACKs that were held up and come together would tell of a rate that the path does not have.
            sample.intervalNs = interval < minRttNs ? 0 : interval;
        }
    }
}
