package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What {@link TcpHabits}, and the numbers beside them, change: when to acknowledge, the RTO, the initial window. */
class HabitsTest extends TcpFixture {
    @Test
    void linuxAcknowledgesMoreThanOneSegmentAtOnce() {
        config.habits = TcpHabits.LINUX;
        config.quickAcks = 0;
        established();
        peer.sends(ACK, 1, 1, 65_535, 1000);
        expectNothing();
        peer.sends(ACK, 1001, 1, 65_535, 10);
        expectAck(1, 1011);
        peer.sends(ACK | PSH, 1011, 1, 65_535, 1000);
        expectNothing();
        read();
        expectAck(1, 2011);
    }

    @Test
    void linuxTakesWhoAnswersForInteractive() {
        config.habits = TcpHabits.LINUX;
        established();
        peer.sends(ACK | PSH, 1, 1, 65_535, 100);
        expectAck(1, 101);
        read();
        advance(39);
        write(10);
        expectData(ACK | PSH, 1, 101, 10);
        peer.sends(ACK | PSH, 101, 11, 65_535, 100);
        expectNothing();
        read();
        expectNothing();
        advance(40);
        expectAck(11, 201);
        // The reply did not come in time: quick again.
        peer.sends(ACK | PSH, 201, 11, 65_535, 100);
        expectAck(11, 301);
        read();
    }

    @Test
    void linuxIsQuickAfterAnAnswerThatCameLate() {
        config.habits = TcpHabits.LINUX;
        established();
        peer.sends(ACK | PSH, 1, 1, 65_535, 100);
        expectAck(1, 101);
        read();
        advance(41);
        write(10);
        expectData(ACK | PSH, 1, 101, 10);
        peer.sends(ACK | PSH, 101, 11, 65_535, 100);
        expectAck(11, 201);
        read();
    }

    @Test
    void linuxProbesAClosedWindowWithoutData() {
        config.habits = TcpHabits.LINUX;
        established();
        peer.sends(ACK, 1, 1, 0, 0);
        write(500);
        expectNothing();
        for (int i = 0; i < 3; i++) {
            advanceNs(info().rtoNs << i);
            expectAck(0, 1);
            peer.sends(ACK, 1, 1, 0, 0);
            expectNothing();
        }
        peer.sends(ACK, 1, 1, 65_535, 0);
        expectData(ACK | PSH, 1, 1, 500);
        peer.acks(501, 65_535);
    }

    @Test
    void bsdAcknowledgesEverySecondSegmentAndNothingForReading() {
        config.habits = TcpHabits.BSD;
        config.quickAcks = 0;
        established();
        peer.sends(ACK | PSH, 1, 1, 65_535, 100);
        read();
        expectNothing();
        peer.sends(ACK | PSH, 101, 1, 65_535, 100);
        expectAck(1, 201);
        peer.sends(ACK | PSH, 201, 1, 65_535, 100);
        expectNothing();
        advance(40);
        expectAck(1, 301);
        read();
        drain();
    }

    @Test
    void bsdBuffersHoldWholeSegments() {
        config.habits = TcpHabits.BSD;
        config.quickAcks = 0;
        config.windowScaling = true;
        options.receiveBuffer = 65_536;
        established(65_535, mss(1460), scale(6));
        assertEquals(65_700, connection.receiveQueue().limit());
        peer.sends(ACK, 1, 1, 1024, 1460);
        read();
        advance(100);
        assertEquals(65_700 >> 1, expect(ACK, 1, 1461).window);
    }

    @Test
    void theRtoExceedsTheRoundTripByAtLeastItsVariation() {
        config.minRtoNs = MS;
        config.minRtoVariationNs = 200 * MS;
        RttEstimator rtt = new RttEstimator(config);
        rtt.sample(20 * MS, nowNs);
        assertEquals(220 * MS, rtt.rtoNs());
        rtt = new RttEstimator(config);
        rtt.sample(200 * MS, nowNs);
        assertEquals(600 * MS, rtt.rtoNs(), "4 * 100 ms are more");
    }

    @Test
    void slopIsAddedToWhatIsBackedOff() {
        config.minRtoNs = 30 * MS;
        config.rtoSlopNs = 200 * MS;
        RttEstimator rtt = new RttEstimator(config);
        assertEquals(1000 * MS, rtt.rtoNs(), "not before the first measurement");
        rtt.sample(1 * MS, nowNs);
        assertEquals(230 * MS, rtt.rtoNs());
        rtt.backOff();
        assertEquals(260 * MS, rtt.rtoNs());
    }

    @Test
    void theInitialWindowCanBeCountedInSegments() {
        config.initialWindowSegments = 3;
        established(65_535, mss(1000));
        write(10_000);
        assertEquals(3, drain());
        abort();
        drain();
    }

    @Test
    void slowStartHasNoLimitIfThereIsToBeNone() {
        config.slowStartSegments = 0;
        config.pacing = false;
        established(65_535, mss(1000));
        write(60_000);
        assertEquals(10, drain());
        peer.acks(10_001, 65_535);
        assertEquals(20, drain());
        abort();
        drain();
    }

    @Test
    void aMarkIsAsBadAsALossWithoutAlternativeBackoff() {
        config.alternativeBackoff = false;
        Cubic cubic = new Cubic(config);
        cubic.onMss(1000);
        cubic.onCongestion(CongestionControl.Cause.ECN, 10_000, nowNs);
        assertEquals(7000, cubic.cwnd());
        config.alternativeBackoff = true;
        cubic = new Cubic(config);
        cubic.onMss(1000);
        cubic.onCongestion(CongestionControl.Cause.ECN, 10_000, nowNs);
        assertEquals(8500, cubic.cwnd());
    }

    @Test
    void oneLostSynCanBeForgiven() {
        config.synLossesForgiven = 1;
        connecting();
        drain();
        advance(1000);
        expect(SYN, 0, 0);
        peer.sends(SYN | ACK, 0, 1, 65_535, 0, mss(1000));
        drain();
        write(20_000);
        assertEquals(10, drain());
        abort();
        drain();
    }

    /** With a window of ten segments, of which so many are sent at once: how many it holds when they are acknowledged. */
    private long windowAfter(int segments) {
        config.initialWindowSegments = 10;
        config.pacing = false;
        established();
        write(segments * MSS);
        drain();
        advance(10);
        peer.acks(1 + segments * MSS, 65_535);
        flush();
        return info().cwnd / MSS;
    }

    @Test
    void aWindowThatWasFilledExactlyGrows() {
        config.slowStartSegments = 0;
        assertEquals(20, windowAfter(10));
    }

    @Test
    void aWindowThatWasNotFilledDoesNot() {
        assertEquals(10, windowAfter(9));
    }

    @Test
    void linuxLetsAWindowGrowInSlowStartOfWhichHalfIsUsed() {
        config.habits = TcpHabits.LINUX;
        assertEquals(16, windowAfter(6));
    }

    @Test
    void linuxDoesNotIfLessIsUsed() {
        config.habits = TcpHabits.LINUX;
        assertEquals(10, windowAfter(5));
    }

    @Test
    void bsdLetsItGrowUpToThePeersWindow() {
        config.habits = TcpHabits.BSD;
        config.slowStartSegments = 2;
        assertEquals(12, windowAfter(3));
    }

    @Test
    void linuxSendsAtMostHalfOfTheLargestWindowAtOnce() {
        config.habits = TcpHabits.LINUX;
        established(2000, mss(1460));
        write(2000);
        expectData(ACK, 1, 1, 1000);
        expectData(ACK | PSH, 1001, 1, 1000);
        peer.acks(2001, 2000);
    }
}
