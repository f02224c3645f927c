package dev.penstock.stack.sim;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** What networks in virtual time have in common: the clock, the seed, and the walk from event to event. */
abstract class VirtualNetwork implements AutoCloseable {
    /** Virtual time starts here, so that a zero that was forgotten shows. */
    public static final long EPOCH_NS = 1_000_000_000L;

    final RandomSource random;
    private final long seed;
    private final List<Throwable> faults = new ArrayList<>();
    private long nowNs = EPOCH_NS;

    VirtualNetwork(long seed) {
        this.seed = seed;
        this.random = RandomSource.seeded(seed);
    }

    /** A stack whose clock and randomness are this network's, and whose faults end {@link #step}. */
    final StackShard shard(NetworkDevice device, ShardConfig config, IpPrefix address) {
        return StackShard.create(
                device,
                config,
                List.of(address),
                null,
                () -> nowNs,
                RandomSource.seeded(random.nextLong()),
                faults::add);
    }

    /** What reproduces this run. */
    public final long seed() {
        return seed;
    }

    /** The virtual time, nanoseconds; begins at {@link #EPOCH_NS}. */
    public final long nowNs() {
        return nowNs;
    }

    /** When something happens next, {@link Deadline#NEVER} if nothing will by itself. */
    abstract long nextNs();

    /** It is {@link #nowNs}: lets happen what is due. */
    abstract void happen();

    /**
     * Goes to the next moment at which something happens, if nothing does now, and lets it happen.
     *
     * @return false if nothing will ever happen by itself
     * @throws IllegalStateException with the seed, if a stack or a handler threw
     */
    public final boolean step() {
        return stepBefore(Deadline.NEVER - 1);
    }

    private boolean stepBefore(long endNs) {
        long next = nextNs();
        if (next > endNs) {
            return false;
        }
        nowNs = Math.max(nowNs, next);
        happen();
        if (!faults.isEmpty()) {
            throw new IllegalStateException("a stack failed, seed " + seed, faults.get(0));
        }
        return true;
    }

    /**
     * Runs until {@code done}, but at most for {@code forNs} of virtual time.
     *
     * @return whether it was done
     */
    public final boolean runUntil(BooleanSupplier done, long forNs) {
        long end = nowNs + forNs;
        while (!done.getAsBoolean()) {
            if (!stepBefore(end)) {
                nowNs = end;
                return done.getAsBoolean();
            }
        }
        return true;
    }

    /** Runs for {@code forNs} of virtual time. */
    public final void run(long forNs) {
        runUntil(() -> false, forNs);
    }

    /** Ends all hosts. Resets go nowhere any more. */
    @Override
    public abstract void close();

    final void checkLeaks(StackShard shard, Object name) {
        String leaks = shard.leaks();
        if (!leaks.isEmpty()) {
            throw new IllegalStateException(name + " leaks " + leaks + ", seed " + seed);
        }
    }
}
