package dev.penstock.conformance.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.conformance.packetdrill.script.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Our own collection of scripts: all of them hold, for each profile and family that a comment at their head names
 * ({@code // profiles: linux bsd}, {@code // families: 4}; otherwise linux, and both families), and none of them holds if one
 * of its demands is changed.
 */
class PacketdrillScriptsTest {
    private static final Path SCRIPTS = Path.of("scripts");

    private final ScriptRunner runner = new Engine();

    /** A script, and one way of running it. */
    private record Run(Path path, Settings settings) {
        String name() {
            String family = settings.family() == Settings.Family.IPV6 ? "6" : "4";
            return SCRIPTS.relativize(path) + " " + settings.profile().name().toLowerCase(Locale.ROOT) + family;
        }

        Script script() throws Exception {
            return ScriptParser.parse(path.toString(), Files.readAllBytes(path), settings.profile());
        }
    }

    private static List<Run> runs() throws IOException {
        List<Run> runs = new ArrayList<>();
        for (Path path : ScriptFiles.find(List.of(SCRIPTS))) {
            for (String profile : head(path, "profiles", "linux")) {
                for (String family : head(path, "families", "4", "6")) {
                    runs.add(new Run(
                            path,
                            new Settings(
                                    Profile.valueOf(profile.toUpperCase(Locale.ROOT)),
                                    family.equals("6") ? Settings.Family.IPV6 : Settings.Family.IPV4,
                                    false,
                                    false,
                                    -1,
                                    null)));
                }
            }
        }
        return runs;
    }

    private static List<String> head(Path path, String name, String... otherwise) throws IOException {
        List<String> named = ScriptFiles.head(Files.readAllBytes(path), name);
        return named.isEmpty() ? List.of(otherwise) : named;
    }

    @TestFactory
    Stream<DynamicTest> everyScriptHolds() throws IOException {
        return runs().stream()
                .map(run -> DynamicTest.dynamicTest(run.name(), () -> {
                    Outcome outcome = runner.run(run.script(), run.settings());
                    assertEquals(Outcome.pass(), outcome, () -> told(run, outcome));
                }));
    }

    private static String told(Run run, Outcome outcome) {
        return run.path() + ":" + outcome.line() + ": " + outcome.message() + "\n  expected " + outcome.expected()
                + "\n  actual   " + outcome.actual();
    }

    /** A demand that could be changed without anybody noticing would be none. */
    @TestFactory
    Stream<DynamicTest> noScriptHoldsWithADemandChanged() throws IOException {
        Set<Path> seen = new HashSet<>();
        return runs().stream()
                .filter(run -> seen.add(run.path()))
                .map(run -> DynamicTest.dynamicTest(run.name(), () -> sabotage(run)));
    }

    private void sabotage(Run run) throws Exception {
        List<ScriptSabotage.Changed> all = ScriptSabotage.of(run.script());
        assertFalse(all.isEmpty(), run.path() + " demands nothing");
        for (ScriptSabotage.Changed changed : all) {
            Outcome outcome = runner.run(changed.script(), run.settings());
            assertEquals(
                    Outcome.Status.FAIL,
                    outcome.status(),
                    () -> run.path() + ":" + changed.line() + " holds although " + changed.what());
        }
    }

    @Test
    void everyScriptSaysWhatItHolds() throws IOException {
        for (Path path : ScriptFiles.find(List.of(SCRIPTS))) {
            try (Stream<String> lines = Files.lines(path)) {
                String first = lines.findFirst().orElse("");
                assertTrue(first.startsWith("// ") && first.length() > 20, path + " begins with " + first);
            }
        }
    }
}
