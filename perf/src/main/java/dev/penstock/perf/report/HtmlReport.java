package dev.penstock.perf.report;

import java.util.List;

/** The report as one HTML page that needs nothing else: tables, plots as SVG, light and dark. */
public final class HtmlReport {
    private static final String STYLE =
            """
            :root{color-scheme:light dark;--ok:#0a7d46;--bad:#b3261e;--line:#8883;--soft:#8881}
            body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
            h1{font-size:1.7rem;margin:0}h2{font-size:1.15rem;margin:2.4rem 0 .4rem}
            code{background:var(--soft);padding:.1em .35em;border-radius:4px}
            table{border-collapse:collapse;width:100%;margin:.6rem 0}
            th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
            th{font-weight:600;font-size:.85rem;opacity:.75}td.n{text-align:right;font-variant-numeric:tabular-nums;
            white-space:nowrap}td small{display:block;opacity:.65}dl{display:grid;grid-template-columns:auto 1fr;
            gap:.1rem 1rem;margin:1rem 0}dt{opacity:.65}dd{margin:0}.ok{color:var(--ok);font-weight:600}
            .bad{color:var(--bad);font-weight:600}figure{margin:1rem 0}svg{max-width:100%;height:auto}
            @media(prefers-color-scheme:dark){:root{--ok:#5cc98f;--bad:#ff8a80}}
            """;

    private HtmlReport() {}

    /** The whole page. */
    public static String of(Report report, List<Baseline.Change> changes) {
        StringBuilder out = new StringBuilder(
                "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                        + "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Penstock, measured</title>\n<style>\n");
        out.append(STYLE).append("</style></head><body>\n<h1>Penstock, measured</h1>\n<p><code>");
        out.append(escape(report.command))
                .append("</code> ")
                .append(escape(report.time))
                .append("</p>\n<dl>\n");
        report.environment.forEach((k, v) -> out.append("<dt>")
                .append(escape(k))
                .append("</dt><dd>")
                .append(escape(v))
                .append("</dd>\n"));
        out.append("</dl>\n");
        targets(out, report);
        report.sections.forEach(s -> section(out, s));
        if (!changes.isEmpty()) {
            changes(out, changes);
        }
        return out.append("</body></html>\n").toString();
    }

    private static void targets(StringBuilder out, Report report) {
        int met = 0;
        int all = 0;
        for (Section s : report.sections) {
            for (Figure f : s.figures) {
                all += f.target == null ? 0 : 1;
                met += f.target != null && f.target.isMet(f.median()) ? 1 : 0;
            }
            for (Ratio r : s.ratios) {
                all += r.target == null ? 0 : 1;
                met += r.target != null && r.target.isMet(r.median()) ? 1 : 0;
            }
        }
        if (all > 0) {
            out.append("<p><span class=\"")
                    .append(met == all ? "ok" : "bad")
                    .append("\">")
                    .append(met)
                    .append(" of ");
            out.append(all).append("</span> targets met.</p>\n");
        }
    }

    private static void section(StringBuilder out, Section s) {
        out.append("<h2>").append(escape(s.title)).append("</h2>\n");
        if (!s.note.isEmpty()) {
            out.append("<p>").append(escape(s.note)).append("</p>\n");
        }
        out.append("<table><tr><th>what</th><th>median (range)</th><th>garbage</th><th>target</th></tr>\n");
        for (Figure f : s.figures) {
            String warm = f.warmUp.isEmpty() ? "" : "; warm-up " + f.warmUp;
            row(
                    out,
                    f.title,
                    TextReport.conditions(f.conditions) + warm,
                    Numbers.withRange(f.rounds) + " " + f.unit,
                    TextReport.allocation(f),
                    f.target,
                    f.median());
        }
        for (Ratio r : s.ratios) {
            row(out, r.title, "", Numbers.withRange(r.rounds) + " ×", "", r.target, r.median());
        }
        out.append("</table>\n");
        percentiles(out, s);
        for (Plot p : s.plots) {
            out.append("<figure>\n").append(SvgPlot.of(p)).append("</figure>\n");
        }
        s.remarks.forEach(r -> out.append("<p>").append(escape(r)).append("</p>\n"));
    }

    private static void row(
            StringBuilder out, String title, String small, String value, String garbage, Target target, double median) {
        out.append("<tr><td>").append(escape(title));
        if (!small.isEmpty()) {
            out.append("<small>").append(escape(small)).append("</small>");
        }
        out.append("</td><td class=\"n\">")
                .append(escape(value))
                .append("</td><td class=\"n\">")
                .append(garbage);
        out.append("</td><td class=\"n\">");
        if (target != null) {
            boolean met = target.isMet(median);
            out.append(escape(target.toString()))
                    .append(" <span class=\"")
                    .append(met ? "ok" : "bad")
                    .append("\">");
            out.append(met ? "met" : "not met").append("</span>");
        }
        out.append("</td></tr>\n");
    }

    private static void percentiles(StringBuilder out, Section s) {
        if (s.figures.stream().allMatch(f -> f.percentiles.isEmpty())) {
            return;
        }
        out.append("<table><tr><th>percentiles, all rounds</th><th>p50</th><th>p90</th><th>p99</th><th>p99.9</th>"
                + "<th>p99.99</th><th>max</th></tr>\n");
        for (Figure f : s.figures) {
            if (f.percentiles.isEmpty()) {
                continue;
            }
            String[] cells = TextReport.percentileRow(f);
            out.append("<tr><td>").append(escape(cells[0])).append("</td>");
            for (int i = 1; i < cells.length; i++) {
                out.append("<td class=\"n\">").append(cells[i]).append("</td>");
            }
            out.append("</tr>\n");
        }
        out.append("</table>\n");
    }

    private static void changes(StringBuilder out, List<Baseline.Change> changes) {
        out.append("<h2>Since the baseline</h2>\n<table><tr><th>what</th><th>before</th><th>now</th><th>change</th>"
                + "<th></th></tr>\n");
        for (Baseline.Change c : changes) {
            String style =
                    switch (c.verdict()) {
                        case BETTER -> "ok";
                        case WORSE -> "bad";
                        case NOISE -> "";
                    };
            out.append("<tr><td>")
                    .append(escape(c.title()))
                    .append("</td><td class=\"n\">")
                    .append(Numbers.of(c.before()));
            out.append("</td><td class=\"n\">").append(Numbers.of(c.now())).append("</td><td class=\"n\">");
            out.append(TextReport.percent(c.change()))
                    .append("</td><td class=\"")
                    .append(style)
                    .append("\">");
            out.append(TextReport.word(c.verdict())).append("</td></tr>\n");
        }
        out.append("</table>\n");
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
