package dev.penstock.apps.netsim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** "bbr" in whole stacks, over links. */
class BbrFlowTest {
    private static final long MS = 1_000_000;

    private static Transfer.Result run(String congestion, double loss, long queue, boolean ecn) {
        TransferSpec spec = new TransferSpec(
                40 * MS, 12 << 20, TransferSpec.AUTO, loss, congestion, 20_000_000, queue, 0, 0, ecn, 3);
        Transfer.Result r = Transfer.run(spec, Instruments.NONE, () -> false);
        assertTrue(r.complete(), congestion);
        return r;
    }

    @Test
    void itFillsALinkAndHardlyItsQueue() {
        Transfer.Result r = run("bbr", 0, 100_000, false);
        assertTrue(r.rate() > 0.9 * 2.5e6 * 1448 / 1514, r.rate() + " bytes a second");
        assertTrue(r.dropped() < 0.01 * r.segments(), "dropped " + r.dropped());
        assertEquals(0, r.timeouts());
        assertEquals(0, r.spurious());
    }

    @Test
    void onePerCentOfLossCostsItLittle() {
        double bbr = run("bbr", 0.01, 100_000, false).rate();
        double cubic = run("cubic", 0.01, 100_000, false).rate();
        assertTrue(bbr > 0.7 * 2.5e6, "bbr " + bbr);
        assertTrue(bbr > 2.5 * cubic, "bbr " + bbr + ", cubic " + cubic);
    }

    @Test
    void marksSpareMostOfTheDrops() {
        Transfer.Result marked = run("bbr", 0, 60_000, true);
        Transfer.Result dropped = run("bbr", 0, 60_000, false);
        assertTrue(marked.marked() > 0);
        assertTrue(2 * marked.dropped() < dropped.dropped(), marked.dropped() + " and " + dropped.dropped());
        assertTrue(marked.rate() > 0.75 * 2.5e6, marked.rate() + " bytes a second");
    }

    @Test
    void manyFlowsShareAShortQueueBetterThanWithCubic() {
        Flows.Result bbr = flows("bbr");
        Flows.Result cubic = flows("cubic");
        assertTrue(bbr.aggregate() > 1.3 * cubic.aggregate(), bbr.aggregate() + " and " + cubic.aggregate());
        assertTrue(bbr.fairness() > 0.85, "fairness " + bbr.fairness());
        assertTrue(bbr.dropRate() < 0.05, "drops " + bbr.dropRate());
    }

    private static Flows.Result flows(String congestion) {
        FlowsSpec spec = new FlowsSpec(
                16, 2 << 20, 256 << 10, 50 * MS, 150 * MS, 200_000_000, 64 << 10, 0, congestion, false, 1);
        Flows.Result r = Flows.run(spec, Instruments.NONE, () -> false);
        assertTrue(r.complete());
        return r;
    }
}
