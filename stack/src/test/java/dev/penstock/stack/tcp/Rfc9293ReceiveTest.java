package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Test;

/** RFC 9293, sections 3.8.6.2.2 (receiver's silly windows), 3.8.6.3 (delayed ACK), 3.10.7.4 (segment text). */
class Rfc9293ReceiveTest extends TcpFixture {

    @Requirement("RFC5681:4.2-1")
    @Test
    @Requirement({"RFC9293:SHLD-18", "RFC9293:SHLD-19"})
    void oneFullSegmentWaitsTwoDoNot() {
        // SHLD-18, MUST-58: "an ACK SHOULD be generated for at least every second full-sized segment".
        config.quickAcks = 0;
        established();
        peer.sends(ACK, 1, 1, 65_535, MSS);
        peer.sends(ACK, 1 + MSS, 1, 65_535, MSS);
        expectAck(1, 1 + 2 * MSS);
        peer.sends(ACK, 1 + 2 * MSS, 1, 65_535, MSS);
        expectNothing();
        peer.sends(ACK, 1 + 3 * MSS, 1, 65_535, MSS);
        expectAck(1, 1 + 4 * MSS);
        assertEquals(4 * MSS, read());
        drain();
    }

    @Requirement("RFC5681:4.2-3")
    @Test
    @Requirement({"RFC9293:SHLD-18", "RFC9293:MUST-40"})
    void anAckIsDelayedByLessThanHalfASecond() {
        // MUST-40.
        config.quickAcks = 0;
        established();
        peer.sends(ACK, 1, 1, 65_535, 100);
        expectNothing();
        long begin = nowNs;
        advance(499);
        Seg s = expect(ACK, 1, 101);
        assertEquals(config.delayedAckNs, s.atNs - begin);
        expectNothing();
        read();
    }

    @Test
    void whatWasPushedIsAcknowledgedWhenItIsReadAndNothingAnswersIt() {
        // SHLD-18 lets an ACK wait for a second segment; a peer that has pushed has none.
        config.quickAcks = 0;
        established();
        peer.sends(ACK | PSH, 1, 1, 65_535, 100);
        expectNothing();
        assertEquals(100, read());
        expectAck(1, 101);
    }

    @Test
    void whoAnswersWithDataIsGivenTheTimeToDoSo() {
        config.quickAcks = 0;
        established();
        peer.sends(ACK | PSH, 1, 1, 65_535, 100);
        write(10);
        expectData(ACK | PSH, 1, 101, 10);
        peer.sends(ACK | PSH, 101, 11, 65_535, 100);
        assertEquals(200, read());
        expectNothing();
        advance(500);
        // No answer came before the timer: the next one is not waited for.
        expectAck(11, 201);
        peer.sends(ACK | PSH, 201, 11, 65_535, 100);
        assertEquals(100, read());
        expectAck(11, 301);
    }

    @Test
    void dataCarriesTheDelayedAck() {
        config.quickAcks = 0;
        established();
        peer.sends(ACK, 1, 1, 65_535, 100);
        write(10);
        expectData(ACK | PSH, 1, 101, 10);
        advance(100);
        expectNothing();
        peer.sends(ACK, 101, 11, 65_535, 0);
        read();
    }

    @Requirement("RFC5681:3.2-1")
    @Test
    @Requirement({"RFC9293:SHLD-31", "RFC9293:MAY-13"})
    void outOfOrderIsAcknowledgedAtOnceAndEachTime() {
        // RFC 5681, section 4.2: "SHOULD send an immediate duplicate ACK when an out-of-order segment arrives".
        config.quickAcks = 0;
        established();
        for (int i = 1; i <= 4; i++) {
            peer.arrives(ACK, 1 + i * 100, 1, 65_535, 100);
        }
        flush();
        for (int i = 0; i < 4; i++) {
            expectAck(1, 1);
        }
        expectNothing();
        assertEquals(4, count(StackCounter.TCP_OUT_OF_ORDER));
        peer.sends(ACK, 1, 1, 65_535, 100);
        expectAck(1, 501);
        expectNothing();
        assertEquals(500, read());
    }

    @Requirement("RFC5681:3.2-2")
    @Test
    void fillingPartOfAGapIsAcknowledgedAtOnce() {
        config.quickAcks = 0;
        established();
        peer.sends(ACK, 301, 1, 65_535, 100);
        expectAck(1, 1);
        peer.sends(ACK, 1, 1, 65_535, 100);
        expectAck(1, 101);
        peer.sends(ACK, 101, 1, 65_535, 200);
        expectAck(1, 401);
        assertEquals(400, read());
    }

