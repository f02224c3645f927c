package dev.penstock.stack.tcp;

/**
 * When to acknowledge (RFC 9293, section 3.8.6.3; RFC 5681, section 4.2). Only decides; any segment that goes out
 * carries the acknowledgment and settles the debt.
 */
final class AckPolicy {
    /** No more pure duplicates than these in one flush, whatever arrived. */
    private static final int MAX_OWED = 64;

    private final TcpConfig config;
    private final ReceiveState rcv;

    private int unacked;
    private int quickLeft;
    /** Acknowledgments to send at the next flush, each a segment of its own; 0 for none. */
    private int owed;

    private long lastOutOfWindowAckNs = Long.MIN_VALUE;

    AckPolicy(TcpConfig config, ReceiveState rcv) {
        this.config = config;
        this.rcv = rcv;
        this.quickLeft = config.quickAcks;
    }

    /**
     * Data arrived in order.
     *
     * @return true if the acknowledgment may wait for the timer
     */
    boolean onInOrder(int bytes, boolean delayAllowed, boolean filledGap) {
        unacked += bytes;
        if (quickLeft > 0) {
            quickLeft--;
        } else if (delayAllowed && !filledGap && unacked < 2 * rcv.peerSegment) {
            return true;
        }
        // "an ACK SHOULD be generated for at least every second full-sized segment"; "a TCP receiver SHOULD send an
        // immediate ACK when the incoming segment fills in all or part of a gap in the sequence space" (RFC 5681, 4.2).
        ackNow();
        return false;
    }

    /** "A TCP receiver SHOULD send an immediate duplicate ACK when an out-of-order segment arrives", one for each. */
    void onOutOfOrder() {
        owed = Math.min(MAX_OWED, owed + 1);
    }

    /** One acknowledgment is to be sent at the next flush. */
    void ackNow() {
        owed = Math.max(owed, 1);
    }

    /** May a segment outside the window, without data, be answered now? Two confused peers must not ACK for ever. */
    boolean outOfWindowAllowed(long nowNs) {
        if (lastOutOfWindowAckNs != Long.MIN_VALUE && nowNs - lastOutOfWindowAckNs < config.outOfWindowAckIntervalNs) {
            return false;
        }
        lastOutOfWindowAckNs = nowNs;
        return true;
    }

    int owed() {
        return owed;
    }

    boolean hasUnacked() {
        return unacked > 0;
    }

    /** A segment went out and carried the acknowledgment. */
    void onSent() {
        unacked = 0;
        owed = Math.max(0, owed - 1);
    }

    /** A segment with data went out: it acknowledges everything. */
    void onDataSent() {
        unacked = 0;
        owed = 0;
    }

    /** Nobody is left to acknowledge to. */
    void clear() {
        owed = 0;
        unacked = 0;
    }
}
