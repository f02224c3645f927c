package dev.penstock.stack.buffer;

import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What an application has written and the peer has not yet acknowledged: the send buffer and the retransmission store
 * in one. The application appends; the shard reads any part of it, as often as it must, and releases what was
 * acknowledged. Payload is copied once, into the queue, and goes from there to the device.
 */
public final class SendQueue extends ByteQueue {
    /** A write may go beyond {@link #setUnsentLimit} by as much as goes out in one piece. */
    private static final int BEYOND_UNSENT_LIMIT = 65_536;

    /** Written by the shard. */
    private volatile int unsentLimit = Integer.MAX_VALUE;

    private volatile long sentPosition;
    /** SND.UP. Here, because whoever sees the bytes must see it too: set before they are appended. */
    private volatile long urgentMark = Long.MIN_VALUE;

    /**
     * @param pool where the memory comes from
     * @param limit the most bytes to hold, 1 .. 2^30
     */
    public SendQueue(ChunkPool pool, int limit) {
        super(pool, limit);
    }

    /**
     * Serves another stream from now on, of which everything before {@code position} has been acknowledged. Only where no
     * application thread knows this queue; shard.
     *
     * @param mark see {@link #urgentMark()}
     */
    public void restart(long position, int limit, long mark) {
        restart(position, limit);
        sentPosition = position;
        urgentMark = mark;
    }

    /** How many bytes {@code write} would take now, as far as the limits go. Application. */
    public int writable() {
        if (unsentLimit != Integer.MAX_VALUE && tailPosition() - sentPosition >= unsentLimit) {
            return 0;
        }
        return Math.max(0, allowance() - size());
    }

    /**
     * Nothing more is taken while so many bytes were not sent yet (TCP_NOTSENT_LOWAT); a write that finds less may go
     * beyond by 64 KiB. Shard; {@link #sentTo} is to be told as long as there is such a limit.
     *
     * @param bytes 0 for no limit
     */
    public void setUnsentLimit(int bytes) {
        unsentLimit = bytes == 0 ? Integer.MAX_VALUE : bytes;
    }

    /** Everything before {@code position} was sent at least once. Shard. */
    public void sentTo(long position) {
        sentPosition = position;
    }

    /**
     * SND.UP (RFC 9293, section 3.3.1) as a stream position: that of the byte after the urgent data; {@link Long#MIN_VALUE} as
     * long as there was none. Any thread; who sees a byte sees the mark that was set before it.
     */
    public long urgentMark() {
        return urgentMark;
    }

    /** What was or will be written is urgent up to {@code position}; a mark never moves back. Application thread. */
    public void markUrgent(long position) {
        urgentMark = Math.max(urgentMark, position);
    }

    /** The most bytes to hold now: the limit, or a fair share while memory is scarce. Any thread. */
    public int allowance() {
        int limit = limit();
        return limit > ChunkPool.FAIR_SHARE && pool.isScarce() ? ChunkPool.FAIR_SHARE : limit;
    }

    /**
     * Appends from {@code src} as many bytes as there is room for. Application thread.
     *
     * @return how many bytes were taken, 0 when there is no room now, -1 when the queue is closed
     */
    public int write(DirectBuffer src, int offset, int length) {
        if (!applicationEnters()) {
            return -1;
        }
        try {
            return append(src, offset, length);
        } finally {
            applicationLeaves();
        }
    }

    /** As {@link #write(DirectBuffer, int, int)}, from an array. */
    public int write(byte[] src, int offset, int length) {
        if (!applicationEnters()) {
            return -1;
        }
        try {
            return append(view(src), offset, length);
        } finally {
            clearView();
            applicationLeaves();
        }
    }

    /** As {@link #write(DirectBuffer, int, int)}, from what remains in {@code src}, whose position moves. */
    public int write(ByteBuffer src) {
        if (!applicationEnters()) {
            return -1;
        }
        try {
            int done = append(view(src), src.position(), src.remaining());
            src.position(src.position() + done);
            return done;
        } finally {
            clearView();
            applicationLeaves();
        }
    }

    private int append(DirectBuffer src, int offset, int length) {
        freeBefore(headPosition());
        int todo = Math.min(length, writable());
        long at = tailPosition();
        if (unsentLimit != Integer.MAX_VALUE) {
            todo = (int) Math.min(todo, sentPosition + unsentLimit + BEYOND_UNSENT_LIMIT - at);
        }
        int done = 0;
        while (done < todo) {
            UnsafeBuffer chunk = chunkForWriting(at + done);
            if (chunk == null) {
                break;
            }
            int n = contiguous(at + done, todo - done);
            chunk.putBytes(chunkOffset(at + done), src, offset + done, n);
            done += n;
        }
        moveTail(at + done);
        return done;
    }

    /** The shard: the peer has acknowledged everything before {@code position}. */
    public void releaseTo(long position) {
        moveHead(position);
        if (shardTriesToEnter()) {
            freeBefore(headPosition());
            if (position == tailPosition()) {
                freeChunk(position);
            }
            shardLeaves();
        }
    }

    /** Attaches {@code length} bytes from {@code position} to {@code frame} as payload, without copying. Shard. */
    public void attachTo(Frame frame, long position, int length) {
        int done = 0;
        while (done < length) {
            int n = contiguous(position + done, length - done);
            frame.addSlice(bufferAt(position + done), chunkOffset(position + done), n);
            done += n;
        }
    }
}
