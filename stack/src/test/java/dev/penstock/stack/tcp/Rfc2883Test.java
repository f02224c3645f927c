package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** RFC 2883, the data receiver's half: duplicates are reported in a D-SACK block. */
class Rfc2883Test extends TcpFixture {

    @BeforeEach
    void turnOn() {
        config.sack = true;
        established(65_535, mss(MSS), sackPermitted());
        drain();
    }

    @Test
    void aDuplicateOfAcknowledgedData() {
        // 4.1.1: "Reporting a duplicate segment".
        peer.sends(ACK, 1, 1, 65_535, 1000);
        drain();
        peer.sends(ACK, 501, 1, 65_535, 500);
        expectSack(1, 1001, 501, 1001);
        assertEquals(1, count(StackCounter.TCP_DSACKS_OUT));
        // "Each duplicate contiguous sequence of data received is reported in at most one D-SACK block."
        peer.sends(ACK, 1001, 1, 65_535, 10);
        expectSack(1, 1011);
        read();
        drain();
    }

    @Test
    void aDuplicateWhileDataIsMissing() {
        // 4.1.2: "Reporting an out-of-order segment and a duplicate segment": the D-SACK block, then the others.
        peer.sends(ACK, 1, 1, 65_535, 500);
        peer.sends(ACK, 1001, 1, 65_535, 500);
        drain();
        peer.sends(ACK, 1, 1, 65_535, 500);
        expectSack(1, 501, 1, 501, 1001, 1501);
    }

    @Test
    void aDuplicateOfASegmentOutOfOrder() {
        // 4.1.3: "Reporting a duplicate of an out-of-order segment": the second block is the larger one it is part of.
        peer.sends(ACK, 1001, 1, 65_535, 1500);
        drain();
        peer.sends(ACK, 1501, 1, 65_535, 500);
        expectSack(1, 1, 1501, 2001, 1001, 2501);
    }

    @Test
    void aSegmentPartlyKnown() {
        // 4.2.1: "Reporting a single duplicate subsegment".
        peer.sends(ACK, 1, 1, 65_535, 500);
        drain();
        peer.sends(ACK, 1, 1, 65_535, 1000);
        expectSack(1, 1001, 1, 501);
        read();
        drain();
    }

    @Test
    void onlyTheFirstOfSeveralDuplicateParts() {
        // 4.2.2: "The first D-SACK block ... only the first duplicate".
        peer.sends(ACK, 1001, 1, 65_535, 500);
        peer.sends(ACK, 2001, 1, 65_535, 500);
        drain();
        peer.sends(ACK, 501, 1, 65_535, 1460);
        expectSack(1, 1, 1001, 1501, 501, 1961, 2001, 2501);
        peer.sends(ACK, 1401, 1, 65_535, 700);
        expectSack(1, 1, 1401, 1961, 501, 2501);
    }

    @Test
    void duplicatesOfOneBurstThatFollowEachOtherAreOne() {
        peer.sends(ACK, 1, 1, 65_535, 1400);
        drain();
        for (int i = 0; i < 4; i++) {
            peer.arrives(ACK, 1 + 200 * i, 1, 65_535, 200);
        }
        peer.arrives(ACK, 1201, 1, 65_535, 100);
        flush();
        expectSack(1, 1401, 1, 801);
        expectSack(1, 1401, 1201, 1301);
        expectNothing();
        read();
        drain();
    }

    @Test
    void withoutTheAgreementADuplicateIsOnlyAcknowledged() {
        connection.tcb.rcv.sack = false;
        peer.sends(ACK, 1, 1, 65_535, 500);
        drain();
        peer.sends(ACK, 1, 1, 65_535, 500);
        assertEquals(0, out.peekFirst().options.sackCount);
        expectAck(1, 501);
        read();
        drain();
    }

    @Test
    void aFloodOfDuplicatesIsAnsweredWithinBounds() {
        peer.sends(ACK, 1, 1, 65_535, 1400);
        drain();
        for (int i = 0; i < 200; i++) {
            peer.arrives(ACK, 1 + 2 * i, 1, 65_535, 1);
        }
        flush();
        assertEquals(SackBlocks.MAX_PENDING, drain());
        read();
        drain();
    }
}
