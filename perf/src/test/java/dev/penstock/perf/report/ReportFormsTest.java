package dev.penstock.perf.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** The forms in which a report is written, and the one in which it is read again. */
class ReportFormsTest {
    /** Two figures, the second half the first; their ratio misses its target of 3. */
    static Report report(double... rounds) {
        Report report = new Report();
        report.command = "penstock bench latency --message <64>";
        report.environment.put("cpu", "2 x A & B");
        Section s = new Section("Echo");
        s.figures.add(figure("echo.a", "one", rounds));
        double[] half = rounds.clone();
        for (int i = 0; i < half.length; i++) {
            half[i] /= 2;
        }
        s.figures.add(figure("echo.b", "other", half));
        s.ratios.add(Ratio.of("echo.a/b", "one / other", s.figures.get(0), s.figures.get(1), Target.atLeast(3)));
        Plot plot = new Plot("Echo", "percentile", Plot.Scale.PERCENTILE, "us", Plot.Scale.LOGARITHMIC);
        for (double p : new double[] {0, 50, 99, 99.99, 100}) {
            plot.add("one", p, 1 + p);
        }
        s.plots.add(plot);
        report.sections.add(s);
        return report;
    }

    private static Figure figure(String id, String title, double... rounds) {
        Figure f = new Figure();
        f.id = id;
        f.title = title;
        f.unit = "us";
        f.higherIsBetter = true;
        f.rounds = rounds;
        f.conditions.put("mode", "spin");
        f.percentiles = List.of(new Point(50, 10), new Point(99, 20), new Point(100, 30));
        return f;
    }

    @Test
    void jsonIsReadAsItWasWritten(@TempDir Path dir) throws IOException {
        Path file = dir.resolve("run.json");
        Files.writeString(file, ReportFile.toJson(report(1, 2, 3)));
        Report read = ReportFile.read(file);
        assertEquals("echo.a", read.sections.get(0).figures.get(0).id);
        assertEquals(2, read.sections.get(0).figures.get(0).median());
        assertEquals(Target.atLeast(3), read.sections.get(0).ratios.get(0).target);
        assertEquals(ReportFile.toJson(report(1, 2, 3)), ReportFile.toJson(read));
    }

    @Test
    void filesThatAreNoReportsAreRefusedInOneLine(@TempDir Path dir) throws IOException {
        Path file = dir.resolve("x.json");
        for (String text :
                List.of("", "{", "null", "[1]", "{}", "{\"version\":99,\"sections\":[]}", "{\"sections\":[null]}")) {
            Files.writeString(file, text);
            String message = assertThrows(IOException.class, () -> ReportFile.read(file), text)
                    .getMessage();
            assertTrue(message.contains("x.json") && message.contains("--json") && !message.contains("\n"), message);
        }
        IOException missing = assertThrows(IOException.class, () -> ReportFile.read(dir.resolve("none")));
        assertTrue(missing.getMessage().contains("none"), missing.getMessage());
    }

    @Test
    void textHasMedianRangeVerdictAndPercentiles() {
        StringWriter text = new StringWriter();
        TextReport.section(report(10, 20, 30).sections.get(0), new PrintWriter(text));
        String all = text.toString();
        assertTrue(all.contains("20.0 (10.0 .. 30.0) us"), all);
        assertTrue(all.contains("target >= 3: NOT met"), all);
        assertTrue(all.contains("p99.99"), all);
        assertTrue(all.contains("mode spin"), all);
    }

    @Test
    void markdownHasARowForEachFigureAndRatio() {
        List<Baseline.Change> changes = Baseline.compare(report(1, 1, 1), report(10, 20, 30));
        String text = MarkdownReport.of(report(10, 20, 30), changes);
        assertTrue(text.contains("| one | 20.0 (10.0 .. 30.0) us |"), text);
        assertTrue(text.contains("| one / other | 2.00 (2.00 .. 2.00) x |  | >= 3, **not met** |"), text);
        assertTrue(text.contains("BETTER, beyond the noise"), text);
    }

    @Test
    void htmlEscapesAndCountsTargets() {
        String page = HtmlReport.of(report(10, 20, 30), List.of());
        assertTrue(page.contains("--message &lt;64&gt;"), page);
        assertTrue(page.contains("2 x A &amp; B"), page);
        assertTrue(page.contains(">0 of 1</span> targets met"), page);
        assertFalse(page.contains("http://") && page.contains("<script"), "the page needs nothing else");
    }

    @Test
    void plotsAreWellFormedAndLeaveOutWhatHasNoPlaceOnTheScale() throws Exception {
        String svg = SvgPlot.of(report(1, 2, 3).sections.get(0).plots.get(0));
        Document parsed = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        String points = parsed.getElementsByTagName("polyline")
                .item(0)
                .getAttributes()
                .getNamedItem("points")
                .getNodeValue();
        assertEquals(4, points.split(" ", -1).length, "of five percentiles the 100th is nowhere");
        assertFalse(svg.contains("NaN") || svg.contains("Infinity"), svg);
        assertEquals("", SvgPlot.of(new Plot("none", "x", Plot.Scale.LINEAR, "y", Plot.Scale.LINEAR)));
    }
}
