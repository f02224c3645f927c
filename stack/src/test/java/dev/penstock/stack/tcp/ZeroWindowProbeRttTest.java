package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Found by {@code netsim}: the acknowledgment of a probe was taken for that of the SYN, an hour later. */
class ZeroWindowProbeRttTest extends TcpFixture {
    @Test
    void theAckOfAProbeMeasuresNothing() {
        established(10_000, mss(1000));
        long srtt = info().srttNs;
        advance(3_600_000);
        peer.acks(1, 0);
        write(10);
        advance(300);
        expectData(ACK, 1, 1, 1);
        peer.acks(2, 10_000);
        assertEquals(srtt, info().srttNs);
        drain();
        peer.acks(11, 10_000);
    }
}
