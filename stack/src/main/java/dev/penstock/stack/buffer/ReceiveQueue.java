package dev.penstock.stack.buffer;

import dev.penstock.stack.base.Invariant;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What the peer has sent and the application has not yet read. The shard writes bytes at any position from the tail
 * on, so that data out of order waits in its final place, and commits what has become contiguous; the application
 * reads in order.
 */
public final class ReceiveQueue extends ByteQueue {
    /** The end of what was written so far, in order or not; shard only. */
    private long writtenThrough;
    /** RCV.UP. Here, because whoever sees the bytes must see it too: set before they are committed. */
    private volatile long urgentMark;

    /**
     * @param pool where the memory comes from
     * @param limit the most bytes to hold, 1 .. 2^30
     */
    public ReceiveQueue(ChunkPool pool, int limit) {
        super(pool, limit);
    }

    /**
     * Serves another stream from now on, of which everything before {@code position} has been read. Only where no application
     * thread knows this queue; shard.
     *
     * @param mark see {@link #urgentMark()}
     */
    public void restart(long position, int limit, long mark) {
        restart(position, limit);
        writtenThrough = position;
        urgentMark = mark;
    }

    /** How many bytes from the tail on may still be written. Shard. */
    public int free() {
        return Math.max(0, limit() - size());
    }

    /**
     * Writes bytes at {@code position}, at or after the tail, without committing them. Shard only.
     *
     * @return how many were written: fewer than {@code length} only when the memory pool is empty; 0 once the queue is
     *     closed
     */
    public int writeAt(long position, DirectBuffer src, int offset, int length) {
        if (isClosed()) {
            return 0;
        }
        reclaim();
        int done = 0;
        while (done < length) {
            UnsafeBuffer chunk = chunkForWriting(position + done);
            if (chunk == null) {
                break;
            }
            int n = contiguous(position + done, length - done);
            chunk.putBytes(chunkOffset(position + done), src, offset + done, n);
            done += n;
        }
        writtenThrough = Math.max(writtenThrough, position + done);
        return done;
    }

    /** Lets the application see everything before {@code position}. Shard only. */
    public void commitTo(long position) {
        moveTail(position);
        writtenThrough = Math.max(writtenThrough, position);
    }

    /**
     * RCV.UP (RFC 9293, section 3.3.1) as a stream position: that of the byte after the peer's urgent data; 0 as long as
     * there was none. Any thread; who has read a byte of a segment knows of the mark that the segment set.
     */
    public long urgentMark() {
        return urgentMark;
    }

    /** Sets {@link #urgentMark()}, before the segment's own bytes are committed. Shard only. */
    public void urgentMark(long position) {
        urgentMark = position;
    }

    /** Gives back the memory of everything beyond the tail, which is forgotten. Shard only. */
    public void forgetBeyondTail() {
        long tail = tailPosition();
        if (isClosed() || writtenThrough <= tail) {
            return;
        }
        // The chunk that holds the tail may hold committed bytes, too.
        for (long at = (tail + CHUNK_MASK) & ~(long) CHUNK_MASK; at < writtenThrough; at += CHUNK_SIZE) {
            freeChunk(at);
        }
        writtenThrough = tail;
    }

    /**
     * Passes over {@code n} bytes that were handed to the application without being queued. Shard; queue empty; no
     * application thread reads this queue, because the head, which this moves, is the reader's.
     *
     * @throws IllegalStateException if one is inside it
     */
    public void skip(int n) {
        boolean inside = shardTriesToEnter();
        Invariant.check(inside || isClosed(), "bytes are skipped while an application thread reads");
        long position = tailPosition() + n;
        moveTail(position);
        moveHead(position);
        if (inside) {
            shardLeaves();
        }
        writtenThrough = Math.max(writtenThrough, position);
    }

    /** Gives back the memory of what the application has read. Shard only. */
    public void reclaim() {
        if (isClosed()) {
            return;
        }
        long h = headPosition();
        freeBefore(h);
        // The application touches memory only while the tail is ahead of the head, so an empty queue is ours.
        if (h == tailPosition() && writtenThrough <= h) {
            freeChunk(h);
        }
    }

    /**
     * Reads up to {@code length} bytes. Application thread.
     *
     * @return how many were read, 0 when there are none now, -1 when the queue is closed
     */
    public int read(MutableDirectBuffer dst, int offset, int length) {
        if (!applicationEnters()) {
            return -1;
        }
        try {
            return take(dst, offset, length);
        } finally {
            applicationLeaves();
        }
    }

    /** As {@link #read(MutableDirectBuffer, int, int)}, into an array. */
    public int read(byte[] dst, int offset, int length) {
        if (!applicationEnters()) {
            return -1;
        }
        try {
            return take(view(dst), offset, length);
        } finally {
            clearView();
            applicationLeaves();
        }
    }

    /** As {@link #read(MutableDirectBuffer, int, int)}, into what remains of {@code dst}, whose position moves. */
    public int read(ByteBuffer dst) {
        if (dst.isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
        if (!applicationEnters()) {
            return -1;
        }
        try {
            int done = take(view(dst), dst.position(), dst.remaining());
            dst.position(dst.position() + done);
            return done;
        } finally {
            clearView();
            applicationLeaves();
        }
    }

    private int take(MutableDirectBuffer dst, int offset, int length) {
        long at = headPosition();
        int todo = Math.min(length, size());
        int done = 0;
        while (done < todo) {
            int n = contiguous(at + done, todo - done);
            bufferAt(at + done).getBytes(chunkOffset(at + done), dst, offset + done, n);
            done += n;
        }
        moveHead(at + done);
        return done;
    }

    /** Throws away up to {@code length} bytes unread; as {@link #read} without a destination. */
    public int discard(int length) {
        if (!applicationEnters()) {
            return -1;
        }
        try {
            int n = Math.min(length, size());
            moveHead(headPosition() + n);
            return n;
        } finally {
            applicationLeaves();
        }
    }
}
