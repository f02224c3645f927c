package dev.penstock.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both bindings against the real C library; needs no privilege. */
class LibCTest {
    @TempDir
    Path dir;

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void eachCallAnswersWithItsOwnErrno(NativeBinding binding) throws Exception {
        LibC c = binding.libC();
        UnsafeBuffer missing = NativeMemory.cString("/nonexistent");
        int eventFd = c.eventfd(0, Linux.EFD_CLOEXEC | Linux.EFD_NONBLOCK);
        UnsafeBuffer eight = NativeMemory.allocate(8);
        try {
            assertTrue(eventFd > 2);
            assertEquals(-Errno.ENOENT, c.open(missing.addressOffset(), Linux.O_RDONLY, 0));
            assertEquals(-Errno.EAGAIN, c.read(eventFd, eight.addressOffset(), 8));
            assertEquals(-Errno.EINVAL, c.read(eventFd, eight.addressOffset(), 4));
            assertEquals(-Errno.EAGAIN, c.read(eventFd, eight.addressOffset(), 8));
            assertEquals(-Errno.EBADF, c.write(-1, eight.addressOffset(), 8));
            assertEquals(-Errno.EBADF, c.close(-1));
            assertEquals(-Errno.EFAULT, c.readv(eventFd, 8, 1));
            assertEquals(-Errno.EINVAL, c.writev(eventFd, 8, -1));
            assertEquals(-25, c.ioctl(eventFd, Linux.TUNGETIFF, eight.addressOffset()));
            assertEquals(-Errno.EBADF, c.fcntl(-1, Linux.F_GETFL, 0));
            assertEquals(-Errno.EINVAL, c.eventfd(0, 0x10));
            assertEquals(-97, c.socket(255, Linux.SOCK_RAW, 0));
            assertEquals(-Errno.EINVAL, c.unshare(1));
            assertEquals(-Errno.EBADF, c.setns(-1, 0));
            assertEquals(-Errno.EFAULT, c.ppoll(8, 1, 0));
            assertEquals(-Errno.EFAULT, c.poll(8, 1, 0));
        } finally {
            c.close(eventFd);
        }
    }

    /** Errno belongs to a thread: another one's failing calls must not be seen here. */
    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void errnoIsNotAnotherThreads(NativeBinding binding) throws Exception {
        LibC c = binding.libC();
        int eventFd = c.eventfd(0, Linux.EFD_CLOEXEC | Linux.EFD_NONBLOCK);
        Thread other = new Thread(() -> {
            for (int i = 0; i < 20_000; i++) {
                c.close(-1);
            }
        });
        other.start();
        UnsafeBuffer eight = NativeMemory.allocate(8);
        try {
            for (int i = 0; i < 20_000; i++) {
                assertEquals(-Errno.EAGAIN, c.read(eventFd, eight.addressOffset(), 8));
            }
        } finally {
            other.join();
            c.close(eventFd);
        }
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void theModeOfOpenArrivesAsAVariadicArgument(NativeBinding binding) throws Exception {
        LibC c = binding.libC();
        Path file = dir.resolve("made");
        int creatExclusive = 0x40 | 0x80;
        int fd = c.open(
                NativeMemory.cString(file.toString()).addressOffset(),
                Linux.O_RDWR | creatExclusive | Linux.O_NONBLOCK,
                0600);
        assertTrue(fd > 2);
        try {
            assertEquals(
                    "rw-------",
                    java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            assertEquals(
                    Linux.O_RDWR | Linux.O_NONBLOCK, c.fcntl(fd, Linux.F_GETFL, 0) & (Linux.O_RDWR | Linux.O_NONBLOCK));
        } finally {
            c.close(fd);
        }
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void gathersScattersAndPolls(NativeBinding binding) throws Exception {
        LibC c = binding.libC();
        Path file = dir.resolve("data");
        UnsafeBuffer path = NativeMemory.cString(file.toString());
        UnsafeBuffer data = NativeMemory.allocate(32);
        data.putStringWithoutLengthAscii(0, "hello, wide world");
        UnsafeBuffer iov = NativeMemory.allocate(2 * Linux.IOVEC_LENGTH);
        iov.putLong(Linux.IOVEC_BASE, data.addressOffset());
        iov.putLong(Linux.IOVEC_LEN, 7);
        iov.putLong(Linux.IOVEC_LENGTH + Linux.IOVEC_BASE, data.addressOffset() + 12);
        iov.putLong(Linux.IOVEC_LENGTH + Linux.IOVEC_LEN, 5);
        int fd = c.open(path.addressOffset(), Linux.O_RDWR | 0x40, 0600);
        assertEquals(12, c.writev(fd, iov.addressOffset(), 2));
        assertEquals("hello, world", Files.readString(file));
        c.close(fd);

        fd = c.open(path.addressOffset(), Linux.O_RDWR, 0);
        data.setMemory(0, 32, (byte) 0);
        assertEquals(12, c.readv(fd, iov.addressOffset(), 2));
        assertEquals("hello, ", data.getStringWithoutLengthAscii(0, 7));
        assertEquals("world", data.getStringWithoutLengthAscii(12, 5));
        c.close(fd);

        int eventFd = c.eventfd(3, Linux.EFD_CLOEXEC | Linux.EFD_NONBLOCK);
        UnsafeBuffer pollFd = NativeMemory.allocate(Linux.POLLFD_LENGTH);
        pollFd.putInt(Linux.POLLFD_FD, eventFd);
        pollFd.putShort(Linux.POLLFD_EVENTS, (short) Linux.POLLIN);
        assertEquals(1, c.poll(pollFd.addressOffset(), 1, 1000));
        assertEquals(Linux.POLLIN, pollFd.getShort(Linux.POLLFD_REVENTS));
        assertEquals(8, c.read(eventFd, data.addressOffset(), 8));
        assertEquals(3, data.getLong(0));
        UnsafeBuffer timespec = NativeMemory.allocate(Linux.TIMESPEC_LENGTH);
        timespec.putLong(Linux.TIMESPEC_NANOSECONDS, 1000);
        assertEquals(0, c.ppoll(pollFd.addressOffset(), 1, timespec.addressOffset()));
        c.close(eventFd);
    }
}
