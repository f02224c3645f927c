package dev.penstock.stack.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.RandomSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An application thread and a shard's thread on the same queue. */
@SuppressWarnings("ThreadPriorityCheck") // with two cores, a thread that finds nothing to do lets the other one run
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ByteQueueStressTest {
    private static final long TOTAL = 48L << 20;

    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private Thread start(Runnable body) {
        Thread t = new Thread(() -> {
            try {
                body.run();
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
        });
        t.start();
        return t;
    }

    private void checkFailure() {
        Throwable f = failure.get();
        if (f != null) {
            throw new AssertionError(f);
        }
    }

    private static void expect(UnsafeBuffer b, long position, int length) {
        for (int i = 0; i < length; i++) {
            if (b.getByte(i) != ByteQueueTest.at(position + i)) {
                throw new AssertionError("wrong byte at " + (position + i));
            }
        }
    }

    @Test
    void whatIsSentArrives() throws InterruptedException {
        ChunkPool pool = new ChunkPool(ByteQueueTest.SLAB);
        SendQueue q = new SendQueue(pool, 200_000);
        byte[] source = ByteQueueTest.stream(0, 1 << 16);
        Thread application = start(() -> {
            RandomSource r = RandomSource.seeded(1);
            long sent = 0;
            while (sent < TOTAL && failure.get() == null) {
                int n = (int) Math.min(1 + r.nextInt(40_000), TOTAL - sent);
                n = Math.min(n, source.length - (int) (sent & 0xffff));
                int written = q.write(source, (int) (sent & 0xffff), n);
                sent += written;
                if (written == 0) {
                    Thread.yield();
                }
            }
        });
        RandomSource r = RandomSource.seeded(2);
        Frame f = new Frame(1);
        UnsafeBuffer got = new UnsafeBuffer(new byte[65_536]);
        long acked = 0;
        while (acked < TOTAL && failure.get() == null) {
            int n = (int) Math.min(q.tailPosition() - acked, 1 + r.nextInt(65_535));
            if (n == 0) {
                Thread.yield();
                continue;
            }
            f.reset();
            q.attachTo(f, acked, n);
            f.copyTo(got, 0);
            for (int i = 0; i < n; i++) {
                if (got.getByte(i) != source[(int) (acked + i) & 0xffff]) {
                    throw new AssertionError("wrong byte at " + (acked + i));
                }
            }
            acked += r.nextInt(n) + 1;
            q.releaseTo(acked);
        }
        application.join();
        checkFailure();
        q.releaseTo(TOTAL);
        assertEquals(0, pool.outstanding(), "an empty queue owns no memory");
        q.close();
        pool.assertAllReturned();
    }

    @Test
    void whatIsReceivedIsRead() throws InterruptedException {
        ChunkPool pool = new ChunkPool(2L * ByteQueueTest.SLAB);
        ReceiveQueue q = new ReceiveQueue(pool, 200_000);
        Thread application = start(() -> {
            RandomSource r = RandomSource.seeded(1);
            UnsafeBuffer dst = new UnsafeBuffer(new byte[65_536]);
            long read = 0;
            while (read < TOTAL / 4 && failure.get() == null) {
                int n = q.read(dst, 0, 1 + r.nextInt(65_535));
                expect(dst, read, n);
                read += n;
                if (n == 0) {
                    Thread.yield();
                }
            }
        });
        RandomSource r = RandomSource.seeded(2);
        UnsafeBuffer src = new UnsafeBuffer(new byte[4_000]);
        long tail = 0;
        while (tail < TOTAL / 4 && failure.get() == null) {
            int n = (int) Math.min(Math.min(q.free(), TOTAL / 4 - tail), 1 + r.nextInt(4_000));
            if (n == 0) {
                Thread.yield();
                continue;
            }
            src.putBytes(0, ByteQueueTest.stream(tail, n));
            int half = n / 2;
            assertEquals(n - half, q.writeAt(tail + half, src, half, n - half));
            assertEquals(half, q.writeAt(tail, src, 0, half));
            tail += n;
            q.commitTo(tail);
        }
        application.join();
        checkFailure();
        q.reclaim();
        assertEquals(0, pool.outstanding(), "an empty queue owns no memory");
        q.close();
        pool.assertAllReturned();
    }

    @Test
    void aQueueMayBeClosedWhileTheApplicationIsInsideIt() throws InterruptedException {
        ChunkPool pool = new ChunkPool(64L << 20);
        int rounds = 2_000;
        AtomicReference<SendQueue> sending = new AtomicReference<>();
        AtomicReference<ReceiveQueue> receiving = new AtomicReference<>();
        AtomicLong refused = new AtomicLong();
        Thread application = start(() -> {
            byte[] bytes = new byte[20_000];
            while (refused.get() < rounds) {
                SendQueue s = sending.get();
                ReceiveQueue q = receiving.get();
                if (s == null || q == null) {
                    Thread.yield();
                    continue;
                }
                while (s.write(bytes, 0, bytes.length) >= 0) {
                    Thread.onSpinWait();
                }
                while (q.read(bytes, 0, bytes.length) >= 0) {
                    Thread.onSpinWait();
                }
                // In this order: the other thread takes the empty "sending" for leave to fill both anew.
                receiving.set(null);
                sending.set(null);
                refused.incrementAndGet();
            }
        });
        RandomSource r = RandomSource.seeded(3);
        UnsafeBuffer src = new UnsafeBuffer(new byte[20_000]);
        for (int i = 0; i < rounds; i++) {
            SendQueue s = new SendQueue(pool, 100_000);
            ReceiveQueue q = new ReceiveQueue(pool, 100_000);
            q.writeAt(0, src, 0, 20_000);
            q.commitTo(20_000);
            receiving.set(q);
            sending.set(s);
            for (int spin = r.nextInt(2_000); spin > 0; spin--) {
                if ((spin & 127) == 0) {
                    s.releaseTo(s.tailPosition());
                }
            }
            s.close();
            for (int spin = r.nextInt(1_000); spin > 0; spin--) {
                Thread.onSpinWait();
            }
            q.close();
            q.writeAt(20_000, src, 0, 20_000);
            s.releaseTo(s.tailPosition());
            while (sending.get() != null && failure.get() == null) {
                Thread.yield();
            }
        }
        application.join();
        checkFailure();
        assertNull(failure.get());
        assertTrue(refused.get() >= rounds);
        pool.assertAllReturned();
    }
}
