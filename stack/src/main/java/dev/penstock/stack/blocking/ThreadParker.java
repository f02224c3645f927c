package dev.penstock.stack.blocking;

import dev.penstock.stack.device.Parker;
import java.util.concurrent.locks.LockSupport;

/** Sleeps by parking the thread: for the ends of a memory wire between stacks that have threads of their own. */
public final class ThreadParker implements Parker {
    private volatile boolean permit;
    private volatile Thread sleeper;

    @Override
    public void park(long ns) {
        sleeper = Thread.currentThread();
        if (!permit && ns > 0) {
            if (ns == Long.MAX_VALUE) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, ns);
            }
        }
        permit = false;
    }

    @Override
    public void unpark() {
        permit = true;
        LockSupport.unpark(sleeper);
    }
}
