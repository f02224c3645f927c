package dev.penstock.stack.device;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.buffer.TxOffload;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.atomic.SpscAtomicArrayQueue;

/**
 * One end of a {@link MemoryWire}: the device without the software offload that may stand in front of it, and its
 * counters, which any thread may read.
 */
public final class MemoryWireEnd implements BlockingDevice {
    private static final int LINK_HEADERS = 22;
    /** Frames up to this many bytes are kept in memory of this size, so that ACKs do not each occupy 64 KiB. */
    private static final int SMALL = 2048;

    private final DeviceCapabilities capabilities;
    private final long mac;
    private final Parker parker;
    private final int queueBytes;
    private final boolean dropWhenFull;
    private final FramePool small;
    private final FramePool large;
    /** Filled by this end's thread, emptied by the peer's. */
    private final SpscAtomicArrayQueue<Frame> outgoing;
    /** What the peer has read: filled by the peer's thread, emptied by this end's. */
    private final SpscAtomicArrayQueue<Frame> returned;

    private final int maxFrames;
    /** The lengths of the frames that are out, oldest first: they come back in the order in which they went. */
    private final int[] lengths;

    private int nextLength;
    private int framesOut;
    private long bytesOut;
    private MemoryWireEnd peer;
    /** Those that {@link #await} watches, too. */
    private MemoryWireEnd[] also = {};

    /** This end was refused room; set by this end, cleared by the peer when it has given frames back. */
    private volatile boolean wantsRoom;
    /** This end's thread sleeps or is about to. */
    private volatile boolean sleeping;

    private final AtomicBoolean woken = new AtomicBoolean();
    private volatile boolean closed;

    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong errors = new AtomicLong();

    MemoryWireEnd(MemoryWire.Builder builder, int side) {
        DeviceCapabilities own = builder.capabilities[side];
        DeviceCapabilities other = builder.capabilities[1 - side];
        capabilities = common(own, other);
        mac = builder.macs[side];
        parker = builder.parkers[side];
        queueBytes = builder.queueBytes;
        dropWhenFull = builder.dropWhenFull;
        maxFrames = builder.queueFrames;
        lengths = new int[maxFrames];
        outgoing = new SpscAtomicArrayQueue<>(Math.max(4, maxFrames));
        returned = new SpscAtomicArrayQueue<>(Math.max(4, maxFrames));
        int longest = Math.min(capabilities.gsoMaxLength() + LINK_HEADERS, Frame.MAX_LENGTH);
        small = new FramePool(Math.min(SMALL, longest), maxFrames);
        large = new FramePool(longest, maxFrames);
    }

    /** What this end can leave undone because the other one takes it undone. */
    private static DeviceCapabilities common(DeviceCapabilities own, DeviceCapabilities other) {
        boolean checksum = own.txChecksum() && other.txChecksum();
        boolean tso4 = checksum && own.tso4() && other.tso4();
        boolean tso6 = checksum && own.tso6() && other.tso6();
        boolean uso = checksum && own.uso() && other.uso();
        int longest = tso4 || tso6 || uso ? Math.min(own.gsoMaxLength(), other.gsoMaxLength()) : own.mtu();
        return new DeviceCapabilities(own.mtu(), checksum, tso4, tso6, uso, Math.max(own.mtu(), longest));
    }

    void connect(MemoryWireEnd other) {
        peer = other;
    }

    @Override
    public DeviceCapabilities capabilities() {
        return capabilities;
    }

    @Override
    public long macAddress() {
        return mac;
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        MemoryWireEnd from = peer;
        int n = 0;
        while (n < limit && !closed) {
            Frame frame = from.outgoing.poll();
            if (frame == null) {
                break;
            }
            n++;
            try {
                handler.onFrame(frame);
            } finally {
                from.returned.offer(frame);
            }
        }
        if (n > 0) {
            from.roomMade();
        }
        return n;
    }

    /**
     * {@inheritDoc}
     *
     * <p>A frame that is too long for either end, or offered while an end is closed, is taken, lost and counted in
     * {@link #errors()}.
     */
    @Override
    public int offer(Frame frame) {
        int pieces = pieces(frame);
        if (!isUp() || tooLong(frame)) {
            increment(errors);
            return pieces;
        }
        takeBack();
        if (!hasRoom(frame.length()) && !dropWhenFull) {
            wantsRoom = true;
            VarHandle.fullFence();
            takeBack();
        }
        if (!hasRoom(frame.length())) {
            increment(dropWhenFull ? dropped : refused);
            return dropWhenFull ? pieces : 0;
        }
        enqueue(frame);
        VarHandle.fullFence();
        if (peer.sleeping) {
            peer.parker.unpark();
        }
        return pieces;
    }

