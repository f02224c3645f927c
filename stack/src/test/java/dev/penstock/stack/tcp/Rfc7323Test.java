package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** RFC 7323: window scale, timestamps and PAWS. */
@SuppressWarnings("ConstantOverflow") // timestamps wrap, and that is what is tested
class Rfc7323Test extends TcpFixture {
    private static final int T0 = Integer.MAX_VALUE - 5;

    @BeforeEach
    void turnOn() {
        config.timestamps = true;
        config.windowScaling = true;
    }

    private void open(byte[]... synOptions) {
        listen();
        peer.sends(SYN, 0, 0, 60_000, 0, synOptions);
        iss = expect(SYN | ACK, 0, 1).rawSeq;
    }

    private void stamped() {
        open(mss(MSS), stamps(T0, 0), scale(0));
        peer.sends(ACK, 1, 1, 60_000, 0, stamps(T0, 0));
        state(TcpState.ESTABLISHED);
    }

    // --- 2: window scale ---

    /** Rounded down, a window of less than one unit is none, and the peer waits for ever. */
    @Test
    void aBufferOfLessThanAUnitHoldsOneWhenItIsSetOnceTheScaleIsAgreed() {
        config.timestamps = false;
        open(mss(MSS), scale(0));
        peer.acks(1, 60_000);
        connection.setOption(TcpOption.SO_RCVBUF, 1, nowNs);
        fillsAndOpensByOneUnit();
        assertEquals(1, connection.options().receiveBuffer, "what was asked for is told");
    }

    @Test
    void soItDoesWhenItIsSetBetweenTheSynAndItsAnswer() {
        config.timestamps = false;
        connecting();
        drain();
        connection.setOption(TcpOption.SO_RCVBUF, 1, nowNs);
        peer.sends(SYN | ACK, 0, 1, 60_000, 0, mss(MSS), scale(0));
        state(TcpState.ESTABLISHED);
        fillsAndOpensByOneUnit();
    }

    @Test
    void aWindowClampOfLessThanAUnitIsOne() {
        config.timestamps = false;
        open(mss(MSS), scale(0));
        peer.acks(1, 60_000);
        connection.setOption(TcpOption.TCP_WINDOW_CLAMP, 1, nowNs);
        fillsAndOpensByOneUnit();
    }

    /** Whatever the peer was promised before, it may send; then it gets a unit of 128 bytes, as often as all is read. */
    private void fillsAndOpensByOneUnit() {
        drain();
        int at = 1;
        for (int i = 0; i < 2000 && connection.tcb.rcv.window() > 0; i++) {
            int n = Math.min(MSS, connection.tcb.rcv.window());
            peer.sends(ACK, at, 1, 60_000, n);
            at += n;
            read();
            drain();
            advance(200);
            drain();
            if (i > 1000) {
                assertEquals(128, connection.tcb.rcv.window(), "the window, at " + at);
            }
        }
        assertEquals(128, connection.tcb.rcv.window(), "the window, at " + at);
    }

    @Requirement({"RFC7323:2.2-1", "RFC7323:3.2-1", "RFC7323:3.2-6"})
    @Test
    void bothOptionsAreOfferedInTheSyn() {
        connecting();
        Seg s = expect(SYN, 0, 0);
        assertTrue(s.options.hasTimestamps);
        assertEquals(0, s.options.tsEcr, "TSecr is valid only with ACK");
        assertEquals(7, s.options.windowScale);
        assertEquals(65_535, s.window);
    }

    @Requirement({"RFC7323:2.2-2", "RFC7323:2.3-1", "RFC7323:3.2-1"})
    @Test
    void theSynAckOffersOnlyWhatTheSynOffered() {
        // 2.2 and 3.2.
        open(mss(MSS));
        peer.acks(1, 60_000);
        state(TcpState.ESTABLISHED);
        assertFalse(info().timestamps);
        peer.sends(ACK, 1, 1, 60_000, 10);
        Seg s = expect(ACK, 1, 11);
        assertEquals(20, s.headerLength);
        assertEquals(65_525, s.window, "not scaled");
        read();
        drain();
    }

    @Requirement("RFC7323:2.4-2")
    @Test
    void theShiftOfTheSynStaysWhenTheBufferChanges() {
        // The peer scales by what our SYN said.
        connecting();
        int shift = expect(SYN, 0, 0).options.windowScale;
        connection.options().receiveBuffer = 64 << 20;
        connection.optionsChanged(nowNs);
        peer.sends(SYN | ACK, 0, 1, 60_000, 0, mss(MSS), scale(0));
        assertEquals(shift, connection.tcb.rcv.wndShift);
        drain();
    }

