package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.tcp.CongestionControl.Cause;
import org.junit.jupiter.api.Test;

/** draft-ietf-ccwg-bbr-06, sections 5.3.1.3, 5.5.10 and 5.5.11: what losses and marks are to BBR. */
class BbrLossTest {
    private static final long MS = BbrPath.MS;
    private static final double RATE = 1e6;
    private static final double BDP = 100_000;

    private static BbrPath path(double queue) {
        return new BbrPath(RATE, 100 * MS, queue);
    }

    private static double utilization(BbrPath path, long ns) {
        long before = path.delivered;
        path.runFor(ns);
        return (path.delivered - before) / (path.rate * ns / 1e9);
    }

    @Test
    void anOverflowEndsStartup() {
        // Section 5.3.1.3: more than 2 %, in six places, for a round trip in recovery.
        BbrPath path = path(0.1 * BDP);
        assertTrue(path.runTo(BbrState.DRAIN, 2_000 * MS));
        assertTrue(path.lost > 0);
        assertTrue(path.bbr.inflightLongTerm() >= 0.9 * BDP, "long term " + path.bbr.inflightLongTerm());
        assertTrue(path.bbr.inflightLongTerm() <= 1.6 * BDP, "long term " + path.bbr.inflightLongTerm());
    }

    @Test
    void fewRandomLossesDoNotEndStartup() {
        BbrPath path = path(10 * BDP);
        path.loss = 0.01;
        assertTrue(path.runTo(BbrState.DRAIN, 3_000 * MS));
        assertEquals(RATE, path.bbr.bandwidth(), 0.1 * RATE);
    }

    @Test
    void withoutSackAnyLossEndsIt() {
        BbrPath path = path(10 * BDP);
        path.selective = false;
        path.loss = 0.03;
        assertTrue(path.runTo(BbrState.DRAIN, 2_000 * MS));
        assertTrue(path.lost <= 10 * BbrPath.MSS, "lost " + path.lost);
        assertTrue(path.bbr.inflightLongTerm() < Double.POSITIVE_INFINITY);
    }

    @Test
    void onePerCentIsTolerated() {
        BbrPath path = path(10 * BDP);
        path.loss = 0.01;
        path.runFor(2_000 * MS);
        double used = utilization(path, 30_000 * MS);
        assertTrue(used > 0.8, "used " + used);
    }

    @Test
    void aShortQueueIsRespectedAndUsed() {
        BbrPath path = path(0.1 * BDP);
        path.runFor(3_000 * MS);
        long sent = path.sent;
        long lost = path.lost;
        double used = utilization(path, 30_000 * MS);
        double part = (path.lost - lost) / (double) (path.sent - sent);
        assertTrue(used > 0.8, "used " + used);
        assertTrue(part < 0.02, "lost " + part);
        assertTrue(path.bbr.inflightLongTerm() < 2 * BDP);
    }

    @Test
    void lossesOutsideProbingBringTheRateDownToWhatArrives() {
        // Section 5.5.10.3: "bw_shortterm = max(bw_latest, BBR.Beta * bw_shortterm)", once a round trip.
        BbrPath path = path(10 * BDP);
        assertTrue(path.runTo(BbrState.PROBE_BW_CRUISE, 3_000 * MS));
        double before = path.bbr.bandwidth();
        path.rate = RATE / 4;
        path.queue = 0;
        path.runFor(330 * MS);
        double after = path.bbr.bandwidth();
        assertTrue(after < 0.72 * before && after > 0.2 * before, after + " was " + before);
        double floor = Math.pow(BbrBounds.BETA, 4) * before;
        assertTrue(after > floor, "no faster than three tenths a round trip");
        assertTrue(path.bbr.cwnd() < 2 * BDP);
    }

    @Test
    void theNextProbingForgetsTheShortTerm() {
        BbrPath path = path(10 * BDP);
        assertTrue(path.runTo(BbrState.PROBE_BW_CRUISE, 3_000 * MS));
        path.loss = 0.2;
        path.runFor(400 * MS);
        path.loss = 0;
        assertTrue(path.bbr.bandwidth() < 0.9 * RATE, "reduced: " + path.bbr.bandwidth());
        assertTrue(path.runTo(BbrState.PROBE_BW_UP, 4_000 * MS));
        assertEquals(RATE, path.bbr.bandwidth(), 0.05 * RATE);
    }

