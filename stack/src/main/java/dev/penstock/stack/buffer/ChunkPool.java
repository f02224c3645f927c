package dev.penstock.stack.buffer;

import dev.penstock.stack.base.Invariant;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;
import org.jctools.queues.atomic.MpmcAtomicArrayQueue;

/**
 * The memory of all socket buffers of a stack, in chunks of 16 KiB, with a hard limit.
 *
 * <p>Memory is taken from the operating system in slabs as it is first needed and then kept for reuse. Any thread may
 * take and return chunks. At the limit {@link #acquire()} answers null, which a byte queue turns into "no room now":
 * senders wait, receivers advertise a smaller window; {@link #exhausted()} counts it.
 */
public final class ChunkPool {
    /** Bytes in a chunk; a power of two. */
    public static final int CHUNK_SIZE = 16 * 1024;

    /** What one send queue may hold while memory is scarce, bytes. */
    public static final int FAIR_SHARE = 2 * CHUNK_SIZE;

    private static final int CHUNKS_PER_SLAB = 16;

    private final int maxChunks;
    private final MpmcAtomicArrayQueue<Chunk> free;
    private final AtomicInteger created = new AtomicInteger();
    private final AtomicInteger outstanding = new AtomicInteger();
    private final AtomicLong exhausted = new AtomicLong();
    private volatile int scarceFrom = Integer.MAX_VALUE;
    private volatile int scarceUntil;
    private volatile boolean scarce;

    /**
     * A pool that never holds more than {@code maxBytes}, rounded up to whole slabs of 256 KiB.
     *
     * @throws IllegalArgumentException if {@code maxBytes} is not positive or above 1 TiB
     */
    public ChunkPool(long maxBytes) {
        if (maxBytes <= 0 || maxBytes > 1L << 40) {
            throw new IllegalArgumentException("maxBytes must be in 1 .. 2^40: " + maxBytes);
        }
        long slabBytes = (long) CHUNK_SIZE * CHUNKS_PER_SLAB;
        this.maxChunks = (int) ((maxBytes + slabBytes - 1) / slabBytes) * CHUNKS_PER_SLAB;
        this.free = new MpmcAtomicArrayQueue<>(maxChunks);
    }

    /** A chunk, its contents undefined, or null at the limit. */
    public Chunk acquire() {
        Chunk chunk = free.poll();
        if (chunk == null) {
            chunk = grow();
        }
        if (chunk == null) {
            exhausted.incrementAndGet();
            return null;
        }
        chunk.take();
        outstanding.incrementAndGet();
        return chunk;
    }

    /**
     * Gives a chunk back; the caller must not touch it again.
     *
     * @throws IllegalStateException if it was given back already
     */
    public void release(Chunk chunk) {
        chunk.giveBack();
        outstanding.decrementAndGet();
        Invariant.check(free.offer(chunk), "the pool holds more chunks than it made");
    }

    private Chunk grow() {
        int before;
        do {
            before = created.get();
            if (before >= maxChunks) {
                return free.poll();
            }
        } while (!created.compareAndSet(before, before + CHUNKS_PER_SLAB));
        ByteBuffer slab = ByteBuffer.allocateDirect(CHUNK_SIZE * CHUNKS_PER_SLAB);
        for (int i = 1; i < CHUNKS_PER_SLAB; i++) {
            free.offer(new Chunk(new UnsafeBuffer(slab, i * CHUNK_SIZE, CHUNK_SIZE)));
        }
        return new Chunk(new UnsafeBuffer(slab, 0, CHUNK_SIZE));
    }

    /**
     * Memory becomes scarce when {@code highPercent} of it are in use, and is scarce until less than {@code lowPercent}
     * are. Until this is called it never is.
     */
    public void setScarcity(int lowPercent, int highPercent) {
        scarceUntil = (int) ((long) maxChunks * lowPercent / 100);
        scarceFrom = (int) Math.max(1, (long) maxChunks * highPercent / 100);
    }

    /** True while memory is scarce: nobody should take more than {@link #FAIR_SHARE}. Any thread. */
    public boolean isScarce() {
        int n = outstanding.get();
        if (scarce && n < scarceUntil) {
            scarce = false;
        } else if (!scarce && n >= scarceFrom) {
            scarce = true;
        }
        return scarce;
    }

    /** How many chunks are in use now. */
    public int outstanding() {
        return outstanding.get();
    }

    /** The limit, in chunks. */
    public int maxChunks() {
        return maxChunks;
    }

    /** How often {@link #acquire()} answered null. */
    public long exhausted() {
        return exhausted.get();
    }

    /** Throws {@link IllegalStateException} if a chunk is still in use: leaks are failures. */
    public void assertAllReturned() {
        int n = outstanding.get();
        if (n != 0) {
            throw new IllegalStateException(n + " chunk(s) of socket memory were not returned");
        }
    }
}
