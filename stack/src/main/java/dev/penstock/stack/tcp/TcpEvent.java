package dev.penstock.stack.tcp;

/** What a {@link TcpTrace} tells of a connection. */
public enum TcpEvent {
    /** A segment went out for the first time; pure acknowledgments included. */
    SENT,
    /** A segment went out that carries what had been sent before. */
    RETRANSMITTED,
    /** A segment arrived. */
    RECEIVED,
    /** cwnd, ssthresh, pipe, srtt, rttvar, RTO or the pacing rate has changed. */
    SAMPLE,
    /** Fast recovery begins: losses were detected (RFC 5681, RFC 6675, RFC 8985). */
    ENTER_RECOVERY,
    /** The window is reduced because the path marked segments (RFC 3168). */
    ENTER_CWR,
    /** The retransmission timer expired (RFC 6298); recovery from that begins, or goes on. */
    TIMEOUT,
    /** What was in flight when recovery began has been acknowledged. */
    LEAVE_RECOVERY,
    /** Nothing had been lost: the reduction of the window is taken back (RFC 4015, RFC 5682). */
    UNDO,
    /** A tail loss probe went out (RFC 8985, section 7). */
    TAIL_LOSS_PROBE,
    /** A zero-window probe went out (RFC 9293, section 3.8.6.1). */
    WINDOW_PROBE
}
