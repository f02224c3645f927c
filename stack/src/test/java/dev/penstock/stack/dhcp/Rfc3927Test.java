package dev.penstock.stack.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.dhcp.Messages.Reply;
import dev.penstock.stack.dhcp.Messages.Sent;
import dev.penstock.stack.ip.AddressInfo;
import dev.penstock.stack.ip.IpInterface;
import dev.penstock.stack.sim.SimulatedHost;
import dev.penstock.stack.sim.SimulatedNetwork;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Whole stacks without addresses of their own: link-local ones (RFC 3927), and leases over days. */
class Rfc3927Test {
    private static final long SECOND = 1_000_000_000L;

    private final SimulatedNetwork net = SimulatedNetwork.seeded(5);
    private final List<String> told = new ArrayList<>();

    private SimulatedHost client(String name) {
        DhcpConfig config = new DhcpConfig();
        config.listener = new DhcpListener() {
            @Override
            public void onLease(IpInterface nic, DhcpLease lease, boolean renewed, long nowNs) {
                told.add(name + (renewed ? " renewed" : " lease ") + (renewed ? "" : lease.address()));
            }

            @Override
            public void onLeaseLost(IpInterface nic, DhcpLease lease, Loss why, long nowNs) {
                told.add(name + " lost " + why);
            }

            @Override
            public void onLinkLocal(IpInterface nic, IpAddress address, long nowNs) {
                told.add(name + " link-local");
            }

            @Override
            public void onLinkLocalLost(IpInterface nic, IpAddress address, long nowNs) {
                told.add(name + " link-local lost");
            }
        };
        return net.newHost(name).dhcp(config).plugIn();
    }

    private static DhcpInterface dhcp(SimulatedHost host) {
        return host.stack().dhcp().clients().get(0);
    }

    private static List<AddressInfo> v4(SimulatedHost host) {
        return host.stack().ip().addresses().list(dhcp(host).nic()).stream()
                .filter(a -> a.prefix().address().isV4())
                .toList();
    }

    /** A DHCP server that gives each station an address by its MAC's last byte, for {@code seconds}. */
    private SimulatedHost server(int seconds) {
        SimulatedHost host = net.host("server", "192.0.2.1/24");
        UdpEndpoint[] endpoint = new UdpEndpoint[1];
        endpoint[0] = host.stack().openUdp(new UdpHandler() {
            @Override
            public void onDatagram(
                    DirectBuffer buffer,
                    int offset,
                    int length,
                    long srcHi,
                    long srcLo,
                    int srcPort,
                    long dstHi,
                    long dstLo,
                    long nowNs) {
                byte[] bytes = new byte[length];
                buffer.getBytes(offset, bytes);
                Sent request = Sent.of(nowNs, true, 0, 0, bytes);
                if (request.type() != 1 && request.type() != 3) {
                    return;
                }
                Reply reply = request.answer(request.type() == 1 ? 2 : 5)
                        .lease("192.0.2." + (10 + (request.chaddr() & 0x7f)))
                        .with(51, Messages.be32(seconds))
                        .with(3, 192, 0, 2, 1);
                byte[] message = reply.build();
                long to = request.ciaddr() != 0 ? IpAddress.v4(request.ciaddr()) : IpAddress.BROADCAST_V4.lo();
                endpoint[0].send(0, to, 68, new UnsafeBuffer(message), 0, message.length, nowNs);
            }
        });
        endpoint[0].allowBroadcast(true);
        assertEquals(UdpEndpoint.OK, endpoint[0].bind(0, IpAddress.V4_PREFIX, 67));
        return host;
    }

