package dev.penstock.stack.buffer;

import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A packet on its way through the stack: off-heap memory with room in front, into which each layer pushes its header
 * in place, and, going out, up to {@link #MAX_SLICES} slices of payload that lie elsewhere and are never copied.
 *
 * <p>The packet is the bytes {@code [start, end)} of {@link #buffer()}, followed by the slices in their order. A frame
 * belongs to one owner at a time: who acquires it from a {@link FramePool} releases it. A device hands its receive frame
 * to the handler for the length of the call only; who needs the bytes longer copies them. One shard's thread.
 */
public final class Frame {
    /**
     * Bytes kept free in front for headers: virtio-net 12, Ethernet 14, two VLAN tags 8, IPv6 40 and 16 of options,
     * TCP 60.
     */
    public static final int HEADROOM = 160;
    /** The most payload slices: 64 KiB of chunks of 16 KiB, not aligned, and one to spare. */
    public static final int MAX_SLICES = 6;
    /**
     * A device may find it cheaper to copy slices of so many bytes in all behind the head than to gather them: who sends short
     * payload in slices leaves that much room there.
     */
    public static final int SHORT_SLICES = 256;
    /**
     * The most bytes a frame carries: an IP packet with 65,535 in its length field, which in IPv6 does not count the
     * header's 40, behind 22 bytes of link-layer headers.
     */
    public static final int MAX_LENGTH = 65_535 + 40 + 22;

    private static final int ABSENT = -1;

    private final UnsafeBuffer buffer;
    private final TxOffload tx = new TxOffload();
    private final RxOffload rx = new RxOffload();
    private final DirectBuffer[] sliceBuffers = new DirectBuffer[MAX_SLICES];
    private final int[] sliceOffsets = new int[MAX_SLICES];
    private final int[] sliceLengths = new int[MAX_SLICES];
    final FramePool pool;
    boolean inUse;

    private int start;
    private int end;
    private int slices;
    private int sliceBytes;
    private int transportOffset;
    private int networkOffset;
    private int linkOffset;

    /** A frame outside any pool, for devices and tests, that can hold {@code capacity} bytes behind its headroom. */
    public Frame(int capacity) {
        this(capacity, null);
    }

    Frame(int capacity, FramePool pool) {
        this.buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(HEADROOM + capacity));
        this.pool = pool;
        reset();
    }

    /** Makes the frame empty again: no bytes, no headers, no slices, the whole headroom free. */
    public void reset() {
        reset(HEADROOM);
    }

    /** As {@link #reset()}, with the packet to begin {@code headroom} bytes into the buffer. */
    public void reset(int headroom) {
        start = headroom;
        end = headroom;
        for (int i = 0; i < slices; i++) {
            sliceBuffers[i] = null;
        }
        slices = 0;
        sliceBytes = 0;
        transportOffset = ABSENT;
        networkOffset = ABSENT;
        linkOffset = ABSENT;
        tx.clear();
        rx.clear();
    }

    /** The memory; off-heap, its {@code addressOffset()} is a native address. */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    /** Where the packet begins in {@link #buffer()}. */
    public int start() {
        return start;
    }

    /** Where the packet's part in {@link #buffer()} ends. */
    public int end() {
        return end;
    }

    /** Bytes in {@link #buffer()}: all of the packet but its slices. */
    public int headLength() {
        return end - start;
    }

    /** Bytes of the whole packet, slices included. */
    public int length() {
        return end - start + sliceBytes;
    }

    /** Bytes that can still be appended. */
    public int tailroom() {
        return buffer.capacity() - end;
    }

    /** Says that the packet is the {@code length} bytes from {@code start} on, for one that was written in place. */
    public void setBounds(int start, int length) {
        if (start < 0 || length < 0 || length > buffer.capacity() - start) {
            throw new IllegalArgumentException("bounds outside the frame: " + start + " + " + length);
        }
        this.start = start;
        this.end = start + length;
    }

    /** Makes room for {@code length} bytes at the end and returns their offset. */
    public int append(int length) {
        if (length < 0 || length > tailroom()) {
            throw new IllegalArgumentException("no room for " + length + " bytes, only " + tailroom());
        }
        int at = end;
        end += length;
        return at;
    }

    /** Appends a copy of {@code length} bytes. */
    public void append(DirectBuffer src, int offset, int length) {
        buffer.putBytes(append(length), src, offset, length);
    }

    /** Adds payload that lies elsewhere, behind all that is there. It must not change until the device has taken it. */
    public void addSlice(DirectBuffer src, int offset, int length) {
        if (slices == MAX_SLICES) {
            throw new IllegalStateException("a frame has at most " + MAX_SLICES + " slices");
        }
        sliceBuffers[slices] = src;
        sliceOffsets[slices] = offset;
        sliceLengths[slices] = length;
        slices++;
        sliceBytes += length;
    }

    /** How many slices there are. */
    public int sliceCount() {
        return slices;
    }

    /** The memory of slice {@code i}; off-heap. */
    public DirectBuffer sliceBuffer(int i) {
        return sliceBuffers[i];
    }

    /** Where slice {@code i} begins in its memory. */
    public int sliceOffset(int i) {
        return sliceOffsets[i];
    }

    /** Bytes of slice {@code i}. */
    public int sliceLength(int i) {
        return sliceLengths[i];
    }

    /** Pushes the transport header and returns its offset; a second push is an error. */
    public int pushTransport(int length) {
        if (transportOffset != ABSENT) {
            throw new IllegalStateException("a transport header was pushed already");
        }
        transportOffset = push(length);
        return transportOffset;
    }

    /** Pushes the network header and returns its offset; a second push is an error. */
    public int pushNetwork(int length) {
        if (networkOffset != ABSENT) {
            throw new IllegalStateException("a network header was pushed already");
        }
        networkOffset = push(length);
        return networkOffset;
    }

    /** Pushes the link header and returns its offset; a second push is an error. */
    public int pushLink(int length) {
        if (linkOffset != ABSENT) {
            throw new IllegalStateException("a link header was pushed already");
        }
        linkOffset = push(length);
        return linkOffset;
    }

    private int push(int length) {
        if (length > start) {
            throw new IllegalStateException("no headroom for " + length + " bytes, only " + start);
        }
        start -= length;
        return start;
    }

    /** Takes the link header, {@code length} bytes, off again: the packet could not be sent and may be tried later. */
    public void popLink(int length) {
        start += length;
        linkOffset = ABSENT;
    }

    /** As {@link #popLink}, for the network header; the link header is off already. */
    public void popNetwork(int length) {
        start += length;
        networkOffset = ABSENT;
    }

    /** Where the transport header is in {@link #buffer()}, or -1. */
    public int transportOffset() {
        return transportOffset;
    }

    /** Where the network header is in {@link #buffer()}, or -1. */
    public int networkOffset() {
        return networkOffset;
    }

    /** Where the link header is in {@link #buffer()}, or -1. */
    public int linkOffset() {
        return linkOffset;
    }

    /** What is left for the device to do. */
    public TxOffload tx() {
        return tx;
    }

    /** What the device said of this frame. */
    public RxOffload rx() {
        return rx;
    }

    /** Copies the whole packet, slices included, to {@code dst}, which must have room for {@link #length()} bytes. */
    public void copyTo(UnsafeBuffer dst, int offset) {
        dst.putBytes(offset, buffer, start, end - start);
        int at = offset + end - start;
        for (int i = 0; i < slices; i++) {
            dst.putBytes(at, sliceBuffers[i], sliceOffsets[i], sliceLengths[i]);
            at += sliceLengths[i];
        }
    }

    /** Gives the frame back to its pool. A frame outside any pool is only reset. */
    public void release() {
        if (pool == null) {
            reset();
        } else {
            pool.release(this);
        }
    }
}
