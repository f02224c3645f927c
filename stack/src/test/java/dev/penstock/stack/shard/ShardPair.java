package dev.penstock.stack.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Two shards on a wire in memory, polled by the test in virtual time: no thread, no real clock, one seed. */
final class ShardPair implements AutoCloseable {
    static final IpAddress A = IpAddress.parse("192.0.2.1");
    static final IpAddress B = IpAddress.parse("192.0.2.2");
    private static final int MOST_CYCLES = 1_000_000;

    final MemoryWire wire = MemoryWire.plain(1500);
    final List<Throwable> errors = new ArrayList<>();
    final StackShard a;
    final StackShard b;
    long nowNs = 1_000_000_000L;

    ShardPair() {
        this(new ShardConfig());
    }

    ShardPair(ShardConfig config) {
        a = StackShard.create(
                wire.a(),
                config,
                List.of(IpPrefix.parse("192.0.2.1/24")),
                null,
                () -> nowNs,
                RandomSource.seeded(1),
                errors::add);
        b = StackShard.create(
                wire.b(),
                config,
                List.of(IpPrefix.parse("192.0.2.2/24")),
                null,
                () -> nowNs,
                RandomSource.seeded(2),
                errors::add);
    }

    /** Polls until nobody has anything to do at this moment. */
    void settle() {
        for (int i = 0; i < MOST_CYCLES; i++) {
            if (a.doWork() + b.doWork() == 0 && !a.hasPending() && !b.hasPending()) {
                return;
            }
        }
        throw new AssertionError("the shards never come to rest");
    }

    /** Polls, and moves the clock from deadline to deadline, until the condition holds. */
    void runUntil(BooleanSupplier condition) {
        settle();
        for (int i = 0; i < MOST_CYCLES; i++) {
            if (condition.getAsBoolean()) {
                return;
            }
            long next = Math.min(a.nextDeadlineNs(), b.nextDeadlineNs());
            assertTrue(next != Deadline.NEVER, "nothing will ever happen, and the condition does not hold");
            nowNs = Math.max(nowNs, next);
            settle();
        }
        throw new AssertionError("the condition never held");
    }

    /** Ends both and fails on leaks. */
    @Override
    public void close() {
        a.onClose();
        b.onClose();
        wire.close();
        assertEquals("", a.leaks());
        assertEquals("", b.leaks());
    }
}
