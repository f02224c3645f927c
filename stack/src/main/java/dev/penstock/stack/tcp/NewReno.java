package dev.penstock.stack.tcp;

/** Slow start and congestion avoidance of RFC 5681, counting bytes; gentler to marks than to losses (RFC 8511). */
final class NewReno extends LossBased {
    private static final double BETA_LOSS = 0.5;
    /** RFC 8511, section 3.1: "a value of 0.8 for beta_{ecn}" with Reno. */
    private static final double BETA_ECN = 0.8;

    NewReno() {
        this(new TcpConfig());
    }

    NewReno(TcpConfig config) {
        super(config);
    }

    @Override
    public String name() {
        return "reno";
    }

    @Override
    double factor(Cause cause) {
        return cause == Cause.ECN ? BETA_ECN : BETA_LOSS;
    }

    @Override
    void avoidCongestion(double acked, long srttNs, long nowNs) {
        // RFC 5681, section 3.1: "during congestion avoidance, cwnd is incremented by roughly 1 full-sized segment per
        // round-trip time (RTT)"; by the bytes acknowledged, so that ACK division gains nothing.
        cwnd += mss * acked / roundWindow;
        if (takeRecoveryRound()) {
            cwnd += mss;
        }
    }
}
