package dev.penstock.tap;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.Variadic;
import jnr.ffi.types.u_int32_t;
import jnr.ffi.types.u_int64_t;

/**
 * {@link LibC} through JNR-FFI, the default.
 *
 * <p>ioctl, open and fcntl are variadic in C, and some calling conventions pass variadic arguments elsewhere than named
 * ones, so each says how many it names. jffi keeps one prepared call per signature and forgets that number when it looks
 * one up, so the signature of a variadic call must differ from that of every plain one: hence the unsigned types on
 * exactly these three. {@code JnrVariadicTest} checks that the number arrived.
 */
final class JnrLibC implements LibC {
    private static final String NO_UNSAFE = "jffi.unsafe.disabled";

    private final Calls calls;
    private final Runtime runtime;

    /** What JNR implements; public because the class it generates lives in another class loader. */
    public interface Calls {
        @Variadic(fixedCount = 2)
        int open(@u_int64_t long path, int flags, @u_int32_t int mode);

        @Variadic(fixedCount = 2)
        int ioctl(int fd, @u_int64_t long request, @u_int64_t long argument);

        @Variadic(fixedCount = 2)
        int fcntl(int fd, int command, @u_int64_t long argument);

        int close(int fd);

        long read(int fd, long buffer, long length);

        long write(int fd, long buffer, long length);

        long readv(int fd, long iov, int count);

        long writev(int fd, long iov, int count);

        int poll(long fds, long count, int timeoutMillis);

        int ppoll(long fds, long count, long timeout, long signalMask);

        int eventfd(int initial, int flags);

        int socket(int domain, int type, int protocol);

        int unshare(int flags);

        int setns(int fd, int namespaceType);
    }

    JnrLibC() {
        // jffi would read memory through sun.misc.Unsafe, at which JDK 24 and later print a warning. Nothing here reads
        // memory through jffi.
        if (System.getProperty(NO_UNSAFE) == null) {
            System.setProperty(NO_UNSAFE, "true");
        }
        this.calls = LibraryLoader.create(Calls.class).failImmediately().load("c");
        this.runtime = Runtime.getRuntime(calls);
    }

    /** The generated implementation, for the test of its variadic calls. */
    Calls calls() {
        return calls;
    }

    private int errnoIfFailed(int result) {
        return result >= 0 ? result : -runtime.getLastError();
    }

    private long errnoIfFailed(long result) {
        return result >= 0 ? result : -runtime.getLastError();
    }

    @Override
    public int open(long path, int flags, int mode) {
        return errnoIfFailed(calls.open(path, flags, mode));
    }

    @Override
    public int close(int fd) {
        return errnoIfFailed(calls.close(fd));
    }

    @Override
    public int ioctl(int fd, long request, long argument) {
        return errnoIfFailed(calls.ioctl(fd, request, argument));
    }

    @Override
    public int fcntl(int fd, int command, long argument) {
        return errnoIfFailed(calls.fcntl(fd, command, argument));
    }

    @Override
    public long read(int fd, long buffer, long length) {
        return errnoIfFailed(calls.read(fd, buffer, length));
    }

    @Override
    public long write(int fd, long buffer, long length) {
        return errnoIfFailed(calls.write(fd, buffer, length));
    }

    @Override
    public long readv(int fd, long iov, int count) {
        return errnoIfFailed(calls.readv(fd, iov, count));
    }

    @Override
    public long writev(int fd, long iov, int count) {
        return errnoIfFailed(calls.writev(fd, iov, count));
    }

    @Override
    public int poll(long fds, long count, int timeoutMillis) {
        return errnoIfFailed(calls.poll(fds, count, timeoutMillis));
    }

    @Override
    public int ppoll(long fds, long count, long timeout) {
        return errnoIfFailed(calls.ppoll(fds, count, timeout, 0));
    }

    @Override
    public int eventfd(int initial, int flags) {
        return errnoIfFailed(calls.eventfd(initial, flags));
    }

    @Override
    public int socket(int domain, int type, int protocol) {
        return errnoIfFailed(calls.socket(domain, type, protocol));
    }

    @Override
    public int unshare(int flags) {
        return errnoIfFailed(calls.unshare(flags));
    }

    @Override
    public int setns(int fd, int namespaceType) {
        return errnoIfFailed(calls.setns(fd, namespaceType));
    }
}
