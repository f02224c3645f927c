package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.SipHash;
import dev.penstock.stack.base.StackCounter;
import java.util.Arrays;

/**
 * What connections have found out about remote hosts, for those that begin: round-trip time and its variation,
 * slow-start threshold (RFC 9040). A connection tells when it ends (section 6, temporal sharing), and also as soon as it
 * has measured enough, for others that begin while it lives (section 7, ensemble sharing). The path MTU is IP's to share.
 *
 * <p>What else section 7 allows is not done. Congestion windows are not added up and divided again: a new connection
 * would have to take its share from those that send, which slows them down before it is known whether both even share a
 * bottleneck (section 8.1: they may take different paths); a window that is only copied would be
 * a burst that no other gave way to. So each connection begins with the initial window (RFC 6928), paced once a
 * round trip is known, and what it takes over is at most where slow start ends. Reordering and ECN are found out anew.
 *
 * <p>Bounded: sets of four, chosen by a keyed hash; in a full set the one saved longest ago goes, and is counted.
 * Allocates nothing.
 */
final class TcbCache {
    private static final int WAYS = 4;
    private static final long EMPTY = Long.MIN_VALUE;

    private final SipHash hash;
    private final Counters counters;
    private final long lifeNs;
    private final int sets;
    private final long[] hosts;
    private final long[] savedNs;
    private final long[] srttNs;
    private final long[] rttvarNs;
    private final long[] ssthresh;

    /**
     * @param entries the most hosts, rounded up to a multiple of four
     * @param lifeNs what is older is not used
     */
    TcbCache(int entries, long lifeNs, SipHash hash, Counters counters) {
        this.hash = hash;
        this.counters = counters;
        this.lifeNs = lifeNs;
        this.sets = Math.max(1, (entries + WAYS - 1) / WAYS);
        int size = sets * WAYS;
        hosts = new long[size * 2];
        savedNs = new long[size];
        srttNs = new long[size];
        rttvarNs = new long[size];
        ssthresh = new long[size];
        Arrays.fill(savedNs, EMPTY);
    }

    /** Where {@code host} is, if something of use is known of it, or -1. */
    int find(long hi, long lo, long nowNs) {
        int at = lookUp(hi, lo);
        return at >= 0 && nowNs - savedNs[at] <= lifeNs ? at : -1;
    }

    long srttNs(int at) {
        return srttNs[at];
    }

    long rttvarNs(int at) {
        return rttvarNs[at];
    }

    /** Bytes; {@link CongestionControl#UNLIMITED} if none was found. */
    long ssthresh(int at) {
        return ssthresh[at];
    }

    /** A connection has ended that measured these, or knows enough for the first time. */
    void save(long hi, long lo, long srtt, long rttvar, long threshold, long nowNs) {
        int at = lookUp(hi, lo);
        if (at >= 0 && nowNs - savedNs[at] <= lifeNs) {
            // RFC 9040, section 6, table 3: "old_RTT: merge(curr, old)", and so on: half and half.
            srttNs[at] = (srttNs[at] + srtt) / 2;
            rttvarNs[at] = (rttvarNs[at] + rttvar) / 2;
            boolean both = ssthresh[at] < CongestionControl.UNLIMITED && threshold < CongestionControl.UNLIMITED;
            ssthresh[at] = both ? (ssthresh[at] + threshold) / 2 : Math.min(ssthresh[at], threshold);
        } else {
            at = at >= 0 ? at : placeFor(hi, lo);
            hosts[2 * at] = hi;
            hosts[2 * at + 1] = lo;
            srttNs[at] = srtt;
            rttvarNs[at] = rttvar;
            ssthresh[at] = threshold;
        }
        savedNs[at] = nowNs;
    }

    private int firstOf(long hi, long lo) {
        return (int) Long.remainderUnsigned(hash.hash(hi, lo), sets) * WAYS;
    }

    private int lookUp(long hi, long lo) {
        int first = firstOf(hi, lo);
        for (int at = first; at < first + WAYS; at++) {
            if (savedNs[at] != EMPTY && hosts[2 * at + 1] == lo && hosts[2 * at] == hi) {
                return at;
            }
        }
        return -1;
    }

    private int placeFor(long hi, long lo) {
        int first = firstOf(hi, lo);
        int oldest = first;
        for (int at = first + 1; at < first + WAYS; at++) {
            if (savedNs[at] < savedNs[oldest]) {
                oldest = at;
            }
        }
        if (savedNs[oldest] != EMPTY) {
            counters.count(StackCounter.TCP_TCB_CACHE_EVICTED);
        }
        return oldest;
    }
}
