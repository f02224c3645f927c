package dev.penstock.perf.kernel;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;

/**
 * The system calls that the kernel's side of a measurement makes, through JNR-FFI. Addresses are those of off-heap memory. {@link
 * #told} makes a negative result the negated errno of the call before it. Any thread.
 */
final class KernelCalls {
    private static final String NO_UNSAFE = "jffi.unsafe.disabled";

    static final Functions C;
    private static final Runtime RUNTIME;

    static {
        // jffi would read memory through sun.misc.Unsafe, at which JDK 24 and later print a warning.
        if (System.getProperty(NO_UNSAFE) == null) {
            System.setProperty(NO_UNSAFE, "true");
        }
        C = LibraryLoader.create(Functions.class).failImmediately().load("c");
        RUNTIME = Runtime.getRuntime(C);
    }

    private KernelCalls() {}

    /** What JNR implements; public because the class it generates lives in another class loader. */
    public interface Functions {
        int socket(int domain, int type, int protocol);

        int close(int fd);

        int bind(int fd, long address, int length);

        int listen(int fd, int backlog);

        int accept4(int fd, long address, long length, int flags);

        int connect(int fd, long address, int length);

        int shutdown(int fd, int how);

        int getsockname(int fd, long address, long length);

        int getsockopt(int fd, int level, int name, long value, long length);

        int setsockopt(int fd, int level, int name, long value, int length);

        // sendto and recvfrom have six arguments, with which JNR's calls crash.
        long send(int fd, long buffer, long length, int flags);

        long recv(int fd, long buffer, long length, int flags);

        int sendmmsg(int fd, long vector, int count, int flags);

        int poll(long fds, long count, int timeoutMillis);

        int sched_setaffinity(int thread, long length, long mask);

        int sched_getaffinity(int thread, long length, long mask);
    }

    /** The result, or the negated errno; to be called in the thread of the call, right behind it. */
    static int told(int result) {
        return result >= 0 ? result : -RUNTIME.getLastError();
    }

    /** As the other form. */
    static long told(long result) {
        return result >= 0 ? result : -RUNTIME.getLastError();
    }
}
