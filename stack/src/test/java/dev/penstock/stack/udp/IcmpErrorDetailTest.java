package dev.penstock.stack.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.ip.IpHost;
import dev.penstock.stack.ip.Packets;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.UdpHeader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an endpoint learns of ICMP errors: enough for a traceroute. */
class IcmpErrorDetailTest {

    @Test
    void anErrorTellsWhoSentItAndWhichDatagramItIsAbout() {
        List<String> seen = new ArrayList<>();
        UdpHandler handler = new UdpHandler() {
            @Override
            public void onIcmpError(IcmpError error, int remotePort, long nowNs) {
                int length = UdpHeader.length(error.buffer, error.quoteOffset) - UdpHeader.LENGTH;
                seen.add(error.kind + " " + error.type + "/" + error.code + " by "
                        + new IpAddress(error.reporterHi, error.reporterLo) + " about " + length + " bytes to "
                        + new IpAddress(error.remoteHi, error.remoteLo) + ":" + remotePort);
            }
        };
        try (UdpHost h = new UdpHost()) {
            UdpEndpoint endpoint = h.bound(handler, "0.0.0.0", 7);
            endpoint.setTtl(1);
            h.send(endpoint, "192.0.2.2", 33_434, new byte[9]);
            byte[] probe = h.host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            byte[] quote = java.util.Arrays.copyOf(probe, 28);
            byte[] exceeded = Packets.icmp(IcmpHeader.TIME_EXCEEDED, 0, 0, quote);
            int router = Packets.ip("192.0.2.254");
            h.host.peerSends(Packets.ipv4(router, h.host.address, IpProtocol.ICMP, exceeded));
            byte[] filtered = Packets.icmp(IcmpHeader.UNREACHABLE, 13, 0, quote);
            h.host.peerSends(Packets.ipv4(router, h.host.address, IpProtocol.ICMP, filtered));
            assertEquals(
                    List.of(
                            "TTL_EXCEEDED 11/0 by 192.0.2.254 about 9 bytes to 192.0.2.2:33434",
                            "ADMIN_PROHIBITED 3/13 by 192.0.2.254 about 9 bytes to 192.0.2.2:33434"),
                    seen);
        }
    }
}
