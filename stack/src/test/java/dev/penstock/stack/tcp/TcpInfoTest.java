package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;

/** What {@link TcpInfo} tells of a connection. */
class TcpInfoTest extends TcpFixture {
    @Test
    void withoutWindowScalingTheScalesAreUnknown() {
        established();
        assertEquals(-1, info().sendWindowScale);
        assertEquals(-1, info().receiveWindowScale);
    }

    @Test
    void beforeTheSynIsAnsweredTheScalesAreUnknown() {
        config.windowScaling = true;
        connecting();
        assertEquals(-1, info().sendWindowScale);
        assertEquals(-1, info().receiveWindowScale);
        abort();
    }

    @Test
    void theSendScaleIsThatOfThePeersWindows() {
        config.windowScaling = true;
        options.receiveBuffer = 1 << 20;
        established(65_535, mss(MSS), scale(3));
        // RFC 7323, 2.3: "Snd.Wind.Shift and Rcv.Wind.Shift, to be applied to the incoming and outgoing window fields"
        assertEquals(3, info().sendWindowScale);
        assertEquals(5, info().receiveWindowScale);
    }

    @Test
    void aScaleOfZeroThatWasAgreedIsNoUnknown() {
        config.windowScaling = true;
        options.receiveBuffer = 60_000;
        established(65_535, mss(MSS), scale(0));
        assertEquals(0, info().sendWindowScale);
        assertEquals(0, info().receiveWindowScale);
    }

    @Test
    void whatIsNotYetKnownIsMinusOne() {
        connecting();
        TcpInfo i = info();
        assertEquals(TcpState.SYN_SENT, i.state);
        assertEquals(-1, i.srttNs);
        assertEquals(-1, i.rttvarNs);
        assertEquals(-1, i.minRttNs);
        assertEquals(-1, i.ssthresh);
        assertEquals(-1, i.sinceDataSentNs);
        assertEquals(-1, i.sinceDataReceivedNs);
        assertEquals(-1, i.sinceAckReceivedNs);
        assertEquals(0, i.sinceAckSentNs);
        assertEquals(-1, i.maxPacingRate);
        assertEquals(0, i.bytesSent);
        assertEquals(1_000 * MS, i.rtoNs);
        assertEquals(536, i.receiveMss);
        abort();
    }

    @Test
    void segmentsAndBytesAreCountedInBothDirections() {
        established();
        write(3 * MSS);
        TcpInfo i = info();
        assertEquals(3 * MSS, i.bytesSent);
        assertEquals(3, i.dataSegmentsOut);
        assertEquals(4, i.segmentsOut, "with the SYN-ACK");
        assertEquals(3 * MSS, i.bytesInFlight);
        assertEquals(0, i.bytesRetransmitted);
        peer.acks(1 + 3 * MSS, 65_535);
        peer.sends(ACK, 1, 1 + 3 * MSS, 65_535, 100);
        i = info();
        assertEquals(3 * MSS, i.bytesAcked);
        assertEquals(100, i.bytesReceived);
        assertEquals(1, i.dataSegmentsIn);
        assertEquals(4, i.segmentsIn, "SYN, ACK, ACK, data");
        drain();
    }

    @Test
    void theSegmentsOfASuperSegmentCountEach() {
        established();
        peer.gsoSize = 1000;
        peer.sends(ACK, 1, 1, 65_535, 3500);
        assertEquals(4, info().dataSegmentsIn);
        assertEquals(2 + 4, info().segmentsIn);
        drain();
    }

    @Test
    void retransmissionsAreCountedApartFromWhatIsNew() {
        established();
        write(100);
        drain();
        advance(300);
        TcpInfo i = info();
        assertEquals(1, i.timeouts);
        assertEquals(1, i.retransmits);
        assertEquals(100, i.bytesRetransmitted);
        assertEquals(200, i.bytesSent);
        assertEquals(2, i.dataSegmentsOut);
        assertEquals(1, i.backoff);
        drain();
    }

    @Test
    void theScoreboardIsTold() {
        config.sack = true;
        established(65_535, mss(MSS), sackPermitted());
        write(6 * MSS);
        advance(1);
        peer.sends(ACK, 1, 1, 65_535, 0, sack(1 + 2 * MSS, 1 + 6 * MSS));
        TcpInfo i = info();
        assertEquals(TcpInfo.Recovery.RECOVERY, i.recovery);
        assertEquals(6 * MSS, i.bytesInFlight);
        assertEquals(4 * MSS, i.bytesSacked);
        assertEquals(2 * MSS, i.bytesLost + i.bytesRetransmittedInFlight);
        assertEquals(i.bytesRetransmittedInFlight, i.bytesRetransmitted);
        assertTrue(i.bytesRetransmittedInFlight >= MSS, i.toString());
        assertEquals(4 * MSS, i.bytesDelivered);
        assertTrue(i.sack, "agreed");
        drain();
    }

