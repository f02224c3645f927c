package dev.penstock.stack.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Threads that wait in blocking calls run the shard themselves, and give it back. Without looking around, a stack lends its shard as
 * soon as there is nothing to do, so that each of these comes to it in the end.
 */
@Timeout(60)
class ShardLeaseTest {
    private static final int PORT = 7000;

    private final StackPair pair = new StackPair(b -> b.idle(IdleMode.BLOCKING));
    private TcpListener listener;
    private TcpSocket client;
    private TcpSocket server;

    @BeforeEach
    void connect() throws IOException {
        listener = pair.server.listen(PORT);
        client = pair.client.connect(StackPair.SERVER, PORT);
        server = listener.accept();
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
        listener.close();
        pair.close();
    }

    private interface Io {
        void run() throws Exception;
    }

    private static CompletableFuture<Void> on(String name, Io code) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        code.run();
                        done.complete(null);
                    } catch (Exception | AssertionError e) {
                        done.completeExceptionally(e);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    /** The test itself must not call the stack in the meantime, or it would take part. */
    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(100_000);
        }
    }

    /** The stack's own thread may be asleep already, and lends the shard when it is next done with something. */
    private void untilLentToReader() {
        until(() -> {
            if (!lease().isLent()) {
                assertTrue(pair.server.commands().offer((shard, nowNs) -> {}));
            }
            return lease().isLentTo("reader");
        });
    }

    private CompletableFuture<Void> echo() {
        return on("echo", () -> {
            byte[] data = new byte[100];
            for (int n = server.read(data); n > 0; n = server.read(data)) {
                server.write(data, 0, n);
            }
        });
    }

    private void roundTrips(int n) throws IOException {
        byte[] data = new byte[64];
        for (int i = 0; i < n; i++) {
            data[0] = (byte) i;
            client.write(data);
            int have = 0;
            while (have < data.length) {
                have += client.read(data, have, data.length - have);
            }
            assertEquals((byte) i, data[0]);
        }
    }

    private ShardLease lease() {
        return pair.server.lease();
    }

    @Test
    void anEchoIsServedByTheThreadThatWaits() throws Exception {
        CompletableFuture<Void> echo = echo();
        long before = lease().lent();
        while (lease().lent() == before || pair.client.lease().lent() == 0) {
            roundTrips(10);
        }
        roundTrips(1000);
        client.shutdownOutput();
        echo.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aReadTimesOutOnTheThreadThatRunsTheShard() throws Exception {
        server.setSoTimeout(20);
        byte[] data = new byte[1];
        long before = lease().lent();
        do {
            assertThrows(SocketTimeoutException.class, () -> server.read(data));
        } while (lease().lent() == before);
        client.write(data);
        server.setSoTimeout(0);
        assertEquals(1, server.read(data), "the socket stays usable");
    }

    @Test
    void closedByAnotherItWakesUp() throws Exception {
        CompletableFuture<Void> read = on("reader", () -> server.read(new byte[1]));
        untilLentToReader();
        server.close();
        Exception e = assertThrows(Exception.class, () -> read.get(10, TimeUnit.SECONDS));
        assertTrue(e.getCause() instanceof SocketException, e::toString);
    }

    @Test
    void otherThreadsAreServedMeanwhile() throws Exception {
        CompletableFuture<Void> read = on("reader", () -> server.read(new byte[1]));
        untilLentToReader();
        try (TcpSocket other = pair.client.connect(StackPair.SERVER, PORT);
                TcpSocket accepted = listener.accept()) {
            byte[] data = new byte[1000];
            for (int i = 0; i < 100; i++) {
                other.write(data);
                int have = 0;
                while (have < data.length) {
                    have += accepted.read(data, have, data.length - have);
                }
                accepted.write(data, 0, 1);
                assertEquals(1, other.read(data));
            }
        }
        assertFalse(read.isDone());
        client.write(new byte[1]);
        read.get(10, TimeUnit.SECONDS);
    }

    @Test
    void itIsTakenBackFromAnApplicationThatDoesOtherThings() throws Exception {
        long before = lease().takenBack();
        CompletableFuture<Void> busy = on("busy", () -> {
            byte[] data = new byte[1];
            while (server.read(data) == 1 && data[0] == 0) {
                // Goes on when the stack's own thread has the shard again, without which the peer's data are not
                // acknowledged.
                long then = lease().takenBack();
                if (lease().isLent()) {
                    until(() -> lease().takenBack() > then);
                }
            }
        });
        do {
            client.write(new byte[] {0});
        } while (lease().takenBack() == before);
        client.write(new byte[] {1});
        busy.get(10, TimeUnit.SECONDS);
    }

    @Test
    void theStackClosesUnderTheThreadThatRunsIt() {
        CompletableFuture<Void> read = on("reader", () -> server.read(new byte[1]));
        untilLentToReader();
        pair.server.close();
        Exception e = assertThrows(Exception.class, () -> read.get(10, TimeUnit.SECONDS));
        assertTrue(e.getCause() instanceof SocketException, e::toString);
    }

    @Test
    void anInterruptedThreadGoesOnWaiting() throws Exception {
        Thread[] reader = new Thread[1];
        CompletableFuture<Void> read = on("reader", () -> {
            reader[0] = Thread.currentThread();
            assertEquals(1, server.read(new byte[1]));
            assertTrue(Thread.interrupted());
        });
        untilLentToReader();
        reader[0].interrupt();
        client.write(new byte[1]);
        read.get(10, TimeUnit.SECONDS);
    }

    @Test
    void withCodeOfTheApplicationItStaysWithItsOwnThread() throws Exception {
        CompletableFuture<Void> read = on("reader", () -> server.read(new byte[1]));
        untilLentToReader();
        for (int i = 0; i < 10; i++) {
            assertEquals(
                    "server", pair.server.call(shard -> Thread.currentThread().getName()));
        }
        long lent = lease().lent();
        CompletableFuture<String> later = new CompletableFuture<>();
        pair.server.onShard(shard -> later.complete(Thread.currentThread().getName()));
        assertEquals("server", later.get(10, TimeUnit.SECONDS));
        client.write(new byte[1]);
        read.get(10, TimeUnit.SECONDS);
        assertEquals(lent, lease().lent());
    }

    @Test
    void muchDataGoesThroughIntactBothWays() throws Exception {
        int size = 8 << 20;
        CompletableFuture<Void> sending = on("sender", () -> {
            byte[] data = new byte[100_000];
            for (int at = 0; at < size; at += data.length) {
                for (int i = 0; i < data.length; i++) {
                    data[i] = (byte) ((at + i) % 251);
                }
                server.write(data, 0, Math.min(data.length, size - at));
            }
            server.shutdownOutput();
        });
        CompletableFuture<Void> back = echoToNowhere();
        byte[] data = new byte[30_000];
        int have = 0;
        for (int n = client.read(data); n >= 0; n = client.read(data)) {
            for (int i = 0; i < n; i++) {
                assertEquals((byte) ((have + i) % 251), data[i]);
            }
            have += n;
            client.write(data, 0, n);
        }
        assertEquals(size, have);
        client.shutdownOutput();
        sending.get(10, TimeUnit.SECONDS);
        back.get(10, TimeUnit.SECONDS);
    }

    private CompletableFuture<Void> echoToNowhere() {
        return on("reader", () -> {
            byte[] data = new byte[30_000];
            int have = 0;
            for (int n = server.read(data); n >= 0; n = server.read(data)) {
                for (int i = 0; i < n; i++) {
                    assertEquals((byte) ((have + i) % 251), data[i]);
                }
                have += n;
            }
        });
    }
}
