package dev.penstock.apps.netsim;

/**
 * What a path and congestion control allow a transfer: its rate in the long run, which the least of three limits sets, and
 * the time it takes from the first SYN to the last byte if it goes as the book has it.
 *
 * <p>The book: a round trip for the handshake; then each round trip a window, the first of ten segments (RFC 6928), each
 * next one double (slow start) until the window is that of the long run; half a round trip for the last byte to arrive.
 * Without congestion control the first window is that of the long run. Bytes of payload and seconds.
 */
public final class Allowance {
    /** What sets the rate. */
    public enum Limit {
        /** The window that the response function gives at this loss rate. */
        LOSS,
        /** A buffer a round trip. */
        BUFFER,
        /** The link's rate, less the headers. */
        LINK
    }

    /** RFC 6928: "min (10*MSS, max (2*MSS, 14600))". */
    private static final int INITIAL_SEGMENTS = 10;

    private final double rttSeconds;
    private final double window;
    private final double initialWindow;
    private final Limit limit;

    /**
     * @param frame bytes that a full segment has on the link
     * @param mss bytes of payload of a full segment
     */
    Allowance(TransferSpec spec, int mss, int frame) {
        ResponseFunction function = ResponseFunction.of(spec.congestion());
        rttSeconds = spec.rttNs() / 1e9;
        double byLoss = mss * function.segments(spec.loss(), rttSeconds);
        double byBuffer = spec.buffer() == TransferSpec.AUTO ? Double.POSITIVE_INFINITY : spec.buffer();
        double byLink =
                spec.bandwidth() == 0 ? Double.POSITIVE_INFINITY : spec.bandwidth() / 8.0 * mss / frame * rttSeconds;
        window = Math.min(byLoss, Math.min(byBuffer, byLink));
        limit = window == byLoss ? Limit.LOSS : window == byBuffer ? Limit.BUFFER : Limit.LINK;
        initialWindow = function == ResponseFunction.NONE ? window : Math.min(window, INITIAL_SEGMENTS * mss);
    }

    /** What sets the rate in the long run. */
    public Limit limit() {
        return limit;
    }

    /** The rate in the long run, bytes a second; infinite if nothing limits it. */
    public double steadyRate() {
        return window / rttSeconds;
    }

    /** The rate of a transfer of so many bytes, handshake and slow start included, bytes a second. */
    public double rate(long bytes) {
        double seconds = 1.5 * rttSeconds;
        double left = bytes;
        double flight = initialWindow;
        while (flight < window && left > flight) {
            left -= flight;
            flight = Math.min(window, 2 * flight);
            seconds += rttSeconds;
        }
        if (left > flight) {
            seconds += (left / flight - 1) * rttSeconds;
        }
        return bytes / seconds;
    }
}
