package dev.penstock.stack.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.TcpSocket;
import dev.penstock.stack.blocking.ThreadParker;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.MemoryWire;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The programs that the documentation shows do what it says. */
@Timeout(60)
class ExampleTest {
    private final MemoryWire wire = MemoryWire.builder()
            .capabilities(DeviceCapabilities.offloading(1500))
            .parkers(new ThreadParker(), new ThreadParker())
            .build();
    private final PenstockStack client =
            PenstockStack.builder().device(wire.a()).address("192.0.2.1/24").start();

    private void echo(int bytes) throws Exception {
        byte[] data = new byte[bytes];
        new Random(bytes).nextBytes(data);
        try (TcpSocket socket = connect()) {
            CompletableFuture<byte[]> back = CompletableFuture.supplyAsync(() -> {
                try {
                    return socket.getInputStream().readNBytes(bytes);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            socket.write(data);
            socket.shutdownOutput();
            assertArrayEquals(data, back.get(20, TimeUnit.SECONDS));
            assertEquals(-1, socket.read(new byte[1]));
        }
    }

    /** The server may not listen yet. */
    private TcpSocket connect() throws IOException {
        while (true) {
            try {
                return client.connect("192.0.2.2", 7, 10_000);
            } catch (ConnectException e) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void theBlockingEchoServer() throws Exception {
        Thread server = new Thread(() -> {
            try {
                EchoServer.serve(wire.b());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        server.setDaemon(true);
        server.start();
        echo(11);
        echo(20 << 20);
        client.close();
    }

    @Test
    void theCallbackEchoServer() throws Exception {
        PenstockStack server =
                PenstockStack.builder().device(wire.b()).address("192.0.2.2/24").start();
        CallbackEchoServer.start(server);
        echo(11);
        echo(20 << 20);
        client.close();
        server.close();
        assertEquals("", client.leaks());
        assertEquals("", server.leaks());
    }

    @Test
    void theReadmeQuotesTheExampleAsItIs() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(root.resolve("stack/src"))) {
            root = root.getParent();
        }
        Path example = root.resolve("stack/src/test/java/dev/penstock/stack/examples/EchoServer.java");
        List<String> lines = Files.readAllLines(example);
        List<String> quoted = lines.subList(find(lines, "// README: begin") + 1, find(lines, "// README: end"));
        assertTrue(quoted.size() <= 10, "ten lines shall do");
        Path readme = root.resolve("README.md");
        String code = String.join("\n", quoted).stripIndent();
        assertTrue(Files.readString(readme).contains(code), "README.md does not contain:\n" + code);
        client.close();
        wire.close();
    }

    private static int find(List<String> lines, String mark) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().equals(mark)) {
                return i;
            }
        }
        throw new AssertionError("no line " + mark);
    }
}
