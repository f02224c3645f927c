package dev.penstock.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.conformance.kernel.KernelLink.Ran;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.MulticastMembership;
import dev.penstock.stack.blocking.Received;
import dev.penstock.stack.blocking.UdpSocket;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.tap.NativeBinding;
import dev.penstock.tap.TapRequirement;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups with a Linux kernel: both ways, with source filters; and its bridge as a querier that changes its version. */
@Timeout(120)
class MulticastPeerTest {
    private static final int PORT = 5000;
    private static final String STACK6 = "2001:db8:9::2";
    private static final String KERNEL6 = "2001:db8:9::1";

    @TempDir
    Path directory;

    private static KernelLink open(boolean offload, Path capture) throws Exception {
        TapRequirement.check();
        KernelPeers.requireCommands("ip", "bridge", "tshark");
        return new KernelLink.Setup()
                .vnetHeader(offload)
                .binding(NativeBinding.JNR)
                .services(false)
                .capture(capture)
                .stack(b -> b.address(STACK6 + "/64"))
                .open();
    }

    private static void ok(KernelLink link, String... command) throws Exception {
        Ran ran = link.run(10, command);
        assertTrue(ran.isOk(), ran::toString);
    }

    private static String next(UdpSocket socket) throws IOException {
        byte[] buffer = new byte[100];
        Received got = socket.receive(buffer);
        return new String(buffer, 0, got.length(), StandardCharsets.US_ASCII) + " from "
                + got.from().address();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void groupsBothWaysOfBothFamilies(boolean offload) throws Exception {
        Path capture = directory.resolve("capture.pcapng");
        try (KernelLink link = open(offload, capture)) {
            ok(link, "ip", "address", "add", "10.9.0.9/24", "dev", "pen0");
            ok(link, "ip", "-6", "address", "add", KERNEL6 + "/64", "dev", "pen0", "nodad");
            ok(link, "ip", "-6", "address", "add", "2001:db8:9::9/64", "dev", "pen0", "nodad");
            fromLinux(link, "239.1.2.3", KernelLink.KERNEL, "10.9.0.9");
            fromLinux(link, "ff15::7", KERNEL6, "2001:db8:9::9");
            toLinux(link, "239.1.2.4", KernelLink.STACK, "10.9.0.77", StandardProtocolFamily.INET);
            toLinux(link, "ff15::8", STACK6, "2001:db8:9::77", StandardProtocolFamily.INET6);
            link.stop();
            assertEquals(List.of(), link.faults());
            assertEquals(0, link.stack().counters().get(StackCounter.SHARD_FAULTS));
            assertEquals("", link.stack().leaks());
        }
        String ours =
                "ip.src == 10.9.0.2 && ip.ttl == 1 && ip.dsfield == 0xc0 && ip.opt.type == 148 && ip.dst == 224.0.0.22";
        assertTrue(CaptureCheck.count(capture, ours + " && igmp.type == 0x22 && igmp.maddr == 239.1.2.3") >= 2);
        assertTrue(CaptureCheck.count(
                        capture,
                        ours + " && igmp.record_type == 5 && igmp.maddr == 239.1.2.11 && igmp.saddr == 10.9.0.9")
                >= 1);
        String ours6 = "icmpv6.type == 143 && ipv6.hlim == 1 && ipv6.dst == ff02::16 && ipv6.opt.router_alert == 0";
        assertTrue(CaptureCheck.count(capture, ours6 + " && icmpv6.mldr.mar.multicast_address == ff15::7") >= 2);
        assertTrue(CaptureCheck.count(capture, ours6 + " && icmpv6.mldr.mar.multicast_address == ff02::1:ff00:2") >= 1);
        Map<String, Integer> findings = new TreeMap<>(CaptureCheck.findings(capture));
        findings.keySet().removeIf(f -> f.startsWith(KernelLink.KERNEL + ":") || f.startsWith(KERNEL6 + ":"));
        assertEquals(Map.of(), findings);
    }

    /** Linux sends to a group, from two of its addresses; sockets here take all, but one, and one alone. */
    private static void fromLinux(KernelLink link, String group, String first, String second) throws Exception {
        IpAddress g = IpAddress.parse(group);
        try (UdpSocket any = link.stack().multicastSocket(PORT);
                UdpSocket but = link.stack().multicastSocket(PORT);
                UdpSocket one = link.stack().multicastSocket(PORT);
                UdpSocket none = link.stack().multicastSocket(PORT)) {
            for (UdpSocket socket : List.of(any, but, one)) {
                socket.setSoTimeout(5000);
            }
            any.join(g);
            but.join(g).block(IpAddress.parse(first));
            one.join(g, 0, IpAddress.parse(second));
            // Of another group, this source alone is wanted by anybody here.
            one.join(new IpAddress(g.hi(), g.lo() + 8), 0, IpAddress.parse(second));
            link.onKernel(() -> {
                send(group, first, "a");
                send(group, second, "b");
                return null;
            });
            assertEquals("a from " + first, next(any));
            assertEquals("b from " + second, next(any));
            assertEquals("b from " + second, next(but));
            assertEquals("b from " + second, next(one));
            none.setSoTimeout(50);
            assertThrows(SocketTimeoutException.class, () -> next(none));
        }
    }

    private static void send(String group, String from, String text) throws IOException {
        boolean v4 = group.indexOf('.') >= 0;
        try (DatagramChannel channel =
                DatagramChannel.open(v4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6)) {
            channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, NetworkInterface.getByName("pen0"));
            channel.bind(new InetSocketAddress(from, 0));
            byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
            channel.send(ByteBuffer.wrap(bytes), new InetSocketAddress(group, PORT));
        }
    }

