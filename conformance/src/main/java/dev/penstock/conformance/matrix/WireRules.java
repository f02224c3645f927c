package dev.penstock.conformance.matrix;

import dev.penstock.conformance.kernel.KernelLink;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.TcpHeader;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Watches every segment of one connection where the stack stands, knows what has arrived there, and holds each segment
 * that the stack sends to the rules of the RFCs: acknowledgments, SACK and DSACK blocks, timestamps, windows, contents,
 * ECN. Shares no code with the stack. The stack's thread; results from any thread once the stack has ended.
 *
 * <p>Positions count from each side's SYN, which has position 0; data begins at 1.
 */
final class WireRules {
    private static final int MOST = 8;
    private static final int STACK_ADDRESS =
            (int) IpAddress.parse(KernelLink.STACK).lo();

    private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[Frame.HEADROOM + Frame.MAX_LENGTH]);
    private final SegmentView s = new SegmentView();
    private final List<String> broken = new ArrayList<>();
    private int brokenRules;
    private long segments;

    // What both sides said in their SYNs.
    private SynView ours;
    private SynView kernels;

    // What has arrived.
    private final Ranges received = new Ranges();
    private final Ranges twice = new Ranges();
    private final BlockRules blockRules = new BlockRules(received, twice, this::breaks);
    private int tsRecent;
    private boolean hasTsRecent;
    private long lastAckSent;
    private long kernelAck;
    private long kernelRightEdge;
    private final Ranges kernelSacked = new Ranges();

    // What the stack sent.
    private long sentMax;
    private long rightEdge;
    private int lastTsVal;
    private boolean hasTsVal;
    private long finPosition = -1;
    private boolean marked;
    private boolean finished;
    private boolean echoed;
    private boolean cwrDue;
    private boolean resent;
    private long resentThoughSacked;
    private long resentThoughAcked;

    private record SynView(int iss, int mss, int scale, boolean sackPermitted, boolean timestamps, int flags) {}

    /** A frame that the stack is handed. */
    void arrives(Frame frame) {
        if (view(frame) && s.source != STACK_ADDRESS && s.goodSums) {
            arrives();
        }
    }

    /** A frame that the stack sends. */
    void leaves(Frame frame) {
        if (view(frame) && s.source == STACK_ADDRESS && !s.has(TcpHeader.RST)) {
            leaves();
        }
    }

    private boolean view(Frame frame) {
        frame.copyTo(bytes, 0);
        return s.read(bytes, frame.length());
    }

    /** The rules that were broken, the first of them, with the moment. */
    List<String> broken() {
        List<String> list = new ArrayList<>(broken);
        if (brokenRules > broken.size()) {
            list.add("and so on, " + brokenRules + " in all");
        }
        return list;
    }

    /** Bytes sent again although the kernel's SACK, or its acknowledgment, had arrived. */
    String waste() {
        return "resent though sacked " + resentThoughSacked + ", though acknowledged " + resentThoughAcked;
    }

    private void breaks(String rule) {
        brokenRules++;
        if (broken.size() < MOST) {
            broken.add("wire: " + rule + ", in segment " + segments + " of ours, seq "
                    + (ours == null ? 0 : s.seq - ours.iss) + " ack " + (kernels == null ? 0 : s.ack - kernels.iss)
                    + " length " + s.length);
        }
    }

    private static SynView syn(SegmentView s) {
        return new SynView(s.seq, s.mss, s.scale, s.sackPermitted, s.timestamps, s.flags);
    }

    // --- what arrives ---

    private void arrives() {
        if (s.badOptions != null) {
            breaks("the kernel's options: " + s.badOptions);
        }
        if (s.has(TcpHeader.RST)) {
            return;
        }
        if (s.has(TcpHeader.SYN)) {
            kernels = syn(s);
        }
        if (kernels == null) {
            return;
        }
        long from = SegmentView.distance(kernels.iss, s.seq);
        long to = from + s.sequenceLength();
        contents(Side.KERNEL, from);
        received.intersect(from, to, twice);
        // RFC 7323, section 5.3, rule R1: "If there is a Timestamps option in the arriving segment, SEG.TSval <
        // TS.Recent ... then treat the arriving segment as not acceptable". Overtaken by a retransmission it happens.
        if (s.timestamps && hasTsRecent && s.tsVal - tsRecent < 0) {
            return;
        }
        // "if SEG.SEQ is outside the window, reject": what is old altogether changes nothing (rule R2).
        long nxt = received.endOf(0);
        if (to > nxt || from == nxt) {
            recent(from);
        }
        if (to > nxt) {
            marked = (s.tos & 3) == 3 || marked && !s.has(TcpHeader.CWR);
            finished |= s.has(TcpHeader.FIN);
        }
        received.add(from, to);
        blockRules.onArrival(from, to);
        if (s.has(TcpHeader.ACK) && ours != null) {
            long ack = SegmentView.distance(ours.iss, s.ack);
            if (ack > sentMax) {
                breaks("the kernel acknowledges " + ack + ", " + sentMax + " was sent");
            }
            if (s.has(TcpHeader.ECE) && !s.has(TcpHeader.SYN) && !echoed && !resent && ack >= kernelAck) {
                echoed = true;
                cwrDue = ack < sentMax;
            }
            kernelAck = Math.max(kernelAck, ack);
            long scale = s.has(TcpHeader.SYN) || !scaling() ? 0 : kernels.scale;
            kernelRightEdge = Math.max(kernelRightEdge, ack + ((long) s.window << scale));
            for (int i = 0; i < s.blocks; i++) {
                kernelSacked.add(s.left[i] - ours.iss, s.right[i] - ours.iss);
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
        return ours != null && kernels != null && ours.scale >= 0 && kernels.scale >= 0;
    }

    private void contents(Side from, long position) {
        for (int i = 0; i < s.length; i++) {
            if (bytes.getByte(s.payload + i)
                    != Exchange.byteAt(from, position - 1 + i + (s.has(TcpHeader.SYN) ? 1 : 0))) {
                breaks("a wrong byte from " + from + " at " + (position - 1 + i));
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
        }
        if (ours == null || kernels == null) {
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
        long ack = SegmentView.distance(kernels.iss, s.ack);
        rule(ack >= lastAckSent, "an acknowledgment goes back from " + lastAckSent);
        long contiguous = received.endOf(0);
        rule(ack == contiguous, "all to " + contiguous + " has arrived");
        lastAckSent = Math.max(lastAckSent, ack);
        long scale = s.has(TcpHeader.SYN) || !scaling() ? 0 : ours.scale;
        long edge = ack + ((long) s.window << scale);
        // RFC 9293, SHLD-14: "A TCP receiver SHOULD NOT shrink the window". Rounding to the scale is no shrinking.
        rule(edge + (1L << scale) > rightEdge, "the window shrinks from " + rightEdge + " to " + edge);
        rightEdge = Math.max(rightEdge, edge);
        boolean sack = ours.sackPermitted && kernels.sackPermitted;
        rule(sack || s.blocks == 0, "SACK blocks without agreement");
        if (sack && !s.has(TcpHeader.SYN)) {
            blockRules.check(s, kernels.iss, ack);
        }
    }

    private void timestamps() {
        boolean agreed = kernels.timestamps && ours.timestamps;
        // RFC 7323, section 3.2: "Once TSopt has been successfully negotiated ... it MUST be sent in every non-<RST>".
        rule(agreed == s.timestamps || s.has(TcpHeader.SYN), agreed ? "no timestamps" : "timestamps without agreement");
        if (s.timestamps && agreed) {
            rule(!hasTsVal || s.tsVal - lastTsVal >= 0, "TSval goes back from " + lastTsVal + " to " + s.tsVal);
            lastTsVal = s.tsVal;
            hasTsVal = true;
            // TIME-WAIT takes the timestamp of the peer's FIN that comes again.
            boolean right = s.tsEcr == tsRecent || finished && s.tsEcr - tsRecent > 0;
            rule(right, "TSecr is " + s.tsEcr + ", TS.Recent " + tsRecent);
        }
    }

    private void sends(long from, long to) {
        contents(Side.STACK, from);
        if (s.has(TcpHeader.FIN)) {
            rule(finPosition < 0 || finPosition == to - 1, "the FIN moves from " + finPosition);
            finPosition = to - 1;
        }
        rule(finPosition < 0 || to <= finPosition + 1, "data after the FIN");
        int peerMss = kernels.mss < 0 ? 536 : kernels.mss;
        rule(s.length <= peerMss, "a segment over the peer's MSS of " + peerMss);
        if (s.length > 0 && !s.has(TcpHeader.SYN)) {
            // A window probe is one byte (RFC 9293, section 3.8.6.1); a FIN may exceed the window by its one.
            rule(
                    from + s.length <= kernelRightEdge || s.length == 1,
                    "data beyond the window's edge " + kernelRightEdge);
        }
        if (s.length > 0 && from < sentMax) {
            // In loss recovery the window was reduced before, with a CWR of its own.
            resent = true;
            cwrDue = false;
            resentThoughSacked += kernelSacked.contains(from, from + s.length) ? s.length : 0;
            resentThoughAcked += from + s.length <= kernelAck ? s.length : 0;
        }
    }

    private boolean ecnAgreed() {
        int echo = TcpHeader.ECE | TcpHeader.CWR;
        boolean oursFirst = (ours.flags & TcpHeader.ACK) == 0;
        SynView first = oursFirst ? ours : kernels;
        SynView second = oursFirst ? kernels : ours;
        return (first.flags & echo) == echo && (second.flags & echo) == TcpHeader.ECE;
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
            rule(from >= sentMax, "an ECN-capable retransmission");
        }
        rule(!s.has(TcpHeader.CWR) || s.has(TcpHeader.SYN) || from >= sentMax && s.length > 0, "CWR not with new data");
        sentMax = Math.max(sentMax, from + s.sequenceLength());
    }
}
