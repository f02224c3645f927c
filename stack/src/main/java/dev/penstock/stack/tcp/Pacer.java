package dev.penstock.stack.tcp;

/**
 * Spreads what the window allows over the round trip, as the fq queueing discipline does: after a piece of at most
 * {@link #quantum} bytes, the next may go when its time at the rate is over. Sends nothing and sets no timer; the sender
 * asks:
 *
 * <pre>
 * pacer.setRate(cc.pacingRate(srtt), options.maxPacingRate, mss);   // after each acknowledgment, or before sending
 * while (there is something to send) {
 *     if (!pacer.maySend(nowNs)) { set a timer for pacer.earliestNs(); break; }
 *     pacer.onSent(send(at most pacer.quantum() bytes), nowNs);
 * }
 * </pre>
 *
 * <p>A sender that was made to wait and was woken late may catch up, for timers are coarse; one that had nothing to send
 * may not, or each pause would end in a burst (RFC 7661, section 4.4.2). Bytes, bytes a second, nanoseconds; shard thread.
 */
final class Pacer {
    /** As fast as it can. */
    static final long UNLIMITED = Long.MAX_VALUE;
    /** One super-segment. */
    static final int MAX_QUANTUM = 65_536;
    /**
     * Below this round-trip time nothing is paced. A queue that fills and drains within a millisecond harms nobody, and the
     * timers (a poll timeout over TAP is good to some 0.1 ms) would cost more throughput than the spreading saves.
     */
    static final long MIN_RTT_NS = 1_000_000;
    /** Nor is a rate paced at which a whole {@link #MAX_QUANTUM} takes less than this: no timer is that good. */
    static final long MIN_INTERVAL_NS = 100_000;
    /** How long a piece is, in time. */
    private static final long QUANTUM_NS = 1_000_000;
    /** How late the sender may have been woken and still make up for it. */
    private static final long MAX_LATE_NS = 4_000_000;

    private static final long SECOND_NS = 1_000_000_000;

    private long rate = UNLIMITED;
    private int quantum = Integer.MAX_VALUE;
    private long nextNs = Long.MIN_VALUE;
    /** It was refused, and has not been late-compensated yet. */
    private boolean waiting;
    /** The moment of the wake-up in which it is catching up. */
    private long catchUpNs = Long.MIN_VALUE;

    /** Is a connection with this round-trip time paced at all? No, while none was measured: the initial window goes at once. */
    static boolean paces(long srttNs) {
        return srttNs >= MIN_RTT_NS;
    }

    /**
     * Sets the rate of what is sent from now on.
     *
     * @param byCongestionControl {@link CongestionControl#pacingRate}
     * @param byOption the user's limit; 0 or less for none
     */
    void setRate(long byCongestionControl, long byOption, int mss) {
        long wanted = byCongestionControl;
        if (wanted < UNLIMITED && wanted >= MAX_QUANTUM * (SECOND_NS / MIN_INTERVAL_NS)) {
            wanted = UNLIMITED;
        }
        rate = Math.max(1, byOption > 0 ? Math.min(wanted, byOption) : wanted);
        if (rate == UNLIMITED) {
            quantum = Integer.MAX_VALUE;
            return;
        }
        long bytes = rate >= MAX_QUANTUM * (SECOND_NS / QUANTUM_NS) ? MAX_QUANTUM : rate / (SECOND_NS / QUANTUM_NS);
        quantum = (int) Math.min(MAX_QUANTUM, Math.max(2L * mss, bytes - bytes % mss));
    }

    /** The rate in force; {@link #UNLIMITED} when nothing is paced. */
    long rate() {
        return rate;
    }

    /** The most bytes to send in one piece: about a millisecond's worth, two segments at least, 64 KiB at most. */
    int quantum() {
        return quantum;
    }

    /** May a piece go now? If not, it may at {@link #earliestNs}. */
    boolean maySend(long nowNs) {
        if (rate == UNLIMITED || nowNs >= nextNs) {
            return true;
        }
        waiting = true;
        return false;
    }

    /** When the next piece may go. */
    long earliestNs() {
        return rate == UNLIMITED ? Long.MIN_VALUE : nextNs;
    }

    /** So many bytes of payload were sent. */
    void onSent(long bytes, long nowNs) {
        if (rate == UNLIMITED) {
            nextNs = nowNs;
            waiting = false;
            return;
        }
        if (waiting) {
            waiting = false;
            catchUpNs = nowNs;
        }
        long from = catchUpNs == nowNs ? Math.max(nextNs, nowNs - MAX_LATE_NS) : Math.max(nextNs, nowNs);
        nextNs = from + (long) (bytes * (double) SECOND_NS / rate);
    }

    void carry(StateCarrier s) {
        rate = s.number(rate);
        quantum = s.number(quantum);
        nextNs = s.time(nextNs);
        waiting = s.flag(waiting);
        catchUpNs = s.time(catchUpNs);
    }
}
