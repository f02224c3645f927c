package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SeqNum;

/**
 * Loss detection by counting, where RACK cannot run or is switched off: with SACK as RFC 6675, section 4 (IsLost), without as
 * RFC 6582 (three duplicate ACKs, then partial ACKs).
 */
final class DuplicateThreshold {
    static final int DUP_THRESHOLD = 3;

    private final SendState snd;
    private final Scoreboard board;

    /** Without SACK: duplicate ACKs in a row. */
    private int duplicates;
    /** With SACK: everything before was looked at. */
    private int examined;

    private boolean examinedKnown;

    DuplicateThreshold(SendState snd, Scoreboard board) {
        this.snd = snd;
        this.board = board;
    }

    int duplicates() {
        return duplicates;
    }

    /** SND.UNA has moved. */
    void onAdvance() {
        duplicates = 0;
        examinedKnown = examinedKnown && SeqNum.gt(examined, snd.una);
    }

    /** A duplicate ACK of a peer without SACK; true when it is the third. */
    boolean onDuplicate() {
        duplicates++;
        return duplicates == DUP_THRESHOLD;
    }

    /** Without SACK: what is oldest is lost, one segment of it. */
    void markFirstLost() {
        SentSegment e = board.size() == 0 ? null : board.get(0);
        if (e == null || e.list != board.network) {
            return;
        }
        if (e.length() > e.unit) {
            board.split(e, e.unit);
        }
        board.markLost(e);
    }

    /**
     * RFC 6675, IsLost: "either DupThresh discontiguous SACKed sequences have arrived above 'SeqNum' or more than (DupThresh -
     * 1) * SMSS bytes with sequence numbers greater than 'SeqNum' have been SACKed". What was sent again is not judged.
     */
    void detectBySack() {
        int i = board.size() - 1;
        long bytes = 0;
        int runs = 0;
        while (i >= 0 && bytes <= (DUP_THRESHOLD - 1L) * snd.mss && runs < DUP_THRESHOLD) {
            SentSegment e = board.get(i);
            if (e.sacked) {
                bytes += e.length();
                runs++;
            }
            i--;
        }
        int through = i;
        while (i >= 0) {
            SentSegment e = board.get(i);
            if (examinedKnown && SeqNum.leq(e.end, examined)) {
                break;
            }
            if (e.list == board.network && !e.retransmitted) {
                board.markLost(e);
            }
            i--;
        }
        if (through >= 0) {
            int end = board.get(through).end;
            examined = examinedKnown ? SeqNum.max(examined, end) : end;
            examinedKnown = true;
        }
    }

    /** What was held to be lost is not. */
    void forgetExamined() {
        examinedKnown = false;
    }

    /** A timeout: what was counted counts no more. */
    void reset() {
        duplicates = 0;
    }

    void carry(StateCarrier s) {
        duplicates = s.number(duplicates);
        examined = s.sequence(examined, snd.una);
        examinedKnown = s.flag(examinedKnown);
    }
}
