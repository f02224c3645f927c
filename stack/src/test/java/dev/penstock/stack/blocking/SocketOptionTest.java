package dev.penstock.stack.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.tcp.TcpOption;
import dev.penstock.stack.tcp.TcpOptions;
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

    @Test
    void aStackIsNotMadeWithOptionsOutOfRange() {
        TcpOptions options = new TcpOptions();
        options.keepCount = 0;
        assertThrows(
                IllegalArgumentException.class, () -> PenstockStack.builder().tcpOptions(options));
    }
}
