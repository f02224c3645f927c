package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.ip.IpPath;

/**
 * Answers to segments that belong to no connection: input never emits, so they wait here for the flush, in order. At the
 * limit the newest is not sent, and counted; each kind of answer has a queue of its own, so that a flood of one starves
 * no other.
 */
final class PendingReplies {
    private final StatelessSegment[] waiting;
    private final DropReason atLimit;
    private final Counters counters;
    private int count;

    /**
     * @param atLimit what a reply that finds no room counts as
     */
    PendingReplies(int limit, DropReason atLimit, Counters counters) {
        this.waiting = new StatelessSegment[Math.max(1, limit)];
        this.atLimit = atLimit;
        this.counters = counters;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** A place at the end, to be filled in by the caller; null, and counted, at the limit. */
    StatelessSegment add() {
        if (count == waiting.length) {
            counters.drop(atLimit);
            return null;
        }
        if (waiting[count] == null) {
            waiting[count] = new StatelessSegment();
        }
        return waiting[count++];
    }

    /** Sends what waits, as far as the device takes it. */
    void flush(IpOutput ip, SegmentWriter writer, long nowNs) {
        int done = 0;
        while (done < count && send(waiting[done], ip, writer, nowNs)) {
            done++;
        }
        int left = count - done;
        for (int i = 0; i < left; i++) {
            StatelessSegment sent = waiting[i];
            waiting[i] = waiting[done + i];
            waiting[done + i] = sent;
        }
        count = left;
    }

    private static boolean send(StatelessSegment s, IpOutput ip, SegmentWriter writer, long nowNs) {
        IpPath path = ip.path(s.localHi, s.localLo, s.remoteHi, s.remoteLo, s.zone, nowNs);
        if (path == null) {
            return true;
        }
        boolean done = writer.sendStateless(path, s, nowNs);
        path.release();
        return done;
    }
}
