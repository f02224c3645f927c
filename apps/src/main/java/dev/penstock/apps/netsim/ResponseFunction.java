package dev.penstock.apps.netsim;

/**
 * What congestion control makes of random losses in the long run: the average congestion window, in segments, as a
 * function of the loss rate and the round-trip time. Models of the sawtooth: deterministic, one loss in {@code 1/p}
 * segments, no timeouts, unlimited buffers.
 */
public enum ResponseFunction {
    /** No congestion control, or BBR, which knows no such function: losses, up to a point, do not limit the window. */
    NONE {
        @Override
        public double segments(double loss, double rttSeconds) {
            return Double.POSITIVE_INFINITY;
        }
    },
    /**
     * Reno (RFC 5681): additive increase by one segment a round trip, multiplicative decrease by one half. RFC 9438,
     * section 4.3: {@code AVG_AIMD(alpha, beta) = [alpha * (1 + beta) / (2 * (1 - beta) * p)]^(1/2)}; for Reno, with
     * alpha 1 and beta 0.5, that is {@code 1.22 / p^0.5}.
     */
    RENO {
        @Override
        public double segments(double loss, double rttSeconds) {
            return aimd(1, 0.5, loss);
        }
    },
    /**
     * CUBIC. RFC 9438, section 5.1: {@code AVG_W_cubic = (C * (3 + beta) / (4 * (1 - beta)))^(1/4) * RTT^(3/4) /
     * p^(3/4)}, with C = 0.4 and beta = 0.7: {@code 1.054 * RTT^(3/4) / p^(3/4)}. In the Reno-friendly region (section
     * 4.3) it does as Reno does, so the greater of the two holds.
     */
    CUBIC {
        @Override
        public double segments(double loss, double rttSeconds) {
            double cubic = Math.pow(C * (3 + BETA) / (4 * (1 - BETA)), 0.25) * Math.pow(rttSeconds / loss, 0.75);
            return Math.max(cubic, aimd(3 * (1 - BETA) / (1 + BETA), BETA, loss));
        }
    };

    private static final double C = 0.4;
    private static final double BETA = 0.7;

    /**
     * The average window.
     *
     * @param loss the probability with which a segment is lost, 0 .. 1
     * @return segments; infinite without loss
     */
    public abstract double segments(double loss, double rttSeconds);

    private static double aimd(double alpha, double beta, double loss) {
        return Math.sqrt(alpha * (1 + beta) / (2 * (1 - beta) * loss));
    }

    /**
     * That of a congestion control.
     *
     * @param name as TCP_CONGESTION has it: cubic, reno, bbr or none
     */
    public static ResponseFunction of(String name) {
        return switch (name) {
            case "none", "bbr" -> NONE;
            case "reno" -> RENO;
            case "cubic" -> CUBIC;
            default -> throw new IllegalArgumentException("no such congestion control: '" + name + "'");
        };
    }
}
