package dev.penstock.stack.blocking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.DropReason;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class UdpSocketTest {
    private static final int PORT = 5000;
    private static final Endpoint SERVER = Endpoint.of(StackPair.SERVER, PORT);

    private final StackPair pair = new StackPair();

    @AfterEach
    void close() {
        pair.close();
    }

    @Test
    void sendsAndReceivesInAllForms() throws Exception {
        try (UdpSocket a = pair.client.udpSocket();
                UdpSocket b = pair.server.udpSocket(PORT)) {
            a.send("array".getBytes(UTF_8), 0, 5, SERVER);
            byte[] in = new byte[100];
            Received r = b.receive(in);
            assertEquals("array", new String(in, 0, r.length(), UTF_8));
            assertEquals(Endpoint.of(StackPair.CLIENT, a.getLocalPort()), r.from());
            assertFalse(r.truncated());

            b.send(ByteBuffer.wrap("buffer".getBytes(UTF_8)), r.from());
            ByteBuffer buffer = ByteBuffer.allocate(10);
            a.receive(buffer);
            assertEquals("buffer", new String(buffer.array(), 0, buffer.position(), UTF_8));

            a.send(new UnsafeBuffer("direct".getBytes(UTF_8)), 0, 6, SERVER);
            UnsafeBuffer direct = new UnsafeBuffer(new byte[10]);
            assertEquals(6, b.receive(direct, 2, 8).length());
            assertEquals("direct", direct.getStringWithoutLengthAscii(2, 6));

            a.send(new DatagramPacket("packet".getBytes(UTF_8), 6, SERVER.toInetSocketAddress()));
            DatagramPacket packet = new DatagramPacket(in, in.length);
            b.receive(packet);
            assertEquals("packet", new String(packet.getData(), 0, packet.getLength(), UTF_8));
            assertEquals(a.getLocalPort(), packet.getPort());
        }
    }

    /** {@link StackPair#close} looks for leaks: what waits for an address when the stack is closed must not be one. */
    @Test
    void aSocketClosedWhileItsDatagramWaitsForANeighbourIsGone() throws Exception {
        UdpSocket a = pair.client.udpSocket();
        a.send("nobody".getBytes(UTF_8), 0, 6, Endpoint.of("192.0.2.77", PORT));
        a.close();
        pair.client.call(shard -> shard.nowNs());
        assertEquals(0, pair.client.openSockets());
    }

    /** Datagrams to hosts that answer no ARP came first: those for others pass them. */
    @Test
    void aNeighbourThatDoesNotAnswerHoldsUpNobodyElse() throws Exception {
        try (UdpSocket a = pair.client.udpSocket();
                UdpSocket b = pair.server.udpSocket(PORT)) {
            b.setSoTimeout(900); // ARP gives up after some seconds only
            for (int i = 0; i < 200; i++) {
                a.send("nobody".getBytes(UTF_8), 0, 6, Endpoint.of("192.0.2.77", PORT));
            }
            a.send("you".getBytes(UTF_8), 0, 3, SERVER);
            assertEquals(3, b.receive(new byte[10]).length());
            // 64 are held for one neighbour, see IpConfig.maxHeldPerNeighbor.
            assertEquals(136, pair.client.counters().get(DropReason.NEIGHBOR_QUEUE_FULL));
        }
    }

    @Test
    void everySizeArrivesWhole() throws Exception {
        try (UdpSocket a = pair.client.udpSocket();
                UdpSocket b = pair.server.udpSocket(PORT)) {
            byte[] in = new byte[70_000];
            Random random = new Random(7);
            for (int size : new int[] {0, 1, 1472, 1473, 16_000, 16_384, 40_000, 65_507}) {
                byte[] out = new byte[size];
                random.nextBytes(out);
                a.send(out, 0, size, SERVER);
                Received r = b.receive(in);
                assertEquals(size, r.length());
                assertArrayEquals(out, java.util.Arrays.copyOf(in, size), "size " + size);
            }
            assertEquals(
                    "Message too long",
                    assertThrows(IOException.class, () -> a.send(new byte[65_508], 0, 65_508, SERVER))
                            .getMessage());
        }
    }

    @Test
    void truncatesWhatDoesNotFit() throws Exception {
        try (UdpSocket a = pair.client.udpSocket();
                UdpSocket b = pair.server.udpSocket(PORT)) {
            a.send("first datagram".getBytes(UTF_8), 0, 14, SERVER);
            a.send("second".getBytes(UTF_8), 0, 6, SERVER);
            byte[] in = new byte[5];
            Received r = b.receive(in);
            assertEquals("first", new String(in, UTF_8));
            assertTrue(r.truncated());
            assertEquals(5, b.receive(in).length());
            assertEquals("secon", new String(in, UTF_8));
        }
    }

    @Test
    void timesOut() throws Exception {
        try (UdpSocket a = pair.client.udpSocket()) {
            a.setSoTimeout(20);
            assertEquals(
                    "Receive timed out",
                    assertThrows(SocketTimeoutException.class, () -> a.receive(new byte[1]))
                            .getMessage());
        }
    }

    @Test
    void aConnectedSocketLearnsThatThePortIsClosed() throws Exception {
        try (UdpSocket a = pair.client.udpSocket()) {
            a.connect(Endpoint.of(StackPair.SERVER, 9));
            assertEquals(StackPair.CLIENT, a.getLocalAddress().address().toString());
            a.send(new byte[1], 0, 1);
            assertThrows(PortUnreachableException.class, () -> a.receive(new byte[1]));
            a.setSoTimeout(20);
            assertThrows(SocketTimeoutException.class, () -> a.receive(new byte[1]));
        }
    }

    @Test
    void aConnectedSocketHearsItsPeerOnly() throws Exception {
        try (UdpSocket a = pair.client.udpSocket();
                UdpSocket peer = pair.server.udpSocket(PORT);
                UdpSocket stranger = pair.server.udpSocket()) {
            a.connect(SERVER);
            Endpoint to = Endpoint.of(StackPair.CLIENT, a.getLocalPort());
            stranger.send(new byte[] {1}, 0, 1, to);
            peer.send(new byte[] {2}, 0, 1, to);
            byte[] in = new byte[1];
            a.receive(in);
            assertEquals(2, in[0]);
            a.disconnect();
            stranger.send(new byte[] {3}, 0, 1, to);
            a.receive(in);
            assertEquals(3, in[0]);
        }
    }

    @Test
    void broadcastsUnlessForbidden() throws Exception {
        try (UdpSocket a = pair.client.udpSocket();
                UdpSocket b = pair.server.udpSocket(PORT)) {
            a.send(new byte[] {9}, 0, 1, Endpoint.of("192.0.2.255", PORT));
            byte[] in = new byte[1];
            b.receive(in);
            assertEquals(9, in[0]);
            // The shard may still be at work on the first one, and would take the second one along.
            pair.client.call(shard -> null);
            a.setBroadcast(false);
            a.send(in, 0, 1, Endpoint.of("192.0.2.255", PORT));
            pair.client.call(shard -> null);
            assertEquals(
                    "Permission denied",
                    assertThrows(SocketException.class, () -> a.send(in, 0, 1, SERVER))
                            .getMessage());
        }
    }

    @Test
    void aFullReceiveBufferLosesAndCounts() throws Exception {
        try (UdpSocket a = pair.client.udpSocket();
                UdpSocket b = pair.server.udpSocket(PORT)) {
            b.setReceiveBufferSize(1);
            byte[] out = new byte[60_000];
            for (int i = 0; i < 4; i++) {
                a.send(out, 0, out.length, SERVER);
            }
            while (b.receiveDrops() < 3) {
                Thread.onSpinWait();
            }
            assertEquals(60_000, b.receive(out).length());
        }
    }

    @Test
    void sendingWaitsForRoomAndForTheNeighbour() throws Exception {
        try (UdpSocket a = pair.client.udpSocket();
                UdpSocket b = pair.server.udpSocket(PORT)) {
            a.setSendBufferSize(1);
            byte[] out = new byte[30_000];
            for (int i = 0; i < 20; i++) {
                out[0] = (byte) i;
                a.send(out, 0, out.length, SERVER);
                assertEquals(30_000, b.receive(out).length());
                assertEquals(i, out[0]);
            }
        }
    }

    @Test
    void closingEndsAReceive() throws Exception {
        UdpSocket a = pair.client.udpSocket();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        CountDownLatch started = new CountDownLatch(1);
        Thread t = new Thread(() -> {
            started.countDown();
            try {
                a.receive(new byte[1]);
            } catch (IOException e) {
                thrown.set(e);
            }
        });
        t.start();
        started.await();
        while (t.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        a.close();
        t.join(10_000);
        assertEquals("Socket closed", thrown.get().getMessage());
        a.close();
    }

    @Test
    void portsAreTakenOnce() throws Exception {
        try (UdpSocket a = pair.client.udpSocket(PORT)) {
            assertEquals(PORT, a.getLocalPort());
            assertThrows(BindException.class, () -> pair.client.udpSocket(PORT));
            assertThrows(BindException.class, () -> pair.client.udpSocket(SERVER));
        }
        pair.client.udpSocket(PORT).close();
    }

    @Test
    void talksToItself() throws Exception {
        try (UdpSocket a = pair.client.udpSocket();
                UdpSocket b = pair.client.udpSocket(PORT)) {
            byte[] in = new byte[3];
            a.send(new byte[] {1, 2, 3}, 0, 3, Endpoint.of("127.0.0.1", PORT));
            assertEquals(3, b.receive(in).length());
            a.send(new byte[] {4, 5, 6}, 0, 3, Endpoint.of(StackPair.CLIENT, PORT));
            assertEquals(3, b.receive(in).length());
            assertEquals(4, in[0]);
        }
    }
}
