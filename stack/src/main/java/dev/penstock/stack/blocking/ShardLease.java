package dev.penstock.stack.blocking;

import dev.penstock.stack.blocking.WaitPoint.Outcome;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.socket.Waker;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.AgentTerminationException;

/**
 * Which thread runs the shard: one at a time, and each sees what the one before it did (rule 2, "one writer").
 *
 * <p>As a rule that is the stack's own thread. When it has nothing to do and a thread waits in a blocking call, it lends the shard to
 * that one (the Leader/Followers pattern; Schmidt et al., POSA 2): the thread sleeps on the device itself, carries out the duty
 * cycles, and has its data without a hop to another thread. What it then writes, it sends itself. An echo through a blocking socket
 * so costs two switches of threads, as within the kernel, and not four.
 *
 * <p>While it is lent, the stack's own thread watches: when nobody has run the shard for {@link #WATCH_NS} (the application is busy
 * with other things), it takes it back and keeps it for {@link #KEEP_NS}, so that acknowledgments, timers and other connections
 * wait no longer than that, and seldom.
 *
 * <p>It is lent only while all code that the shard runs is the stack's own: not when the application has callbacks on the shard
 * ({@link #keep}), nor to virtual threads, which would block their carriers on the device.
 */
final class ShardLease implements Waker {
    /** Nobody has run the lent shard for so long: it is taken back. */
    static final long WATCH_NS = 250_000;
    /** After that, it is not lent for so long. */
    static final long KEEP_NS = 50_000_000;
    /** A thread that woke up so often for others only gives the shard back, so that one of those can have it. */
    static final int MOST_IN_VAIN = 16;

    /** Where each use takes longer than that, on average, the two threads do better side by side, on two processors. */
    static final long HEAVY_NS = 12_000;

    private static final boolean ONE_PROCESSOR = Runtime.getRuntime().availableProcessors() == 1;
    private static final VarHandle OWNER;