    @Test
    void probingThatLosesTooMuchEndsAtOnceAndSetsABound() {
        BbrPath path = path(10 * BDP);
        assertTrue(path.runTo(BbrState.PROBE_BW_UP, 6_000 * MS));
        assertEquals(Double.POSITIVE_INFINITY, path.bbr.inflightLongTerm());
        path.queue = 0.05 * BDP;
        assertTrue(path.runTo(BbrState.PROBE_BW_DOWN, 400 * MS));
        assertTrue(path.bbr.inflightLongTerm() >= BbrBounds.BETA * BDP, "long " + path.bbr.inflightLongTerm());
        assertTrue(path.bbr.inflightLongTerm() <= 1.4 * BDP, "long " + path.bbr.inflightLongTerm());
        // In CRUISE a part of it is left to others (InflightWithHeadroom).
        assertTrue(path.runTo(BbrState.PROBE_BW_CRUISE, 2_000 * MS));
        path.runFor(20 * MS);
        assertTrue(path.bbr.cwnd() <= 0.86 * path.bbr.inflightLongTerm(), "window " + path.bbr.cwnd());
    }

    @Test
    void theBoundIsRaisedAgainWhenThereIsRoom() {
        BbrPath path = path(0.05 * BDP);
        path.runFor(6_000 * MS);
        double before = path.bbr.inflightLongTerm();
        assertTrue(before < 1.5 * BDP);
        path.queue = 10 * BDP;
        path.rate = 4 * RATE;
        path.runFor(15_000 * MS);
        assertTrue(path.bbr.inflightLongTerm() > 2.5 * before, path.bbr.inflightLongTerm() + " was " + before);
        assertEquals(4 * RATE, path.bbr.bandwidth(), 0.4 * RATE);
    }

    @Test
    void aSpuriousRecoveryGoesBackToStartup() {
        // Section 5.5.11.2
        BbrPath path = path(0.1 * BDP);
        assertTrue(path.runTo(BbrState.DRAIN, 2_000 * MS));
        long window = path.bbr.cwnd();
        path.bbr.undo(path.nowNs);
        assertEquals(BbrState.STARTUP, path.bbr.state());
        assertTrue(path.bbr.cwnd() >= window);
        assertEquals(CongestionControl.UNLIMITED, path.bbr.ssthresh());
        path.bbr.undo(path.nowNs);
        assertEquals(BbrState.STARTUP, path.bbr.state());
    }

    @Test
    void aSpuriousRecoveryRestoresTheLongTermBound() {
        BbrPath path = path(10 * BDP);
        assertTrue(path.runTo(BbrState.PROBE_BW_UP, 6_000 * MS));
        path.queue = 0;
        assertTrue(path.runTo(BbrState.PROBE_BW_DOWN, 400 * MS));
        assertTrue(path.bbr.inflightLongTerm() < Double.POSITIVE_INFINITY);
        path.bbr.undo(path.nowNs);
        assertEquals(Double.POSITIVE_INFINITY, path.bbr.inflightLongTerm());
        assertEquals(BbrState.PROBE_BW_REFILL, path.bbr.state(), "the probing begins anew");
    }

    @Test
    void aPlateauIsNotUndone() {
        BbrPath path = path(10 * BDP);
        assertTrue(path.runTo(BbrState.PROBE_BW_CRUISE, 3_000 * MS));
        path.bbr.onCongestion(Cause.LOSS, (long) BDP, path.nowNs);
        path.bbr.undo(path.nowNs);
        assertNotEquals(BbrState.STARTUP, path.bbr.state());
    }

    @Test
    void marksCountAsLosses() {
        // RFC 3168, section 5
        BbrPath path = path(10 * BDP);
        path.runFor(250 * MS);
        path.mark = true;
        assertTrue(path.runTo(BbrState.DRAIN, 100 * MS), "a mark ends Startup");
        assertFalse(Double.isInfinite(path.bbr.inflightLongTerm()));

        path = path(10 * BDP);
        assertTrue(path.runTo(BbrState.PROBE_BW_CRUISE, 3_000 * MS));
        double before = path.bbr.bandwidth();
        path.rate = RATE / 2;
        for (int i = 0; i < 4; i++) {
            path.mark = true;
            path.runFor(120 * MS);
        }
        assertTrue(path.bbr.bandwidth() < 0.8 * before, "and brings the rate down");

        path = path(10 * BDP);
        assertTrue(path.runTo(BbrState.PROBE_BW_UP, 6_000 * MS));
        path.mark = true;
        path.runFor(5 * MS);
        assertEquals(BbrState.PROBE_BW_DOWN, path.bbr.state(), "and ends the probing");
        assertTrue(path.bbr.inflightLongTerm() < 2 * BDP);
    }
}
