package dev.penstock.stack.blocking;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * Where one thread at a time waits for the shard, or for another thread that closes the socket. A signal costs a fence
 * and a read while nobody waits. Works for platform and virtual threads; no monitor is held while parked.
 *
 * <p>Interrupts are treated as {@code java.net.Socket} treats them: a platform thread goes on waiting and keeps its
 * interrupt status; for a virtual thread waiting ends.
 */
final class WaitPoint {
    /** {@link #await}: what came of it. */
    enum Outcome {
        MET,
        TIMED_OUT,
        INTERRUPTED
    }

    private static final VarHandle THREAD;
    private static final MethodHandle IS_VIRTUAL = isVirtualHandle();

    static {
        try {
            THREAD = MethodHandles.lookup().findVarHandle(WaitPoint.class, "thread", Thread.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Who waits or is about to; whoever signals takes it out, so that a thread is unparked once. */
    private volatile Thread thread;

    /** Of the shard that is waited for, which whoever waits may run itself; or null. */
    private final ShardLease lease;

    WaitPoint() {
        this(null);
    }

    WaitPoint(ShardLease lease) {
        this.lease = lease;
    }

    private static MethodHandle isVirtualHandle() {
        try {
            return MethodHandles.lookup().findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (ReflectiveOperationException e) {
            return null; // before JDK 21 there are none
        }
    }

    /** True on a virtual thread. */
    static boolean isVirtual(Thread thread) {
        if (IS_VIRTUAL == null) {
            return false;
        }
        try {
            return (boolean) IS_VIRTUAL.invokeExact(thread);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Something changed: whoever waits looks again. Any thread. */
    void signal() {
        // What changed must be visible before the waiter is looked for: the other half is in await.
        VarHandle.fullFence();
        if (thread != null) {
            Thread waiting = (Thread) THREAD.getAndSet(this, (Thread) null);
            if (waiting != null && waiting != Thread.currentThread()) {
                LockSupport.unpark(waiting);
                if (lease != null) {
                    lease.wake(waiting);
                }
            }
        }
    }

    /** Who waits here says again that it does: a signal has taken it out. The thread that waits. */
    void announce() {
        thread = Thread.currentThread();
        VarHandle.fullFence();
    }

    /**
     * Waits until the condition holds.
     *
     * @param timeoutNs at most this long; 0 means without end
     */
    Outcome await(Condition condition, long timeoutNs) {
        if (condition.isMet()) {
            return Outcome.MET;
        }
        Thread self = Thread.currentThread();
        boolean virtual = isVirtual(self);
        boolean interrupted = false;
        long deadline = timeoutNs == 0 ? 0 : System.nanoTime() + timeoutNs;
        boolean mayLead = lease != null && !virtual;
        if (mayLead) {
            lease.waits(this);
        }
        try {
            while (true) {
                thread = self;
                VarHandle.fullFence();
                if (condition.isMet()) {
                    return Outcome.MET;
                }
                if (virtual && self.isInterrupted()) {
                    return Outcome.INTERRUPTED;
                }
                if (mayLead && lease.tryTake(self)) {
                    Outcome outcome = lease.lead(this, condition, timeoutNs != 0, deadline);
                    if (outcome != null) {
                        return outcome;
                    }
                    continue;
                }
                if (timeoutNs == 0) {
                    LockSupport.park(this);
                } else {
                    long left = deadline - System.nanoTime();
                    if (left <= 0) {
                        return Outcome.TIMED_OUT;
                    }
                    LockSupport.parkNanos(this, left);
                }
                if (!virtual && Thread.interrupted()) {
                    interrupted = true; // else parking would return at once for ever
                }
            }
        } finally {
            thread = null;
            if (mayLead) {
                lease.waitsNoMore(this);
            }
            if (interrupted) {
                self.interrupt();
            }
        }
    }
}
