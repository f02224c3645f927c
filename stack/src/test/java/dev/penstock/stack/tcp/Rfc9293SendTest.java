package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** RFC 9293, sections 3.7.1 (MSS), 3.7.4 (Nagle), 3.8.6.1 (zero windows), 3.8.6.2.1 (silly windows), 3.9.1 (PSH). */
class Rfc9293SendTest extends TcpFixture {

    @Test
    @Requirement("RFC9293:MUST-15.1")
    @Tag("ipv4-sizes")
    void withoutAnMssOptionSegmentsAreSmall() {
        // MUST-15: "TCP implementations MUST assume a default send MSS of 536 (576 - 40) for IPv4".
        established(65_535);
        write(1000);
        expectData(ACK, 1, 1, 536);
        expectData(ACK | PSH, 537, 1, 464);
        peer.acks(1001, 65_535);
    }

    @Test
    @Requirement({"RFC9293:SHLD-28", "RFC9293:MUST-16"})
    void segmentsAreNoLargerThanThePeersMssAndThePath() {
        // MUST-16.
        established(65_535, mss(1000));
        write(2500);
        expectData(ACK, 1, 1, 1000);
        expectData(ACK, 1001, 1, 1000);
        expectData(ACK | PSH, 2001, 1, 500);
        peer.acks(2501, 65_535);
    }

    @Test
    @Requirement("RFC9293:MUST-14")
    void theMssAnnouncedIsThatOfTheInterfaceOrOfTheOption() {
        // MUST-14, MUST-67.
        ip.mtu = 9000;
        options.maxSegment = 1300;
        connecting();
        assertEquals(1300, expect(SYN, 0, 0).options.mss);
        peer.sends(SYN | ACK, 0, 1, 65_535, 0, mss(8960));
        drain();
        write(1500);
        expectData(ACK, 1, 1, 1300);
        drain();
        peer.acks(1501, 65_535);
    }

    @Test
    void tinyMssOfAPeerIsNotFollowedBelowReason() {
        established(65_535, mss(1));
        assertTrue(connection.tcb.snd.mss >= 32);
    }

    @Test
    @Requirement("RFC9293:MUST-61")
    void pushIsSetOnTheLastBufferedSegmentOnly() {
        // MUST-61: "MUST set the PSH bit in the last buffered segment".
        established();
        write(2 * MSS);
        expectData(ACK, 1, 1, MSS);
        expectData(ACK | PSH, 1 + MSS, 1, MSS);
        peer.acks(1 + 2 * MSS, 65_535);
    }

    @Test
    @Requirement({"RFC9293:MAY-16", "RFC9293:SHLD-27", "RFC9293:SHLD-7"})
    void nagleHoldsASmallSegmentWhileASmallOneIsOutstanding() {
        established();
        write(10);
        expectData(ACK | PSH, 1, 1, 10);
        write(10);
        write(10);
        expectNothing();
        peer.acks(11, 65_535);
        expectData(ACK | PSH, 11, 1, 20);
        peer.acks(31, 65_535);
    }

    @Test
    void fullSegmentsAreNotHeldAndMinshallLetsTheirTailGo() {
        established();
        write(MSS + 10);
        expectData(ACK, 1, 1, MSS);
        expectData(ACK | PSH, 1 + MSS, 1, 10);
        write(MSS);
        expectData(ACK | PSH, 11 + MSS, 1, MSS);
        write(1);
        expectNothing();
        peer.acks(11 + 2 * MSS, 65_535);
        expectData(ACK | PSH, 11 + 2 * MSS, 1, 1);
        peer.acks(12 + 2 * MSS, 65_535);
    }

    @Test
    @Requirement("RFC9293:MUST-17")
    void noDelaySendsAtOnce() {
        options.noDelay = true;
        established();
        write(10);
        write(10);
        expectData(ACK | PSH, 1, 1, 10);
        expectData(ACK | PSH, 11, 1, 10);
        peer.acks(21, 65_535);
    }

