package dev.penstock.stack.blocking;

import dev.penstock.stack.shard.StackShard;

/** How whoever runs the shard passes the time in which there is nothing to do, until it should sleep. One thread at a time. */
final class LookAround {
    /** So long it looks around without letting others have the processor, in HYBRID mode. */
    private static final long SPIN_NS = 10_000;
    /** So long it looks around before it sleeps. */
    private static final long LOOK_AROUND_NS = 40_000;

    private final StackShard shard;
    private final IdleMode idle;
    private long idleSince;

    LookAround(StackShard shard, IdleMode idle) {
        this.shard = shard;
        // Looking around on the only processor would keep it from whoever we wait for.
        this.idle =
                idle == IdleMode.HYBRID && Runtime.getRuntime().availableProcessors() == 1 ? IdleMode.BLOCKING : idle;
    }

    /** There was something to do, or it slept. */
    void reset() {
        idleSince = 0;
    }

    /** After some turns with nothing to do: there may be somebody with better use for the time. */
    boolean isQuiet() {
        return idle == IdleMode.BLOCKING || idleSince != 0 && shard.nowNs() - idleSince >= SPIN_NS;
    }

    /**
     * After a turn with nothing to do: waits a moment, or answers that it is time to sleep.
     *
     * <p>While it looks around, the shard soon yields: on few processors, whoever it waits for may need this one. Measured on two
     * busy ones, an echo took 20 to 80 us so, and 105 to 150 us with a spin-wait. Not at once: sched_yield(2) costs as much as
     * the look at the device, so that an answer within 10 us would be seen later by half of that.
     */
    @SuppressWarnings("ThreadPriorityCheck")
    boolean isOver() {
        if (idle == IdleMode.BLOCKING) {
            return true;
        }
        if (idle == IdleMode.BUSY) {
            Thread.onSpinWait();
            return false;
        }
        if (idleSince == 0) {
            idleSince = shard.nowNs();
        }
        long idleNs = shard.nowNs() - idleSince;
        if (idleNs >= LOOK_AROUND_NS) {
            return true;
        }
        if (idleNs < SPIN_NS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
        return false;
    }
}
