package dev.penstock.stack.tcp;

/** The diagram of RFC 9293, section 3.3.2 (figure 5), as a table: state and event to the next state. */
final class StateMachine {
    /** What changes a state. */
    enum Event {
        /** A SYN and the ACK of ours, in SYN-SENT. */
        RECEIVE_SYN_ACK,
        /** A SYN alone, in SYN-SENT: the peers open at the same time. */
        RECEIVE_SYN,
        /** The ACK of our SYN, in SYN-RECEIVED. */
        RECEIVE_ACK_OF_SYN,
        /** The peer's FIN, in order. */
        RECEIVE_FIN,
        /** The ACK of our FIN. */
        RECEIVE_ACK_OF_FIN,
        /** The application closes its direction. */
        CLOSE,
        /** 2 MSL are over. */
        TIME_WAIT_OVER,
        /** A reset, sent or received, or a timeout: there is nothing more to say. */
        DELETE
    }

    private static final TcpState[][] NEXT = new TcpState[TcpState.values().length][Event.values().length];

    static {
        row(TcpState.SYN_SENT, Event.RECEIVE_SYN_ACK, TcpState.ESTABLISHED);
        row(TcpState.SYN_SENT, Event.RECEIVE_SYN, TcpState.SYN_RECEIVED);
        row(TcpState.SYN_SENT, Event.CLOSE, TcpState.CLOSED);
        row(TcpState.SYN_RECEIVED, Event.RECEIVE_ACK_OF_SYN, TcpState.ESTABLISHED);
        row(TcpState.SYN_RECEIVED, Event.CLOSE, TcpState.FIN_WAIT_1);
        row(TcpState.ESTABLISHED, Event.CLOSE, TcpState.FIN_WAIT_1);
        row(TcpState.ESTABLISHED, Event.RECEIVE_FIN, TcpState.CLOSE_WAIT);
        row(TcpState.FIN_WAIT_1, Event.RECEIVE_ACK_OF_FIN, TcpState.FIN_WAIT_2);
        row(TcpState.FIN_WAIT_1, Event.RECEIVE_FIN, TcpState.CLOSING);
        row(TcpState.FIN_WAIT_2, Event.RECEIVE_FIN, TcpState.TIME_WAIT);
        row(TcpState.CLOSE_WAIT, Event.CLOSE, TcpState.LAST_ACK);
        row(TcpState.CLOSING, Event.RECEIVE_ACK_OF_FIN, TcpState.TIME_WAIT);
        row(TcpState.LAST_ACK, Event.RECEIVE_ACK_OF_FIN, TcpState.CLOSED);
        row(TcpState.TIME_WAIT, Event.TIME_WAIT_OVER, TcpState.CLOSED);
        // FIN-WAIT-2 without an application ends by a timer of its own; RFC 9293, section 3.3.2 leaves it free.
        row(TcpState.FIN_WAIT_2, Event.TIME_WAIT_OVER, TcpState.CLOSED);
        for (TcpState state : TcpState.values()) {
            row(state, Event.DELETE, TcpState.CLOSED);
        }
    }

    private StateMachine() {}

    private static void row(TcpState from, Event event, TcpState to) {
        NEXT[from.ordinal()][event.ordinal()] = to;
    }

    /** The next state, or null where the diagram has no arrow. */
    static TcpState next(TcpState state, Event event) {
        return NEXT[state.ordinal()][event.ordinal()];
    }
}
