package dev.penstock.conformance.packetdrill;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.Variadic;
import jnr.ffi.types.u_int32_t;
import jnr.ffi.types.u_int64_t;

/**
 * The system calls of Linux that scripts make, through JNR-FFI. Addresses are those of off-heap memory. A negative result is
 * the negated errno of this very call. Any thread.
 */
final class NativeCalls {
    private static final String NO_UNSAFE = "jffi.unsafe.disabled";

    private final Functions c;
    private final Runtime runtime;

    /** What JNR implements; public because the class it generates lives in another class loader. */
    public interface Functions {
        // Variadic in C: unsigned types keep their prepared calls apart from those of plain ones (see JnrLibC).
        @Variadic(fixedCount = 2)
        int open(@u_int64_t long path, int flags, @u_int32_t int mode);

        @Variadic(fixedCount = 2)
        int ioctl(int fd, @u_int64_t long request, @u_int64_t long argument);

        @Variadic(fixedCount = 2)
        int fcntl(int fd, int command, @u_int64_t long argument);

        int close(int fd);

        int dup(int fd);

        int socket(int domain, int type, int protocol);

        int bind(int fd, long address, int length);

        int listen(int fd, int backlog);

        int accept4(int fd, long address, long length, int flags);

        int accept(int fd, long address, long length);

        int connect(int fd, long address, int length);

        int shutdown(int fd, int how);

        int getsockname(int fd, long address, long length);

        int getpeername(int fd, long address, long length);

        int getsockopt(int fd, int level, int name, long value, long length);

        int setsockopt(int fd, int level, int name, long value, int length);

        long read(int fd, long buffer, long length);

        long write(int fd, long buffer, long length);

        long readv(int fd, long vectors, int count);

        long writev(int fd, long vectors, int count);

        // recvfrom, sendto and splice have six arguments, with which JNR's calls crash.
        long recvmsg(int fd, long header, int flags);

        long sendmsg(int fd, long header, int flags);

        long sendfile(int out, int in, long offset, long count);

        int memfd_create(long name, int flags);

        int ftruncate(int fd, long length);

        int poll(long fds, long count, int timeoutMillis);

        int epoll_create1(int flags);

        int epoll_create(int size);

        int epoll_ctl(int epoll, int operation, int fd, long event);

        int epoll_wait(int epoll, long events, int most, int timeoutMillis);

        int sched_setscheduler(int thread, int policy, long parameters);
    }

    private NativeCalls() {
        // jffi would read memory through sun.misc.Unsafe, at which JDK 24 and later print a warning.
        if (System.getProperty(NO_UNSAFE) == null) {
            System.setProperty(NO_UNSAFE, "true");
        }
        this.c = LibraryLoader.create(Functions.class).failImmediately().load("c");
        this.runtime = Runtime.getRuntime(c);
    }

    private static final class Holder {
        static final NativeCalls INSTANCE = new NativeCalls();
    }

    static NativeCalls get() {
        return Holder.INSTANCE;
    }

    /** The functions themselves, whose results go through {@link #told}. */
    Functions c() {
        return c;
    }

    /** The result, or the negated errno; to be called in the thread of the call, right behind it. */
    long told(long result) {
        return result >= 0 ? result : -runtime.getLastError();
    }
}
