package dev.penstock.stack.sim;

import dev.penstock.stack.timer.Deadline;

/**
 * A host's own clock: as far ahead of the network's time as its offset says, and faster or slower by its drift. Exact
 * integers, so that runs are reproducible; it never runs backwards. One thread, virtual time.
 */
public final class HostClock {
    private static final long BILLION = 1_000_000_000L;
    private static final double MAX_PPM = 100_000;

    private final SimulatedNetwork network;
    /** At {@link #baseNs} of the network's time this clock showed {@link #localBaseNs}. */
    private long baseNs;

    private long localBaseNs;
    /** Parts per billion. */
    private long drift;

    HostClock(SimulatedNetwork network) {
        this.network = network;
        this.baseNs = network.nowNs();
        this.localBaseNs = baseNs;
    }

    /** What this clock shows now, nanoseconds. */
    public long nowNs() {
        return localNs(network.nowNs());
    }

    /** How fast it runs from now on: {@code ppm} millionths faster than the network's time, -100,000 .. 100,000. */
    public void drift(double ppm) {
        if (!(Math.abs(ppm) <= MAX_PPM)) {
            throw new IllegalArgumentException("a drift must be in -100000 .. 100000 ppm: " + ppm);
        }
        rebase();
        drift = Math.round(ppm * 1000);
    }

    /** Sets it ahead by {@code ns} at once, 0 or more: what is due within them is due now. */
    public void advance(long ns) {
        if (ns < 0) {
            throw new IllegalArgumentException("a clock cannot go back, by " + ns + " ns");
        }
        rebase();
        localBaseNs += ns;
    }

    private void rebase() {
        long now = network.nowNs();
        localBaseNs = localNs(now);
        baseNs = now;
    }

    long localNs(long networkNs) {
        long passed = networkNs - baseNs;
        return localBaseNs + passed + (drift == 0 ? 0 : part(passed, drift));
    }

    /** {@code floor(ns * ppb / 10^9)}, without overflow. */
    private static long part(long ns, long ppb) {
        return ns / BILLION * ppb + Math.floorDiv(ns % BILLION * ppb, BILLION);
    }

    /** The first moment of the network's time at which this clock shows {@code localNs} or more. */
    long networkNs(long localNs) {
        if (localNs == Deadline.NEVER) {
            return Deadline.NEVER;
        }
        long passed = localNs - localBaseNs;
        if (drift == 0 || passed <= 0) {
            return baseNs + passed;
        }
        // From an estimate to the exact moment: the estimate is off by a few nanoseconds in a year.
        long at = baseNs + (long) (passed / (1 + drift * 1e-9));
        while (localNs(at) >= localNs) {
            at -= 1 + (localNs(at) - localNs);
        }
        while (localNs(at) < localNs) {
            at += Math.max(1, (localNs - localNs(at)) * 9 / 10);
        }
        return at;
    }
}
