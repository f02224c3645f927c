package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.buffer.Chunk;
import dev.penstock.stack.buffer.ChunkPool;
import java.util.ArrayList;
import java.util.List;
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

    // --- 4: generating blocks ---

    private void sacking() {
        established(65_535, mss(MSS), sackPermitted());
        drain();
    }

    @Test
    void theFirstBlockIsThatOfTheSegmentThatTriggeredIt() {
        // "(a) The first SACK block ... MUST specify the contiguous block of data containing the segment which
        // triggered this ACK".
        sacking();
        peer.sends(ACK, 1001, 1, 65_535, 500);
        expectSack(1, 1, 1001, 1501);
        peer.sends(ACK, 3001, 1, 65_535, 500);
        expectSack(1, 1, 3001, 3501, 1001, 1501);
        peer.sends(ACK, 1501, 1, 65_535, 500);
        expectSack(1, 1, 1001, 2001, 3001, 3501);
    }

    @Test
    void theOthersAreThoseMostRecentlyReported() {
        // "repeating the most recently reported SACK blocks (based on first SACK blocks in previous SACK options)";
        // "as many distinct SACK blocks as possible": four without other options.
        sacking();
        for (int at : new int[] {9001, 3001, 7001, 1001, 5001}) {
            peer.sends(ACK, at, 1, 65_535, 100);
            drain();
        }
        peer.sends(ACK, 3101, 1, 65_535, 100);
        expectSack(1, 1, 3001, 3201, 5001, 5101, 1001, 1101, 7001, 7101);
        // When some grow together, an older one has its place again.
        peer.sends(ACK, 1101, 1, 65_535, 1900);
        expectSack(1, 1, 1001, 3201, 5001, 5101, 7001, 7101, 9001, 9101);
    }

    @Test
    void timestampsLeaveRoomForThree() {
        config.timestamps = true;
        listen();
        peer.sends(SYN, 0, 0, 65_535, 0, mss(MSS), stamps(1, 0), sackPermitted());
        iss = expect(SYN | ACK, 0, 1).rawSeq;
        peer.sends(ACK, 1, 1, 65_535, 0, stamps(1, 0));
        for (int at = 1001; at < 5000; at += 1000) {
            peer.sends(ACK, at, 1, 65_535, 100, stamps(2, 0));
        }
        for (int i = 0; i < 3; i++) {
            out.pollFirst();
        }
        Seg s = out.peekFirst();
        assertEquals(60, s.headerLength);
        assertTrue(s.options.hasTimestamps);
        expectSack(1, 1, 4001, 4101, 3001, 3101, 2001, 2101);
    }

    @Test
    void eachOfABurstIsNamed() {
        // Segments that arrive together are answered together, but each by an acknowledgment that it comes first in.
        sacking();
        for (int i = 1; i <= 6; i++) {
            peer.arrives(ACK, 1000 * i, 1, 65_535, 100);
        }
        flush();
        for (int i = 1; i <= 6; i++) {
            Seg s = expect(ACK, 1, 1);
            assertEquals(1000 * i, s.sackEdges(peer.irs)[0]);
        }
        expectNothing();
    }

    @Test
    void anAdvanceWithMoreMissingStillReports() {
        // "SACK options SHOULD be included in all ACKs which do not ACK the highest sequence number in the data
        // receiver's queue."
        sacking();
        peer.sends(ACK, 1001, 1, 65_535, 500);
        peer.sends(ACK, 3001, 1, 65_535, 500);
        drain();
        peer.sends(ACK, 1, 1, 65_535, 1000);
        expectSack(1, 1501, 3001, 3501);
        peer.sends(ACK, 1501, 1, 65_535, 1500);
        expectSack(1, 3501);
        assertEquals(3500, read());
    }

    @Test
    void aBurstThatFillsTheGapIsAnsweredOnceForEachRangeLeft() {
        sacking();
        peer.arrives(ACK, 1001, 1, 65_535, 500);
        peer.arrives(ACK, 1501, 1, 65_535, 500);
        peer.arrives(ACK, 4001, 1, 65_535, 500);
        peer.arrives(ACK, 4501, 1, 65_535, 500);
        peer.arrives(ACK, 1, 1, 65_535, 1000);
        flush();
        expectSack(1, 2001, 4001, 5001);
        expectNothing();
    }

    @Test
    void aSegmentWithDataCarriesThemIfTheyFit() {
        // Blocks cost no room for data: beside a full-sized segment there is none, so acknowledgments follow it.
        sacking();
        peer.arrives(ACK, 1001, 1, 65_535, 500);
        app.write(connection, MSS, nowNs);
        flush();
        assertEquals(0, expectData(ACK | PSH, 1, 1, MSS).options.sackCount);
        expectSack(1 + MSS, 1, 1001, 1501);
        peer.arrives(ACK, 2001, 1, 65_535, 500);
        app.write(connection, 100, nowNs);
        flush();
        assertEquals(2, expectData(ACK | PSH, 1 + MSS, 1, 100).options.sackCount);
        expectSack(1 + MSS + 100, 1, 2001, 2501, 1001, 1501);
        expectNothing();
    }

    @Test
    void aFinOutOfOrderIsHeldAndReported() {
        sacking();
        peer.sends(ACK | FIN, 1001, 1, 65_535, 500);
        expectSack(1, 1, 1001, 1502);
        peer.sends(ACK, 1, 1, 65_535, 1000);
        assertEquals(1502, out.peekLast().rawAck - peer.irs);
        drain();
        read();
        state(TcpState.CLOSE_WAIT);
    }

    @Test
    void aFinAloneOutOfOrderIsReported() {
        sacking();
        peer.sends(ACK | FIN, 1001, 1, 65_535, 0);
        expectSack(1, 1, 1001, 1002);
    }

    @Test
    void aFinThatComesAloneBehindWhatIsHeldIsOneBlockWithIt() {
        // 3: "Each block represents received bytes of data that are contiguous and isolated". The FIN by itself, before
        // the block that it is a part of, would be a D-SACK block (RFC 2883, section 4).
        sacking();
        peer.sends(ACK, 1001, 1, 65_535, 500);
        expectSack(1, 1, 1001, 1501);
        peer.sends(ACK | FIN, 1501, 1, 65_535, 0);
        expectSack(1, 1, 1001, 1502);
    }

    @Test
    void aFinAloneOutOfOrderIsReportedUntilItsDataHasCome() {
        // 4: "SACK options SHOULD be included in all ACKs which do not ACK the highest sequence number in the data
        // receiver's queue."
        sacking();
        peer.sends(ACK | FIN, 2001, 1, 65_535, 0);
        expectSack(1, 1, 2001, 2002);
        peer.sends(ACK, 1001, 1, 65_535, 500);
        expectSack(1, 1, 1001, 1501, 2001, 2002);
        peer.sends(ACK, 1, 1, 65_535, 1000);
        expectSack(1, 1501, 2001, 2002);
    }

    @Test
    void withoutTheAgreementThereAreNone() {
        // "If the data receiver has not received a SACK-Permitted option for a given connection, the data receiver
        // MUST NOT send SACK options on that connection."
        established();
        drain();
        peer.sends(ACK, 1001, 1, 65_535, 500);
        assertEquals(0, out.peekFirst().options.sackCount);
        expectAck(1, 1);
    }

    @Test
    void whatFoundNoMemoryIsNotReported() {
        // 8: what is reported is held; what could not be stored is not reported.
        chunks = new ChunkPool(256 << 10);
        options.receiveBuffer = 1 << 20;
        sacking();
        int at = 20_001;
        while (drops(dev.penstock.stack.base.DropReason.TCP_REASSEMBLY_MEMORY) == 0 && at < 65_000) {
            peer.sends(ACK, at, 1, 65_535, 1000);
            at += 2000;
            out.clear();
        }
        // 64 KiB of window do not fill 256 KiB; so fill the rest, then the next one finds no room.
        List<Chunk> taken = new ArrayList<>();
        while (chunks.outstanding() < 14) {
            taken.add(chunks.acquire());
        }
        peer.sends(ACK, 10_001, 1, 65_535, 1000);
        assertEquals(1, drops(dev.penstock.stack.base.DropReason.TCP_REASSEMBLY_MEMORY));
        for (int edge : out.peekFirst().sackEdges(peer.irs)) {
            assertTrue(edge != 10_001, "reported what is not held");
        }
        drain();
        // The last eighth of the memory is for data in order.
        peer.sends(ACK, 1, 1, 65_535, 1000);
        assertEquals(1001, out.peekLast().rawAck - peer.irs);
        taken.forEach(chunks::release);
        drain();
        read();
    }

    @Test
    void nothingIsRenegedWhenTheApplicationReadsNoMore() {
        sacking();
        peer.sends(ACK, 1001, 1, 65_535, 500);
        drain();
        connection.shutdownInput(nowNs);
        flush();
        peer.sends(ACK, 2001, 1, 65_535, 500);
        expectSack(1, 1, 2001, 2501, 1001, 1501);
        peer.sends(ACK, 1, 1, 65_535, 1000);
        expectSack(1, 1501, 2001, 2501);
        peer.sends(ACK, 1501, 1, 65_535, 500);
        expectSack(1, 2501);
    }
}
