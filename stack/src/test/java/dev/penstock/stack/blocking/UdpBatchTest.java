package dev.penstock.stack.blocking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.MemoryWire;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many datagrams by one call: {@link DatagramBatch} and runs, over devices that can cut them and over others. */
@Timeout(30)
final class UdpBatchTest {
    private static final int PORT = 5000;
    private static final Endpoint SERVER = Endpoint.of(StackPair.SERVER, PORT);

    /** More would wait for the neighbour's address than is held. */
    private static void meet(UdpSocket a, UdpSocket b) throws Exception {
        a.send(new byte[] {'-'}, 0, 1, SERVER);
        assertEquals(List.of("-"), receive(b, 1, 100));
    }

    private static void awaitDatagrams(StackPair pair, int n) throws Exception {
        while (pair.server.counters().get(StackCounter.UDP_IN_DATAGRAMS) < n) {
            Thread.onSpinWait();
        }
        pair.server.call(shard -> shard.nowNs()); // the burst is over
    }

    private static List<String> receive(UdpSocket socket, int n, int bytes) throws Exception {
        List<String> all = new ArrayList<>();
        DatagramBatch batch = new DatagramBatch(16, bytes);
        socket.setSoTimeout(10_000);
        while (all.size() < n) {
            batch.clear();
            int received = socket.receive(batch);
            assertTrue(received > 0);
            assertEquals(received, batch.size());
            for (int i = 0; i < batch.size(); i++) {
                assertEquals(StackPair.CLIENT, batch.endpoint(i).address().toString());
                assertFalse(batch.isTruncated(i));
                all.add(batch.buffer().getStringWithoutLengthAscii(batch.offset(i), batch.length(i)));
            }
        }
        return all;
    }

