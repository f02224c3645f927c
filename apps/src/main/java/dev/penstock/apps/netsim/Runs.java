package dev.penstock.apps.netsim;

import java.util.ArrayDeque;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs simulations on as many threads as wished and gives their results in the order in which they were added: nothing is
 * shared between them, so that the results do not depend on the number of threads. One thread uses it.
 */
public final class Runs<T> implements AutoCloseable {
    private final ExecutorService threads;
    private final ArrayDeque<Future<T>> results = new ArrayDeque<>();
    private final AtomicBoolean cancelled = new AtomicBoolean();

    /** @param threadCount at least 1 */
    public Runs(int threadCount) {
        threads = Executors.newFixedThreadPool(threadCount, task -> {
            Thread thread = new Thread(task, "netsim");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** One more. */
    public void add(Callable<T> run) {
        results.addLast(threads.submit(run));
    }

    /**
     * Waits for the next result.
     *
     * @throws IllegalStateException if the simulation failed
     */
    public T next() throws InterruptedException {
        try {
            return results.removeFirst().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the simulation failed: " + e.getCause(), e.getCause());
        }
    }

    /** Ends what is under way early. Any thread. */
    public void cancel() {
        cancelled.set(true);
        threads.shutdownNow();
    }

    /** True after {@link #cancel}. Any thread. */
    public boolean isCancelled() {
        return cancelled.get();
    }

    @Override
    public void close() {
        cancel();
    }
}
