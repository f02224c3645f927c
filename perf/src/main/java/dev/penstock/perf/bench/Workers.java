package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Cpu;
import dev.penstock.tap.NetNamespace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Threads of one end, which begin and end together; the first thing that goes wrong in any of them is kept. */
final class Workers {
    private static final long PATIENCE_MS = 15_000;

    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean stopping;

    /** What a thread does. */
    interface Work {
        void run() throws Exception;
    }

    /**
     * Starts a thread.
     *
     * @param in the namespace it is in, or null for that of the process
     */
    Thread start(NetNamespace in, String name, int cpu, Work work) {
        Runnable body = () -> {
            try {
                Cpu.pin(cpu);
                work.run();
            } catch (Exception | Error e) {
                if (!stopping) {
                    failure.compareAndSet(null, e);
                }
            }
        };
        Thread t = in == null ? new Thread(body, name) : in.newThread(name, body);
        t.setDaemon(true);
        synchronized (threads) {
            threads.add(t);
        }
        t.start();
        return t;
    }

    /** The threads' ids. */
    long[] ids() {
        synchronized (threads) {
            return threads.stream().mapToLong(Thread::getId).toArray();
        }
    }

    /** Failures from now on are the end and no failures. */
    void stopping() {
        stopping = true;
    }

    boolean isStopping() {
        return stopping;
    }

    /** Throws what went wrong, if something did. */
    void check() throws IOException {
        Throwable t = failure.get();
        if (t != null) {
            throw new IOException(t instanceof IOException ? t.getMessage() : t.toString(), t);
        }
    }

    void join() {
        List<Thread> all;
        synchronized (threads) {
            all = List.copyOf(threads);
        }
        try {
            for (Thread t : all) {
                t.join(PATIENCE_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
