package dev.penstock.conformance.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.conformance.packetdrill.script.Script;
import dev.penstock.conformance.packetdrill.script.SystemCall;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the command prints and answers, with a runner that does what the script's first call is named. */
class PacketdrillCommandTest {
    @TempDir
    private Path directory;

    private final ConcurrentLinkedQueue<Settings> seen = new ConcurrentLinkedQueue<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private Outcome run(Script script, Settings settings) {
        seen.add(settings);
        String wanted = ((SystemCall) script.steps().get(0).event()).name();
        return switch (wanted) {
            case "pass" -> Outcome.pass();
            case "skip" -> Outcome.skip(7, "there is\nno such thing");
            case "fault" -> throw new IllegalStateException("broken");
            default -> Outcome.fail(3, "not what was expected", "> . 1:1(0) ack 2", "> R 1:1(0)\n+0.2 > F. 1:1(0)");
        };
    }

    private int execute(String... args) {
        out.getBuffer().setLength(0);
        CommandLine line = new CommandLine(new PacketdrillCommand(this::run));
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return line.execute(args);
    }

    private String script(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text).toString();
    }

    private String pass;

    @BeforeEach
    void write() throws IOException {
        pass = script("pass.pkt", "0 pass() = 0\n");
    }

    @Test
    void allPassed() {
        assertEquals(0, execute(pass));
        assertEquals("PASS " + pass + "\n1 passed, 0 failed, 0 skipped\n", out.toString());
        assertEquals(new Settings(Profile.LINUX, null, false, false, -1, null), seen.peek());
    }

    /** Our own scripts say what they are for; others never do. */
    @Test
    void theHeadOfAScriptMaySayWhatItIsFor() throws IOException {
        String bsd = script("bsd.pkt", "// Held: something.\n// profiles: bsd\n// families: 4\n0 pass() = 0\n");
        assertEquals(0, execute(bsd));
        assertEquals(Profile.BSD, seen.remove().profile());
        assertEquals(3, execute("--profile", "linux", bsd));
        assertEquals(
                "SKIP " + bsd + ": its head says 'profiles: bsd'\n0 passed, 0 failed, 1 skipped\n", out.toString());
        assertEquals(3, execute("--family", "6", bsd));
        assertEquals("SKIP " + bsd + ": its head says 'families: 4'\n0 passed, 0 failed, 1 skipped\n", out.toString());
        assertTrue(seen.isEmpty());
    }

    @Test
    void aFailureShowsBothSidesOneAboveTheOther() throws IOException {
        String fail = script("fail.pkt", "0 fail() = 0\n");
        assertEquals(1, execute(fail, pass));
        assertEquals(
                "FAIL " + fail + ":3: not what was expected\n"
                        + "    expected: > . 1:1(0) ack 2\n"
                        + "    actual:   > R 1:1(0)\n"
                        + "              +0.2 > F. 1:1(0)\n"
                        + "PASS " + pass + "\n1 passed, 1 failed, 0 skipped\n",
                out.toString());
    }

    @Test
    void aSkippedScriptHasNotPassed() throws IOException {
        String skip = script("skip.pkt", "0 skip() = 0\n");
        assertEquals(3, execute(pass, skip));
        assertEquals(
                "PASS " + pass + "\nSKIP " + skip
                        + ": there is no such thing (line 7)\n1 passed, 0 failed, 1 skipped\n",
                out.toString());
        String foreign = script("sctp.pkt", "0 < sctp: INIT\n");
        assertEquals(3, execute(foreign));
        assertTrue(out.toString().startsWith("SKIP " + foreign + ": SCTP is not supported (line 1)\n"), out.toString());
    }

    @Test
    void whatIsNoScriptFailsAndAFaultIsOneLine() throws IOException {
        String bad = script("bad.pkt", "\n0 < S 0:0(1)\n");
        String fault = script("fault.pkt", "0 fault() = 0\n");
        assertEquals(1, execute(bad, fault));
        List<String> lines = out.toString().lines().toList();
        assertEquals("FAIL " + bad + ":2: the sequence numbers 0:0 are not 1 bytes apart", lines.get(0));
        assertEquals(
                "FAIL " + fault + ": internal error (java.lang.IllegalStateException: broken): please report it",
                lines.get(1));
        assertEquals("0 passed, 2 failed, 0 skipped", lines.get(2));
    }

    @Test
    void directoriesAreWalkedAndOrderIsKept() throws IOException {
        for (int i = 0; i < 150; i++) {
            script(String.format("many/%d/s%03d.pkt", i % 3, i), i % 7 == 0 ? "0 skip() = 0" : "0 pass() = 0");
        }
        script("many/readme.txt", "no script");
        assertEquals(3, execute(directory.resolve("many").toString()));
        List<String> lines = out.toString().lines().toList();
        List<String> wanted = IntStream.range(0, 3)
                .boxed()
                .flatMap(d -> IntStream.range(0, 50).mapToObj(n -> String.format("%d/s%03d.pkt", d, 3 * n + d)))
                .toList();
        assertEquals(151, lines.size());
        for (int i = 0; i < 150; i++) {
            assertTrue(lines.get(i).contains("many/" + wanted.get(i)), lines.get(i));
        }
    }

    @Test
    void bothFamiliesCountTwice() {
        assertEquals(0, execute("--family", "both", "--profile", "BSD", pass));
        assertEquals(
                "PASS " + pass + " (ipv4)\nPASS " + pass + " (ipv6)\n2 passed, 0 failed, 0 skipped\n", out.toString());
        assertEquals(
                List.of(Settings.Family.IPV4, Settings.Family.IPV6),
                seen.stream().map(Settings::family).sorted().toList());
        assertTrue(seen.stream().allMatch(s -> s.profile() == Profile.BSD));
    }

    @Test
    void optionsBecomeSettings() {
        Path captures = directory.resolve("captures");
        assertEquals(
                0,
                execute(
                        "--family=6",
                        "--relax=psh",
                        "--strict_segments",
                        "--tolerance_usecs=5",
                        "--pcap=" + captures,
                        pass));
        assertEquals(new Settings(Profile.LINUX, Settings.Family.IPV6, true, true, 5_000, captures), seen.peek());
        assertTrue(Files.isDirectory(captures));
    }

    @Test
    void jsonIsALineForEach() throws IOException {
        String fail = script("fail.pkt", "0 fail() = 0\n");
        assertEquals(1, execute("--json", "--family", "4", fail, pass));
        List<String> lines = out.toString().lines().toList();
        assertEquals(
                "{\"script\":" + ScriptReport.quoted(fail) + ",\"result\":\"FAIL\",\"line\":3,\"message\":"
                        + "\"not what was expected\",\"expected\":\"> . 1:1(0) ack 2\","
                        + "\"actual\":\"> R 1:1(0)\\u000a+0.2 > F. 1:1(0)\"}",
                lines.get(0));
        assertEquals("{\"script\":" + ScriptReport.quoted(pass) + ",\"result\":\"PASS\"}", lines.get(1));
        assertEquals("{\"passed\":1,\"failed\":1,\"skipped\":0}", lines.get(2));
        assertEquals("\"a\\\"\\\\\\u0001\"", ScriptReport.quoted("a\"\\\u0001"));
    }

    @Test
    void wrongUsageAndUnreadableFilesAreTwo() throws IOException {
        Files.createDirectories(directory.resolve("empty"));
        for (String[] args : new String[][] {
            {},
            {"--profile", "plan9", pass},
            {"--family", "5", pass},
            {"--relax", "ack", pass},
            {"--tolerance_usecs", "-1", pass},
            {"--tolerance_usecs", "x", pass},
            {"--no-such-option", pass},
            {pass, directory.resolve("missing.pkt").toString()},
            {directory.resolve("empty").toString()}
        }) {
            assertEquals(2, execute(args), String.join(" ", args));
            assertEquals("", out.toString(), String.join(" ", args));
        }
        assertTrue(err.toString().contains("there is no file " + directory.resolve("missing.pkt")));
        assertTrue(err.toString().contains("there are no scripts (*.pkt) in " + directory.resolve("empty")));
        assertNull(seen.peek());
    }
}
