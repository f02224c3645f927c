package dev.penstock.perf.report;

import java.util.List;

/** The report as Markdown tables. */
public final class MarkdownReport {
    private MarkdownReport() {}

    /** The whole page. */
    public static String of(Report report, List<Baseline.Change> changes) {
        StringBuilder out = new StringBuilder("# Penstock, measured\n\n");
        out.append("`").append(report.command).append("`, ").append(report.time).append("\n\n| | |\n|---|---|\n");
        report.environment.forEach((k, v) ->
                out.append("| ").append(k).append(" | ").append(escape(v)).append(" |\n"));
        for (Section s : report.sections) {
            section(out, s);
        }
        if (!changes.isEmpty()) {
            out.append("\n## Since the baseline\n\n| what | before | now | change | |\n|---|---|---|---|---|\n");
            for (Baseline.Change c : changes) {
                out.append("| ")
                        .append(escape(c.title()))
                        .append(" | ")
                        .append(Numbers.of(c.before()))
                        .append(" | ");
                out.append(Numbers.of(c.now()))
                        .append(" | ")
                        .append(TextReport.percent(c.change()))
                        .append(" | ");
                out.append(TextReport.word(c.verdict())).append(" |\n");
            }
        }
        return out.toString();
    }

    private static void section(StringBuilder out, Section s) {
        out.append("\n## ").append(s.title).append("\n\n");
        if (!s.note.isEmpty()) {
            out.append(s.note).append("\n\n");
        }
        out.append("| what | median (range) | garbage | target | conditions |\n|---|---|---|---|---|\n");
        for (Figure f : s.figures) {
            String warm = f.warmUp.isEmpty() ? "" : "; warm-up " + f.warmUp;
            row(
                    out,
                    f.title,
                    Numbers.withRange(f.rounds) + " " + f.unit,
                    TextReport.allocation(f),
                    f.target,
                    f.median(),
                    TextReport.conditions(f.conditions) + warm);
        }
        for (Ratio r : s.ratios) {
            row(out, r.title, Numbers.withRange(r.rounds) + " x", "", r.target, r.median(), "");
        }
        if (s.figures.stream().anyMatch(f -> !f.percentiles.isEmpty())) {
            out.append("\n| percentiles | p50 | p90 | p99 | p99.9 | p99.99 | max |\n|---|---|---|---|---|---|---|\n");
            for (Figure f : s.figures) {
                if (!f.percentiles.isEmpty()) {
                    out.append("| ")
                            .append(String.join(" | ", TextReport.percentileRow(f)))
                            .append(" |\n");
                }
            }
        }
        s.remarks.forEach(r -> out.append("\n").append(r).append("\n"));
    }

    private static void row(
            StringBuilder out,
            String title,
            String value,
            String garbage,
            Target target,
            double median,
            String conditions) {
        String verdict = target == null ? "" : target + (target.isMet(median) ? ", met" : ", **not met**");
        out.append("| ")
                .append(escape(title))
                .append(" | ")
                .append(value)
                .append(" | ")
                .append(garbage)
                .append(" | ");
        out.append(verdict).append(" | ").append(escape(conditions)).append(" |\n");
    }

    private static String escape(String text) {
        return text.replace("|", "\\|");
    }
}
