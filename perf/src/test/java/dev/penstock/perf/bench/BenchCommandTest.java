package dev.penstock.perf.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.perf.report.ReportFile;
import dev.penstock.tap.TapRequirement;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command line of the harness, and each measurement once, too short to say anything about speed. */
class BenchCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String line) {
        return new CommandLine(new BenchVerb())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, args) -> {
                    e.getCommandLine().getErr().println(e.getMessage());
                    return 2;
                })
                .execute(line.split(" ", -1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "bulk --rounds 0; --rounds 0 is out of range: give 1 .. 1000",
                "bulk --seconds -1; --seconds -1.0 is out of range",
                "bulk --streams 65; --streams 65 is out of range: give 1 .. 64",
                "bulk --message 0; --message 0 is out of range: give 1 .. 1048576",
                "bulk --cc X!; --cc X! is no name",
                "bulk --direction up; --direction",
                "latency --mode fast; 'fast' is no mode: give spin, hybrid or blocking",
                "latency --rate 1e9; --rate 1000000000 is out of range",
                "connections --at-once 0; --at-once 0 is out of range: give 1 .. 1024",
                "idle --connections 0; --connections 0 is out of range",
                "packets --device memory; leave --device memory out",
                "segment --burst 65; --burst 65 is out of range: give 1 .. 64",
                "impairment --loss 51; --loss 51 is out of range: give 0 .. 50",
            })
    void wrongOptionsAreToldInOneLine(String line, String message) {
        assertEquals(2, run(line), err.toString());
        assertTrue(err.toString().contains(message), err.toString());
        assertEquals(1, err.toString().lines().count(), err.toString());
        assertEquals("", out.toString());
    }

    @Test
    void withoutAMeasurementItSaysWhichThereAre() {
        assertEquals(
                2,
                new CommandLine(new BenchVerb())
                        .setErr(new PrintWriter(err, true))
                        .execute());
        assertTrue(err.toString().contains("latency, bulk, connections, idle, packets, segment, impairment, all"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "latency --device memory",
                "latency --device memory --rate 10000",
                "bulk --device memory --streams 2 --message 4096,65536",
                "bulk --device memory --streams 1 --offload off",
                "connections --device memory",
                "segment --burst 8",
                "idle --connections 1,2000",
            })
    void eachMeasuresInMemory(String line, @TempDir Path dir) throws Exception {
        Path json = dir.resolve("a.json");
        Path html = dir.resolve("a.html");
        String files = " --json " + json + " --html " + html;
        assertEquals(0, run(line + " --rounds 2 --seconds 0.02 --quiet" + files), err.toString());
        var report = ReportFile.read(json);
        assertFalse(report.sections.isEmpty());
        report.sections.forEach(s -> s.figures.forEach(f -> assertTrue(f.median() > 0, f.id)));
        assertTrue(Files.readString(html).contains("</html>"));
        assertEquals("", err.toString(), "--quiet");
    }

    @Test
    void aBaselineIsComparedAndAWrongOneToldBeforeAnythingIsMeasured(@TempDir Path dir) {
        Path json = dir.resolve("a.json");
        String line = "segment --burst 8 --rounds 2 --seconds 0.02 --quiet";
        assertEquals(0, run(line + " --json " + json));
        assertEquals(0, run(line + " --baseline " + json), err.toString());
        assertTrue(out.toString().contains("Since the baseline"), out.toString());
        assertEquals(1, run(line + " --baseline " + dir.resolve("none")));
        assertTrue(err.toString().contains("there is no baseline"), err.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "latency --mode spin,hybrid",
                "bulk --streams 1 --direction in",
                "bulk --streams 2 --direction out",
                "bulk --streams 1 --direction both --offload off --sides penstock,floor --api callback",
                "connections --mode spin",
                "packets",
                "impairment --loss 0 --delay 1",
            })
    void eachMeasuresOverTap(String line, @TempDir Path dir) throws Exception {
        TapRequirement.check();
        Path json = dir.resolve("a.json");
        assertEquals(0, run(line + " --rounds 2 --seconds 0.03 --cpus free --quiet --json " + json), err.toString());
        ReportFile.read(json)
                .sections
                .forEach(s -> s.figures.forEach(f -> assertTrue(f.max() > 0, f.id + " has measured nothing")));
    }
}
