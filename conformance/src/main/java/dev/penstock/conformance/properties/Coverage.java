package dev.penstock.conformance.properties;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.tcp.TcpEvent;
import dev.penstock.stack.tcp.TcpState;
import dev.penstock.stack.tcp.TcpTrace;
import java.util.Map;
import java.util.TreeMap;

/** How often what was reached: a property that never sees a state shows nothing about it. One thread. */
public final class Coverage implements TcpTrace {
    private final Map<String, Long> counts = new TreeMap<>();

    void count(String what) {
        count(what, 1);
    }

    void count(String what, long times) {
        if (times != 0) {
            counts.merge(what, times, Long::sum);
        }
    }

    /** All that was counted, by name. */
    public Map<String, Long> counts() {
        return counts;
    }

    /** Adds what another run has reached. */
    public void add(Coverage other) {
        other.counts.forEach(this::count);
    }

    void addCounters(Counters counters) {
        for (StackCounter c : StackCounter.values()) {
            count("counter " + c, counters.get(c));
        }
        for (DropReason r : DropReason.values()) {
            count("drop " + r, counters.get(r));
        }
    }

    @Override
    public void state(TcpState from, TcpState to, long nowNs) {
        count("state " + from + " -> " + to);
    }

    @Override
    public void segment(TcpEvent kind, int flags, int seq, int length, int ack, long window, long nowNs) {
        if (kind == TcpEvent.RECEIVED && window == 0 && (flags & 4) == 0) {
            count("zero window received");
        }
    }

    @Override
    public void sack(int from, int to, long nowNs) {
        count("SACK block received");
    }

    @Override
    public void congestion(
            TcpEvent kind,
            long cwnd,
            long ssthresh,
            long pipe,
            long srttNs,
            long rttvarNs,
            long rtoNs,
            long pacingRate,
            long nowNs) {
        if (kind != TcpEvent.SAMPLE) {
            count("event " + kind);
        }
    }
}
