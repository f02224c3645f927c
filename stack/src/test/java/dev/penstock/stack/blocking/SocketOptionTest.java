package dev.penstock.stack.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.tcp.TcpConfig;
import dev.penstock.stack.tcp.TcpOption;
import dev.penstock.stack.tcp.TcpOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The keys of options on blocking sockets, listeners and the builder. */
class SocketOptionTest {
    private final MemoryWire wire = MemoryWire.builder()
            .capabilities(DeviceCapabilities.offloading(1500))
            .parkers(new ThreadParker(), new ThreadParker())
            .build();

    @Test
    void optionsGoFromTheBuilderThroughTheListenerToTheConnection() throws Exception {
        try (PenstockStack a = PenstockStack.builder()
                        .device(wire.a())
                        .address("192.0.2.1/24")
                        .tcpOption(TcpOption.TCP_KEEPCNT, 3)
                        .start();
                PenstockStack b = PenstockStack.start(wire.b(), "192.0.2.2/24");
                TcpListener listener = a.listen(80)) {
            assertEquals(3, listener.getOption(TcpOption.TCP_KEEPCNT));
            listener.setOption(TcpOption.TCP_KEEPIDLE, 77);
            assertThrows(IllegalArgumentException.class, () -> listener.setOption(TcpOption.IP_TTL, 0));
            try (TcpSocket client = b.connect("192.0.2.1", 80);
                    TcpSocket server = listener.accept()) {
                assertEquals(3, server.getOption(TcpOption.TCP_KEEPCNT));
                assertEquals(77, server.getOption(TcpOption.TCP_KEEPIDLE));
                client.setOption(TcpOption.TCP_CORK, true);
                client.write(new byte[10]);
                client.setOption(TcpOption.TCP_CORK, false);
                assertEquals(10, server.read(new byte[20]));
                assertEquals(10, client.info().bytesSent);
                String refusal = assertThrows(
                                IllegalArgumentException.class, () -> client.setOption(TcpOption.SO_LINGER, 65_536))
                        .getMessage();
                assertEquals("SO_LINGER must be in -1 .. 65535 seconds: 65536", refusal);
                assertTrue(
                        client.info().toString().startsWith("ESTABLISHED "),
                        client.info().toString());
            }
        }
    }

    private interface Use {
        void of(TcpSocket client, TcpSocket server) throws Exception;
    }

    private void connected(Use use) throws Exception {
        try (PenstockStack a = PenstockStack.start(wire.a(), "192.0.2.1/24");
                PenstockStack b = PenstockStack.start(wire.b(), "192.0.2.2/24");
                TcpListener listener = a.listen(80);
                TcpSocket client = b.connect("192.0.2.1", 80);
                TcpSocket server = listener.accept()) {
            use.of(client, server);
        }
    }

    @Test
    void automaticBufferSizesAreToldAsTheyAreNow() throws Exception {
        connected((client, server) -> {
            TcpConfig config = new TcpConfig();
            assertEquals(config.initialReceiveBuffer, client.getReceiveBufferSize());
            assertEquals(config.initialSendBuffer, client.getSendBufferSize());
            // As automatic growth does.
            client.stream.connection().receiveQueue().setLimit(3 << 20);
            client.stream.connection().sendQueue().setLimit(2 << 20);
            assertEquals(3 << 20, client.getReceiveBufferSize());
            assertEquals(2 << 20, client.getSendBufferSize());
            client.setReceiveBufferSize(100_000);
            client.setSendBufferSize(90_000);
            assertEquals(100_000, client.getReceiveBufferSize());
            assertEquals(90_000, client.getSendBufferSize());
        });
    }

    @Test
    void urgentDataIsToldAndStaysInLine() throws Exception {
        connected((client, server) -> {
            assertEquals(0, server.urgentRemaining());
            client.write(new byte[] {1, 2, 3});
            client.writeUrgent(new byte[] {4, 5}, 0, 2);
            byte[] in = new byte[5];
            for (int n = 0; n < 5; ) {
                n += server.read(in, n, 5 - n);
            }
            assertEquals(5, in[4]);
            assertEquals(0, server.urgentRemaining());
            client.writeUrgent(new byte[] {6, 7, 8}, 0, 3);
            assertEquals(1, server.read(in, 0, 1));
            assertEquals(2, server.urgentRemaining());
        });
    }

    /** The shard may still be about to tell of the mark while a reader on another thread has the bytes already. */
    @Test
    void whoHasReadAByteOfUrgentDataKnowsTheMark() throws Exception {
        connected((client, server) -> {
            byte[] in = new byte[3];
            for (int round = 0; round < 2_000; round++) {
                client.writeUrgent(new byte[] {6, 7, 8}, 0, 3);
                assertEquals(1, server.read(in, 0, 1));
                assertEquals(2, server.urgentRemaining(), "in round " + round);
                for (int n = 1; n < 3; ) {
                    n += server.read(in, n, 3 - n);
                }
                assertEquals(0, server.urgentRemaining(), "in round " + round);
            }
        });
    }

    @Test
    void aStackIsNotMadeWithOptionsOutOfRange() {
        TcpOptions options = new TcpOptions();
        options.keepCount = 0;
        assertThrows(
                IllegalArgumentException.class, () -> PenstockStack.builder().tcpOptions(options));
    }

    /** TCP_NOTSENT_LOWAT: a blocking writer waits, although the send buffer has room, until less waits to be sent. */
    @Test
    void aWriterWaitsWhileEnoughWaitsToBeSent() throws Exception {
        try (PenstockStack a = PenstockStack.start(wire.a(), "192.0.2.1/24");
                PenstockStack b = PenstockStack.start(wire.b(), "192.0.2.2/24");
                TcpListener listener = a.listen(80)) {
            listener.setOption(TcpOption.SO_RCVBUF, 16_384);
            try (TcpSocket client = b.connect("192.0.2.1", 80);
                    TcpSocket server = listener.accept()) {
                client.setOption(TcpOption.SO_SNDBUF, 8 << 20);
                client.setOption(TcpOption.TCP_NOTSENT_LOWAT, 10_000);
                // Applied by the shard, as the options are.
                client.info();
                int size = 2 << 20;
                CompletableFuture<Void> writing = new CompletableFuture<>();
                Thread writer = new Thread(() -> {
                    try {
                        client.write(new byte[size]);
                        writing.complete(null);
                    } catch (Exception e) {
                        writing.completeExceptionally(e);
                    }
                });
                writer.start();
                long most = 0;
                byte[] buffer = new byte[64 << 10];
                for (int total = 0; total < size; ) {
                    most = Math.max(most, client.info().bytesNotSent);
                    total += server.read(buffer);
                }
                writing.get(20, TimeUnit.SECONDS);
                writer.join();
                assertTrue(most > 0, "nothing ever waited");
                assertTrue(most <= 10_000 + 65_536, "most that waited: " + most);
            }
        }
    }
}
