package dev.penstock.stack.buffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A stream of bytes between one application thread and the shard that owns the connection, held in pooled chunks.
 *
 * <p>Bytes are addressed by their position in the stream, counted from 0 in a {@code long} that never wraps in
 * practice. {@code headPosition} is the first byte that is still held, {@code tailPosition} the one after the last;
 * the consumer moves the head, the producer the tail. A queue that holds nothing owns no chunk.
 *
 * <p>The two directions differ in who is who: {@link SendQueue} (application writes, shard reads and releases) and
 * {@link ReceiveQueue} (shard writes, also out of order; application reads). Chunks are given back by the shard, except
 * at the end of a queue's life when the application happens to be inside it: then by whoever leaves last.
 */
public abstract class ByteQueue {
    static final int CHUNK_SIZE = ChunkPool.CHUNK_SIZE;
    static final int CHUNK_MASK = CHUNK_SIZE - 1;
    static final int CHUNK_SHIFT = Integer.numberOfTrailingZeros(CHUNK_SIZE);

    /** The most bytes that a queue may be configured to hold: 1 GiB, the largest window of RFC 7323. */
    public static final int MAX_LIMIT = 1 << 30;

    private static final int IDLE = 0;
    private static final int APPLICATION = 1;
    private static final int SHARD = 2;
    private static final int APPLICATION_CLOSING = 3;
    private static final int CLOSED = 4;

