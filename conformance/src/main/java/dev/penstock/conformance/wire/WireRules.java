package dev.penstock.conformance.wire;

import dev.penstock.stack.wire.TcpHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Watches every segment of one connection where the stack stands, knows what has arrived there, and holds each segment
 * that the stack sends to the rules of the RFCs: acknowledgments, SACK and DSACK blocks, timestamps, windows, contents,
 * ECN. Shares no code with the stack. The stack's thread; results from any thread once the stack has ended.
 *
 * <p>Positions count from each side's SYN, which has position 0; data begins at 1.
 */
public final class WireRules {
    private static final int MOST = 8;

    private final Contents contents;
    private final BooleanSupplier mayRefuse;
    private SegmentView s = new SegmentView();
    private final List<String> broken = new ArrayList<>();
    private int brokenRules;
    private String latest;
    private long segments;

    // What both sides said in their SYNs.
    private SynView ours;
    private SynView peers;

    // What has arrived.
    private final Ranges received = new Ranges();
    /** What of it the stack cannot have refused: it was inside the window. */
    private final Ranges sure = new Ranges();

    private final Ranges twice = new Ranges();
    private final BlockRules blockRules = new BlockRules(received, sure, twice, this::breaks);
    private int tsRecent;
    private boolean hasTsRecent;
    private long lastAckSent;
    private long peerAck;
    private long takenAck;
    private long peerRightEdge;
    private long peerMaxWindow;
    private final Ranges peerSacked = new Ranges();

    // What the stack sent.
    private long sentMax;
    /** The same without window probes, which are thrown away by who gets them. */
    private long sentInWindow;

    private long rightEdge;
    private int lastTsVal;
    private boolean hasTsVal;
    private final SentBytes sentBytes = new SentBytes();
    private long finPosition = -1;
    private boolean marked;
    private boolean finished;
    private boolean echoed;
    private boolean cwrDue;
    private boolean resent;
    private long duplicates;
    private long resentThoughSacked;
    private long resentThoughAcked;

    // Flags of the SYNs without and with ACK: when both sides open at the same time, each sends both.
    private int ourSyn;
    private int ourSynAck;
    private int peerSyn;
    private int peerSynAck;

    private record SynView(int iss, int mss, int scale, boolean sackPermitted, boolean timestamps) {}

    /** The streams as they must be. */
    public interface Contents {
        /** The byte at {@code position} of what the stack sends, or what the peer does. */
        byte at(boolean ours, long position);
    }

    /**
     * @param contents of the streams, or null if they are not known: then what is sent again must be as it was
     * @param mayRefuse the stack may have dropped what came, for want of memory
     */
    public WireRules(Contents contents, BooleanSupplier mayRefuse) {
        this.contents = contents;
        this.mayRefuse = mayRefuse;
    }

    /** A segment with good checksums that the stack is handed. */
    public void arrives(SegmentView segment) {
        s = segment;
        arrives();
    }

    /** A segment that the stack sends. */
    public void leaves(SegmentView segment) {
        s = segment;
        if (!s.has(TcpHeader.RST)) {
            leaves();
        }
    }

    /** The peer's SYN arrived before there was anything to watch. */
    public void begun(SegmentView synOfPeer) {
        s = synOfPeer;
        arrives();
    }

    /** Sequence numbers that the stack has used, from its SYN on. */
    public long sent() {
        return sentMax;
    }

    /** How many segments broke a rule. */
    public int brokenRules() {
        return brokenRules;
    }

    /** The rule that was broken last, or null. */
    public String latest() {
        return latest;
    }

    /** The rules that were broken, the first of them, with the moment. */
    public List<String> broken() {
        List<String> list = new ArrayList<>(broken);
        if (brokenRules > broken.size()) {
            list.add("and so on, " + brokenRules + " in all");
        }
        return list;
    }

    /** Bytes sent again although the peer's SACK, or its acknowledgment, had arrived. */
    public String waste() {
        return "resent though sacked " + resentThoughSacked + ", though acknowledged " + resentThoughAcked;
    }

