package dev.penstock.perf.bench;

import java.io.IOException;

/** What an echo costs one stack: a segment in, a segment out, the peer's acknowledgment with the next question. */
final class EchoCost {
    private static final int BATCH = 256;

    private final LoneStack lone;
    private final int length;
    private int next;
    private double garbage;

    EchoCost(LoneStack lone, int length) {
        this.lone = lone;
        this.length = length;
    }

    /**
     * Measures.
     *
     * @param spread the connections that are used in turn, from the first on
     * @return nanoseconds for each
     */
    double measure(int spread, long ns) throws IOException {
        long allocated = MemoryPair.garbage();
        long begin = System.nanoTime();
        long took = 0;
        long echoes = 0;
        // A large step, so that neighbours in memory are not neighbours in time.
        int step = spread < 3 ? 1 : spread / 3 * 2 + 1;
        while (took < ns) {
            for (int i = 0; i < BATCH; i++) {
                next = (int) (((long) next + step) % spread);
                echo(next);
            }
            echoes += BATCH;
            took = System.nanoTime() - begin;
        }
        garbage = (MemoryPair.garbage() - allocated) / (double) echoes;
        return took / (double) echoes;
    }

    /** Bytes of garbage for each echo of the last window. */
    double garbage() {
        return garbage;
    }

    private void echo(int connection) throws IOException {
        long goal = lone.peer.answered() + length;
        lone.peer.data(connection, length);
        int cycles = 0;
        while (lone.peer.answered() < goal) {
            lone.stack.doWork();
            if (++cycles > 1_000_000) {
                throw new IOException("connection " + connection + " does not answer");
            }
        }
    }
}
