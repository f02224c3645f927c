package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.TcpHeader;

/**
 * Explicit congestion notification of one connection, both halves: RFC 3168, section 6.1.
 *
 * <p>A path may break it. If a SYN that asks for it is lost, the next one does not ask (section 6.1.1.1). If no segment
 * with an ECN-capable codepoint gets through, while copies without one do, or if everything that gets through is marked,
 * round after round, this end sends no such codepoint any more; each of the three is counted.
 */
final class Ecn {
    /** ECT(0), the codepoint that a sender uses unless it means something by ECT(1) (section 5). */
    private static final int ECT_0 = 2;
    /** Congestion experienced. */
    private static final int CE = 3;

    private static final int MASK = 3;
    private static final int SETUP = TcpHeader.ECE | TcpHeader.CWR;
    /** So many first segments with the codepoint that had to be sent again without, and none that had not. */
    private static final int MOST_LOST = 3;
    /** So many reductions in a row without one segment that was not marked: no queue is that long for that long. */
    private static final int MOST_MARKED_ROUNDS = 10;

    private static final TcpEcn[] MODES = TcpEcn.values();

    private final TcpConfig config;
    private final Counters counters;
    private TcpEcn mode;

    /** SYNs sent; SYN-ACKs, too. */
    private int synsSent;

    private boolean requested;
    private boolean agreed;
    /** Who asked, asked no longer in the next SYN. */
    private boolean withdrawn;
    /** The path breaks it: nothing is sent with an ECN-capable codepoint any more. */
    private boolean broken;

    /** Receiver: ECE goes out until CWR arrives. */
    private boolean echoing;
    /** Some segment came with an ECN-capable codepoint. */
    private boolean seen;

    /** Sender: the next new data carries CWR. */
    private boolean cwrDue;
    /** Echoes up to {@link #recover} belong to the last reduction. */
    private boolean reducing;

    private int recover;
    private int markedRounds;
    private long echoes;
    /** A segment with the codepoint was acknowledged that was sent once only. */
    private boolean proven;
    /** The segment at {@link #trialSeq} has the codepoint, and since then nothing was sent again. */
    private boolean trial;

    private int trialSeq;
    private int lostTrials;

    Ecn(TcpConfig config, Counters counters) {
        this.config = config;
        this.counters = counters;
    }

    /** A connection begins. */
    void begin() {
        mode = config.ecn;
    }

    /** Both ends said in their SYNs that they can do it. */
    boolean agreed() {
        return agreed && !withdrawn;
    }

    // --- the handshake ---

    /** ECE and CWR of our SYN, or of our SYN-ACK. */
    int synFlags(boolean synAck) {
        if (synAck) {
            // "An ECN-setup SYN-ACK packet has the ECE flag set and the CWR flag not set" (6.1.1).
            return agreed && !withdrawn ? TcpHeader.ECE : 0;
        }
        // "A host that receives no reply to an ECN-setup SYN within the normal SYN retransmission timeout interval MAY
        // resend the SYN and any subsequent SYN retransmissions with CWR and ECE cleared." (6.1.1.1)
        return mode == TcpEcn.ON && synsSent == 0 ? SETUP : 0;
    }

    /** A SYN, or a SYN-ACK, went out with these flags. */
    void synSent(int flags) {
        boolean synAck = (flags & TcpHeader.ACK) != 0;
        if (!synAck && synsSent > 0 && requested && !withdrawn) {
            // 6.1.1: who ever sent a SYN that does not ask "MUST NOT set ECT on data packets". The first one may be
            // answered nevertheless; then the peer's data is capable, and its marks are echoed.
            withdrawn = true;
            broken = true;
            counters.count(StackCounter.TCP_ECN_FALLBACKS);
        } else if (!synAck && synsSent == 0) {
            requested = (flags & SETUP) == SETUP;
        }
        synsSent++;
    }

    /** The peer's SYN, or its SYN-ACK. */
    void takeSyn(Segment s) {
        int setup = s.flags & SETUP;
        if (s.has(TcpHeader.ACK)) {
            // Both flags set is our SYN's reflection by a host that knows nothing of ECN: no agreement.
            agreed = requested && setup == TcpHeader.ECE;
        } else {
            // "TCP implementations SHOULD NOT set ECT on SYN": then the path has written there, and cannot be trusted.
            boolean mayAgree = mode != TcpEcn.OFF && (synsSent == 0 || requested);
            agreed = mayAgree && isRequest(s);
        }
    }

    /** An ECN-setup SYN. */
    static boolean isRequest(Segment syn) {
        return (syn.flags & SETUP) == SETUP && (syn.tos & MASK) == 0;
    }

