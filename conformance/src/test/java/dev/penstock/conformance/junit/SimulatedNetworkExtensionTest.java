package dev.penstock.conformance.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.penstock.stack.sim.SimulatedHost;
import dev.penstock.stack.sim.SimulatedNetwork;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

class SimulatedNetworkExtensionTest {
    private static final ByteArrayOutputStream PRINTED = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    /** Run by {@link #run} only. */
    static class Samples {
        static final List<Long> SEEDS = new ArrayList<>();
        static long callsEver;

        @BeforeEach
        void countsItself(SimulatedNetwork net) {
            SEEDS.add(net.seed());
        }

        private static void traffic(SimulatedNetwork net) {
            net.host("a", "192.0.2.1/24");
            net.host("b", "192.0.2.2/24");
            net.run(1_000_000_000L);
        }

        @SimulatedNetworkTest(seeds = 5, firstSeed = 3)
        void passes(SimulatedNetwork net) {
            traffic(net);
            assertEquals(SEEDS.get(SEEDS.size() - 1), net.seed(), "the network of @BeforeEach");
        }

        @SimulatedNetworkTest(seeds = 5)
        void failsForSeedFour(SimulatedNetwork net) {
            traffic(net);
            assertTrue(net.seed() != 4, "not four");
        }

        @SimulatedNetworkTest(seeds = 1)
        void leaks(SimulatedNetwork net) {
            SimulatedHost host = net.host("h", "192.0.2.3/24");
            // A chunk of socket memory that nobody gives back.
            host.stack().chunks().acquire();
        }

        @SimulatedNetworkTest(seeds = 2, twice = true)
        void dependsOnMoreThanItsSeed(SimulatedNetwork net) {
            SimulatedHost a = net.host("a", "192.0.2.1/24");
            net.run(1_000 + callsEver++);
            net.host("b", "192.0.2.2/24");
            net.run(1_000_000_000L);
            a.checkInvariants();
        }

        @SimulatedNetworkTest(seeds = 1)
        void isSkipped(SimulatedNetwork net) {
            Assumptions.abort("on purpose");
        }
    }

    /** Display names of what ended, with what it ended. */
    private Map<String, TestExecutionResult> run(String method, String... properties) {
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request()
                .selectors(
                        method == null
                                ? selectClass(Samples.class)
                                : selectMethod(Samples.class, method, SimulatedNetwork.class.getName()))
                .filters(EngineFilter.includeEngines("junit-jupiter"))
                .configurationParameter("penstock.failures", directory.toString());
        for (int i = 0; i < properties.length; i += 2) {
            request.configurationParameter(properties[i], properties[i + 1]);
        }
        return run(request.build());
    }

    private static Map<String, TestExecutionResult> run(LauncherDiscoveryRequest request) {
        Samples.SEEDS.clear();
        Map<String, TestExecutionResult> results = new TreeMap<>();
        TestExecutionListener listener = new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest()) {
                    results.put(test.getDisplayName(), result);
                }
            }
        };
        // What failures print that are meant to happen would look like failures of the build.
        PrintStream before = System.err;
        PRINTED.reset();
        System.setErr(new PrintStream(PRINTED, true, StandardCharsets.UTF_8));
        try {
            LauncherFactory.create().execute(request, listener);
        } finally {
            System.setErr(before);
        }
        return results;
    }

    private static boolean passed(TestExecutionResult result) {
        return result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
    }

    @Test
    void eachSeedIsAnInvocationOfItsOwn() throws IOException {
        Map<String, TestExecutionResult> results = run("passes");
        assertEquals(List.of(3L, 4L, 5L, 6L, 7L), Samples.SEEDS);
        assertEquals(5, results.size());
        results.forEach((name, result) -> assertTrue(passed(result), name + ": " + result));
        try (var files = Files.list(directory)) {
            assertEquals(0, files.count(), "no failure, no files");
        }
    }

    @Test
    void aFailureTellsItsSeedAndLeavesATraceAndACapture() throws IOException {
        Map<String, TestExecutionResult> results = run("failsForSeedFour");
        assertEquals(5, results.size());
        TestExecutionResult four = results.remove("seed 4");
        results.values().forEach(result -> assertTrue(passed(result)));
        Throwable thrown = four.getThrowable().orElseThrow();
        assertTrue(thrown.getMessage().contains("not four"), thrown.getMessage());
        String how = thrown.getSuppressed()[0].getMessage();
        assertTrue(how.contains("-Dpenstock.seed=4"), how);
        List<String> csv = Files.readAllLines(directory.resolve("Samples.failsForSeedFour-seed-4.csv"));
        assertTrue(csv.size() > 2 && csv.stream().anyMatch(l -> l.contains(",DELIVERED,")), csv.toString());
        byte[] capture = Files.readAllBytes(directory.resolve("Samples.failsForSeedFour-seed-4.pcapng"));
        assertTrue(capture.length > 200 && capture[0] == 0x0a && capture[1] == 0x0d, "a section header");
    }

    @Test
    void thePropertyRunsOneSeedAlone() {
        Map<String, TestExecutionResult> results = run("failsForSeedFour", "penstock.seed", "4");
        assertEquals(1, results.size());
        assertFalse(passed(results.get("seed 4")));
        assertEquals(List.of(4L), Samples.SEEDS);
    }

    @Test
    void thePropertyRunsMoreSeeds() {
        assertEquals(12, run("passes", "penstock.seeds", "12").size());
    }

    @Test
    void whatIsNotGivenBackIsAFailure() {
        TestExecutionResult result = run("leaks").get("seed 1");
        String message = result.getThrowable().orElseThrow().getMessage();
        assertTrue(message.contains("leaks") && message.contains("seed 1"), message);
    }

    @Test
    void aTestThatDependsOnMoreThanItsSeedIsFound() {
        Map<String, TestExecutionResult> results = run("dependsOnMoreThanItsSeed");
        assertEquals(4, results.size());
        assertTrue(passed(results.get("seed 1")));
        String message =
                results.get("seed 1 again").getThrowable().orElseThrow().getMessage();
        assertTrue(message.contains("two runs of seed 1 differ"), message);
    }

    @Test
    void aTestThatIsSkippedIsNoFailure() {
        assertEquals(
                TestExecutionResult.Status.ABORTED,
                run("isSkipped").get("seed 1").getStatus());
    }

    @Test
    void seedsAreWrittenAsNumbersListsAndRanges() {
        assertEquals(List.of(17L), Seeds.parse("17").boxed().toList());
        assertEquals(List.of(3L, 17L, -1L), Seeds.parse("3, 17,-1").boxed().toList());
        assertEquals(List.of(1L, 10L, 11L, 12L), Seeds.parse("1,10..12").boxed().toList());
        for (String wrong : new String[] {"", "x", "3..", "5..3", "1,,2"}) {
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Seeds.parse(wrong), wrong);
            assertTrue(e.getMessage().contains("penstock.seed"), e.getMessage());
        }
    }
}
