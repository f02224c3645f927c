package dev.penstock.apps.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.apps.net.KernelTransport;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server with its threads, over the kernel's loopback. */
@Timeout(60)
class HttpServerTest {
    private static final HttpHandler HELLO =
            (request, response) -> response.send(200, "text/plain", "hello".getBytes(StandardCharsets.US_ASCII));
    private static final String GET = "GET /f HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String GET_CLOSE = "GET /f HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    private final AtomicLong clockNs = new AtomicLong(System.nanoTime());

    private HttpServer server(KernelTransport.Listener listener, HttpHandler handler, int connections) {
        return new HttpServer(
                        listener,
                        handler,
                        HttpLimits.DEFAULT.withConnections(connections),
                        clockNs::get,
                        InstantSource.system(),
                        null)
                .start();
    }

    private static Socket connect(KernelTransport.Listener listener) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port());
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String readHelloFrom(Socket socket) throws IOException {
        StringBuilder out = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (!out.toString().endsWith("hello")) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("ended after: " + out);
            }
            out.append((char) b);
        }
        return out.toString();
    }

    @Test
    void servesAFileLargerThanItsBuffer(@TempDir Path root) throws Exception {
        byte[] content = new byte[3_000_001];
        new Random(7).nextBytes(content);
        Files.write(root.resolve("f"), content);
        KernelTransport.Listener listener = KernelTransport.listen();
        try (HttpServer server = server(listener, new FileHandler(root), 4);
                Socket socket = connect(listener)) {
            send(socket, GET_CLOSE);
            byte[] all = socket.getInputStream().readAllBytes();
            byte[] tail = Arrays.copyOfRange(all, all.length - content.length, all.length);
            assertArrayEquals(content, tail);
            assertEquals(content.length, server.contentBytes());
        }
    }

    @Test
    void refusesOneConnectionTooMany() throws Exception {
        KernelTransport.Listener listener = KernelTransport.listen();
        try (HttpServer server = server(listener, HELLO, 1);
                Socket first = connect(listener)) {
            send(first, GET);
            readHelloFrom(first);
            try (Socket second = connect(listener)) {
                send(second, GET);
                String answer = new String(second.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
                assertEquals(503, Exchange.status(answer));
                assertTrue(answer.contains("Retry-After: 1\r\n"));
            }
            assertEquals(1, server.refused());
            send(first, GET);
            readHelloFrom(first);
        }
    }

    @Test
    void finishesTheResponsesUnderWayAtTheEnd() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        HttpHandler slow = (request, response) -> {
            if (request.rawPath().equals("/f")) {
                asked.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            HELLO.handle(request, response);
        };
        KernelTransport.Listener listener = KernelTransport.listen();
        HttpServer server = server(listener, slow, 4);
        try (Socket busy = connect(listener);
                Socket idle = connect(listener)) {
            send(idle, "GET /g HTTP/1.1\r\nHost: a\r\n\r\n");
            readHelloFrom(idle);
            send(busy, GET);
            asked.await();
            Thread closer = new Thread(() -> server.close(30_000));
            closer.start();
            assertEquals(-1, idle.getInputStream().read());
            go.countDown();
            assertTrue(readHelloFrom(busy).startsWith("HTTP/1.1 200"));
            assertEquals(-1, busy.getInputStream().read());
            closer.join();
            assertEquals(0, server.openConnections());
        }
        assertThrows(IOException.class, () -> connect(listener).close());
    }

    @Test
    void resetsAClientThatTakesNothing(@TempDir Path root) throws Exception {
        Files.write(root.resolve("f"), new byte[64 << 20]);
        KernelTransport.Listener listener = KernelTransport.listen();
        try (HttpServer server = server(listener, new FileHandler(root), 4);
                Socket socket = connect(listener)) {
            send(socket, GET);
            assertEquals('H', socket.getInputStream().read());
            // The response cannot fit into the kernel's buffers: the write is stuck once this much time passes.
            while (server.stuck() == 0) {
                clockNs.addAndGet(HttpLimits.DEFAULT.writeTimeout() * 1_000_000L + 1);
                server.watch();
                Thread.onSpinWait();
            }
            assertThrows(IOException.class, () -> socket.getInputStream().skipNBytes(64 << 20));
            assertEquals(1, server.stuck());
        }
    }
}
