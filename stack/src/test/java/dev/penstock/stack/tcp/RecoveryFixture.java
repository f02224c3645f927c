package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.Arrays;

/**
 * A sender whose loss recovery is looked at: MSS 1000, a round-trip time of 100 ms, Reno, no pacing, SACK agreed unless a
 * test turns it off. Segments are numbered from 0; number k carries the sequence numbers from {@link #at}(k) on.
 */
abstract class RecoveryFixture extends TcpFixture {
    static final int WINDOW = 65_535;
    static final int SEGMENT = 1000;

    /** The timestamp that the peer's segments echo, if timestamps are agreed. */
    int echo;

    private int peerClock = 1_000;

    RecoveryFixture() {
        config.sack = true;
        config.pacing = false;
        options.congestion = "reno";
    }

    /** The first sequence number of segment {@code k}. */
    static int at(int k) {
        return 1 + k * SEGMENT;
    }

    final void open() {
        connecting();
        Seg syn = out.pollFirst();
        assertNotNull(syn);
        echo = syn.options.tsVal;
        advance(100);
        peer.sends(
                SYN | ACK,
                0,
                1,
                WINDOW,
                0,
                mss(config.timestamps ? SEGMENT + 12 : SEGMENT),
                config.sack ? sackPermitted() : NO_OPTIONS,
                stamp());
        expect(ACK, 1, 1);
        assertEquals(SEGMENT, connection.tcb.snd.mss);
    }

    /** Open, with {@code n} segments on their way. */
    final void openAndSend(int n) {
        open();
        write(n * SEGMENT);
        Seg last = out.peekLast();
        assertNotNull(last);
        echo = last.options.tsVal;
        assertEquals(n, drain(), "segments sent");
    }

    private byte[] stamp() {
        return config.timestamps ? stamps(peerClock++, echo) : NO_OPTIONS;
    }

    /** The peer acknowledges everything before segment {@code next}, and has these segments, from and to, beyond. */
    final void acks(int next, int... segments) {
        acksBytes(at(next), Arrays.stream(segments).map(RecoveryFixture::at).toArray());
    }

    final void acksBytes(int ack, int... edges) {
        peer.sends(ACK, 1, ack, WINDOW, 0, stamp(), edges.length == 0 ? NO_OPTIONS : sack(edges));
    }

    /** Exactly these segments went out, in this order. */
    final void expectSegments(int... numbers) {
        int[] sent = out.stream().mapToInt(s -> (s.rawSeq - iss - 1) / SEGMENT).toArray();
        assertEquals(Arrays.toString(numbers), Arrays.toString(sent));
        for (Seg s : out) {
            assertEquals(0, (s.rawSeq - iss - 1) % SEGMENT, () -> s.show(this));
            assertEquals(SEGMENT, s.payload.length, () -> s.show(this));
        }
        out.clear();
    }

    final long cwnd() {
        return info().cwnd;
    }

    final long ssthresh() {
        return info().ssthresh;
    }

    final LossRecovery.State recoveryState() {
        return connection.recovery.state();
    }

    final void inState(LossRecovery.State expected) {
        assertEquals(expected, recoveryState());
    }
}
