package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Every state and every segment: all flags, sequence numbers before, at, in and beyond the window, acknowledgments that
 * are bad, old and new, with text and without. What is to come of it is read from a table, {@code rfc9293-events.txt},
 * that can be held against RFC 9293, section 3.10.7, line by line.
 */
class Rfc9293TableTest {
    private static final String STATES = "CLSRE12WGAT";
    private static final String[] SEQ = {"old", "nxt", "in", "out"};
    private static final String[] ACKS = {"bad", "cur", "new"};
    /** PSH and URG change nothing of what the table tells: they come together. */
    private static final int[] FLAGS = {
        TcpFixture.FIN, TcpFixture.SYN, TcpFixture.RST, TcpFixture.ACK, TcpFixture.PSH | TcpFixture.URG
    };

    /** A row of the table. */
    private record Row(String states, List<String> conditions, String reply, String next, String error, String text) {
        boolean fits(Event e) {
            return (states.equals("*") || states.indexOf(e.state) >= 0)
                    && conditions.stream().allMatch(e::is);
        }
    }

    /** A segment that arrives in a state. */
    private record Event(char state, int flags, String seq, String ack, int length) {
        boolean is(String condition) {
            if (condition.startsWith("seq=")) {
                return seq.equals(condition.substring(4));
            }
            if (condition.startsWith("ack=")) {
                return has(TcpFixture.ACK) && ack.equals(condition.substring(4));
            }
            return switch (condition) {
                case "TEXT" -> length > 0;
                case "FIN" -> has(TcpFixture.FIN);
                case "-FIN" -> !has(TcpFixture.FIN);
                case "SYN" -> has(TcpFixture.SYN);
                case "-SYN" -> !has(TcpFixture.SYN);
                case "RST" -> has(TcpFixture.RST);
                case "ACK" -> has(TcpFixture.ACK);
                case "-ACK" -> !has(TcpFixture.ACK);
                default -> throw new IllegalArgumentException("no such condition: " + condition);
            };
        }

        private boolean has(int flag) {
            return (flags & flag) != 0;
        }

        /** Sequence numbers that it takes. */
        int sequenceLength() {
            return length + (has(TcpFixture.SYN) ? 1 : 0) + (has(TcpFixture.FIN) ? 1 : 0);
        }
    }