    @Requirement("RFC7323:2.3-4")
    @Test
    void aShiftAboveFourteenIsTakenAsFourteen() {
        // 2.3: "the TCP SHOULD log the error but MUST use 14 instead of the specified value."
        open(mss(MSS), scale(200));
        peer.acks(1, 60_000);
        assertEquals(60_000L << 14, connection.tcb.snd.wnd);
    }

    @Requirement("RFC7323:2.3-2")
    @Test
    void windowsAreScaledBothWaysButNotInSyns() {
        // 2.2.
        open(mss(MSS), scale(3));
        peer.acks(1, 60_000);
        assertEquals(480_000, connection.tcb.snd.wnd);
        peer.sends(ACK, 1, 1, 60_000, 10);
        Seg s = expect(ACK, 1, 11);
        assertEquals((options.receiveBuffer - 10 + 127) >>> 7, s.window, 1.0);
        read();
        drain();
    }

    @Requirement("RFC7323:2.3-3")
    @Test
    void ourOwnShiftIsFourteenAtMost() {
        // 2.3: "the shift count is limited to 14 ... the maximum window is 2^30".
        options.receiveBuffer = 1 << 30;
        connecting();
        assertEquals(14, expect(SYN, 0, 0).options.windowScale);
        options.receiveBuffer = 65_535;
        assertEquals(0, Negotiation.shiftFor(config, options));
        options.receiveBuffer = 65_536;
        assertEquals(1, Negotiation.shiftFor(config, options));
    }

    @Requirement("RFC7323:2.2-3")
    @Test
    void aShiftOutsideOfSynsIsIgnored() {
        // 2.2: "A Window Scale option in a segment without a SYN bit MUST be ignored."
        open(mss(MSS), scale(3));
        peer.acks(1, 60_000);
        peer.sends(ACK, 1, 1, 60_000, 0, scale(9));
        assertEquals(480_000, connection.tcb.snd.wnd);
    }

    // --- 3 and 4: timestamps ---

    @Requirement("RFC7323:3.2-2")
    @Test
    void everySegmentCarriesThemOnceAgreed() {
        // 3.2: "TSopt ... MUST be sent in every non-<RST> segment for the duration of the connection".
        options.keepAlive = true;
        options.keepIdleNs = 1_000 * MS;
        stamped();
        peer.sends(ACK, 1, 1, 60_000, 10, stamps(T0, 0));
        read();
        advance(3_000);
        write(10);
        peer.sends(ACK, 11, 11, 0, 0, stamps(T0, 0));
        write(10);
        advance(1_000);
        peer.sends(ACK, 11, 11, 60_000, 0, stamps(T0, 0));
        shutdownOutput();
        assertTrue(out.size() >= 5, () -> out.size() + " segments");
        assertTrue(out.stream().allMatch(s -> s.options.hasTimestamps && s.options.tsEcr == T0));
        assertTrue(out.stream().anyMatch(s -> s.has(FIN)));
        assertTrue(out.stream().anyMatch(s -> s.rawSeq == iss && s.payload.length == 0), "a keepalive");
        drain();
    }

    @Requirement("RFC7323:5.4-1")
    @Test
    void theClockTicksOnceAMillisecond() {
        // 5.4: "a timestamp clock frequency in the range 1 ms to 1 sec per tick".
        stamped();
        int before = connection.negotiation.timestamp(nowNs);
        advance(5_000);
        assertEquals(before + 5_000, connection.negotiation.timestamp(nowNs));
    }

    @Requirement("RFC7323:5.4-2")
    @Test
    void eachConnectionHasAClockOfItsOwn() {
        // 5.4: a random offset for each connection.
        connecting();
        int first = expect(SYN, 0, 0).options.tsVal;
        Connection other = parts(tcp().connect(
                        0,
                        0,
                        localPort + 1,
                        theirs.hi(),
                        theirs.lo(),
                        remotePort,
                        options,
                        new TcpHandler() {},
                        nowNs));
        flush();
        int second = out.getLast().options.tsVal;
        assertTrue(
                Math.abs((long) second - first) > 1_000, () -> "no time has passed between " + first + ", " + second);
        other.abort(nowNs);
        connection.abort(nowNs);
        drain();
    }

