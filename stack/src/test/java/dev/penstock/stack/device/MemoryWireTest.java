package dev.penstock.stack.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.wire.TcpHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class MemoryWireTest {
    private final List<byte[]> received = new ArrayList<>();
    private final FrameHandler keep = f -> received.add(TestFrames.bytes(f));

    private static Frame frame(int length, int seed) {
        byte[] bytes = TestFrames.pattern(length, seed);
        return TestFrames.withPayload(bytes, length / 2);
    }

    @Test
    void carriesFramesInOrderAndBothWays() {
        MemoryWire wire = MemoryWire.plain(1500);
        for (int i = 0; i < 10; i++) {
            assertEquals(1, wire.a().offer(frame(60 + i, i)));
            assertEquals(1, wire.b().offer(frame(160 + i, i)));
        }
        assertEquals(4, wire.b().poll(keep, 4));
        assertEquals(6, wire.b().poll(keep, 100));
        assertEquals(0, wire.b().poll(keep, 100));
        assertEquals(10, wire.a().poll(keep, 100));
        for (int i = 0; i < 10; i++) {
            assertArrayEquals(TestFrames.pattern(60 + i, i), received.get(i));
            assertArrayEquals(TestFrames.pattern(160 + i, i), received.get(10 + i));
        }
        wire.assertAllReturned();
    }

    @Test
    void refusesWhatTheQueueCannotHoldAndTakesItLater() {
        MemoryWire wire = MemoryWire.builder().queue(5, 1 << 20).build();
        for (int i = 0; i < 5; i++) {
            assertEquals(1, wire.a().offer(frame(100, i)));
        }
        assertEquals(0, wire.a().offer(frame(100, 5)));
        assertEquals(1, wire.countersOfA().refused());
        assertEquals(0, wire.countersOfA().dropped());
        assertEquals(2, wire.b().poll(keep, 2));
        assertEquals(1, wire.a().offer(frame(100, 5)));
        assertEquals(4, wire.b().poll(keep, 10));
        assertArrayEquals(TestFrames.pattern(100, 5), received.get(5));
        wire.assertAllReturned();
    }

    @Test
    void theQueueIsBoundedInBytesToo() {
        MemoryWire wire = MemoryWire.builder().queue(100, 1000).build();
        assertEquals(1, wire.a().offer(frame(1500, 1)), "one frame always fits an empty queue");
        assertEquals(0, wire.a().offer(frame(60, 1)));
        wire.b().poll(keep, 1);
        assertEquals(1, wire.a().offer(frame(600, 1)));
        assertEquals(1, wire.a().offer(frame(400, 1)));
        assertEquals(0, wire.a().offer(frame(14, 1)));
    }

    @Test
    void dropsWhenFullIfBuiltSo() {
        MemoryWire wire = MemoryWire.builder().queue(2, 1 << 20).dropWhenFull().build();
        for (int i = 0; i < 5; i++) {
            assertEquals(1, wire.a().offer(frame(100, i)));
        }
        assertEquals(3, wire.countersOfA().dropped());
        assertEquals(3, wire.a().errors());
        assertEquals(2, wire.b().poll(keep, 10));
        assertArrayEquals(TestFrames.pattern(100, 1), received.get(1));
        wire.assertAllReturned();
    }

    @Test
    void passesSuperSegmentsBetweenOffloadingEnds() {
        MemoryWire wire = MemoryWire.offloading(1500);
        Frame f = TestFrames.withPayload(TestFrames.pattern(50_000, 1), 0, 10_000, 16_384);
        TestFrames.pushTcp(f, false, TcpHeader.ACK, 12);
        TestFrames.segmented(f, TxOffload.GSO_TCPV4, 1448);
        assertEquals(35, wire.a().offer(f));
        assertEquals(
                1,
                wire.b()
                        .poll(
                                got -> {
                                    assertTrue(got.rx().partial);
                                    assertFalse(got.rx().verified);
                                    assertEquals(1448, got.rx().gsoSize);
                                    assertEquals(0, got.sliceCount());
                                    assertFalse(got.tx().checksumNeeded);
                                    keep.onFrame(got);
                                },
                                10));
        assertArrayEquals(TestFrames.bytes(f), received.get(0));

        Frame finished = TestFrames.udp(new byte[10]);
        wire.a().offer(finished);
        wire.b()
                .poll(
                        got -> {
                            assertFalse(got.rx().partial);
                            assertEquals(0, got.rx().gsoSize);
                        },
                        10);
        wire.assertAllReturned();
    }

    @Test
    void cutsSuperSegmentsForAPlainPeer() {
        MemoryWire wire = MemoryWire.builder()
                .capabilities(DeviceCapabilities.offloading(1500), DeviceCapabilities.plain(1500))
                .build();
        assertEquals(DeviceCapabilities.offloading(1500), wire.a().capabilities());
        assertEquals(DeviceCapabilities.plain(1500), wire.b().capabilities());
        Frame f = TestFrames.withPayload(TestFrames.pattern(5000, 1), 0);
        TestFrames.pushTcp(f, false, TcpHeader.ACK, 0);
        TestFrames.segmented(f, TxOffload.GSO_TCPV4, 1460);
        assertEquals(4, wire.a().offer(f));
        assertEquals(4, wire.b().poll(got -> assertFalse(got.rx().partial), 10));
    }

    @Test
    void aFrameTooLongForEitherEndIsLostAndCounted() {
        MemoryWire wire = MemoryWire.builder()
                .capabilities(DeviceCapabilities.plain(1500), DeviceCapabilities.plain(1000))
                .build();
        assertEquals(1, wire.a().offer(TestFrames.udp(new byte[1000])));
        assertEquals(1, wire.a().errors());
        assertEquals(1, wire.a().offer(TestFrames.udp(new byte[972])));
        assertEquals(1, wire.a().errors());
        assertEquals(1, wire.b().poll(keep, 10));
        Frame f = TestFrames.withPayload(TestFrames.pattern(5000, 1), 0);
        TestFrames.pushTcp(f, false, TcpHeader.ACK, 0);
        MemoryWire offloading = MemoryWire.builder()
                .capabilities(DeviceCapabilities.offloading(1500), DeviceCapabilities.offloading(1000))
                .build();
        assertEquals(5, offloading.a().offer(TestFrames.segmented(f, TxOffload.GSO_TCPV4, 1000)));
        assertEquals(1, offloading.a().errors());
    }

    @Test
    void aHandlerThatThrowsLosesNoFrame() {
        MemoryWire wire = MemoryWire.plain(1500);
        wire.a().offer(frame(100, 1));
        assertThrows(IllegalStateException.class, () -> wire.b()
                .poll(
                        f -> {
                            throw new IllegalStateException("on purpose");
                        },
                        1));
        wire.assertAllReturned();
    }

    @Test
    void closingOneEndTakesTheLinkDown() {
        MemoryWire wire = MemoryWire.plain(1500);
        wire.a().offer(frame(100, 1));
        assertTrue(wire.a().isUp());
        wire.b().close();
        wire.b().close();
        assertFalse(wire.a().isUp());
        assertFalse(wire.b().isUp());
        assertEquals(0, wire.b().poll(keep, 1));
        assertEquals(1, wire.a().offer(frame(100, 1)));
        assertEquals(1, wire.a().errors());
        wire.close();
        wire.assertAllReturned();
    }

    @Test
    void aFrameKeptBackIsFoundByTheCheck() {
        MemoryWire wire = MemoryWire.plain(1500);
        wire.a().offer(frame(100, 1));
        wire.b().poll(f -> assertThrows(IllegalStateException.class, wire::assertAllReturned), 1);
        wire.assertAllReturned();
    }

    /** Parks for real. */
    private static final class ThreadParker implements Parker {
        private final AtomicReference<Thread> owner = new AtomicReference<>();
        private final AtomicLong parks = new AtomicLong();

        @Override
        public void park(long ns) {
            owner.set(Thread.currentThread());
            parks.incrementAndGet();
            LockSupport.parkNanos(this, ns);
        }

        @Override
        public void unpark() {
            LockSupport.unpark(owner.get());
        }
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void twoThreadsLoseNothingAndMissNoWakeUp() throws InterruptedException {
        int frames = 100_000;
        ThreadParker parkA = new ThreadParker();
        ThreadParker parkB = new ThreadParker();
        MemoryWire wire =
                MemoryWire.builder().queue(16, 1 << 20).parkers(parkA, parkB).build();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicLong echoed = new AtomicLong();
        Thread echo = new Thread(() -> {
            try {
                BlockingDevice b = wire.b();
                Frame back = new Frame(2000);
                while (echoed.get() < frames) {
                    int n = b.poll(
                            f -> {
                                back.reset();
                                back.append(f.buffer(), f.start(), f.headLength());
                                while (b.offer(back) == 0) {
                                    b.await(TimeUnit.SECONDS.toNanos(20));
                                }
                                echoed.incrementAndGet();
                            },
                            8);
                    if (n == 0) {
                        b.await(TimeUnit.SECONDS.toNanos(20));
                    }
                }
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        echo.start();
        BlockingDevice a = wire.a();
        Frame f = frame(64, 0);
        int[] next = {0};
        FrameHandler check = got -> {
            assertEquals(next[0]++, got.buffer().getInt(got.start()));
        };
        int sent = 0;
        while (next[0] < frames) {
            int done = 0;
            if (sent < frames && sent - next[0] < 24) {
                f.buffer().putInt(f.start(), sent);
                int n = a.offer(f);
                sent += n;
                done += n;
            }
            done += a.poll(check, 8);
            if (done == 0) {
                a.await(TimeUnit.SECONDS.toNanos(20));
            }
        }
        echo.join();
        assertNull(failure.get());
        assertEquals(frames, echoed.get());
        wire.assertAllReturned();
    }

    @Test
    @Timeout(value = 30, unit = TimeUnit.SECONDS)
    void wakeUpEndsAwaitBeforeAndDuring() throws InterruptedException {
        ThreadParker park = new ThreadParker();
        MemoryWire wire = MemoryWire.builder().parkers(park, Parker.SPINNING).build();
        wire.a().wakeUp();
        wire.a().await(Long.MAX_VALUE);
        assertEquals(0, park.parks.get(), "a wake-up before the wait needs no sleep");
        wire.a().await(0);
        assertEquals(0, park.parks.get());
        wire.b().offer(frame(60, 1));
        wire.a().await(Long.MAX_VALUE);
        assertEquals(0, park.parks.get(), "a frame that waits needs no sleep");
        wire.a().poll(keep, 1);

        Thread sleeper = new Thread(() -> wire.a().await(Long.MAX_VALUE));
        sleeper.start();
        while (park.parks.get() == 0) {
            Thread.onSpinWait();
        }
        wire.a().wakeUp();
        sleeper.join();
        assertEquals(1, park.parks.get());
    }
}
