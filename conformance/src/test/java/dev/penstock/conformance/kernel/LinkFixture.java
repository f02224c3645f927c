package dev.penstock.conformance.kernel;

import static dev.penstock.conformance.kernel.KernelPeers.difference;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.conformance.kernel.KernelLink.Ran;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.blocking.TcpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests over one {@link KernelLink} share; it is closed after each test. */
abstract class LinkFixture {
    @TempDir
    Path directory;

    KernelLink link;
    private String sha256;

    /** A directory to serve, with {@code file} in it, which {@link #curl} fetches. */
    final Path served(int bytes) throws IOException {
        Path root = Files.createDirectory(directory.resolve("root"));
        sha256 = KernelPeers.randomFile(root.resolve("file"), bytes, 1);
        return root;
    }

    @AfterEach
    void closeLink() {
        if (link != null) {
            link.close();
        }
    }

    /** Runs a command on the kernel's side, which must succeed. */
    final Ran ok(String... command) throws Exception {
        Ran ran = link.run(60, command);
        assertTrue(ran.isOk(), ran::toString);
        return ran;
    }

    /** As {@link #ok}, with words between single spaces. */
    final String line(String command) throws Exception {
        return ok(command.split(" ")).output();
    }

    final void until(String what, Callable<Boolean> holds) throws Exception {
        for (int i = 0; i < 200; i++) {
            if (holds.call()) {
                return;
            }
            Thread.sleep(100);
        }
        throw new AssertionError(what + " never came; " + link.stack().counters());
    }

    /** @param family {@code -4} or {@code -6} */
    final void curl(String family, String address) throws Exception {
        Path out = directory.resolve("fetched");
        String url = "http://" + (family.equals("-6") ? "[" + address + "]" : address) + "/file";
        ok("curl", family, "-g", "-sS", "--fail", "-o", out.toString(), url);
        assertEquals(sha256, KernelPeers.sha256(out));
    }

    /** A socket of the kernel's has the stack echo. */
    final void echoOfStack(String address, byte[] data) throws Exception {
        byte[] back = link.onKernel(() -> {
            try (Socket socket = new Socket()) {
                socket.setSoTimeout(30_000);
                socket.connect(new InetSocketAddress(address, KernelLink.ECHO), 10_000);
                return KernelPeers.exchange(
                        socket.getInputStream(), socket.getOutputStream(), data, socket::shutdownOutput);
            }
        });
        assertEquals(-1, difference(data, back));
    }

    /** What a test looks at while a connection is open. */
    interface Look {
        void at(TcpSocket socket) throws Exception;
    }

    /** A socket of the stack's has the kernel echo. */
    final void echoOfKernel(String address, byte[] data, Look look) throws Exception {
        try (ServerSocket server = link.onKernel(() -> new ServerSocket(0, 1, InetAddress.getByName(address)))) {
            Thread echo = new Thread(() -> serveEcho(server));
            echo.start();
            try (TcpSocket s = link.stack().connect(address, server.getLocalPort(), 10_000)) {
                s.setSoTimeout(30_000);
                look.at(s);
                byte[] back = KernelPeers.exchange(s.getInputStream(), s.getOutputStream(), data, s::shutdownOutput);
                assertEquals(-1, difference(data, back));
            }
            echo.join(10_000);
        }
    }

    private static void serveEcho(ServerSocket server) {
        try (Socket socket = server.accept()) {
            socket.setSoTimeout(30_000);
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends the stack: nothing was left open, hardly anything lost, nothing leaked, no fault. */
    final void assertEndsInOrder() throws Exception {
        assertEquals(List.of(), link.unfinished(20));
        link.stop();
        assertEquals(List.of(), link.faults());
        assertEquals(0, link.stack().counters().get(StackCounter.SHARD_FAULTS));
        assertEquals(0, link.stack().counters().get(StackCounter.TCP_RETRANS_SEGS) / 50, "hardly any loss");
        assertEquals("", link.stack().leaks());
    }

    /** tshark has nothing to say of the stack's frames but that windows were full. */
    static void assertNoFindings(Path capture, Predicate<String> allowed) throws Exception {
        Map<String, Integer> findings = new TreeMap<>(CaptureCheck.findings(capture));
        findings.keySet()
                .removeIf(f -> f.endsWith("TCP Zero Window segment")
                        || f.endsWith("TCP window specified by the receiver is now completely full")
                        || f.endsWith("D-SACK Sequence")
                        || allowed.test(f));
        assertEquals(Map.of(), findings);
    }
}
