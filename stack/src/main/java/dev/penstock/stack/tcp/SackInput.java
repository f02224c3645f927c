package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.base.StackCounter;

/** Takes the SACK blocks of an acknowledgment into the scoreboard (RFC 2018, section 5; RFC 2883). */
final class SackInput {
    private final SendState snd;
    private final Scoreboard board;
    private final LossRecovery recovery;
    private final Counters counters;

    SackInput(SendState snd, Scoreboard board, LossRecovery recovery, Counters counters) {
        this.snd = snd;
        this.board = board;
        this.recovery = recovery;
        this.counters = counters;
    }

    /** Call after SND.UNA has moved. True if the first block reports a duplicate. */
    boolean take(Segment s, Delivery delivery) {
        int first = 0;
        boolean dsack = s.sackCount > 0 && isDsack(s);
        if (dsack) {
            recovery.onDsack(s.sackStart[0], s.sackEnd[0]);
            first = 1;
        }
        // The newest block comes first. If earlier ACKs were lost several are news, and taken in that order they
        // would look as if the path had reordered what they tell of.
        int taken = 0;
        for (int n = first; n < s.sackCount; n++) {
            int i = lowest(s, first, taken);
            taken |= 1 << i;
            int start = s.sackStart[i];
            int end = s.sackEnd[i];
            if (SeqNum.leq(end, snd.una)) {
                // An old acknowledgment, overtaken by others.
                continue;
            }
            if (SeqNum.geq(start, end) || SeqNum.gt(end, snd.nxt)) {
                counters.count(StackCounter.TCP_BAD_SACK_BLOCKS);
                continue;
            }
            board.sacked(SeqNum.max(start, snd.una), end, delivery);
        }
        return dsack;
    }

    /** Of the blocks from {@code first} on that are not among {@code taken}, a bit each, the one with the lowest start. */
    private static int lowest(Segment s, int first, int taken) {
        int lowest = -1;
        for (int i = first; i < s.sackCount; i++) {
            boolean open = (taken & 1 << i) == 0;
            if (open && (lowest < 0 || SeqNum.lt(s.sackStart[i], s.sackStart[lowest]))) {
                lowest = i;
            }
        }
        return lowest;
    }

    /**
     * RFC 2883, section 4: "the first block ... specifies the sequence numbers of a duplicate" if it lies below the cumulative
     * acknowledgment, or inside the second block. What we never sent cannot have come twice.
     */
    private boolean isDsack(Segment s) {
        int start = s.sackStart[0];
        int end = s.sackEnd[0];
        if (SeqNum.geq(start, end) || SeqNum.gt(end, snd.nxt)) {
            return false;
        }
        if (SeqNum.lt(start, s.ack)) {
            return SeqNum.leq(end, s.ack) && SeqNum.gt(start, s.ack - (int) Math.min(snd.maxWnd * 2, 1 << 30));
        }
        return s.sackCount > 1 && SeqNum.geq(start, s.sackStart[1]) && SeqNum.leq(end, s.sackEnd[1]);
    }
}
