package dev.penstock.apps.trace;

import java.util.Locale;

/** What a line of a trace tells; those of {@link dev.penstock.stack.tcp.TcpEvent} have its names. */
enum TraceKind {
    OPEN,
    STATE,
    SACK,
    TRUNCATED,
    SENT,
    RETRANSMITTED,
    RECEIVED,
    SAMPLE,
    ENTER_RECOVERY,
    ENTER_CWR,
    TIMEOUT,
    LEAVE_RECOVERY,
    UNDO,
    TAIL_LOSS_PROBE,
    WINDOW_PROBE;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** Null if there is none of this name. */
    static TraceKind of(String text) {
        for (TraceKind k : values()) {
            if (k.text.equals(text)) {
                return k;
            }
        }
        return null;
    }

    boolean isSegment() {
        return this == SENT || this == RETRANSMITTED || this == RECEIVED;
    }

    /** It comes with cwnd and its like. */
    boolean isSample() {
        return ordinal() >= SAMPLE.ordinal();
    }

    @Override
    public String toString() {
        return text;
    }
}