    private static final VarHandle HEAD;
    private static final VarHandle TAIL;
    private static final VarHandle OWNER;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            HEAD = lookup.findVarHandle(ByteQueue.class, "head", long.class);
            TAIL = lookup.findVarHandle(ByteQueue.class, "tail", long.class);
            OWNER = lookup.findVarHandle(ByteQueue.class, "owner", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final byte[] NOTHING = new byte[0];
    private static final Chunk[] NO_SLOTS = new Chunk[0];
    private static final long[] NO_NUMBERS = new long[0];
    /** A queue that is closed may serve another stream, and keeps so many slots for it. */
    private static final int MOST_SLOTS_KEPT = 8;

    final ChunkPool pool;
    /** Over the application's memory while it is inside; made when first needed. */
    private UnsafeBuffer view;
    /** Moved by the consumer alone. */
    @SuppressWarnings("UnusedVariable") // read through its VarHandle
    private long head;
    /** Moved by the producer alone. */
    @SuppressWarnings("UnusedVariable") // read through its VarHandle
    private long tail;
    /** Who is inside the chunks: IDLE, APPLICATION, SHARD, APPLICATION_CLOSING or CLOSED. */
    @SuppressWarnings("UnusedVariable") // read through its VarHandle
    private int owner;

    private volatile int limit;
    /** Chunk number {@code n} is at {@code n & (slots.length - 1)}; grown by the producer, published by the tail. */
    private volatile Chunk[] slots = NO_SLOTS;
    /** Beside each slot, 1 + the number of the chunk in it, or 0; touched by the producer or under the guard only. */
    private long[] slotNumbers = NO_NUMBERS;

    /** Chunks below this position are given back; touched by the side that may free only. */
    private long freedThrough;

    ByteQueue(ChunkPool pool, int limit) {
        this.pool = pool;
        setLimit(limit);
    }

    /** The position of the first byte that is held. */
    public final long headPosition() {
        return (long) HEAD.getAcquire(this);
    }

    /** The position after the last byte that is held. */
    public final long tailPosition() {
        return (long) TAIL.getAcquire(this);
    }

    /** How many bytes are held; a snapshot when called from the other side. */
    public final int size() {
        long h = headPosition();
        return (int) Math.max(0, tailPosition() - h);
    }

    /** The most bytes to hold. */
    public final int limit() {
        return limit;
    }

    /** Changes the limit; what is held beyond a smaller one stays until it is consumed. Range 1 .. 2^30. */
    public final void setLimit(int bytes) {
        if (bytes < 1 || bytes > MAX_LIMIT) {
            throw new IllegalArgumentException("a queue's limit must be in 1 .. " + MAX_LIMIT + ": " + bytes);
        }
        limit = bytes;
    }

    /** True after {@link #close()}. */
    public final boolean isClosed() {
        int o = (int) OWNER.getAcquire(this);
        return o == CLOSED || o == APPLICATION_CLOSING;
    }

    /** Ends the queue and gives its memory back, at once or when the application leaves it. Shard only; idempotent. */
    public final void close() {
        while (true) {
            int o = (int) OWNER.getAcquire(this);
            if (o == CLOSED || o == APPLICATION_CLOSING) {
                return;
            }
            if (o == IDLE && OWNER.compareAndSet(this, IDLE, CLOSED)) {
                freeAll();
                return;
            }
            if (o == APPLICATION && OWNER.compareAndSet(this, APPLICATION, APPLICATION_CLOSING)) {
                return;
            }
        }
    }

    /** Another stream begins, of which {@code position} bytes have passed already. */
    final void restart(long position, int newLimit) {
        close();
        setLimit(newLimit);
        freedThrough = position;
        moveHead(position);
        moveTail(position);
        OWNER.setRelease(this, IDLE);
    }

    /** The memory that holds the byte at {@code position}; see {@link #chunkOffset} and {@link #contiguous}. */
    public final UnsafeBuffer bufferAt(long position) {
        Chunk[] s = slots;
        return s[(int) (position >>> CHUNK_SHIFT) & (s.length - 1)].buffer();
    }

    /** The offset of the byte at {@code position} within {@link #bufferAt}. */
    public static int chunkOffset(long position) {
        return (int) position & CHUNK_MASK;
    }

    /** How many of {@code length} bytes from {@code position} lie in the same chunk. */
    public static int contiguous(long position, int length) {
        return Math.min(length, CHUNK_SIZE - chunkOffset(position));
    }

    // --- for the two directions ---

    final void moveHead(long position) {
        HEAD.setRelease(this, position);
    }

    final void moveTail(long position) {
        TAIL.setRelease(this, position);
    }

    /** The application comes in; false if the queue is closed. Waits only for the few instructions of a reclaim. */
    final boolean applicationEnters() {
        while (true) {
            int o = (int) OWNER.getAcquire(this);
            if (o == CLOSED || o == APPLICATION_CLOSING) {
                return false;
            }
            if (o == IDLE && OWNER.compareAndSet(this, IDLE, APPLICATION)) {
                return true;
            }
            if (o == APPLICATION) {
                throw new IllegalStateException("two application threads are inside one direction of a socket");
            }
            Thread.onSpinWait();
        }
    }

    final void applicationLeaves() {
        if (!OWNER.compareAndSet(this, APPLICATION, IDLE)) {
            freeAll();
            OWNER.setRelease(this, CLOSED);
        }
    }

    /** The application's array as a buffer, without allocating; {@link #clearView} lets go of it. Inside the guard. */
    final UnsafeBuffer view(byte[] array) {
        UnsafeBuffer v = viewOrNew();
        v.wrap(array);
        return v;
    }

    /** As {@link #view(byte[])}, for a buffer from its index 0 on. */
    final UnsafeBuffer view(ByteBuffer buffer) {
        UnsafeBuffer v = viewOrNew();
        v.wrap(buffer, 0, buffer.limit());
        return v;
    }

    private UnsafeBuffer viewOrNew() {
        if (view == null) {
            view = new UnsafeBuffer(NOTHING);
        }
        return view;
    }

    final void clearView() {
        if (view != null) {
            view.wrap(NOTHING);
        }
    }

    /** The shard comes in unless the application is inside. */
    final boolean shardTriesToEnter() {
        return OWNER.compareAndSet(this, IDLE, SHARD);
    }

    final void shardLeaves() {
        OWNER.setRelease(this, IDLE);
    }

    /** Producer: the chunk for {@code position}, taken from the pool if need be; null when the pool is empty. */
    final UnsafeBuffer chunkForWriting(long position) {
        long number = position >>> CHUNK_SHIFT;
        int slot = (int) number & (slots.length - 1);
        if (slots.length != 0 && slotNumbers[slot] == number + 1) {
            return slots[slot].buffer();
        }
        Chunk chunk = pool.acquire();
        if (chunk == null) {
            return null;
        }
        if (slots.length == 0 || slotNumbers[slot] != 0) {
            growFor(number);
            slot = (int) number & (slots.length - 1);
        }
        slotNumbers[slot] = number + 1;
        slots[slot] = chunk;
        return chunk.buffer();
    }

    /** Doubles the ring until every chunk that is held, and {@code number}, has a slot of its own. */
    private void growFor(long number) {
        Chunk[] old = slots;
        long[] oldNumbers = slotNumbers;
        int length = Math.max(2, old.length * 2);
        while (collides(oldNumbers, number, length)) {
            length *= 2;
        }
        Chunk[] grown = new Chunk[length];
        long[] grownNumbers = new long[length];
        for (int i = 0; i < old.length; i++) {
            if (oldNumbers[i] != 0) {
                int slot = (int) (oldNumbers[i] - 1) & (length - 1);
                grown[slot] = old[i];
                grownNumbers[slot] = oldNumbers[i];
            }
        }
        slotNumbers = grownNumbers;
        slots = grown;
    }

    private static boolean collides(long[] numbers, long number, int length) {
        long lowest = number;
        long highest = number;
        for (long n : numbers) {
            if (n != 0) {
                lowest = Math.min(lowest, n - 1);
                highest = Math.max(highest, n - 1);
            }
        }
        return highest - lowest >= length;
    }

    /** Gives back the chunk that holds {@code position}, if there is one. By the side that may free. */
    final void freeChunk(long position) {
        long number = position >>> CHUNK_SHIFT;
        if (slots.length == 0) {
            return;
        }
        int slot = (int) number & (slots.length - 1);
        if (slotNumbers[slot] == number + 1) {
            slotNumbers[slot] = 0;
            pool.release(slots[slot]);
        }
    }

    /** Gives back the chunks that lie wholly before {@code position}. By the side that may free. */
    final void freeBefore(long position) {
        while ((freedThrough >>> CHUNK_SHIFT) < (position >>> CHUNK_SHIFT)) {
            freeChunk(freedThrough);
            freedThrough = ((freedThrough >>> CHUNK_SHIFT) + 1) << CHUNK_SHIFT;
        }
    }

    private void freeAll() {
        for (int i = 0; i < slotNumbers.length; i++) {
            if (slotNumbers[i] != 0) {
                slotNumbers[i] = 0;
                pool.release(slots[i]);
            }
        }
        if (slotNumbers.length > MOST_SLOTS_KEPT) {
            slots = NO_SLOTS;
            slotNumbers = NO_NUMBERS;
        }
    }
}
