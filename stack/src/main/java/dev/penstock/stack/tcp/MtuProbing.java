package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.base.StackCounter;

/**
 * Packetization layer path MTU discovery (RFC 4821), with the states of RFC 8899, section 5.2: BASE and SEARCHING while
 * {@link #searching}, SEARCH_COMPLETE otherwise, and ERROR when even the base size is too large. A probe is one larger
 * segment of the stream; its loss, if nothing else is lost, is no sign of congestion. Sizes are those of IP packets,
 * bytes, unless they are called payload.
 */
final class MtuProbing {
    /** RFC 4821, section 7.2: "a value of 1024 bytes is probably safe enough"; here it is the payload. */
    private static final int BASE_V4 = 1_064;
    /** Every IPv6 link takes this (RFC 8200, section 5). */
    private static final int BASE_V6 = 1_280;
    /** Where halving ends for IPv4: what an ICMP message is believed at least, too. */
    private static final int LEAST_V4 = 552;
    /** Sizes that are tried first: many tunnels, Ethernet, and its jumbo frames. */
    private static final int[] COMMON = {1_280, 1_500, 9_000};
    /** Timeouts in a row, of full-sized segments, that make a black hole. */
    private static final int BLACK_HOLE_TIMEOUTS = 2;
    /** RFC 8899, section 5.1.2: MAX_PROBES. */
    private static final int MAX_PROBES = 3;
    /** RFC 8899, section 5.1.1: PMTU_RAISE_TIMER; RFC 4821, section 7.7 has "10 minutes", as RFC 1191. */
    private static final long RAISE_NS = 600_000_000_000L;

    private static final TcpMtuProbing[] MODES = TcpMtuProbing.values();

    private final Connection c;
    private final SendState snd;
    private final Negotiation negotiation;
    private final Scoreboard board;
    private final Counters counters;
    private TcpMtuProbing mode;
    private int base;
    private int least;

    private boolean searching;
    /** search_low: the largest size that is held to get through. */
    private int low;
    /** The least size that did not get through; search_high and one. */
    private int high;
    /** The size that was in use, and worked, before it timed out; 0 for none. */
    private int before;
    /** Probes of this size that were lost. */
    private int failures;
    /** No probe before this is acknowledged: at most one probe is lost in a round trip. */
    private int notBefore;

    private boolean waiting;
    private long raiseAtNs = Long.MAX_VALUE;

    /** A probe is in flight: its size, and where it is in sequence space. */
    private int probeSize;

    private int probeStart;
    private int probeEnd;
    /** A part of it was sent again, so that its acknowledgment says nothing. */
    private boolean copied;
    /** Payload of the segment that goes out as one, although larger than the MSS; 0 otherwise. */
    private int sending;
    /** maxsizeacked (RFC 5927, section 7.2): the largest payload of a segment that the peer has got. */
    private int largestAcked;

    MtuProbing(Connection c) {
        this.c = c;
        this.snd = c.tcb.snd;
        this.negotiation = c.negotiation;
        this.board = c.board;
        this.counters = c.layer.counters;
    }

    /** A connection begins. */
    void begin() {
        this.mode = c.config.mtuProbing;
        boolean v4 = c.path.headerLength() == 20;
        this.base = v4 ? BASE_V4 : BASE_V6;
        this.least = v4 ? LEAST_V4 : BASE_V6;
    }

    /** The handshake is complete. */
    void onEstablished() {
        if (mode == TcpMtuProbing.ALWAYS && negotiation.mtu() > base && !c.path.isLoopback()) {
            search(base, negotiation.mtuCeiling() + 1);
        }
    }

    // --- black holes ---

    /**
     * The retransmission timer expired. RFC 4821, section 7.7: "Under all conditions, a full-stop timeout ... SHOULD be taken
     * as an indication of some significantly disruptive event in the network, such as a router failure or a routing change
     * to a path with a smaller MTU."
     *
     * @param inRow timeouts without progress
     */
    void onTimeout(int inRow) {
        if (mode == TcpMtuProbing.OFF || inRow < BLACK_HOLE_TIMEOUTS || inRow % BLACK_HOLE_TIMEOUTS != 0) {
            return;
        }
        // "Upon additional successive timeouts, search_low and eff_pmtu SHOULD be halved".
        int size = negotiation.mtu();
        int smaller = size > base ? base : Math.max(least, size / 2);
        if (smaller >= size || largestInFlight() <= smaller - negotiation.overhead()) {
            return;
        }
        counters.count(StackCounter.TCP_MTU_BLACK_HOLES);
        boolean worked = largestAcked + negotiation.overhead() > smaller;
        before = Math.max(before, largestAcked + negotiation.overhead() >= size ? size : 0);
        if (!worked) {
            // What is lost because it is too large says nothing of congestion (RFC 4821, section 7.6.2, on probes).
            // Where such a size has worked before, the silence may be an outage, or congestion.
            c.cc.onBlackHole();
        }
        search(smaller, negotiation.mtuCeiling() + 1);
    }

    /** The largest payload among the oldest segments: those that the timer was for. */
    private int largestInFlight() {
        SentSegment e = board.size() > 0 ? board.get(0) : null;
        return e == null ? 0 : Math.min(e.unit, e.length());
    }

    private void search(int from, int above) {
        searching = true;
        waiting = false;
        probeSize = 0;
        failures = 0;
        low = from;
        high = above;
        raiseAtNs = Long.MAX_VALUE;
        negotiation.limitMtu(low);
        c.pathBecameSmaller();
    }

    // --- probing ---

