package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.DropReason;
import org.junit.jupiter.api.Test;

/**
 * Receivers that acknowledge in order to be sent more than the network bears (Savage, Cardwell, Wetherall and Anderson,
 * "TCP congestion control with a misbehaving receiver", 1999; RFC 3465, section 2; RFC 5681, section 3.1).
 */
class MisbehavingReceiverTest extends TcpFixture {

    private Connection sending() {
        established(65_535, mss(MSS));
        app.write(connection, 1_000_000, nowNs);
        flush();
        return connection;
    }

    /** RFC 5681, section 3.1: "the min (N, SMSS)" - "protects against misbehaving receivers ... 'ACK Division'". */
    @Test
    void dividedAcknowledgmentsOpenTheWindowByTheirBytesOnly() {
        sending();
        long before = info().cwnd;
        drain();
        int pieces = 100;
        for (int i = 1; i <= pieces; i++) {
            peer.acks(1 + MSS * i / pieces, 65_535);
        }
        assertTrue(info().cwnd - before <= MSS, "cwnd grew by " + (info().cwnd - before));
    }

    /** Acknowledging what was never sent is answered by a challenge (RFC 9293, 3.10.7.4) and opens nothing. */
    @Test
    void optimisticAcknowledgmentsBeyondSndNxtAreNone() {
        Connection c = sending();
        long before = info().cwnd;
        int una = c.tcb.snd.una;
        int sent = drain();
        int next = c.tcb.snd.nxt - iss;
        for (int i = 1; i <= 20; i++) {
            peer.acks(next + i * MSS, 65_535);
        }
        assertTrue(sent >= 10);
        assertEquals(una, c.tcb.snd.una);
        assertEquals(before, info().cwnd);
        assertEquals(20, drops(DropReason.TCP_BAD_ACK));
        assertTrue(out.stream().allMatch(s -> s.payload.length == 0), "challenges only");
        drain();
    }

    /**
     * Each duplicate ACK lets something new go, for it says that something has arrived. RFC 5681, section 3.2, step 4: "a TCP
     * MAY therefore limit the number of times cwnd is artificially inflated during loss recovery to the number of outstanding
     * segments".
     */
    @Test
    void forgedDuplicateAcksLetNoMoreGoThanWasOutstanding() {
        sending();
        int outstanding = drain();
        for (int i = 0; i < 1_000; i++) {
            peer.acks(1, 65_535);
        }
        assertEquals(1, info().recoveries);
        int sent = drain();
        assertTrue(sent <= outstanding, "sent " + sent + " for duplicates of " + outstanding);
        assertTrue(sent >= outstanding / 2, "recovery goes on: " + sent);
    }
}
