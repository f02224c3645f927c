package dev.penstock.stack.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.ip.Packets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class DatagramQueueTest {

    private static boolean offer(DatagramQueue queue, byte[] data, int port) {
        return queue.offer(Packets.view(data), 0, data.length, 1, 2, port, 3, 4, port % 64, 5);
    }

    @Test
    void behavesAsAQueueOfArraysAcrossTheWrap() {
        Random random = new Random(11);
        DatagramQueue queue = new DatagramQueue(4096, 20);
        Deque<byte[]> model = new ArrayDeque<>();
        DatagramInfo info = new DatagramInfo();
        int used = 0;
        int refused = 0;
        for (int step = 0; step < 50_000; step++) {
            if (random.nextInt(5) < 3) {
                byte[] data = new byte[random.nextInt(700)];
                random.nextBytes(data);
                int need = 48 + (data.length + 7 & ~7);
                boolean fits = used + need <= 4096 && model.size() < 20;
                assertEquals(fits, offer(queue, data, step & 0xffff), "step " + step);
                if (fits) {
                    model.add(data);
                    used += need;
                } else {
                    refused++;
                }
            } else {
                byte[] got = new byte[300];
                int n = queue.poll(new UnsafeBuffer(got), 0, got.length, info);
                byte[] expected = model.poll();
                if (expected == null) {
                    assertEquals(-1, n);
                    continue;
                }
                used -= 48 + (expected.length + 7 & ~7);
                assertEquals(expected.length, info.length);
                assertEquals(Math.min(300, expected.length), n);
                assertTrue(Arrays.equals(Arrays.copyOf(expected, n), Arrays.copyOf(got, n)), "step " + step);
            }
        }
        assertTrue(refused > 100);
        assertEquals(refused, queue.dropped());
    }

    @Test
    void carriesDatagramsToAnotherThread() throws InterruptedException {
        DatagramQueue queue = new DatagramQueue(8192, 64);
        int total = 200_000;
        AtomicReference<String> fault = new AtomicReference<>();
        Thread reader = new Thread(() -> {
            DatagramInfo info = new DatagramInfo();
            UnsafeBuffer data = new UnsafeBuffer(new byte[64]);
            for (int next = 0; next < total && fault.get() == null; ) {
                int n = queue.poll(data, 0, 64, info);
                if (n < 0) {
                    LockSupport.parkNanos(1000);
                } else {
                    boolean good = n == 8 + next % 32 && data.getLong(0) == next && info.srcPort == (next & 0xffff);
                    if (!good) {
                        fault.set("datagram " + next + ": " + n + " " + data.getLong(0) + " " + info.srcPort);
                    }
                    next++;
                }
            }
        });
        reader.start();
        UnsafeBuffer data = new UnsafeBuffer(new byte[64]);
        for (int i = 0; i < total && fault.get() == null; ) {
            data.putLong(0, i);
            if (queue.offer(data, 0, 8 + i % 32, 0, 0, i & 0xffff, 0, 0, -1, 0)) {
                i++;
            } else {
                LockSupport.parkNanos(1000);
            }
        }
        reader.join(30_000);
        assertFalse(reader.isAlive());
        assertNull(fault.get());
        assertTrue(queue.isEmpty());
    }
}
