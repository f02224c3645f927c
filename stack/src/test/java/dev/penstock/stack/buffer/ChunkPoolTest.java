package dev.penstock.stack.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ChunkPoolTest {

    @Test
    void lendsUpToItsLimitInWholeSlabs() {
        ChunkPool pool = new ChunkPool(300_000);
        assertEquals(32, pool.maxChunks());
        List<Chunk> held = new ArrayList<>();
        Set<Long> addresses = new HashSet<>();
        for (int i = 0; i < 32; i++) {
            Chunk c = pool.acquire();
            assertNotNull(c);
            assertEquals(ChunkPool.CHUNK_SIZE, c.buffer().capacity());
            assertTrue(addresses.add(c.buffer().addressOffset()));
            held.add(c);
        }
        assertNull(pool.acquire());
        assertEquals(1, pool.exhausted());
        assertEquals(32, pool.outstanding());
        assertThrows(IllegalStateException.class, pool::assertAllReturned);
        held.forEach(pool::release);
        pool.assertAllReturned();
        assertNotNull(pool.acquire());
    }

    @Test
    void aSecondReleaseIsAnError() {
        ChunkPool pool = new ChunkPool(1);
        Chunk c = pool.acquire();
        pool.release(c);
        assertThrows(IllegalStateException.class, () -> pool.release(c));
        pool.assertAllReturned();
    }

    @Test
    void refusesSizesOutOfRange() {
        assertThrows(IllegalArgumentException.class, () -> new ChunkPool(0));
        assertThrows(IllegalArgumentException.class, () -> new ChunkPool((1L << 40) + 1));
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void threadsShareItWithoutMeeting() throws InterruptedException {
        ChunkPool pool = new ChunkPool(64 * ChunkPool.CHUNK_SIZE);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            int id = t;
            threads.add(new Thread(() -> {
                try {
                    for (int i = 0; i < 20_000; i++) {
                        Chunk c = pool.acquire();
                        c.buffer().putInt(0, id);
                        c.buffer().putInt(8, i);
                        assertEquals(id, c.buffer().getInt(0));
                        assertEquals(i, c.buffer().getInt(8));
                        pool.release(c);
                    }
                } catch (Throwable e) {
                    failure.set(e);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread t : threads) {
            t.join();
        }
        assertNull(failure.get());
        pool.assertAllReturned();
        assertEquals(0, pool.exhausted());
    }
}
