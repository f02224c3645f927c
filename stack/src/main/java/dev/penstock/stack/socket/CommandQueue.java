package dev.penstock.stack.socket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;

/**
 * The one way from other threads to a shard. Bounded: a socket is in it at most once, however many operations of it
 * wait (see {@link SocketHandle}), and sockets are limited; commands have a limit of their own, beyond which they are
 * refused and counted. A sleeping shard is woken once, an awake one never.
 */
public final class CommandQueue {
    private static final int AWAKE = 0;
    private static final int ASLEEP = 1;
    private static final int ENDED = 2;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(CommandQueue.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final MpscAtomicArrayQueue<Command> queue;
    private final AtomicInteger commands = new AtomicInteger();
    private final AtomicInteger sockets = new AtomicInteger();
    private final AtomicInteger rejecting = new AtomicInteger();
    private final AtomicLong refused = new AtomicLong();
    private final int maxCommands;
    private final int maxSockets;
    private final Waker waker;
    /** AWAKE and ASLEEP are set by the shard; whoever wakes it sets AWAKE, so that one wake-up is enough. */
    private volatile int state;

    /**
     * @param maxSockets the most sockets that are open at once, 1 .. 2^20
     * @param maxCommands the most commands that wait at once, 1 .. 2^20
     * @param waker how a sleeping shard is woken
     */
    public CommandQueue(int maxSockets, int maxCommands, Waker waker) {
        if (maxSockets < 1 || maxSockets > 1 << 20 || maxCommands < 1 || maxCommands > 1 << 20) {
            throw new IllegalArgumentException("maxSockets " + maxSockets + ", maxCommands " + maxCommands);
        }
        this.maxSockets = maxSockets;
        this.maxCommands = maxCommands;
        this.waker = waker;
        this.queue = new MpscAtomicArrayQueue<>(maxSockets + maxCommands);
    }

    /**
     * Has a command run by the shard. Any thread.
     *
     * @return false, and the refusal is counted, when too many wait already or the shard has ended
     */
    public boolean offer(Command command) {
        if (state == ENDED) {
            return false;
        }
        if (commands.incrementAndGet() > maxCommands) {
            commands.decrementAndGet();
            refused.incrementAndGet();
            return false;
        }
        enqueue(command);
        wakeUp();
        return true;
    }

    /** Reserves room for one more socket; false, and counted, at the limit or when the shard has ended. Any thread. */
    boolean addSocket() {
        while (true) {
            int n = sockets.get();
            if (n >= maxSockets || state == ENDED) {
                refused.incrementAndGet();
                return false;
            }
            if (sockets.compareAndSet(n, n + 1)) {
                return true;
            }
        }
    }

    void removeSocket() {
        sockets.decrementAndGet();
    }

    /** Room is certain: each socket holds a place of its own. */
    void enqueue(Command item) {
        if (!queue.offer(item)) {
            throw new IllegalStateException("the command queue overflowed: " + sockets + " sockets");
        }
        VarHandle.fullFence();
        if (state == ENDED) {
            rejectAll();
        }
    }

    /** Wakes the shard if it sleeps or is about to. Any thread; a fence and one read while the shard is awake. */
    public void wakeUp() {
        // The item must be visible before the state is read: the other half is in prepareToSleep.
        VarHandle.fullFence();
        if (state == ASLEEP && STATE.compareAndSet(this, ASLEEP, AWAKE)) {
            waker.wakeUp();
        }
    }

    /**
     * Runs at most {@code limit} of what waits. Shard thread. An exception out of a command is handed on, that command
     * being consumed.
     *
     * @return how many ran
     */
    public int drain(ShardContext shard, long nowNs, int limit) {
        int n = 0;
        while (n < limit) {
            Command item = queue.relaxedPoll();
            if (item == null) {
                break;
            }
            n++;
            if (!(item instanceof SocketHandle)) {
                commands.decrementAndGet();
            }
            item.run(shard, nowNs);
        }
        return n;
    }

    /** True when nothing waits. Any thread. */
    public boolean isEmpty() {
        return queue.isEmpty();
    }

    /**
     * The shard is about to sleep.
     *
     * @return false if something came in: then it must not, and counts as awake
     */
    public boolean prepareToSleep() {
        state = ASLEEP;
        VarHandle.fullFence();
        if (!queue.isEmpty()) {
            state = AWAKE;
            return false;
        }
        return true;
    }

    /** The shard woke up. */
    public void awake() {
        state = AWAKE;
    }

    /** The shard ends: what waits, and what still comes, is rejected. Shard thread, last of all. */
    public void end() {
        state = ENDED;
        VarHandle.fullFence();
        rejectAll();
    }

    /** True after {@link #end()}. */
    public boolean isEnded() {
        return state == ENDED;
    }

    /** After the end any thread may find itself here; the queue has one consumer only, so one works for all. */
    private void rejectAll() {
        if (rejecting.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        while (seen != 0) {
            for (Command item = queue.poll(); item != null; item = queue.poll()) {
                item.rejected();
            }
            seen = rejecting.addAndGet(-seen);
        }
    }

    /** Commands and sockets refused at a limit so far. Any thread. */
    public long refused() {
        return refused.get();
    }

    /** Sockets that are open. Any thread. */
    public int sockets() {
        return sockets.get();
    }
}
