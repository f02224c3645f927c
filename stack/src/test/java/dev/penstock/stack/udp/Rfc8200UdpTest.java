package dev.penstock.stack.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.ip.IpHost;
import dev.penstock.stack.ip.Packets6;
import dev.penstock.stack.udp.UdpHost.Recorder;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.IpProtocol;
import java.util.List;
import org.junit.jupiter.api.Test;

/** UDP over IPv6: RFC 8200, section 8.1, and RFC 4443, section 3.1. */
class Rfc8200UdpTest {
    private static UdpLayer udp(IpHost host) {
        return new UdpLayer(
                UdpConfig.defaults(), host.ip, RandomSource.seeded(7), host.counters, host.small, host.large);
    }

    private static byte[] datagram(int toPort) {
        byte[] udp = Packets6.udp(Packets6.PEER, 5000, Packets6.US, toPort, new byte[] {1, 2, 3});
        return Packets6.ipv6(Packets6.PEER, Packets6.US, IpProtocol.UDP, udp);
    }

    @Requirement("RFC8200:8.1-2")
    @Test
    void aDatagramWithoutChecksumIsDiscarded() {
        try (IpHost host = Packets6.ready()) {
            Recorder seen = new Recorder();
            assertEquals(UdpEndpoint.OK, udp(host).open(seen).bind(0, 0, 7));
            Packets6.receive(host, datagram(7));
            assertEquals(List.of("datagram 3 from 2001:db8::2:5000 to 2001:db8::1"), seen.calls);
            byte[] without = datagram(7);
            without[46] = 0;
            without[47] = 0;
            Packets6.receive(host, without);
            host.expectDrop(DropReason.UDP_BAD_CHECKSUM);
            assertEquals(1, seen.calls.size());
        }
    }

    @Requirement("RFC4443:3.1-1")
    @Test
    void aClosedPortIsUnreachable() {
        try (IpHost host = Packets6.ready()) {
            udp(host);
            Packets6.receive(host, datagram(9));
            byte[] error = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6);
            assertEquals(Icmpv6Header.UNREACHABLE, error[40]);
            assertEquals(4, error[41], "port unreachable");
        }
    }
}
