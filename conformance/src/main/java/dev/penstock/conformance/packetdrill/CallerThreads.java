package dev.penstock.conformance.packetdrill;

import dev.penstock.tap.NetNamespace;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Threads inside the network namespace that make a script's system calls: one does, as long as no call blocks. They ask for a
 * real-time priority, so that a busy machine keeps to a script's milliseconds, and do without where they may not.
 */
final class CallerThreads implements AutoCloseable {
    private static final int SCHED_FIFO = 1;
    private static final int SCHED_OTHER = 0;
    private static final int MOST = 64;
    private static final Runnable END = new Runnable() {
        @Override
        public void run() {
            throw new AssertionError("the end is not run");
        }
    };

    private final NetNamespace namespace;
    private final List<Caller> callers = new ArrayList<>();

    CallerThreads(NetNamespace namespace) {
        this.namespace = namespace;
        // The first one is there before time begins.
        add();
    }

    private static final class Caller implements Runnable {
        final LinkedBlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
        volatile boolean busy;

        @Override
        public void run() {
            hurry(true);
            try {
                for (Runnable r = work.take(); r != END; r = work.take()) {
                    r.run();
                    busy = false;
                }
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The calling thread gets a real-time priority, or gives it back. Not every user may have one. */
    static void hurry(boolean on) {
        NativeBytes parameters = NativeBytes.ofInt(on ? 1 : 0);
        NativeCalls.get().c().sched_setscheduler(0, on ? SCHED_FIFO : SCHED_OTHER, parameters.start());
    }

    private Caller add() {
        if (callers.size() >= MOST) {
            throw new IllegalStateException("more than " + MOST + " system calls block at the same time");
        }
        Caller caller = new Caller();
        callers.add(caller);
        Thread thread = namespace.newThread("packetdrill-caller", caller);
        // A call that never returns does not keep the program alive.
        thread.setDaemon(true);
        thread.start();
        return caller;
    }

    /** Has a thread that is free do this. */
    void run(Runnable call) {
        Caller free = null;
        for (Caller c : callers) {
            if (!c.busy) {
                free = c;
                break;
            }
        }
        if (free == null) {
            free = add();
        }
        free.busy = true;
        free.work.add(call);
    }

    @Override
    public void close() {
        callers.forEach(c -> c.work.add(END));
    }
}