    @Test
    @Requirement("RFC9293:MUST-59")
    void duplicatesOwedAreSettledWhenTheGapIsFilledInTheSameBurst() {
        // Three equal ACKs would make the peer retransmit what was never lost.
        config.quickAcks = 0;
        established();
        for (int i = 1; i <= 4; i++) {
            peer.arrives(ACK, 1 + i * 100, 1, 65_535, 100);
        }
        peer.arrives(ACK, 1, 1, 65_535, 100);
        flush();
        expectAck(1, 501);
        expectNothing();
        read();
    }

    @Test
    void duplicateAcksAreSentAlsoWhenThereIsDataToSend() {
        // RFC 5681, section 2: an ACK with data is no duplicate ACK, so data must not swallow them.
        established();
        for (int i = 1; i <= 3; i++) {
            peer.arrives(ACK, 1 + i * 100, 1, 65_535, 100);
        }
        app.write(connection, 10, nowNs);
        flush();
        expectData(ACK | PSH, 1, 1, 10);
        for (int i = 0; i < 3; i++) {
            expectAck(11, 1);
        }
        expectNothing();
        peer.sends(ACK, 1, 11, 65_535, 100);
        drain();
        read();
    }

    @Requirement("RFC5681:4.2-4")
    @Test
    void aSegmentBeyondTheWindowOwesOneAck() {
        options.receiveBuffer = 1000;
        established();
        peer.sends(ACK, 501, 1, 1000, 900);
        expectAck(1, 1);
        expectNothing();
        peer.sends(ACK, 1, 1, 1000, 500);
        expectAck(1, 1001);
        assertEquals(1000, read());
        drain();
    }

    @Test
    void oldDataIsAcknowledgedAtOnce() {
        config.quickAcks = 0;
        established();
        peer.sends(ACK, 1, 1, 65_535, 100);
        advance(100);
        drain();
        peer.sends(ACK, 1, 1, 65_535, 100);
        expectAck(1, 101);
        peer.sends(ACK, 51, 1, 65_535, 100);
        expectAck(1, 151);
        assertEquals(150, read());
    }

    @Test
    @Requirement("RFC9293:SHLD-31")
    void overlapsOfAllKindsAreAssembledOnce() {
        established();
        int[][] pieces = {{500, 100}, {300, 100}, {350, 200}, {250, 500}, {100, 10}, {105, 300}, {0, 120}};
        for (int[] p : pieces) {
            peer.sends(ACK, 1 + p[0], 1, 65_535, p[1]);
        }
        drain();
        assertEquals(750, read());
        assertEquals(750, info().bytesReceived);
    }

    @Test
    void onDataMayTakeAnyPart() {
        established();
        int total = 0;
        for (int take : new int[] {100, 0, 30, 100}) {
            app.takeInPlace = take;
            peer.sends(ACK, 1 + total, 1, 65_535, 100);
            total += 100;
            read();
        }
        assertEquals(400, app.received);
        drain();
    }

    @Test
    void whatOnDataLeavesComesInOrderBeforeWhatFollows() {
        established();
        app.takeInPlace = 40;
        peer.sends(ACK, 1, 1, 65_535, 100);
        peer.sends(ACK, 101, 1, 65_535, 100);
        read();
        assertEquals(200, app.received);
        drain();
    }

    @Test
    void inPlaceAndOutOfOrderTogether() {
        established();
        app.takeInPlace = 1000;
        peer.sends(ACK, 201, 1, 65_535, 100);
        peer.sends(ACK, 1, 1, 65_535, 150);
        assertEquals(150, app.received);
        peer.sends(ACK, 101, 1, 65_535, 120);
        assertEquals(300, app.received);
        drain();
    }

    @Test
    @Requirement("RFC9293:MUST-31")
    void urgentDataStaysInLine() {
        // MUST-30/31; RFC 6093, section 5.
        established();
        peer.urgentPointer = 50;
        peer.sends(ACK | URG, 1, 1, 65_535, 100);
        expectAck(1, 101);
        assertEquals(100, read());
    }

    // --- windows ---

    @Test
    @Requirement("RFC9293:MUST-39")
    void theWindowClosesWhenNobodyReadsAndOpensByALargeStep() {
        // MUST-39.
        options.receiveBuffer = 4000;
        established();
        peer.sends(ACK, 1, 1, 65_535, 1460);
        assertEquals(2540, expect(ACK, 1, 1461).window);
        peer.sends(ACK, 1461, 1, 65_535, 1460);
        assertEquals(1080, expect(ACK, 1, 2921).window);
        peer.sends(ACK, 2921, 1, 65_535, 1080);
        assertEquals(0, expect(ACK, 1, 4001).window);
        app.read(connection, 10, nowNs);
        flush();
        expectNothing();
        app.read(connection, 900, nowNs);
        flush();
        expectNothing();
        app.read(connection, 1200, nowNs);
        flush();
        assertEquals(2110, expect(ACK, 1, 4001).window);
        read();
        drain();
    }

