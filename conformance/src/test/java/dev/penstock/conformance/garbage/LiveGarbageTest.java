package dev.penstock.conformance.garbage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.conformance.garbage.LiveGarbage.Outcome;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections with data in flight among bad copies of their own segments; {@link LiveGarbage} does millions. */
class LiveGarbageTest {
    private static final long FRAMES = 100_000;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whateverIsForgedInAdviceEveryByteArrives(long seed) {
        try (LiveGarbage lab = new LiveGarbage(seed, false)) {
            Outcome o = lab.run(FRAMES);
            assertNull(o.complaint());
            assertTrue(o.frames() >= FRAMES && o.transfers() > 1, o::toString);
            assertReached(lab, StackCounter.TCP_BAD_SACK_BLOCKS);
            assertReached(lab, StackCounter.TCP_FAST_RETRANSMITS);
            assertReached(lab, StackCounter.TCP_RTO_TIMEOUTS);
            assertReached(lab, StackCounter.TCP_SACK_RENEGING);
            assertReached(lab, StackCounter.TCP_DSACKS_RECEIVED);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void wildOnesBreakConnectionsAtMost(long seed) {
        try (LiveGarbage lab = new LiveGarbage(seed, true)) {
            Outcome o = lab.run(FRAMES);
            assertTrue(o.frames() >= FRAMES && o.transfers() > 1, o::toString);
            assertReached(lab, StackCounter.TCP_CHALLENGE_ACKS);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {7})
    void theSameSeedDoesTheSame(long seed) {
        Outcome[] outcomes = new Outcome[2];
        for (int i = 0; i < 2; i++) {
            try (LiveGarbage lab = new LiveGarbage(seed, true)) {
                outcomes[i] = lab.run(20_000);
            }
        }
        assertEquals(outcomes[0], outcomes[1]);
    }

    private static void assertReached(LiveGarbage lab, StackCounter counter) {
        assertTrue(lab.count(counter) > 0, () -> counter + " was never reached");
    }
}