    /** Linux is in a group with a source filter: it takes what is sent from here, and not with another filter. */
    private static void toLinux(KernelLink link, String group, String us, String other, StandardProtocolFamily family)
            throws Exception {
        NetworkInterface nic = link.onKernel(() -> NetworkInterface.getByName("pen0"));
        InetAddress g = InetAddress.getByName(group);
        try (DatagramChannel channel = link.onKernel(() -> DatagramChannel.open(family));
                DatagramChannel deaf = link.onKernel(() -> DatagramChannel.open(family));
                UdpSocket socket = link.stack().udpSocket()) {
            for (DatagramChannel each : List.of(channel, deaf)) {
                each.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                each.bind(new InetSocketAddress(PORT + 1));
                each.configureBlocking(false);
            }
            channel.join(g, nic, InetAddress.getByName(us));
            deaf.join(g, nic, InetAddress.getByName(other));
            socket.setMulticastTimeToLive(3);
            byte[] data = {1, 2, 3};
            socket.send(data, 0, 3, new Endpoint(IpAddress.parse(group), PORT + 1));
            ByteBuffer got = ByteBuffer.allocate(100);
            InetSocketAddress[] from = new InetSocketAddress[1];
            await("Linux receives it", () -> {
                try {
                    from[0] = (InetSocketAddress) channel.receive(got);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
                return from[0] != null;
            });
            assertEquals(3, got.position());
            assertEquals(InetAddress.getByName(us), from[0].getAddress());
            assertEquals(null, deaf.receive(ByteBuffer.allocate(100)));
        }
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long until = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < until, what);
            Thread.sleep(20);
        }
    }

    private static int version(KernelLink link, boolean v4) {
        try {
            return link.stack()
                    .call(shard -> shard.ip().multicast().version(shard.ip().interfaceAt(0), v4));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void reportsAreRepeatedWhenTheLinkIsBack() throws Exception {
        Path capture = directory.resolve("capture.pcapng");
        try (KernelLink link = open(true, capture)) {
            try (UdpSocket socket = link.stack().udpSocket(PORT)) {
                socket.join(IpAddress.parse("239.1.2.3"));
                socket.join(IpAddress.parse("ff15::7"));
                // Until both reports of each are out (RFC 3376, 8.11: within a second).
                Thread.sleep(1500);
                ok(link, "ip", "link", "set", "pen0", "down");
                await("the end of the link", () -> {
                    // It shows when something is sent.
                    try {
                        socket.send(new byte[1], 0, 1, Endpoint.of(KernelLink.KERNEL, 9));
                    } catch (IOException e) {
                        return true;
                    }
                    return link.stack().counters().get(StackCounter.LINK_DOWNS) > 0;
                });
                ok(link, "ip", "link", "set", "pen0", "up");
                Thread.sleep(2500);
            }
            assertTrue(link.stack().counters().get(StackCounter.LINK_DOWNS) > 0);
            link.stop();
            assertEquals(List.of(), link.faults());
        }
        int v4 = CaptureCheck.count(capture, "igmp.type == 0x22 && igmp.record_type == 4 && igmp.maddr == 239.1.2.3");
        int v6 = CaptureCheck.count(
                capture,
                "icmpv6.type == 143 && icmpv6.mldr.mar.record_type == 4"
                        + " && icmpv6.mldr.mar.multicast_address == ff15::7");
        assertTrue(v4 > 2 && v6 > 2, v4 + " and " + v6 + " reports, two for each time");
    }

    @Test
    void theBridgeAsQuerierChangesItsVersionAndWeFollow() throws Exception {
        Path capture = directory.resolve("capture.pcapng");
        try (KernelLink link = open(true, capture)) {
            String[] bridge = ("ip link add br0 type bridge mcast_snooping 1 mcast_querier 1 mcast_query_interval 100"
                            + " mcast_startup_query_interval 100 mcast_query_response_interval 30 mcast_igmp_version 3"
                            + " mcast_mld_version 2")
                    .split(" ");
            ok(link, bridge);
            ok(link, "ip", "link", "set", "pen0", "master", "br0");
            ok(link, "ip", "link", "set", "br0", "up");
            try (UdpSocket socket = link.stack().udpSocket(PORT)) {
                IpAddress[] groups = {IpAddress.parse("239.1.2.3"), IpAddress.parse("ff15::7")};
                MulticastMembership[] joined = {socket.join(groups[0]), socket.join(groups[1])};
                await(
                        "queries come",
                        () -> link.stack().counters().get(StackCounter.IGMP_QUERIES_IN) > 1
                                && link.stack().counters().get(StackCounter.MLD_QUERIES_IN) > 1);
                assertEquals(3, version(link, true));
                assertEquals(2, version(link, false));
                assertSnooped(link, true, "239.1.2.3", "ff15::7");
                ok(
                        link,
                        "ip",
                        "link",
                        "set",
                        "br0",
                        "type",
                        "bridge",
                        "mcast_igmp_version",
                        "2",
                        "mcast_mld_version",
                        "1");
                await("older versions", () -> version(link, true) == 2 && version(link, false) == 1);
                joined[0].close();
                joined[1].close();
                assertSnooped(link, false, "239.1.2.3", "ff15::7");
                socket.join(IpAddress.parse("239.1.2.4"));
                socket.join(IpAddress.parse("ff15::8"));
                assertSnooped(link, true, "239.1.2.4", "ff15::8");
                ok(
                        link,
                        "ip",
                        "link",
                        "set",
                        "br0",
                        "type",
                        "bridge",
                        "mcast_igmp_version",
                        "3",
                        "mcast_mld_version",
                        "2");
                await("and back", () -> version(link, true) == 3 && version(link, false) == 2);
                socket.join(groups[0]);
                assertSnooped(link, true, "239.1.2.3");
            }
            link.stop();
            assertEquals(List.of(), link.faults());
        }
        String ours = "ip.src == 10.9.0.2 && igmp.type == ";
        assertTrue(CaptureCheck.count(capture, ours + "0x16 && ip.dst == 239.1.2.4") >= 1, "version 2 reports");
        assertTrue(CaptureCheck.count(capture, ours + "0x17 && ip.dst == 224.0.0.2") >= 1, "leaves");
        assertTrue(CaptureCheck.count(capture, ours + "0x22") >= 3);
        assertTrue(CaptureCheck.count(capture, "icmpv6.type == 131 && ipv6.dst == ff15::8") >= 1, "version 1 reports");
        assertTrue(CaptureCheck.count(capture, "icmpv6.type == 132 && ipv6.dst == ff02::2") >= 1, "done");
        Map<String, Integer> findings = new TreeMap<>(CaptureCheck.findings(capture));
        findings.keySet().removeIf(f -> !f.startsWith(KernelLink.STACK + ":") && !f.startsWith(STACK6 + ":"));
        assertEquals(Map.of(), findings);
    }

    /** The bridge's table of who is in which group, which it makes of the reports that it sees. */
    private static void assertSnooped(KernelLink link, boolean there, String... groups) throws Exception {
        String[] last = {""};
        await("the bridge " + (there ? "knows " : "forgets ") + String.join(" ", groups), () -> {
            try {
                last[0] = link.run(10, "bridge", "mdb", "show").output();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
            boolean all = true;
            for (String group : groups) {
                all &= last[0].contains("port pen0 grp " + group + " ") == there;
            }
            return all;
        });
    }
}
