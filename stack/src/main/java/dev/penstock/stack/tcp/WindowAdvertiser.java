package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.buffer.ReceiveQueue;

/**
 * Decides the window we offer (RFC 9293, sections 3.8.6 and 3.8.6.2.2). The right edge never moves back, but for what the
 * rounding of a scaled window makes of it: less than one unit (RFC 7323, section 2.4).
 */
final class WindowAdvertiser {
    private static final int MAX_FIELD = 65_535;

    private final ReceiveState rcv;
    private ReceiveQueue queue;
    private final TcpOptions options;
    private final ChunkPool chunks;
    /** The largest window that there could be when one was last selected. */
    private int knownLimit;

    /** Of the buffer, bytes that are never offered. */
    private int unused;

    WindowAdvertiser(ReceiveState rcv, ReceiveQueue queue, TcpOptions options, ChunkPool chunks) {
        this.rcv = rcv;
        this.queue = queue;
        this.options = options;
        this.chunks = chunks;
    }

    /** The connection's receive queue is another from now on. */
    void use(ReceiveQueue newQueue) {
        queue = newQueue;
    }

    /** The window of the next segment, as it goes into the header; remembers it as advertised. */
    int select(boolean syn) {
        int shift = syn ? 0 : rcv.wndShift;
        knownLimit = limit();
        int unit = 1 << shift;
        int offered = rcv.offered();
        int possible = Math.min(free(), MAX_FIELD << shift);
        // "the algorithm ... is to keep RCV.NXT+RCV.WND fixed until the reduction satisfies: RCV.BUFF - RCV.USER -
        // RCV.WND >= min(Fr * RCV.BUFF, Eff.snd.MSS)"
        int field;
        if (possible - offered >= threshold() && possible >>> shift << shift >= offered) {
            field = possible >>> shift;
            rcv.edge = SeqNum.max(rcv.edge, rcv.nxt + (field << shift));
        } else {
            // Rounded up from the edge that is meant: roundings that built on each other would have no end.
            field = Math.min(MAX_FIELD, (offered + unit - 1) >>> shift);
        }
        rcv.adv = SeqNum.max(rcv.adv, rcv.nxt + (field << shift));
        return field;
    }

    /**
     * Linux offers whole segments, rounded up to the unit of the window's scale, and stays with that.
     *
     * @param segment bytes of a full-sized one
     * @param shift the scale that is offered
     */
    void setOpeningSegment(int segment, int shift) {
        int limit = clamped(queue.limit());
        int unit = 1 << shift;
        int whole = limit > segment ? limit - limit % segment : limit;
        int rest = Math.max(0, limit - (whole + unit - 1 & -unit));
        // Less than one unit of the largest scale could be a window that never opens.
        unused = rcv.wndShift == 0 || limit - rest >= 1 << rcv.wndShift ? rest : 0;
    }

    /**
     * The application has read: is the peer to be told now? Only if the window it knows has become small; otherwise the
     * acknowledgments of data carry the news.
     */
    boolean updateDue() {
        int offered = rcv.offered();
        int limit = limit();
        int possible = Math.min(free(), MAX_FIELD << rcv.wndShift);
        int gain = possible - offered;
        return offered < Math.max(1, limit / 2)
                && gain >= Math.min(Math.max(1, limit / 2), Math.max(rcv.peerSegment, limit / 4));
    }

    /** There can be a larger window than when one was last selected. */
    boolean hasGrown() {
        return limit() > knownLimit;
    }

    /**
     * The size of the buffer was set, or the scale agreed on. A window of less than one unit of the scale can't be told:
     * rounded down it never opens, so the buffer holds one at least.
     */
    void fitBuffer() {
        int wanted = options.receiveBuffer > 0 ? options.receiveBuffer : queue.limit();
        queue.setLimit(Math.max(wanted, 1 << rcv.wndShift));
    }

    private int free() {
        return Math.max(0, clamped(queue.free()) - unused);
    }

    private int threshold() {
        return Math.max(1, Math.min(limit() / 2, rcv.peerSegment));
    }

    /** The largest window that there can be. */
    private int limit() {
        return Math.max(1, clamped(queue.limit()) - unused);
    }

    private int clamped(int bytes) {
        int most = options.windowClamp > 0 ? options.windowClamp : bytes;
        if (most > ChunkPool.FAIR_SHARE && chunks.isScarce()) {
            // Nobody is offered more than a fair share of what is scarce; what was offered before holds.
            most = ChunkPool.FAIR_SHARE;
        }
        return Math.min(bytes, Math.max(most, 1 << rcv.wndShift));
    }

    void carry(StateCarrier s) {
        knownLimit = s.number(knownLimit);
        unused = s.number(unused);
    }
}
