package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** TCP_CONGESTION on a live connection: the new algorithm goes on where the old one was. */
class CongestionSwitchTest extends TcpFixture {
    private void choose(String name) {
        connection.setOption(TcpOption.TCP_CONGESTION, name, nowNs);
        flush();
        assertEquals(name, info().congestion);
    }

    /** Acknowledges everything, segment by segment, until the window is so large. */
    private void growTo(long cwnd) {
        while (connection.cc.cwnd() < cwnd) {
            app.write(connection, 64 * MSS, nowNs);
            flush();
            advance(20);
            peer.acks(connection.tcb.snd.nxt - connection.tcb.snd.iss, 65_535);
            drain();
        }
    }

    private void acknowledgeAll() {
        for (int i = 0; i < 1_000 && connection.tcb.snd.una != connection.tcb.snd.nxt; i++) {
            peer.acks(connection.tcb.snd.nxt - connection.tcb.snd.iss, 65_535);
            drain();
        }
    }

    @Test
    void windowAndThresholdAreTakenOver() {
        for (String name : new String[] {"reno", "cubic"}) {
            options.congestion = name.equals("reno") ? "cubic" : "reno";
            remotePort++;
            connection = null;
            app.connected = 0;
            app.written = 0;
            if (acceptor != null) {
                acceptor.close(nowNs);
            }
            established(65_535, mss(MSS));
            growTo(30_000);
            connection.cc.onCongestion(CongestionControl.Cause.LOSS, 30_000, nowNs);
            long cwnd = connection.cc.cwnd();
            long ssthresh = connection.cc.ssthresh();
            assertTrue(ssthresh < CongestionControl.UNLIMITED);
            choose(name);
            assertEquals(cwnd, connection.cc.cwnd());
            assertEquals(ssthresh, connection.cc.ssthresh());
            growTo(cwnd + 2 * MSS);
            acknowledgeAll();
            abort();
            drain();
            app.closed = 0;
        }
    }

    @Test
    void bbrHandsOnWhatThePathHolds() {
        options.congestion = "bbr";
        established(65_535, mss(MSS));
        growTo(40_000);
        long cwnd = connection.cc.cwnd();
        choose("cubic");
        assertEquals(cwnd, connection.cc.cwnd());
        choose("bbr");
        assertEquals(cwnd, connection.cc.cwnd());
        growTo(cwnd + 2 * MSS);
    }

    /** The factor is that of the algorithm in charge: RFC 9438, section 4.6, and RFC 5681, equation (4). */
    @Test
    void theNewOneAnswersTheNextLoss() {
        established(65_535, mss(MSS));
        growTo(40_000);
        long before = connection.cc.cwnd();
        choose("reno");
        connection.cc.onCongestion(CongestionControl.Cause.LOSS, before, nowNs);
        assertEquals(0.5, (double) connection.cc.ssthresh() / (double) before, 0.01);
        before = connection.cc.cwnd();
        choose("cubic");
        connection.cc.onCongestion(CongestionControl.Cause.LOSS, before, nowNs);
        assertEquals(0.7, (double) connection.cc.ssthresh() / (double) before, 0.01);
        acknowledgeAll();
    }

    @Test
    void whatTheOldOneReducedIsNotUndoneByTheNewOne() {
        established(65_535, mss(MSS));
        growTo(40_000);
        connection.cc.onCongestion(CongestionControl.Cause.LOSS, 40_000, nowNs);
        choose("reno");
        long reduced = connection.cc.cwnd();
        connection.cc.undo(nowNs);
        assertEquals(reduced, connection.cc.cwnd());
        acknowledgeAll();
    }

    /** Chosen during fast recovery: recovery goes on towards the threshold that was found. */
    @Test
    void inRecovery() {
        config.sack = true;
        established(65_535, concat(mss(MSS), sackPermitted()));
        growTo(30_000);
        acknowledgeAll();
        write(10 * MSS);
        drain();
        int una = connection.tcb.snd.una - connection.tcb.snd.iss;
        advance(20);
        peer.sends(ACK, 1, una, 65_535, 0, sack(una + MSS, una + 5 * MSS));
        advance(15);
        assertEquals(TcpInfo.Recovery.RECOVERY, info().recovery);
        long ssthresh = connection.cc.ssthresh();
        drain();
        choose("reno");
        assertEquals(ssthresh, connection.cc.ssthresh());
        acknowledgeAll();
        assertEquals(TcpInfo.Recovery.OPEN, info().recovery);
        assertTrue(connection.cc.cwnd() <= ssthresh + MSS, "cwnd " + connection.cc.cwnd());
    }

    /** "none" has found nothing out: whoever follows it begins with the initial window (RFC 6928). */
    @Test
    void afterNoneEverythingBeginsAnew() {
        options.congestion = "none";
        established(65_535, mss(MSS));
        choose("cubic");
        assertEquals(10L * MSS, connection.cc.cwnd());
        assertEquals(CongestionControl.UNLIMITED, connection.cc.ssthresh());
    }

    @Test
    void beforeTheHandshakeIsCompleteTheInitialWindowIsThatOfTheSegmentSize() {
        connecting();
        expect(SYN, 0, 0);
        choose("reno");
        peer.sends(SYN | ACK, 0, 1, 65_535, 0, mss(1000));
        expectAck(1, 1);
        assertEquals(10_000, connection.cc.cwnd());
    }

    @Test
    void theSameNameChangesNothing() {
        established(65_535, mss(MSS));
        growTo(30_000);
        connection.cc.onCongestion(CongestionControl.Cause.LOSS, 30_000, nowNs);
        choose("cubic");
        connection.cc.undo(nowNs);
        assertTrue(connection.cc.cwnd() >= 30_000, "still undone by the one that reduced: " + connection.cc.cwnd());
        acknowledgeAll();
    }

    @Test
    void aWrongNameIsRefusedWithTheListAndChangesNothing() {
        established();
        String refusal = assertThrows(
                        IllegalArgumentException.class,
                        () -> connection.setOption(TcpOption.TCP_CONGESTION, "vegas", nowNs))
                .getMessage();
        assertEquals("TCP_CONGESTION must be one of cubic, reno, bbr, none: 'vegas'", refusal);
        assertEquals("cubic", info().congestion);
        connection.options().congestion = "vegas";
        assertThrows(IllegalArgumentException.class, () -> connection.optionsChanged(nowNs));
        connection.options().congestion = "cubic";
    }
}