    @Requirement("RFC7323:3.2-7")
    @Test
    void eachSegmentCarriesTimestampsAndLessData() {
        stamped();
        write(2 * MSS);
        Seg s = expect(ACK, 1, 1);
        assertEquals(MSS - 12, s.payload.length);
        assertTrue(s.options.hasTimestamps);
        assertEquals(T0, s.options.tsEcr);
        drain();
        peer.sends(ACK, 1, 1 + 2 * MSS, 60_000, 0, stamps(T0, 0));
    }

    @Requirement({"RFC7323:3.2-4", "RFC7323:3.2-5"})
    @Test
    void aSegmentWithoutTheOptionIsDropped() {
        // 3.2: "If a non-<RST> segment is received without an expected TSopt, a TCP SHOULD silently drop the segment."
        stamped();
        peer.sends(ACK, 1, 1, 60_000, 10);
        expectNothing();
        assertEquals(1, drops(DropReason.TCP_OLD_TIMESTAMP));
        peer.sends(RST, 1, 0, 0, 0);
        closedWith(TcpError.CONNECTION_RESET);
    }

    @Requirement("RFC7323:4.3-1")
    @Test
    void theEchoIsThatOfTheFirstSegmentADelayedAckCovers() {
        // 4.3 (A).
        config.quickAcks = 0;
        stamped();
        peer.sends(ACK, 1, 1, 60_000, 100, stamps(T0 + 1, 0));
        peer.sends(ACK, 101, 1, 60_000, 100, stamps(T0 + 2, 0));
        advance(100);
        assertEquals(T0 + 1, expect(ACK, 1, 201).options.tsEcr);
        read();
        drain();
    }

    @Requirement("RFC7323:4.3-2")
    @Test
    void outOfOrderEchoesTheLastInOrderAndTheFillItsOwn() {
        // 4.3 (B) and (C).
        stamped();
        peer.sends(ACK, 101, 1, 60_000, 100, stamps(T0 + 5, 0));
        assertEquals(T0, expect(ACK, 1, 1).options.tsEcr);
        peer.sends(ACK, 1, 1, 60_000, 100, stamps(T0 + 3, 0));
        assertEquals(T0 + 3, expect(ACK, 1, 201).options.tsEcr);
        read();
        drain();
    }

