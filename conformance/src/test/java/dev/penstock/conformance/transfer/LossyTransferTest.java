package dev.penstock.conformance.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A thousand seeds; {@link SeedRun} runs other ones, and larger transfers. */
class LossyTransferTest {
    private static final int SEEDS = 1000;
    private static final int MAX_BYTES = 128 * 1024;
    private static final LossyTransfer.Conditions BAD = new LossyTransfer.Conditions(0.05, 0.02, 0.05, 0.001);

    @Test
    @Timeout(240)
    void thousandTransfersOverABadNetworkAreByteExact() {
        List<String> failures = new ArrayList<>();
        long bytes = 0;
        long frames = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            // Throws, naming the seed, when a stack throws or anything is not given back.
            LossyTransfer.Outcome outcome = LossyTransfer.run(seed, MAX_BYTES, BAD);
            bytes += outcome.bytes();
            frames += outcome.frames();
            if (outcome.complaint() != null) {
                failures.add("seed " + seed + ": " + outcome.complaint());
            }
        }
        assertTrue(failures.isEmpty(), () -> failures.size() + " failed: " + failures);
        // The run was one: data flowed both ways, in many packets.
        assertTrue(bytes > SEEDS * MAX_BYTES / 2L, "bytes " + bytes);
        assertTrue(frames > bytes / 1500, "frames " + frames);
    }

    @Test
    void theSameSeedGivesTheSameFramesAtTheSameMoments() {
        for (long seed = 5000; seed < 5020; seed++) {
            LossyTransfer.Outcome one = LossyTransfer.run(seed, MAX_BYTES, BAD);
            LossyTransfer.Outcome two = LossyTransfer.run(seed, MAX_BYTES, BAD);
            assertEquals(one, two);
            assertNotEquals(
                    one.digest(), LossyTransfer.run(seed + 1000, MAX_BYTES, BAD).digest());
        }
    }

    @Test
    void theWorstNetworkOnlyTakesLonger() {
        LossyTransfer.Conditions worst = new LossyTransfer.Conditions(0.25, 0.2, 0.3, 0.02);
        for (long seed = 9000; seed < 9030; seed++) {
            LossyTransfer.Outcome outcome = LossyTransfer.run(seed, 20_000, worst);
            assertEquals(null, outcome.complaint(), "seed " + seed);
        }
    }
}
