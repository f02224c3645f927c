package dev.penstock.apps.http;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

/** Threads for connections: virtual ones from JDK 21, platform daemons with a small stack before. */
final class WorkerThreads {
    private static final long STACK_BYTES = 256 << 10;

    private WorkerThreads() {}

    static ThreadFactory factory(String prefix) {
        ThreadFactory virtual = virtualFactory(prefix);
        if (virtual != null) {
            return virtual;
        }
        AtomicLong number = new AtomicLong();
        return body -> {
            Thread thread = new Thread(null, body, prefix + number.getAndIncrement(), STACK_BYTES);
            thread.setDaemon(true);
            return thread;
        };
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
