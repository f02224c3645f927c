package dev.penstock.stack.tcp;

/**
 * BBR.min_rtt, the least round-trip time of ten seconds, and when it is time to measure it anew
 * (draft-ietf-ccwg-bbr-06, section 5.3.4.3). Nanoseconds.
 */
final class BbrMinRtt {
    /** "BBR.MinRTTFilterLen = 10 secs". */
    private static final long FILTER_NS = 10_000_000_000L;
    /** "BBR.ProbeRTTInterval = 5 seconds". */
    private static final long PROBE_INTERVAL_NS = 5_000_000_000L;

    private static final long UNKNOWN = Long.MAX_VALUE;

    private long probedNs = UNKNOWN;
    private long probedAtNs;
    private long minNs = UNKNOWN;
    private long minAtNs;
    private boolean expired;

    /**
     * "UpdateMinRTT".
     *
     * @param rttNs the sample, -1 for none
     */
    void update(long rttNs, long nowNs) {
        expired = probedNs != UNKNOWN && nowNs > probedAtNs + PROBE_INTERVAL_NS;
        if (rttNs >= 0 && (rttNs < probedNs || expired)) {
            probedNs = rttNs;
            probedAtNs = nowNs;
        }
        if (probedNs < minNs || nowNs > minAtNs + FILTER_NS) {
            minNs = probedNs;
            minAtNs = probedAtNs;
        }
    }

    /** BBR.probe_rtt_expired: for five seconds no round trip was as short as the shortest before. */
    boolean isExpired() {
        return expired;
    }

    /** The queue was given time to drain: the next measurement is due in five seconds. */
    void probed(long nowNs) {
        probedAtNs = nowNs;
    }

    boolean isKnown() {
        return minNs != UNKNOWN;
    }

    long ns() {
        return minNs;
    }
}