    @Test
    @Requirement("RFC3927:1")
    @Requirement("RFC3927:2")
    @Requirement("RFC3927:3")
    @Requirement("RFC3927:4")
    void withoutAServerHostsGiveThemselvesAddressesAndTalk() {
        SimulatedHost a = client("a");
        SimulatedHost b = client("b");
        net.run(9 * SECOND);
        assertNull(dhcp(a).linkLocalAddress(), "servers get their time first");
        net.run(9 * SECOND);
        IpAddress one = dhcp(a).linkLocalAddress();
        IpAddress two = dhcp(b).linkLocalAddress();
        assertNotEquals(one, two);
        for (IpAddress each : List.of(one, two)) {
            int bits = each.v4Bits();
            assertTrue(bits >= Messages.ip("169.254.1.0") && bits <= Messages.ip("169.254.254.255"), each.toString());
        }
        int[] received = new int[1];
        b.stack()
                .tcp()
                .listen(
                        0,
                        0,
                        80,
                        4,
                        new TcpOptions(),
                        (l, now) -> l.accept(new TcpHandler() {
                            @Override
                            public int onData(
                                    TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
                                received[0] += length;
                                return length;
                            }
                        }));
        TcpConnection connection = a.stack()
                .tcp()
                .connect(
                        0,
                        0,
                        0,
                        two.hi(),
                        two.lo(),
                        80,
                        new TcpOptions(),
                        new TcpHandler() {
                            @Override
                            public void onConnected(TcpConnection c, long nowNs) {
                                c.write(new UnsafeBuffer(new byte[100]), 0, 100, nowNs);
                            }
                        },
                        a.nowNs());
        assertNotNull(connection);
        assertTrue(net.runUntil(() -> received[0] == 100, 10 * SECOND));
        assertEquals(DhcpState.SELECTING, dhcp(a).state(), "a server is still looked for");
        net.close();
        net.assertNoLeaks();
    }

    @Test
    @Requirement("RFC3927:5")
    void theSameHostTriesForTheSameAddress() {
        SimulatedHost a = client("a");
        net.run(20 * SECOND);
        IpAddress first = dhcp(a).linkLocalAddress();
        assertNotNull(first);
        SimulatedNetwork again = SimulatedNetwork.seeded(77);
        SimulatedHost b = again.newHost("a").dhcp(new DhcpConfig()).plugIn();
        again.run(20 * SECOND);
        boolean sameMac = dhcp(a).nic().port().mac() == dhcp(b).nic().port().mac();
        assertEquals(sameMac, first.equals(dhcp(b).linkLocalAddress()), "whatever the rest of the network is like");
        assertTrue(sameMac, "the simulation numbers its stations");
        net.close();
        again.close();
    }

    @Test
    @Requirement("RFC3927:6")
    @Requirement("RFC3927:7")
    void whoKeepsUsingTheAddressGetsItAfterOneDefence() {
        SimulatedHost a = client("a");
        net.run(20 * SECOND);
        IpAddress mine = dhcp(a).linkLocalAddress();
        net.host("stubborn", mine + "/16");
        net.run(20 * SECOND);
        IpAddress next = dhcp(a).linkLocalAddress();
        assertNotNull(next);
        assertNotEquals(mine, next);
        assertEquals(List.of("a link-local", "a link-local lost", "a link-local"), told);
        net.close();
        net.assertNoLeaks();
    }

    @Test
    @Requirement("RFC3927:8")
    @Requirement("RFC3927:9")
    void aLeaseTakesItsPlaceAndIsRenewedForDays() {
        SimulatedHost a = client("a");
        net.run(20 * SECOND);
        IpAddress linkLocal = dhcp(a).linkLocalAddress();
        server(600);
        DhcpInterface client = dhcp(a);
        assertTrue(net.runUntil(() -> client.lease() != null, 100 * SECOND));
        assertEquals(2, v4(a).size(), "the link-local address stays for what uses it");
        assertTrue(v4(a).stream()
                .anyMatch(i -> i.deprecated() && i.prefix().address().equals(linkLocal)));
        assertTrue(a.stack().ip().routes().list().stream()
                .anyMatch(r -> r.route().destination().length() == 0
                        && IpAddress.parse("192.0.2.1").equals(r.route().gateway())));
        net.run(61 * SECOND);
        assertEquals(1, v4(a).size());
        told.clear();
        net.run(3 * 86_400 * SECOND);
        assertTrue(told.stream().allMatch("a renewed"::equals), told::toString);
        assertEquals(3 * 86_400 / 300.0, told.size(), 3 * 86_400 / 300.0 * 0.06, "at half time, a little before");
        assertEquals(1, v4(a).size());
        net.close();
        net.assertNoLeaks();
    }

    @Test
    @Requirement("RFC3927:10")
    void whenTheServerDiesTheLeaseEndsAndALinkLocalAddressComes() {
        SimulatedHost server = server(600);
        SimulatedHost a = client("a");
        DhcpInterface client = dhcp(a);
        assertTrue(net.runUntil(() -> client.lease() != null, 60 * SECOND));
        server.transmit().cut(true);
        net.run(700 * SECOND);
        assertNull(dhcp(a).lease());
        assertNotNull(dhcp(a).linkLocalAddress());
        assertTrue(
                a.stack().ip().routes().list().stream().noneMatch(r -> r.route().gateway() != null));
        assertEquals("a lost EXPIRED", told.get(1));
        net.close();
        net.assertNoLeaks();
    }
}
