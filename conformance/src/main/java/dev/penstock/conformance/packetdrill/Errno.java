package dev.penstock.conformance.packetdrill;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The errors that system calls set, and their numbers in Linux and in the BSDs. */
enum Errno {
    EPERM(1, 1),
    ENOENT(2, 2),
    EINTR(4, 4),
    EIO(5, 5),
    ENXIO(6, 6),
    EBADF(9, 9),
    EAGAIN(11, 35),
    ENOMEM(12, 12),
    EACCES(13, 13),
    EFAULT(14, 14),
    EBUSY(16, 16),
    EEXIST(17, 17),
    ENODEV(19, 19),
    EINVAL(22, 22),
    ENFILE(23, 23),
    EMFILE(24, 24),
    ENOTTY(25, 25),
    EPIPE(32, 32),
    EDOM(33, 33),
    ERANGE(34, 34),
    ENOMSG(42, 83),
    EPROTO(71, 92),
    ENOTSOCK(88, 38),
    EDESTADDRREQ(89, 39),
    EMSGSIZE(90, 40),
    EPROTOTYPE(91, 41),
    ENOPROTOOPT(92, 42),
    EPROTONOSUPPORT(93, 43),
    ESOCKTNOSUPPORT(94, 44),
    EOPNOTSUPP(95, 45),
    EPFNOSUPPORT(96, 46),
    EAFNOSUPPORT(97, 47),
    EADDRINUSE(98, 48),
    EADDRNOTAVAIL(99, 49),
    ENETDOWN(100, 50),
    ENETUNREACH(101, 51),
    ENETRESET(102, 52),
    ECONNABORTED(103, 53),
    ECONNRESET(104, 54),
    ENOBUFS(105, 55),
    EISCONN(106, 56),
    ENOTCONN(107, 57),
    ESHUTDOWN(108, 58),
    ETIMEDOUT(110, 60),
    ECONNREFUSED(111, 61),
    EHOSTDOWN(112, 64),
    EHOSTUNREACH(113, 65),
    EALREADY(114, 37),
    EINPROGRESS(115, 36);

    private static final Map<String, String> OTHER_NAMES = Map.of("EWOULDBLOCK", "EAGAIN", "ENOTSUP", "EOPNOTSUPP");
    private static final Map<String, Errno> BY_NAME =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(Errno::name, e -> e));

    private final int linux;
    private final int bsd;

    Errno(int linux, int bsd) {
        this.linux = linux;
        this.bsd = bsd;
    }

    int number(Profile profile) {
        return profile == Profile.LINUX ? linux : bsd;
    }

    /** Null if there is no such name. */
    static Errno named(String name) {
        return BY_NAME.get(OTHER_NAMES.getOrDefault(name, name));
    }
}
