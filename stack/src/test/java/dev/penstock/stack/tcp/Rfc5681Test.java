package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import org.junit.jupiter.api.Test;

/** RFC 5681, congestion control; RFC 6582, NewReno; RFC 3042, limited transmit; RFC 6928, initial window. */
class Rfc5681Test extends TcpFixture {

    Rfc5681Test() {
        options.congestion = "reno";
    }

    private void open() {
        connecting();
        expect(SYN, 0, 0);
        advance(100);
        peer.sends(SYN | ACK, 0, 1, 65_535, 0, mss(1000));
        expectAck(1, 1);
    }

    private void dups(int ack, int n) {
        for (int i = 0; i < n; i++) {
            peer.acks(ack, 65_535);
        }
    }

    @Requirement({"RFC5681:3.1-1", "RFC5681:3.1-2", "RFC5681:3.1-3"})
    @Test
    void theInitialWindowIsTenSegments() {
        // RFC 6928, section 2.
        assertEquals(10_000, NewReno.initialWindow(1000));
        assertEquals(14_600, NewReno.initialWindow(1460));
        assertEquals(14_600, NewReno.initialWindow(5000));
        assertEquals(17_920, NewReno.initialWindow(8960));
        open();
        write(30_000);
        assertEquals(10, drain());
    }

    @Requirement("RFC5681:3.1-4")
    @Test
    void afterALostSynTheInitialWindowIsOneSegment() {
        // Section 3.1: "if the SYN or SYN/ACK is lost, the initial window ... MUST be one segment".
        connecting();
        advance(1000);
        assertEquals(2, drain());
        peer.sends(SYN | ACK, 0, 1, 65_535, 0, mss(1000));
        drain();
        write(5000);
        assertEquals(1, drain());
        peer.acks(1001, 65_535);
        assertEquals(2, drain());
        peer.acks(5001, 65_535);
        drain();
    }

    @Requirement({"RFC5681:3-1", "RFC5681:3.1-5"})
    @Test
    @Requirement("RFC9293:MUST-19")
    void slowStartDoublesInARoundTrip() {
        // Section 3.1, equation (2).
        config.pacing = false;
        open();
        write(100_000);
        assertEquals(10, drain());
        for (int i = 1; i <= 10; i++) {
            peer.acks(1 + i * 1000, 65_535);
        }
        assertEquals(20, drain());
        assertEquals(20_000, info().cwnd);
    }

    @Test
    void aWindowThatIsNotUsedDoesNotGrow() {
        open();
        for (int i = 0; i < 50; i++) {
            write(1000);
            drain();
            peer.acks(1 + 1000 * (i + 1), 65_535);
        }
        assertEquals(10_000, info().cwnd);
    }

    @Test
    void aWindowThatWasFullOnceDoesNotGrowForEver() {
        // RFC 7661: growth needs a window in use when the acknowledged data was sent.
        open();
        write(20_000);
        drain();
        peer.acks(20_001 - 10_000, 65_535);
        drain();
        int acked = 10_001;
        int sent = 20_001;
        for (int i = 0; i < 200; i++) {
            write(1000);
            sent += 1000;
            drain();
            acked = sent - 1000;
            peer.acks(acked, 65_535);
        }
        assertTrue(info().cwnd <= 41_000, "cwnd " + info().cwnd);
        peer.acks(sent, 65_535);
    }

    @Requirement({"RFC5681:3.2-3", "RFC5681:3.2-7", "RFC5681:3.2-9"})
    @Test
    void threeDuplicatesRetransmitAtOnceAndHalve() {
        // Section 3.2, steps 2 to 4.
        open();
        write(10_000);
        assertEquals(10, drain());
        dups(1, 2);
        expectNothing();
        dups(1, 1);
        expectData(ACK, 1, 1, 1000);
        expectNothing();
        assertEquals(5000, info().ssthresh);
        assertEquals(1, count(StackCounter.TCP_FAST_RETRANSMITS));
        // 6: the ACK of everything deflates the window.
        peer.acks(10_001, 65_535);
        assertEquals(5000, info().cwnd);
        advance(10_000);
        expectNothing();
    }

    @Requirement({"RFC5681:3.2-4", "RFC5681:3.2-6"})
    @Test
    void limitedTransmitSendsNewDataOnTheFirstTwoDuplicates() {
        // RFC 3042; the data of it is not in FlightSize (RFC 5681, 3.2, step 2).
        open();
        write(30_000);
        assertEquals(10, drain());
        dups(1, 1);
        expectData(ACK, 10_001, 1, 1000);
        dups(1, 1);
        expectData(ACK, 11_001, 1, 1000);
        dups(1, 1);
        expectData(ACK, 1, 1, 1000);
        expectNothing();
        assertEquals(5000, info().ssthresh, "limited transmit MUST NOT be included in FlightSize");
        peer.acks(12_001, 65_535);
        drain();
    }

