package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.wire.TcpHeader;

/** Counts the segments of one connection in both directions, and remembers when the last ones passed. */
final class Traffic {
    private static final long NEVER = Long.MIN_VALUE;

    private final Connection c;
    private long segmentsOut;
    private long dataSegmentsOut;
    private long bytesSent;
    private long bytesRetransmitted;
    private long retransmits;
    private long segmentsIn;
    private long dataSegmentsIn;
    private long dataSentNs = NEVER;
    private long ackSentNs = NEVER;
    private long dataReceivedNs = NEVER;
    private long ackReceivedNs = NEVER;

    Traffic(Connection c) {
        this.c = c;
    }

    /** Something left, and SND.NXT has not moved yet: {@code length} bytes of payload in so many segments. */
    void onSent(int segments, int flags, int seq, int length, int window, long nowNs) {
        SendState snd = c.tcb.snd;
        segmentsOut += segments;
        ackSentNs = nowNs;
        boolean occupies = length > 0 || (flags & (TcpHeader.SYN | TcpHeader.FIN)) != 0;
        boolean again = occupies && SeqNum.lt(seq, snd.nxt);
        if (length > 0) {
            dataSegmentsOut += segments;
            bytesSent += length;
            dataSentNs = nowNs;
        }
        if (again) {
            int old = Math.min(length, SeqNum.distance(seq, snd.nxt));
            bytesRetransmitted += old;
            retransmits += old == length ? segments : (old + snd.mss - 1) / snd.mss;
        }
        if (c.tracing != null) {
            c.tracing.sent(again, flags, seq, length, window, nowNs);
        }
    }

    void onReceived(Segment s, long nowNs) {
        int segments = s.unitLength > 0 ? (s.payloadLength + s.unitLength - 1) / s.unitLength : 1;
        segmentsIn += segments;
        if (s.payloadLength > 0) {
            dataSegmentsIn += segments;
            dataReceivedNs = nowNs;
        }
        if (s.has(TcpHeader.ACK)) {
            ackReceivedNs = nowNs;
        }
        if (c.tracing != null) {
            c.tracing.received(s, nowNs);
        }
    }

    long dataSegmentsOut() {
        return dataSegmentsOut;
    }

    void info(TcpInfo into, long nowNs) {
        into.segmentsOut = segmentsOut;
        into.dataSegmentsOut = dataSegmentsOut;
        into.bytesSent = bytesSent;
        into.bytesRetransmitted = bytesRetransmitted;
        into.retransmits = retransmits;
        into.segmentsIn = segmentsIn;
        into.dataSegmentsIn = dataSegmentsIn;
        into.sinceDataSentNs = since(dataSentNs, nowNs);
        into.sinceAckSentNs = since(ackSentNs, nowNs);
        into.sinceDataReceivedNs = since(dataReceivedNs, nowNs);
        into.sinceAckReceivedNs = since(ackReceivedNs, nowNs);
    }

    private static long since(long thenNs, long nowNs) {
        return thenNs == NEVER ? TcpInfo.UNKNOWN : nowNs - thenNs;
    }

    void carry(StateCarrier s) {
        segmentsOut = s.number(segmentsOut);
        dataSegmentsOut = s.number(dataSegmentsOut);
        bytesSent = s.number(bytesSent);
        bytesRetransmitted = s.number(bytesRetransmitted);
        retransmits = s.number(retransmits);
        segmentsIn = s.number(segmentsIn);
        dataSegmentsIn = s.number(dataSegmentsIn);
        dataSentNs = s.time(dataSentNs);
        ackSentNs = s.time(ackSentNs);
        dataReceivedNs = s.time(dataReceivedNs);
        ackReceivedNs = s.time(ackReceivedNs);
    }
}
