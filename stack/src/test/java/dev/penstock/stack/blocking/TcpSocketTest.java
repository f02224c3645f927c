package dev.penstock.stack.blocking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TcpSocketTest {
    private static final int PORT = 7000;

    private final StackPair pair = new StackPair();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void closeAll() throws InterruptedException {
        pair.close();
        threads.shutdownNow();
        assertTrue(threads.awaitTermination(10, TimeUnit.SECONDS), "a thread hangs in a socket of a closed stack");
    }

    private <T> Future<T> async(Callable<T> code) {
        return threads.submit(code);
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private static Throwable failure(Future<?> future) {
        return assertThrows(ExecutionException.class, () -> get(future)).getCause();
    }

    private static void assertSocketException(String message, Throwable t) {
        assertEquals(SocketException.class, t.getClass(), () -> t.toString());
        assertEquals(message, t.getMessage());
    }

    /** Two connected sockets: the client's and the server's. */
    private TcpSocket[] connected() throws Exception {
        try (TcpListener listener = pair.server.listen(0)) {
            TcpSocket client = pair.client.connect(StackPair.SERVER, listener.getLocalPort());
            return new TcpSocket[] {client, listener.accept()};
        }
    }

    /** Waits, without a fixed delay, until the other thread is parked inside a socket. */
    private static void awaitParked(Thread thread) {
        while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
    }

    private interface Io {
        void run() throws Exception;
    }

    /** Runs {@code blocked} until it waits, then {@code then}; answers what {@code blocked} threw. */
    private Throwable interruptedBy(Io blocked, Io then) throws Exception {
        Thread[] who = new Thread[1];
        CountDownLatch started = new CountDownLatch(1);
        Future<Void> f = async(() -> {
            who[0] = Thread.currentThread();
            started.countDown();
            blocked.run();
            return null;
        });
        started.await();
        awaitParked(who[0]);
        then.run();
        return failure(f);
    }

    @Test
    void echoesInAllThreeForms() throws Exception {
        try (TcpListener listener = pair.server.listen(PORT)) {
            Future<Void> echo = async(() -> {
                try (TcpSocket s = listener.accept()) {
                    s.getInputStream().transferTo(s.getOutputStream());
                }
                return null;
            });
            try (TcpSocket s = pair.client.connect(StackPair.SERVER, PORT)) {
                byte[] array = "array".getBytes(UTF_8);
                s.write(array);
                assertArrayEquals(array, s.getInputStream().readNBytes(5));

                s.write(ByteBuffer.wrap("buffer".getBytes(UTF_8)));
                ByteBuffer in = ByteBuffer.allocate(6);
                while (in.hasRemaining()) {
                    assertTrue(s.read(in) > 0);
                }
                assertEquals("buffer", new String(in.array(), UTF_8));

                UnsafeBuffer direct = new UnsafeBuffer(ByteBuffer.allocateDirect(16));
                direct.putStringWithoutLengthAscii(0, "direct");
                s.write(direct, 0, 6);
                int done = 0;
                while (done < 6) {
                    done += s.read(direct, 8 + done, 6 - done);
                }
                assertEquals("direct", direct.getStringWithoutLengthAscii(8, 6));
                s.shutdownOutput();
                assertEquals(-1, s.read(array));
            }
            get(echo);
        }
    }

    @Test
    void carries64MiBUnchangedBothWays() throws Exception {
        TcpSocket[] s = connected();
        int megabytes = 64;
        Future<byte[]> up = async(() -> send(s[0], megabytes, 1));
        Future<byte[]> down = async(() -> send(s[1], megabytes, 2));
        Future<byte[]> upReceived = async(() -> digest(s[1]));
        Future<byte[]> downReceived = async(() -> digest(s[0]));
        assertArrayEquals(get(up), get(upReceived));
        assertArrayEquals(get(down), get(downReceived));
        // The peer's application has all of it; the acknowledgment of the last bytes may still be on its way.
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (s[0].info().bytesAcked < megabytes << 20 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertEquals(megabytes << 20, s[0].info().bytesAcked);
        s[0].close();
        s[1].close();
    }

    private static byte[] send(TcpSocket s, int megabytes, long seed) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        Random random = new Random(seed);
        byte[] block = new byte[1 << 20];
        for (int i = 0; i < megabytes; i++) {
            random.nextBytes(block);
            digest.update(block);
            s.write(block);
        }
        s.shutdownOutput();
        return digest.digest();
    }

    private static byte[] digest(TcpSocket s) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] block = new byte[100_000];
        InputStream in = s.getInputStream();
        for (int n = in.read(block); n >= 0; n = in.read(block)) {
            digest.update(block, 0, n);
        }
        return digest.digest();
    }

    @Test
    void halfCloseLeavesTheOtherDirectionOpen() throws Exception {
        TcpSocket[] s = connected();
        s[0].write(new byte[] {1});
        s[0].shutdownOutput();
        assertEquals(1, s[1].read(new byte[10]));
        assertEquals(-1, s[1].read(new byte[10]));
        s[1].write(new byte[] {2, 3});
        assertArrayEquals(new byte[] {2, 3}, s[0].getInputStream().readNBytes(2));
        assertSocketException(
                "Socket output is already shutdown", assertThrows(IOException.class, s[0]::shutdownOutput));
        assertSocketException("Broken pipe", assertThrows(IOException.class, () -> s[0].write(new byte[1])));
        s[1].close();
        assertEquals(-1, s[0].read(new byte[1]));
        s[0].close();
    }

    @Test
    void shutdownInputEndsReads() throws Exception {
        TcpSocket[] s = connected();
        Future<Integer> read = async(() -> s[0].read(new byte[10]));
        s[0].shutdownInput();
        assertEquals(-1, get(read));
        assertEquals(-1, s[0].read(new byte[1]));
        s[0].close();
        s[1].close();
    }

    @Test
    void readTimesOutAndGoesOnAfterwards() throws Exception {
        TcpSocket[] s = connected();
        s[0].setSoTimeout(50);
        SocketTimeoutException e = assertThrows(SocketTimeoutException.class, () -> s[0].read(new byte[1]));
        assertEquals("Read timed out", e.getMessage());
        s[1].write(new byte[] {42});
        s[0].setSoTimeout(0);
        byte[] one = new byte[1];
        assertEquals(1, s[0].read(one));
        assertEquals(42, one[0]);
        s[0].close();
        s[1].close();
    }

    @Test
    void acceptTimesOut() throws Exception {
        try (TcpListener listener = pair.server.listen(PORT)) {
            listener.setSoTimeout(20);
            assertEquals(
                    "Accept timed out",
                    assertThrows(SocketTimeoutException.class, listener::accept).getMessage());
        }
    }

    @Test
    void connectIsRefused() {
        ConnectException e =
                assertThrows(ConnectException.class, () -> pair.client.connect(StackPair.SERVER, PORT + 1));
        assertEquals("Connection refused", e.getMessage());
        assertEquals(0, openAfterCommands());
    }

    private int openAfterCommands() {
        try {
            pair.client.call(shard -> null); // commands are carried out in order: the close before this one has been
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return pair.client.openSockets();
    }

    @Test
    void connectTimesOutWhileNobodyAnswersArp() {
        SocketTimeoutException e =
                assertThrows(SocketTimeoutException.class, () -> pair.client.connect("192.0.2.77", PORT, 100));
        assertEquals("Connect timed out", e.getMessage());
    }

    @Test
    void connectLearnsThatNobodyIsThere() {
        assertEquals(
                "No route to host",
                assertThrows(NoRouteToHostException.class, () -> pair.client.connect("192.0.2.78", PORT))
                        .getMessage());
        assertSocketException(
                "Network is unreachable",
                assertThrows(SocketException.class, () -> pair.client.connect("203.0.113.1", PORT)));
    }

    @Test
    void aTakenPortCannotBeBound() throws Exception {
        try (TcpListener listener = pair.server.listen(PORT)) {
            assertEquals(PORT, listener.getLocalPort());
            assertEquals(
                    "Address already in use",
                    assertThrows(BindException.class, () -> pair.server.listen(PORT))
                            .getMessage());
        }
        assertThrows(BindException.class, () -> pair.server.listen("192.0.2.9", PORT, 1));
        pair.server.listen(PORT).close();
    }

    @Test
    void closingEndsWhatOthersWaitFor() throws Exception {
        TcpSocket[] s = connected();
        assertSocketException("Socket closed", interruptedBy(() -> s[0].read(new byte[1]), () -> s[0].close()));
        assertSocketException("Socket closed", assertThrows(IOException.class, () -> s[0].read(new byte[1])));
        assertSocketException("Socket closed", assertThrows(IOException.class, () -> s[0].write(new byte[1])));
        s[1].close();

        TcpSocket[] t = connected();
        assertSocketException("Socket closed", interruptedBy(() -> t[1].write(new byte[64 << 20]), () -> t[1].close()));
        t[0].close();

        TcpListener listener = pair.server.listen(PORT);
        assertSocketException("Socket closed", interruptedBy(listener::accept, listener::close));

        TcpSocket connecting = pair.client.tcpSocket();
        assertSocketException(
                "Socket closed",
                interruptedBy(() -> connecting.connect(Endpoint.of("192.0.2.79", 1)), connecting::close));
    }

    @Test
    void interruptsAreIgnoredOnPlatformThreads() throws Exception {
        TcpSocket[] s = connected();
        Thread[] who = new Thread[1];
        CountDownLatch started = new CountDownLatch(1);
        Future<Boolean> read = async(() -> {
            who[0] = Thread.currentThread();
            started.countDown();
            assertEquals(1, s[0].read(new byte[1]));
            return Thread.interrupted();
        });
        started.await();
        awaitParked(who[0]);
        who[0].interrupt();
        s[1].write(new byte[1]);
        assertTrue(get(read), "the interrupt status is kept");
        s[0].close();
        s[1].close();
    }

    @Test
    void lingerZeroResets() throws Exception {
        TcpSocket[] s = connected();
        s[0].setSoLinger(true, 0);
        s[0].close();
        assertSocketException("Connection reset", assertThrows(IOException.class, () -> s[1].read(new byte[1])));
        assertSocketException("Connection reset", assertThrows(IOException.class, () -> s[1].read(new byte[1])));
        assertSocketException("Broken pipe", assertThrows(IOException.class, () -> s[1].write(new byte[1])));
        s[1].close();
    }

    @Test
    void closingWithUnreadDataResets() throws Exception {
        TcpSocket[] s = connected();
        s[0].write(new byte[1000]);
        while (s[1].available() < 1000) {
            Thread.onSpinWait();
        }
        s[1].close();
        assertSocketException("Connection reset", assertThrows(IOException.class, () -> s[0].read(new byte[1])));
        s[0].close();
    }

    @Test
    void lingeringCloseWaitsUntilThePeerHasEverything() throws Exception {
        TcpSocket[] s = connected();
        byte[] data = new byte[3 << 20];
        s[0].setSendBufferSize(4 << 20);
        s[0].setSoLinger(true, 10);
        s[0].write(data);
        Future<byte[]> received = async(() -> s[1].getInputStream().readAllBytes());
        s[0].close();
        assertEquals(data.length, get(received).length);
        s[1].close();
    }

    @Test
    void dataBeforeTheResetCanStillBeRead() throws Exception {
        TcpSocket[] s = connected();
        s[0].write(new byte[10]);
        while (s[1].available() < 10) {
            Thread.onSpinWait();
        }
        s[0].abort();
        s[0].close();
        assertEquals(10, s[1].read(new byte[100]));
        assertSocketException("Connection reset", assertThrows(IOException.class, () -> s[1].read(new byte[1])));
        s[1].close();
        assertTrue(s[0].isClosed());
    }

    @Test
    void twoHundredConnectionsAtOnce() throws Exception {
        int n = 200;
        try (TcpListener listener = pair.server.listen(PORT)) {
            Future<Void> accepting = async(() -> {
                List<Future<Long>> echoes = new ArrayList<>();
                for (int i = 0; i < n; i++) {
                    TcpSocket s = listener.accept();
                    echoes.add(async(() -> {
                        try (s) {
                            return s.getInputStream().transferTo(s.getOutputStream());
                        }
                    }));
                }
                for (Future<Long> echo : echoes) {
                    get(echo);
                }
                return null;
            });
            List<Future<byte[]>> clients = new ArrayList<>();
            CountDownLatch allConnected = new CountDownLatch(n);
            for (int i = 0; i < n; i++) {
                byte[] data = ("connection " + i).repeat(100).getBytes(UTF_8);
                clients.add(async(() -> {
                    try (TcpSocket s = pair.client.connect(StackPair.SERVER, PORT)) {
                        allConnected.countDown();
                        allConnected.await();
                        s.write(data);
                        s.shutdownOutput();
                        return s.getInputStream().readAllBytes();
                    }
                }));
            }
            for (int i = 0; i < n; i++) {
                assertEquals(("connection " + i).repeat(100), new String(get(clients.get(i)), UTF_8));
            }
            get(accepting);
        }
    }

    @Test
    void manyThreadsAcceptOnOneListener() throws Exception {
        try (TcpListener listener = pair.server.listen(PORT)) {
            List<Future<TcpSocket>> accepting = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                accepting.add(async(listener::accept));
            }
            List<TcpSocket> clients = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                clients.add(pair.client.connect(StackPair.SERVER, PORT));
            }
            for (Future<TcpSocket> f : accepting) {
                get(f).close();
            }
            for (TcpSocket c : clients) {
                assertEquals(-1, c.read(new byte[1]));
                c.close();
            }
        }
    }

    @Test
    void twoThreadsThatWriteDoNotMixTheirBytes() throws Exception {
        TcpSocket[] s = connected();
        int size = 300_000;
        List<Future<Void>> writers = new ArrayList<>();
        for (int w = 1; w <= 4; w++) {
            byte[] data = new byte[size];
            java.util.Arrays.fill(data, (byte) w);
            writers.add(async(() -> {
                s[0].write(data);
                return null;
            }));
        }
        Future<byte[]> received = async(() -> s[1].getInputStream().readNBytes(4 * size));
        for (Future<Void> f : writers) {
            get(f);
        }
        byte[] all = get(received);
        for (int i = 0; i < all.length; i++) {
            assertEquals(all[i / size * size], all[i]);
        }
        s[0].close();
        s[1].close();
    }

    @Test
    void optionsAndAddresses() throws Exception {
        try (TcpListener listener = pair.server.listen(PORT);
                TcpSocket s = pair.client.tcpSocket()) {
            assertNull(s.getLocalAddress());
            assertFalse(s.isConnected());
            assertSocketException(
                    "Socket is not connected", assertThrows(IOException.class, () -> s.read(new byte[1])));
            s.setReceiveBufferSize(100_000);
            s.setTcpNoDelay(true);
            s.bind(Endpoint.of(StackPair.CLIENT, 5555));
            s.connect(Endpoint.of(StackPair.SERVER, PORT), 5000);
            s.setKeepAlive(true);
            s.setTrafficClass(0x2b);
            assertEquals(0x28, s.getTrafficClass());
            assertTrue(s.getTcpNoDelay());
            assertEquals(Endpoint.of(StackPair.CLIENT, 5555), s.getLocalAddress());
            assertEquals("/192.0.2.2:7000", s.getRemoteSocketAddress().toString());
            TcpSocket accepted = listener.accept();
            assertEquals(s.getLocalAddress(), accepted.getRemoteAddress());
            assertTrue(s.info().receiveWindow <= 100_000);
            assertEquals(
                    "already connected",
                    assertThrows(SocketException.class, () -> s.connect(Endpoint.of(StackPair.SERVER, PORT)))
                            .getMessage());
            accepted.close();
        }
    }

    @Test
    void theStackClosesUnderItsSockets() throws Exception {
        TcpSocket[] s = connected();
        assertSocketException("Socket closed", interruptedBy(() -> s[0].read(new byte[1]), () -> pair.client.close()));
        assertEquals(-1, s[1].read(new byte[1]));
        assertThrows(SocketException.class, () -> pair.client.connect(StackPair.SERVER, PORT));
        s[1].close();
    }

    @Test
    void theSocketLimitIsKept() throws Exception {
        try (StackPair small = new StackPair(b -> b.maxSockets(2))) {
            TcpListener l = small.server.listen(PORT);
            TcpSocket a = small.client.connect(StackPair.SERVER, PORT);
            TcpSocket b = small.client.tcpSocket();
            UdpSocket u = small.client.udpSocket();
            assertSocketException(
                    "Too many open sockets",
                    assertThrows(SocketException.class, () -> b.connect(Endpoint.of(StackPair.SERVER, PORT))));
            u.close();
            a.close();
            l.close();
        }
    }
}