    private static List<Row> table() throws IOException {
        List<Row> rows = new ArrayList<>();
        try (InputStream in = Rfc9293TableTest.class.getResourceAsStream("rfc9293-events.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1)) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    String[] c = line.split("\\|", 6);
                    List<String> conditions =
                            c[1].isBlank() ? List.of() : List.of(c[1].strip().split(" +", -1));
                    rows.add(new Row(c[0].strip(), conditions, c[2].strip(), c[3].strip(), c[4].strip(), line));
                }
            }
        }
        return rows;
    }

    @Test
    void everySegmentInEveryStateDoesWhatTheTableSays() throws IOException {
        List<Row> rows = table();
        Set<Row> used = new LinkedHashSet<>();
        List<String> wrong = new ArrayList<>();
        int events = 0;
        for (int i = 0; i < STATES.length(); i++) {
            char state = STATES.charAt(i);
            for (Event e : events(state)) {
                Row row = rows.stream().filter(r -> r.fits(e)).findFirst().orElseThrow();
                used.add(row);
                events++;
                String problem = new Situation(e).run(row);
                if (problem != null) {
                    wrong.add(e + " " + Seg.name(e.flags) + ": " + problem + "\n    " + row.text);
                }
            }
        }
        int shown = Math.min(20, wrong.size());
        assertEquals(0, wrong.size(), () -> String.join("\n", wrong.subList(0, shown)));
        assertEquals(11 * (16 * 3 + 16) * 4 * 2, events);
        rows.removeAll(used);
        assertTrue(rows.isEmpty(), () -> "rows that no event reaches: " + rows);
    }

    private static List<Event> events(char state) {
        List<Event> events = new ArrayList<>();
        for (int mask = 0; mask < 1 << FLAGS.length; mask++) {
            int flags = 0;
            for (int i = 0; i < FLAGS.length; i++) {
                flags |= (mask >> i & 1) * FLAGS[i];
            }
            int acks = (flags & TcpFixture.ACK) != 0 ? ACKS.length : 1;
            for (String seq : SEQ) {
                for (int ack = 0; ack < acks; ack++) {
                    events.add(new Event(state, flags, seq, ACKS[ack], 0));
                    events.add(new Event(state, flags, seq, ACKS[ack], 10));
                }
            }
        }
        return events;
    }

    /** A TCP in a state, with a peer whose next sequence number is {@link #rcvNxt}. */
    private static final class Situation extends TcpFixture {
        private static final int WINDOW = 65_535;
        private final Event e;
        private int sndUna;
        private int sndNxt;
        private int rcvNxt = 1;

        Situation(Event e) {
            this.e = e;
            checkLeaks = false;
            // What is answered now and then only is answered here.
            config.outOfWindowAckIntervalNs = 0;
        }

        private void enter() {
            switch (e.state) {
                case 'C' -> tcp();
                case 'L' -> listen();
                case 'S' -> {
                    connecting();
                    sndNxt = 1;
                    rcvNxt = 0;
                }
                case 'R' -> {
                    listen();
                    peer.sends(SYN, 0, 0, WINDOW, 0, mss(MSS));
                    iss = out.peekFirst().rawSeq;
                    sndNxt = 1;
                }
                default -> {
                    established();
                    sndUna = 1;
                    sndNxt = 1;
                    synchronizedState();
                }
            }
            out.clear();
        }

        private void synchronizedState() {
            if ("WA".indexOf(e.state) >= 0) {
                fin();
            }
            if ("12GA".indexOf(e.state) >= 0) {
                shutdownOutput();
                sndNxt = 2;
            }
            if (e.state == 'G') {
                fin();
            }
            if (e.state == '2') {
                peer.sends(ACK, rcvNxt, 2, WINDOW, 0);
                sndUna = 2;
            }
        }

        private void fin() {
            peer.sends(ACK | FIN, rcvNxt, sndUna, WINDOW, 0);
            rcvNxt++;
        }

        private void enterTimeWait() {
            established();
            shutdownOutput();
            peer.sends(ACK | FIN, 1, 2, WINDOW, 0);
            sndUna = 2;
            sndNxt = 2;
            rcvNxt = 2;
            out.clear();
        }

        /** Answers what was not as the row says, or null. */
        String run(Row row) {
            if (e.state == 'T') {
                enterTimeWait();
            } else {
                enter();
            }
            int window = connection == null || e.state == 'T' ? WINDOW : connection.tcb.rcv.window();
            int seq =
                    switch (e.seq) {
                        // A SYN or FIN and ten bytes are at most twelve.
                        case "old" -> rcvNxt - 20;
                        case "nxt" -> rcvNxt;
                        case "in" -> rcvNxt + 100;
                        default -> rcvNxt + window + 100;
                    };
            int ack =
                    switch (e.ack) {
                        case "bad" -> sndNxt + 100;
                        case "cur" -> sndUna;
                        default -> sndNxt;
                    };
            TcpState before = state();
            peer.sends(e.flags, seq, ack, WINDOW, e.length);
            return compare(row, before, seq, ack);
        }

        private TcpState state() {
            if (connection != null) {
                return connection.state();
            }
            return e.state == 'C' ? TcpState.CLOSED : tcp.connections() == 0 ? TcpState.LISTEN : TcpState.SYN_RECEIVED;
        }

        private String compare(Row row, TcpState before, int seq, int ack) {
            TcpState next = row.next.equals("=") ? before : stateOf(row.next.charAt(0));
            if (e.state == 'R' && next == TcpState.CLOSED) {
                // Its connection is gone, the listener is there.
                next = TcpState.LISTEN;
            }
            if (state() != next) {
                return "the state is " + state();
            }
            String error = app.closed == 0 ? "-" : app.error == null ? "ok" : name(app.error);
            boolean timeWait = next == TcpState.TIME_WAIT;
            if (!timeWait && !error.equals(row.error)) {
                return "the application is told " + error;
            }
            String reply = reply(seq, ack);
            boolean right =
                    row.reply.equals("any") ? reply.equals("-") || reply.equals("ack") : reply.equals(row.reply);
            return right ? null : "the reply is " + reply;
        }

        private static String name(TcpError error) {
            return switch (error) {
                case CONNECTION_REFUSED -> "refused";
                case CONNECTION_RESET -> "reset";
                default -> error.toString();
            };
        }

        private static TcpState stateOf(char c) {
            return TcpState.values()[
                    List.of('C', 'L', 'S', 'R', 'E', '1', '2', 'W', 'G', 'A', 'T')
                            .indexOf(c)];
        }

        private String reply(int seq, int ack) {
            if (out.isEmpty()) {
                return "-";
            }
            Seg s = out.peekFirst();
            boolean same = out.stream().allMatch(o -> o.flags == s.flags && o.rawSeq == s.rawSeq);
            if (!same) {
                return "several: " + out.size();
            }
            if (s.flags == RST && s.rawSeq == iss + ack) {
                return "rst";
            }
            if (s.flags == (RST | ACK) && s.rawSeq == 0 && s.rawAck == peer.irs + seq + e.sequenceLength()) {
                return "rstack";
            }
            if (s.flags == (SYN | ACK) && s.rawAck == peer.irs + seq + 1) {
                return "synack";
            }
            if (s.flags == ACK && s.payload.length == 0 && s.rawSeq - iss == sndNxt) {
                return "ack";
            }
            return s.show(this);
        }
    }
}
