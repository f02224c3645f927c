package dev.penstock.tap;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.FrameHandler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A Linux TAP interface (or one queue of it): Ethernet frames to and from the kernel of the network namespace in which
 * it was opened. With virtio-net headers, which are the default, it takes and hands over super-segments of up to 64 KiB
 * and unfinished checksums; without them it is a plain device.
 *
 * <p>Thread: that of one shard for everything but {@link #wakeUp}; it may be opened on another one. The file
 * descriptor works from any thread and in any namespace.
 *
 * <p>The data path never throws. A frame that the kernel refuses is lost, as on a wire: it counts as taken, and in
 * {@link #errors}. That holds while the interface is down, too (EIO), so that the stack does not try it for ever;
 * retransmission is the transport's affair. Only a full queue (EAGAIN) is answered with 0; the next {@link #await} then
 * ends when there is room. When the interface is gone (deleted by another) the device stays closed to all frames and
 * {@link #isUp} is false; {@link #await} still sleeps and still wakes.
 */
public final class TapDevice implements BlockingDevice {
    /** Ethernet frames begin here, so that IP headers, 14 bytes on, are aligned to four bytes. */
    private static final int RX_START = Frame.HEADROOM + 2;
    /** 64 KiB and its headers, up to two VLAN tags, and one byte that is never filled unless a frame was cut off. */
    private static final int RX_LENGTH = 65_536 + 14 + 8 + 1;

    private static final int MIN_FRAME = 14;
    private static final int IOVECS = 2 + Frame.MAX_SLICES;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final TapConfig config;
    private final LibC libC;
    private final String name;
    private final int vnetLength;
    private final DeviceCapabilities capabilities;
    private final WakeUp wakeUp;
    private final int receiveQueueLength;

    private final Frame rxFrame = new Frame(RX_LENGTH + 2);
    private final UnsafeBuffer txHeader = NativeMemory.allocate(16);
    private final UnsafeBuffer iov = NativeMemory.allocate(IOVECS * Linux.IOVEC_LENGTH);
    /** Of this device, of its eventfd, and of the devices that are slept on with it. */
    private UnsafeBuffer pollFds = NativeMemory.allocate(2 * Linux.POLLFD_LENGTH);

    private TapDevice[] also = {};
    private final UnsafeBuffer timespec = NativeMemory.allocate(Linux.TIMESPEC_LENGTH);
    private final long rxAddress;
    private final long iovAddress;

    private int fd;
    private long errors;
    /** How many frames the next {@link #poll} reads at most, see there. */
    private int budget = 1;
    /** The last write said that the queue is full. */
    private boolean full;
    /** The last frame was written or read; false makes {@link #isUp} ask the kernel. */
    private boolean linkUp;
    /** The interface was deleted. */
    private boolean gone;

    private TapDevice(TapConfig config, LibC libC, TapOpener opened, WakeUp wakeUp) {
        this.config = config;
        this.libC = libC;
        this.fd = opened.fd;
        this.name = opened.name;
        this.wakeUp = wakeUp;
        this.vnetLength = opened.vnetHeader ? VnetHeader.LENGTH : 0;
        boolean tso4 = opened.has(Linux.TUN_F_TSO4);
        boolean tso6 = opened.has(Linux.TUN_F_TSO6);
        boolean cuts = tso4 || tso6 || opened.hasUso();
        this.capabilities = new DeviceCapabilities(
                config.mtu, opened.has(Linux.TUN_F_CSUM), tso4, tso6, opened.hasUso(), cuts ? 65_535 : config.mtu);
        this.receiveQueueLength = cuts ? 0 : opened.txQueueLength;
        this.rxAddress = rxFrame.buffer().addressOffset() + RX_START - vnetLength;
        this.iovAddress = iov.addressOffset();
        watchWakeUp();
    }

    private void watchWakeUp() {
        pollFds.putInt(Linux.POLLFD_LENGTH + Linux.POLLFD_FD, wakeUp.fd());
        pollFds.putShort(Linux.POLLFD_LENGTH + Linux.POLLFD_EVENTS, (short) Linux.POLLIN);
    }

    /** Several TAP devices are slept on by one ppoll(2), and woken by the eventfd of the one that sleeps. */
    @Override
    public boolean awaitAlso(BlockingDevice other) {
        if (!(other instanceof TapDevice tap)) {
            return false;
        }
        also = Arrays.copyOf(also, also.length + 1);
        also[also.length - 1] = tap;
        pollFds = NativeMemory.allocate((2 + also.length) * Linux.POLLFD_LENGTH);
        watchWakeUp();
        return true;
    }

    /**
     * Opens the device in the network namespace of the calling thread. A busy interface is tried again for up to 3 s.
     *
     * @throws TapException with a message for the user
     */
    public static TapDevice open(TapConfig config) throws TapException {
        return open(config, config.binding.libC());
    }

    static TapDevice open(TapConfig config, LibC libC) throws TapException {
        TapOpener opener = new TapOpener(config, libC);
        opener.open();
        try {
            return new TapDevice(config, libC, opener, new WakeUp(libC));
        } catch (TapException e) {
            libC.close(opener.fd);
            throw e;
        }
    }

    /**
     * Opens {@code queues} queues of one interface, each a device of its own for one shard.
     *
     * @throws TapException as {@link #open} does; none stays open then
     */
    public static List<TapDevice> openQueues(TapConfig config, int queues) throws TapException {
        if (queues < 1 || queues > 256) {
            throw new TapException("bad number of queues " + queues + ": it must be in 1 .. 256");
        }
        if (queues > 1 && !config.multiQueue) {
            throw new TapException(queues + " queues need a multi-queue device: set multiQueue(true)");
        }
        List<TapDevice> devices = new ArrayList<>();
        try {
            devices.add(open(config));
            TapConfig further = config.furtherQueue(devices.get(0).name());
            for (int i = 1; i < queues; i++) {
                devices.add(open(further));
            }
            return devices;
        } catch (TapException e) {
            devices.forEach(TapDevice::close);
            throw e;
        }
    }

    /** The interface's name as the kernel knows it. */
    public String name() {
        return name;
    }

    /** True when frames carry virtio-net headers, so that offloads are possible. */
    public boolean hasVnetHeader() {
        return vnetLength != 0;
    }

    @Override
    public DeviceCapabilities capabilities() {
        return capabilities;
    }

    @Override
    public long macAddress() {
        return config.macAddress;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Whether more frames wait is known only by a read(2) in vain, and the answer to the first would wait for that one, too.
     * So a poll after a quiet time reads a single frame, and each after one that was filled twice as many, up to {@link
     * TapConfig.Builder#burst}: an echo leaves at once, and a stream is acknowledged in bursts.
     */
    @Override
    public int poll(FrameHandler handler, int limit) {
        int most = Math.min(limit, budget);
        budget = Math.min(2 * budget, config.burst);
        int handed = 0;
        int reads = 0;
        while (reads < most && fd >= 0 && !gone) {
            long n = libC.read(fd, rxAddress, vnetLength + RX_LENGTH);
            reads++;
            if (n < 0) {
                budget = 1;
                if (n != -Errno.EAGAIN && n != -Errno.EINTR) {
                    failed((int) -n);
                }
                break;
            }
            int length = (int) n - vnetLength;
            if (length < MIN_FRAME || length == RX_LENGTH) {
                errors++;
                continue;
            }
            linkUp = true;
            rxFrame.reset(RX_START);
            rxFrame.setBounds(RX_START, length);
            if (vnetLength != 0) {
                VnetHeader.decode(rxFrame.buffer(), RX_START - VnetHeader.LENGTH, rxFrame.rx());
            }
            handler.onFrame(rxFrame);
            handed++;
        }
        return handed;
    }

    @Override
    public int offer(Frame frame) {
        int pieces = VnetHeader.pieces(frame.tx(), frame.length());
        if (fd < 0 || gone || (vnetLength == 0 && (frame.tx().checksumNeeded || frame.tx().gsoType != 0))) {
            errors++;
            return pieces;
        }
        long n = write(frame);
        if (n >= 0) {
            full = false;
            linkUp = true;
            return pieces;
        }
        if (n == -Errno.EAGAIN || n == -Errno.EINTR) {
            full = true;
            return 0;
        }
        failed((int) -n);
        return pieces;
    }

    private long write(Frame frame) {
        UnsafeBuffer buffer = frame.buffer();
        long head = buffer.addressOffset() + frame.start();
        int headLength = frame.headLength();
        int count = 0;
        if (vnetLength != 0) {
            if (frame.start() >= VnetHeader.LENGTH) {
                // The header goes into the headroom, so that head and header are one piece.
                VnetHeader.encode(buffer, frame.start() - VnetHeader.LENGTH, frame.tx());
                head -= VnetHeader.LENGTH;
                headLength += VnetHeader.LENGTH;
            } else {
                VnetHeader.encode(txHeader, 0, frame.tx());
                putIovec(count++, txHeader.addressOffset(), VnetHeader.LENGTH);
            }
        }
        int slices = frame.sliceCount();
        int sliceBytes = frame.length() - frame.headLength();
        if (count == 0 && sliceBytes <= Math.min(Frame.SHORT_SLICES, frame.tailroom())) {
            // One plain write(2) costs less than a writev(2) of pieces.
            return libC.write(fd, head, headLength + copySlices(frame, slices));
        }
        putIovec(count++, head, headLength);
        for (int i = 0; i < slices; i++) {
            DirectBuffer slice = frame.sliceBuffer(i);
            putIovec(count++, slice.addressOffset() + frame.sliceOffset(i), frame.sliceLength(i));
        }
        return libC.writev(fd, iovAddress, count);
    }

    /** Copies the slices to where the head ends; the frame keeps its bounds. */
    private static int copySlices(Frame frame, int slices) {
        int at = frame.end();
        for (int i = 0; i < slices; i++) {
            frame.buffer().putBytes(at, frame.sliceBuffer(i), frame.sliceOffset(i), frame.sliceLength(i));
            at += frame.sliceLength(i);
        }
        return at - frame.end();
    }

    private void putIovec(int i, long address, int length) {
        int at = i * Linux.IOVEC_LENGTH;
        iov.putLong(at + Linux.IOVEC_BASE, address);
        iov.putLong(at + Linux.IOVEC_LEN, length);
    }

    private void failed(int errno) {
        errors++;
        if (errno == Errno.EIO || errno == Errno.ENETDOWN) {
            linkUp = false;
        } else if (errno == Errno.EBADFD || errno == Errno.EBADF || errno == Errno.ENODEV) {
            gone = true;
        }
    }

    @Override
    public void await(long timeoutNs) {
        if (!wakeUp.tryToSleep()) {
            return;
        }
        askFor(this, 0);
        for (int i = 0; i < also.length; i++) {
            askFor(also[i], (2 + i) * Linux.POLLFD_LENGTH);
        }
        pollFds.putShort(Linux.POLLFD_LENGTH + Linux.POLLFD_REVENTS, (short) 0);
        long timeout = 0;
        if (timeoutNs != Long.MAX_VALUE) {
            long ns = Math.max(0, timeoutNs);
            timespec.putLong(Linux.TIMESPEC_SECONDS, ns / NANOS_PER_SECOND);
            timespec.putLong(Linux.TIMESPEC_NANOSECONDS, ns % NANOS_PER_SECOND);
            timeout = timespec.addressOffset();
        }
        int ready = libC.ppoll(pollFds.addressOffset(), 2 + also.length, timeout);
        if (ready > 0) {
            takeAnswer(this, 0);
            for (int i = 0; i < also.length; i++) {
                takeAnswer(also[i], (2 + i) * Linux.POLLFD_LENGTH);
            }
        }
        wakeUp.slept(ready > 0 && pollFds.getShort(Linux.POLLFD_LENGTH + Linux.POLLFD_REVENTS) != 0);
    }

    private void askFor(TapDevice tap, int at) {
        pollFds.putInt(at + Linux.POLLFD_FD, tap.gone ? -1 : tap.fd);
        pollFds.putShort(at + Linux.POLLFD_EVENTS, (short) (tap.full ? Linux.POLLIN | Linux.POLLOUT : Linux.POLLIN));
        pollFds.putShort(at + Linux.POLLFD_REVENTS, (short) 0);
    }

    private void takeAnswer(TapDevice tap, int at) {
        int seen = pollFds.getShort(at + Linux.POLLFD_REVENTS);
        if ((seen & (Linux.POLLERR | Linux.POLLHUP | Linux.POLLNVAL)) != 0) {
            tap.gone = true;
        }
        if ((seen & Linux.POLLOUT) != 0) {
            tap.full = false;
        }
    }

    @Override
    public void wakeUp() {
        wakeUp.wake();
    }

    /**
     * True when frames can go in and out. Costs nothing while frames do; after a refused one it is one poll(2), which
     * says that a TAP device is writable only while the interface is up.
     */
    @Override
    public boolean isUp() {
        if (fd < 0 || gone) {
            return false;
        }
        if (!linkUp) {
            pollFds.putInt(Linux.POLLFD_FD, fd);
            pollFds.putShort(Linux.POLLFD_EVENTS, (short) Linux.POLLOUT);
            pollFds.putShort(Linux.POLLFD_REVENTS, (short) 0);
            int ready = libC.poll(pollFds.addressOffset(), 1, 0);
            int seen = pollFds.getShort(Linux.POLLFD_REVENTS);
            gone = ready > 0 && (seen & (Linux.POLLERR | Linux.POLLNVAL)) != 0;
            linkUp = ready > 0 && seen == Linux.POLLOUT;
        }
        return linkUp;
    }

    /** What the kernel calls the interface's txqueuelen, where segments come one by one. */
    @Override
    public int receiveQueueLength() {
        return receiveQueueLength;
    }

    @Override
    public long errors() {
        return errors;
    }

    /** Closes the device; an interface that this made, and that nobody made persistent, goes with it. */
    @Override
    public void close() {
        if (fd >= 0) {
            wakeUp.close();
            libC.close(fd);
            fd = -1;
        }
    }

    /** For people: name, offloads and binding in one line. */
    @Override
    public String toString() {
        return name + " (mtu " + capabilities.mtu() + (vnetLength == 0 ? ", plain" : ", virtio-net header")
                + (capabilities.txChecksum() ? " csum" : "") + (capabilities.tso4() ? " tso4" : "")
                + (capabilities.tso6() ? " tso6" : "") + (capabilities.uso() ? " uso" : "") + ", "
                + config.binding + ")";
    }
}
