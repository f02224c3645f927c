package dev.penstock.apps.trace;

import java.util.Locale;

/** The columns of a trace, in their order; the names tell the units. */
enum TraceColumn {
    /** Since the first event of the file. */
    TIME_NS,
    /** 1, 2, ... in the order in which connections came to be; 0 for the file as a whole. */
    CONNECTION,
    /** A {@link dev.penstock.stack.tcp.TcpEvent} in lower case, or open, state, sack, truncated. */
    EVENT,
    /** Sequence number relative to the sender's SYN, which is 0; it does not wrap. */
    SEQ,
    /** Payload of a segment, or what a SACK block covers. */
    LENGTH_BYTES,
    /** Acknowledgment number, relative to the other side's SYN. */
    ACK,
    /** The window of the segment, scaled. */
    WINDOW_BYTES,
    /** The letters of the flags that are set, FSRPAUEC. */
    FLAGS,
    CWND_BYTES,
    SSTHRESH_BYTES,
    PIPE_BYTES,
    SRTT_NS,
    RTTVAR_NS,
    RTO_NS,
    PACING_BYTES_PER_S,
    /** Addresses of open; from and to of state. */
    DETAIL;

    static final int COUNT = values().length;

    /** As it stands in the header. */
    String title() {
        return name().toLowerCase(Locale.ROOT);
    }
}
