package dev.penstock.apps.netsim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FlowsTest {
    private static final long MS = 1_000_000;

    private static FlowsSpec spec(int flows, long bytes, long bandwidth, long queue) {
        return new FlowsSpec(flows, bytes, 64 << 10, 50 * MS, 150 * MS, bandwidth, queue, 0, "cubic", false, 1);
    }

    @Test
    void roundTripTimesAreSpreadEvenly() {
        assertEquals(100 * MS, spec(1, 1, 1000, 1).rttNs(0));
        // The mean of the i-th of n uniform draws is i / (n + 1) of the range.
        FlowsSpec spec = spec(4, 1, 1000, 1);
        for (int i = 0; i < 4; i++) {
            assertEquals((70 + 20 * i) * MS, spec.rttNs(i));
        }
    }

    @Test
    void jainsIndexIsOneForEqualsAndAnNthForOneAlone() {
        assertEquals(1, Flows.jain(4 * 5, 4 * 25, 4), 1e-12);
        assertEquals(0.25, Flows.jain(5, 25, 4), 1e-12);
        assertEquals(0, Flows.jain(0, 0, 4), 1e-12);
    }

    @Test
    void aWideBottleneckDropsNothingAndEachFlowHasItsOwnPace() {
        Flows.Result r = Flows.run(spec(2, 256 << 10, 10_000_000_000L, 1 << 20), Instruments.NONE, () -> false);
        assertTrue(r.complete());
        assertEquals(2 * (256 << 10), r.bytes());
        assertEquals(0, r.dropped());
        assertEquals(0, r.retransmitted());
        assertTrue(r.fastest() > r.slowest(), r.fastest() + " and " + r.slowest());
        // The slower one ends last.
        assertEquals(2 * r.slowest(), r.aggregate(), 0.01 * r.aggregate());
    }

    @Test
    void aNarrowOneDropsAndAllArrivesAllTheSame() {
        FlowsSpec spec = spec(8, 128 << 10, 10_000_000, 8 << 10);
        Flows.Result r = Flows.run(spec, Instruments.NONE, () -> false);
        assertTrue(r.complete());
        assertTrue(r.dropped() > 0);
        assertTrue(r.aggregate() < 1.25e6);
        assertTrue(r.fairness() > 0.1 && r.fairness() <= 1);
        assertEquals(r.ns(), Flows.run(spec, Instruments.NONE, () -> false).ns(), "the seed alone decides");
    }
}
