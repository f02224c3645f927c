package dev.penstock.stack.sim;

/**
 * CoDel's decisions (RFC 8289, section 5): the state of the control loop, and what to do with each packet as it leaves
 * the queue. Arithmetic only; the queue is the caller's.
 */
final class Codel {
    /** What to do with a packet that was taken from the queue. */
    enum Verdict {
        /** Send it. */
        PASS,
        /** Drop it and ask again for the next one; if it is marked instead, send it. */
        DROP
    }

    private final long targetNs;
    private final long intervalNs;

    /** When the sojourn time will have been above the target for an interval; 0 while it is below. */
    private long firstAboveNs;

    private boolean dropping;
    private long dropNextNs;
    private long count;
    private long lastCount;
    /** In the midst of taking packets at one moment: the first of them was dropped already. */
    private boolean goingOn;

    private boolean entering;

    Codel(long targetNs, long intervalNs) {
        this.targetNs = targetNs;
        this.intervalNs = intervalNs;
    }

    boolean isDropping() {
        return dropping;
    }

    /** Times dropped or marked since the dropping state was entered, as the control law counts them. */
    long count() {
        return count;
    }

    /**
     * A packet has been taken from the queue.
     *
     * @param sojournNs how long it waited
     * @param left bytes that still wait
     * @param maxPacket the size of the largest packets
     */
    Verdict judge(long sojournNs, long left, int maxPacket, long nowNs) {
        boolean okToDrop = isAbove(sojournNs, left, maxPacket, nowNs);
        if (goingOn) {
            return next(okToDrop, nowNs);
        }
        if (dropping) {
            if (!okToDrop) {
                // "sojourn time below TARGET - leave drop state"
                dropping = false;
            } else if (nowNs >= dropNextNs) {
                count++;
                goingOn = true;
                return Verdict.DROP;
            }
            return Verdict.PASS;
        }
        if (okToDrop) {
            goingOn = true;
            entering = true;
            return Verdict.DROP;
        }
        return Verdict.PASS;
    }

    /** After a drop, for the packet behind it. */
    private Verdict next(boolean okToDrop, long nowNs) {
        if (entering) {
            goingOn = false;
            enter(nowNs);
            return Verdict.PASS;
        }
        if (!okToDrop) {
            dropping = false;
        } else {
            dropNextNs = controlLaw(dropNextNs);
            if (nowNs >= dropNextNs) {
                count++;
                return Verdict.DROP;
            }
        }
        goingOn = false;
        return Verdict.PASS;
    }

    /** The packet that was to be dropped was marked instead, and is sent: nothing else is taken now. */
    void marked(long nowNs) {
        goingOn = false;
        if (entering) {
            enter(nowNs);
        } else {
            dropNextNs = controlLaw(dropNextNs);
        }
    }

    /** The queue is empty: "we can't be above TARGET". */
    void empty(long nowNs) {
        firstAboveNs = 0;
        if (goingOn) {
            next(false, nowNs);
        } else {
            dropping = false;
        }
    }

    private void enter(long nowNs) {
        entering = false;
        dropping = true;
        // "If min went above TARGET close to when it last went below, assume that the drop rate that controlled the
        // queue on the last cycle is a good starting point to control it now."
        long delta = count - lastCount;
        count = delta > 1 && nowNs - dropNextNs < 16 * intervalNs ? delta : 1;
        dropNextNs = controlLaw(nowNs);
        lastCount = count;
    }

    private boolean isAbove(long sojournNs, long left, int maxPacket, long nowNs) {
        // "went below - stay below for at least INTERVAL"
        if (sojournNs < targetNs || left <= maxPacket) {
            firstAboveNs = 0;
            return false;
        }
        if (firstAboveNs == 0) {
            firstAboveNs = nowNs + intervalNs;
            return false;
        }
        return nowNs >= firstAboveNs;
    }

    private long controlLaw(long ns) {
        return ns + (long) (intervalNs / Math.sqrt((double) count));
    }
}
