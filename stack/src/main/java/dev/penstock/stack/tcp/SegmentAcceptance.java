package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.wire.TcpHeader;

/** The pure checks of a segment against the control block: RFC 9293, 3.10.7.4, first to fifth; RFC 5961; RFC 7323. */
final class SegmentAcceptance {
    /** "after 24 days, TS.Recent is invalid" (RFC 7323, section 5.5). */
    private static final long TS_RECENT_LIFE_NS = 24L * 24 * 3600 * 1_000_000_000L;

    private SegmentAcceptance() {}

    /**
     * The four cases of the table in RFC 9293, section 3.4: is any part of the segment inside the window?
     *
     * @param window RCV.WND
     */
    static boolean inWindow(int seq, int length, int rcvNxt, int window) {
        if (length == 0) {
            return window == 0 ? seq == rcvNxt : SeqNum.inWindow(seq, rcvNxt, window);
        }
        if (window == 0) {
            return false;
        }
        return SeqNum.inWindow(seq, rcvNxt, window) || SeqNum.inWindow(seq + length - 1, rcvNxt, window);
    }

    /** As {@link #inWindow}, for a segment, with the leniency that every receiver shows to a window it just closed. */
    static boolean acceptable(Segment s, ReceiveState rcv) {
        int length = s.length();
        if (inWindow(s.seq, length, rcv.nxt, rcv.window())) {
            return true;
        }
        // A segment that covers the whole window, and one that starts before it: its middle is in the window.
        if (length > 0 && SeqNum.leq(s.seq, rcv.nxt) && SeqNum.gt(s.seq + length, rcv.nxt) && rcv.window() > 0) {
            return true;
        }
        // "If the RCV.WND is zero, no segments will be acceptable, but special allowance should be made to accept valid
        // ACKs, URGs, and RSTs."
        return rcv.window() == 0 && s.seq == rcv.nxt;
    }

    /** True when the segment's timestamp shows it to be an old duplicate (RFC 7323, section 5.3, R1). */
    static boolean failsPaws(Segment s, ReceiveState rcv, long nowNs) {
        return rcv.timestamps
                && s.hasTimestamps
                && !s.has(TcpHeader.RST)
                && SeqNum.lt(s.tsVal, rcv.tsRecent)
                && nowNs - rcv.tsRecentNs < TS_RECENT_LIFE_NS;
    }

    /** RFC 7323, section 4.3: "If SEG.TSval >= TS.Recent and SEG.SEQ <= Last.ACK.sent, then SEG.TSval is copied". */
    static void updateTsRecent(Segment s, ReceiveState rcv, long nowNs) {
        if (rcv.timestamps && s.hasTimestamps && SeqNum.leq(s.seq, rcv.lastAckSent)) {
            if (SeqNum.geq(s.tsVal, rcv.tsRecent) || nowNs - rcv.tsRecentNs >= TS_RECENT_LIFE_NS) {
                rcv.tsRecent = s.tsVal;
                rcv.tsRecentNs = nowNs;
            }
        }
    }

    /**
     * RFC 5961, section 5.2: "The ACK value is considered acceptable only if it is in the range of ((SND.UNA -
     * MAX.SND.WND) <= SEG.ACK <= SND.NXT)".
     */
    static boolean ackAcceptable(int ack, SendState snd) {
        int lowest = snd.una - (int) Math.min(snd.maxWnd, Integer.MAX_VALUE / 2);
        return SeqNum.geq(ack, lowest) && SeqNum.leq(ack, snd.highestAckable());
    }
}
