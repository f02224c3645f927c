package dev.penstock.stack.tcp;

/** How far BBR's ProbeRTT has come (draft-ietf-ccwg-bbr-06, section 5.3.4.3). Nanoseconds. */
final class BbrProbeRtt {
    /** "BBR.ProbeRTTDuration". */
    private static final long DURATION_NS = 200_000_000;

    private static final long NOT_DRAINED = Long.MIN_VALUE;

    private long doneNs = NOT_DRAINED;
    private boolean roundDone;

    void begin() {
        doneNs = NOT_DRAINED;
    }

    /** More than is wanted is in flight still. */
    boolean isWaitingForDrain() {
        return doneNs == NOT_DRAINED;
    }

    /** From now on it counts: "at least BBR.ProbeRTTDuration", and a round trip. */
    void drained(long nowNs) {
        doneNs = nowNs + DURATION_NS;
        roundDone = false;
    }

    boolean isRoundDone(boolean roundStart) {
        roundDone |= roundStart;
        return roundDone;
    }

    boolean isOver(long nowNs) {
        return doneNs != NOT_DRAINED && nowNs > doneNs;
    }
}
