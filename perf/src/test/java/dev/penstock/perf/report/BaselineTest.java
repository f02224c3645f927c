package dev.penstock.perf.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Median and range, ratios by rounds, targets, and what is a change and what is noise. */
class BaselineTest {
    @Test
    void medianIsTheMiddleAndRangeTheEnds() {
        assertEquals(3, Stats.median(9, 1, 3));
        assertEquals(2.5, Stats.median(4, 1, 2, 3));
        assertTrue(Double.isNaN(Stats.median()));
        assertEquals(1, Stats.min(9, 1, 3));
        assertEquals(9, Stats.max(9, 1, 3));
    }

    @Test
    void ratiosAreTakenRoundByRound() {
        // A round in which the machine was slow for both leaves the ratio as it is; a ratio of medians would not.
        double[] r = Stats.ratios(new double[] {10, 1, 10}, new double[] {5, 0.5, 5});
        assertEquals(2, Stats.min(r));
        assertEquals(2, Stats.max(r));
        assertEquals(2, Stats.ratios(new double[] {1, 2, 3}, new double[] {1, 2}).length);
    }

    @Test
    void targetsAreBoundsThatMayBeReachedExactly() {
        assertTrue(Target.atLeast(1.4).isMet(1.4));
        assertFalse(Target.atLeast(1.4).isMet(1.39));
        assertTrue(Target.atMost(600).isMet(600));
        assertFalse(Target.atMost(600).isMet(601));
        assertFalse(Target.atMost(600).isMet(Double.NaN));
        assertEquals(">= 150,000", Target.atLeast(150_000).toString());
    }

    @Test
    void rangesThatMeetAreNoise() {
        Baseline.Change c = Baseline.change("x", new double[] {10, 11, 12}, new double[] {12, 13, 14}, true);
        assertEquals(Baseline.Verdict.NOISE, c.verdict());
    }

    @Test
    void rangesApartAreAChangeAndTheUnitSaysOfWhichKind() {
        double[] low = {10, 11, 12};
        double[] high = {13, 14, 15};
        assertEquals(
                Baseline.Verdict.BETTER, Baseline.change("x", low, high, true).verdict());
        assertEquals(
                Baseline.Verdict.WORSE, Baseline.change("x", high, low, true).verdict());
        assertEquals(
                Baseline.Verdict.BETTER, Baseline.change("x", high, low, false).verdict());
        assertEquals(3 / 11.0, Baseline.change("x", low, high, true).change(), 1e-9);
    }

    @Test
    void smallChangesAreNeverFlagged() {
        Baseline.Change c = Baseline.change("x", new double[] {100, 100}, new double[] {102, 102}, true);
        assertEquals(Baseline.Verdict.NOISE, c.verdict());
    }

    @Test
    void figuresAreMatchedByTheirIds() {
        Report before = ReportFormsTest.report(10, 10, 10);
        Report now = ReportFormsTest.report(20, 20, 20);
        now.sections.get(0).figures.get(1).id = "something.else";
        List<Baseline.Change> changes = Baseline.compare(before, now);
        assertEquals(2, changes.size(), "one figure and one ratio are in both");
        assertEquals(Baseline.Verdict.BETTER, changes.get(0).verdict());
    }
}
