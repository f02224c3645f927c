package dev.penstock.tap;

import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * An eventfd that ends a sleep, written to only when the sleeper is asleep or about to be. The sleeper announces itself
 * before it looks for work a last time in the kernel, the waker leaves a note before it looks at the announcement: so
 * one of the two always sees the other, and no wake-up is lost.
 */
final class WakeUp {
    private static final int AWAKE = 0;
    private static final int ASLEEP = 1;
    private static final int NOTIFIED = 2;
    private static final int CLOSED = 3;

    private final LibC libC;
    private final int fd;
    private final AtomicInteger state = new AtomicInteger(AWAKE);
    /** Threads that may be about to write to the eventfd, so that {@link #close} does not pull it away from them. */
    private final AtomicInteger writers = new AtomicInteger();

    private final UnsafeBuffer one = NativeMemory.allocate(Linux.EVENTFD_LENGTH);
    private final UnsafeBuffer drained = NativeMemory.allocate(Linux.EVENTFD_LENGTH);

    WakeUp(LibC libC) throws TapException {
        this.libC = libC;
        this.fd = libC.eventfd(0, Linux.EFD_CLOEXEC | Linux.EFD_NONBLOCK);
        if (fd < 0) {
            throw new TapException("cannot make an eventfd: " + Errno.describe(-fd), -fd);
        }
        one.putLong(0, 1);
    }

    int fd() {
        return fd;
    }

    /** The sleeper is about to sleep. False when it was woken already: it must not. */
    boolean tryToSleep() {
        if (state.compareAndSet(AWAKE, ASLEEP)) {
            return true;
        }
        state.compareAndSet(NOTIFIED, AWAKE);
        return false;
    }

    /** The sleeper is awake again. */
    void slept(boolean readable) {
        if (!state.compareAndSet(ASLEEP, AWAKE)) {
            state.compareAndSet(NOTIFIED, AWAKE);
        }
        if (readable) {
            libC.read(fd, drained.addressOffset(), Linux.EVENTFD_LENGTH);
        }
    }

    /** Ends the sleep that is or the next one. Any thread. */
    void wake() {
        int s = state.get();
        if (s == AWAKE && state.compareAndSet(AWAKE, NOTIFIED)) {
            return;
        }
        if (s == NOTIFIED || s == CLOSED) {
            return;
        }
        writers.incrementAndGet();
        // A lost race means that the sleeper woke up, another thread wrote, or the device was closed; in the first case
        // the note must still be left.
        while (true) {
            s = state.get();
            if (s == NOTIFIED || s == CLOSED) {
                break;
            }
            if (state.compareAndSet(s, NOTIFIED)) {
                if (s == ASLEEP) {
                    libC.write(fd, one.addressOffset(), Linux.EVENTFD_LENGTH);
                }
                break;
            }
        }
        writers.decrementAndGet();
    }

    /** Closes the eventfd once no waker can be writing to it. The sleeper's thread; idempotent. */
    void close() {
        if (state.getAndSet(CLOSED) == CLOSED) {
            return;
        }
        while (writers.get() != 0) {
            Thread.onSpinWait();
        }
        libC.close(fd);
    }
}
