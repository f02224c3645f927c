package dev.penstock.stack.blocking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.MemoryWire;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StaticRouteTest {
    private final MemoryWire wire = MemoryWire.builder()
            .capabilities(DeviceCapabilities.offloading(1500))
            .parkers(new ThreadParker(), new ThreadParker())
            .build();
    private final PenstockStack server = PenstockStack.builder()
            .device(wire.b())
            .address("192.0.2.2/24")
            .address("198.51.100.1/24")
            .start();
    private PenstockStack client;

    @AfterEach
    void close() {
        if (client != null) {
            client.close();
        }
        server.close();
    }

    @Test
    void packetsToAnotherNetworkGoToItsGateway() throws Exception {
        client = PenstockStack.builder()
                .device(wire.a())
                .address("192.0.2.1/24")
                .route("198.51.100.0/24", "192.0.2.2")
                .start();
        try (TcpListener listener = server.listen(7);
                TcpSocket socket = client.connect("198.51.100.1", 7, 10_000);
                TcpSocket accepted = listener.accept()) {
            byte[] hello = "hello".getBytes(StandardCharsets.US_ASCII);
            socket.write(hello);
            assertArrayEquals(hello, accepted.getInputStream().readNBytes(5));
            assertEquals("198.51.100.1", accepted.getLocalAddress().address().toString());
        }
    }

    @Test
    void withoutARouteTheNetworkIsUnreachable() {
        client =
                PenstockStack.builder().device(wire.a()).address("192.0.2.1/24").start();
        SocketException e = assertThrows(SocketException.class, () -> client.connect("198.51.100.1", 7, 10_000));
        assertEquals("Network is unreachable", e.getMessage());
    }

    @Test
    void aRouteWithHostBitsIsRefused() {
        StackBuilder builder =
                PenstockStack.builder().device(wire.a()).address("192.0.2.1/24").route("198.51.100.7/24", "192.0.2.2");
        assertThrows(IllegalArgumentException.class, builder::start);
    }
}
