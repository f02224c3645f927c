package dev.penstock.conformance.kernel;

import static dev.penstock.conformance.kernel.KernelLink.KERNEL;
import static dev.penstock.conformance.kernel.KernelLink.STACK;
import static dev.penstock.conformance.kernel.KernelPeers.difference;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.penstock.conformance.kernel.KernelLink.Ran;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.blocking.PingReply;
import dev.penstock.stack.blocking.TcpSocket;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.tap.TapRequirement;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a Linux host and its usual tools see of Penstock. One stack serves all tests of a class; everything that passes
 * is captured, and in the end the kernel must have no unfinished socket, tshark nothing to complain of, and the stack
 * no fault and no leak.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
abstract class KernelPeerContract {
    private static final int FILE_SIZE = 8 << 20;

    private Path directory;
    private Path capture;
    private String sha256;
    private KernelLink link;

    /** How the device is made. */
    abstract KernelLink.Setup setup();

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
        TapRequirement.check();
        KernelPeers.requireCommands("ping", "arping", "traceroute", "curl", "ab", "wrk", "ss", "tshark");
        Path root = Files.createDirectory(directory.resolve("root"));
        sha256 = KernelPeers.randomFile(root.resolve("file"), FILE_SIZE, 1);
        KernelPeers.randomFile(root.resolve("megabyte"), 1 << 20, 2);
        Files.writeString(root.resolve("small.txt"), "penstock\n");
        capture = directory.resolve("capture.pcapng");
        link = setup().httpRoot(root).capture(capture).open();
    }

    @AfterAll
    void endsClean() throws Exception {
        if (link == null) {
            return;
        }
        try {
            assertEquals(List.of(), link.unfinished(20), "sockets of the kernel that did not end");
            link.stop();
            assertEquals(List.of(), link.faults());
            assertEquals(0, link.stack().counters().get(StackCounter.SHARD_FAULTS));
            assertEquals(0, link.stack().counters().get(StackCounter.APPLICATION_FAULTS));
            assertEquals("", link.stack().leaks());
        } finally {
            link.close();
        }
        assertTrue(CaptureCheck.count(capture, "tcp") > 10_000, "the capture is one of this run");
        Map<String, Integer> findings = CaptureCheck.findings(capture);
        assertTrue(
                findings.containsKey(STACK + ": Connection reset (RST)"),
                () -> "not even the refused connect: " + findings);
        findings.entrySet().removeIf(e -> AllowedFindings.isAllowed(e.getKey(), e.getValue()));
        if (!findings.isEmpty()) {
            // Evidence, for whoever looks into it.
            Path kept = Path.of("target", getClass().getSimpleName() + ".pcapng");
            Files.copy(capture, kept, StandardCopyOption.REPLACE_EXISTING);
            fail("tshark complains of " + kept.toAbsolutePath() + ": " + findings);
        }
    }

    private Ran ok(int seconds, String... command) throws Exception {
        Ran ran = link.run(seconds, command);
        assertTrue(ran.isOk(), ran::toString);
        return ran;
    }

    private static void assertContains(String expected, Ran ran) {
        assertTrue(ran.output().contains(expected), () -> "no '" + expected + "' in " + ran);
    }

    // --- the layers below ---

    @Test
    void pingsAThousandTimesWithoutLoss() throws Exception {
        Ran ran = ok(30, "ping", "-n", "-q", "-c", "1000", "-i", "0.002", STACK);
        assertContains("1000 received, 0% packet loss", ran);
    }

    @Test
    void pingsWithFragments() throws Exception {
        assertContains(" 0% packet loss", ok(30, "ping", "-n", "-q", "-c", "20", "-i", "0.02", "-s", "20000", STACK));
        assertContains(" 0% packet loss", ok(30, "ping", "-n", "-q", "-c", "5", "-i", "0.05", "-s", "65507", STACK));
    }

    @Test
    void pingsTheKernelWithFragments() throws Exception {
        try (var ping = link.stack().pingSocket()) {
            for (int size : new int[] {0, 56, 1472, 1473, 20_000, 65_507}) {
                PingReply reply = ping.ping(IpAddress.parse(KERNEL), size, 2000);
                assertTrue(reply.isReply(), size + ": " + reply);
                assertEquals(size, reply.bytes());
            }
        }
    }

    @Test
    void answersArping() throws Exception {
        Ran ran = ok(20, "arping", "-c", "3", "-I", "pen0", STACK);
        assertContains("Received 3 response(s)", ran);
    }

    @Test
    void duplicateAddressDetectionFindsIt() throws Exception {
        // RFC 5227: a probe, from 0.0.0.0. Exit code 1 says that the address is taken.
        Ran ran = link.run(20, "arping", "-D", "-c", "2", "-w", "3", "-I", "pen0", STACK);
        assertEquals(1, ran.exit(), ran::toString);
        assertContains("02:00:00:00:00:77", link.run(5, "arping", "-D", "-c", "1", "-I", "pen0", STACK));
    }

    @Test
    void tracerouteReachesItInOneHop() throws Exception {
        Ran udp = ok(20, "traceroute", "-n", "-q", "1", "-N", "1", "-m", "3", STACK);
        assertTrue(udp.output().matches("(?s).*\n 1  10\\.9\\.0\\.2  [0-9.]+ ms\\s*"), udp::toString);
        Ran icmp = ok(20, "traceroute", "-I", "-n", "-q", "1", "-m", "3", STACK);
        assertTrue(icmp.output().matches("(?s).*\n 1  10\\.9\\.0\\.2  [0-9.]+ ms\\s*"), icmp::toString);
    }

    // --- TCP: the kernel as client ---

    @Test
    void curlFetchesAFile() throws Exception {
        Path out = directory.resolve("fetched");
        ok(60, "curl", "-sS", "--fail", "-o", out.toString(), "http://" + STACK + "/file");
        assertEquals(sha256, KernelPeers.sha256(out));
    }

    @Test
    void twentyCurlsFetchAtOnce() throws Exception {
        String expected = KernelPeers.sha256(directory.resolve("root/megabyte"));
        List<Process> curls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Path out = directory.resolve("parallel" + i);
            curls.add(link.namespace()
                    .start(new ProcessBuilder(
                            "curl", "-sS", "--fail", "-o", out.toString(), "http://" + STACK + "/megabyte")));
        }
        for (int i = 0; i < 20; i++) {
            assertEquals(0, curls.get(i).waitFor());
            assertEquals(expected, KernelPeers.sha256(directory.resolve("parallel" + i)));
        }
    }

    @Test
    void echoReturnsEveryByte() throws Exception {
        byte[] data = KernelPeers.pattern(8 << 20);
        byte[] back = link.onKernel(() -> {
            try (Socket socket = KernelPeers.connect(KernelLink.ECHO)) {
                return KernelPeers.exchange(
                        socket.getInputStream(), socket.getOutputStream(), data, socket::shutdownOutput);
            }
        });
        assertEquals(-1, difference(data, back));
    }

    @Test
    void discardTakesEverythingAndEndsInOrder() throws Exception {
        int end = link.onKernel(() -> {
            try (Socket socket = KernelPeers.connect(KernelLink.DISCARD)) {
                socket.getOutputStream().write(new byte[16 << 20]);
                socket.shutdownOutput();
                return socket.getInputStream().read();
            }
        });
        assertEquals(-1, end);
    }

    @Test
    void abMakesTwoThousandRequestsWithoutAnError() throws Exception {
        Ran ran = ok(60, "ab", "-q", "-n", "1000", "-c", "10", "http://" + STACK + "/small.txt");
        assertContains("Complete requests:      1000", ran);
        assertContains("Failed requests:        0", ran);
        assertFalse(ran.output().contains("Non-2xx"), ran::toString);
        ran = ok(60, "ab", "-q", "-k", "-n", "1000", "-c", "10", "http://" + STACK + "/small.txt");
        assertContains("Complete requests:      1000", ran);
        assertContains("Failed requests:        0", ran);
    }

    @Test
    void wrkSeesNoErrors() throws Exception {
        Ran ran = ok(30, "wrk", "-t", "1", "-c", "8", "-d", "1s", "http://" + STACK + "/small.txt");
        assertFalse(ran.output().contains("Socket errors"), ran::toString);
        assertFalse(ran.output().contains("Non-2xx"), ran::toString);
        assertContains("requests in", ran);
    }

    @Test
    void aClosedPortRefusesTheKernel() throws Exception {
        link.onKernel(() -> assertThrows(ConnectException.class, () -> KernelPeers.connect(4711)));
    }

    // --- TCP: the stack as client ---

    @Test
    void theStackConnectsToTheKernel() throws Exception {
        byte[] data = KernelPeers.pattern(4 << 20);
        try (ServerSocket server = link.onKernel(() -> listen())) {
            Thread echo = new Thread(() -> serveEcho(server));
            echo.start();
            try (TcpSocket socket = link.stack().connect(KERNEL, server.getLocalPort(), 5000)) {
                socket.setSoTimeout(30_000);
                byte[] back = KernelPeers.exchange(
                        socket.getInputStream(), socket.getOutputStream(), data, socket::shutdownOutput);
                assertEquals(-1, difference(data, back));
            }
            echo.join();
        }
    }

    private static ServerSocket listen() throws IOException {
        ServerSocket server = new ServerSocket();
        server.bind(new InetSocketAddress(KERNEL, 0));
        return server;
    }

    private static void serveEcho(ServerSocket server) {
        try (Socket socket = server.accept()) {
            socket.setSoTimeout(30_000);
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theKernelRefusesTheStack() {
        assertThrows(ConnectException.class, () -> link.stack().connect(KERNEL, 4711, 5000));
    }

    // --- UDP ---

    @Test
    void udpGoesBothWaysWithFragments() throws Exception {
        new UdpPeers(link).echoOfTheStack(1, 512, 1472, 1473, 20_000, 65_507);
        new UdpPeers(link).echoOfTheKernel(1, 512, 1472, 1473, 20_000, 65_507);
    }

    @Test
    void portUnreachableReachesTheOtherSide() throws Exception {
        new UdpPeers(link).theKernelLearnsThatAPortIsClosed();
        new UdpPeers(link).theStackLearnsThatAPortIsClosed();
    }
}
