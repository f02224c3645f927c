package dev.penstock.stack.blocking;

import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Several datagrams in memory of its own, to be received or sent by one call of {@link UdpSocket}: {@link UdpSocket#receive(DatagramBatch)}
 * and {@link UdpSocket#send(DatagramBatch)}. Made once and used again and again; allocates nothing then. Not thread-safe.
 */
public final class DatagramBatch {
    private final UnsafeBuffer buffer;
    private final int[] offsets;
    private final int[] lengths;
    private final boolean[] truncated;
    private final Endpoint[] ends;
    private int size;
    private int used;

    /**
     * @param maxDatagrams 1 .. 65,536
     * @param bytes for the data of all together, at least 1
     */
    public DatagramBatch(int maxDatagrams, int bytes) {
        if (maxDatagrams < 1 || maxDatagrams > 1 << 16 || bytes < 1) {
            throw new IllegalArgumentException(maxDatagrams + " datagrams in " + bytes + " bytes");
        }
        buffer = new UnsafeBuffer(new byte[bytes]);
        offsets = new int[maxDatagrams];
        lengths = new int[maxDatagrams];
        truncated = new boolean[maxDatagrams];
        ends = new Endpoint[maxDatagrams];
    }

    /** Makes it empty. */
    public void clear() {
        size = 0;
        used = 0;
    }

    /** Datagrams in it. */
    public int size() {
        return size;
    }

    /** Adds a copy of a datagram, to be sent to {@code to}. False when there is no room for it. */
    public boolean add(DirectBuffer src, int offset, int length, Endpoint to) {
        Objects.requireNonNull(to);
        if (size == lengths.length || length > room()) {
            return false;
        }
        buffer.putBytes(used, src, offset, length);
        put(length, false, to);
        return true;
    }

    /** The data of all datagrams, see {@link #offset}. */
    public DirectBuffer buffer() {
        return buffer;
    }

    /** Where the data of datagram {@code i} begin in {@link #buffer}. */
    public int offset(int i) {
        return offsets[Objects.checkIndex(i, size)];
    }

    /** Bytes of it that are here. */
    public int length(int i) {
        return lengths[Objects.checkIndex(i, size)];
    }

    /** It was longer than the whole batch: the rest is lost. */
    public boolean isTruncated(int i) {
        return truncated[Objects.checkIndex(i, size)];
    }

    /** Who sent it, or whom it is for. */
    public Endpoint endpoint(int i) {
        return ends[Objects.checkIndex(i, size)];
    }

    // --- the socket's ---

    /** Another datagram of this length can be received into it; one that comes first always can. */
    boolean hasRoom(int length) {
        return size < lengths.length && (size == 0 || length <= room());
    }

    UnsafeBuffer memory() {
        return buffer;
    }

    int used() {
        return used;
    }

    int room() {
        return buffer.capacity() - used;
    }

    /** The data were written at {@link #used}. */
    void put(int length, boolean cut, Endpoint end) {
        offsets[size] = used;
        lengths[size] = length;
        truncated[size] = cut;
        ends[size++] = end;
        used += length;
    }
}
