package dev.penstock.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.blocking.PingSocket;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.tap.NetNamespace;
import dev.penstock.tap.TapRequirement;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two Linux routers on a bridge: the first one redirects to the second one, which then forges redirects of its own. */
@Timeout(90)
class RedirectPeerTest extends LinkFixture {
    private static final String FAR4 = "198.51.100.1";
    private static final String FAR6 = "2001:db8:ff::1";

    /** ICMP redirects for destinations whose first hop the sender is not: IPv4, then IPv6. */
    private static final String FORGE =
            """
            import socket, struct
            def sum16(b):
                b += b'\\0' * (len(b) % 2)
                s = sum(struct.unpack('!%dH' % (len(b) // 2), b))
                s = (s >> 16) + (s & 0xffff)
                return ~(s + (s >> 16)) & 0xffff
            p4 = lambda a: socket.inet_pton(socket.AF_INET, a)
            p6 = lambda a: socket.inet_pton(socket.AF_INET6, a)
            quote = struct.pack('!BBHHHBBH', 0x45, 0, 36, 1, 0, 64, 17, 0) + p4('10.9.0.2') + p4('203.0.113.9')
            quote += struct.pack('!HHHHQ', 5000, 9, 16, 0, 0)
            body = p4('10.9.0.3') + quote
            head = struct.pack('!BBH', 5, 1, 0)
            head = struct.pack('!BBH', 5, 1, sum16(head + body))
            s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
            s.sendto(head + body, ('10.9.0.2', 0))
            r = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
            r.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 255)
            r.bind(('fe80::3', 0, 0, socket.if_nametoindex('v1')))
            m = struct.pack('!BBHI', 137, 0, 0, 0) + p6('fe80::3') + p6('2001:db8:ee::9')
            r.sendto(m, ('2001:db8:9::2', 0, 0, socket.if_nametoindex('v1')))
            """;

    private static String run(NetNamespace where, String... command) throws Exception {
        Process process = where.start(new ProcessBuilder(command).redirectErrorStream(true));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), String.join(" ", command) + ": " + output);
        return output;
    }

    /** 10.9.0.1 and fe80::1 on a bridge with the stack and the second router, 10.9.0.3 and fe80::3. */
    private void open(NetNamespace second, String pid) throws Exception {
        link = new KernelLink.Setup()
                .services(false)
                .capture(directory.resolve("capture.pcapng"))
                .prepare(
                        "ip link add br0 type bridge",
                        "ip link set pen0 master br0",
                        "ip address flush dev pen0",
                        "ip address add 10.9.0.1/24 dev br0",
                        "ip -6 address add fe80::1/64 dev br0 nodad",
                        "ip -6 address add 2001:db8:9::1/64 dev br0 nodad",
                        "ip link add v0 type veth peer name v1 netns " + pid,
                        "ip link set v0 master br0",
                        "ip link set v0 up",
                        "ip link set br0 up",
                        "sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1"
                                + " net.ipv4.conf.all.send_redirects=1 net.ipv4.conf.br0.send_redirects=1",
                        "ip route add 198.51.100.0/24 via 10.9.0.3",
                        "ip -6 route add 2001:db8:ff::/64 via fe80::3 dev br0")
                .stack(b -> b.address("2001:db8:9::2/64").gateway("fe80::1"))
                .open();
        for (String line : List.of(
                "ip link set lo up",
                "ip address add 10.9.0.3/24 dev v1",
                "ip -6 address add fe80::3/64 dev v1 nodad",
                "ip -6 address add 2001:db8:9::3/64 dev v1 nodad",
                "ip address add " + FAR4 + "/32 dev lo",
                "ip -6 address add " + FAR6 + "/128 dev lo",
                "sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1",
                "ip link set v1 up")) {
            run(second, line.split(" "));
        }
    }

    @Test
    void aRedirectOfTheFirstRouterIsFollowedAndAForgedOneIsNot() throws Exception {
        TapRequirement.check();
        KernelPeers.requireCommands("ip", "sysctl", "tshark", "python3");
        try (NetNamespace second = NetNamespace.create()) {
            Process holder = second.start(new ProcessBuilder("sleep", "80"));
            open(second, Long.toString(holder.pid()));
            String mac =
                    run(second, "ip", "-o", "link", "show", "v1").replaceAll("(?s).*link/ether ([0-9a-f:]+) .*", "$1");
            long followed = 0;
            try (PingSocket ping = link.stack().pingSocket()) {
                for (String far : new String[] {FAR4, FAR6}) {
                    until("an answer", () -> ping.ping(IpAddress.parse(far), 56, 500)
                            .isReply());
                    long before = followed;
                    until("a redirect", () -> {
                        ping.ping(IpAddress.parse(far), 56, 500);
                        return followed() > before;
                    });
                    followed = followed();
                    assertTrue(ping.ping(IpAddress.parse(far), 57, 2000).isReply());
                }
            }
            Path forge = Files.writeString(directory.resolve("forge.py"), FORGE);
            run(second, "python3", forge.toString());
            until(
                    "the forged redirects",
                    () -> link.stack().counters().get(DropReason.ICMP_REDIRECT_REFUSED) > 0
                            && link.stack().counters().get(DropReason.NDP_REDIRECT_REFUSED) > 0);
            assertEquals(followed, followed(), "neither was followed");
            holder.destroy();
            link.stop();
            assertEquals(List.of(), link.faults());
            assertEquals("", link.stack().leaks());
            Path capture = directory.resolve("capture.pcapng");
            assertTrue(CaptureCheck.count(capture, "icmp.type == 5 && ip.src == 10.9.0.1") > 0);
            assertTrue(CaptureCheck.count(capture, "icmpv6.type == 137 && ipv6.src == fe80::1") > 0);
            // The last requests, of 57 bytes, go to the second router by themselves.
            String last = "eth.dst == " + mac + " && data.len == 57 && ";
            assertTrue(CaptureCheck.count(capture, last + "icmp.type == 8 && ip.dst == " + FAR4) > 0);
            assertTrue(CaptureCheck.count(capture, last + "icmpv6.type == 128 && ipv6.dst == " + FAR6) > 0);
        }
    }

    private long followed() {
        return link.stack().counters().get(StackCounter.NDP_REDIRECTS_FOLLOWED);
    }
}