    @Test
    @Requirement("RFC9293:MUST-17")
    void optionsMayBeChangedOnTheWay() {
        established();
        write(10);
        write(10);
        expectData(ACK | PSH, 1, 1, 10);
        connection.options().noDelay = true;
        connection.optionsChanged(nowNs);
        flush();
        expectData(ACK | PSH, 11, 1, 10);
        peer.acks(21, 65_535);
    }

    @Test
    void closeLetsTheHeldTailGoWithTheFin() {
        established();
        write(10);
        expectData(ACK | PSH, 1, 1, 10);
        write(10);
        close();
        expectData(FIN | ACK | PSH, 11, 1, 10);
        peer.acks(22, 65_535);
    }

    @Test
    @Requirement({"RFC9293:MUST-60", "RFC9293:MUST-38"})
    void sillyWindowIsNotUsedUntilHalfOfTheLargestOrTheOverride() {
        // MUST-38; 3.8.6.2.1: send if "SND.NXT = SND.UNA and min(D,U) >= Fs * Max(SND.WND)" or "the override timeout".
        established(4000, mss(MSS));
        write(MSS);
        drain();
        peer.acks(1 + MSS, 100);
        write(3000);
        expectNothing();
        peer.acks(1 + MSS, 1999);
        expectData(ACK, 1 + MSS, 1, MSS);
        peer.acks(1 + 2 * MSS, 300);
        expectNothing();
        advance(1000);
        expectData(ACK, 1 + 2 * MSS, 1, 300);
    }

    @Test
    void halfOfTheLargestWindowIsEnough() {
        established(1000, mss(MSS));
        write(3000);
        expectData(ACK, 1, 1, 1000);
        peer.acks(1001, 499);
        expectNothing();
        peer.acks(1001, 500);
        expectData(ACK, 1001, 1, 500);
    }

    @Test
    void theWindowOfThePeerIsNeverOverrun() {
        established(3000, mss(MSS));
        write(10_000);
        expectData(ACK, 1, 1, MSS);
        expectData(ACK, 1 + MSS, 1, MSS);
        expectNothing();
        peer.acks(1 + MSS, 3000);
        expectData(ACK, 1 + 2 * MSS, 1, MSS);
        expectNothing();
    }

    @Test
    @Requirement({"RFC9293:MUST-34", "RFC9293:MUST-35"})
    void aShrunkenWindowStopsNewDataButNotTheConnection() {
        // SHLD-14/MUST-34: "MUST be robust against window shrinking".
        established(10_000, mss(1000));
        write(20_000);
        assertEquals(10, drain());
        peer.acks(1001, 2000);
        expectNothing();
        peer.acks(10_001, 0);
        expectNothing();
        advance(250);
        expectData(ACK, 10_001, 1, 1);
        peer.acks(10_001, 10_000);
        assertEquals(10, drain());
    }

    @Test
    void dataBeyondAShrunkenWindowIsRetransmittedAfterTheTimeout() {
        established(10_000, mss(1000));
        write(3000);
        drain();
        peer.acks(1, 0);
        advance(10_000);
        assertTrue(drain() >= 3, "the retransmission timer or the probes go on");
        peer.acks(1, 10_000);
        expectData(ACK, 1, 1, 1000);
        peer.acks(3001, 10_000);
        drain();
        assertEquals(0, info().bytesInFlight);
    }

    // --- zero windows, 3.8.6.1 ---

    @Test
    @Requirement({"RFC9293:MUST-35", "RFC9293:MUST-36", "RFC9293:SHLD-29", "RFC9293:SHLD-30"})
    void zeroWindowIsProbedAfterTheRtoWithGrowingIntervals() {
        // MUST-36, SHLD-29, SHLD-30.
        zeroWindow();
        long begin = nowNs;
        advance(200 * (1 + 2 + 4 + 8));
        long at = 0;
        for (long step : new long[] {200, 400, 800, 1600}) {
            at += step;
            Seg s = expectData(ACK, 101, 1, 1);
            assertEquals(at, (s.atNs - begin) / MS);
        }
        expectNothing();
    }

