package dev.penstock.stack.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.wire.IpAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PingSocketTest {
    private static final IpAddress SERVER = IpAddress.parse(StackPair.SERVER);

    private final StackPair pair = new StackPair();

    @AfterEach
    void close() {
        pair.close();
    }

    @Test
    void pingsInAllSizes() throws Exception {
        try (PingSocket ping = pair.client.pingSocket()) {
            int sequence = 1;
            for (int size : new int[] {0, 56, 1472, 1473, 20_000, 65_507}) {
                PingReply reply = ping.ping(SERVER, size, 5000);
                assertEquals(PingReply.Kind.REPLY, reply.kind(), () -> reply.toString());
                assertEquals(SERVER, reply.from());
                assertEquals(size, reply.bytes());
                assertEquals(sequence++, reply.sequence());
                assertEquals(64, reply.ttl());
                assertTrue(reply.rttNs() > 0 && reply.rttNs() < 5_000_000_000L);
            }
        }
    }

    @Test
    void nobodyThere() throws Exception {
        try (PingSocket ping = pair.client.pingSocket()) {
            PingReply timeout = ping.ping("192.0.2.99", 50);
            assertEquals(PingReply.Kind.TIMEOUT, timeout.kind());
            assertNull(timeout.from());
            PingReply unreachable = ping.ping("192.0.2.99", 20_000);
            assertEquals(PingReply.Kind.HOST_UNREACHABLE, unreachable.kind());
            assertEquals(StackPair.CLIENT, unreachable.from().toString());
            assertEquals(
                    PingReply.Kind.NET_UNREACHABLE, ping.ping("203.0.113.9", 50).kind());
        }
    }

    @Test
    void tooBigWithDontFragment() throws Exception {
        try (PingSocket ping = pair.client.pingSocket()) {
            ping.setDontFragment(true);
            assertEquals(PingReply.Kind.REPLY, ping.ping(SERVER, 1472, 5000).kind());
            assertEquals(PingReply.Kind.TOO_BIG, ping.ping(SERVER, 1473, 5000).kind());
        }
    }

    @Test
    void manyAtOnce() throws Exception {
        try (PingSocket ping = pair.client.pingSocket();
                PingSocket other = pair.client.pingSocket()) {
            assertNotEquals(ping.identifier(), other.identifier());
            // IP keeps but a few answers for a neighbour that it does not know yet: make them known to each other.
            assertTrue(ping.ping(SERVER, 56, 5000).isReply());
            List<CompletableFuture<PingReply>> all = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                all.add(ping.pingAsync(SERVER, 56, 5000));
            }
            for (int i = 0; i < 100; i++) {
                PingReply reply = all.get(i).get(10, TimeUnit.SECONDS);
                assertTrue(
                        reply.isReply(),
                        () -> reply + "\nclient " + pair.client.counters() + "\nserver " + pair.server.counters());
                assertEquals(i + 2, reply.sequence());
            }
        }
    }

    @Test
    void closingGivesUp() throws Exception {
        PingSocket ping = pair.client.pingSocket();
        CompletableFuture<PingReply> future = ping.pingAsync(IpAddress.parse("192.0.2.98"), 56, 60_000);
        ping.close();
        ExecutionException e = assertThrows(ExecutionException.class, () -> future.get(10, TimeUnit.SECONDS));
        assertEquals("Socket closed", e.getCause().getMessage());
        assertThrows(SocketException.class, () -> ping.ping(SERVER, 1, 1));
    }

    @Test
    void refusesNonsense() throws Exception {
        try (PingSocket ping = pair.client.pingSocket()) {
            assertThrows(IllegalArgumentException.class, () -> ping.ping(SERVER, -1, 1));
            assertThrows(IllegalArgumentException.class, () -> ping.ping(SERVER, 65_508, 1));
            assertThrows(IllegalArgumentException.class, () -> ping.ping(SERVER, 1, 0));
        }
    }
}