    private void breaks(String rule) {
        brokenRules++;
        latest = "wire: " + rule + ", in segment " + segments + " of ours, seq "
                + (ours == null ? 0 : s.seq - ours.iss) + " ack " + (peers == null ? 0 : s.ack - peers.iss)
                + " length " + s.length;
        if (broken.size() < MOST) {
            broken.add(latest);
        }
    }

    private static SynView syn(SegmentView s) {
        return new SynView(s.seq, s.mss, s.scale, s.sackPermitted, s.timestamps);
    }

    // --- what arrives ---

    private void arrives() {
        if (s.badOptions != null) {
            breaks("the peer's options: " + s.badOptions);
        }
        if (s.has(TcpHeader.RST)) {
            return;
        }
        if (s.has(TcpHeader.SYN)) {
            peers = syn(s);
            peerSyn = s.has(TcpHeader.ACK) ? peerSyn : s.flags;
            peerSynAck = s.has(TcpHeader.ACK) ? s.flags : peerSynAck;
        }
        if (peers == null) {
            return;
        }
        long from = SegmentView.distance(peers.iss, s.seq);
        long to = from + s.sequenceLength();
        contents(false, from);
        received.intersect(from, to, twice);
        // RFC 7323, section 5.3, rule R1: "If there is a Timestamps option in the arriving segment, SEG.TSval <
        // TS.Recent ... then treat the arriving segment as not acceptable". Overtaken by a retransmission it happens.
        if (s.timestamps && hasTsRecent && s.tsVal - tsRecent < 0) {
            return;
        }
        // "if SEG.SEQ is outside the window, reject": what is old altogether changes nothing (rule R2).
        // RFC 5961, section 5: acceptable is only "((SND.UNA - MAX.SND.WND) <= SEG.ACK <= SND.NXT)".
        boolean old =
                ours != null && s.has(TcpHeader.ACK) && SegmentView.distance(ours.iss, s.ack) < peerAck - peerMaxWindow;
        long nxt = sure.endOf(0);
        if (!old && (to > nxt || from == nxt)) {
            recent(from);
        }
        if (!old && to > nxt) {
            marked = (s.tos & 3) == 3 || marked && !s.has(TcpHeader.CWR);
            finished |= s.has(TcpHeader.FIN);
        }
        received.add(from, to);
        long last = old ? from : Math.min(to, Math.max(rightEdge, 1));
        sure.add(from, last);
        if (last == to) {
            blockRules.onArrival(from, to);
        }
        if (s.has(TcpHeader.ACK) && ours != null) {
            long ack = SegmentView.distance(ours.iss, s.ack);
            if (ack > sentMax) {
                breaks("the peer acknowledges " + ack + ", " + sentMax + " was sent");
            }
            if (s.has(TcpHeader.ECE) && !s.has(TcpHeader.SYN) && !echoed && !resent && ack >= peerAck) {
                echoed = true;
                cwrDue = ack < sentMax;
            }
            // An acknowledgment counts if its segment is acceptable: "RCV.NXT =< SEG.SEQ < RCV.NXT+RCV.WND" (RFC 9293,
            // section
            // 3.4), so one at the edge of a window that is full does not.
            if (!old && (from == nxt || from < rightEdge && to > nxt)) {
                takenAck = Math.max(takenAck, ack);
            }
            boolean duplicate = ack == peerAck && s.sequenceLength() == 0 && sentMax > ack;
            duplicates += duplicate && s.blocks == 0 ? 1 : 0;
            peerAck = Math.max(peerAck, ack);
            long scale = s.has(TcpHeader.SYN) || !scaling() ? 0 : peers.scale;
            peerMaxWindow = Math.max(peerMaxWindow, (long) s.window << scale);
            peerRightEdge = Math.max(peerRightEdge, ack + ((long) s.window << scale));
            for (int i = 0; i < s.blocks; i++) {
                peerSacked.add(s.left[i] - ours.iss, s.right[i] - ours.iss);
            }
        }
    }

    /** RFC 7323, section 4.3, rule (2): "If: SEG.TSval >= TS.Recent and SEG.SEQ <= Last.ACK.sent then SEG.TSval is copied". */
    private void recent(long from) {
        if (s.timestamps && (!hasTsRecent || from <= lastAckSent && s.tsVal - tsRecent >= 0)) {
            tsRecent = s.tsVal;
            hasTsRecent = true;
        }
    }