    @Test
    void aSeriesOfTimeoutsIsCountedWhenItEnds() {
        established();
        write(100);
        drain();
        advance(700);
        assertEquals(2, info().timeouts);
        assertEquals(2, info().timeoutsInRow);
        assertEquals(0, info().timeoutRecoveries);
        peer.acks(101, 65_535);
        assertEquals(0, info().timeoutsInRow);
        assertEquals(1, info().timeoutRecoveries);
        assertEquals(500 * MS, info().timeoutRecoveryNs, "from the first timeout, 200 ms after sending");
    }

    @Test
    void theDeliveryRateIsThatOfTheNewestSample() {
        established();
        assertEquals(-1, info().deliveryRate);
        write(2 * MSS);
        advance(10);
        peer.acks(1 + 2 * MSS, 65_535);
        assertEquals(2 * MSS * 100L, info().deliveryRate, "in 10 ms");
        drain();
    }

    @Test
    void theTimeSinceSomethingHappenedRuns() {
        established();
        write(100);
        advance(30);
        peer.sends(ACK, 1, 101, 65_535, 10);
        advance(7);
        TcpInfo i = info();
        assertEquals(37 * MS, i.sinceDataSentNs);
        assertEquals(7 * MS, i.sinceDataReceivedNs);
        assertEquals(7 * MS, i.sinceAckReceivedNs);
        assertEquals(7 * MS, i.sinceAckSentNs, "quick-ack at the start");
        drain();
    }

    @Test
    void anObjectUsedAgainKeepsNothing() throws IllegalAccessException {
        established();
        TcpInfo used = new TcpInfo();
        for (Field f : TcpInfo.class.getFields()) {
            if (f.getType() == long.class) {
                f.setLong(used, 4711);
            } else if (f.getType() == int.class) {
                f.setInt(used, 4711);
            } else if (f.getType() == boolean.class) {
                f.setBoolean(used, true);
            }
        }
        connection.info(used, nowNs);
        TcpInfo fresh = info();
        for (Field f : TcpInfo.class.getFields()) {
            assertEquals(f.get(fresh), f.get(used), f.getName());
        }
    }

    @Test
    void oneLineInTheStyleOfSs() {
        TcpInfo i = new TcpInfo();
        assertEquals("CLOSED", i.toString());
        i.state = TcpState.ESTABLISHED;
        i.timestamps = true;
        i.congestion = "cubic";
        i.sendWindowScale = 7;
        i.receiveWindowScale = 0;
        i.rtoNs = 204 * MS;
        i.srttNs = 3_512_345;
        i.rttvarNs = 1_750_000;
        i.sendMss = 1448;
        i.cwnd = 14_480;
        i.bytesSent = 5;
        i.deliveryRate = 12_500_000;
        i.busyNs = 40 * MS;
        assertEquals(
                "ESTABLISHED ts cubic wscale:7,0 rto:204 rtt:3.512/1.75 mss:1448 cwnd:14480 bytes_sent:5"
                        + " send 32.98Mbps delivery_rate 100.00Mbps busy:40ms",
                i.toString());
    }

    @Test
    void theLineOfALiveConnectionHasItsNumbers() {
        established();
        write(100);
        String line = info().toString();
        assertTrue(line.startsWith("ESTABLISHED cubic "), line);
        assertTrue(line.contains(" unacked:100 "), line);
        assertFalse(line.contains("wscale"), line);
        assertFalse(line.contains(":-1"), line);
        drain();
    }

    /** An observer may ask a thousand connections each second. */
    @Test
    void aSnapshotAllocatesNothing() {
        config.sack = true;
        established(65_535, mss(MSS), sackPermitted());
        write(10 * MSS);
        drain();
        TcpInfo info = new TcpInfo();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        threads.getCurrentThreadAllocatedBytes();
        long best = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 5 && best > 0; attempt++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10_000; i++) {
                connection.info(info, nowNs + i);
            }
            best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(10 * MSS, info.bytesInFlight);
        assertEquals(0, best / 10_000, best + " bytes for 10,000 snapshots");
        peer.acks(1 + 10 * MSS, 65_535);
        drain();
    }

    @Test
    void theBusyTimeEndsWithTheConnection() {
        established(65_535, mss(MSS));
        write(MSS);
        advance(30);
        abort();
        drain();
        advance(5_000);
        assertEquals(30 * MS, info().busyNs);
    }

    @Test
    void theReceiverMeasuresRoundTripAndReadingInAFixedBuffer() {
        options.receiveBuffer = 20 * MSS;
        listen();
        peer.sends(SYN, 0, 0, 65_535, 0, mss(MSS));
        iss = out.pollFirst().rawSeq;
        advance(50);
        peer.sends(ACK, 1, 1, 65_535, 0);
        int seq = 1;
        for (int round = 0; round < 8; round++) {
            for (int i = 0; i < 18; i++) {
                peer.sends(ACK, seq, 1, 65_535, MSS);
                seq += MSS;
                read();
            }
            advance(50);
            drain();
        }
        assertEquals(50e6, (double) info().receiveRttNs, 1e6);
        assertEquals(18.0 * MSS, (double) info().receiveSpace, 2.0 * MSS);
        assertEquals(20 * MSS, connection.receiveQueue().limit());
    }
}
