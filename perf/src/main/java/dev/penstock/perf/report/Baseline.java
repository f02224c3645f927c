package dev.penstock.perf.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What has changed since another run. A change is beyond the noise when the ranges of the rounds have nothing in common and the
 * medians differ by more than {@link #LEAST}: both runs' rounds say how much the machine scatters.
 */
public final class Baseline {
    /** Smaller changes are never flagged. */
    public static final double LEAST = 0.03;

    private Baseline() {}

    /** How a figure stands to its baseline. */
    public enum Verdict {
        NOISE,
        BETTER,
        WORSE
    }

    /**
     * One figure or ratio, then and now.
     *
     * @param change of the median, as a fraction of what it was
     */
    public record Change(String title, double before, double now, double change, Verdict verdict) {}

    /** Compares all figures and ratios that both runs have. */
    public static List<Change> compare(Report before, Report now) {
        Map<String, Figure> figures = new HashMap<>();
        Map<String, Ratio> ratios = new HashMap<>();
        for (Section s : before.sections) {
            s.figures.forEach(f -> figures.put(f.id, f));
            s.ratios.forEach(r -> ratios.put(r.id, r));
        }
        List<Change> changes = new ArrayList<>();
        for (Section s : now.sections) {
            for (Figure f : s.figures) {
                Figure old = figures.get(f.id);
                if (old != null && old.rounds != null && old.rounds.length > 0) {
                    String title = s.title + ": " + f.title + ", " + f.unit;
                    changes.add(change(title, old.rounds, f.rounds, f.higherIsBetter));
                }
            }
            for (Ratio r : s.ratios) {
                Ratio old = ratios.get(r.id);
                if (old != null && old.rounds != null && old.rounds.length > 0) {
                    boolean more = r.target == null || r.target.atLeast();
                    changes.add(change(s.title + ": " + r.title, old.rounds, r.rounds, more));
                }
            }
        }
        return changes;
    }

    static Change change(String title, double[] before, double[] now, boolean higherIsBetter) {
        double then = Stats.median(before);
        double today = Stats.median(now);
        double change = today / then - 1;
        boolean apart = Stats.min(now) > Stats.max(before) || Stats.max(now) < Stats.min(before);
        Verdict verdict = Verdict.NOISE;
        if (apart && Math.abs(change) > LEAST) {
            verdict = change > 0 == higherIsBetter ? Verdict.BETTER : Verdict.WORSE;
        }
        return new Change(title, then, today, change, verdict);
    }
}
