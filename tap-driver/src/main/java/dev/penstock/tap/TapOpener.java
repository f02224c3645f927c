package dev.penstock.tap;

import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/** Opens /dev/net/tun, makes or attaches to the interface, negotiates offloads and sets the kernel's side up. */
final class TapOpener {
    /** How long an interface that another process has just let go of can answer EBUSY: 2 s measured, and one to spare. */
    private static final int BUSY_TRIES = 60;

    private static final long BUSY_PAUSE_MILLIS = 50;
    private static final int TSO = Linux.TUN_F_TSO4 | Linux.TUN_F_TSO6;
    private static final int USO = Linux.TUN_F_USO4 | Linux.TUN_F_USO6;

    private final TapConfig config;
    private final LibC libC;
    private final UnsafeBuffer ifreq = NativeMemory.allocate(Linux.IFREQ_LENGTH);

    /** The open device's file descriptor. */
    int fd = -1;
    /** Its name. */
    String name;
    /** Frames carry virtio-net headers. */
    boolean vnetHeader;
    /** The {@code TUN_F_} flags that the kernel knows; what it does with frames that are written to it. */
    int offloads;
    /** How many frames the kernel queues for us. */
    int txQueueLength;

    TapOpener(TapConfig config, LibC libC) {
        this.config = config;
        this.libC = libC;
    }

    void open() throws TapException {
        fd = openTun(libC);
        try {
            attach();
            if (vnetHeader) {
                negotiate();
            }
            configureKernelSide();
        } catch (TapException e) {
            libC.close(fd);
            fd = -1;
            throw e;
        }
    }

    /** Opens the TUN/TAP driver itself. */
    static int openTun(LibC libC) throws TapException {
        UnsafeBuffer path = NativeMemory.cString(Linux.TUN_PATH);
        int fd = libC.open(path.addressOffset(), Linux.O_RDWR | Linux.O_NONBLOCK | Linux.O_CLOEXEC, 0);
        if (fd >= 0) {
            return fd;
        }
        throw cannotOpenTun(-fd);
    }

    static TapException cannotOpenTun(int errno) {
        String why = "cannot open " + Linux.TUN_PATH + ": " + Errno.describe(errno) + ": ";
        return switch (errno) {
            case Errno.ENOENT, Errno.ENODEV, Errno.ENXIO ->
                new TapException(
                        why + "load the driver (modprobe tun), or give the container the device (--device "
                                + Linux.TUN_PATH + "), or use the in-memory demo, which needs none",
                        errno);
            case Errno.EACCES, Errno.EPERM ->
                new TapException(
                        why + "run as root, or let an administrator run chmod 0666 " + Linux.TUN_PATH
                                + " (the usual mode) and start under unshare -Urn,"
                                + " or use the in-memory demo, which needs no privilege",
                        errno);
            default -> new TapException(why + "use the in-memory demo, which needs no device", errno);
        };
    }

    private void attach() throws TapException {
        int features = features();
        boolean wantVnetHeader = config.vnetHeader && (features & Linux.IFF_VNET_HDR) != 0;
        if (config.multiQueue && (features & Linux.IFF_MULTI_QUEUE) == 0) {
            throw new TapException("this kernel has no multi-queue TAP devices: open one queue", Errno.EINVAL);
        }
        int flags = Linux.IFF_TAP | Linux.IFF_NO_PI | (config.multiQueue ? Linux.IFF_MULTI_QUEUE : 0);
        int result = -Errno.EINVAL;
        if (wantVnetHeader) {
            result = setInterface(flags | Linux.IFF_VNET_HDR);
            vnetHeader = result >= 0;
        }
        if (result == -Errno.EINVAL) {
            result = setInterface(flags);
        }
        if (result < 0) {
            throw cannotAttach(-result);
        }
        name = ifreq.getStringWithoutLengthAscii(0, nameLength());
    }

    /** What TUNGETFEATURES says; without an answer, the least: no headers, one queue. */
    private int features() {
        UnsafeBuffer value = NativeMemory.allocate(4);
        return libC.ioctl(fd, Linux.TUNGETFEATURES, value.addressOffset()) < 0 ? 0 : value.getInt(0);
    }

    private int nameLength() {
        int length = 0;
        while (length < Linux.IFNAMSIZ && ifreq.getByte(length) != 0) {
            length++;
        }
        return length;
    }