    @Requirement({"RFC6298:3-2", "RFC7323:4.1-1"})
    @Test
    void aRetransmissionIsTimedByItsEcho() {
        // 4.1.
        listen();
        peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS), stamps(T0, 0));
        Seg synAck = expect(SYN | ACK, 0, 1);
        iss = synAck.rawSeq;
        advance(50);
        peer.sends(ACK, 1, 1, 60_000, 0, stamps(T0 + 50, synAck.options.tsVal));
        write(100);
        drain();
        advance(250);
        Seg again = out.pollLast();
        drain();
        advance(30);
        peer.sends(ACK, 1, 101, 60_000, 0, stamps(T0 + 400, again.options.tsVal));
        assertTrue(info().minRttNs <= 50 * MS);
        assertTrue(info().rtoNs < 400 * MS, "rto " + info().rtoNs);
    }

    // --- 5: PAWS ---

    @Requirement("RFC7323:5.2-1")
    @Test
    void anOldDuplicateIsAcknowledgedAndDropped() {
        // 5.3, R1; the timestamps wrap meanwhile.
        stamped();
        peer.sends(ACK, 1, 1, 60_000, 100, stamps(T0 + 20, 0));
        drain();
        peer.sends(ACK, 101, 1, 60_000, 100, stamps(T0 + 19, 0));
        expect(ACK, 1, 101);
        assertEquals(1, drops(DropReason.TCP_OLD_TIMESTAMP));
        assertEquals(100, read());
        peer.sends(ACK, 101, 1, 60_000, 100, stamps(T0 + 20, 0));
        expect(ACK, 1, 201);
        assertEquals(100, read());
        drain();
    }

    @Requirement("RFC7323:5.2-2")
    @Test
    void resetsAreNotChecked() {
        // 5.2: "it is recommended that RST segments ... be acceptable regardless of their timestamp".
        stamped();
        peer.sends(RST, 1, 0, 0, 0, stamps(T0 - 1000, 0));
        closedWith(TcpError.CONNECTION_RESET);
    }

    @Requirement("RFC7323:5.5-1")
    @Test
    void afterTwentyFourDaysTheRecentTimestampIsVoid() {
        // 5.5.
        stamped();
        advance(24L * 24 * 3_600_000 - 1);
        peer.sends(ACK, 1, 1, 60_000, 100, stamps(T0 - 7, 0));
        expect(ACK, 1, 1);
        advance(1);
        peer.sends(ACK, 1, 1, 60_000, 100, stamps(T0 - 7, 0));
        assertEquals(T0 - 7, expect(ACK, 1, 101).options.tsEcr);
        read();
        drain();
    }

    @Requirement("RFC7323:5.3-1")
    @Test
    void theFutureOutOfTheWindowIsNotRemembered() {
        stamped();
        peer.sends(ACK, 1_000_000_000, 1, 60_000, 100, stamps(T0 + 1000, 0));
        assertEquals(T0, connection.tcb.rcv.tsRecent);
        drain();
    }

    @Requirement("RFC7323:5.3-1")
    @Test
    void aBlindSegmentCannotPoisonTheRecentTimestamp() {
        // RFC 5961, section 5: what has no acceptable ACK must change nothing.
        stamped();
        peer.sends(ACK, 1, 100_000_000, 60_000, 100, stamps(T0 + 1_000_000_000, 0));
        assertEquals(T0, connection.tcb.rcv.tsRecent);
        peer.sends(SYN, 1, 0, 60_000, 0, stamps(T0 + 1_000_000_000, 0));
        assertEquals(T0, connection.tcb.rcv.tsRecent);
        peer.sends(ACK, 1, 1, 60_000, 100, stamps(T0 + 1, 0));
        assertEquals(100, read());
        drain();
    }

    /** Section 3.2: "... and SHOULD be sent in an <RST> segment". */
    @Requirement("RFC7323:3.2-3")
    @Test
    void aResetCarriesTimestamps() {
        stamped();
        abort();
        Seg s = expect(RST | ACK, 1, 1);
        assertTrue(s.options.hasTimestamps);
        assertEquals(T0, s.options.tsEcr);
    }

    // --- RFC 6191 ---

    private void toTimeWait() {
        stamped();
        shutdownOutput();
        peer.sends(FIN | ACK, 1, 2, 60_000, 0, stamps(T0 + 1, 0));
        state(TcpState.TIME_WAIT);
        drain();
        app.closed = 0;
        app.connected = 0;
    }

    @Requirement("RFC7323:5.7-1")
    @Test
    void aNewerTimestampReopensWhateverTheSequenceNumber() {
        toTimeWait();
        peer.irs -= 1_000_000;
        peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS), stamps(T0 + 2, 0));
        iss = expect(SYN | ACK, 0, 1).rawSeq;
        peer.sends(ACK, 1, 1, 60_000, 0, stamps(T0 + 3, 0));
        state(TcpState.ESTABLISHED);
    }

    @Requirement("RFC7323:5.7-1")
    @Test
    void anOlderTimestampDoesNot() {
        toTimeWait();
        peer.sends(SYN, 1_000_000, 0, 60_000, 0, mss(MSS), stamps(T0, 0));
        state(TcpState.TIME_WAIT);
        drain();
    }

    @Requirement("RFC7323:5.7-1")
    @Test
    void anEqualTimestampNeedsALargerSequenceNumber() {
        toTimeWait();
        peer.sends(SYN, 1, 0, 60_000, 0, mss(MSS), stamps(T0 + 1, 0));
        state(TcpState.TIME_WAIT);
        drain();
        peer.irs += 1000;
        peer.sends(SYN, 0, 0, 60_000, 0, mss(MSS), stamps(T0 + 1, 0));
        assertEquals(SYN | ACK, out.peekLast().flags);
        drain();
    }

    /** Section 4 with 5.3: a copy that the receiver throws away as old leaves the original's timestamp to be echoed. */
    @Test
    void anAckThatWasLostDoesNotMeasureTheTimeouts() {
        stamped();
        write(100);
        int original = out.peekFirst().options.tsVal;
        drain();
        peer.sends(ACK, 1, 101, 60_000, 0, stamps(T0, original));
        long srtt = info().srttNs;
        write(100);
        int first = out.peekFirst().options.tsVal;
        drain();
        // The peer has it, its acknowledgment is lost, and so are those of the copies.
        advance(10_000);
        assertTrue(info().timeouts >= 3);
        long backedOff = info().rtoNs;
        peer.sends(ACK, 1, 201, 60_000, 0, stamps(T0, first));
        assertEquals(srtt, info().srttNs);
        assertEquals(backedOff, info().rtoNs, "Karn: the back-off stays until something is measured");
        drain();
        write(100);
        int fresh = out.peekFirst().options.tsVal;
        drain();
        advance(10);
        peer.sends(ACK, 1, 301, 60_000, 0, stamps(T0, fresh));
        assertTrue(info().rtoNs < 1_000_000_000L, () -> "RTO " + info().rtoNs);
    }
}
