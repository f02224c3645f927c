package dev.penstock.conformance.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.penstock.conformance.packetdrill.script.Script;
import dev.penstock.tap.TapRequirement;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A sample of our scripts holds for the kernel that this runs on, and not if a demand is changed; all of those in
 * {@code kernel.txt} are run by {@code conformance/packetdrill-kernel}.
 */
@Timeout(120)
class KernelScriptsTest {
    private static final int TRIES = 4;
    /** A build machine is busy. */
    private static final long SLACK_NS = 15_000_000;

    private static final long LIMIT_NS = 20_000_000_000L;

    private static Engine engine;

    @BeforeAll
    static void open() throws Exception {
        TapRequirement.check();
        engine = new Engine(KernelBench.open(SLACK_NS, LIMIT_NS));
    }

    private static Outcome run(Script script, Settings.Family family) {
        Settings s = Settings.of(Profile.LINUX);
        return engine.run(
                script,
                new Settings(s.profile(), family, s.relaxPush(), s.strictSegments(), s.toleranceNs(), s.pcapDir()));
    }

    /** Real time is not ours: what fails for a moment's load does not fail again and again. */
    private static Outcome runPatiently(Script script, Settings.Family family) {
        Outcome outcome = run(script, family);
        for (int i = 1; i < TRIES && outcome.status() == Outcome.Status.FAIL; i++) {
            outcome = run(script, family);
        }
        return outcome;
    }

    private static Script script(String name) throws Exception {
        Path path = Path.of("scripts", name);
        return ScriptParser.parse(name, Files.readAllBytes(path), Profile.LINUX);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "basics/open/passive.pkt",
                "basics/open/active_blocking_refused.pkt",
                "basics/close/simultaneous.pkt",
                "basics/data/out_of_order.pkt",
                "basics/reset/in_window.pkt"
            })
    void theKernelDoesWhatTheScriptSays(String name) throws Exception {
        boolean both = ScriptFiles.head(Files.readAllBytes(Path.of("scripts", name)), "families")
                .isEmpty();
        for (Settings.Family family : both ? Settings.Family.values() : new Settings.Family[] {Settings.Family.IPV4}) {
            assertEquals(Outcome.pass(), runPatiently(script(name), family), name);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"basics/open/passive.pkt", "basics/data/out_of_order.pkt"})
    void aChangedDemandIsNoticed(String name) throws Exception {
        ScriptSabotage.Changed changed = ScriptSabotage.of(script(name)).stream()
                .reduce((first, last) -> last)
                .orElse(null);
        assertNotNull(changed);
        assertEquals(
                Outcome.Status.FAIL, run(changed.script(), Settings.Family.IPV4).status(), changed.what());
    }
}
