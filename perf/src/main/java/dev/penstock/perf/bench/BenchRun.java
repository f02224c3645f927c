package dev.penstock.perf.bench;

import dev.penstock.perf.report.Baseline;
import dev.penstock.perf.report.Environment;
import dev.penstock.perf.report.Figure;
import dev.penstock.perf.report.HtmlReport;
import dev.penstock.perf.report.MarkdownReport;
import dev.penstock.perf.report.Report;
import dev.penstock.perf.report.ReportFile;
import dev.penstock.perf.report.Section;
import dev.penstock.perf.report.TextReport;
import dev.penstock.tap.NetNamespace;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** One run of the harness: measures sections, prints each as it is there, and writes the files at the end. */
final class BenchRun {
    private final BenchOptions options;
    private final PrintWriter out;
    private final PrintWriter err;
    private final Report report = new Report();
    private final Report baseline;

    BenchRun(CommandSpec spec, BenchOptions options, boolean needsTap) throws IOException {
        CommandLine line = spec.commandLine();
        this.options = options;
        this.out = line.getOut();
        this.err = line.getErr();
        // Read before anything is measured: a wrong file is told at once.
        this.baseline = options.baseline == null ? null : ReportFile.read(options.baseline);
        report.command = "penstock "
                + String.join(" ", spec.commandLine().getParseResult().originalArgs());
        report.time = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        report.environment.putAll(Environment.now());
        if (needsTap) {
            requireTap();
        }
        out.println(report.command);
        TextReport.environment(report, out);
    }

    private static void requireTap() throws IOException {
        NetNamespace.Probe probe = NetNamespace.privilege();
        if (probe.privilege() != NetNamespace.Privilege.ROOT_OK) {
            throw new IOException(probe.reason() + "; --device memory measures without a TAP device");
        }
    }

    /** Runs all of them in turn. */
    List<Figure> measure(List<Contender> contenders) throws Exception {
        return new Rounds(options.rounds, options.seconds, this::progress).run(contenders);
    }

    /** Prints a section and keeps it for the files. */
    void add(Section section) {
        report.sections.add(section);
        TextReport.section(section, out);
    }

    /** Tells on standard error what is being done now. */
    void progress(String what) {
        if (!options.quiet && !what.isEmpty()) {
            err.println("  ... " + what);
            err.flush();
        }
    }

    /** Shows what has changed since the baseline, and writes the files. */
    void finish() throws IOException {
        List<Baseline.Change> changes = List.of();
        if (baseline != null) {
            changes = Baseline.compare(baseline, report);
            TextReport.changes(changes, options.baseline.toString(), out);
        }
        if (options.json != null) {
            write(options.json, ReportFile.toJson(report));
        }
        if (options.markdown != null) {
            write(options.markdown, MarkdownReport.of(report, changes));
        }
        if (options.html != null) {
            write(options.html, HtmlReport.of(report, changes));
        }
    }

    private void write(Path file, String text) throws IOException {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new IOException("cannot write " + file + ": choose another file", e);
        }
        progress("written: " + file);
    }
}
