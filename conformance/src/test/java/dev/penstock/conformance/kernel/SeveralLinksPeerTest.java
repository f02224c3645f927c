package dev.penstock.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.PingReply;
import dev.penstock.stack.blocking.PingSocket;
import dev.penstock.stack.blocking.TcpSocket;
import dev.penstock.stack.blocking.UdpSocket;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapConfig;
import dev.penstock.tap.TapDevice;
import dev.penstock.tap.TapRequirement;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Penstock with two TAP interfaces to two kernels, and behind a kernel that forwards over a link with a smaller MTU. */
@Timeout(120)
class SeveralLinksPeerTest {
    private static final String FAR = "203.0.113.1";

    private final List<NetNamespace> namespaces = new ArrayList<>();
    private final List<Process> holders = new ArrayList<>();
    private PenstockStack stack;

    @BeforeEach
    void make() throws Exception {
        TapRequirement.check();
        KernelPeers.requireCommands("ip", "sysctl", "sleep");
        namespaces.add(NetNamespace.create());
        namespaces.add(NetNamespace.create());
    }

    @AfterEach
    void close() throws Exception {
        if (stack != null) {
            stack.close();
            assertEquals("", stack.leaks());
        }
        for (Process holder : holders) {
            holder.destroyForcibly().waitFor();
        }
        namespaces.forEach(NetNamespace::close);
    }