    /**
     * The peer's SYN once more: it asks no longer if it takes the path for broken. Then nothing is sent with the codepoint
     * (6.1.1), but marks are echoed still: the answer to the first SYN may be the one that the peer gets.
     */
    void onRepeatedSyn(Segment s) {
        if (agreed && !s.has(TcpHeader.ACK) && (s.flags & SETUP) != SETUP) {
            withdrawn = true;
            broken = true;
        }
    }

    // --- the receiver ---

    /**
     * Data inside the window has arrived; what is outside is ignored, for anybody may have sent it (6.1.5).
     *
     * @return true if congestion begins to be echoed, which is not to be delayed: a small window waits for it
     */
    boolean onSegment(Segment s) {
        int codepoint = s.tos & MASK;
        seen |= codepoint != 0;
        if (!agreed) {
            return false;
        }
        if (s.has(TcpHeader.CWR)) {
            // "after it receives a TCP segment with the CWR flag set, acknowledgments for subsequent non-CE data
            // packets will not have the ECN-Echo flag set" (6.1.3).
            echoing = false;
        }
        if (codepoint != CE) {
            return false;
        }
        counters.count(StackCounter.TCP_CE_RECEIVED);
        boolean begins = !echoing;
        echoing = true;
        return begins;
    }

    // --- the sender ---

    /**
     * To be asked for each acceptable acknowledgment, once.
     *
     * @return true if it is to reduce the window: it carries ECE, and acknowledges something sent after the last
     *     reduction; "TCP should not react to congestion indications more than once every window of data" (6.1.2)
     */
    boolean takeEcho(Segment s) {
        if (!agreed || s.has(TcpHeader.SYN)) {
            return false;
        }
        if (trial && SeqNum.gt(s.ack, trialSeq)) {
            trial = false;
            proven = true;
        }
        if (reducing && SeqNum.gt(s.ack, recover)) {
            reducing = false;
        }
        if (!s.has(TcpHeader.ECE)) {
            markedRounds = reducing ? markedRounds : 0;
            return false;
        }
        echoes++;
        if (reducing || broken) {
            return false;
        }
        markedRounds++;
        if (markedRounds > MOST_MARKED_ROUNDS) {
            giveUp();
            return false;
        }
        return true;
    }

    /**
     * The congestion window was reduced, for an echo or for another reason: "the TCP sender sets the CWR flag in the TCP
     * header of the first new data packet sent after the window reduction" (6.1.2).
     */
    void reduced(int sndNxt) {
        if (agreed) {
            reducing = true;
            recover = sndNxt;
            cwrDue = true;
        }
    }

    /** The next new data is to go in a segment of its own, for CWR is on a single one. */
    boolean cwrDue() {
        return cwrDue;
    }

    /** ECE and CWR of a segment that is no SYN. */
    int flags(boolean newData) {
        return (echoing ? TcpHeader.ECE : 0) | (newData && cwrDue ? TcpHeader.CWR : 0);
    }

    /**
     * The ECN field of the IP header. Not on retransmissions (6.1.5), pure acknowledgments (6.1.4), window probes (6.1.6)
     * and SYNs (6.1.1).
     */
    int ectBits(boolean newData) {
        return newData && agreed && !broken ? ECT_0 : 0;
    }

    /** Data went out that begins at {@code seq}, with what {@link #flags} and {@link #ectBits} said. */
    void dataSent(boolean newData, int seq) {
        if (!agreed) {
            return;
        }
        if (newData) {
            cwrDue = false;
            if (!proven && !trial && !broken) {
                trial = true;
                trialSeq = seq;
            }
        } else if (trial && SeqNum.leq(seq, trialSeq)) {
            // Lost, or so it seems; the copy has no codepoint, so what acknowledges it proves nothing.
            trial = false;
            lostTrials++;
            if (lostTrials == MOST_LOST) {
                giveUp();
            }
        }
    }

    private void giveUp() {
        broken = true;
        counters.count(StackCounter.TCP_ECN_FALLBACKS);
    }

    void info(TcpInfo into) {
        // A peer that sends the codepoint has seen that we agreed.
        into.ecn = agreed && (!withdrawn || seen);
        into.ecnSeen = seen;
        into.congestionEchoes = echoes;
    }

    void carry(StateCarrier s) {
        mode = s.one(mode, MODES);
        synsSent = s.number(synsSent);
        requested = s.flag(requested);
        agreed = s.flag(agreed);
        withdrawn = s.flag(withdrawn);
        broken = s.flag(broken);
        echoing = s.flag(echoing);
        seen = s.flag(seen);
        cwrDue = s.flag(cwrDue);
        reducing = s.flag(reducing);
        recover = s.number(recover);
        markedRounds = s.number(markedRounds);
        echoes = s.number(echoes);
        proven = s.flag(proven);
        trial = s.flag(trial);
        trialSeq = s.number(trialSeq);
        lostTrials = s.number(lostTrials);
    }
}