    /** Of all sizes, empty ones among them: they come in order, each as it was sent. */
    @Test
    void aBatchArrivesAsItWasSent() throws Exception {
        try (StackPair pair = new StackPair();
                UdpSocket a = pair.client.udpSocket();
                UdpSocket b = pair.server.udpSocket(PORT)) {
            Random random = new Random(3);
            DatagramBatch batch = new DatagramBatch(64, 1 << 16);
            List<String> sent = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                String text = "x".repeat(random.nextInt(4) == 0 ? random.nextInt(900) : 18) + i;
                text = i % 13 == 0 ? "" : text;
                sent.add(text);
                UnsafeBuffer data = new UnsafeBuffer(text.getBytes(UTF_8));
                assertTrue(batch.add(data, 0, data.capacity(), SERVER));
            }
            assertFalse(batch.add(new UnsafeBuffer(new byte[1]), 0, 1, SERVER), "full");
            a.send(batch);
            assertEquals(sent, receive(b, 64, 1 << 16));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRunArrivesAsDatagrams(boolean deviceCuts) throws Exception {
        DeviceCapabilities can = deviceCuts
                ? new DeviceCapabilities(1500, true, true, true, true, 65_535)
                : DeviceCapabilities.plain(1500);
        MemoryWire wire = MemoryWire.builder()
                .capabilities(can)
                .parkers(new ThreadParker(), new ThreadParker())
                .build();
        try (PenstockStack client = PenstockStack.start(wire.a(), StackPair.CLIENT + "/24");
                PenstockStack server = PenstockStack.start(wire.b(), StackPair.SERVER + "/24");
                UdpSocket a = client.udpSocket();
                UdpSocket b = server.udpSocket(PORT)) {
            meet(a, b);
            long before = server.counters().get(StackCounter.FRAMES_IN);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 2_000; i++) {
                text.append((char) ('a' + i % 26));
            }
            UnsafeBuffer data = new UnsafeBuffer(text.toString().getBytes(UTF_8));
            a.send(data, 0, 2_000, 300, SERVER);
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 2_000; i += 300) {
                expected.add(text.substring(i, Math.min(2_000, i + 300)));
            }
            assertEquals(expected, receive(b, 7, 4_000));
            assertEquals(deviceCuts ? 1 : 7, server.counters().get(StackCounter.FRAMES_IN) - before);
            assertEquals(8, server.counters().get(StackCounter.UDP_IN_DATAGRAMS));
            long out = client.call(shard -> shard.counters().get(StackCounter.UDP_OUT_DATAGRAMS));
            assertEquals(8, out);
        }
    }

    /** More than {@code UdpEndpoint.MAX_RUN} of them, and datagrams above the MTU: what no device would take at once. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1473, 4000, 65_507})
    void aRunOfAnySizeArrives(int segment) throws Exception {
        try (StackPair pair = new StackPair();
                UdpSocket a = pair.client.udpSocket();
                UdpSocket b = pair.server.udpSocket(PORT)) {
            meet(a, b);
            int total = Math.min(65_507, segment * 200);
            UnsafeBuffer data = new UnsafeBuffer(new byte[total]);
            new Random(segment).nextBytes(data.byteArray());
            a.send(data, 0, total, segment, SERVER);
            b.setSoTimeout(10_000);
            byte[] in = new byte[65_507];
            for (int at = 0; at < total; at += segment) {
                int n = Math.min(segment, total - at);
                Received one = b.receive(in);
                assertEquals(n, one.length());
                assertEquals(new UnsafeBuffer(data, at, n), new UnsafeBuffer(in, 0, n));
            }
        }
    }

    @Test
    void whatDoesNotFitStaysAndWhatNeverFitsIsCut() throws Exception {
        try (StackPair pair = new StackPair();
                UdpSocket a = pair.client.udpSocket();
                UdpSocket b = pair.server.udpSocket(PORT)) {
            b.setSoTimeout(10_000);
            for (int length : new int[] {60, 60, 200}) {
                a.send(new byte[length], 0, length, SERVER);
            }
            awaitDatagrams(pair, 3);
            DatagramBatch batch = new DatagramBatch(8, 100);
            assertEquals(1, b.receive(batch));
            assertEquals(0, b.receive(batch), "40 bytes are left");
            batch.clear();
            assertEquals(1, b.receive(batch));
            batch.clear();
            assertEquals(1, b.receive(batch));
            assertEquals(100, batch.length(0));
            assertTrue(batch.isTruncated(0));
            b.setSoTimeout(1);
            batch.clear();
            assertThrows(SocketTimeoutException.class, () -> b.receive(batch));
        }
    }

    /** A run that finds room for a part of it in the receive buffer is received in part, and the rest is counted. */
    @Test
    void aRunThatFindsNoRoomIsCutOffAtADatagram() throws Exception {
        try (StackPair pair = new StackPair();
                UdpSocket a = pair.client.udpSocket();
                UdpSocket b = pair.server.udpSocket(PORT)) {
            meet(a, b);
            b.setReceiveBufferSize(1); // the least: 65,536
            UnsafeBuffer data = new UnsafeBuffer(new byte[60_000]);
            a.send(data, 0, 60_000, 1000, SERVER);
            a.send(data, 0, 60_000, 1000, SERVER);
            awaitDatagrams(pair, 121);
            b.setSoTimeout(1);
            DatagramBatch batch = new DatagramBatch(200, 200_000);
            int received = b.receive(batch);
            assertEquals(120, received + b.receiveDrops());
            assertTrue(received >= 60 && received < 66, received + " received");
            for (int i = 0; i < received; i++) {
                assertEquals(1000, batch.length(i));
            }
        }
    }

    @Test
    void refusesNonsense() throws Exception {
        assertThrows(IllegalArgumentException.class, () -> new DatagramBatch(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new DatagramBatch(1, 0));
        try (StackPair pair = new StackPair();
                UdpSocket a = pair.client.udpSocket()) {
            UnsafeBuffer data = new UnsafeBuffer(new byte[10]);
            assertThrows(IllegalArgumentException.class, () -> a.send(data, 0, 10, 0, SERVER));
            assertThrows(IndexOutOfBoundsException.class, () -> a.send(data, 0, 11, 5, SERVER));
            DatagramBatch batch = new DatagramBatch(4, 4);
            assertThrows(IndexOutOfBoundsException.class, () -> batch.length(0));
        }
    }
}
