package dev.penstock.apps.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapRequirement;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The verbs on a TAP interface in a network namespace of the test's own, with the kernel and its tools as peer. */
@Timeout(120)
class TapEndToEndTest {
    private static final String[] TAP = {"--tap", "pen0", "--addr", "192.0.2.2/24", "--host-addr", "192.0.2.1/24"};

    @TempDir
    Path temp;

    private NetNamespace namespace;

    @BeforeEach
    void makeNamespace() throws IOException {
        TapRequirement.check();
        namespace = NetNamespace.create();
    }

    @AfterEach
    void endNamespace() {
        if (namespace != null) {
            namespace.close();
        }
    }

    private static String[] with(String verb, String... more) {
        String[] all = new String[1 + TAP.length + more.length];
        all[0] = verb;
        System.arraycopy(TAP, 0, all, 1, TAP.length);
        System.arraycopy(more, 0, all, 1 + TAP.length, more.length);
        return all;
    }

    /** Runs a command of the kernel's side and answers what it printed; it must succeed. */
    private String tool(String... command) throws Exception {
        if (NetNamespace.findCommand(command[0]) == null) {
            TapRequirement.refuse("needs the command " + command[0]);
        }
        Process process = namespace.start(new ProcessBuilder(command).redirectErrorStream(true));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), output);
        return output;
    }

    @FunctionalInterface
    private interface Visit {
        void visit() throws Exception;
    }

    /** Has {@code up} run while {@code visit} does, and ends it as SIGTERM would. */
    private Run whileUp(Visit visit, String... options) throws Exception {
        Run run = Run.awaiting("ready");
        Thread thread = namespace.newThread("up", () -> run.go(with("up", options)));
        thread.start();
        try {
            run.await();
            assertTrue(run.out().startsWith("ready: 192.0.2.2/24 on pen0 "), run.out() + run.err());
            visit.visit();
        } finally {
            run.shutdown.request();
            thread.join();
        }
        assertEquals(0, run.code(), run.err());
        assertEquals("", run.err());
        assertTrue(run.out().contains("0 faults") || !String.join(" ", options).contains("http"), run.out());
        return run;
    }

    private byte[] file(String name, int size) throws IOException {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        Files.write(temp.resolve(name), content);
        return content;
    }

    @ParameterizedTest
    @ValueSource(strings = {"jnr", "jna"})
    void theKernelPingsAndFetches(String binding) throws Exception {
        byte[] content = file("big", 20_000_003);
        Run run = whileUp(
                () -> {
                    String pinged = tool("ping", "-n", "-c", "20", "-i", "0.01", "-W", "5", "192.0.2.2");
                    assertTrue(pinged.contains("20 received, 0% packet loss"), pinged);
                    String large = tool("ping", "-n", "-c", "2", "-i", "0.2", "-s", "20000", "-W", "5", "192.0.2.2");
                    assertTrue(large.contains("2 received"), large);
                    Path got = temp.resolve("got");
                    tool("curl", "-q", "-sS", "--fail", "-o", got.toString(), "http://192.0.2.2/big");
                    assertArrayEquals(content, Files.readAllBytes(got));
                    String part = tool(
                            "curl",
                            "-q",
                            "-sS",
                            "-r",
                            "5-9",
                            "-o",
                            got.toString(),
                            "-w",
                            "%{http_code}",
                            "http://192.0.2.2/big");
                    assertEquals("206", part);
                    assertArrayEquals(Arrays.copyOfRange(content, 5, 10), Files.readAllBytes(got));
                },
                "--http-root",
                temp.toString(),
                "--native",
                binding);
        assertTrue(run.out().contains("2 requests"), run.out());
    }

    @Test
    void manyShortRequestsGetTheirAnswers() throws Exception {
        file("short", 100);
        whileUp(
                () -> {
                    String closing = tool("ab", "-q", "-n", "1000", "-c", "10", "http://192.0.2.2/short");
                    assertTrue(closing.matches("(?s).*Failed requests: +0\\n.*"), closing);
                    assertFalse(closing.contains("Non-2xx"), closing);
                    String kept = tool("ab", "-q", "-k", "-n", "3000", "-c", "10", "http://192.0.2.2/short");
                    assertTrue(kept.matches("(?s).*Failed requests: +0\\n.*"), kept);
                    assertTrue(kept.matches("(?s).*Keep-Alive requests: +3000\\n.*"), kept);
                },
                "--http-root",
                temp.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--no-offload", "--echo"})
    void bytesComeBackByEchoAndTheServicesServe(String option) throws Exception {
        byte[] data = file("data", 5_000_001);
        Run run = whileUp(
                () -> {
                    assertArrayEquals(data, namespace.call(() -> throughEcho(data)));
                    byte[] generated = namespace.call(() -> {
                        try (Socket socket = connect(19)) {
                            return socket.getInputStream().readNBytes(100_000);
                        }
                    });
                    assertEquals(" !\"#$%&'", new String(generated, 0, 8, StandardCharsets.US_ASCII));
                    int ended = namespace.call(() -> {
                        try (Socket socket = connect(9)) {
                            socket.getOutputStream().write(data);
                            socket.shutdownOutput();
                            return socket.getInputStream().read();
                        }
                    });
                    assertEquals(-1, ended);
                },
                "--echo",
                "--discard",
                "--chargen",
                option.equals("--echo") ? "--mtu=1500" : option);
        assertTrue(run.out().contains("echo 7, discard 9, chargen 19"), run.out());
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 2}), port), 20_000);
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static byte[] throughEcho(byte[] data) throws Exception {
        try (Socket socket = connect(7)) {
            AtomicReference<IOException> failure = new AtomicReference<>();
            Thread sender = new Thread(() -> {
                try {
                    socket.getOutputStream().write(data);
                    socket.shutdownOutput();
                } catch (IOException e) {
                    failure.set(e);
                }
            });
            sender.start();
            byte[] back = socket.getInputStream().readAllBytes();
            sender.join();
            assertEquals(null, failure.get());
            return back;
        }
    }

    @Test
    void theCaptureShowsNothingMalformedAndSaysWhyPacketsWereDropped() throws Exception {
        Path capture = temp.resolve("x.pcapng");
        file("f", 300_000);
        whileUp(
                () -> {
                    tool(
                            "curl",
                            "-q",
                            "-sS",
                            "--fail",
                            "-o",
                            temp.resolve("got").toString(),
                            "http://192.0.2.2/f");
                    namespace.call(() -> {
                        try (DatagramSocket socket = new DatagramSocket()) {
                            InetAddress to = InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 2});
                            socket.send(new DatagramPacket(new byte[3], 3, to, 4444));
                        }
                        return null;
                    });
                    tool("ping", "-n", "-c", "1", "-W", "5", "192.0.2.2");
                },
                "--http-root",
                temp.toString(),
                "--pcap",
                capture.toString());
        String comments =
                tool("tshark", "-r", capture.toString(), "-Y", "frame.comment", "-T", "fields", "-e", "frame.comment");
        assertTrue(comments.contains("drop: UDP_NO_PORT"), comments);
        String bad = "_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0";
        String found = tool(
                "sh",
                "-c",
                "tshark -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE -r '" + capture + "' -Y '" + bad
                        + "' 2>/dev/null");
        assertEquals("", found);
    }

    @Test
    void pingAsksTheKernel() throws Exception {
        Run run = namespace.call(() -> Run.of(with("ping", "-c", "3", "-i", "0.05", "-W", "10", "192.0.2.1")));
        assertEquals(0, run.code(), run.err());
        String[] lines = run.out().split("\n", -1);
        assertEquals("PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.", lines[0]);
        assertTrue(lines[1].matches("64 bytes from 192\\.0\\.2\\.1: icmp_seq=1 ttl=64 time=[0-9.]+ ms"), lines[1]);
        assertEquals("--- 192.0.2.1 ping statistics ---", lines[5]);
        assertTrue(lines[6].matches("3 packets transmitted, 3 received, 0% packet loss, time [0-9]+ms"), lines[6]);
        assertTrue(lines[7].matches("rtt min/avg/max/mdev = [0-9.]+/[0-9.]+/[0-9.]+/[0-9.]+ ms"), lines[7]);
        Run none = namespace.call(() -> Run.of(with("ping", "-q", "-c", "1", "-W", "0.2", "192.0.2.99")));
        assertEquals(1, none.code());
        assertTrue(none.out().contains("1 packets transmitted, 0 received, "), none.out());
    }

    @Test
    void pingSpeaksIpv6() throws Exception {
        String[] six = {"ping", "--tap", "pen6", "--addr", "2001:db8::2/64", "--host-addr", "2001:db8::1/64"};
        String[] more = {"-c", "3", "-i", "0.05", "-W", "10", "2001:db8::1"};
        Run run = namespace.call(() -> Run.of(java.util.stream.Stream.of(six, more)
                .flatMap(java.util.Arrays::stream)
                .toArray(String[]::new)));
        assertEquals(0, run.code(), run.err());
        String[] lines = run.out().split("\n", -1);
        assertEquals("PING 2001:db8::1 (2001:db8::1) 56 data bytes", lines[0]);
        assertTrue(lines[1].matches("64 bytes from 2001:db8::1: icmp_seq=1 ttl=64 time=[0-9.]+ ms"), lines[1]);
        assertTrue(lines[6].matches("3 packets transmitted, 3 received, 0% packet loss, time [0-9]+ms"), lines[6]);
    }

    @Test
    void pingSumsUpWhenItIsInterrupted() throws Exception {
        Run run = Run.awaiting("icmp_seq=2");
        Thread thread = namespace.newThread("ping", () -> run.go(with("ping", "-i", "0.05", "192.0.2.1")));
        thread.start();
        run.await();
        run.shutdown.request();
        thread.join();
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("ping statistics ---"), run.out());
    }

    @Test
    void arpingFindsTheKernelAndNobodyElse() throws Exception {
        Run found = namespace.call(() -> Run.of(with("arping", "-c", "2", "-i", "0.1", "-w", "20", "192.0.2.1")));
        assertEquals(0, found.code(), found.out() + found.err());
        assertTrue(
                found.out()
                        .matches("(?s)ARPING 192\\.0\\.2\\.1 from 192\\.0\\.2\\.2 pen0\n"
                                + "Unicast reply from 192\\.0\\.2\\.1 \\[[0-9A-F:]{17}\\]  [0-9.]+ms\n.*"
                                + "Sent 2 probes \\(1 broadcast\\(s\\)\\)\nReceived 2 response\\(s\\)\n"),
                found.out());
        assertEquals(
                1,
                namespace
                        .call(() -> Run.of(with("arping", "-c", "1", "-i", "0.2", "192.0.2.99")))
                        .code());
        assertEquals(
                0,
                namespace
                        .call(() -> Run.of(with("arping", "-D", "-c", "1", "-i", "0.2", "192.0.2.99")))
                        .code());
        assertEquals(
                1,
                namespace
                        .call(() -> Run.of(with("arping", "-D", "-c", "5", "192.0.2.1")))
                        .code());
    }

    @Test
    void ncMovesBytesBothWays() throws Exception {
        byte[] up = file("up", 3_000_000);
        byte[] down = file("down", 2_000_001);
        AtomicReference<byte[]> received = new AtomicReference<>();
        // The kernel's side listens before the interface is there, on any address.
        ServerSocket server = namespace.call(() -> new ServerSocket(0));
        Thread peer = new Thread(() -> {
            try (Socket socket = server.accept()) {
                socket.getOutputStream().write(down);
                received.set(socket.getInputStream().readAllBytes());
            } catch (IOException e) {
                received.set(e.toString().getBytes(StandardCharsets.UTF_8));
            }
        });
        peer.start();
        String port = String.valueOf(server.getLocalPort());
        Run run = namespace.call(() -> Run.withInput(up, with("nc", "-N", "-v", "192.0.2.1", port)));
        peer.join();
        server.close();
        assertEquals(0, run.code(), run.err());
        assertArrayEquals(down, run.outBytes());
        assertArrayEquals(up, received.get());
        assertEquals("Connection to 192.0.2.1 " + port + " port [tcp] succeeded!\n", run.err());
    }

    @Test
    void ncSaysWhenNobodyListens() throws Exception {
        Run run = namespace.call(() -> Run.of(with("nc", "192.0.2.1", "9")));
        assertEquals(1, run.code());
        assertTrue(run.err().matches("penstock: connect to 192\\.0\\.2\\.1:9: [^\\n]+\\n"), run.err());
        Run late = namespace.call(() -> Run.of(with("nc", "-w", "0.3", "192.0.2.99", "9")));
        assertEquals(1, late.code());
        assertTrue(late.err().matches("penstock: [^\\n]+\\n"), late.err());
    }

    @Test
    void theDemoShowsTheKernelTalkingToTheStack() throws Exception {
        Run run = Run.onTerminal("demo", "--size", "5M");
        assertEquals(0, run.code(), run.out() + run.err());
        assertTrue(run.out().contains("a network namespace of its own"), run.out());
        assertTrue(run.out().contains("10 sent, 10 received"), run.out());
        assertTrue(run.out().contains("... equal"), run.out());
    }
}
