package dev.penstock.perf.report;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The report as a table for a terminal. */
public final class TextReport {
    private static final double[] SHOWN = {50, 90, 99, 99.9, 99.99};

    private TextReport() {}

    /** Machine, kernel and JDK, ahead of all figures. */
    public static void environment(Report report, PrintWriter out) {
        report.environment.forEach((k, v) -> out.printf("%-12s %s%n", k, v));
    }

    /** One section. */
    public static void section(Section s, PrintWriter out) {
        out.println();
        out.println(s.title);
        if (!s.note.isEmpty()) {
            out.println("  " + s.note);
        }
        List<String[]> rows = new ArrayList<>();
        for (Figure f : s.figures) {
            rows.add(new String[] {
                "  " + f.title, Numbers.withRange(f.rounds) + " " + f.unit, allocation(f), verdict(f.target, f.median())
            });
        }
        for (Ratio r : s.ratios) {
            rows.add(new String[] {"  " + r.title, Numbers.withRange(r.rounds) + " x", "", verdict(r.target, r.median())
            });
        }
        table(rows, out);
        percentiles(s, out);
        for (Figure f : s.figures) {
            String conditions = conditions(f.conditions);
            out.println("    " + f.title + ": " + conditions + (f.warmUp.isEmpty() ? "" : "; warm-up " + f.warmUp));
        }
        s.remarks.forEach(r -> out.println("    " + r));
        out.flush();
    }

    private static void percentiles(Section s, PrintWriter out) {
        List<String[]> rows = new ArrayList<>();
        for (Figure f : s.figures) {
            if (!f.percentiles.isEmpty()) {
                rows.add(percentileRow(f));
            }
        }
        if (!rows.isEmpty()) {
            rows.add(0, new String[] {"  percentiles, all rounds", "p50", "p90", "p99", "p99.9", "p99.99", "max"});
            table(rows, out);
        }
    }

    static String[] percentileRow(Figure f) {
        String[] row = new String[SHOWN.length + 2];
        row[0] = "  " + f.title + ", " + f.unit;
        for (int i = 0; i < SHOWN.length; i++) {
            row[i + 1] = Numbers.of(at(f, SHOWN[i]));
        }
        row[SHOWN.length + 1] = Numbers.of(at(f, 100));
        return row;
    }

    /** The value at a percentile; NaN if it is not there. */
    static double at(Figure f, double percentile) {
        for (Point p : f.percentiles) {
            if (p.x() == percentile) {
                return p.y();
            }
        }
        return Double.NaN;
    }

    static String allocation(Figure f) {
        return f.allocation == null ? "" : Numbers.of(f.allocation) + " B/" + f.allocationPer;
    }

    static String verdict(Target target, double value) {
        return target == null ? "" : "target " + target + (target.isMet(value) ? ": met" : ": NOT met");
    }

    static String conditions(Map<String, String> conditions) {
        return conditions.entrySet().stream()
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining(", "));
    }

    /** What has changed since a baseline. */
    public static void changes(List<Baseline.Change> changes, String baseline, PrintWriter out) {
        out.println();
        out.println("Since the baseline " + baseline);
        List<String[]> rows = new ArrayList<>();
        for (Baseline.Change c : changes) {
            rows.add(new String[] {
                "  " + c.title(),
                Numbers.of(c.before()) + " -> " + Numbers.of(c.now()),
                percent(c.change()),
                word(c.verdict())
            });
        }
        if (rows.isEmpty()) {
            out.println("  it has none of these figures");
        }
        table(rows, out);
        out.flush();
    }

    static String percent(double change) {
        return String.format(Locale.ROOT, "%+.1f %%", change * 100);
    }

    static String word(Baseline.Verdict verdict) {
        return switch (verdict) {
            case NOISE -> "within the noise";
            case BETTER -> "BETTER, beyond the noise";
            case WORSE -> "WORSE, beyond the noise";
        };
    }

    private static void table(List<String[]> rows, PrintWriter out) {
        int columns = rows.stream().mapToInt(r -> r.length).max().orElse(0);
        int[] widths = new int[columns];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                int pad = widths[i] - row[i].length();
                line.append(row[i]).append(" ".repeat(pad + 2));
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
