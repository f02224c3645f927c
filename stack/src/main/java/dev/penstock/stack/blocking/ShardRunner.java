package dev.penstock.stack.blocking;

import dev.penstock.stack.shard.StackShard;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.AgentTerminationException;

/** The thread of a stack: runs the shard's duty cycle, and decides when it sleeps. */
final class ShardRunner implements Runnable {
    static final long LONGEST_SLEEP_NS = 1_000_000_000L;
    private static final long CLOSE_POLL_NS = 1_000_000;

    private final StackShard shard;
    private final LookAround lookAround;
    private final ShardLease lease;
    private final long lingerNs;
    private final Thread thread;
    private volatile boolean ending;
    private volatile boolean ended;

    /** @param alone whether no other thread may ever run the shard, see {@link ShardLease} */
    ShardRunner(StackShard shard, IdleMode idle, boolean alone, long lingerNs, String name) {
        this.shard = shard;
        this.lookAround = new LookAround(shard, idle);
        this.lease = new ShardLease(shard, this, new LookAround(shard, idle), alone || idle == IdleMode.BUSY);
        this.lingerNs = lingerNs;
        this.thread = new Thread(this, name);
        thread.setDaemon(true);
    }

    void start() {
        shard.wakenBy(lease);
        thread.start();
    }

    Thread thread() {
        return thread;
    }

    ShardLease lease() {
        return lease;
    }

    /** True on the thread that runs the shard now: code there must not wait for the shard. */
    boolean isShardThread() {
        return lease.isOwner();
    }

    /** The shard ended itself, having reported its faults. */
    void failed() {
        ending = true;
    }

    boolean isEnding() {
        return ending;
    }

    boolean isEnded() {
        return ended;
    }

    @Override
    public void run() {
        lease.begin();
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

    private void loop() {
        while (!ending) {
            if (shard.doWork() > 0) {
                lookAround.reset();
            } else if (lookAround.isQuiet() && lease.lend()) {
                lookAround.reset();
            } else if (lookAround.isOver()) {
                shard.await(LONGEST_SLEEP_NS);
                lookAround.reset();
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
        lease.giveBack();
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
