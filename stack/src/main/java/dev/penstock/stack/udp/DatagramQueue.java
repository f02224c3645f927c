package dev.penstock.stack.udp;

import dev.penstock.stack.ip.IpPacket;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Received datagrams on their way to an application: one shard puts in, one other thread takes out, without locks.
 * Bounded in bytes and in datagrams; what finds no room is dropped and counted. Memory is taken with the first
 * datagram.
 *
 * <p>A ring of records, each a header of 48 bytes and the data, padded to 8 bytes.
 */
public final class DatagramQueue {
    private static final int HEADER = 48;

    private final int capacity;
    private final int maxDatagrams;
    private final AtomicLong tail = new AtomicLong();
    private final AtomicLong head = new AtomicLong();
    private final AtomicLong put = new AtomicLong();
    private final AtomicLong taken = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private UnsafeBuffer ring;

    /**
     * @param maxBytes data and 48 bytes for each datagram; rounded up to a power of two, 1,024 .. 2^30
     * @param maxDatagrams at least 1
     */
    public DatagramQueue(int maxBytes, int maxDatagrams) {
        if (maxBytes < 1 || maxBytes > 1 << 30 || maxDatagrams < 1) {
            throw new IllegalArgumentException("maxBytes " + maxBytes + ", maxDatagrams " + maxDatagrams);
        }
        this.capacity = Math.max(1024, Integer.highestOneBit(maxBytes * 2 - 1));
        this.maxDatagrams = maxDatagrams;
    }

    /** Puts a copy in, or answers false and counts it when there is no room. Shard thread. */
    public boolean offer(
            DirectBuffer data,
            int offset,
            int length,
            long srcHi,
            long srcLo,
            int srcPort,
            long dstHi,
            long dstLo,
            int interfaceIndex,
            long nowNs) {
        long at = tail.getPlain();
        int record = HEADER + ((length + 7) & ~7);
        if (at + record - head.getAcquire() > capacity || put.getPlain() - taken.getAcquire() >= maxDatagrams) {
            dropped.setOpaque(dropped.getPlain() + 1);
            return false;
        }
        if (ring == null) {
            ring = new UnsafeBuffer(ByteBuffer.allocateDirect(capacity));
        }
        // The interface's number counts from 1 here: 0 is none.
        putLong(at, ((long) (interfaceIndex + 1) << 48) | ((long) srcPort << 32) | length);
        putLong(at + 8, srcHi);
        putLong(at + 16, srcLo);
        putLong(at + 24, dstHi);
        putLong(at + 32, dstLo);
        putLong(at + 40, nowNs);
        int index = index(at + HEADER);
        int first = Math.min(length, capacity - index);
        ring.putBytes(index, data, offset, first);
        ring.putBytes(0, data, offset + first, length - first);
        put.setRelease(put.getPlain() + 1);
        tail.setRelease(at + record);
        return true;
    }

    /** Puts in a datagram of a packet, or, if {@code segment} is not 0, all of a run; false when there was no room for one. */
    boolean offer(IpPacket p, int offset, int length, int segment, int srcPort, long nowNs) {
        int step = segment == 0 ? Math.max(1, length) : segment;
        boolean all = true;
        int from = 0;
        do {
            int n = Math.min(step, length - from);
            all &= offer(
                    p.buffer, offset + from, n, p.srcHi, p.srcLo, srcPort, p.dstHi, p.dstLo, p.interfaceIndex, nowNs);
            from += step;
        } while (from < length);
        return all;
    }

    /**
     * Takes the oldest datagram out. Application thread.
     *
     * @param maxLength data beyond it is lost; {@code info.length} tells the length it had
     * @return bytes copied, or -1 when the queue is empty
     */
    public int poll(MutableDirectBuffer dst, int offset, int maxLength, DatagramInfo info) {
        long at = head.getPlain();
        if (at == tail.getAcquire()) {
            return -1;
        }
        long first = getLong(at);
        int length = (int) first;
        info.length = length;
        info.srcPort = (int) (first >>> 32) & 0xffff;
        info.interfaceIndex = (int) (first >>> 48) - 1;
        info.srcHi = getLong(at + 8);
        info.srcLo = getLong(at + 16);
        info.dstHi = getLong(at + 24);
        info.dstLo = getLong(at + 32);
        info.timeNs = getLong(at + 40);
        int copied = Math.min(length, maxLength);
        int index = index(at + HEADER);
        int front = Math.min(copied, capacity - index);
        dst.putBytes(offset, ring, index, front);
        dst.putBytes(offset + front, ring, 0, copied - front);
        taken.setRelease(taken.getPlain() + 1);
        head.setRelease(at + HEADER + ((length + 7) & ~7));
        return copied;
    }

    private int index(long position) {
        return (int) position & (capacity - 1);
    }

    private void putLong(long position, long value) {
        ring.putLong(index(position), value);
    }

    private long getLong(long position) {
        return ring.getLong(index(position));
    }

    /** True when nothing waits. Any thread. */
    public boolean isEmpty() {
        return head.getAcquire() == tail.getAcquire();
    }

    /** How many datagrams wait. Any thread; exact on either side of the queue for what that side does. */
    public int size() {
        return (int) (put.getAcquire() - taken.getAcquire());
    }

    /** How many found no room. Any thread. */
    public long dropped() {
        return dropped.getOpaque();
    }
}
