package dev.penstock.stack.base;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * One shard's counters: written by the shard's thread only, readable from any thread (each value by itself is exact,
 * two values need not be of the same moment). Fixed size, allocates nothing after construction.
 */
// An ordinal is only an index here, never stored nor sent.
@SuppressWarnings("EnumOrdinal")
public final class Counters {
    private static final int DROPS = DropReason.values().length;

    private final AtomicLongArray drops = new AtomicLongArray(DROPS);
    private final AtomicLongArray events = new AtomicLongArray(StackCounter.values().length);

    /** Counts one drop. Shard thread only. */
    public void drop(DropReason reason) {
        int i = reason.ordinal();
        drops.setOpaque(i, drops.getPlain(i) + 1);
    }

    /** Counts one event. Shard thread only. */
    public void count(StackCounter counter) {
        count(counter, 1);
    }

    /** Adds {@code n} to a counter. Shard thread only. */
    public void count(StackCounter counter, long n) {
        int i = counter.ordinal();
        events.setOpaque(i, events.getPlain(i) + n);
    }

    /** How many packets were dropped for {@code reason}. Any thread. */
    public long get(DropReason reason) {
        return drops.getOpaque(reason.ordinal());
    }

    /** The value of {@code counter}. Any thread. */
    public long get(StackCounter counter) {
        return events.getOpaque(counter.ordinal());
    }

    /** The sum over all drop reasons. Any thread. */
    public long totalDrops() {
        long sum = 0;
        for (int i = 0; i < DROPS; i++) {
            sum += drops.getOpaque(i);
        }
        return sum;
    }

    /** The counters that are not zero, {@code NAME=value}, separated by spaces; drops are prefixed {@code drop.}. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (StackCounter c : StackCounter.values()) {
            append(out, "", c.name(), get(c));
        }
        for (DropReason r : DropReason.values()) {
            append(out, "drop.", r.name(), get(r));
        }
        return out.toString();
    }

    private static void append(StringBuilder out, String prefix, String name, long value) {
        if (value != 0) {
            out.append(out.length() == 0 ? "" : " ")
                    .append(prefix)
                    .append(name)
                    .append('=')
                    .append(value);
        }
    }
}
