package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Found by {@code netsim --trace}: in virtual time, and in a burst of real time, several transmissions share a nanosecond. */
class SameMomentTest extends TcpFixture {
    @BeforeEach
    void withSack() {
        config.sack = true;
        config.pacing = false;
    }

    @Test
    void whatWasSentBeforeACopyInTheSameMomentDoesNotShowItLost() {
        connecting();
        expect(SYN, 0, 0);
        advance(100);
        peer.sends(SYN | ACK, 0, 1, 60_000, 0, concat(mss(1000), sackPermitted()));
        expectAck(1, 1);
        write(30_000);
        drain();
        advance(100);
        // Two arrive behind a gap: limited transmit sends two more. The third begins recovery, all in one moment.
        peer.sends(ACK, 1, 1, 60_000, 0, sack(1001, 2001));
        expectData(ACK, 10_001, 1, 1000);
        peer.sends(ACK, 1, 1, 60_000, 0, sack(1001, 3001));
        expectData(ACK, 11_001, 1, 1000);
        peer.sends(ACK, 1, 1, 60_000, 0, sack(1001, 4001));
        expectData(ACK, 1, 1, 1000);
        drain();
        advance(100);
        // The copy is still under way when what went out before it is reported.
        peer.sends(ACK, 1, 1, 60_000, 0, sack(10_001, 12_001, 1001, 4001));
        for (Seg s = out.pollFirst(); s != null; s = out.pollFirst()) {
            assertNotEquals(iss + 1, s.rawSeq, "the copy was held to be lost");
        }
        peer.acks(12_001, 60_000);
        drain();
    }
}
