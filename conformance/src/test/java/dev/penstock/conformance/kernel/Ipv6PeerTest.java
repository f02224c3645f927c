package dev.penstock.conformance.kernel;

import static dev.penstock.conformance.kernel.KernelPeers.difference;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.conformance.kernel.KernelLink.Ran;
import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.PingReply;
import dev.penstock.stack.blocking.Received;
import dev.penstock.stack.blocking.TcpListener;
import dev.penstock.stack.blocking.TcpSocket;
import dev.penstock.stack.blocking.UdpSocket;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.tap.NativeBinding;
import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapRequirement;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** IPv6 between a Linux kernel and Penstock, with its usual tools; tshark has nothing to complain of. */
@Timeout(120)
class Ipv6PeerTest extends LinkFixture {
    private static final String STACK = "2001:db8:9::2";
    private static final String KERNEL = "2001:db8:9::1";

    private void open(boolean offload, Path capture) throws Exception {
        TapRequirement.check();
        KernelPeers.requireCommands("ping", "traceroute", "curl", "ip", "tshark");
        link = new KernelLink.Setup()
                .vnetHeader(offload)
                .binding(NativeBinding.JNR)
                .httpRoot(served(4 << 20))
                .capture(capture)
                .stack(b -> b.address(STACK + "/64").gateway(KERNEL))
                .open();
        line("ip -6 address add " + KERNEL + "/64 dev pen0 nodad");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void linuxAndItsToolsSpeakIpv6WithUs(boolean offload) throws Exception {
        Path capture = directory.resolve("capture.pcapng");
        open(offload, capture);
        pings();
        curl("-6", STACK);
        curl("-4", KernelLink.STACK);
        tcpBothWays();
        udpBothWays();
        assertEndsInOrder();
        assertTrue(CaptureCheck.count(capture, "ipv6 && tcp") > 500, "the capture is one of this run");
        assertTrue(CaptureCheck.count(capture, "icmpv6.nd.na.flag.s == 1 && ipv6.src == " + STACK) > 0);
        assertTrue(CaptureCheck.count(capture, "ipv6.flow != 0 && ipv6.src == " + STACK) > 0);
        // With offload, the datagram of traceroute that our error quotes was never finished.
        assertNoFindings(capture, f -> (offload && f.endsWith(CaptureCheck.QUOTED_CHECKSUM)) || f.startsWith(KERNEL));
    }

    private void pings() throws Exception {
        for (String size : new String[] {"0", "56", "1452", "1453", "20000", "65507"}) {
            Ran ran = ok("ping", "-6", "-n", "-c", "3", "-i", "0.05", "-s", size, STACK);
            assertTrue(ran.output().contains(" 0% packet loss"), ran::toString);
        }
        Ran all = ok("ping", "-6", "-n", "-c", "2", "-i", "0.1", "ff02::1%pen0");
        assertTrue(all.output().contains("duplicates"), () -> "only the kernel answers: " + all);
        try (var ping = link.stack().pingSocket()) {
            for (int size : new int[] {0, 56, 1452, 1453, 20_000, 65_507}) {
                PingReply reply = ping.ping(IpAddress.parse(KERNEL), size, 2000);
                assertTrue(reply.isReply(), size + ": " + reply);
                assertEquals(size, reply.bytes());
                assertEquals(KERNEL, reply.from().toString());
            }
        }
        Ran route = ok("traceroute", "-6", "-n", "-q", "1", "-m", "3", STACK);
        assertTrue(route.output().matches("(?s).*\n 1  2001:db8:9::2  [0-9.]+ ms\\s*"), route::toString);
    }

    private void tcpBothWays() throws Exception {
        byte[] data = KernelPeers.pattern(4 << 20);
        echoOfStack(STACK, data);
        echoOfKernel(KERNEL, data, socket -> {
            assertEquals(1428, socket.info().sendMss, "1500 - 40 - 20 - 12 of timestamps");
            assertEquals(STACK, socket.getLocalAddress().address().toString());
        });
        bothFamiliesAtOneListener();
    }

    private void bothFamiliesAtOneListener() throws Exception {
        try (TcpListener listener = link.stack().listen(4000)) {
            for (String[] each : new String[][] {{STACK, KERNEL}, {KernelLink.STACK, KernelLink.KERNEL}}) {
                Socket socket = link.onKernel(() -> new Socket(each[0], 4000));
                try (TcpSocket accepted = listener.accept()) {
                    assertEquals(each[1], accepted.getRemoteAddress().address().toString());
                    assertEquals(each[0], accepted.getLocalAddress().address().toString());
                    socket.close();
                    assertEquals(-1, accepted.getInputStream().read());
                }
            }
        }
    }

    private void udpBothWays() throws Exception {
        int[] sizes = {1, 512, 1452, 1453, 30_000, 65_507};
        link.onKernel(() -> {
            try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(KERNEL, 0))) {
                socket.setSoTimeout(5000);
                socket.connect(new InetSocketAddress(STACK, KernelLink.ECHO));
                for (int size : sizes) {
                    byte[] data = KernelPeers.pattern(size);
                    socket.send(new DatagramPacket(data, size));
                    DatagramPacket back = new DatagramPacket(new byte[65_536], 65_536);
                    socket.receive(back);
                    assertEquals(-1, difference(data, Arrays.copyOf(back.getData(), back.getLength())), "size " + size);
                }
            }
            return null;
        });
        try (DatagramSocket taker = link.onKernel(() -> new DatagramSocket(new InetSocketAddress(KERNEL, 0)));
                UdpSocket socket = link.stack().udpSocket()) {
            taker.setSoTimeout(5000);
            socket.setSoTimeout(5000);
            Endpoint to = Endpoint.of(KERNEL, taker.getLocalPort());
            for (int size : sizes) {
                byte[] data = KernelPeers.pattern(size);
                socket.send(data, 0, size, to);
                DatagramPacket got = new DatagramPacket(new byte[65_536], 65_536);
                taker.receive(got);
                assertEquals(-1, difference(data, Arrays.copyOf(got.getData(), got.getLength())), "size " + size);
                taker.send(new DatagramPacket(data, size, got.getSocketAddress()));
                Received received = socket.receive(new byte[65_536]);
                assertEquals(to, received.from());
                assertEquals(size, received.length());
            }
        }
    }

    /** RFC 8201: a kernel between us and the peer forwards over a link of 1300 bytes and says so. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void thePathMtuBehindARouterIsLearnt(boolean offload) throws Exception {
        Path capture = directory.resolve("pmtu.pcapng");
        open(offload, capture);
        try (NetNamespace beyond = NetNamespace.create(NativeBinding.JNR)) {
            Process there = beyond.start(new ProcessBuilder("sleep", "100"));
            String pid = Long.toString(there.pid());
            ok("sysctl", "-q", "-w", "net.ipv6.conf.all.forwarding=1");
            ok("ip", "link", "add", "d0", "type", "veth", "peer", "name", "d1");
            ok("ip", "link", "set", "d1", "netns", pid);
            ok("ip", "-6", "address", "add", "2001:db8:a::1/64", "dev", "d0", "nodad");
            ok("ip", "link", "set", "d0", "mtu", "1300", "up");
            for (String command : List.of(
                    "ip -6 address add 2001:db8:a::2/64 dev d1 nodad",
                    "ip link set d1 up",
                    "ip -6 route add default via 2001:db8:a::1")) {
                assertEquals(
                        0, beyond.start(new ProcessBuilder(command.split(" "))).waitFor(), command);
            }
            byte[] data = KernelPeers.pattern(2 << 20);
            try (ServerSocket server = beyond.call(() -> {
                ServerSocket socket = new ServerSocket();
                socket.bind(new InetSocketAddress("2001:db8:a::2", 0));
                return socket;
            })) {
                byte[][] got = new byte[1][];
                Thread reader = new Thread(() -> got[0] = readAll(server));
                reader.start();
                try (TcpSocket socket = link.stack().connect("2001:db8:a::2", server.getLocalPort(), 5000)) {
                    assertEquals(1500, socket.info().pathMtu);
                    socket.getOutputStream().write(data);
                    socket.shutdownOutput();
                    reader.join();
                    assertEquals(1300, socket.info().pathMtu);
                }
                assertEquals(-1, difference(data, got[0]));
            }
            // The same path is known to be smaller: datagrams are cut by us, for no router does.
            try (DatagramSocket taker =
                            beyond.call(() -> new DatagramSocket(new InetSocketAddress("2001:db8:a::2", 0)));
                    UdpSocket socket = link.stack().udpSocket()) {
                taker.setSoTimeout(5000);
                socket.send(data, 0, 1400, Endpoint.of("2001:db8:a::2", taker.getLocalPort()));
                DatagramPacket got = new DatagramPacket(new byte[2000], 2000);
                taker.receive(got);
                assertEquals(1400, got.getLength());
            }
            there.destroy();
            link.stop();
            assertEquals(List.of(), link.faults());
            assertEquals("", link.stack().leaks());
        }
        assertTrue(CaptureCheck.count(capture, "icmpv6.type == 2") > 0, "Packet Too Big came");
        assertTrue(CaptureCheck.count(capture, "ipv6.fraghdr && udp") > 0, "fragments went");
    }

    private static byte[] readAll(ServerSocket server) {
        try (Socket socket = server.accept()) {
            socket.setSoTimeout(30_000);
            return socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