    private boolean scaling() {
        return ours != null && peers != null && ours.scale >= 0 && peers.scale >= 0;
    }

    private void contents(boolean ours, long position) {
        if (contents == null) {
            if (ours) {
                rule(sentBytes.isSame(s, position), "other bytes than before at " + position);
            }
            return;
        }
        for (int i = 0; i < s.length; i++) {
            long at = position - 1 + i + (s.has(TcpHeader.SYN) ? 1 : 0);
            if (s.bytes.getByte(s.payload + i) != contents.at(ours, at)) {
                breaks("a wrong byte of " + (ours ? "ours" : "the peer's") + " at " + at);
                return;
            }
        }
    }

    // --- what the stack sends ---

    private void leaves() {
        segments++;
        rule(s.goodSums, "a wrong checksum");
        rule(s.badOptions == null, s.badOptions);
        if (s.has(TcpHeader.SYN)) {
            rule(ours == null || ours.iss == s.seq, "another initial sequence number");
            ours = syn(s);
            ourSyn = s.has(TcpHeader.ACK) ? ourSyn : s.flags;
            ourSynAck = s.has(TcpHeader.ACK) ? s.flags : ourSynAck;
        }
        if (ours == null || peers == null) {
            sentMax = Math.max(sentMax, s.sequenceLength());
            return;
        }
        long from = SegmentView.distance(ours.iss, s.seq);
        acknowledges();
        timestamps();
        sends(from, from + s.sequenceLength());
        marks(from);
    }

    private void rule(boolean kept, String what) {
        if (!kept) {
            breaks(what);
        }
    }

    private void acknowledges() {
        rule(s.has(TcpHeader.ACK), "no ACK flag");
        long ack = SegmentView.distance(peers.iss, s.ack);
        rule(ack >= lastAckSent, "an acknowledgment goes back from " + lastAckSent);
        // What came beyond the window may have been taken or not.
        long arrived = received.endOf(0);
        long least = mayRefuse.getAsBoolean() ? lastAckSent : sure.endOf(0);
        rule(ack <= arrived, "only what is before " + arrived + " has arrived");
        rule(ack >= least, "all to " + least + " has arrived");
        lastAckSent = Math.max(lastAckSent, ack);
        long scale = s.has(TcpHeader.SYN) || !scaling() ? 0 : ours.scale;
        long edge = ack + ((long) s.window << scale);
        // RFC 9293, SHLD-14: "A TCP receiver SHOULD NOT shrink the window". Rounding to the scale is no shrinking.
        rule(edge + (1L << scale) > rightEdge, "the window shrinks from " + rightEdge + " to " + edge);
        rightEdge = Math.max(rightEdge, edge);
        boolean sack = ours.sackPermitted && peers.sackPermitted;
        rule(sack || s.blocks == 0, "SACK blocks without agreement");
        if (sack && !s.has(TcpHeader.SYN)) {
            if (!mayRefuse.getAsBoolean()) {
                blockRules.check(s, peers.iss, ack);
            }
        }
    }

    private void timestamps() {
        boolean agreed = peers.timestamps && ours.timestamps;
        // RFC 7323, section 3.2: "Once TSopt has been successfully negotiated ... it MUST be sent in every non-<RST>".
        rule(agreed == s.timestamps || s.has(TcpHeader.SYN), agreed ? "no timestamps" : "timestamps without agreement");
        if (s.timestamps && agreed) {
            rule(!hasTsVal || s.tsVal - lastTsVal >= 0, "TSval goes back from " + lastTsVal + " to " + s.tsVal);
            lastTsVal = s.tsVal;
            hasTsVal = true;
            // TIME-WAIT takes the timestamp of the peer's FIN that comes again.
            // It need not take that of a segment without text. What was refused has not changed it either.
            boolean right = s.tsEcr == tsRecent || finished || mayRefuse.getAsBoolean();
            rule(right, "TSecr is " + s.tsEcr + ", TS.Recent " + tsRecent);
        }
    }

