package dev.penstock.stack.tcp;

/** Round-trip time and retransmission timeout (RFC 6298). Nanoseconds. */
final class RttEstimator {
    /** G, the clock's granularity: our timers are exact, the peer's delays are not. */
    private static final long GRANULARITY_NS = 1_000_000;

    private final TcpConfig config;
    private long srttNs = -1;
    private long rttvarNs = -1;
    private long minRttNs = -1;
    private long rtoNs;
    private int backoff;

    RttEstimator(TcpConfig config) {
        this.config = config;
        this.rtoNs = config.initialRtoNs;
    }

    /** A measurement from a segment that was not retransmitted, or from a timestamp. */
    void sample(long rttNs) {
        long r = Math.max(1, rttNs);
        minRttNs = minRttNs < 0 ? r : Math.min(minRttNs, r);
        if (srttNs < 0) {
            // (2.2) "When the first RTT measurement R is made, the host MUST set SRTT <- R, RTTVAR <- R/2"
            srttNs = r;
            rttvarNs = r / 2;
        } else {
            // (2.3) "RTTVAR <- (1 - beta) * RTTVAR + beta * |SRTT - R'|", then "SRTT <- (1 - alpha) * SRTT + alpha *
            // R'"
            rttvarNs += (Math.abs(srttNs - r) - rttvarNs) / 4;
            srttNs += (r - srttNs) / 8;
        }
        rtoNs = clamp(srttNs + Math.max(GRANULARITY_NS, 4 * rttvarNs));
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
        return Math.min(config.maxRtoNs, rtoNs << Math.min(backoff, 20));
    }

    private long clamp(long ns) {
        return Math.max(config.minRtoNs, Math.min(config.maxRtoNs, ns));
    }

    long srttNs() {
        return srttNs;
    }

    long rttvarNs() {
        return rttvarNs;
    }

    void info(TcpInfo into) {
        into.srttNs = srttNs;
        into.rttvarNs = rttvarNs;
        into.minRttNs = minRttNs;
        into.rtoNs = rtoNs();
        into.backoff = backoff;
    }

    /** Timeouts in a row. */
    int backoff() {
        return backoff;
    }
}
