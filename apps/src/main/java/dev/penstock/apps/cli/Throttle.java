package dev.penstock.apps.cli;

import java.util.function.LongConsumer;

/** Draws a progress bar at most every 50 ms, however often it is told. One thread. */
final class Throttle implements LongConsumer {
    private static final long EVERY_NS = 50_000_000;

    private final ProgressBar bar;
    private final long beganNs;
    private long drawnNs;

    Throttle(ProgressBar bar, long beganNs) {
        this.bar = bar;
        this.beganNs = beganNs;
        this.drawnNs = beganNs;
    }

    @Override
    public void accept(long done) {
        long now = System.nanoTime();
        if (now - drawnNs >= EVERY_NS) {
            drawnNs = now;
            bar.show(done, now - beganNs);
        }
    }
}
