package dev.penstock.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The protocol between sleeper and wakers; needs no privilege. */
@Timeout(60)
class WakeUpTest {
    private static boolean sleep(LibC c, WakeUp wakeUp, int timeoutMillis) {
        if (!wakeUp.tryToSleep()) {
            return true;
        }
        UnsafeBuffer pollFd = NativeMemory.allocate(Linux.POLLFD_LENGTH);
        pollFd.putInt(Linux.POLLFD_FD, wakeUp.fd());
        pollFd.putShort(Linux.POLLFD_EVENTS, (short) Linux.POLLIN);
        boolean readable = c.poll(pollFd.addressOffset(), 1, timeoutMillis) > 0;
        wakeUp.slept(readable);
        return readable;
    }

    @Test
    void wakingTheAwakeCostsNoCallAndSkipsOneSleep() throws Exception {
        LibC c = NativeBinding.JNR.libC();
        WakeUp wakeUp = new WakeUp(c);
        wakeUp.wake();
        wakeUp.wake();
        UnsafeBuffer eight = NativeMemory.allocate(8);
        assertEquals(-Errno.EAGAIN, c.read(wakeUp.fd(), eight.addressOffset(), 8), "nothing was written");
        assertFalse(wakeUp.tryToSleep());
        assertTrue(wakeUp.tryToSleep());
        wakeUp.wake();
        wakeUp.wake();
        assertEquals(8, c.read(wakeUp.fd(), eight.addressOffset(), 8));
        assertEquals(1, eight.getLong(0), "written to once");
        wakeUp.slept(false);
        assertTrue(wakeUp.tryToSleep());
        wakeUp.slept(false);
        wakeUp.close();
        wakeUp.close();
        wakeUp.wake();
        assertFalse(wakeUp.tryToSleep());
    }

    /** Each item is handed over by "add, then wake"; a lost wake-up leaves the sleeper in a sleep of ten seconds. */
    @Test
    void noWakeUpIsLost() throws Exception {
        LibC c = NativeBinding.JNR.libC();
        WakeUp wakeUp = new WakeUp(c);
        int items = 50_000;
        AtomicInteger added = new AtomicInteger();
        AtomicInteger taken = new AtomicInteger();
        Runnable producer = () -> {
            for (int i = 0; i < items; i++) {
                int mine = added.incrementAndGet();
                wakeUp.wake();
                // Waits for the consumer now and then, so that it is found asleep, awake and in between.
                while ((i & 3) == 0 && taken.get() < mine) {
                    Thread.onSpinWait();
                }
            }
        };
        Thread one = new Thread(producer);
        Thread two = new Thread(producer);
        one.start();
        two.start();
        int timeouts = 0;
        while (taken.get() < 2 * items) {
            taken.set(added.get());
            if (taken.get() < 2 * items && !sleep(c, wakeUp, 10_000)) {
                timeouts++;
            }
        }
        one.join();
        two.join();
        wakeUp.close();
        assertEquals(0, timeouts);
    }
}
