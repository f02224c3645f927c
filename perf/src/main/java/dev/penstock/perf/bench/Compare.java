package dev.penstock.perf.bench;

import dev.penstock.perf.report.Figure;
import dev.penstock.perf.report.Ratio;
import dev.penstock.perf.report.Section;
import dev.penstock.perf.report.Target;

/** Ratios between the figures of a section. */
final class Compare {
    private final Section section;
    private final String prefix;

    Compare(Section section, String prefix) {
        this.section = section;
        this.prefix = prefix;
    }

    private Figure find(String who) {
        return section.figures.stream()
                .filter(f -> f.id.endsWith("." + who))
                .findFirst()
                .orElse(null);
    }

    /** Adds the one to the other, if both were measured. */
    void ratio(String a, String b, Target target) {
        Figure one = find(a);
        Figure other = find(b);
        if (one != null && other != null) {
            String title = one.title + " / " + other.title;
            section.ratios.add(Ratio.of(prefix + "." + a + "/" + b, title, one, other, target));
        }
    }
}
