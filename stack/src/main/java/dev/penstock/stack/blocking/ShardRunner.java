package dev.penstock.stack.blocking;

import dev.penstock.stack.shard.StackShard;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.AgentTerminationException;

/** The thread of a stack: runs the shard's duty cycle, and decides when it sleeps. */
final class ShardRunner implements Runnable {
    /** So long an idle shard looks around before it lets others have the processor in between, in HYBRID mode. */
    private static final long SPIN_NS = 10_000;
    /** So long it looks around before it sleeps. */
    private static final long LOOK_AROUND_NS = 40_000;

    private static final long LONGEST_SLEEP_NS = 1_000_000_000L;
    private static final long CLOSE_POLL_NS = 1_000_000;

    private final StackShard shard;
    private final IdleMode idle;
    private final long lingerNs;
    private final Thread thread;
    private volatile boolean ending;
    private volatile boolean ended;

    ShardRunner(StackShard shard, IdleMode idle, long lingerNs, String name) {
        this.shard = shard;
        // Looking around on the only processor would keep it from whoever we wait for.
        this.idle =
                idle == IdleMode.HYBRID && Runtime.getRuntime().availableProcessors() == 1 ? IdleMode.BLOCKING : idle;
        this.lingerNs = lingerNs;
        this.thread = new Thread(this, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    boolean isShardThread() {
        return Thread.currentThread() == thread;
    }

    boolean isEnding() {
        return ending;
    }

    boolean isEnded() {
        return ended;
    }

    @Override
    public void run() {
        try {
            shard.onStart();
            loop();
            closeInOrder();
        } catch (AgentTerminationException e) {
            // The shard has reported its faults; there is nothing left but to end.
            ending = true;
        } finally {
            ending = true;
            shard.onClose();
            ended = true;
        }
    }

    /**
     * While it looks around, the shard soon yields: on few processors, whoever it waits for may need this one. Measured on two
     * busy ones, an echo took 20 to 80 us so, and 105 to 150 us with a spin-wait. Not at once: sched_yield(2) costs as much as
     * the look at the device, so that an answer within 10 us would be seen later by half of that.
     */
    @SuppressWarnings("ThreadPriorityCheck")
    private void loop() {
        long idleSince = 0;
        while (!ending) {
            if (shard.doWork() > 0) {
                idleSince = 0;
                continue;
            }
            switch (idle) {
                case BUSY -> Thread.onSpinWait();
                case BLOCKING -> shard.await(LONGEST_SLEEP_NS);
                case HYBRID -> {
                    if (idleSince == 0) {
                        idleSince = shard.nowNs();
                    }
                    long idleNs = shard.nowNs() - idleSince;
                    if (idleNs < SPIN_NS) {
                        Thread.onSpinWait();
                    } else if (idleNs < LOOK_AROUND_NS) {
                        Thread.yield();
                    } else {
                        shard.await(LONGEST_SLEEP_NS);
                        idleSince = 0;
                    }
                }
            }
        }
    }

    /** What was written still goes out, within the time allowed. */
    private void closeInOrder() {
        long deadline = System.nanoTime() + lingerNs;
        shard.doWork();
        shard.beginClose();
        shard.doWork();
        while (shard.isClosing() && System.nanoTime() - deadline < 0) {
            if (shard.doWork() == 0) {
                shard.await(CLOSE_POLL_NS);
            }
        }
    }

    void close() {
        ending = true;
        shard.wakeUp();
        if (isShardThread()) {
            return; // the loop ends after this duty cycle
        }
        boolean interrupted = false;
        while (!ended) {
            try {
                thread.join(TimeUnit.NANOSECONDS.toMillis(LONGEST_SLEEP_NS));
            } catch (InterruptedException e) {
                interrupted = true;
            }
            LockSupport.unpark(thread);
            shard.wakeUp();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
