package dev.penstock.stack.tcp;

/** Round-trip time and retransmission timeout (RFC 6298). Nanoseconds. */
final class RttEstimator {
    /** G, the clock's granularity: our timers are exact, the peer's delays are not. */
    private static final long GRANULARITY_NS = 1_000_000;

    /** A path may become longer: after some minutes the least round-trip time of old is forgotten. */
    private static final long MIN_RTT_LIFE_NS = 150_000_000_000L;

    private final TcpConfig config;
    private long srttNs = -1;
    private long rttvarNs = -1;
    /** The largest deviation of this round trip, and when it ends. */
    private long largestDeviationNs;

    private long roundEndNs;
    private long seedSrttNs = -1;
    private long seedRttvarNs;
    private int samples;
    /** The least round-trip time of the last {@link #MIN_RTT_LIFE_NS} to twice that: of this period, and the one before. */
    private long minRttNs = -1;

    private long minRttBeforeNs = -1;
    private long minRttPeriodEndNs;
    private long rtoNs;
    private int backoff;

    RttEstimator(TcpConfig config) {
        this.config = config;
        begin();
    }

    /** A connection begins. */
    void begin() {
        rtoNs = config.initialRtoNs;
    }

    /**
     * What earlier connections to the same host measured (RFC 9040, section 6): the first measurement of this one is
     * taken into that. Until then only the RTO may grow, beyond that of RFC 6298, (2.1).
     */
    void seed(long srtt, long rttvar) {
        if (srttNs < 0) {
            seedSrttNs = srtt;
            seedRttvarNs = rttvar;
            rtoNs = Math.max(rtoNs, timeout(srtt, rttvar));
        }
    }

    /** How many measurements there were. */
    int samples() {
        return samples;
    }

    /** A measurement from a segment that was not retransmitted, or from a timestamp. */
    void sample(long rttNs, long nowNs) {
        long r = Math.max(1, rttNs);
        minRtt(r, nowNs);
        samples++;
        if (srttNs < 0 && seedSrttNs >= 0) {
            srttNs = seedSrttNs;
            rttvarNs = seedRttvarNs;
        }
        if (srttNs < 0) {
            // (2.2) "When the first RTT measurement R is made, the host MUST set SRTT <- R, RTTVAR <- R/2"
            srttNs = r;
            rttvarNs = r / 2;
            roundEndNs = nowNs + r;
        } else {
            // (2.3) "RTTVAR <- (1 - beta) * RTTVAR + beta * |SRTT - R'|", then "SRTT <- (1 - alpha) * SRTT + alpha *
            // R'"
            largestDeviationNs = Math.max(largestDeviationNs, Math.abs(srttNs - r));
            if (largestDeviationNs > rttvarNs || nowNs >= roundEndNs) {
                // RFC 7323, appendix G: with a sample for each ACK the history would shrink to a fraction of a round
                // trip. So the variation falls at most once in a round trip; it may rise at any time.
                rttvarNs += (largestDeviationNs - rttvarNs) / 4;
                largestDeviationNs = 0;
                roundEndNs = nowNs + srttNs;
            }
            srttNs += (r - srttNs) / 8;
        }
        rtoNs = timeout(srttNs, rttvarNs);
        backoff = 0;
    }

    /**
     * (5.5) "The host MUST set RTO <- RTO * 2 ('back off the timer')." It stays so until the next measurement: if an
     * ambiguous acknowledgment ended it, a path slower than the RTO would be timed out again for ever (Karn).
     */
    void backOff() {
        if (backoff < 30) {
            backoff++;
        }
    }

    /**
     * (5.7) "If the timer expires awaiting the ACK of a SYN segment and the TCP implementation is using an RTO less than
     * 3 seconds, the RTO MUST be re-initialized to 3 seconds when data transmission begins".
     */
    void afterSynTimeout() {
        if (srttNs < 0) {
            rtoNs = Math.max(rtoNs, 3_000_000_000L);
            backoff = 0;
        }
    }

    /** The RTO now, with back-off. */
    long rtoNs() {
        long slop = srttNs < 0 ? 0 : config.rtoSlopNs;
        return Math.min(config.maxRtoNs, (rtoNs << Math.min(backoff, 20)) + slop);
    }

    /** (2.3) "RTO <- SRTT + max (G, K*RTTVAR)", and (2.4), with the habits of other stacks in addition. */
    private long timeout(long srtt, long rttvar) {
        long variation = Math.max(Math.max(GRANULARITY_NS, config.minRtoVariationNs), 4 * rttvar);
        return Math.max(config.minRtoNs, Math.min(config.maxRtoNs, srtt + variation));
    }

    long srttNs() {
        return srttNs;
    }

    long rttvarNs() {
        return rttvarNs;
    }

    /** The least round-trip time of the last minutes, -1 if none was measured. */
    long minRttNs() {
        return minRttBeforeNs < 0 ? minRttNs : Math.min(minRttNs, minRttBeforeNs);
    }

    private void minRtt(long r, long nowNs) {
        if (minRttNs < 0 || nowNs >= minRttPeriodEndNs) {
            minRttBeforeNs = minRttNs;
            minRttNs = r;
            minRttPeriodEndNs = nowNs + MIN_RTT_LIFE_NS;
        } else {
            minRttNs = Math.min(minRttNs, r);
        }
    }

    void info(TcpInfo into) {
        into.srttNs = srttNs;
        into.rttvarNs = rttvarNs;
        into.minRttNs = minRttNs();
        into.rtoNs = rtoNs();
        into.backoff = backoff;
    }

    /** Timeouts in a row. */
    int backoff() {
        return backoff;
    }

    void carry(StateCarrier s) {
        srttNs = s.number(srttNs);
        rttvarNs = s.number(rttvarNs);
        largestDeviationNs = s.number(largestDeviationNs);
        roundEndNs = s.time(roundEndNs);
        seedSrttNs = s.number(seedSrttNs);
        seedRttvarNs = s.number(seedRttvarNs);
        samples = s.number(samples);
        minRttNs = s.number(minRttNs);
        minRttBeforeNs = s.number(minRttBeforeNs);
        minRttPeriodEndNs = s.time(minRttPeriodEndNs);
        rtoNs = s.number(rtoNs);
        backoff = s.number(backoff);
    }
}
