package dev.penstock.stack.buffer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.RandomSource;
import java.nio.ByteBuffer;
import java.util.BitSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Both directions, in one thread, against models: the byte at each position of the stream follows from the position. */
class ByteQueueTest {
    static final int SLAB = 16 * ChunkPool.CHUNK_SIZE;

    static byte at(long position) {
        long z = position * 0x9E3779B97F4A7C15L;
        return (byte) (z >>> 56 ^ position);
    }

    static byte[] stream(long position, int length) {
        byte[] b = new byte[length];
        for (int i = 0; i < length; i++) {
            b[i] = at(position + i);
        }
        return b;
    }

    private static int write(SendQueue q, byte[] bytes, int form) {
        return switch (form) {
            case 0 -> q.write(bytes, 0, bytes.length);
            case 1 -> {
                byte[] shifted = new byte[bytes.length + 3];
                System.arraycopy(bytes, 0, shifted, 3, bytes.length);
                yield q.write(new UnsafeBuffer(shifted), 3, bytes.length);
            }
            default -> {
                ByteBuffer b = form == 2 ? ByteBuffer.wrap(bytes) : ByteBuffer.allocateDirect(bytes.length);
                if (form == 3) {
                    b.put(bytes).flip();
                }
                int n = q.write(b);
                assertEquals(Math.max(0, n), b.position());
                yield n;
            }
        };
    }

    @Property(tries = 100)
    void aSendQueueHoldsWhatWasWrittenUntilItIsReleased(@ForAll long seed) {
        RandomSource r = RandomSource.seeded(seed);
        ChunkPool pool = new ChunkPool(SLAB);
        int limit = 1 + r.nextInt(2 * SLAB);
        SendQueue q = new SendQueue(pool, limit);
        long head = 0;
        long tail = 0;
        for (int step = 0; step < 200; step++) {
            int action = r.nextInt(10);
            if (action < 5) {
                byte[] bytes = stream(tail, r.nextInt(r.nextInt(3) == 0 ? 60_000 : 2_000));
                int n = write(q, bytes, r.nextInt(4));
                int expected = Math.min(bytes.length, Math.max(0, limit - (int) (tail - head)));
                assertTrue(n == expected || (n < expected && pool.outstanding() == pool.maxChunks()), "wrote " + n);
                tail += n;
            } else if (action < 8) {
                head += tail == head ? 0 : r.nextInt((int) (tail - head) + 1);
                q.releaseTo(head);
            } else if (tail > head) {
                long from = head + r.nextInt((int) (tail - head));
                int n = (int) Math.min(tail - from, 1 + r.nextInt(65_535));
                Frame f = new Frame(10);
                q.attachTo(f, from, n);
                assertArrayEquals(stream(from, n), FrameTest.bytes(f));
            }
            check(q, pool, head, tail);
            assertEquals(Math.max(0, limit - (int) (tail - head)), q.writable());
        }
        q.releaseTo(tail);
        assertEquals(0, pool.outstanding(), "an empty queue owns no memory");
        write(q, stream(tail, 10), 0);
        q.close();
        pool.assertAllReturned();
        assertEquals(-1, write(q, stream(tail, 10), r.nextInt(4)));
    }

    private static void check(ByteQueue q, ChunkPool pool, long head, long tail) {
        assertEquals(head, q.headPosition());
        assertEquals(tail, q.tailPosition());
        assertEquals(tail - head, q.size());
        long most = tail == head ? 0 : (tail - 1) / ChunkPool.CHUNK_SIZE - head / ChunkPool.CHUNK_SIZE + 1;
        // A write that found no room may have given back nothing yet; a chunk may wait for the end of a write.
        assertTrue(pool.outstanding() <= most + 1, pool.outstanding() + " chunks for " + (tail - head) + " bytes");
    }

    private static byte[] read(ReceiveQueue q, int length, int form) {
        byte[] bytes = new byte[length];
        int n;
        if (form == 0) {
            n = q.read(bytes, 0, length);
        } else if (form == 1) {
            byte[] shifted = new byte[length + 5];
            n = q.read(new UnsafeBuffer(shifted), 5, length);
            System.arraycopy(shifted, 5, bytes, 0, length);
        } else {
            ByteBuffer b = form == 2 ? ByteBuffer.wrap(bytes) : ByteBuffer.allocateDirect(length);
            n = q.read(b);
            assertEquals(n, b.position());
            b.flip().get(bytes, 0, n);
        }
        return java.util.Arrays.copyOf(bytes, n);
    }

