package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.tcp.CongestionControl.Cause;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** draft-ietf-ccwg-bbr-06: BBR, its states, over a path of 1 MB/s and 100 ms. */
class BbrTest {
    private static final long MS = BbrPath.MS;
    private static final int MSS = BbrPath.MSS;
    private static final double RATE = 1e6;
    private static final double BDP = 100_000;

    private final BbrPath path = new BbrPath(RATE, 100 * MS, 10 * BDP);
    private final Bbr bbr = path.bbr;

    private void reachCruise() {
        assertTrue(path.runTo(BbrState.PROBE_BW_CRUISE, 3_000 * MS), "it is in " + bbr.state());
    }

    @Test
    void startupDoublesTheRateUntilThePipeIsFull() {
        // Section 5.3.1.1: "an exponential search of the rate space, doubling the sending rate each round".
        assertEquals(10 * MSS, bbr.cwnd());
        assertEquals(BbrState.STARTUP, bbr.state());
        assertEquals(2.77 * 10 * MSS / 0.1, (double) bbr.pacingRate(100 * MS), 1);
        path.runFor(350 * MS);
        assertEquals(BbrState.STARTUP, bbr.state());
        assertTrue(bbr.cwnd() >= 40 * MSS && bbr.cwnd() <= 90 * MSS, "after three round trips " + bbr.cwnd());
        long start = path.nowNs;
        assertTrue(path.runTo(BbrState.DRAIN, 2_000 * MS));
        // The pipe is full after four doublings; three more round trips must show no growth (section 5.3.1.2).
        assertTrue(path.nowNs - start < 1_200 * MS, "after " + (path.nowNs - start) / MS + " ms");
        assertEquals(RATE, bbr.bandwidth(), 0.05 * RATE);
        assertTrue(path.inFlight > 1.5 * BDP, "there is a queue: " + path.inFlight);
        assertEquals(0, path.lost);
    }

    @Test
    void drainEmptiesTheQueueThatStartupHasMade() {
        // Section 5.3.2: "until any estimated queue has been drained".
        assertTrue(path.runTo(BbrState.DRAIN, 3_000 * MS));
        assertEquals(0.5 * 0.99 * bbr.bandwidth(), (double) bbr.pacingRate(100 * MS), 0.01 * RATE);
        long start = path.nowNs;
        assertTrue(path.runTo(BbrState.PROBE_BW_CRUISE, 2_000 * MS));
        assertTrue(path.nowNs - start < 900 * MS, "it took " + (path.nowNs - start) / MS + " ms");
        assertTrue(path.inFlight <= 1.15 * BDP, "in flight " + path.inFlight);
    }

    @Test
    void probingGoesRoundInItsOrder() {
        reachCruise();
        List<BbrState> seen = new ArrayList<>();
        List<Long> ups = new ArrayList<>();
        long until = path.nowNs + 30_000 * MS;
        while (path.nowNs < until && path.step(until)) {
            if (seen.isEmpty() || seen.get(seen.size() - 1) != bbr.state()) {
                seen.add(bbr.state());
                if (bbr.state() == BbrState.PROBE_BW_UP) {
                    ups.add(path.nowNs);
                }
            }
        }
        for (int i = 1; i < seen.size(); i++) {
            BbrState before = seen.get(i - 1);
            switch (seen.get(i)) {
                case PROBE_BW_UP -> assertEquals(BbrState.PROBE_BW_REFILL, before);
                case PROBE_BW_REFILL ->
                    assertTrue(before == BbrState.PROBE_BW_CRUISE || before == BbrState.PROBE_BW_DOWN);
                case PROBE_BW_DOWN -> assertEquals(BbrState.PROBE_BW_UP, before);
                case PROBE_BW_CRUISE -> assertTrue(before == BbrState.PROBE_BW_DOWN || before == BbrState.PROBE_RTT);
                case PROBE_RTT -> assertTrue(before.isProbeBw());
                default -> throw new AssertionError(seen.get(i) + " after " + before);
            }
        }
        // T_bbr: "uniformly randomly distributed between 2 and 3 secs", and the probing itself.
        assertTrue(ups.size() >= 6 && ups.size() <= 14, ups.size() + " in 30 s");
        assertTrue(path.delivered > 0.9 * RATE * 30, "delivered " + path.delivered);
        assertEquals(0, path.lost);
    }

    @Test
    void upIsAQuarterFasterAndEndsWhenNothingMoreComes() {
        reachCruise();
        assertEquals(0.99 * bbr.bandwidth(), (double) bbr.pacingRate(100 * MS), 0.01 * RATE);
        assertTrue(path.runTo(BbrState.PROBE_BW_UP, 4_000 * MS));
        path.runFor(20 * MS);
        assertEquals(1.25 * 0.99 * bbr.bandwidth(), (double) bbr.pacingRate(100 * MS), 0.01 * RATE);
        long start = path.nowNs;
        assertTrue(path.runTo(BbrState.PROBE_BW_DOWN, 3_000 * MS));
        assertTrue(path.nowNs - start > 200 * MS, "three round trips without growth");
    }

    @Test
    void aFasterPathIsFoundByProbing() {
        reachCruise();
        path.rate = 3 * RATE;
        path.runFor(8_000 * MS);
        assertEquals(3 * RATE, bbr.bandwidth(), 0.15 * RATE);
    }