    @Requirement("RFC5681:3.2-8")
    @Test
    void furtherDuplicatesLetNewDataGoInProportion() {
        // RFC 9937 in place of RFC 5681, 3.2, step 4: the window falls from 10 to 5, so one segment goes out for
        // every two that arrive.
        open();
        write(30_000);
        drain();
        dups(1, 3);
        drain();
        dups(1, 6);
        assertEquals(2, drain());
        peer.acks(14_001, 65_535);
        drain();
    }

    @Test
    void partialAcksRetransmitTheNextHole() {
        // RFC 6582, section 3.2, step 3.
        open();
        write(10_000);
        drain();
        dups(1, 3);
        expectData(ACK, 1, 1, 1000);
        peer.acks(3001, 65_535);
        expectData(ACK, 3001, 1, 1000);
        expectNothing();
        peer.acks(6001, 65_535);
        expectData(ACK, 6001, 1, 1000);
        expectNothing();
        peer.acks(10_001, 65_535);
        expectNothing();
        assertEquals(5000, info().cwnd);
        assertEquals(1, count(StackCounter.TCP_FAST_RETRANSMITS));
        advance(10_000);
        expectNothing();
    }

    @Test
    void duplicatesOfWhatWasRetransmittedBeforeTheTimeoutBeginNoRecovery() {
        // RFC 6582, step 2 and 4: only when the ACK covers more than "recover".
        open();
        write(10_000);
        drain();
        advance(1000);
        drain();
        peer.acks(2001, 65_535);
        drain();
        dups(2001, 5);
        assertEquals(0, count(StackCounter.TCP_FAST_RETRANSMITS));
        drain();
        peer.acks(10_001, 65_535);
        write(5000);
        drain();
        dups(10_001, 3);
        assertEquals(0, count(StackCounter.TCP_FAST_RETRANSMITS), "the field does not cover more than recover");
        peer.acks(11_001, 65_535);
        dups(11_001, 3);
        assertEquals(1, count(StackCounter.TCP_FAST_RETRANSMITS));
        peer.acks(15_001, 65_535);
        drain();
    }

    @Requirement({"RFC6298:5.4", "RFC5681:3.1-11"})
    @Test
    @Requirement("RFC9293:MUST-19")
    void theTimeoutLeavesOneSegmentAndHalvesOnce() {
        // Section 3.1: LW = 1; "when ... retransmitted ... at least once, the value of ssthresh is held constant".
        open();
        write(10_000);
        drain();
        advance(400);
        assertEquals(1, drain());
        assertEquals(1000, info().cwnd);
        assertEquals(5000, info().ssthresh);
        advance(3000);
        assertEquals(5000, info().ssthresh);
        drain();
        peer.acks(10_001, 65_535);
        drain();
    }

    @Requirement("RFC5681:3.2-10")
    @Test
    void whatIsNoDuplicateAck() {
        // Section 2: (b) no data, (c) neither SYN nor FIN, (e) the same window.
        open();
        write(10_000);
        drain();
        for (int i = 0; i < 5; i++) {
            peer.sends(ACK, 1 + i * 10, 1, 65_535, 10);
            peer.sends(ACK, 11 + i * 10, 1, 60_000 - i, 0);
        }
        assertEquals(0, info().duplicateAcks);
        assertEquals(0, count(StackCounter.TCP_FAST_RETRANSMITS));
        drain();
        read();
        peer.sends(ACK, 51, 10_001, 60_000, 0);
        drain();
    }

    @Requirement("RFC6675:5.1-2")
    @Test
    void recoveryIsEndedByTheTimeout() {
        open();
        write(10_000);
        drain();
        dups(1, 3);
        drain();
        advance(1000);
        assertTrue(drain() >= 1);
        assertEquals(1000, info().cwnd);
        peer.acks(10_001, 65_535);
        advance(10_000);
        expectNothing();
    }

    @Test
    void aLostFinIsRetransmittedFast() {
        open();
        write(3000);
        shutdownOutput();
        drain();
        dups(1, 3);
        expectData(ACK, 1, 1, 1000);
        peer.acks(3001, 65_535);
        expect(FIN | ACK, 3001, 1);
        peer.acks(3002, 65_535);
        state(TcpState.FIN_WAIT_2);
    }
}
