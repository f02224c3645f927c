package dev.penstock.tap;

/** Error numbers of Linux (asm-generic, so those of x86-64, arm64, riscv64, s390x and loongarch64) and their names. */
final class Errno {
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int EIO = 5;
    static final int ENXIO = 6;
    static final int EBADF = 9;
    static final int EAGAIN = 11;
    static final int ENOMEM = 12;
    static final int EACCES = 13;
    static final int EFAULT = 14;
    static final int EBUSY = 16;
    static final int EEXIST = 17;
    static final int ENODEV = 19;
    static final int EINVAL = 22;
    static final int EMFILE = 24;
    static final int ENOSPC = 28;
    static final int EBADFD = 77;
    static final int ENETDOWN = 100;
    static final int ENOBUFS = 105;

    private Errno() {}

    /** For messages: {@code EPERM (Operation not permitted)}; a number that has no name here, {@code errno 200}. */
    static String describe(int errno) {
        return switch (errno) {
            case EPERM -> "EPERM (Operation not permitted)";
            case ENOENT -> "ENOENT (No such file or directory)";
            case 3 -> "ESRCH (No such process)";
            case EINTR -> "EINTR (Interrupted system call)";
            case EIO -> "EIO (Input/output error)";
            case ENXIO -> "ENXIO (No such device or address)";
            case EBADF -> "EBADF (Bad file descriptor)";
            case 10 -> "ECHILD (No child processes)";
            case EAGAIN -> "EAGAIN (Resource temporarily unavailable)";
            case ENOMEM -> "ENOMEM (Cannot allocate memory)";
            case EACCES -> "EACCES (Permission denied)";
            case EFAULT -> "EFAULT (Bad address)";
            case EBUSY -> "EBUSY (Device or resource busy)";
            case EEXIST -> "EEXIST (File exists)";
            case ENODEV -> "ENODEV (No such device)";
            case 20 -> "ENOTDIR (Not a directory)";
            case 21 -> "EISDIR (Is a directory)";
            case EINVAL -> "EINVAL (Invalid argument)";
            case 23 -> "ENFILE (Too many open files in system)";
            case EMFILE -> "EMFILE (Too many open files)";
            case 25 -> "ENOTTY (Inappropriate ioctl for device)";
            case 27 -> "EFBIG (File too large)";
            case ENOSPC -> "ENOSPC (No space left on device)";
            case 30 -> "EROFS (Read-only file system)";
            case 32 -> "EPIPE (Broken pipe)";
            case 34 -> "ERANGE (Numerical result out of range)";
            case 38 -> "ENOSYS (Function not implemented)";
            case EBADFD -> "EBADFD (File descriptor in bad state)";
            case 87 -> "EUSERS (Too many users)";
            case 90 -> "EMSGSIZE (Message too long)";
            case 95 -> "EOPNOTSUPP (Operation not supported)";
            case 97 -> "EAFNOSUPPORT (Address family not supported by protocol)";
            case 98 -> "EADDRINUSE (Address already in use)";
            case 99 -> "EADDRNOTAVAIL (Cannot assign requested address)";
            case ENETDOWN -> "ENETDOWN (Network is down)";
            case 101 -> "ENETUNREACH (Network is unreachable)";
            case ENOBUFS -> "ENOBUFS (No buffer space available)";
            case 110 -> "ETIMEDOUT (Connection timed out)";
            default -> "errno " + errno;
        };
    }
}