    private void zeroWindow() {
        established(100, mss(MSS));
        write(500);
        expectData(ACK, 1, 1, 100);
        peer.acks(101, 0);
        expectNothing();
    }

    @Test
    @Requirement("RFC9293:MUST-37")
    void zeroWindowStaysOpenWhileProbesAreAnswered() {
        // MUST-37.
        zeroWindow();
        for (int i = 0; i < 100; i++) {
            advance(60_000);
            drain();
            peer.acks(101, 0);
        }
        state(TcpState.ESTABLISHED);
        peer.acks(101, 400);
        expectData(ACK | PSH, 101, 1, 400);
        peer.acks(501, 100);
        advance(100_000);
        expectNothing();
    }

    @Test
    void zeroWindowDoesNotHoldAnOrphanForEver() {
        // RFC 6429, section 4: the application may have such a connection ended; it is gone, so we do.
        zeroWindow();
        close();
        for (int i = 0; i < 60 && app.closed == 0; i++) {
            advance(60_000);
            drain();
            peer.acks(101, 0);
        }
        closedWith(TcpError.ABORTED);
        assertEquals(1, count(StackCounter.TCP_ORPHANS_ABORTED));
        drain();
    }

    @Test
    void zeroWindowIsGivenUpWhenNobodyAnswers() {
        zeroWindow();
        advance(30 * 60_000);
        closedWith(TcpError.TIMED_OUT);
        int probes = drain();
        assertTrue(probes >= config.dataRetries && probes <= config.dataRetries + 2, "probes " + probes);
    }

    @Test
    void theByteOfAProbeMayBeAccepted() {
        zeroWindow();
        advance(200);
        expectData(ACK, 101, 1, 1);
        peer.acks(102, 0);
        expectNothing();
        advance(1000);
        expectData(ACK, 102, 1, 1);
        drain();
        peer.acks(103, 398);
        expectData(ACK | PSH, 103, 1, 398);
        peer.acks(501, 100);
    }

    @Test
    void windowThatOpensAfterAProbeSendsItsByteAgain() {
        zeroWindow();
        advance(200);
        expectData(ACK, 101, 1, 1);
        peer.acks(101, 1000);
        expectData(ACK | PSH, 101, 1, 400);
        peer.acks(501, 1000);
    }

    @Test
    void resetOfAnOpenWindowEndsTheProbes() {
        zeroWindow();
        peer.acks(101, 1000);
        drain();
        peer.acks(501, 1000);
        advance(60_000);
        expectNothing();
        assertEquals(0, count(StackCounter.TCP_ZERO_WINDOW_PROBES));
    }

    @Test
    void establishedWithAZeroWindow() {
        connected(0, mss(MSS));
        write(100);
        expectNothing();
        advance(200);
        expectData(ACK, 1, 1, 1);
        peer.acks(1, 500);
        expectData(ACK | PSH, 1, 1, 100);
        peer.acks(101, 500);
    }

    // --- windows and acknowledgments that are old ---

    @Test
    void oldSegmentsDoNotMoveTheWindow() {
        // 3.10.7.4: "SND.WL1 < SEG.SEQ or (SND.WL1 = SEG.SEQ and SND.WL2 =< SEG.ACK)".
        established(5000, mss(MSS));
        write(100);
        drain();
        peer.sends(ACK, 1, 101, 4000, 10);
        assertEquals(4000, connection.tcb.snd.wnd);
        peer.sends(ACK, 11, 51, 9000, 0);
        assertEquals(4000, connection.tcb.snd.wnd, "an older acknowledgment");
        peer.sends(ACK, 11, 101, 3000, 0);
        assertEquals(3000, connection.tcb.snd.wnd);
        drain();
        read();
    }

