package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;

/**
 * The destinations whose path MTU is smaller than their interface's (RFC 1191, section 6.2). Bounded: at the limit the
 * oldest goes. A value is forgotten after its time, and the interface's MTU is tried again (section 6.3).
 */
final class PathMtuCache extends Deadline {
    /**
     * The plateaus of RFC 1191, section 7.1, table 7-1, for errors of routers that tell no MTU.
     */
    private static final int[] PLATEAUS = {65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68};

    private final int limit;
    private final int minMtu;
    private final long lifeNs;
    private final DeadlineQueue deadlines;
    private final Counters counters;
    private final long[] his;
    private final long[] los;
    private final int[] mtus;
    private final long[] untilNs;
    private int size;
    private int generation;

    PathMtuCache(IpConfig config, DeadlineQueue deadlines, Counters counters) {
        this.limit = config.maxPathMtus;
        this.minMtu = config.minPathMtu;
        this.lifeNs = config.pathMtuNs;
        this.deadlines = deadlines;
        this.counters = counters;
        this.his = new long[limit];
        this.los = new long[limit];
        this.mtus = new int[limit];
        this.untilNs = new long[limit];
    }

    /** Changes whenever any path's MTU does. */
    int generation() {
        return generation;
    }

    /** The MTU of the path to a destination over an interface with this MTU. */
    int mtu(long dstHi, long dstLo, int interfaceMtu) {
        int i = indexOf(dstHi, dstLo);
        return i < 0 ? interfaceMtu : Math.min(interfaceMtu, Math.max(mtus[i], minMtu));
    }

    /** True when a smaller MTU was reported than we believe: packets must go without DF. */
    boolean isBelowMinimum(long dstHi, long dstLo) {
        int i = indexOf(dstHi, dstLo);
        return i >= 0 && mtus[i] < minMtu;
    }

    /** Learns that packets of {@code mtu} bytes may pass, but those of {@code current} do not. False if not smaller. */
    boolean reduce(long dstHi, long dstLo, int mtu, int current, long nowNs) {
        if (mtu >= current) {
            return false;
        }
        int i = indexOf(dstHi, dstLo);
        if (i < 0) {
            i = size < limit ? size++ : oldest();
        }
        his[i] = dstHi;
        los[i] = dstLo;
        mtus[i] = Math.max(mtu, 68);
        untilNs[i] = nowNs + lifeNs;
        generation++;
        counters.count(StackCounter.PMTU_UPDATES);
        schedule();
        return true;
    }

    /** The largest plateau below the length of the packet that did not get through (RFC 1191, section 5). */
    static int plateauBelow(int length) {
        for (int plateau : PLATEAUS) {
            if (plateau < length) {
                return plateau;
            }
        }
        return 68;
    }

    /** No more timers. */
    void close() {
        deadlines.cancel(this);
    }

    private int indexOf(long hi, long lo) {
        for (int i = 0; i < size; i++) {
            if (los[i] == lo && his[i] == hi) {
                return i;
            }
        }
        return -1;
    }

    private int oldest() {
        int oldest = 0;
        for (int i = 1; i < size; i++) {
            if (untilNs[i] < untilNs[oldest]) {
                oldest = i;
            }
        }
        return oldest;
    }

    private void schedule() {
        deadlines.schedule(this, size == 0 ? Deadline.NEVER : untilNs[oldest()]);
    }

    @Override
    protected void onDeadline(long nowNs) {
        for (int i = 0; i < size; ) {
            if (untilNs[i] <= nowNs) {
                size--;
                his[i] = his[size];
                los[i] = los[size];
                mtus[i] = mtus[size];
                untilNs[i] = untilNs[size];
            } else {
                i++;
            }
        }
        generation++;
        schedule();
    }
}
