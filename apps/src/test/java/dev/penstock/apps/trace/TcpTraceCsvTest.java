package dev.penstock.apps.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpEvent;
import dev.penstock.stack.tcp.TcpState;
import dev.penstock.stack.tcp.TcpTrace;
import dev.penstock.stack.wire.IpAddress;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The lines that a trace of connections becomes. */
class TcpTraceCsvTest {
    private static final int ISS = -100;
    private static final int IRS = 7_000;
    private static final int SYN = 2;
    private static final int ACK = 16;
    private static final int PSH = 8;

    private final StringWriter text = new StringWriter();

    static TcpConnection connection() {
        IpAddress local = IpAddress.parse("192.0.2.1");
        IpAddress remote = IpAddress.parse("192.0.2.2");
        return (TcpConnection) Proxy.newProxyInstance(
                TcpTraceCsvTest.class.getClassLoader(), new Class<?>[] {TcpConnection.class}, (p, method, args) -> {
                    return switch (method.getName()) {
                        case "localHi" -> local.hi();
                        case "localLo" -> local.lo();
                        case "localPort" -> 5000;
                        case "remoteHi" -> remote.hi();
                        case "remoteLo" -> remote.lo();
                        case "remotePort" -> 80;
                        default -> throw new AssertionError("a tracer must not call " + method.getName());
                    };
                });
    }

    private List<String> lines() {
        return text.toString().lines().toList();
    }

    @Test
    void eachEventIsALineWithUnitsInTheHeader() throws IOException {
        TcpTraceCsv csv = new TcpTraceCsv(text);
        TcpTrace t = csv.trace(connection(), 1_000_000);
        t.segment(TcpEvent.SENT, SYN, ISS, 0, 0, 65_535, 1_000_000);
        t.state(TcpState.CLOSED, TcpState.SYN_SENT, 1_000_001);
        t.segment(TcpEvent.RECEIVED, SYN | ACK, IRS, 0, ISS + 1, 1000, 1_000_002);
        t.segment(TcpEvent.SENT, ACK | PSH, ISS + 1, 500, IRS + 1, 64_000, 1_000_003);
        t.segment(TcpEvent.RETRANSMITTED, ACK, ISS + 1, 200, IRS + 1, 64_000, 1_000_004);
        t.segment(TcpEvent.RECEIVED, ACK, IRS + 1, 0, ISS + 1, 1000, 1_000_005);
        t.sack(ISS + 201, ISS + 501, 1_000_005);
        t.congestion(TcpEvent.ENTER_RECOVERY, 14_600, 7_300, 500, 30_000, 15_000, 200_000_000, -1, 1_000_006);
        t.congestion(TcpEvent.SAMPLE, 1, -1, 2, -1, -1, 3, 4, 1_000_007);
        csv.close();
        csv.close();
        assertEquals(
                List.of(
                        "time_ns,connection,event,seq,length_bytes,ack,window_bytes,flags,cwnd_bytes,ssthresh_bytes,"
                                + "pipe_bytes,srtt_ns,rttvar_ns,rto_ns,pacing_bytes_per_s,detail",
                        "0,1,open,,,,,,,,,,,,,192.0.2.1:5000 192.0.2.2:80",
                        "0,1,sent,0,0,,65535,S,,,,,,,,",
                        "1,1,state,,,,,,,,,,,,,CLOSED>SYN_SENT",
                        "2,1,received,0,0,1,1000,SA,,,,,,,,",
                        "3,1,sent,1,500,1,64000,PA,,,,,,,,",
                        "4,1,retransmitted,1,200,1,64000,A,,,,,,,,",
                        "5,1,received,1,0,1,1000,A,,,,,,,,",
                        "5,1,sack,201,300,,,,,,,,,,,",
                        "6,1,enter_recovery,,,,,,14600,7300,500,30000,15000,200000000,,",
                        "7,1,sample,,,,,,1,,2,,,3,4,"),
                lines());
    }

    @Test
    void sequenceNumbersDoNotWrapAndGarbageDoesNotMoveThem() throws IOException {
        TcpTraceCsv csv = new TcpTraceCsv(text);
        TcpTrace t = csv.trace(connection(), 0);
        int step = 1 << 30;
        for (int i = 0; i < 9; i++) {
            t.segment(TcpEvent.SENT, ACK, ISS + i * step, 1, IRS, 1, i);
            t.segment(TcpEvent.RECEIVED, ACK, IRS, 0, ISS + i * step + Integer.MIN_VALUE, 1, i);
        }
        csv.close();
        assertTrue(lines().get(lines().size() - 2).startsWith("8,1,sent," + 8L * step + ",1,0,"), text.toString());
    }

    @Test
    void connectionsAreNumberedAndLimited() throws IOException {
        TcpTraceCsv csv = new TcpTraceCsv(text, 10_000, 2);
        assertNotNull(csv.trace(connection(), 5));
        assertNotNull(csv.trace(connection(), 6));
        assertNull(csv.trace(connection(), 7));
        assertEquals(2, csv.connections());
        csv.close();
        assertTrue(lines().get(2).startsWith("1,2,open"), text.toString());
        assertNull(csv.trace(connection(), 8), "closed");
    }

    @Test
    void theSizeIsBoundedAndTheEndSaysSo() throws IOException {
        TcpTraceCsv csv = new TcpTraceCsv(text, 1_000, 10);
        TcpTrace t = csv.trace(connection(), 0);
        for (int i = 0; i < 1_000; i++) {
            t.state(TcpState.CLOSED, TcpState.SYN_SENT, i);
        }
        assertTrue(csv.isOver());
        csv.close();
        assertTrue(text.toString().length() <= 1_000 + 40, "" + text.toString().length());
        assertEquals("0,0,truncated,,,,,,,,,,,,,", lines().get(lines().size() - 1));
    }

    @Test
    void anErrorOfTheOutputIsToldInTheEndNotToTheStack() {
        Writer broken = new Writer() {
            @Override
            public void write(char[] from, int offset, int length) throws IOException {
                throw new IOException("disk full");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        TcpTraceCsv csv = new TcpTraceCsv(broken);
        assertNull(csv.trace(connection(), 0));
        assertEquals("disk full", assertThrows(IOException.class, csv::close).getMessage());
    }

    @Test
    void everyEventOfTheStackHasAKindInTheReader() {
        for (TcpEvent e : TcpEvent.values()) {
            TraceKind kind = TraceKind.valueOf(e.name());
            assertEquals(kind, TraceKind.of(kind.toString()));
            boolean segment = e == TcpEvent.SENT || e == TcpEvent.RETRANSMITTED || e == TcpEvent.RECEIVED;
            assertEquals(segment, kind.isSegment(), e.name());
            assertEquals(!segment, kind.isSample(), e.name());
        }
    }
}