    @Property(tries = 100)
    void aReceiveQueuePutsWhatComesOutOfOrderInItsPlace(@ForAll long seed) {
        RandomSource r = RandomSource.seeded(seed);
        ChunkPool pool = new ChunkPool(4 * SLAB);
        int limit = 1 + r.nextInt(SLAB);
        ReceiveQueue q = new ReceiveQueue(pool, limit);
        BitSet written = new BitSet();
        int head = 0;
        int tail = 0;
        for (int step = 0; step < 200; step++) {
            int action = r.nextInt(10);
            assertEquals(limit - (tail - head), q.free());
            if (action < 6) {
                int gap = r.nextInt(3) == 0 ? r.nextInt(q.free() + 1) : 0;
                int n = Math.min(q.free() - gap, r.nextInt(r.nextInt(3) == 0 ? 60_000 : 3_000));
                UnsafeBuffer src = new UnsafeBuffer(stream(tail + gap, n));
                assertEquals(n, q.writeAt(tail + gap, src, 0, n));
                written.set(tail + gap, tail + gap + n);
                tail = written.nextClearBit(tail);
                q.commitTo(tail);
            } else if (action < 9) {
                int n = r.nextInt(r.nextInt(3) == 0 ? 100_000 : 5_000);
                int expected = Math.min(n, tail - head);
                if (r.nextInt(4) == 0) {
                    assertEquals(expected, q.discard(n));
                } else {
                    assertArrayEquals(stream(head, expected), read(q, n, r.nextInt(4)));
                }
                head += expected;
            } else {
                q.reclaim();
            }
            assertEquals(head, q.headPosition());
            assertEquals(tail, q.tailPosition());
        }
        q.discard(Integer.MAX_VALUE);
        if (written.length() <= tail) {
            q.reclaim();
            assertEquals(0, pool.outstanding(), "an empty queue owns no memory");
        }
        q.close();
        pool.assertAllReturned();
        assertEquals(-1, q.read(new byte[1], 0, 1));
        assertEquals(-1, q.discard(1));
    }

    @Test
    void anEmptyPoolMeansNoRoomNow() {
        ChunkPool pool = new ChunkPool(SLAB);
        SendQueue hog = new SendQueue(pool, ByteQueue.MAX_LIMIT);
        assertEquals(SLAB, hog.write(new byte[SLAB + 1], 0, SLAB + 1));
        SendQueue sender = new SendQueue(pool, 1000);
        ReceiveQueue receiver = new ReceiveQueue(pool, 1000);
        assertEquals(0, sender.write(new byte[10], 0, 10));
        assertEquals(0, receiver.writeAt(0, new UnsafeBuffer(new byte[10]), 0, 10));
        assertTrue(pool.exhausted() >= 3);
        hog.releaseTo(ChunkPool.CHUNK_SIZE);
        assertEquals(10, sender.write(new byte[10], 0, 10));
        hog.close();
        sender.close();
        receiver.close();
        pool.assertAllReturned();
    }

    @Test
    void theLimitMayChange() {
        ChunkPool pool = new ChunkPool(SLAB);
        SendQueue q = new SendQueue(pool, 10);
        assertEquals(10, q.write(new byte[20], 0, 20));
        q.setLimit(5);
        assertEquals(0, q.writable());
        assertEquals(0, q.write(new byte[1], 0, 1));
        q.releaseTo(6);
        assertEquals(1, q.writable());
        q.setLimit(ByteQueue.MAX_LIMIT);
        assertEquals(ByteQueue.MAX_LIMIT, q.limit());
        assertThrows(IllegalArgumentException.class, () -> q.setLimit(0));
        assertThrows(IllegalArgumentException.class, () -> q.setLimit(ByteQueue.MAX_LIMIT + 1));
        q.close();
    }

    @Test
    void closingIsForGoodAndGivesAllBack() {
        ChunkPool pool = new ChunkPool(SLAB);
        ReceiveQueue q = new ReceiveQueue(pool, 100_000);
        q.writeAt(50_000, new UnsafeBuffer(new byte[100]), 0, 100);
        q.writeAt(0, new UnsafeBuffer(new byte[100]), 0, 100);
        q.commitTo(100);
        assertFalse(q.isClosed());
        q.close();
        q.close();
        assertTrue(q.isClosed());
        pool.assertAllReturned();
        assertEquals(0, q.writeAt(100, new UnsafeBuffer(new byte[100]), 0, 100), "what comes later finds no memory");
        q.reclaim();
        q.skip(5);
        pool.assertAllReturned();
        assertEquals(-1, q.read(ByteBuffer.allocate(1)));
        assertEquals(-1, q.read(new UnsafeBuffer(new byte[1]), 0, 1));
    }

    @Test
    void bytesMayBeSkippedThatWereNeverQueued() {
        ChunkPool pool = new ChunkPool(SLAB);
        ReceiveQueue q = new ReceiveQueue(pool, 100_000);
        q.skip(100_000);
        assertEquals(100_000, q.headPosition());
        q.writeAt(100_000, new UnsafeBuffer(stream(100_000, 20_000)), 0, 20_000);
        q.commitTo(120_000);
        assertArrayEquals(stream(100_000, 20_000), read(q, 30_000, 0));
        q.skip(1);
        q.reclaim();
        pool.assertAllReturned();
        assertEquals(0, q.size());
    }

    @Test
    void chunksAreFoundByPosition() {
        assertEquals(0, ByteQueue.chunkOffset(ChunkPool.CHUNK_SIZE));
        assertEquals(5, ByteQueue.chunkOffset((1L << 40) + 5));
        assertEquals(3, ByteQueue.contiguous(ChunkPool.CHUNK_SIZE - 3, 10));
        assertEquals(10, ByteQueue.contiguous(ChunkPool.CHUNK_SIZE, 10));
    }
}
