package dev.penstock.apps.netsim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.TcpHeader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SegmentWatchTest {
    /** Near the wrap of the sequence space. */
    private static final int ISS = -1000;

    private final SegmentWatch watch = new SegmentWatch();

    private static Frame segment(int seq, int flags, int length) {
        Frame frame = new Frame(1600);
        int at = frame.append(EthernetHeader.LENGTH + 40 + length);
        EthernetHeader.put(frame.buffer(), at, 1, 2, EthernetHeader.TYPE_IPV4);
        int ip = at + EthernetHeader.LENGTH;
        Ipv4Header.put(frame.buffer(), ip, 0, 40 + length, 1, 0, 64, IpProtocol.TCP, 1, 2);
        TcpHeader.put(frame.buffer(), ip + 20, 1, 2, seq, 0, 20, flags, 1000, 0, 0);
        return frame;
    }

    /** Data from a stream position on, 0 being the first byte. */
    private static Frame data(int position, int length) {
        return segment(ISS + 1 + position, TcpHeader.ACK, length);
    }

    @BeforeEach
    void handshake() {
        watch.onOffered(segment(ISS, TcpHeader.SYN, 0), 10);
        watch.onOffered(segment(ISS, TcpHeader.SYN, 0), 20);
        watch.onDelivered(segment(ISS, TcpHeader.SYN, 0), 25);
        watch.onOffered(segment(ISS + 1, TcpHeader.ACK, 0), 30);
        watch.onDelivered(segment(ISS + 1, TcpHeader.ACK, 0), 35);
    }

    private void send(int position, int length) {
        watch.onOffered(data(position, length), 40);
        watch.onDelivered(data(position, length), 50);
    }

    @Test
    void whatIsSentOnceIsNeither() {
        for (int i = 0; i < 30; i++) {
            send(100 * i, 100);
        }
        assertEquals(10, watch.firstSynNs());
        assertEquals(30, watch.segments());
        assertEquals(0, watch.retransmitted());
        assertEquals(0, watch.spurious());
        assertEquals(-1, watch.lastSpuriousNs());
    }

    @Test
    void whatFillsAGapIsARetransmissionButNotSpurious() {
        send(0, 100);
        watch.onOffered(data(100, 100), 40);
        send(200, 100);
        send(100, 100);
        send(300, 100);
        assertEquals(1, watch.retransmitted());
        assertEquals(0, watch.spurious());
    }

    @Test
    void whatHadArrivedIsSpurious() {
        send(0, 100);
        send(100, 100);
        send(0, 100);
        assertEquals(1, watch.retransmitted());
        assertEquals(1, watch.spurious());
        assertEquals(50, watch.lastSpuriousNs());
    }

    @Test
    void alsoIfItArrivedBeyondAGap() {
        send(0, 100);
        send(200, 100);
        send(300, 100);
        send(250, 100);
        assertEquals(1, watch.spurious());
        // Brings the fifty bytes before it.
        send(150, 100);
        assertEquals(1, watch.spurious());
        send(150, 250);
        assertEquals(2, watch.spurious());
        send(100, 50);
        send(0, 400);
        assertEquals(3, watch.spurious());
    }

    @Test
    void overtakingIsNoRetransmission() {
        watch.onOffered(data(0, 100), 40);
        watch.onOffered(data(100, 100), 40);
        watch.onDelivered(data(100, 100), 50);
        watch.onDelivered(data(0, 100), 60);
        assertEquals(0, watch.retransmitted());
        assertEquals(0, watch.spurious());
    }

    @Test
    void otherProtocolsAreNotLookedAt() {
        Frame frame = data(0, 100);
        Ipv4Header.put(frame.buffer(), frame.start() + EthernetHeader.LENGTH, 0, 140, 1, 0, 64, IpProtocol.UDP, 1, 2);
        watch.onOffered(frame, 40);
        assertEquals(0, watch.segments());
    }
}
