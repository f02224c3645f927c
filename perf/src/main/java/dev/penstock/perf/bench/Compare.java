package dev.penstock.perf.bench;

import dev.penstock.perf.report.Figure;
import dev.penstock.perf.report.Numbers;
import dev.penstock.perf.report.Ratio;
import dev.penstock.perf.report.Section;
import dev.penstock.perf.report.Stats;
import dev.penstock.perf.report.Target;

/** Ratios between the figures of a section. */
final class Compare {
    private final Section section;
    private final String part;

    /** @param part of the figures' ids that says which ones; of one group are those that have it in common */
    Compare(Section section, String part) {
        this.section = section;
        this.part = part;
    }

    private Figure find(String who) {
        return section.figures.stream()
                .filter(f -> f.id.contains(part) && f.id.endsWith("." + who))
                .findFirst()
                .orElse(null);
    }

    /** Adds the one to the other, if both were measured. */
    void ratio(String a, String b, Target target) {
        Figure one = find(a);
        Figure other = find(b);
        if (one != null && other != null) {
            String title = one.title + " / " + other.title;
            section.ratios.add(Ratio.of(one.id + "/" + b, title, one, other, target));
        }
    }

    /** Adds the ratio of their latencies at a percentile, round by round. */
    void tail(String a, String b, double percentile, Target target) {
        Figure one = find(a);
        Figure other = find(b);
        if (one != null && other != null) {
            Ratio r = new Ratio();
            r.id = one.id + "/" + b + ".p" + percentile;
            r.title = one.title + " / " + other.title + ", p" + Numbers.of(percentile);
            r.rounds = Stats.ratios(one.tail(percentile), other.tail(percentile));
            r.target = target;
            section.ratios.add(r);
        }
    }
}
