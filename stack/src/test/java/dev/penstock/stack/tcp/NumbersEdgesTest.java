package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import org.junit.jupiter.api.Test;

/** Rows of RFC 5961, 6298, 7323, 8200 and 9406 where another behaviour would be almost the same. */
class NumbersEdgesTest extends TcpFixture {
    @Requirement("RFC5961:5.2-3")
    @Test
    void aWindowThatShrankDoesNotNarrowTheRange() {
        // "MAX.SND.WND ... the largest window the local TCP endpoint has ever received from its peer".
        established(1000, mss(500));
        write(3000);
        drain();
        for (int ack = 501; ack <= 2501; ack += 500) {
            peer.acks(ack, 1000);
            drain();
        }
        peer.acks(3001, 10);
        // SND.UNA = 3001: 2001 is the oldest, although the window is 10 now.
        peer.sends(ACK, 1, 2001, 10, 10);
        assertEquals(10, read());
        peer.sends(ACK, 11, 2000, 10, 10);
        assertEquals(0, read());
        assertEquals(1, drops(DropReason.TCP_BAD_ACK));
        drain();
    }

    @Requirement("RFC5961:7-3")
    @Test
    void oldDuplicatesAreAcknowledgedWhenNoChallengeIsLeft() {
        config.challengeAcksPerSecond = 2;
        established();
        for (int i = 0; i < 20; i++) {
            peer.sends(SYN, 1, 0, 1000, 0);
        }
        drain();
        peer.sends(ACK, 1, 1, 1000, 10);
        advance(1);
        drain();
        read();
        drain();
        peer.sends(ACK, 1, 1, 1000, 10);
        expectAck(1, 11);
        peer.sends(ACK, 1, 1, 1000, 10);
        expectAck(1, 11);
    }

    @Requirement("RFC6298:3-3")
    @Test
    void eachRoundTripIsMeasuredWithoutTimestamps() {
        config.minRtoNs = 1_000 * MS;
        established(60_000, mss(1000));
        int at = 1;
        for (long rttMs : new long[] {100, 200, 200, 200, 200}) {
            long before = connection.rtt.samples();
            write(1000);
            drain();
            advance(rttMs);
            at += 1000;
            peer.acks(at, 60_000);
            assertEquals(before + 1, connection.rtt.samples());
        }
        long srttMs = connection.rtt.srttNs() / MS;
        assertTrue(srttMs >= 89 && srttMs <= 91, "an eighth of the way each time, from 0 with the SYN: " + srttMs);
    }

    @Requirement("RFC7323:3.2-5")
    @Test
    void aConnectionGoesOnAfterASegmentWithoutTimestamps() {
        // "A TCP MUST NOT abort a TCP connection because any segment lacks an expected TSopt."
        config.timestamps = true;
        listen();
        peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS), stamps(100, 0));
        iss = expect(SYN | ACK, 0, 1).rawSeq;
        peer.sends(ACK, 1, 1, 60_000, 0, stamps(101, 0));
        peer.sends(ACK, 1, 1, 60_000, 10);
        state(TcpState.ESTABLISHED);
        peer.sends(ACK, 1, 1, 60_000, 20, stamps(102, 0));
        assertEquals(20, read());
        drain();
    }

    @Requirement("RFC9406:4.2-1")
    @Test
    void aRoundEndsWhenWhatWasSentAtItsBeginningIsAcknowledged() {
        HyStart hyStart = new HyStart();
        AckSample sample = new AckSample();
        // Three rounds of 20 acknowledgments; the round-trip time rises in the second half of the second.
        for (int i = 0; i < 60; i++) {
            sample.clear();
            sample.unaPosition = i + 1L;
            sample.nxtPosition = i / 20 * 20L + 40;
            sample.rttNs = (i < 30 ? 50 : 90) * MS;
            assertFalse(hyStart.onAck(sample));
            if (i < 40) {
                assertFalse(hyStart.conservative(), "acknowledgment " + i + ": the least of its round is still 50 ms");
            }
        }
        assertTrue(hyStart.conservative());
    }
}
