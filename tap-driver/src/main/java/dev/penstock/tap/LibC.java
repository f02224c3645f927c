package dev.penstock.tap;

/**
 * The C library's calls that a TAP device needs, and no others. Addresses are plain {@code long}s, those of off-heap
 * buffers. A negative result is the negated errno of this very call, so nobody asks for errno in a second call that
 * another one may have overwritten. Any thread; no call throws.
 */
interface LibC {
    /** open(2). {@code path} is a NUL-terminated string. */
    int open(long path, int flags, int mode);

    /** close(2). */
    int close(int fd);

    /** ioctl(2) with a pointer or an integer as its argument. */
    int ioctl(int fd, long request, long argument);

    /** fcntl(2). */
    int fcntl(int fd, int command, long argument);

    /** read(2). */
    long read(int fd, long buffer, long length);

    /** write(2). */
    long write(int fd, long buffer, long length);

    /** readv(2): {@code count} struct iovec of 16 bytes at {@code iov}. */
    long readv(int fd, long iov, int count);

    /** writev(2): {@code count} struct iovec of 16 bytes at {@code iov}. */
    long writev(int fd, long iov, int count);

    /** poll(2): {@code count} struct pollfd of 8 bytes at {@code fds}, timeout in milliseconds, negative for none. */
    int poll(long fds, long count, int timeoutMillis);

    /** ppoll(2) without a signal mask: the struct timespec at {@code timeout} (16 bytes), or 0 to wait without end. */
    int ppoll(long fds, long count, long timeout);

    /** eventfd(2). */
    int eventfd(int initial, int flags);

    /** socket(2). */
    int socket(int domain, int type, int protocol);

    /** unshare(2): for the calling thread. */
    int unshare(int flags);

    /** setns(2): for the calling thread. */
    int setns(int fd, int namespaceType);
}
