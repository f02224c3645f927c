package dev.penstock.stack.tcp;

/**
 * When to acknowledge (RFC 9293, section 3.8.6.3; RFC 5681, section 4.2). Only decides; any segment that goes out
 * carries the acknowledgment and settles the debt.
 */
final class AckPolicy {
    /** No more pure duplicates than these in one flush, whatever arrived. */
    private static final int MAX_OWED = 64;

    private static final TcpHabits[] HABITS = TcpHabits.values();

    private final TcpConfig config;
    private final ReceiveState rcv;
    private final SackBlocks sacks;

    private TcpHabits habits;
    private int unacked;
    /** Arrivals in order that are not acknowledged. */
    private int segments;

    private int quickLeft;
    /** What is unacknowledged ends with a PSH: the peer has nothing more to send now, for all we know. */
    private boolean pushed;
    /** Data of ours has carried an acknowledgment: it may do so again, if it is given the time. */
    private boolean interactive;
    /** An acknowledgment is to go out at the next flush, by whatever segment. */
    private boolean ackOwed;
    /** Only because acknowledgments are quick. */
    private boolean quicklyOwed;
    /** Without SACK: duplicates to send at the next flush, each a segment of its own without data, or it would not count as one. */
    private int duplicatesOwed;

    private long lastOutOfWindowAckNs = Long.MIN_VALUE;
    private long lastDataNs = Long.MIN_VALUE;

    AckPolicy(TcpConfig config, ReceiveState rcv, SackBlocks sacks) {
        this.config = config;
        this.rcv = rcv;
        this.sacks = sacks;
    }

    /** A connection begins. */
    void begin() {
        quickLeft = config.quickAcks;
        habits = config.habits;
    }

    /**
     * Data arrived, in order or not. After an idle time the peer begins with a small window again (RFC 5681, section 4.1),
     * which grows the sooner the more acknowledgments it gets: as at the beginning of a connection. As Linux, whose
     * threshold is the RTO, too; and not where our own data carries the acknowledgments.
     */
    void onData(long rtoNs, long nowNs) {
        if (lastDataNs != Long.MIN_VALUE && nowNs - lastDataNs > rtoNs && !interactive) {
            renewQuickAcks();
        }
        lastDataNs = nowNs;
    }

    private void renewQuickAcks() {
        interactive &= habits != TcpHabits.LINUX;
        quickLeft = Math.max(quickLeft, config.quickAcks);
    }

    /**
     * Data arrived in order, and RCV.NXT has moved.
     *
     * @param push its segment had the PSH bit
     * @param read nothing waits for the application
     * @return true if the acknowledgment may wait for the timer
     */
    boolean onInOrder(int bytes, boolean delayAllowed, boolean filledGap, boolean push, boolean read) {
        unacked += bytes;
        pushed = push;
        if (bytes > 0) {
            // What was out of order is acknowledged with this; duplicates now would make the peer retransmit.
            duplicatesOwed = 0;
            sacks.onAdvance();
        }
        if (filledGap) {
            // The peer has had a loss: its window is small, and it wants to know soon what became of what it sent
            // again.
            renewQuickAcks();
        }
        segments++;
        boolean quickly = false;
        if (quickLeft > 0 && !(habits == TcpHabits.LINUX && interactive)) {
            quickLeft--;
            quickly = isDelayable(filledGap);
        } else if (delayAllowed && isDelayable(filledGap) && !(read && isPushDue())) {
            return true;
        }
        // "an ACK SHOULD be generated for at least every second full-sized segment"; "a TCP receiver SHOULD send an
        // immediate ACK when the incoming segment fills in all or part of a gap in the sequence space" (RFC 5681, 4.2).
        ackNow();
        quicklyOwed = quickly;
        return false;
    }

    /** But for being quick it could wait. */
    private boolean isDelayable(boolean filledGap) {
        return !filledGap && !isMuchUnacked() && !isWindowFilled();
    }

    /** "at least every second full-sized segment": stacks differ in what they count. */
    private boolean isMuchUnacked() {
        return switch (habits) {
            case LINUX -> unacked > rcv.peerSegment;
            case BSD -> segments > 1 || unacked > rcv.peerSegment;
            case PENSTOCK -> unacked >= 2 * rcv.peerSegment;
        };
    }

