package dev.penstock.stack.tcp;

/** The receiving half of the control block: RFC 9293's RCV variables (section 3.3.1) and RFC 7323's TS variables. */
final class ReceiveState {
    /** IRS: the peer's SYN. */
    int irs;
    /** RCV.NXT: the next byte expected; data in order moves it. */
    int nxt;
    /** The largest RCV.NXT + RCV.WND that was ever advertised: what the peer may send up to. */
    int adv;
    /** The right edge that we mean, at most {@link #adv}: scaling rounds it up by less than a unit. */
    int edge;
    /** What our windows are shifted by; 0 unless window scaling was agreed. */
    int wndShift;
    /** The largest payload the peer was seen to put into a segment. */
    int peerSegment = 536;
    /** The peer's FIN has been processed. */
    boolean finReceived;
    /** Where the peer's FIN is, once known from a segment that is not yet in order. */
    int finSeq;

    boolean finKnown;
    /** Timestamps are in use on this connection. */
    boolean timestamps;
    /** SACK was agreed: both SYNs had the option SACK-permitted. */
    boolean sack;
    /** TS.Recent: echoed to the peer. */
    int tsRecent;
    /** When {@link #tsRecent} was taken; it is void after 24 days (RFC 7323, section 5.5). */
    long tsRecentNs;
    /** Last.ACK.sent: the ACK field of the last segment we sent (RFC 7323, section 4.3). */
    int lastAckSent;

    void begin(int initialSequence) {
        irs = initialSequence;
        nxt = initialSequence + 1;
        adv = nxt;
        edge = nxt;
        lastAckSent = nxt;
    }

    /** How much of the window we mean to offer is left. */
    int offered() {
        return Math.max(0, edge - nxt);
    }

    /** RCV.WND as the peer knows it. */
    int window() {
        return Math.max(0, adv - nxt);
    }

    void carry(StateCarrier s) {
        irs = s.number(irs);
        nxt = s.sequence(nxt, irs);
        adv = s.sequence(adv, nxt);
        edge = s.sequence(edge, nxt);
        wndShift = s.number(wndShift);
        peerSegment = s.number(peerSegment);
        finReceived = s.flag(finReceived);
        finSeq = s.sequence(finSeq, nxt);
        finKnown = s.flag(finKnown);
        timestamps = s.flag(timestamps);
        sack = s.flag(sack);
        tsRecent = s.number(tsRecent);
        tsRecentNs = s.time(tsRecentNs);
        lastAckSent = s.sequence(lastAckSent, nxt);
    }
}
