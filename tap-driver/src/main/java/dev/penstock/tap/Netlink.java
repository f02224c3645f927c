package dev.penstock.tap;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A conversation with the kernel over rtnetlink (RFC 3549): looks links up, sets them up, gives them addresses. One
 * request at a time, each acknowledged. It works in the network namespace of the thread that opened it. One thread.
 */
final class Netlink implements AutoCloseable {
    private static final int BUFFER_LENGTH = 32 * 1024;

    private final LibC libC;
    private final UnsafeBuffer request = NativeMemory.allocate(512);
    private final UnsafeBuffer reply = NativeMemory.allocate(BUFFER_LENGTH);
    private int fd;
    private int end;
    private int sequence;

    /**
     * What the kernel says of a link.
     *
     * @param index of the interface
     * @param mtu bytes
     * @param txQueueLength frames
     * @param up it is administratively up
     */
    record Link(int index, int mtu, int txQueueLength, boolean up) {}

    Netlink(LibC libC) throws TapException {
        this.libC = libC;
        this.fd = libC.socket(Linux.AF_NETLINK, Linux.SOCK_RAW | Linux.SOCK_CLOEXEC, Linux.NETLINK_ROUTE);
        if (fd < 0) {
            throw new TapException("cannot open a netlink socket: " + Errno.describe(-fd), -fd);
        }
    }