    private void run(int in, String command) throws Exception {
        Process process =
                namespaces.get(in).start(new ProcessBuilder(command.split(" ", -1)).redirectErrorStream(true));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(10, TimeUnit.SECONDS), command);
        assertEquals(0, process.exitValue(), () -> command + ": " + output);
    }

    private TapDevice tap(int in, String name, int last, String address) throws Exception {
        TapConfig config = TapConfig.builder()
                .name(name)
                .macAddress(0x0200_0000_0070L + last)
                .hostAddress(address)
                .build();
        return namespaces.get(in).call(() -> TapDevice.open(config));
    }

    private PingReply ping(PingSocket socket, String to) throws Exception {
        return socket.ping(IpAddress.parse(to), 56, 1000);
    }

    /** Pings until an answer has this TTL, which tells who gave it. */
    private void awaitAnswerFrom(PingSocket socket, int ttl) throws Exception {
        PingReply last = null;
        for (int i = 0; i < 50; i++) {
            last = ping(socket, FAR);
            if (last.isReply() && last.ttl() == ttl) {
                return;
            }
            Thread.sleep(100);
        }
        throw new AssertionError("no answer with TTL " + ttl + ", but " + last);
    }

    @Test
    void theDefaultRouteFailsOverToTheSecondLinkAndBack() throws Exception {
        TapDevice first = tap(0, "penA", 1, "192.0.2.1/24");
        TapDevice second = tap(1, "penB", 2, "198.51.100.1/24");
        for (int i = 0; i < 2; i++) {
            run(i, "ip link set lo up");
            run(i, "ip address add " + FAR + "/32 dev lo");
        }
        run(1, "sysctl -q -w net.ipv4.ip_default_ttl=33");
        stack = PenstockStack.builder()
                .networkInterface("wan0", first, i -> i.address("192.0.2.2/24").gateway("192.0.2.1"))
                .networkInterface("wan1", second, i -> i.address("198.51.100.2/24")
                        .gateway("198.51.100.1")
                        .metric(10))
                .start();
        try (PingSocket socket = stack.pingSocket()) {
            assertTrue(ping(socket, "192.0.2.1").isReply());
            assertTrue(ping(socket, "198.51.100.1").isReply());
            assertEquals(64, ping(socket, FAR).ttl(), "the route with the smaller metric");
            socket.bindToInterface("wan1");
            assertEquals(33, ping(socket, FAR).ttl());
            socket.bindToInterface("");
            run(0, "ip link set penA down");
            awaitAnswerFrom(socket, 33);
            assertTrue(stack.counters().get(StackCounter.LINK_DOWNS) > 0);
            run(0, "ip link set penA up");
            awaitAnswerFrom(socket, 64);
            assertTrue(ping(socket, "198.51.100.1").isReply());
        }
    }

    /** The stack, a kernel that forwards (namespace 0), a link of 1,300 bytes, a kernel (namespace 1). */
    private void overASmallerLink() throws Exception {
        TapDevice tap = tap(0, "pen0", 1, "192.0.2.1/24");
        Process holder = namespaces.get(1).start(new ProcessBuilder("sleep", "100"));
        holders.add(holder);
        run(0, "ip -6 address add 2001:db8:1::1/64 dev pen0 nodad");
        run(0, "ip link add v0 mtu 1300 type veth peer name v1 mtu 1300");
        run(0, "ip link set v1 netns " + holder.pid());
        run(0, "ip address add 198.51.100.1/24 dev v0");
        run(0, "ip -6 address add 2001:db8:2::1/64 dev v0 nodad");
        run(0, "ip link set v0 up");
        run(0, "sysctl -q -w net.ipv4.ip_forward=1");
        run(0, "sysctl -q -w net.ipv6.conf.all.forwarding=1");
        run(1, "ip address add 198.51.100.2/24 dev v1");
        run(1, "ip -6 address add 2001:db8:2::2/64 dev v1 nodad");
        run(1, "ip link set v1 up");
        // It offers the MSS of a link of 1,500 bytes, as if the smaller one were farther away.
        run(1, "ip route add 192.0.2.0/24 via 198.51.100.1 advmss 1460");
        run(1, "ip -6 route add 2001:db8:1::/64 via 2001:db8:2::1 advmss 1440");
        stack = PenstockStack.builder()
                .device(tap)
                .address("192.0.2.2/24")
                .address("2001:db8:1::2/64")
                .gateway("192.0.2.1")
                .gateway("2001:db8:1::1")
                .start();
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.51.100.2", "2001:db8:2::2"})
    void thePathMtuOfASmallerLinkInBetweenIsLearnt(String far) throws Exception {
        overASmallerLink();
        byte[] data = KernelPeers.pattern(2 << 20);
        try (ServerSocket server = namespaces.get(1).call(() -> new ServerSocket(0, 1, InetAddress.getByName(far)))) {
            CompletableFuture<byte[]> received = CompletableFuture.supplyAsync(() -> {
                try (Socket s = server.accept()) {
                    return s.getInputStream().readAllBytes();
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            try (TcpSocket s = stack.connect(far, server.getLocalPort(), 10_000)) {
                s.getOutputStream().write(data);
                s.shutdownOutput();
                assertArrayEquals(data, received.get(60, TimeUnit.SECONDS));
            }
        }
        assertTrue(stack.counters().get(StackCounter.ICMP_IN_ERRORS) > 0, "the kernel in between said so");
        datagrams(far);
        try (PingSocket socket = stack.pingSocket()) {
            socket.setDontFragment(true);
            assertEquals(
                    PingReply.Kind.TOO_BIG,
                    socket.ping(IpAddress.parse(far), 1400, 2000).kind(),
                    "it is known");
            assertTrue(socket.ping(IpAddress.parse(far), 1200, 2000).isReply());
        }
    }

    private void datagrams(String far) throws Exception {
        byte[] data = KernelPeers.pattern(5000);
        try (DatagramSocket server = namespaces.get(1).call(() -> new DatagramSocket(0, InetAddress.getByName(far)));
                UdpSocket udp = stack.udpSocket()) {
            server.setSoTimeout(5000);
            udp.setSoTimeout(5000);
            for (int length : new int[] {1200, 1252, 1400, 1472, 5000}) {
                udp.send(data, 0, length, Endpoint.of(far, server.getLocalPort()));
                DatagramPacket packet = new DatagramPacket(new byte[6000], 6000);
                server.receive(packet);
                assertArrayEquals(Arrays.copyOf(data, length), Arrays.copyOf(packet.getData(), packet.getLength()));
                server.send(packet);
                byte[] back = new byte[6000];
                int n = udp.receive(back).length();
                assertArrayEquals(Arrays.copyOf(data, length), Arrays.copyOf(back, n));
            }
        }
    }
}
