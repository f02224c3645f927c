package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Test;

/** Limits of the sending side, and what lies between its parts: probes of a closed window, windows taken back. */
class SendLimitsTest extends RecoveryFixture {

    @Test
    void atTheLimitOfSentSegmentsNothingNewGoesUntilSomethingIsAcknowledged() {
        config.maxSentSegments = 4;
        options.noDelay = true;
        open();
        for (int i = 0; i < 8; i++) {
            write(10);
        }
        assertEquals(4, drain());
        assertTrue(count(StackCounter.TCP_SENT_SEGMENTS_LIMITED) > 0);
        // Also when it is the last thing that is heard for long.
        acksBytes(21);
        assertEquals(1, drain(), "the rest as one segment");
        acksBytes(81);
        assertEquals(0, info().bytesInFlight);
    }

    /** The byte of the probe was timed as if it had been sent with the data that followed when the window opened. */
    @Test
    void theAckOfAWindowProbeIsNoRoundTripOfWhatFollowed() {
        open();
        peer.sends(ACK, 1, 1, 0, 0);
        write(2 * SEGMENT);
        advance(400);
        assertEquals(1, drain(), "a probe");
        // The window opens before the probe is there.
        peer.sends(ACK, 1, 1, WINDOW, 0);
        assertTrue(drain() >= 1);
        advance(3);
        peer.sends(ACK, 1, 2, WINDOW, 0);
        assertTrue(info().minRttNs >= 100 * MS, "round trip " + info().minRttNs);
        advance(97);
        acks(2);
    }

    @Test
    void aWindowTakenBackLeavesTheTimerRunning() {
        openAndSend(10);
        advance(100);
        peer.sends(ACK, 1, 1, SEGMENT, 0);
        write(SEGMENT);
        advance(2_000);
        assertTrue(out.stream().allMatch(s -> s.rawSeq - iss <= at(9)), "nothing beyond");
        drain();
        acks(10);
        expectSegments(10);
        acks(11);
    }
}
