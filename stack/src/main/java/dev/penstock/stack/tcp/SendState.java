package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SeqNum;

/** The sending half of the control block: RFC 9293's SND variables (section 3.3.1), and where they lie in the queue. */
final class SendState {
    /** ISS: the SYN's sequence number. */
    int iss;
    /** SND.UNA: the oldest sequence number not acknowledged; an ACK moves it. */
    int una;
    /** SND.NXT: the next to send for the first time; the device's taking a segment moves it, and nothing moves it back. */
    int nxt;
    /** SND.WND: the peer's window in bytes, scaled. */
    long wnd;
    /** SND.WL1: the segment that last changed the window. */
    int wl1;
    /** SND.WL2: its acknowledgment. */
    int wl2;
    /** The largest window the peer ever offered (RFC 9293, section 3.8.6.2.1, Max(SND.WND)). */
    long maxWnd;
    /** What the peer's windows are shifted by; 0 unless window scaling was agreed. */
    int wndShift;
    /** The MSS that the peer announced, or the default for its family. */
    int peerMss;
    /** The largest payload of a segment now: path MTU, the peer's MSS and the options on each segment counted in. */
    int mss;
    /** The end of the last segment that was sent and was smaller than {@link #mss} (Minshall's SND.SML). */
    int sml;
    /**
     * Stream position of {@link #una}. The first byte is 0, so the SYN is at -1, and a FIN is one past the last byte.
     */
    long unaPosition = -1;
    /** Stream position of the FIN: set by the application's close. */
    long finPosition = Long.MAX_VALUE;
    /**
     * SND.UP, as a stream position: "the sequence number of the octet following the urgent data" (RFC 9293, section 3.8.5; RFC
     * 6093, section 4).
     */
    long up = Long.MIN_VALUE;
    /** The SYN, or SYN-ACK, is to be sent. */
    boolean synDue;
    /** When a segment that carries sequence space was last sent. */
    long lastSentNs;

    void begin(int initialSequence) {
        iss = initialSequence;
        synDue = true;
        una = initialSequence;
        nxt = initialSequence;
        sml = initialSequence;
        probeEnd = initialSequence;
    }

    /** The end of a zero-window probe that may be acknowledged although it lies beyond {@link #nxt}. */
    int probeEnd;

    /** Bytes (and SYN or FIN) between {@link #una} and {@link #nxt}. */
    int inFlight() {
        return nxt - una;
    }

    long positionOf(int seq) {
        return unaPosition + SeqNum.distance(una, seq);
    }

    boolean finQueued() {
        return finPosition != Long.MAX_VALUE;
    }

    /** The highest sequence number that an ACK may carry. */
    int highestAckable() {
        return SeqNum.max(nxt, probeEnd);
    }

    /**
     * The sequence number for a segment without data: SND.NXT, but inside the window, where the peer will look at it even
     * if it has closed its window meanwhile.
     */
    int acceptableSeq() {
        if (una == iss) {
            // A SYN takes no room in a window.
            return nxt;
        }
        int edge = una + (int) Math.min(wnd, Integer.MAX_VALUE / 2);
        return SeqNum.min(nxt, edge);
    }

    /** Urgent mode: SND.UP is in advance of SND.UNA. */
    boolean isUrgent() {
        return Math.min(up, finPosition) > unaPosition;
    }

    /** The urgent pointer of a segment that begins at {@code seq}: 0 for no URG bit; what does not fit the field is its most. */
    int urgentPointer(int seq) {
        long ahead = isUrgent() ? Math.min(up, finPosition) - positionOf(seq) : 0;
        return (int) Math.max(0, Math.min(65_535, ahead));
    }

    /** The FIN was sent at least once. */
    boolean finSent() {
        return finQueued() && positionOf(nxt) > finPosition;
    }

    /** The FIN was acknowledged. */
    boolean finAcked() {
        return unaPosition > finPosition;
    }

    /** @param rcvNxt near which {@link #wl1} is */
    void carry(StateCarrier s, int rcvNxt) {
        iss = s.number(iss);
        una = s.sequence(una, iss);
        nxt = s.sequence(nxt, una);
        wnd = s.number(wnd);
        wl1 = s.sequence(wl1, rcvNxt);
        wl2 = s.sequence(wl2, una);
        maxWnd = s.number(maxWnd);
        wndShift = s.number(wndShift);
        peerMss = s.number(peerMss);
        mss = s.number(mss);
        sml = s.sequence(sml, una);
        unaPosition = s.number(unaPosition);
        finPosition = s.number(finPosition);
        up = s.number(up);
        synDue = s.flag(synDue);
        lastSentNs = s.time(lastSentNs);
        probeEnd = s.sequence(probeEnd, una);
    }
}
