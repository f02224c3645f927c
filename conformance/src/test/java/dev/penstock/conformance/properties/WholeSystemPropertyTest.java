package dev.penstock.conformance.properties;

import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/**
 * Whatever applications and networks do: bytes arrive once and in order or the API says why not, everything ends, nothing
 * leaks, and so on (see the module's README). A failure prints a list of actions that is as short as could be found in
 * a while, to be pasted into {@link FoundByPropertiesTest}; its seed alone reproduces it, too.
 */
class WholeSystemPropertyTest {
    private static final int TRIES = 300;

    /** The same seeds in each build, so that what one change breaks fails there; {@code conformance/properties} takes others. */
    @Property(tries = 250, seed = "20261122", shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void anyScenarioHolds(@ForAll("seeds") long seed) {
        Scenario scenario = Scenario.of(seed);
        Run run = Run.twice(scenario);
        assertTrue(run.held(), () -> {
            Scenario small = new Shrinker(s -> Run.once(s).kind().equals(run.kind()), TRIES).shrink(scenario);
            return run.report() + "\nsmaller: " + Run.twice(small).report() + "\nwith\n" + small;
        });
    }

    @Provide
    Arbitrary<Long> seeds() {
        return Arbitraries.longs().between(1_000_000, 2_000_000_000);
    }
}
