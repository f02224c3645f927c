package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a {@link TcpTrace} is told, and when. */
class TcpTraceTest extends TcpFixture {
    private final List<String> told = new ArrayList<>();
    private final List<TcpEvent> kinds = new ArrayList<>();
    private long lastCwnd;

    private final TcpTrace trace = new TcpTrace() {
        @Override
        public void state(TcpState from, TcpState to, long nowNs) {
            told.add(from + ">" + to);
        }

        @Override
        public void segment(TcpEvent kind, int flags, int seq, int length, int ack, long window, long nowNs) {
            boolean in = kind == TcpEvent.RECEIVED;
            int relSeq = seq - (in ? peer.irs : connection().tcb.snd.iss);
            int relAck = (flags & ACK) == 0 ? 0 : ack - (in ? connection().tcb.snd.iss : peer.irs);
            told.add(kind + " " + Seg.name(flags) + " " + relSeq + "+" + length + " ack " + relAck + " win " + window);
        }

        @Override
        public void sack(int from, int to, long nowNs) {
            told.add("SACK " + (from - connection().tcb.snd.iss) + ".." + (to - connection().tcb.snd.iss));
        }

        @Override
        public void congestion(
                TcpEvent kind,
                long cwnd,
                long ssthresh,
                long pipe,
                long srttNs,
                long rttvarNs,
                long rtoNs,
                long pacingRate,
                long nowNs) {
            kinds.add(kind);
            lastCwnd = cwnd;
            assertEquals(connection().rtt.srttNs(), srttNs);
            assertEquals(connection().rtt.rtoNs(), rtoNs);
        }
    };

    private Connection traced;

    private Connection connection() {
        return traced;
    }

    private void traceAll() {
        config.tracer = (c, now) -> {
            traced = parts(c);
            return trace;
        };
    }

    @Test
    void aWholeConnectionFromSynToTimeWait() {
        traceAll();
        options.receiveBuffer = 10_000;
        connected(5_000, mss(MSS));
        assertEquals(
                List.of(
                        "CLOSED>SYN_SENT",
                        "SENT SYN 0+0 ack 0 win 10000",
                        "RECEIVED SYN ACK 0+0 ack 1 win 5000",
                        "SYN_SENT>ESTABLISHED",
                        "SENT ACK 1+0 ack 1 win 10000"),
                told);
        told.clear();
        write(100);
        peer.acks(101, 5_000);
        close();
        peer.sends(FIN | ACK, 1, 102, 5_000, 0);
        assertTrue(told.contains("ESTABLISHED>FIN_WAIT_1"), told.toString());
        assertTrue(told.contains("FIN_WAIT_1>TIME_WAIT"), told.toString());
        // The rest is a record's, which has no trace: TIME-WAIT is the last that is told.
        assertEquals("FIN_WAIT_1>TIME_WAIT", told.get(told.size() - 1));
        advance(60_000);
        state(TcpState.CLOSED);
        drain();
    }

    @Test
    void windowsAreScaled() {
        traceAll();
        config.windowScaling = true;
        options.receiveBuffer = 1 << 20;
        established(100, mss(MSS), scale(3));
        assertTrue(told.contains("RECEIVED ACK 1+0 ack 1 win 800"), told.toString());
        write(10);
        assertTrue(told.get(told.size() - 1).endsWith("win 1048576"), told.toString());
        drain();
    }

    @Test
    void retransmissionsAndTimeoutsAreToldAsSuch() {
        traceAll();
        established();
        write(100);
        told.clear();
        kinds.clear();
        advance(1_000);
        assertTrue(told.get(0).startsWith("RETRANSMITTED"), told.toString());
        assertTrue(kinds.contains(TcpEvent.SAMPLE) || kinds.contains(TcpEvent.TIMEOUT), kinds.toString());
        assertEquals(MSS, lastCwnd, "one segment after a timeout");
        drain();
    }

    @Test
    void blocksOfSelectiveAcknowledgmentsAreTold() {
        traceAll();
        established(65_535, mss(MSS), sackPermitted());
        write(3 * MSS);
        told.clear();
        peer.sends(ACK, 1, 1, 65_535, 0, sack(1 + MSS, 1 + 2 * MSS));
        assertTrue(told.contains("SACK " + (1 + MSS) + ".." + (1 + 2 * MSS)), told.toString());
        drain();
    }

    @Test
    void recoveryIsToldWithItsBeginningAndItsEnd() {
        traceAll();
        config.sack = true;
        established(65_535, mss(MSS), sackPermitted());
        write(5 * MSS);
        advance(1);
        kinds.clear();
        peer.sends(ACK, 1, 1, 65_535, 0, sack(1 + MSS, 1 + 5 * MSS));
        assertTrue(kinds.contains(TcpEvent.ENTER_RECOVERY), kinds.toString());
        assertTrue(told.get(told.size() - 1).startsWith("RETRANSMITTED ACK 1+1460"), told.toString());
        kinds.clear();
        peer.sends(ACK, 1, 1 + 5 * MSS, 65_535, 0);
        assertTrue(kinds.contains(TcpEvent.LEAVE_RECOVERY), kinds.toString());
        drain();
    }

    @Test
    void aTailLossProbeIsTold() {
        traceAll();
        config.sack = true;
        established(65_535, mss(MSS), sackPermitted());
        write(3 * MSS);
        kinds.clear();
        advance(100);
        assertTrue(kinds.contains(TcpEvent.TAIL_LOSS_PROBE), kinds.toString());
        drain();
    }

    @Test
    void aSpuriousTimeoutIsToldAsUndone() {
        traceAll();
        established(65_535, mss(MSS));
        write(5 * MSS);
        drain();
        advance(300);
        assertTrue(kinds.contains(TcpEvent.TIMEOUT), kinds.toString());
        kinds.clear();
        // The originals arrive after all: F-RTO (RFC 5682) sees it from two ACKs that advance.
        write(4 * MSS);
        peer.acks(1 + MSS, 65_535);
        peer.acks(1 + 3 * MSS, 65_535);
        assertTrue(kinds.contains(TcpEvent.UNDO), kinds.toString());
        assertEquals(1, info().undos);
        drain();
    }

    @Test
    void aProbeOfAClosedWindowIsTold() {
        traceAll();
        established(0, mss(MSS));
        write(100);
        kinds.clear();
        advance(1_500);
        assertTrue(kinds.contains(TcpEvent.WINDOW_PROBE), kinds.toString());
        assertTrue(info().probesInRow >= 1, info().toString());
        drain();
    }

    @Test
    void oneConnectionCanBeTracedForAWhile() {
        established();
        traced = connection;
        connection.trace(trace);
        write(100);
        assertTrue(told.get(0).startsWith("SENT"), told.toString());
        connection.trace(null);
        told.clear();
        peer.acks(101, 65_535);
        assertEquals(List.of(), told);
        drain();
    }

    @Test
    void aTracerMayPassAConnectionOver() {
        config.tracer = (c, now) -> null;
        established();
        write(100);
        assertNull(connection.tracing);
        drain();
    }
}
