package dev.penstock.conformance.fuzz;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What fuzzing found stays found, and a short run looks for more; {@code conformance/fuzz} does it for hours. */
class FuzzTest {
    private static final Path CORPUS = Path.of("corpus");
    private static final int SHORT_RUN = 2_500;
    private static final int SHORT_SECONDS = 12;

    @ParameterizedTest
    @EnumSource(Target.class)
    void everyInputOfTheCorpusIsSurvived(Target target) throws IOException {
        List<byte[]> inputs = Corpus.read(Corpus.file(CORPUS, target));
        assertFalse(inputs.isEmpty(), "no corpus of " + target.id());
        for (byte[] input : inputs) {
            try {
                target.run(input);
            } catch (Throwable t) {
                throw new AssertionError(
                        "conformance/fuzz --replay " + target.id() + " "
                                + Base64.getEncoder().encodeToString(input),
                        t);
            }
        }
    }

    /** A fixed number of inputs from a fixed seed, in one process for all targets: starting one takes seconds. */
    @Test
    void aShortRunFindsNothing(@TempDir Path directory) throws Exception {
        Path seeds = Files.createDirectories(directory.resolve("seeds"));
        for (Target target : Target.values()) {
            List<byte[]> inputs = new ArrayList<>();
            for (byte[] input : Corpus.read(Corpus.file(CORPUS, target))) {
                byte[] chosen = new byte[input.length + 1];
                chosen[0] = (byte) target.ordinal();
                System.arraycopy(input, 0, chosen, 1, input.length);
                inputs.add(chosen);
            }
            // A part of each: the test above runs them all.
            FuzzRun.unpack(inputs.subList(0, Math.min(inputs.size(), 20)), seeds);
        }
        Jazzer.Outcome o = new Jazzer(System.getProperty("java.class.path"), directory, "all")
                .shortly()
                .with("-seed=1")
                .with("-runs=" + SHORT_RUN)
                .with("-max_total_time=" + SHORT_SECONDS)
                .with("-max_len=1024")
                .with(seeds.toString())
                .run(120);
        String log = Files.readString(o.log());
        assertTrue(o.crashes().isEmpty() && o.exitCode() == 0, log);
        assertTrue(o.inputs() > 100 && o.edges() > 1_000, log);
    }

    /** A fuzzer that looks at nothing finds nothing: a target that fails is told of, with its input. */
    @Test
    void whatFailsIsFound(@TempDir Path directory) throws Exception {
        Path seeds = Files.createDirectories(directory.resolve("seeds"));
        FuzzRun.unpack(List.of("PENSTOCK".getBytes(StandardCharsets.US_ASCII)), seeds);
        Jazzer.Outcome o = new Jazzer(System.getProperty("java.class.path"), directory, "broken")
                .shortly()
                .with("-seed=1")
                .with("-runs=100")
                .with(seeds.toString())
                .run(120);
        assertEquals(1, o.crashes().size(), () -> o.toString());
        assertNotEquals(0, o.exitCode());
        assertArrayEquals(
                "PENSTOCK".getBytes(StandardCharsets.US_ASCII),
                Files.readAllBytes(o.crashes().get(0)));
    }

    @Test
    void theSameInputDoesTheSame() {
        for (int seed = 0; seed < 20; seed++) {
            byte[] input = new byte[300];
            new Random(seed).nextBytes(input);
            assertEquals(StackTargets.play(input), StackTargets.play(input), "seed " + seed);
        }
    }

    @Test
    void aMergeKeepsWhatWasWrittenByHand(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("frames.txt");
        Files.writeString(file, "# a crash\nAQID\n");
        Corpus.write(file, List.of(new byte[] {9}));
        Corpus.write(file, List.of(new byte[] {8, 7}));
        List<byte[]> inputs = Corpus.read(file);
        assertEquals(2, inputs.size());
        assertArrayEquals(new byte[] {1, 2, 3}, inputs.get(0));
        assertArrayEquals(new byte[] {8, 7}, inputs.get(1));
        Files.writeString(file, "# a crash\nAQ?D\n");
        IOException e = assertThrows(IOException.class, () -> Corpus.read(file));
        assertTrue(e.getMessage().contains("line 2"), e.getMessage());
    }

    @Test
    void anUnknownTargetIsRefusedByName() {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Target.of("nonsense"));
        assertTrue(e.getMessage().contains("nonsense") && e.getMessage().contains("segments"), e.getMessage());
    }
}
