package dev.penstock.conformance.wire;

import java.util.Map;
import java.util.TreeMap;

/** A set of half-open ranges of positions, merged where they touch. One thread. */
public final class Ranges {
    private final TreeMap<Long, Long> ends = new TreeMap<>();

    /** Adds {@code from .. to}; nothing if that is empty. */
    public void add(long from, long to) {
        if (from >= to) {
            return;
        }
        long start = from;
        long end = to;
        Map.Entry<Long, Long> before = ends.floorEntry(from);
        if (before != null && before.getValue() >= from) {
            start = before.getKey();
            end = Math.max(end, before.getValue());
        }
        Map.Entry<Long, Long> next = ends.ceilingEntry(start);
        while (next != null && next.getKey() <= end) {
            end = Math.max(end, next.getValue());
            ends.remove(next.getKey());
            next = ends.ceilingEntry(start);
        }
        ends.put(start, end);
    }

    /** Takes the parts of {@code from .. to} that are in this set into {@code into}. */
    public void intersect(long from, long to, Ranges into) {
        Map.Entry<Long, Long> e = ends.floorEntry(from);
        if (e == null) {
            e = ends.ceilingEntry(from);
        }
        while (e != null && e.getKey() < to) {
            into.add(Math.max(from, e.getKey()), Math.min(to, e.getValue()));
            e = ends.higherEntry(e.getKey());
        }
    }

    /** Is all of {@code from .. to} in the set? */
    public boolean contains(long from, long to) {
        Map.Entry<Long, Long> e = ends.floorEntry(from);
        return from >= to || e != null && e.getValue() >= to;
    }

    /** Is this one in the set? */
    public boolean contains(long position) {
        return contains(position, position + 1);
    }

    /** The first position from {@code from} on that is not in the set. */
    public long endOf(long from) {
        Map.Entry<Long, Long> e = ends.floorEntry(from);
        return e == null ? from : Math.max(from, e.getValue());
    }

    /** The end of the last range, 0 if there is none. */
    public long end() {
        return ends.isEmpty() ? 0 : ends.lastEntry().getValue();
    }

    @Override
    public String toString() {
        return ends.toString();
    }
}
