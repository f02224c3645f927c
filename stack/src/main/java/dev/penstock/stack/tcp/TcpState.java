package dev.penstock.stack.tcp;

/** The states of a connection (RFC 9293, section 3.3.2). */
public enum TcpState {
    CLOSED,
    LISTEN,
    SYN_SENT,
    SYN_RECEIVED,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    CLOSE_WAIT,
    CLOSING,
    LAST_ACK,
    TIME_WAIT;

    private static final int SYNCHRONIZED = 1 << ESTABLISHED.ordinal()
            | 1 << FIN_WAIT_1.ordinal()
            | 1 << FIN_WAIT_2.ordinal()
            | 1 << CLOSE_WAIT.ordinal()
            | 1 << CLOSING.ordinal()
            | 1 << LAST_ACK.ordinal()
            | 1 << TIME_WAIT.ordinal();
    private static final int CAN_RECEIVE =
            1 << ESTABLISHED.ordinal() | 1 << FIN_WAIT_1.ordinal() | 1 << FIN_WAIT_2.ordinal();
    private static final int CAN_SEND = 1 << ESTABLISHED.ordinal() | 1 << CLOSE_WAIT.ordinal();
    private static final int FIN_QUEUED = 1 << FIN_WAIT_1.ordinal() | 1 << CLOSING.ordinal() | 1 << LAST_ACK.ordinal();

    static final TcpState[] ALL = values();

    /** Both ends have each other's sequence numbers. */
    public boolean isSynchronized() {
        return (SYNCHRONIZED & 1 << ordinal()) != 0;
    }

    /** The peer has not closed its direction. */
    public boolean canReceive() {
        return (CAN_RECEIVE & 1 << ordinal()) != 0;
    }

    /** The application may still write. */
    public boolean canSend() {
        return (CAN_SEND & 1 << ordinal()) != 0;
    }

    /** Our FIN has been asked for and is not yet acknowledged. */
    public boolean isFinPending() {
        return (FIN_QUEUED & 1 << ordinal()) != 0;
    }
}