    /**
     * There is no room for another segment in the window that was offered: a peer that avoids silly windows sends nothing
     * until it hears from us, so that a delay would be all for nothing.
     */
    private boolean isWindowFilled() {
        return rcv.window() < rcv.peerSegment;
    }

    /**
     * The application has read all of what was pushed, and has never answered it with data: to wait for a second segment or
     * for a reply would only halt a peer whose send buffer is less than our window. Linux does so when it leaves the
     * "pingpong" mode.
     */
    boolean isPushDue() {
        return pushed && !interactive && unacked > 0 && habits != TcpHabits.BSD;
    }

    /**
     * The peer has ended its half. Linux takes it that our own data, or our FIN, will carry the acknowledgment, if there
     * has been data to delay acknowledgments of.
     */
    boolean mayDelayFin() {
        if (habits != TcpHabits.LINUX || lastDataNs == Long.MIN_VALUE || ackOwed && !quicklyOwed) {
            return false;
        }
        interactive = true;
        unacked++;
        boolean may = !isMuchUnacked();
        // What the data before it would have had at once can wait now.
        ackOwed &= !may;
        return may;
    }

    /**
     * What we send now answers what arrived last, or goes on with the conversation, as far as time tells: who asks again as soon as
     * there is an answer acknowledges that with the next question. Linux judges by the same time.
     */
    private boolean isAnswer(long nowNs) {
        return habits != TcpHabits.BSD && lastDataNs != Long.MIN_VALUE && nowNs - lastDataNs < config.delayedAckNs;
    }

    /** The timer has come before any data that could have carried the acknowledgment. */
    void onDelayExpired() {
        interactive = false;
        if (unacked > 0) {
            ackNow();
        }
    }

    /**
     * "A TCP receiver SHOULD send an immediate duplicate ACK when an out-of-order segment arrives", one for each.
     *
     * @param seq where the segment begins
     */
    void onOutOfOrder(int seq) {
        if (rcv.sack) {
            sacks.onOutOfOrder(seq);
        } else {
            duplicatesOwed = Math.min(MAX_OWED, duplicatesOwed + 1);
        }
    }

    /** {@code [start, end)} was received before: answered at once, with a D-SACK block if SACK was agreed. */
    void onDuplicate(int start, int end) {
        renewQuickAcks();
        if (rcv.sack && config.dsack) {
            sacks.onDuplicate(start, end);
        } else {
            ackNow();
        }
    }

    /** One acknowledgment is to be sent at the next flush. */
    void ackNow() {
        quicklyOwed = false;
        ackOwed = true;
    }

    /** May a segment outside the window, without data, be answered now? Two confused peers must not ACK for ever. */
    boolean outOfWindowAllowed(long nowNs) {
        if (lastOutOfWindowAckNs != Long.MIN_VALUE && nowNs - lastOutOfWindowAckNs < config.outOfWindowAckIntervalNs) {
            return false;
        }
        lastOutOfWindowAckNs = nowNs;
        return true;
    }

    /** How many acknowledgments without data are to be sent now. */
    int owed() {
        return Math.max(Math.max(duplicatesOwed, sacks.pending()), ackOwed ? 1 : 0);
    }

    /** A segment went out and carried the acknowledgment. */
    void onSent() {
        unacked = 0;
        segments = 0;
        ackOwed = false;
        duplicatesOwed = Math.max(0, duplicatesOwed - 1);
        sacks.onSent();
    }

    /** A segment with data went out: it acknowledges everything, but is no duplicate (RFC 5681, section 2). */
    void onDataSent(long nowNs) {
        interactive |= unacked > 0 || isAnswer(nowNs);
        unacked = 0;
        segments = 0;
        ackOwed = false;
    }

    /** Nobody is left to acknowledge to. */
    void clear() {
        ackOwed = false;
        duplicatesOwed = 0;
        unacked = 0;
        sacks.clear();
    }

    void carry(StateCarrier s) {
        quicklyOwed = s.flag(quicklyOwed);
        habits = s.one(habits, HABITS);
        unacked = s.number(unacked);
        segments = s.number(segments);
        quickLeft = s.number(quickLeft);
        pushed = s.flag(pushed);
        interactive = s.flag(interactive);
        ackOwed = s.flag(ackOwed);
        duplicatesOwed = s.number(duplicatesOwed);
        lastOutOfWindowAckNs = s.time(lastOutOfWindowAckNs);
        lastDataNs = s.time(lastDataNs);
    }
}
