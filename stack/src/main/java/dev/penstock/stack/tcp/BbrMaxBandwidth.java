package dev.penstock.stack.tcp;

/**
 * BBR.max_bw: the highest delivery rate of this probing cycle and the one before (draft-ietf-ccwg-bbr-06, sections 5.5.3 to
 * 5.5.6). Bytes a second.
 */
final class BbrMaxBandwidth {
    private double previous;
    private double current;

    void update(double rate) {
        current = Math.max(current, rate);
    }

    /** "AdvanceMaxBwFilter": a cycle is over. One in which nothing was measured does not count. */
    void advance() {
        if (current > 0) {
            previous = current;
            current = 0;
        }
    }

    /** 0 while nothing was measured. */
    double get() {
        return Math.max(previous, current);
    }
}
