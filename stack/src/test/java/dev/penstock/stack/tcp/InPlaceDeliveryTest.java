package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A handler that uses all bytes in place never needs the queue, whatever the network does to their order. */
class InPlaceDeliveryTest {

    @Test
    void bytesThatCloseAGapAreOfferedInPlaceToo() {
        TcpPair net = new TcpPair(5);
        net.loss = 0.03;
        long[] received = {0};
        int[] leftInQueue = {0};
        boolean[] ended = {false};
        TcpHandler reader = new TcpHandler() {
            @Override
            public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
                for (int i = 0; i < length; i++) {
                    assertEquals(TransferApp.byteAt(received[0] + i), buffer.getByte(offset + i));
                }
                received[0] += length;
                return length;
            }

            @Override
            public void onReadable(TcpConnection c, long nowNs) {
                leftInQueue[0] += c.receiveQueue().size();
                ended[0] |= c.isInputEnded();
            }
        };
        net.b.tcp.listen(0, 0, 9, 4, new TcpOptions(), (l, now) -> l.accept(reader));
        TransferApp sender = new TransferApp(5_000_000, 0, 1);
        net.a.tcp.connect(0, 0, 0, net.b.address.hi(), net.b.address.lo(), 9, new TcpOptions(), sender, net.nowNs);
        assertTrue(net.runUntil(() -> ended[0], 3_600_000_000_000L), () -> "received " + received[0]);
        assertEquals(5_000_000, received[0]);
        assertEquals(0, leftInQueue[0]);
    }

    @Test
    void bytesThatArrivedBeforeAcceptAreOfferedToo() {
        TcpPair net = new TcpPair(6);
        TcpAcceptor[] acceptor = new TcpAcceptor[1];
        acceptor[0] = net.b.tcp.listen(0, 0, 9, 4, new TcpOptions(), (l, now) -> {});
        UnsafeBuffer hello = new UnsafeBuffer("hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        TcpConnection c = net.a.tcp.connect(
                0, 0, 0, net.b.address.hi(), net.b.address.lo(), 9, new TcpOptions(), new TcpHandler() {}, net.nowNs);
        c.write(hello, 0, 5, net.nowNs);
        net.run(1_000_000_000L);
        int[] received = {0};
        acceptor[0].accept(new TcpHandler() {
            @Override
            public int onData(TcpConnection connection, DirectBuffer buffer, int offset, int length, long nowNs) {
                received[0] += length;
                return length;
            }
        });
        net.run(1_000_000_000L);
        assertEquals(5, received[0]);
    }
}
