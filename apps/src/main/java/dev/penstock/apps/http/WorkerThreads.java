package dev.penstock.apps.http;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Threads for connections: virtual ones from JDK 21, platform daemons with a small stack before. */
final class WorkerThreads {
    private static final long STACK_BYTES = 256 << 10;
    private static final long KEEP_SECONDS = 30;
    private static final int SLACK = 16;

    private WorkerThreads() {}

    /** Runs each task on a thread of its own; platform threads are kept for a while for the next, {@code most} at once. */
    static Executor executor(String prefix, int most) {
        ThreadFactory virtual = virtualFactory(prefix);
        if (virtual != null) {
            return task -> virtual.newThread(task).start();
        }
        AtomicLong number = new AtomicLong();
        ThreadFactory platform = body -> {
            Thread thread = new Thread(null, body, prefix + number.getAndIncrement(), STACK_BYTES);
            thread.setDaemon(true);
            return thread;
        };
        // More than there are connections: a task that has told its end still has its thread for a moment.
        return new ThreadPoolExecutor(
                0, most + SLACK, KEEP_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), platform);
    }

    /** {@code Thread.ofVirtual().name(prefix, 0).factory()}, which release 17 cannot name. */
    private static ThreadFactory virtualFactory(String prefix) {
        if (Runtime.version().feature() < 21) {
            return null;
        }
        try {
            Class<?> builder = Class.forName("java.lang.Thread$Builder$OfVirtual");
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            MethodHandle of = lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(builder));
            MethodHandle name =
                    lookup.findVirtual(builder, "name", MethodType.methodType(builder, String.class, long.class));
            Object made = name.invoke(of.invoke(), prefix, 0L);
            Class<?> parent = Class.forName("java.lang.Thread$Builder");
            return (ThreadFactory) lookup.findVirtual(parent, "factory", MethodType.methodType(ThreadFactory.class))
                    .invoke(made);
        } catch (Throwable e) {
            return null;
        }
    }
}
