package dev.penstock.conformance.kernel;

import static dev.penstock.conformance.kernel.KernelPeers.difference;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.conformance.kernel.KernelLink.Ran;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.PingReply;
import dev.penstock.stack.blocking.TcpSocket;
import dev.penstock.stack.blocking.UdpSocket;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.tap.TapRequirement;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A VLAN between Penstock and a Linux kernel: the stack's frames are tagged, and an {@link AccessPort} takes the tags off for the
 * kernel, as a switch does. Kernels with VLANs or with bridges that filter them are rare where tests run.
 */
@Timeout(120)
class VlanPeerTest {
    private static final String STACK4 = "198.51.100.2";
    private static final String KERNEL4 = "198.51.100.1";
    private static final String STACK6 = "2001:db8:64::2";
    private static final String KERNEL6 = "2001:db8:64::1";

    @TempDir
    Path directory;

    private KernelLink link;
    private String sha256;

    private KernelLink open(boolean offload, Path capture) throws Exception {
        TapRequirement.check();
        KernelPeers.requireCommands("ping", "curl", "ip", "tshark");
        Path root = Files.createDirectory(directory.resolve("root"));
        sha256 = KernelPeers.randomFile(root.resolve("file"), 1 << 20, 1);
        return new KernelLink.Setup()
                .vnetHeader(offload)
                .httpRoot(root)
                .capture(capture)
                .decorator(tap -> new AccessPort(tap, 100))
                .stack(b -> b.vlan("eth0", 100, i -> i.address(STACK4 + "/24").address(STACK6 + "/64")))
                .open();
    }

    private Ran ok(String... command) throws Exception {
        Ran ran = link.run(60, command);
        assertTrue(ran.isOk(), ran::toString);
        return ran;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void linuxAndItsToolsSpeakWithUsOverAVlan(boolean offload) throws Exception {
        Path capture = directory.resolve("capture.pcapng");
        KernelLink opened = open(offload, capture);
        link = opened;
        try (opened) {
            ok("ip", "address", "add", KERNEL4 + "/24", "dev", "pen0");
            ok("ip", "-6", "address", "add", KERNEL6 + "/64", "dev", "pen0", "nodad");
            pings();
            for (String address : new String[] {STACK4, "[" + STACK6 + "]"}) {
                Path out = directory.resolve("fetched");
                ok("curl", "-g", "-sS", "--fail", "-o", out.toString(), "http://" + address + "/file");
                assertEquals(sha256, KernelPeers.sha256(out));
            }
            bulkToKernel(KERNEL4);
            bulkToKernel(KERNEL6);
            bulkToStack(STACK4);
            bulkToStack(STACK6);
            try (UdpSocket udp = link.stack().udpSocket()) {
                udp.setTrafficClass(0xb8);
                udp.send(new byte[100], 0, 100, Endpoint.of(KERNEL4, 9));
                Thread.sleep(200);
            }
            assertEquals(List.of(), link.unfinished(20));
            link.stop();
            assertEquals(List.of(), link.faults());
            assertEquals(0, link.stack().counters().get(StackCounter.SHARD_FAULTS));
            assertEquals(0, link.stack().counters().get(StackCounter.TCP_RETRANS_SEGS) / 50, "hardly any loss");
            assertEquals("", link.stack().leaks());
        }
        assertTrue(CaptureCheck.count(capture, "vlan.id == 100 && tcp && ip") > 100);
        assertTrue(CaptureCheck.count(capture, "vlan.id == 100 && tcp && ipv6") > 100);
        assertTrue(CaptureCheck.count(capture, "vlan.id == 100 && arp && arp.opcode == 2") > 0);
        assertTrue(CaptureCheck.count(capture, "vlan.priority == 5 && udp && ip.dsfield.dscp == 46") > 0);
        Map<String, Integer> findings = new TreeMap<>(CaptureCheck.findings(capture));
        findings.keySet()
                .removeIf(f -> f.endsWith("TCP Zero Window segment")
                        || f.endsWith("TCP window specified by the receiver is now completely full")
                        || f.endsWith("D-SACK Sequence")
                        || f.endsWith(CaptureCheck.QUOTED_CHECKSUM)
                        || f.startsWith(KERNEL4)
                        || f.startsWith(KERNEL6)
                        || f.startsWith(KernelLink.KERNEL));
        assertEquals(Map.of(), findings);
    }

    private void pings() throws Exception {
        for (String size : new String[] {"56", "1472", "1473", "20000"}) {
            for (String address : new String[] {STACK4, STACK6}) {
                Ran ran = ok("ping", "-n", "-c", "2", "-i", "0.05", "-s", size, address);
                assertTrue(ran.output().contains(" 0% packet loss"), ran::toString);
            }
        }
        try (var ping = link.stack().pingSocket()) {
            for (String address : new String[] {KERNEL4, KERNEL6}) {
                PingReply reply = ping.ping(IpAddress.parse(address), 3000, 2000);
                assertTrue(reply.isReply(), address + ": " + reply);
            }
        }
    }

    private void bulkToStack(String address) throws Exception {
        byte[] data = KernelPeers.pattern(1 << 20);
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

    private void bulkToKernel(String address) throws Exception {
        byte[] data = KernelPeers.pattern(1 << 20);
        try (ServerSocket server = link.onKernel(() -> new ServerSocket(0, 1, InetAddress.getByName(address)))) {
            Thread echo = new Thread(() -> {
                try (Socket s = server.accept()) {
                    s.getInputStream().transferTo(s.getOutputStream());
                    s.shutdownOutput();
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            echo.start();
            try (TcpSocket s = link.stack().connect(address, server.getLocalPort(), 10_000)) {
                s.setSoTimeout(30_000);
                byte[] back = KernelPeers.exchange(s.getInputStream(), s.getOutputStream(), data, s::shutdownOutput);
                assertEquals(-1, difference(data, back));
            }
            echo.join(10_000);
        }
    }
}
