package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** RFC 9293, section 3.3.2, figure 5, written down once more, arrow by arrow; what is not there has no arrow. */
class StateMachineTest {
    private static final String[] ARROWS = {
        "SYN_SENT / RECEIVE_SYN_ACK / ESTABLISHED",
        "SYN_SENT / RECEIVE_SYN / SYN_RECEIVED",
        "SYN_SENT / CLOSE / CLOSED",
        "SYN_RECEIVED / RECEIVE_ACK_OF_SYN / ESTABLISHED",
        "SYN_RECEIVED / CLOSE / FIN_WAIT_1",
        "ESTABLISHED / CLOSE / FIN_WAIT_1",
        "ESTABLISHED / RECEIVE_FIN / CLOSE_WAIT",
        "FIN_WAIT_1 / RECEIVE_ACK_OF_FIN / FIN_WAIT_2",
        "FIN_WAIT_1 / RECEIVE_FIN / CLOSING",
        "FIN_WAIT_2 / RECEIVE_FIN / TIME_WAIT",
        "CLOSING / RECEIVE_ACK_OF_FIN / TIME_WAIT",
        "CLOSE_WAIT / CLOSE / LAST_ACK",
        "LAST_ACK / RECEIVE_ACK_OF_FIN / CLOSED",
        "TIME_WAIT / TIME_WAIT_OVER / CLOSED",
        // Not in the figure: an application that has gone leaves FIN-WAIT-2 after a time (as RFC 1122, 4.2.2.20 notes).
        "FIN_WAIT_2 / TIME_WAIT_OVER / CLOSED",
    };

    @Test
    void theTableIsTheFigure() {
        Map<String, String> expected = new HashMap<>();
        for (String arrow : ARROWS) {
            String[] parts = arrow.split(" / ", -1);
            expected.put(parts[0] + " " + parts[1], parts[2]);
        }
        int arrows = 0;
        for (TcpState state : TcpState.values()) {
            for (StateMachine.Event event : StateMachine.Event.values()) {
                String want = event == StateMachine.Event.DELETE ? "CLOSED" : expected.get(state + " " + event);
                TcpState next = StateMachine.next(state, event);
                assertEquals(want, next == null ? null : next.name(), state + " " + event);
                arrows += want == null ? 0 : 1;
            }
        }
        assertEquals(ARROWS.length + TcpState.values().length, arrows);
    }

    @Test
    void thePropertiesOfTheStates() {
        // Columns: synchronized, the peer may send, we may write, our FIN is not yet acknowledged.
        Map<TcpState, String> expected = new HashMap<>();
        expected.put(TcpState.CLOSED, "----");
        expected.put(TcpState.LISTEN, "----");
        expected.put(TcpState.SYN_SENT, "----");
        expected.put(TcpState.SYN_RECEIVED, "----");
        expected.put(TcpState.ESTABLISHED, "srw-");
        expected.put(TcpState.FIN_WAIT_1, "sr-f");
        expected.put(TcpState.FIN_WAIT_2, "sr--");
        expected.put(TcpState.CLOSE_WAIT, "s-w-");
        expected.put(TcpState.CLOSING, "s--f");
        expected.put(TcpState.LAST_ACK, "s--f");
        expected.put(TcpState.TIME_WAIT, "s---");
        for (TcpState s : TcpState.values()) {
            String is = (s.isSynchronized() ? "s" : "-")
                    + (s.canReceive() ? "r" : "-")
                    + (s.canSend() ? "w" : "-")
                    + (s.isFinPending() ? "f" : "-");
            assertEquals(expected.get(s), is, s.name());
        }
    }
}
