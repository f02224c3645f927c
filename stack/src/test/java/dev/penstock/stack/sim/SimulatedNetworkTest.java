package dev.penstock.stack.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SimulatedNetworkTest {
    private static final long SECOND = 1_000_000_000L;

    private final SimulatedNetwork net = SimulatedNetwork.seeded(11);
    private final SimulatedHost a = net.host("a", "192.0.2.1/24");
    private final SimulatedHost b = net.host("b", "192.0.2.2/24");

    @AfterEach
    void nothingLeaks() {
        net.close();
        net.assertNoLeaks();
    }

    /** Remembers how a connection went. */
    private static final class Watcher implements TcpHandler {
        boolean connected;
        boolean closed;
        TcpError error;

        @Override
        public void onConnected(TcpConnection c, long nowNs) {
            connected = true;
        }

        @Override
        public void onClosed(TcpConnection c, TcpError why, long nowNs) {
            closed = true;
            error = why;
        }
    }

    private Watcher connect(SimulatedHost to, int port) {
        Watcher watcher = new Watcher();
        TcpConnection c = a.stack()
                .tcp()
                .connect(0, 0, 0, to.address().hi(), to.address().lo(), port, new TcpOptions(), watcher, net.nowNs());
        assertNotNull(c);
        return watcher;
    }

    @Test
    void aHandshakeTakesARoundTripOfVirtualTime() {
        a.transmit().delay(30_000_000);
        a.receive().delay(20_000_000);
        b.stack().tcp().listen(0, 0, 80, 4, new TcpOptions(), (l, now) -> l.accept(new TcpHandler() {}));
        // Let the announcements of their addresses pass, which would spare the question.
        net.run(5 * SECOND);
        long began = net.nowNs();
        Watcher watcher = connect(b, 80);
        assertTrue(net.runUntil(() -> watcher.connected, 10 * SECOND));
        // ARP first, then SYN and SYN-ACK: two round trips of 50 ms.
        assertEquals(100, (net.nowNs() - began) / 1_000_000);
    }

    @Test
    void aClosedPortRefuses() {
        Watcher watcher = connect(b, 81);
        assertTrue(net.runUntil(() -> watcher.closed, 10 * SECOND));
        assertEquals(TcpError.CONNECTION_REFUSED, watcher.error);
    }

    @Test
    void aHostThatIsNotThereCannotBeReached() {
        SimulatedHost gone = net.host("gone", "192.0.2.3/24");
        gone.link().cut(true);
        Watcher watcher = connect(gone, 80);
        assertTrue(net.runUntil(() -> watcher.closed, 60 * SECOND));
        assertFalse(watcher.connected);
        assertEquals(TcpError.HOST_UNREACHABLE, watcher.error);
    }

    @Test
    void timePassesOnlyAsFarAsAsked() {
        long began = net.nowNs();
        net.run(7 * SECOND);
        assertEquals(7 * SECOND, net.nowNs() - began);
    }
}
