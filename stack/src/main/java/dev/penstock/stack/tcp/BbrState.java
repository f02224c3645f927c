package dev.penstock.stack.tcp;

/** The states of BBR (draft-ietf-ccwg-bbr-06, section 5.1.1), with the gains of section 5.6.1's table. */
enum BbrState {
    /** Doubles the rate each round trip until the pipe is full. */
    STARTUP(2.77, 2),
    /** Lets the queue drain that this has made. */
    DRAIN(0.5, 2),
    PROBE_BW_DOWN(0.9, 2),
    PROBE_BW_CRUISE(1, 2),
    PROBE_BW_REFILL(1, 2),
    PROBE_BW_UP(1.25, 2.25),
    /** Half of what the path holds, for the queue to drain. */
    PROBE_RTT(1, 0.5);

    final double pacingGain;
    final double cwndGain;

    BbrState(double pacingGain, double cwndGain) {
        this.pacingGain = pacingGain;
        this.cwndGain = cwndGain;
    }

    boolean isProbeBw() {
        return this == PROBE_BW_DOWN || this == PROBE_BW_CRUISE || this == PROBE_BW_REFILL || this == PROBE_BW_UP;
    }

    /** "IsProbingBW": losses are expected. */
    boolean isProbing() {
        return this == STARTUP || this == PROBE_BW_REFILL || this == PROBE_BW_UP;
    }
}