    /**
     * The payload of the probe that is to go out next, 0 for none: {@link SendSide} sees to the windows.
     *
     * @param available bytes queued from SND.NXT on
     */
    int due(long available, boolean open, long nowNs) {
        if (!searching && nowNs >= raiseAtNs && negotiation.mtuCeiling() > low) {
            searching = true;
            high = Integer.MAX_VALUE;
            raiseAtNs = Long.MAX_VALUE;
        }
        if (!searching || probeSize != 0 || !open || waiting && SeqNum.lt(snd.una, notBefore)) {
            return 0;
        }
        waiting = false;
        high = Math.min(high, negotiation.mtuCeiling() + 1);
        if (isDone()) {
            finish(nowNs);
            return 0;
        }
        int payload = next() - negotiation.overhead();
        // A segment must follow, whose arrival tells that the probe was lost.
        return payload > snd.mss && available >= payload + snd.mss ? payload : 0;
    }

    /** RFC 4821, section 7.3: the range need not be searched to the last byte. */
    private static int tolerance(int size) {
        return Math.max(8, size / 32);
    }

    private boolean isDone() {
        return high - low <= tolerance(low) && !(before > low && before < high);
    }

    private int next() {
        if (before > low && before < high) {
            return before;
        }
        boolean common = false;
        for (int size : COMMON) {
            if (size > low && size < high) {
                return size;
            }
            common |= size == low;
        }
        int ceiling = negotiation.mtuCeiling();
        if (ceiling < high) {
            return ceiling;
        }
        // A path that takes a common size will hardly take a little more.
        return common ? Math.min(low + tolerance(low), high - 1) : (low + high) >>> 1;
    }

    /** A segment of so much payload goes out next, as one. */
    void beginSending(int payload) {
        sending = payload;
    }

    /** How much payload one segment carries of what goes out now. */
    int unit() {
        return sending != 0 ? sending : snd.mss;
    }

    /** The device took the probe, or it did not. */
    void endSending(boolean sent) {
        if (sent) {
            counters.count(StackCounter.TCP_MTU_PROBES);
            probeSize = sending + negotiation.overhead();
            probeStart = snd.nxt;
            probeEnd = snd.nxt + sending;
            copied = false;
        }
        sending = 0;
    }

    /** What begins at {@code start} was sent again. */
    void onSentAgain(int start) {
        copied |= probeSize != 0 && SeqNum.leq(probeStart, start) && SeqNum.lt(start, probeEnd);
    }

    // --- results ---

    /** A segment with so much payload has arrived. */
    void onDelivered(int payload) {
        largestAcked = Math.max(largestAcked, payload);
    }

    /** SND.UNA has moved. */
    void onProgress(long nowNs) {
        if (probeSize == 0 || SeqNum.lt(snd.una, probeEnd)) {
            return;
        }
        int size = probeSize;
        probeSize = 0;
        if (copied || !searching) {
            return;
        }
        // RFC 4821, section 7.6.1: the probe was delivered, so search_low and eff_pmtu are its size now.
        counters.count(StackCounter.TCP_MTU_PROBES_ARRIVED);
        low = size;
        failures = 0;
        negotiation.limitMtu(low);
        c.updateMss();
        if (isDone()) {
            finish(nowNs);
        }
    }

    /**
     * Something is lost, and nothing was before. Is it the probe alone? RFC 4821, section 7.6.2: then it was too large, in all
     * likelihood, and this is no sign of congestion.
     */
    boolean takeLoneLoss() {
        if (probeSize == 0 || board.lost.isEmpty()) {
            return false;
        }
        boolean lone = SeqNum.geq(board.lost.first().start, probeStart) && SeqNum.leq(board.lost.last().end, probeEnd);
        if (!lone) {
            // Section 7.6.3: with other losses beside it, its own proves nothing.
            copied = true;
            return false;
        }
        counters.count(StackCounter.TCP_MTU_PROBES_LOST);
        for (int i = board.indexOf(probeStart); i < board.size(); i++) {
            SentSegment e = board.get(i);
            if (SeqNum.geq(e.start, probeEnd)) {
                break;
            }
            if (e.list == board.network && !e.retransmitted) {
                board.markLost(e);
            }
        }
        if (++failures == MAX_PROBES) {
            high = Math.min(high, probeSize);
            failures = 0;
        }
        probeSize = 0;
        waiting = true;
        notBefore = snd.nxt;
        return true;
    }

    private void finish(long nowNs) {
        searching = false;
        before = 0;
        failures = 0;
        if (low >= negotiation.mtuCeiling()) {
            // As large as ever: what timed out was no black hole.
            negotiation.limitMtu(Integer.MAX_VALUE);
            c.updateMss();
            return;
        }
        // Section 5.2: the cache of the IP layer holds it, for others on the same path.
        c.path.reduceMtu(low, nowNs);
        raiseAtNs = nowNs + RAISE_NS;
    }

    // --- ICMP ---

    /**
     * What an ICMP message claims is contradicted by what the peer got: maxsizeacked is larger (RFC 5927, section 7.2).
     *
     * @param mtu claimed
     */
    boolean isContradicted(int mtu) {
        return mtu - negotiation.overhead() < largestAcked;
    }

    /** The path is believed to have become smaller. */
    void onReduced(int mtu) {
        largestAcked = Math.min(largestAcked, Math.max(0, mtu - negotiation.overhead()));
    }

    void carry(StateCarrier s) {
        mode = s.one(mode, MODES);
        base = s.number(base);
        least = s.number(least);
        searching = s.flag(searching);
        low = s.number(low);
        high = s.number(high);
        before = s.number(before);
        failures = s.number(failures);
        notBefore = s.number(notBefore);
        waiting = s.flag(waiting);
        raiseAtNs = s.time(raiseAtNs);
        probeSize = s.number(probeSize);
        probeStart = s.number(probeStart);
        probeEnd = s.number(probeEnd);
        copied = s.flag(copied);
        largestAcked = s.number(largestAcked);
    }
}