    @Test
    void acknowledgmentOfWhatWasNeverSentIsAnswered() {
        // "If the ACK acks something not yet sent (SEG.ACK > SND.NXT), then send an ACK, drop the segment, and return."
        established();
        peer.sends(ACK, 1, 2, 1000, 20);
        expectAck(1, 1);
        assertEquals(0, read());
    }

    @Test
    void writableIsToldWhenAThirdIsFree() {
        options.sendBuffer = 3000;
        established();
        assertEquals(3000, app.write(connection, 5000, nowNs));
        flush();
        drain();
        assertEquals(0, app.writable);
        peer.acks(901, 65_535);
        assertEquals(0, app.writable);
        peer.acks(1001, 65_535);
        assertEquals(1, app.writable);
        peer.acks(3001, 65_535);
        assertEquals(1, app.writable);
        drain();
    }

    @Test
    void aWriterThatFoundNoMemoryIsToldWhenThereIsSome() {
        chunks = new dev.penstock.stack.buffer.ChunkPool(1);
        established();
        var hoard = new java.util.ArrayList<dev.penstock.stack.buffer.Chunk>();
        for (int i = 0; i < chunks.maxChunks(); i++) {
            hoard.add(chunks.acquire());
        }
        assertEquals(0, app.write(connection, 100, nowNs));
        flush();
        assertEquals(0, app.writable);
        advance(10_000);
        hoard.forEach(chunks::release);
        advance(10_000);
        assertTrue(app.writable > 0, "waits for ever");
        write(100);
        drain();
    }

    // --- the device ---

    @Test
    void theDeviceMayTakeAnyNumberOfPieces() {
        for (int take = 0; take <= 8; take++) {
            TcpFixtureRun run = new TcpFixtureRun();
            run.piecesTaken(take);
            run.nothingIsLeft();
        }
    }

    /** A fresh fixture for each count of pieces. */
    static final class TcpFixtureRun extends TcpFixture {
        void piecesTaken(int take) {
            established(65_535, mss(1000));
            ip.deviceFullAfter = take;
            app.write(connection, 7500, nowNs);
            connection.shutdownOutput(nowNs);
            tcp.flush(nowNs);
            tcp.checkInvariants();
            int first = Math.min(take, 8);
            for (int i = 0; i < first; i++) {
                expectPiece(i);
            }
            expectNothing();
            assertEquals(take < 8, tcp.hasPending());
            ip.deviceFullAfter = Integer.MAX_VALUE;
            flush();
            for (int i = first; i < 8; i++) {
                expectPiece(i);
            }
            expectNothing();
            peer.acks(7502, 65_535);
            state(TcpState.FIN_WAIT_2);
            assertEquals(0, count(StackCounter.TCP_RETRANS_SEGS));
        }

        private void expectPiece(int i) {
            boolean last = i == 7;
            expectData(last ? FIN | ACK | PSH : ACK, 1 + i * 1000, 1, last ? 500 : 1000);
        }
    }

    @Test
    void aFullDeviceDelaysSynAckAndReset() {
        listen();
        ip.deviceFullAfter = 0;
        peer.arrives(SYN, 0, 0, 1000, 0, mss(MSS));
        remotePort++;
        peer.arrives(ACK, 9, 9, 1000, 0);
        remotePort--;
        tcp.flush(nowNs);
        expectNothing();
        assertTrue(tcp.hasPending());
        ip.deviceFullAfter = Integer.MAX_VALUE;
        tcp.flush(nowNs);
        iss = out.peekFirst().rawSeq;
        expect(SYN | ACK, 0, 1);
        iss = 0;
        expect(RST, 9, 0);
        assertFalse(tcp.hasPending());
    }

    @Test
    void aFullDeviceDelaysAnAbort() {
        established();
        ip.deviceFullAfter = 0;
        connection.abort(nowNs);
        tcp.flush(nowNs);
        expectNothing();
        assertTrue(tcp.hasPending());
        ip.deviceFullAfter = Integer.MAX_VALUE;
        flush();
        expect(RST | ACK, 1, 1);
    }
}