    @Test
    void aProbeOfOurZeroWindowIsAnsweredAndItsByteNotTaken() {
        options.receiveBuffer = 100;
        established();
        peer.sends(ACK, 1, 1, 65_535, 100);
        assertEquals(0, expect(ACK, 1, 101).window);
        peer.sends(ACK, 101, 1, 65_535, 1);
        assertEquals(0, expect(ACK, 1, 101).window);
        assertEquals(100, read());
        drain();
        peer.sends(ACK, 101, 1, 65_535, 1);
        assertEquals(99, expect(ACK, 1, 102).window);
        read();
        drain();
    }

    @Test
    void validAcksAreTakenWhileOurWindowIsZero() {
        // 3.10.7.4: "special allowance should be made to accept valid ACKs, URGs, and RSTs".
        options.receiveBuffer = 100;
        established();
        write(10);
        drain();
        peer.sends(ACK, 1, 1, 65_535, 100);
        drain();
        peer.sends(ACK, 101, 11, 65_535, 0);
        assertEquals(0, connection.sendQueue().size());
        read();
        drain();
    }

    @Test
    void theSmallestBuffersStillOpen() {
        for (int size = 1; size <= 3; size++) {
            Tiny t = new Tiny();
            t.run(size);
            t.nothingIsLeft();
        }
    }

    static final class Tiny extends TcpFixture {
        void run(int size) {
            options.receiveBuffer = size;
            established();
            peer.sends(ACK, 1, 1, 65_535, size);
            assertEquals(0, expect(ACK, 1, 1 + size).window);
            read();
            assertEquals(size, expect(ACK, 1, 1 + size).window, "the window must open when all was read");
        }
    }

    @Test
    void bytesThatCreepDoNotOverrunAScaledWindow() {
        // The rounding of a scaled window up to its unit must not add up: memory would have no limit.
        config.windowScaling = true;
        options.receiveBuffer = 1 << 20;
        established(65_535, concat(mss(MSS), scale(0)));
        int at = 1;
        int hard = options.receiveBuffer + (1 << connection.tcb.rcv.wndShift);
        int idle = 0;
        while (idle < 3 && at < 3 * options.receiveBuffer) {
            int before = connection.receiveQueue().size();
            // The peer sends full segments while it may, then bytes one by one.
            int n = Math.max(1, Math.min(MSS, connection.tcb.rcv.window() - 17_000));
            peer.sends(ACK, at, 1, 65_535, n);
            at += connection.receiveQueue().size() - before;
            idle = connection.receiveQueue().size() == before ? idle + 1 : 0;
            drain();
            assertTrue(
                    connection.receiveQueue().size() <= hard,
                    "holds " + connection.receiveQueue().size());
        }
        assertTrue(connection.receiveQueue().size() >= options.receiveBuffer - 1, "uses what it promised");
        read();
        drain();
    }

    // --- memory and limits ---

    @Test
    void withoutMemoryDataIsDroppedAndComesAgain() {
        config.memoryHighPercent = 101;
        chunks = new dev.penstock.stack.buffer.ChunkPool(1);
        established();
        var hoard = new java.util.ArrayList<dev.penstock.stack.buffer.Chunk>();
        for (int i = 0; i < chunks.maxChunks(); i++) {
            hoard.add(chunks.acquire());
        }
        peer.sends(ACK, 1, 1, 65_535, 100);
        expectAck(1, 1);
        peer.sends(ACK, 201, 1, 65_535, 100);
        expectAck(1, 1);
        assertEquals(1, drops(DropReason.CHUNK_POOL_EMPTY));
        assertEquals(1, drops(DropReason.TCP_REASSEMBLY_MEMORY));
        hoard.forEach(chunks::release);
        peer.sends(ACK, 1, 1, 65_535, 100);
        expectAck(1, 101);
        assertEquals(100, read());
    }

    @Test
    void noMorePiecesThanTheLimitAreKept() {
        config.maxReassemblyRanges = 3;
        established();
        for (int i = 1; i <= 5; i++) {
            peer.sends(ACK, 1 + i * 200, 1, 65_535, 100);
        }
        assertEquals(2, drops(DropReason.TCP_REASSEMBLY_LIMIT));
        peer.sends(ACK, 301, 1, 65_535, 100);
        drain();
        peer.sends(ACK, 1, 1, 65_535, 200);
        expectAck(1, 501);
        peer.sends(ACK, 501, 1, 65_535, 100);
        expectAck(1, 701);
        assertEquals(700, read());
        drain();
    }

    @Test
    void joinedSegmentsCountAsSeveralForTheAck() {
        config.quickAcks = 0;
        established();
        peer.gsoSize = MSS;
        peer.sends(ACK, 1, 1, 65_535, 3 * MSS);
        expectAck(1, 1 + 3 * MSS);
        read();
        drain();
    }
}
