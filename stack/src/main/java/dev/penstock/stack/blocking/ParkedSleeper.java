package dev.penstock.stack.blocking;

import dev.penstock.stack.device.Sleeper;

/** What the thread of a stack without a device sleeps on. */
final class ParkedSleeper implements Sleeper {
    private final ThreadParker parker = new ThreadParker();

    @Override
    public void await(long timeoutNs) {
        parker.park(timeoutNs);
    }

    @Override
    public void wakeUp() {
        parker.unpark();
    }
}