    private static int pieces(Frame frame) {
        TxOffload tx = frame.tx();
        if (tx.gsoType == TxOffload.GSO_NONE || tx.gsoSize <= 0) {
            return 1;
        }
        int payload = frame.length() - tx.headerLength;
        return Math.max(1, (payload + tx.gsoSize - 1) / tx.gsoSize);
    }

    private boolean tooLong(Frame frame) {
        TxOffload tx = frame.tx();
        int link = Packets.linkLength(frame.buffer(), frame.start(), frame.headLength());
        int packet = frame.length() - (link < 0 ? LINK_HEADERS : link);
        int mtu = Math.min(capabilities.mtu(), peer.capabilities.mtu());
        if (tx.gsoType == TxOffload.GSO_NONE) {
            return packet > mtu;
        }
        return packet > capabilities.gsoMaxLength() || tx.headerLength - link + tx.gsoSize > mtu;
    }

    private boolean hasRoom(int length) {
        return framesOut < maxFrames && (framesOut == 0 || bytesOut + length <= queueBytes);
    }

    private void enqueue(Frame frame) {
        int length = frame.length();
        Frame copy = (length <= small.frameCapacity() ? small : large).acquire();
        int at = copy.append(length);
        frame.copyTo(copy.buffer(), at);
        TxOffload tx = frame.tx();
        copy.rx().partial = tx.checksumNeeded;
        copy.rx().gsoSize = tx.gsoType == TxOffload.GSO_NONE ? 0 : tx.gsoSize;
        lengths[(nextLength + framesOut) % maxFrames] = length;
        framesOut++;
        bytesOut += length;
        outgoing.offer(copy);
    }

    private void takeBack() {
        Frame frame;
        while ((frame = returned.poll()) != null) {
            bytesOut -= lengths[nextLength];
            nextLength = (nextLength + 1) % maxFrames;
            framesOut--;
            frame.release();
        }
    }

    /** The peer has given frames back: the sender may try again. The peer's thread. */
    private void roomMade() {
        VarHandle.fullFence();
        if (wantsRoom) {
            wantsRoom = false;
            wakeUp();
        }
    }

    @Override
    public void await(long timeoutNs) {
        if (timeoutNs <= 0 || woken.getAndSet(false)) {
            return;
        }
        setSleeping(true);
        VarHandle.fullFence();
        if (isQuiet()) {
            parker.park(timeoutNs);
        }
        setSleeping(false);
        woken.set(false);
        for (MemoryWireEnd end : also) {
            end.woken.set(false);
        }
    }

    private void setSleeping(boolean on) {
        sleeping = on;
        for (MemoryWireEnd end : also) {
            end.sleeping = on;
        }
    }

    /** Nothing to be read, and nobody has woken this end or those that are slept on with it. */
    private boolean isQuiet() {
        boolean quiet = peer.outgoing.isEmpty() && !woken.get();
        for (int i = 0; quiet && i < also.length; i++) {
            quiet = also[i].peer.outgoing.isEmpty() && !also[i].woken.get();
        }
        return quiet;
    }

    /** Ends that were built with the same {@link Parker}, of one wire or of several, are slept on together. */
    @Override
    public boolean awaitAlso(BlockingDevice other) {
        if (!(other instanceof MemoryWireEnd end) || end.parker != parker) {
            return false;
        }
        also = Arrays.copyOf(also, also.length + 1);
        also[also.length - 1] = end;
        return true;
    }

    @Override
    public void wakeUp() {
        woken.set(true);
        if (sleeping) {
            parker.unpark();
        }
    }

    @Override
    public boolean isUp() {
        return !closed && !peer.closed;
    }

    /** Frames lost because they were too long or an end was closed, and those that a full queue swallowed. */
    @Override
    public long errors() {
        return errors.get() + dropped.get();
    }

    /** Frames that a full queue swallowed. */
    public long dropped() {
        return dropped.get();
    }

    /** How often a frame was refused because the queue was full. */
    public long refused() {
        return refused.get();
    }

    /** Closes this end; what waits for it is given back unread, and the other end is no longer up. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        Frame frame;
        while ((frame = peer.outgoing.poll()) != null) {
            peer.returned.offer(frame);
        }
        peer.roomMade();
        peer.wakeUp();
    }

    void assertAllReturned() {
        takeBack();
        int waiting = outgoing.size();
        if (framesOut != waiting || small.outstanding() + large.outstanding() != waiting) {
            throw new IllegalStateException(framesOut - waiting + " frame(s) of a memory wire were not returned");
        }
    }

    private static void increment(AtomicLong counter) {
        counter.setOpaque(counter.getPlain() + 1);
    }
}
