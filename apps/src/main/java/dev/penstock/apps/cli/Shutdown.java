package dev.penstock.apps.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The end by SIGINT or SIGTERM, in order: whoever waits is told, the main thread finishes, and the process ends with
 * the code that the command chose, as a tool does that handles the signal. Any thread.
 */
final class Shutdown {
    /** The command has this long to finish after a signal. */
    private static final long PATIENCE_SECONDS = 15;

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile Runnable action;
    private volatile int code;

    /** For the real process: hooks into the JVM's shutdown. */
    void install() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::onShutdown, "shutdown"));
    }

    private void onShutdown() {
        if (finished.getCount() == 0) {
            return;
        }
        request();
        try {
            if (finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                // The JVM would say 130 or 143.
                Runtime.getRuntime().halt(code);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks the command to end. */
    void request() {
        requested.countDown();
        Runnable run = action;
        if (run != null) {
            run.run();
        }
    }

    /** Has {@code toRun} run, once or more, when the end is asked for; null for nothing. */
    void onRequest(Runnable toRun) {
        action = toRun;
        if (toRun != null && isRequested()) {
            toRun.run();
        }
    }

    boolean isRequested() {
        return requested.getCount() == 0;
    }

    /** Waits until the end is asked for. */
    void await() throws InterruptedException {
        requested.await();
    }

    /** Waits; true when the end was asked for within {@code nanos}. */
    boolean await(long nanos) throws InterruptedException {
        return requested.await(nanos, TimeUnit.NANOSECONDS);
    }

    /** The command has ended with this code. */
    void finish(int exitCode) {
        code = exitCode;
        finished.countDown();
    }
}
