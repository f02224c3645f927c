package dev.penstock.stack.shard;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.StackCounter;
import org.agrona.ErrorHandler;

/** Where exceptions end: counted, reported, and kept from the shard. Shard thread. */
final class Faults {
    private final Counters counters;
    private final ErrorHandler handler;

    Faults(Counters counters, ErrorHandler handler) {
        this.counters = counters;
        this.handler = handler;
    }

    /** Code of an application threw. */
    void ofApplication(Throwable t) {
        report(StackCounter.APPLICATION_FAULTS, t);
    }

    /** The stack itself threw. */
    void ofShard(Throwable t) {
        report(StackCounter.SHARD_FAULTS, t);
    }

    private void report(StackCounter counter, Throwable t) {
        counters.count(counter);
        try {
            handler.onError(t);
        } catch (RuntimeException e) {
            // A handler that throws has had its say; the count above remains.
            counters.count(StackCounter.APPLICATION_FAULTS);
        }
    }
}
