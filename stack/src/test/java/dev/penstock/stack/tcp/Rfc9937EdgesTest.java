package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.requirement.Requirement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** RFC 9937, to the byte: what goes out for each acknowledgment, by itself and in a connection. */
class Rfc9937EdgesTest extends RecoveryFixture {
    private final ProportionalRateReduction prr = new ProportionalRateReduction();

    /** What may go out for an ACK; it goes. */
    private long ack(long delivered, long inFlight, long ssthresh) {
        prr.onAck(delivered, inFlight, ssthresh, 1, false);
        long count = prr.window() - inFlight;
        prr.onSent(count);
        return count;
    }

    @Requirement({"RFC9937:5-2", "RFC9937:6.2-2"})
    @Test
    void anySsthreshIsReachedInProportion() {
        // "SndCnt = CEIL(prr_delivered * ssthresh / RecoverFS) - prr_out", whatever ssthresh is.
        for (int ssthresh = 10; ssthresh < 100; ssthresh += 10) {
            prr.begin(100);
            long inFlight = 100;
            long sent = 0;
            for (int delivered = 1; inFlight - 1 > ssthresh; delivered++) {
                inFlight--;
                long now = ack(1, inFlight, ssthresh);
                sent += now;
                inFlight += now;
                assertEquals((delivered * ssthresh + 99) / 100, sent, "of " + delivered + " with " + ssthresh);
            }
        }
    }

    @Requirement({"RFC9937:5-1", "RFC9937:6.1-1", "RFC9937:6.2-8", "RFC9937:6.2-9"})
    @Test
    void eachAcknowledgmentLetsGoWhatTheFormulaSays() {
        // cwnd 10, ssthresh 5: RecoverFS is 10, three are delivered when recovery begins.
        openAndSend(10);
        write(30 * SEGMENT);
        advance(100);
        acks(0, 1, 4);
        expectSegments(0);
        // 6 are in flight with the copy; PRR leads, not cwnd, which is 5.
        acks(0, 1, 5);
        expectSegments(10);
        // 4 * 5 / 10 = 2: the copy and segment 10; half a segment more goes not out.
        acks(0, 1, 6);
        expectNothing();
        acks(0, 1, 7);
        expectNothing();
        // At ssthresh one goes for each that is delivered.
        acks(0, 1, 8);
        expectSegments(11);
        acks(0, 1, 9);
        expectSegments(12);
        acks(0, 1, 10);
        expectSegments(13);
        assertEquals(5 * SEGMENT, info().pipe);
        advance(100);
        acks(14);
        inState(LossRecovery.State.OPEN);
        assertEquals(5 * SEGMENT, cwnd());
        drain();
    }

    @Requirement("RFC9937:7-1")
    @Test
    void afterAMarkEightGoForTen() {
        // RFC 8511: ssthresh is 8 of 10; RFC 9937 spreads what goes out over the round trip.
        config.ecn = TcpEcn.ON;
        connecting();
        drain();
        advance(100);
        peer.sends(SYN | ACK | ECE, 0, 1, WINDOW, 0, mss(SEGMENT), sackPermitted());
        drain();
        write(30 * SEGMENT);
        assertEquals(10, drain());
        advance(100);
        List<Integer> sent = new ArrayList<>();
        peer.sends(ACK | ECE, 1, at(1), WINDOW, 0);
        inState(LossRecovery.State.REDUCING);
        sent.add(drain());
        for (int i = 2; i <= 9; i++) {
            acks(i);
            sent.add(drain());
        }
        // The first is forced; from ssthresh on one goes for each that is delivered.
        assertEquals(List.of(1, 0, 0, 1, 1, 1, 1, 1, 1), sent);
    }
}
