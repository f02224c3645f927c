package dev.penstock.stack.tcp;

/**
 * What losses say of the path, to BBR (draft-ietf-ccwg-bbr-06, section 5.5.10): short-term bounds on rate and volume, which hold
 * until the next probing, and a long-term bound on the volume, which probing found to be too much. Bytes, bytes a second.
 */
final class BbrBounds {
    /** No bound. */
    static final double INFINITY = Double.POSITIVE_INFINITY;
    /** "BBR.Beta": no stronger a reaction than CUBIC's. */
    static final double BETA = 0.7;
    /** "BBR.LossThresh": what may be lost of what is in flight while probing. */
    private static final double LOSS_THRESHOLD = 0.02;
    /** "BBR.Headroom": what of the long-term bound is left to others. */
    private static final double HEADROOM = 0.15;

    /** BBR.bw_shortterm. */
    double rate = INFINITY;
    /** BBR.inflight_shortterm. */
    double shortTerm = INFINITY;
    /** BBR.inflight_longterm. */
    double longTerm = INFINITY;

    private double undoRate;
    private double undoShortTerm;
    private double undoLongTerm;

    /** BBR.bw_latest and BBR.inflight_latest: the most of this round trip. */
    private double latestRate;

    private double latestVolume;
    private long roundDelivered;
    private boolean roundStart;
    private boolean lossInRound;
    /** Separate ranges of sequence numbers that were lost in this round trip. */
    private int lostRanges;

    private int lastLostEnd;

    /** "UpdateLatestDeliverySignals", with a sample of {@code bytes} delivered at {@code sampleRate}. */
    void onSample(double sampleRate, double bytes, long priorDelivered, long delivered) {
        roundStart = false;
        latestRate = Math.max(latestRate, sampleRate);
        latestVolume = Math.max(latestVolume, bytes);
        if (priorDelivered >= roundDelivered) {
            roundDelivered = delivered;
            roundStart = true;
        }
    }

    /** BBR.loss_round_start: what was in flight when the first loss of the round trip was found is accounted for. */
    boolean isRoundStart() {
        return roundStart;
    }

    int lostRanges() {
        return lostRanges;
    }

    double latestVolume() {
        return latestVolume;
    }

    /**
     * "UpdateCongestionSignals": once in a round trip with losses, except while probing, the bounds come down to what was
     * delivered, but by three tenths at most.
     */
    void adapt(boolean probing, double maxBandwidth, long cwnd) {
        if (!roundStart) {
            return;
        }
        if (lossInRound && !probing) {
            rate = Math.max(latestRate, BETA * (rate == INFINITY ? maxBandwidth : rate));
            shortTerm = Math.max(latestVolume, BETA * (shortTerm == INFINITY ? cwnd : shortTerm));
        }
        lossInRound = false;
    }

    /** "AdvanceLatestDeliverySignals", after all else that the acknowledgment brings. */
    void endSample(double sampleRate, double bytes) {
        if (roundStart) {
            latestRate = sampleRate;
            latestVolume = bytes;
            lostRanges = 0;
        }
    }

    /**
     * "NoteLoss".
     *
     * @return it is the first of its round trip
     */
    boolean noteLoss(long delivered) {
        boolean first = !lossInRound;
        if (first) {
            roundDelivered = delivered;
        }
        lossInRound = true;
        return first;
    }

    /** The range of sequence numbers that was lost. */
    void noteRange(int start, int end) {
        if (lostRanges == 0 || start != lastLostEnd) {
            lostRanges++;
        }
        lastLostEnd = end;
    }

    /** "ResetCongestionSignals". */
    void resetSignals() {
        lossInRound = false;
        latestRate = 0;
        latestVolume = 0;
    }

    /** "ResetShortTermModel". */
    void resetShortTerm() {
        rate = INFINITY;
        shortTerm = INFINITY;
    }

    /** "InflightWithHeadroom". */
    double withHeadroom(int mss, double least) {
        return longTerm == INFINITY ? INFINITY : Math.max(longTerm - Math.max(mss, HEADROOM * longTerm), least);
    }

    /** "IsInflightTooHigh": more than 2 % was lost of what was in flight. */
    static boolean isTooHigh(long lost, long txInFlight) {
        return lost > txInFlight * LOSS_THRESHOLD;
    }

    /** "At what prefix of packet P did losses exceed BBR.LossThresh?" It may be a run of many segments. */
    static double inflightAtLoss(SentSegment lost, long sinceSent) {
        long before = lost.txInFlight - lost.length();
        long lostBefore = sinceSent - lost.length();
        double prefix = (LOSS_THRESHOLD * before - lostBefore) / (1 - LOSS_THRESHOLD);
        return before + Math.max(0, prefix);
    }

    /** "SaveStateUponLoss". */
    void save() {
        undoRate = rate;
        undoShortTerm = shortTerm;
        undoLongTerm = longTerm;
    }

    /** Nothing had been lost (section 5.5.11.2). */
    void restore() {
        lossInRound = false;
        rate = Math.max(rate, undoRate);
        shortTerm = Math.max(shortTerm, undoShortTerm);
        longTerm = Math.max(longTerm, undoLongTerm);
    }
}
