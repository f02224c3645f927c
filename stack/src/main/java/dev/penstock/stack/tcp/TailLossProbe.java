package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.base.StackCounter;

/**
 * Tail loss probe (RFC 8985, section 7): when the last segments of a flight are lost nothing comes back that could tell, so
 * something is sent again, well before the RTO, and what comes back starts recovery by RACK.
 */
final class TailLossProbe {
    /** What a receiver may delay the ACK of a single segment by. */
    private static final long MAX_ACK_DELAY_NS = 200_000_000;
    /** Timers and delayed processing at the peer, for flights of more than one segment. */
    private static final long SLACK_NS = 2_000_000;

    private static final long WITHOUT_RTT_NS = 1_000_000_000;

    private final Connection c;
    private final SendState snd;
    private final Scoreboard board;

    private boolean outstanding;
    /** TLP.end_seq: SND.NXT after the probe. */
    private int end;
    /** TLP.is_retrans. */
    private boolean isCopy;

    private long probes;

    TailLossProbe(Connection c, Scoreboard board) {
        this.c = c;
        this.snd = c.tcb.snd;
        this.board = board;
    }

    /**
     * Section 7.2: "1. The connection supports SACK; 2. The connection has no SACKed sequences in the SACK scoreboard; 3. The
     * connection is not in loss recovery", and no probe is out.
     */
    boolean isPossible(boolean notInRecovery) {
        return notInRecovery
                && !outstanding
                && c.negotiation.sack()
                && snd.una != snd.nxt
                && board.sackedBytes() == 0
                && board.lost.isEmpty();
    }

    /** PTO: "2 * SRTT; if FlightSize is one segment, PTO += max_ack_delay", or a second while there is no SRTT. */
    long timeoutNs() {
        long srtt = c.rtt.srttNs();
        if (srtt < 0) {
            return WITHOUT_RTT_NS;
        }
        return 2 * srtt + (isOneSegment() ? MAX_ACK_DELAY_NS : SLACK_NS);
    }

    /** It may be larger than the MSS: see {@link MtuProbing}. */
    private boolean isOneSegment() {
        return SeqNum.distance(snd.una, snd.nxt) <= snd.mss
                || board.size() == 1 && board.get(0).length() <= board.get(0).unit;
    }

    boolean isOutstanding() {
        return outstanding;
    }

    /** A probe went out: new data, or the last segment once more. */
    void sent(boolean copy, long nowNs) {
        probes++;
        c.trace(TcpEvent.TAIL_LOSS_PROBE, nowNs);
        c.layer.counters.count(StackCounter.TCP_LOSS_PROBES);
        outstanding = true;
        isCopy = copy;
        end = snd.nxt;
    }

    /**
     * Section 7.4.
     *
     * @param dsack the ACK reports a duplicate
     * @param plainDuplicate it acknowledges nothing new, selectively or not
     * @return true if the probe has repaired a loss, to which congestion control must respond
     */
    boolean onAck(int ack, boolean dsack, boolean plainDuplicate) {
        if (!outstanding || SeqNum.lt(ack, end)) {
            return false;
        }
        if (!isCopy || dsack) {
            outstanding = false;
            return false;
        }
        if (SeqNum.gt(ack, end)) {
            // "The TLP retransmission ... repaired the single loss": a DSACK would have come first otherwise.
            outstanding = false;
            return true;
        }
        if (plainDuplicate) {
            outstanding = false;
        }
        return false;
    }

    /** How many there were. */
    long probes() {
        return probes;
    }

    /** A timeout, or recovery by other means. */
    void cancel() {
        outstanding = false;
    }

    void carry(StateCarrier s) {
        outstanding = s.flag(outstanding);
        end = s.sequence(end, snd.una);
        isCopy = s.flag(isCopy);
        probes = s.number(probes);
    }
}
