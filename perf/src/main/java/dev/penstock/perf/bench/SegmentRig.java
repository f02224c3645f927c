package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Service;
import java.io.IOException;

/** Segments in order, one after the other, into a stack whose application uses them where they lie. */
final class SegmentRig implements Rig {
    private static final int CYCLES = 64;
    private static final int OPENING = 256;

    private final LoneStack lone;
    private final int length;
    private final int burst;

    /**
     * @param length payload bytes
     * @param burst segments in one duty cycle
     */
    SegmentRig(int length, int burst, boolean verified) throws IOException {
        this.lone = new LoneStack(1, Service.DISCARD, verified);
        this.length = length;
        this.burst = burst;
        lone.open(1);
        // The window of the SYN is small, whatever its scale: a few segments open it for whole bursts.
        for (int i = 0; i < OPENING; i++) {
            lone.peer.data(0, length);
            lone.stack.doWork();
        }
    }

    /** Nanoseconds a segment: that of a duty cycle, less what making the frames takes; garbage for each. */
    @Override
    public Sample measure(long ns) throws IOException {
        long received = lone.received();
        long allocated = MemoryPair.garbage();
        long begin = System.nanoTime();
        long spent = 0;
        long segments = 0;
        while (System.nanoTime() - begin < ns) {
            for (int cycle = 0; cycle < CYCLES; cycle++) {
                for (int i = 0; i < burst; i++) {
                    lone.peer.data(0, length);
                }
                long before = System.nanoTime();
                while (lone.peer.hasQueued()) {
                    lone.stack.doWork();
                }
                spent += System.nanoTime() - before;
                segments += burst;
            }
        }
        if (lone.received() - received != segments * length) {
            throw new IOException("of " + segments + " segments the stack took " + (lone.received() - received) / length
                    + ": they are not what it expects");
        }
        return Sample.rate(spent / (double) segments, (MemoryPair.garbage() - allocated) / (double) segments);
    }

    @Override
    public void close() {
        lone.close();
    }
}