    private int setInterface(int flags) throws TapException {
        ifreq.setMemory(0, Linux.IFREQ_LENGTH, (byte) 0);
        ifreq.putBytes(Linux.IFREQ_NAME, config.name.getBytes(StandardCharsets.US_ASCII));
        ifreq.putShort(Linux.IFREQ_FLAGS, (short) flags);
        int result = -Errno.EBUSY;
        for (int i = 0; i < BUSY_TRIES && result == -Errno.EBUSY; i++) {
            if (i > 0) {
                pause();
            }
            result = libC.ioctl(fd, Linux.TUNSETIFF, ifreq.addressOffset());
        }
        return result;
    }

    private void pause() throws TapException {
        try {
            Thread.sleep(BUSY_PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TapException("interrupted while interface " + config.name + " was busy", Errno.EINTR);
        }
    }

    private TapException cannotAttach(int errno) {
        String which = config.name.isEmpty() ? "a TAP interface" : "TAP interface " + config.name;
        String why = "cannot open " + which + ": " + Errno.describe(errno) + ": ";
        return switch (errno) {
            case Errno.EPERM, Errno.EACCES ->
                new TapException(
                        why + "this needs CAP_NET_ADMIN: run as root, or start under unshare -Urn (" + Linux.TUN_PATH
                                + " must be readable and writable for you),"
                                + " or use the in-memory demo, which needs no privilege",
                        errno);
            case Errno.EBUSY ->
                new TapException(why + "another process has it open: end that process or choose another name", errno);
            case Errno.EINVAL ->
                new TapException(
                        why + "an interface of this name exists and is no TAP, or was made with another multi-queue"
                                + " setting: choose another name",
                        errno);
            default -> new TapException(why + "choose another name or look at dmesg", errno);
        };
    }

    /**
     * Asks for all offloads and then for fewer. What is set in the end is what the kernel may hand to us; what it knows
     * is also what it takes from us.
     */
    private void negotiate() throws TapException {
        UnsafeBuffer length = NativeMemory.allocate(4);
        length.putInt(0, VnetHeader.LENGTH);
        int result = libC.ioctl(fd, Linux.TUNSETVNETHDRSZ, length.addressOffset());
        if (result < 0) {
            throw new TapException("cannot set the virtio-net header size: " + Errno.describe(-result), -result);
        }
        int[] candidates = {
            Linux.TUN_F_CSUM | TSO | Linux.TUN_F_TSO_ECN | USO,
            Linux.TUN_F_CSUM | TSO | Linux.TUN_F_TSO_ECN,
            Linux.TUN_F_CSUM | TSO,
            Linux.TUN_F_CSUM
        };
        for (int candidate : candidates) {
            if (libC.ioctl(fd, Linux.TUNSETOFFLOAD, candidate) >= 0) {
                offloads = candidate;
                break;
            }
        }
        int receive = offloads;
        if (!config.receiveUdpSegmentation) {
            receive &= ~USO;
        }
        if (!config.segmentation) {
            offloads &= Linux.TUN_F_CSUM;
            receive &= Linux.TUN_F_CSUM;
        }
        libC.ioctl(fd, Linux.TUNSETOFFLOAD, receive);
    }

    boolean has(int flags) {
        return (offloads & flags) == flags;
    }

    boolean hasUso() {
        return has(USO);
    }

    /** Does only what is not so already: who may attach to a device set up by root needs no privilege for it. */
    private void configureKernelSide() throws TapException {
        try (Netlink netlink = new Netlink(libC)) {
            Netlink.Link link = netlink.link(name);
            if (link.mtu() != config.mtu) {
                netlink.setMtu(link.index(), config.mtu);
            }
            if (config.txQueueLength != 0 && link.txQueueLength() != config.txQueueLength) {
                netlink.setTxQueueLength(link.index(), config.txQueueLength);
            }
            txQueueLength = config.txQueueLength != 0 ? config.txQueueLength : link.txQueueLength();
            if (config.up && !link.up()) {
                netlink.setUp(link.index());
            }
            for (String cidr : config.hostAddresses) {
                netlink.addAddress(link.index(), HostAddress.parse(cidr), cidr);
            }
        } catch (TapException e) {
            throw new TapException("interface " + name + ": " + e.getMessage(), e.errno());
        }
    }
}
