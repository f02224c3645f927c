package dev.penstock.stack.device;

/**
 * How one thread sleeps and others wake it: handed to the core by whoever owns the threads, because the core itself
 * neither parks nor reads a clock. {@link #unpark} before {@link #park} lets that park return at once, as with
 * {@code java.util.concurrent.locks.LockSupport}.
 */
public interface Parker {
    /** Spins a short while and returns, whatever the time: for tests, and for ends that are polled anyway. */
    Parker SPINNING = new Parker() {
        private static final int SPINS = 100;

        @Override
        public void park(long ns) {
            for (int i = 0; i < SPINS; i++) {
                Thread.onSpinWait();
            }
        }

        @Override
        public void unpark() {}
    };

    /**
     * Sleeps until {@link #unpark}, or for {@code ns} nanoseconds ({@link Long#MAX_VALUE}: without end); may return
     * early for no reason. The owner's thread only.
     */
    void park(long ns);

    /** Ends the current or the next {@link #park}. Any thread. */
    void unpark();
}
