package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** RFC 2018, the data receiver's half: SACK-permitted and the blocks that are sent. */
class Rfc2018ReceiverTest extends TcpFixture {

    @BeforeEach
    void turnOn() {
        config.sack = true;
    }

    // --- 2: SACK-permitted ---

    @Test
    void theSynOffersIt() {
        connecting();
        Seg s = expect(SYN, 0, 0);
        assertTrue(s.options.sackPermitted);
        assertFalse(s.options.hasTimestamps);
        peer.sends(SYN | ACK, 0, 1, 65_535, 0, mss(MSS), sackPermitted());
        assertFalse(expect(ACK, 1, 1).options.sackPermitted, "MUST NOT be sent on non-SYN segments");
        assertTrue(info().sack);
        assertTrue(connection.negotiation.sack());
    }

    @Test
    void withTimestampsItTakesThePlaceOfTheNops() {
        config.timestamps = true;
        config.windowScaling = true;
        connecting();
        Seg s = expect(SYN, 0, 0);
        assertEquals(40, s.headerLength);
        assertTrue(s.options.sackPermitted);
        assertTrue(s.options.hasTimestamps);
        assertTrue(s.options.windowScale >= 0);
    }

    @Test
    void theSynAckAnswersIt() {
        listen();
        peer.sends(SYN, 0, 0, 65_535, 0, mss(MSS), sackPermitted());
        Seg s = expect(SYN | ACK, 0, 1);
        iss = s.rawSeq;
        assertTrue(s.options.sackPermitted);
        peer.acks(1, 65_535);
        assertTrue(info().sack);
    }

    @Test
    void whoDoesNotOfferItDoesNotGetIt() {
        listen();
        peer.sends(SYN, 0, 0, 65_535, 0, mss(MSS));
        Seg s = expect(SYN | ACK, 0, 1);
        iss = s.rawSeq;
        assertFalse(s.options.sackPermitted);
        peer.acks(1, 65_535);
        assertFalse(info().sack);
    }

    @Test
    void aSynAckWithoutItEndsIt() {
        connected(65_535, mss(MSS));
        assertFalse(info().sack);
    }

    @Test
    void turnedOffItIsNotOffered() {
        config.sack = false;
        connecting();
        assertFalse(expect(SYN, 0, 0).options.sackPermitted);
        peer.sends(SYN | ACK, 0, 1, 65_535, 0, mss(MSS), sackPermitted());
        assertFalse(info().sack);
        drain();
    }
}
