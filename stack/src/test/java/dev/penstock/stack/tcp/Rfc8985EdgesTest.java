package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Test;

/** RFC 8985 where its rules end: what a timeout leaves alone, and which probe does not come. */
class Rfc8985EdgesTest extends RecoveryFixture {
    private static final long MS = 1_000_000L;

    private long probes() {
        return count(StackCounter.TCP_LOSS_PROBES);
    }

    private long timer() {
        return connection.timers.when(ConnectionTimers.RETRANSMIT) - nowNs;
    }

    @Requirement("RFC8985:6.3-1")
    @Test
    void aTimeoutLeavesWhatWasJustSentInTheNetwork() {
        // 6.3: only what went out "RACK.rtt + RACK.reo_wnd" ago, and the first.
        config.tailLossProbe = false;
        openAndSend(1);
        advance(100);
        acks(1);
        write(2 * SEGMENT);
        drain();
        advanceNs(timer() - 10 * MS);
        write(SEGMENT);
        drain();
        advance(10);
        assertEquals(1, count(StackCounter.TCP_RTO_TIMEOUTS));
        expectSegments(1);
        assertEquals(SEGMENT, info().bytesLost, "the second is overdue, the third is not");
        assertEquals(2 * SEGMENT, info().pipe);
        advance(90);
        acks(4);
    }

    @Requirement("RFC8985:7.2-2")
    @Test
    void aSingleSegmentWaitsForAnAckThatIsDelayed() {
        // 7.2: "If FlightSize is one segment and ... PTO += TLP.max_ack_delay": 2 * 200 ms + 200 ms, the RTO being
        // later.
        config.minRtoNs = 2_000 * MS;
        open();
        for (int i = 1; i <= 40; i++) {
            write(SEGMENT);
            advance(200);
            acks(i);
        }
        drain();
        write(SEGMENT);
        drain();
        long srttMs = info().srttNs / MS;
        assertTrue(srttMs >= 195 && srttMs <= 200, "srtt " + srttMs);
        assertEquals(2 * info().srttNs + 200 * MS, timer());
        write(SEGMENT);
        drain();
        assertEquals(2 * info().srttNs + 2 * MS, timer(), "two are acknowledged at once");
        advance(100);
        acks(42);
    }

    @Requirement("RFC8985:7.2-3")
    @Test
    void recoveryWithoutSackedSegmentsHasNoProbe() {
        // "3. The connection is not in loss recovery": all but the first have arrived, and the copy is on its way.
        openAndSend(5);
        advance(100);
        acks(0, 1, 4);
        expectSegments(0);
        inState(LossRecovery.State.RECOVERY);
        advance(50);
        acks(4);
        inState(LossRecovery.State.RECOVERY);
        long rto = timer();
        assertEquals(info().rtoNs, rto, "the timer is that of the timeout");
        advanceNs(rto);
        assertEquals(0, probes());
        assertEquals(1, count(StackCounter.TCP_RTO_TIMEOUTS));
        drain();
    }

    @Requirement("RFC8985:7.2-3")
    @Test
    void aSackedSegmentMeansThatRackHasTheWord() {
        // "2. The connection has no SACKed sequences": the timer was set
        // for a probe before, and goes on to the timeout.
        config.rack = false;
        openAndSend(4);
        advance(100);
        acks(0, 1, 2);
        assertEquals(LossRecovery.State.OPEN, recoveryState());
        drain();
        advanceNs(timer());
        expectNothing();
        advanceNs(timer());
        assertEquals(0, probes());
        assertEquals(1, count(StackCounter.TCP_RTO_TIMEOUTS));
        drain();
    }

    @Requirement("RFC8985:7.3-2")
    @Test
    void afterAProbeTheTimeoutBeginsAnew() {
        // 7.3: "the sender MUST arm an RTO timer" after the probe, and not what was left of the one before.
        openAndSend(3);
        advance(202);
        expectSegments(2);
        assertEquals(info().rtoNs, timer());
        advance(50);
        long left = timer();
        assertEquals(info().rtoNs - 50 * MS, left);
        assertEquals(1, probes());
        acks(3);
    }

    @Requirement("RFC8985:7.4.2-2")
    @Test
    void aDsackBesideTheAckOfTheProbeSettlesIt() {
        // 7.4.2: "if the ACK ... reports a DSACK for the TLP", then both copies arrived, and later ACKs mean nothing
        // more.
        openAndSend(3);
        long before = cwnd();
        advance(202);
        expectSegments(2);
        acksBytes(at(3), at(2), at(3));
        write(SEGMENT);
        drain();
        advance(100);
        acks(4);
        assertEquals(0, count(StackCounter.TCP_LOSS_PROBE_RECOVERIES));
        assertEquals(before, cwnd());
    }
}