    static {
        try {
            OWNER = MethodHandles.lookup().findVarHandle(ShardLease.class, "owner", Thread.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final StackShard shard;
    private final ShardRunner runner;
    private final LookAround lookAround;
    private final Waker sleeper;

    /** Who runs the shard; null while it is lent and nobody uses it. */
    private volatile Thread owner;
    /** Counts who takes and who leaves it; the owner's. */
    private final AtomicLong uses = new AtomicLong();
    /** It is for the stack's own thread, and nobody else may take it. */
    private volatile boolean wanted;
    /** The stack's own thread looks after it every {@link #WATCH_NS}; if not, it must be told. */
    private volatile boolean watching;
    /** Where a thread waits that it could be lent to: the last that began to wait. */
    private volatile WaitPoint candidate;

    /** Time in the shard in this use, and in each on average, nanoseconds; the owner's. */
    private long busyNs;

    private long averageBusyNs;

    private volatile boolean kept;
    /** Not to be lent before; the stack's own thread's. */
    private long lendAfterNs;

    private final AtomicLong lent = new AtomicLong();
    private final AtomicLong takenBack = new AtomicLong();

    /** @param lookAround of whoever it is lent to */
    ShardLease(StackShard shard, ShardRunner runner, LookAround lookAround, boolean kept) {
        this.shard = shard;
        this.runner = runner;
        this.lookAround = lookAround;
        this.kept = kept;
        this.wanted = true;
        this.sleeper = shard::wakeUp;
        this.lendAfterNs = shard.nowNs();
    }

    // --- any thread ---

    /** True on the thread that runs the shard now. */
    boolean isOwner() {
        return owner == Thread.currentThread();
    }

    /** From now on it is not lent any more: the application has code of its own on the shard. */
    void keep() {
        if (!kept) {
            kept = true;
            giveBack();
        }
    }

    /** Has it come back to the stack's own thread soon. */
    void giveBack() {
        wanted = true;
        LockSupport.unpark(runner.thread());
        sleeper.wakeUp();
    }

    /** {@code waiting} was signalled: it may be asleep on the device, where unparking does not reach it. */
    void wake(Thread waiting) {
        if (owner == waiting) {
            sleeper.wakeUp();
        }
    }

    /** True while it is not the stack's own thread's; for tests. */
    boolean isLent() {
        return owner != runner.thread();
    }

    /** True while the thread of that name has it; for tests. */
    boolean isLentTo(String name) {
        Thread t = owner;
        return t != null && t.getName().equals(name);
    }

    /** How often it was lent, and how often taken back because nobody used it; for tests. */
    long lent() {
        return lent.get();
    }

    long takenBack() {
        return takenBack.get();
    }

    /**
     * A sleeping shard has something to do. If nobody has it, the caller does it; else whoever sleeps on the device wakes up, or the
     * stack's own thread.
     */
    @Override
    public void wakeUp() {
        if (owner == null) {
            Thread self = Thread.currentThread();
            if (!WaitPoint.isVirtual(self) && tryTake(self)) {
                boolean back = true;
                try {
                    shard.resume();
                    turn();
                    back = false;
                } catch (AgentTerminationException e) {
                    runner.failed();
                } finally {
                    leave(back);
                }
                return;
            }
            if (owner == null) {
                giveBack();
                return;
            }
        }
        sleeper.wakeUp();
    }

    // --- a thread that waits ---

    /** A thread begins to wait there. */
    void waits(WaitPoint point) {
        if (!kept) {
            candidate = point;
        }
    }

    /** It waits no more. */
    void waitsNoMore(WaitPoint point) {
        if (candidate == point) {
            candidate = null;
        }
    }

    /** Takes the lent shard, if nobody has it. */
    boolean tryTake(Thread self) {
        if (owner != null || wanted || kept || !OWNER.compareAndSet(this, (Thread) null, self)) {
            return false;
        }
        used();
        return true;
    }

    private void used() {
        uses.set(uses.get() + 1);
    }

    private int turn() {
        int work = shard.doWork();
        if (work > 0) {
            busyNs += shard.clockNs() - shard.nowNs();
        }
        return work;
    }

    /** Much data comes or goes: the application and the shard had better work at the same time. */
    private boolean isHeavy() {
        averageBusyNs += (busyNs - averageBusyNs) / 8;
        busyNs = 0;
        return !ONE_PROCESSOR && averageBusyNs > HEAVY_NS;
    }

    /**
     * Runs the shard until the condition holds or the time is over. The caller has taken it; afterwards it has not.
     *
     * @param timed whether there is a deadline
     * @param deadlineNs of {@link System#nanoTime}
     * @return null if it has to wait elsewhere
     */
    Outcome lead(WaitPoint point, Condition condition, boolean timed, long deadlineNs) {
        boolean back = true;
        try {
            shard.resume();
            lookAround.reset();
            int inVain = 0;
            while (!wanted && inVain < MOST_IN_VAIN) {
                int work = turn();
                if (condition.isMet()) {
                    back = false;
                    return Outcome.MET;
                }
                long left = timed ? deadlineNs - shard.nowNs() : Long.MAX_VALUE;
                if (left <= 0) {
                    back = false;
                    return Outcome.TIMED_OUT;
                }
                if (work > 0) {
                    lookAround.reset();
                } else if (lookAround.isOver()) {
                    // Who signals from now on wakes the device; who signalled before is seen here.
                    point.announce();
                    if (!condition.isMet() && !wanted) {
                        shard.await(Math.min(left, ShardRunner.LONGEST_SLEEP_NS));
                        inVain++;
                    }
                    lookAround.reset();
                }
            }
            return null;
        } catch (AgentTerminationException e) {
            runner.failed();
            return null;
        } finally {
            leave(back);
        }
    }

    /** Leaves it lent for whoever comes next, or gives it back to the stack's own thread. */
    private void leave(boolean back) {
        Thread self = Thread.currentThread();
        do {
            boolean mine = back || !settle() || isHeavy();
            used();
            if (mine) {
                wanted = true;
            }
            owner = null;
            if (wanted || !watching) {
                LockSupport.unpark(runner.thread());
            }
            // Who had a command in the moment between saw an owner, and relies on it.
        } while (shard.hasCommands() && tryTake(self));
    }

    /** Leaves nothing undone; false when something has to wait, which only the stack's own thread does without end. */
    private boolean settle() {
        try {
            for (int i = 0; i < MOST_IN_VAIN; i++) {
                if (shard.prepareToRest()) {
                    return true;
                }
                turn();
            }
        } catch (AgentTerminationException e) {
            runner.failed();
        }
        return false;
    }

    // --- the stack's own thread ---

    /** The stack's own thread begins. */
    void begin() {
        owner = Thread.currentThread();
    }

    /**
     * Lends the shard if that makes sense, and returns when it is back.
     *
     * @return false if it was not lent
     */
    boolean lend() {
        WaitPoint to = candidate;
        if (to == null || kept || runner.isEnding() || shard.nowNs() - lendAfterNs < 0 || !shard.prepareToRest()) {
            return false;
        }
        lent.lazySet(lent.get() + 1);
        watching = true;
        wanted = false;
        long seen = uses.get();
        owner = null;
        to.signal();
        if (kept || runner.isEnding()) {
            wanted = true; // who set it meanwhile was overruled above
        }
        watch(seen);
        wanted = true;
        watching = false;
        shard.resume();
        if (averageBusyNs > HEAVY_NS) {
            lendAfterNs = shard.clockNs() + KEEP_NS;
        }
        return true;
    }

    private void watch(long seenBefore) {
        Thread self = Thread.currentThread();
        long seen = seenBefore;
        while (true) {
            LockSupport.parkNanos(this, WATCH_NS);
            if (runner.isEnding() || wanted) {
                wanted = true;
                if (owner == null && OWNER.compareAndSet(this, (Thread) null, self)) {
                    return;
                }
                sleeper.wakeUp();
                continue;
            }
            long now = uses.get();
            if (now == seen && owner == null && OWNER.compareAndSet(this, (Thread) null, self)) {
                takenBack.lazySet(takenBack.get() + 1);
                lendAfterNs = shard.clockNs() + KEEP_NS;
                return;
            }
            if (now == seen) {
                // Whoever has it sleeps on the device, perhaps for long, and tells when it leaves.
                watching = false;
                VarHandle.fullFence();
                if (owner != null && !wanted && !runner.isEnding()) {
                    LockSupport.park(this);
                }
                watching = true;
            }
            seen = now;
        }
    }
}
