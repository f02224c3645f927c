package dev.penstock.stack.socket;

import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.buffer.ReceiveQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The receiving half of a {@link DatagramPort}: the shard puts records in, shows those of a burst together, and the receiver takes the
 * datagrams out. A record is a datagram, or a run of them that came joined.
 */
final class DatagramInbox {
    private static final int HEADER = DatagramPort.RECORD_HEADER;
    /** So much is read at most before the shard is told. */
    private static final int REPORT_BYTES = 1 << 15;

    private final ReceiveQueue queue;
    private final AtomicLong drops = new AtomicLong();
    /** The shard's: where the records end that the receiver is to see after this burst. */
    private long written;

    /** The receiver's: the header of the record that the datagram last received was in. */
    private final UnsafeBuffer header = new UnsafeBuffer(new byte[HEADER]);
    /** Of that record: bytes not taken yet, and those of each datagram; 0 if it is only one. */
    private int left;

    private int segment;
    private boolean begun;
    /** Bytes taken since the shard was told last. */
    private int unreported;

    DatagramInbox(ChunkPool chunks, int limit) {
        queue = new ReceiveQueue(chunks, limit);
    }

    void setLimit(int bytes) {
        queue.setLimit(bytes);
    }

    /** Datagrams that found no room. Any thread. */
    long drops() {
        return drops.get();
    }

    // --- the receiver's ---

    boolean isReady() {
        return begun || queue.size() >= HEADER;
    }

    /** Bytes of the oldest datagram, or NOTHING. */
    int nextLength() {
        if (!begun) {
            if (queue.size() < HEADER || queue.read(header, 0, HEADER) != HEADER) {
                return DatagramPort.NOTHING;
            }
            begun = true;
            left = DatagramPort.length(header.getInt(20));
            segment = DatagramPort.segment(header.getInt(20));
        }
        return segment == 0 ? left : Math.min(segment, left);
    }

    /** Takes the oldest datagram. Its whole length, or NOTHING. */
    int take(MutableDirectBuffer dst, int offset, int length) {
        int whole = nextLength();
        if (whole == DatagramPort.NOTHING) {
            return whole;
        }
        int n = Math.min(whole, length);
        queue.read(dst, offset, n);
        if (n < whole) {
            queue.discard(whole - n);
        }
        left -= whole;
        begun = left > 0;
        unreported += whole;
        return whole;
    }

    /** The shard is to {@link #reclaim}: it does so when it writes, and must be told only when it might not come to that. */
    boolean mustReport() {
        if (unreported < REPORT_BYTES && queue.size() > 0) {
            return false;
        }
        unreported = 0;
        return true;
    }

    long fromHi() {
        return header.getLong(0);
    }

    long fromLo() {
        return header.getLong(8);
    }

    int fromZonedPort() {
        return header.getInt(16);
    }

    // --- the shard's ---

    /** Bytes of data that there is room for in one record; below 0 for none. */
    int room() {
        return (int) (queue.free() - Math.max(0, written - queue.tailPosition())) - HEADER;
    }

    /** Puts a record in. False, and nothing is in, when the stack's memory is used up. */
    boolean put(
            UnsafeBuffer scratch,
            DirectBuffer src,
            int offset,
            int length,
            int segmentSize,
            long srcHi,
            long srcLo,
            int zonedPort) {
        scratch.putLong(0, srcHi);
        scratch.putLong(8, srcLo);
        scratch.putInt(16, zonedPort);
        scratch.putInt(20, segmentSize << 16 | length);
        long at = Math.max(written, queue.tailPosition());
        int done = queue.writeAt(at, scratch, 0, HEADER);
        done += queue.writeAt(at + HEADER, src, offset, length);
        if (done < HEADER + length) {
            return false;
        }
        written = at + HEADER + length;
        return true;
    }

    /** Shows the receiver what was put in; false if that was nothing. */
    boolean show() {
        if (written <= queue.tailPosition()) {
            return false;
        }
        queue.commitTo(written);
        return true;
    }

    void lost(int datagrams) {
        drops.setOpaque(drops.getPlain() + datagrams);
    }

    void reclaim() {
        queue.reclaim();
    }

    void close() {
        queue.close();
    }
}
