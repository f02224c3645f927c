package dev.penstock.tap;

/**
 * Numbers and layouts of Linux's user API, all in this one place. They are those of asm-generic on 64 bits (x86-64,
 * arm64, riscv64, s390x, loongarch64). Offsets are bytes; multi-byte fields are in the machine's byte order unless said.
 */
final class Linux {
    private Linux() {}

    // open(2) and fcntl(2), <asm-generic/fcntl.h>.
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x8_0000;
    static final int F_GETFL = 3;

    // eventfd(2): counter of eight bytes, 0 is not readable.
    static final int EFD_CLOEXEC = O_CLOEXEC;
    static final int EFD_NONBLOCK = O_NONBLOCK;
    static final int EVENTFD_LENGTH = 8;

    /* struct pollfd { int fd; short events; short revents; }: a negative fd is skipped. */
    static final int POLLFD_LENGTH = 8;
    static final int POLLFD_FD = 0;
    static final int POLLFD_EVENTS = 4;
    static final int POLLFD_REVENTS = 6;
    static final int POLLIN = 0x1;
    static final int POLLOUT = 0x4;
    static final int POLLERR = 0x8;
    static final int POLLHUP = 0x10;
    static final int POLLNVAL = 0x20;

    /* struct timespec { long tv_sec; long tv_nsec; } */
    static final int TIMESPEC_LENGTH = 16;
    static final int TIMESPEC_SECONDS = 0;
    static final int TIMESPEC_NANOSECONDS = 8;

    /* struct iovec { void *iov_base; size_t iov_len; } */
    static final int IOVEC_LENGTH = 16;
    static final int IOVEC_BASE = 0;
    static final int IOVEC_LEN = 8;

    // The TUN/TAP driver, <linux/if_tun.h>. _IOC(dir, 'T', nr, 4): dir << 30 | 4 << 16 | 'T' << 8 | nr; 1 writes, 2
    // reads.
    static final String TUN_PATH = "/dev/net/tun";
    static final long TUNSETIFF = 0x4004_54CAL;
    static final long TUNSETPERSIST = 0x4004_54CBL;
    static final long TUNGETFEATURES = 0x8004_54CFL;
    static final long TUNSETOFFLOAD = 0x4004_54D0L;
    static final long TUNGETIFF = 0x8004_54D2L;
    static final long TUNSETVNETHDRSZ = 0x4004_54D8L;
    static final int IFF_TAP = 0x0002;
    static final int IFF_NO_PI = 0x1000;
    static final int IFF_VNET_HDR = 0x4000;
    static final int IFF_MULTI_QUEUE = 0x0100;
    static final int TUN_F_CSUM = 0x01;
    static final int TUN_F_TSO4 = 0x02;
    static final int TUN_F_TSO6 = 0x04;
    static final int TUN_F_TSO_ECN = 0x08;
    static final int TUN_F_USO4 = 0x20;
    static final int TUN_F_USO6 = 0x40;

    /* struct ifreq { char ifr_name[16]; union { short ifr_flags; int ifr_mtu; ... } } is 40 bytes on 64 bits. */
    static final int IFREQ_LENGTH = 40;
    static final int IFREQ_NAME = 0;
    static final int IFREQ_FLAGS = 16;
    static final int IFNAMSIZ = 16;
    static final int IFF_UP = 0x1;

    // Namespaces, <linux/sched.h>.
    static final int CLONE_NEWNET = 0x4000_0000;

    // Netlink, <linux/netlink.h>, <linux/rtnetlink.h>; attributes and messages are padded to four bytes.
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int AF_NETLINK = 16;
    static final int SOCK_RAW = 3;
    static final int SOCK_CLOEXEC = O_CLOEXEC;
    static final int NETLINK_ROUTE = 0;
    static final int NLMSG_ERROR = 2;
    static final int RTM_NEWLINK = 16;
    static final int RTM_GETLINK = 18;
    static final int RTM_SETLINK = 19;
    static final int RTM_NEWADDR = 20;
    static final int NLM_F_REQUEST = 0x1;
    static final int NLM_F_ACK = 0x4;
    static final int NLM_F_REPLACE = 0x100;
    static final int NLM_F_CREATE = 0x400;

    /* struct nlmsghdr { u32 len; u16 type; u16 flags; u32 seq; u32 pid; } */
    static final int NLMSG_LENGTH = 16;
    static final int NLMSG_LEN = 0;
    static final int NLMSG_TYPE = 4;
    static final int NLMSG_FLAGS = 6;
    static final int NLMSG_SEQ = 8;
    /* struct nlmsgerr { int error; struct nlmsghdr msg; }: a negated errno, or 0 for an acknowledgment. */
    static final int NLMSGERR_ERROR = NLMSG_LENGTH;

    /* struct ifinfomsg { u8 family; u8 pad; u16 type; s32 index; u32 flags; u32 change; } */
    static final int IFINFO_LENGTH = 16;
    static final int IFINFO_INDEX = 4;
    static final int IFINFO_FLAGS = 8;
    static final int IFINFO_CHANGE = 12;
    static final int IFLA_IFNAME = 3;
    static final int IFLA_MTU = 4;
    static final int IFLA_TXQLEN = 13;

    /* struct ifaddrmsg { u8 family; u8 prefixlen; u8 flags; u8 scope; u32 index; } */
    static final int IFADDR_LENGTH = 8;
    static final int IFADDR_FAMILY = 0;
    static final int IFADDR_PREFIX = 1;
    static final int IFADDR_FLAGS = 2;
    static final int IFADDR_INDEX = 4;
    static final int IFA_ADDRESS = 1;
    static final int IFA_LOCAL = 2;
    static final int IFA_BROADCAST = 4;
    /** No duplicate address detection: the address is usable at once. */
    static final int IFA_F_NODAD = 0x02;

    /* struct rtattr { u16 len; u16 type; } followed by the value; len counts the header. */
    static final int RTA_LENGTH = 4;
}