    @Test
    void aSlowerPathIsFoundAfterTwoCycles() {
        // Section 5.5.3: the filter's window "covers a time period extending over the past two ProbeBW cycles".
        reachCruise();
        path.rate = RATE / 2;
        path.runFor(1_000 * MS);
        assertTrue(bbr.bandwidth() > 0.8 * RATE, "remembered: " + bbr.bandwidth());
        path.runFor(14_000 * MS);
        assertEquals(RATE / 2, bbr.bandwidth(), 0.05 * RATE);
    }

    @Test
    void everyFiveSecondsTheQueueMayDrain() {
        // Section 5.3.4: half of the BDP for at least 200 ms and a round trip.
        reachCruise();
        long mostNs = 6_000 * MS;
        assertTrue(path.runTo(BbrState.PROBE_RTT, mostNs));
        long start = path.nowNs;
        long before = bbr.cwnd();
        path.runFor(250 * MS);
        assertEquals(BbrState.PROBE_RTT, bbr.state());
        assertTrue(path.inFlight <= 0.55 * BDP, "in flight " + path.inFlight);
        assertTrue(path.runTo(BbrState.PROBE_BW_CRUISE, 500 * MS));
        assertTrue(path.nowNs - start >= 200 * MS);
        path.runFor(300 * MS);
        assertTrue(bbr.cwnd() >= 0.9 * before, bbr.cwnd() + " was " + before);
        assertEquals(RATE, bbr.bandwidth(), 0.05 * RATE);
        assertFalse(path.runTo(BbrState.PROBE_RTT, 4_000 * MS), "not before five seconds have gone by");
        assertTrue(path.runTo(BbrState.PROBE_RTT, 1_500 * MS));
    }

    @Test
    void aShorterRoundTripNeedsNoProbe() {
        reachCruise();
        for (int i = 0; i < 20; i++) {
            path.rttNs -= 100_000;
            path.runFor(500 * MS);
            assertNotEquals(BbrState.PROBE_RTT, bbr.state());
        }
    }

    @Test
    void samplesThatTheApplicationLimitedDoNotLowerTheRate() {
        // Section 5.5.4: "By default, the estimator discards application-limited samples".
        reachCruise();
        double before = bbr.bandwidth();
        path.appLimited = true;
        path.rate = RATE / 4;
        path.runFor(4_000 * MS);
        assertEquals(before, bbr.bandwidth(), 1);
    }

    @Test
    void afterAPauseItGoesOnAtTheRateOfThePath() {
        reachCruise();
        assertTrue(path.runTo(BbrState.PROBE_BW_UP, 4_000 * MS));
        path.idle = true;
        path.runFor(20_000 * MS);
        assertEquals(0, path.inFlight);
        bbr.onRestart(20_000 * MS, 300 * MS, path.nowNs);
        // Section 5.4.1: "paces packets at exactly BBR.bw"
        assertEquals(0.99 * bbr.bandwidth(), (double) bbr.pacingRate(100 * MS), 0.01 * RATE);
        path.idle = false;
        path.runFor(90 * MS);
        path.step(Long.MAX_VALUE);
        assertNotEquals(BbrState.PROBE_RTT, bbr.state(), "the pause was long enough to drain the queue");
    }

    @Test
    void aLostSynLeavesOneSegment() {
        Bbr other = new Bbr(new TcpConfig(), RandomSource.seeded(1));
        other.onMss(MSS);
        other.onSynLost();
        assertEquals(MSS, other.cwnd());
    }

    @Test
    void connectionsProbeAtDifferentTimes() {
        List<Long> firstUps = new ArrayList<>();
        for (int seed = 0; seed < 8; seed++) {
            Bbr other = new Bbr(new TcpConfig(), RandomSource.seeded(seed));
            BbrPath p = new BbrPath(other, RATE, 100 * MS, 10 * BDP);
            assertTrue(p.runTo(BbrState.PROBE_BW_UP, 6_000 * MS));
            firstUps.add(p.nowNs / (100 * MS));
        }
        assertTrue(firstUps.stream().distinct().count() >= 4, firstUps.toString());
    }

    @Test
    void whoeverTakesOverGoesOnFromTheWindow() {
        assertEquals(CongestionControl.UNLIMITED, bbr.ssthresh());
        reachCruise();
        assertEquals(BDP, (double) bbr.ssthresh(), 0.1 * BDP);
        Bbr other = new Bbr(new TcpConfig(), RandomSource.seeded(1));
        other.onMss(MSS);
        other.takeOver(50 * MSS, 20 * MSS);
        assertEquals(50 * MSS, other.cwnd());
        assertEquals(BbrState.STARTUP, other.state());
    }

    @Test
    void aTimeoutLeavesOneSegmentUntilItIsRepaired() {
        // Section 5.6.4.4: "C.cwnd = C.inflight + 1", and "RestoreCwnd" at the end.
        reachCruise();
        long before = bbr.cwnd();
        bbr.onCongestion(Cause.TIMEOUT, path.inFlight, path.nowNs);
        assertEquals(MSS, bbr.cwnd());
        bbr.onCongestion(Cause.REPEATED_TIMEOUT, path.inFlight, path.nowNs);
        assertEquals(MSS, bbr.cwnd());
        bbr.onRecovered(path.nowNs);
        assertEquals(before, bbr.cwnd());
    }
}
