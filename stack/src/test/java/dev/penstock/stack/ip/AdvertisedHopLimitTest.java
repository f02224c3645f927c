package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.tcp.TcpConfig;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpLayer;
import dev.penstock.stack.tcp.TcpOption;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.udp.UdpConfig;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.udp.UdpLayer;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.Wire;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** The hop limit that routers advertise, in what is sent (RFC 4861, section 6.3.4). */
class AdvertisedHopLimitTest {
    private static final String R1 = RaHost.R1;
    private static final IpAddress TO = Packets6.ip(R1);

    private static int sent(RaHost h, int protocol) {
        h.host.turn();
        UnsafeBuffer packet = new UnsafeBuffer(h.host.expect(RaHost.R1_MAC, EthernetHeader.TYPE_IPV6));
        assertEquals(protocol, Ipv6Header.nextHeader(packet, 0));
        return Ipv6Header.hopLimit(packet, 0);
    }

    private static void hear(RaHost h, int hopLimit) {
        h.hear(R1, RaHost.ra().hopLimit(hopLimit).linkAddress(RaHost.R1_MAC));
        h.host.device.sent.clear();
    }

    @Requirement("RFC4861:6.3.4-3")
    @Test
    void datagramsHaveItUnlessTheirSocketSetsAnother() {
        try (RaHost h = RaHost.settled()) {
            UdpLayer udp = new UdpLayer(
                    UdpConfig.defaults(),
                    h.host.ip,
                    RandomSource.seeded(7),
                    h.host.counters,
                    h.host.small,
                    h.host.large);
            UdpEndpoint endpoint = udp.open(new UdpHandler() {});
            UnsafeBuffer data = new UnsafeBuffer(new byte[4]);
            int[][] advertisedAndSent = {{0, 64}, {200, 200}, {0, 200}, {33, 33}};
            for (int[] pair : advertisedAndSent) {
                hear(h, pair[0]);
                endpoint.send(TO.hi(), TO.lo(), 9, data, 0, 4, h.host.now);
                assertEquals(pair[1], sent(h, IpProtocol.UDP));
            }
            endpoint.setTtl(64);
            endpoint.send(TO.hi(), TO.lo(), 9, data, 0, 4, h.host.now);
            assertEquals(64, sent(h, IpProtocol.UDP));
            endpoint.close();
        }
    }

    @Requirement("RFC4861:6.3.4-3")
    @Test
    void connectionsHaveItUnlessTheirOptionsSayAnother() {
        try (RaHost h = RaHost.settled()) {
            TcpLayer tcp = new TcpLayer(
                    new TcpConfig(),
                    h.host.ip,
                    h.host.deadlines,
                    RandomSource.seeded(3),
                    h.host.counters,
                    new ChunkPool(1 << 20));
            h.host.ip.setTransport(IpProtocol.TCP, tcp);
            hear(h, 200);
            TcpOptions options = new TcpOptions();
            TcpConnection unset = connect(h, tcp, options);
            assertEquals(200, sent(h, IpProtocol.TCP));
            assertEquals(200, unset.getOption(TcpOption.IP_TTL), "what is in force");
            TcpOption.IP_TTL.set(options, 64);
            TcpConnection set = connect(h, tcp, options);
            assertEquals(64, sent(h, IpProtocol.TCP));
            assertEquals(64, set.getOption(TcpOption.IP_TTL));
            unset.abort(h.host.now);
            set.abort(h.host.now);
            tcp.flush(h.host.now);
            // A segment of no connection is reset.
            byte[] stray = new byte[20];
            stray[1] = 7;
            stray[3] = 7;
            stray[12] = 0x50;
            stray[13] = 2;
            String us = h.linkLocal();
            UnsafeBuffer b = new UnsafeBuffer(stray);
            int sum = InternetChecksum.add(Packets6.pseudo(R1, us, IpProtocol.TCP, 20), InternetChecksum.sum(b, 0, 20));
            Wire.u16(b, 16, dev.penstock.stack.wire.InternetChecksum.finish(sum));
            h.host.peerSends(IpHost.MAC, EthernetHeader.TYPE_IPV6, Packets6.ipv6(R1, us, IpProtocol.TCP, stray));
            tcp.flush(h.host.now);
            assertEquals(200, sent(h, IpProtocol.TCP), "of a reset");
        }
    }

    private static TcpConnection connect(RaHost h, TcpLayer tcp, TcpOptions options) {
        TcpConnection c = tcp.connect(0, 0, 0, TO.hi(), TO.lo(), 80, options, new TcpHandler() {}, h.host.now);
        tcp.flush(h.host.now);
        return c;
    }

    @Requirement("RFC4861:6.3.4-3")
    @Test
    void echoRequestsAndRepliesHaveIt() {
        try (RaHost h = RaHost.settled()) {
            hear(h, 200);
            Packets6.receive(h.host, Packets6.echo(R1, h.linkLocal(), 8));
            assertEquals(200, sent(h, IpProtocol.ICMPV6));
            Packets6.receive(h.host, Packets6.ipv6(R1, h.linkLocal(), 253, new byte[8]));
            assertEquals(200, sent(h, IpProtocol.ICMPV6), "of an error");
            int id = h.host.ip.openEcho((a, b, c, d, e, f, g, i) -> {});
            IpPath path = h.host.ip.path(0, 0, TO.hi(), TO.lo(), h.host.now);
            for (int[] askedAndSent : new int[][] {{0, 200}, {64, 64}}) {
                h.host.ip.sendEcho(
                        path, id, 1, new UnsafeBuffer(new byte[8]), 0, 8, 0, askedAndSent[0], false, h.host.now);
                assertEquals(askedAndSent[1], sent(h, IpProtocol.ICMPV6));
            }
            path.release();
        }
    }
}