    private void sends(long from, long to) {
        contents(true, from);
        if (s.has(TcpHeader.FIN)) {
            rule(finPosition < 0 || finPosition == to - 1, "the FIN moves from " + finPosition);
            finPosition = to - 1;
        }
        rule(finPosition < 0 || to <= finPosition + 1, "data after the FIN");
        int peerMss = peers.mss < 0 ? 536 : peers.mss;
        rule(s.length <= peerMss, "a segment over the peer's MSS of " + peerMss);
        if (s.length > 0 && !s.has(TcpHeader.SYN)) {
            // A window probe is one byte (RFC 9293, section 3.8.6.1); a FIN may exceed the window by its one.
            rule(from + s.length <= peerRightEdge || s.length == 1, "data beyond the window's edge " + peerRightEdge);
        }
        flight(from, to, peerMss);
        if (s.length > 0 && from < sentMax) {
            // In loss recovery the window was reduced before, with a CWR of its own.
            resent = true;
            cwrDue = false;
            resentThoughSacked += peerSacked.contains(from, from + s.length) ? s.length : 0;
            boolean acked = from + s.length <= takenAck;
            resentThoughAcked += acked ? s.length : 0;
            // Against a real peer in real time an acknowledgment may arrive while a segment is on its way out.
            rule(!acked || contents != null, "sent again although all to " + takenAck + " is acknowledged");
        }
    }

    /**
     * However the window grows, slow start is the fastest: a byte for each that is acknowledged (RFC 5681, section 3.1), from
     * the initial window of RFC 6928 on; limited transmit (RFC 3042) may add two segments and a tail loss probe
     * (RFC 8985) one.
     */
    private void flight(long from, long to, int peerMss) {
        if (from < sentMax || s.length == 0) {
            return;
        }
        long mss = peerMss;
        long initial = Math.min(10 * mss, Math.max(2 * mss, 14_600));
        // Without SACK each duplicate acknowledgment stands for a segment.
        long delivered = Math.max(peerAck, peerSacked.end()) + duplicates * mss;
        long most = initial + delivered + 3 * mss;
        rule(to - peerAck <= most, (to - peerAck) + " in flight after " + delivered + " were delivered");
    }

    /** RFC 3168, section 6.1.1: an "ECN-setup SYN" that was answered by an "ECN-setup SYN-ACK". */
    private boolean ecnAgreed() {
        return isSetup(ourSyn, false) && isSetup(peerSynAck, true)
                || isSetup(peerSyn, false) && isSetup(ourSynAck, true);
    }

    private static boolean isSetup(int flags, boolean answer) {
        int echo = TcpHeader.ECE | TcpHeader.CWR;
        return (flags & echo) == (answer ? TcpHeader.ECE : echo);
    }

    /** RFC 3168, sections 6.1.3 to 6.1.5. */
    private void marks(long from) {
        if (!s.has(TcpHeader.SYN)) {
            // "the TCP receiver sends ECE ... in all subsequent ACKs until it receives CWR".
            // In TIME-WAIT nobody needs it.
            boolean echo = ecnAgreed() && marked;
            rule(finished || echo == s.has(TcpHeader.ECE), echo ? "no echo of a mark" : "an echo without a mark");
            if (cwrDue && s.length > 0 && from >= sentMax) {
                // "the TCP sender SHOULD ... set the CWR flag in the first new data packet sent after the reduction".
                cwrDue = false;
                rule(s.has(TcpHeader.CWR), "no CWR after the first echo");
            }
        }
        if ((s.tos & 3) != 0) {
            rule(ecnAgreed(), "ECN-capable without agreement");
            rule((s.tos & 3) == 2, "codepoint " + (s.tos & 3) + ", not ECT(0)");
            rule(s.length > 0, "an ECN-capable segment without data");
            rule(from >= sentInWindow, "an ECN-capable retransmission");
        }
        boolean isNew = from >= sentInWindow && s.length > 0;
        rule(!s.has(TcpHeader.CWR) || s.has(TcpHeader.SYN) || isNew, "CWR not with new data");
        sentMax = Math.max(sentMax, from + s.sequenceLength());
        if (s.has(TcpHeader.SYN) || from + s.length <= peerRightEdge) {
            sentInWindow = Math.max(sentInWindow, from + s.sequenceLength());
        }
    }
}
