package dev.penstock.tap;

import com.sun.jna.Library;
import com.sun.jna.Native;

/**
 * {@link LibC} through JNA, the second binding: for platforms where jffi has no native library.
 *
 * <p>Calls of the data path are registered natives ("direct mapping"). That mapping knows no variadic calls, so ioctl,
 * open and fcntl, which are not on the data path, go through an interface whose {@code Object...} makes JNA prepare a
 * variadic call.
 */
final class JnaLibC implements LibC {
    private final Variadic variadic = Native.load("c", Variadic.class);

    private interface Variadic extends Library {
        int open(long path, int flags, Object... mode);

        int ioctl(int fd, long request, Object... argument);

        int fcntl(int fd, int command, Object... argument);
    }

    private static final class Direct {
        static {
            Native.register(Direct.class, "c");
        }

        private Direct() {}

        static native int close(int fd);

        static native long read(int fd, long buffer, long length);

        static native long write(int fd, long buffer, long length);

        static native long readv(int fd, long iov, int count);

        static native long writev(int fd, long iov, int count);

        static native int poll(long fds, long count, int timeoutMillis);

        static native int ppoll(long fds, long count, long timeout, long signalMask);

        static native int eventfd(int initial, int flags);

        static native int socket(int domain, int type, int protocol);

        static native int unshare(int flags);

        static native int setns(int fd, int namespaceType);
    }

    private static int errnoIfFailed(int result) {
        return result >= 0 ? result : -Native.getLastError();
    }

    private static long errnoIfFailed(long result) {
        return result >= 0 ? result : -Native.getLastError();
    }

    @Override
    public int open(long path, int flags, int mode) {
        return errnoIfFailed(variadic.open(path, flags, mode));
    }

    @Override
    public int close(int fd) {
        return errnoIfFailed(Direct.close(fd));
    }

    @Override
    public int ioctl(int fd, long request, long argument) {
        return errnoIfFailed(variadic.ioctl(fd, request, argument));
    }

    @Override
    public int fcntl(int fd, int command, long argument) {
        return errnoIfFailed(variadic.fcntl(fd, command, argument));
    }

    @Override
    public long read(int fd, long buffer, long length) {
        return errnoIfFailed(Direct.read(fd, buffer, length));
    }

    @Override
    public long write(int fd, long buffer, long length) {
        return errnoIfFailed(Direct.write(fd, buffer, length));
    }

    @Override
    public long readv(int fd, long iov, int count) {
        return errnoIfFailed(Direct.readv(fd, iov, count));
    }

    @Override
    public long writev(int fd, long iov, int count) {
        return errnoIfFailed(Direct.writev(fd, iov, count));
    }

    @Override
    public int poll(long fds, long count, int timeoutMillis) {
        return errnoIfFailed(Direct.poll(fds, count, timeoutMillis));
    }

    @Override
    public int ppoll(long fds, long count, long timeout) {
        return errnoIfFailed(Direct.ppoll(fds, count, timeout, 0));
    }

    @Override
    public int eventfd(int initial, int flags) {
        return errnoIfFailed(Direct.eventfd(initial, flags));
    }

    @Override
    public int socket(int domain, int type, int protocol) {
        return errnoIfFailed(Direct.socket(domain, type, protocol));
    }

    @Override
    public int unshare(int flags) {
        return errnoIfFailed(Direct.unshare(flags));
    }

    @Override
    public int setns(int fd, int namespaceType) {
        return errnoIfFailed(Direct.setns(fd, namespaceType));
    }
}
