package dev.penstock.stack.tcp;

/**
 * Does sending faster still bring more? The full-pipe estimator of draft-ietf-ccwg-bbr-06, section 5.3.1.2: three round trips
 * in a row whose delivery rate is less than a quarter above the best say that the pipe is full.
 */
final class BbrFullPipe {
    private static final double GROWTH = 1.25;
    private static final int ROUNDS = 3;

    private double best;
    private int rounds;
    private boolean now;
    private boolean reached;

    /** "ResetFullBW": a new search begins, at {@code rate} bytes a second. */
    void reset(double rate) {
        best = rate;
        rounds = 0;
        now = false;
    }

    /** "CheckFullBWReached", at the beginning of a round trip that the application did not limit. */
    void onRound(double rate) {
        if (now) {
            return;
        }
        if (rate >= best * GROWTH) {
            reset(rate);
            return;
        }
        if (++rounds >= ROUNDS) {
            now = true;
            reached = true;
        }
    }

    /** BBR.full_bw_now: this search has found the end. */
    boolean isFull() {
        return now;
    }

    /** BBR.full_bw_reached: some search has, or losses have told. */
    boolean isReached() {
        return reached;
    }

    void setReached(boolean value) {
        reached = value;
    }
}