    /** The link of that name. */
    Link link(String name) throws TapException {
        begin(Linux.RTM_GETLINK, 0, Linux.IFINFO_LENGTH);
        byte[] bytes = Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), name.length() + 1);
        attribute(Linux.IFLA_IFNAME, bytes);
        int length = exchange("look up interface " + name);
        return parseLink(name, length);
    }

    private Link parseLink(String name, int length) throws TapException {
        if (length < Linux.NLMSG_LENGTH + Linux.IFINFO_LENGTH
                || reply.getShort(Linux.NLMSG_TYPE) != Linux.RTM_NEWLINK) {
            throw new TapException("cannot look up interface " + name + ": the kernel's answer makes no sense");
        }
        int mtu = 0;
        int txQueueLength = 0;
        int at = Linux.NLMSG_LENGTH + Linux.IFINFO_LENGTH;
        while (at + Linux.RTA_LENGTH <= length) {
            int size = reply.getShort(at) & 0xffff;
            if (size < Linux.RTA_LENGTH || at + size > length) {
                break;
            }
            int type = reply.getShort(at + 2);
            if (type == Linux.IFLA_MTU && size >= Linux.RTA_LENGTH + 4) {
                mtu = reply.getInt(at + Linux.RTA_LENGTH);
            } else if (type == Linux.IFLA_TXQLEN && size >= Linux.RTA_LENGTH + 4) {
                txQueueLength = reply.getInt(at + Linux.RTA_LENGTH);
            }
            at += align(size);
        }
        int flags = reply.getInt(Linux.NLMSG_LENGTH + Linux.IFINFO_FLAGS);
        int index = reply.getInt(Linux.NLMSG_LENGTH + Linux.IFINFO_INDEX);
        return new Link(index, mtu, txQueueLength, (flags & Linux.IFF_UP) != 0);
    }

    void setMtu(int index, int mtu) throws TapException {
        beginSetLink(index);
        attribute(Linux.IFLA_MTU, mtu);
        exchange("set the MTU " + mtu);
    }

    void setTxQueueLength(int index, int frames) throws TapException {
        beginSetLink(index);
        attribute(Linux.IFLA_TXQLEN, frames);
        exchange("set the transmit queue length " + frames);
    }

    void setUp(int index) throws TapException {
        beginSetLink(index);
        request.putInt(Linux.NLMSG_LENGTH + Linux.IFINFO_FLAGS, Linux.IFF_UP);
        request.putInt(Linux.NLMSG_LENGTH + Linux.IFINFO_CHANGE, Linux.IFF_UP);
        exchange("set the interface up");
    }

    private void beginSetLink(int index) {
        begin(Linux.RTM_SETLINK, 0, Linux.IFINFO_LENGTH);
        request.putInt(Linux.NLMSG_LENGTH + Linux.IFINFO_INDEX, index);
    }

    /** Adds the address, or does nothing when it is there. */
    void addAddress(int index, HostAddress address, String cidr) throws TapException {
        begin(Linux.RTM_NEWADDR, Linux.NLM_F_CREATE | Linux.NLM_F_REPLACE, Linux.IFADDR_LENGTH);
        int message = Linux.NLMSG_LENGTH;
        request.putByte(message + Linux.IFADDR_FAMILY, (byte) (address.isV6() ? Linux.AF_INET6 : Linux.AF_INET));
        request.putByte(message + Linux.IFADDR_PREFIX, (byte) address.prefixLength());
        request.putByte(message + Linux.IFADDR_FLAGS, (byte) (address.isV6() ? Linux.IFA_F_NODAD : 0));
        request.putInt(message + Linux.IFADDR_INDEX, index);
        attribute(Linux.IFA_LOCAL, address.address());
        attribute(Linux.IFA_ADDRESS, address.address());
        byte[] broadcast = address.broadcast();
        if (broadcast != null) {
            attribute(Linux.IFA_BROADCAST, broadcast);
        }
        exchange("add the address " + cidr);
    }

    private void begin(int type, int flags, int bodyLength) {
        request.setMemory(0, request.capacity(), (byte) 0);
        request.putShort(Linux.NLMSG_TYPE, (short) type);
        // A look-up answers by itself; an acknowledgment would come behind the answer.
        int ack = type == Linux.RTM_GETLINK ? 0 : Linux.NLM_F_ACK;
        request.putShort(Linux.NLMSG_FLAGS, (short) (Linux.NLM_F_REQUEST | ack | flags));
        request.putInt(Linux.NLMSG_SEQ, ++sequence);
        end = Linux.NLMSG_LENGTH + bodyLength;
    }

    private void attribute(int type, byte[] value) {
        request.putShort(end, (short) (Linux.RTA_LENGTH + value.length));
        request.putShort(end + 2, (short) type);
        request.putBytes(end + Linux.RTA_LENGTH, value);
        end += align(Linux.RTA_LENGTH + value.length);
    }

    private void attribute(int type, int value) {
        request.putShort(end, (short) (Linux.RTA_LENGTH + 4));
        request.putShort(end + 2, (short) type);
        request.putInt(end + Linux.RTA_LENGTH, value);
        end += Linux.RTA_LENGTH + 4;
    }

    /** Sends the request and takes in its answer; returns the answer's length in bytes. */
    private int exchange(String what) throws TapException {
        request.putInt(Linux.NLMSG_LEN, end);
        long sent = libC.write(fd, request.addressOffset(), end);
        if (sent < 0) {
            throw failed(what, (int) -sent);
        }
        while (true) {
            long n = libC.read(fd, reply.addressOffset(), BUFFER_LENGTH);
            if (n == -Errno.EINTR) {
                continue;
            }
            if (n < 0) {
                throw failed(what, (int) -n);
            }
            if (n < Linux.NLMSG_LENGTH || reply.getInt(Linux.NLMSG_SEQ) != sequence) {
                continue;
            }
            if (reply.getShort(Linux.NLMSG_TYPE) == Linux.NLMSG_ERROR && reply.getInt(Linux.NLMSGERR_ERROR) != 0) {
                throw failed(what, -reply.getInt(Linux.NLMSGERR_ERROR));
            }
            return (int) Math.min(n, reply.getInt(Linux.NLMSG_LEN));
        }
    }

    private static TapException failed(String what, int errno) {
        String remedy = errno == Errno.EPERM || errno == Errno.EACCES
                ? ": this needs CAP_NET_ADMIN in this network namespace"
                : "";
        return new TapException("cannot " + what + ": " + Errno.describe(errno) + remedy, errno);
    }

    static int align(int length) {
        return (length + 3) & ~3;
    }

    @Override
    public void close() {
        if (fd >= 0) {
            libC.close(fd);
            fd = -1;
        }
    }
}
