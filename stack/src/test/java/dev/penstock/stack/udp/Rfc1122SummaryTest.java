package dev.penstock.stack.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.ip.IpHost;
import dev.penstock.stack.ip.IpPacket;
import dev.penstock.stack.ip.Packets;
import dev.penstock.stack.ip.TransportHandler;
import dev.penstock.stack.udp.UdpHost.Recorder;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.MacAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of RFC 1122's summaries, sections 3.5 and 4.1.5, that no other test holds. */
class Rfc1122SummaryTest {
    private static final int TIMESTAMP = 13;
    private static final int INFORMATION = 15;
    private static final int ADDRESS_MASK = 17;

    @Requirement({"RFC1122:IP-18", "RFC1122:IP-23", "RFC1122:IP-149"})
    @Test
    void theTransportSetsTtlAndTos() {
        // 3.2.1.6 and 3.2.1.7: "MUST provide a means for the transport layer to set" either.
        try (UdpHost h = new UdpHost()) {
            UdpEndpoint endpoint = h.bound(new Recorder(), "0.0.0.0", 7);
            endpoint.setTtl(9);
            endpoint.setTos(0xb8);
            h.send(endpoint, "192.0.2.2", 5000, new byte[4]);
            byte[] packet = h.host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            assertEquals(9, Ipv4Header.ttl(Packets.view(packet), 0));
            assertEquals(0xb8, Ipv4Header.tos(Packets.view(packet), 0));
        }
    }

    @Requirement({"RFC1122:IP-21", "RFC1122:IP-24"})
    @Test
    void aTtlOfZeroIsRefused() {
        // 3.2.1.7: "A host MUST NOT send a datagram with a Time-to-Live (TTL) value of zero."
        try (UdpHost h = new UdpHost()) {
            UdpEndpoint endpoint = h.bound(new Recorder(), "0.0.0.0", 7);
            assertThrows(IllegalArgumentException.class, () -> endpoint.setTtl(0));
            assertThrows(IllegalArgumentException.class, () -> new UdpConfig(1, 40_000, 50_000, 0));
            h.send(endpoint, "192.0.2.2", 5000, new byte[4]);
            byte[] packet = h.host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            int configured = UdpConfig.defaults().defaultTtl();
            assertEquals(configured, Ipv4Header.ttl(Packets.view(packet), 0));
        }
    }

    @Requirement("RFC1122:IP-19")
    @Test
    void aTransportLearnsTtlTosAndAddresses() {
        // 3.2.1.6: "The IP layer SHOULD pass received TOS values up to the transport layer."
        List<String> seen = new ArrayList<>();
        try (UdpHost h = new UdpHost()) {
            h.host.ip.setTransport(253, new TransportHandler() {
                @Override
                public void onPacket(IpPacket packet, long nowNs) {
                    seen.add(packet.tos + " " + packet.ttl + " " + new IpAddress(packet.srcHi, packet.srcLo) + " "
                            + new IpAddress(packet.dstHi, packet.dstLo));
                }

                @Override
                public void onIcmpError(IcmpError error, long nowNs) {
                    throw new AssertionError("there was no error");
                }
            });
            byte[] packet = Packets.ipv4(IpHost.PEER, h.host.address, 253, new byte[4]);
            h.host.peerSends(Packets.withByte(Packets.withByte(packet, 1, 0xb9), 8, 17));
            assertEquals(List.of("185 17 192.0.2.2 192.0.2.1"), seen);
        }
    }

    @Requirement("RFC1122:IP-41")
    @Test
    void errorsHaveNoTypeOfService() {
        // 3.2.2: "An ICMP error message SHOULD be sent with normal (i.e., zero) TOS bits."
        try (UdpHost h = new UdpHost()) {
            byte[] datagram = Packets.udp(IpHost.PEER, 5000, h.host.address, 7, new byte[4]);
            byte[] cause = Packets.ipv4(IpHost.PEER, h.host.address, IpProtocol.UDP, datagram);
            h.host.peerSends(Packets.withByte(cause, 1, 0xb8));
            byte[] error = h.host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            assertEquals(IcmpHeader.UNREACHABLE, error[20]);
            assertEquals(0, Ipv4Header.tos(Packets.view(error), 0));
        }
    }

    @Requirement("RFC1122:IP-66")
    @Test
    void echoToAGroupIsNotAnswered() {
        // 3.2.2.6: "An ICMP Echo Request destined to an IP broadcast or IP multicast address MAY be silently
        // discarded."
        try (UdpHost h = new UdpHost()) {
            long group = MacAddress.forIpv4Multicast(Packets.ip("224.0.0.5"));
            h.host.ip.multicast().join(h.host.nic, 0, Packets.lo("224.0.0.5"), true);
            byte[] echo = Packets.icmp(IcmpHeader.ECHO_REQUEST, 0, 1, new byte[8]);
            byte[] request = Packets.ipv4(IpHost.PEER, Packets.ip("224.0.0.5"), IpProtocol.ICMP, echo);
            h.host.peerSends(group, EthernetHeader.TYPE_IPV4, request);
            h.host.expectDrop(DropReason.ICMP_BROADCAST_ECHO);
        }
    }

    @Requirement({"RFC1122:IP-67", "RFC1122:IP-123"})
    @Test
    void theReplyComesFromTheAddressThatWasAsked() {
        // 3.2.2.6: "The IP source address in an ICMP Echo Reply MUST be the same as the specific-destination address".
        try (UdpHost h = new UdpHost()) {
            h.host.ip.addAddress(h.host.nic, IpPrefix.parse("192.0.2.77/24"), h.host.now);
            h.host.advance(5 * IpHost.SECOND);
            h.host.device.sent.clear();
            byte[] echo = Packets.icmp(IcmpHeader.ECHO_REQUEST, 0, 1, new byte[8]);
            for (String asked : new String[] {"192.0.2.77", "192.0.2.1"}) {
                h.host.peerSends(Packets.ipv4(IpHost.PEER, Packets.ip(asked), IpProtocol.ICMP, echo));
                byte[] reply = h.host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
                assertEquals(Packets.ip(asked), Ipv4Header.source(Packets.view(reply), 0));
            }
        }
    }

    @Requirement({"RFC1122:IP-72", "RFC1122:IP-75", "RFC1122:IP-90"})
    @ParameterizedTest
    @ValueSource(ints = {TIMESTAMP, INFORMATION, ADDRESS_MASK})
    void oldQueriesAreNotAnswered(int type) {
        // 3.2.2.7: "A host SHOULD NOT implement these messages"; 3.2.2.9: "A system MUST NOT send an Address Mask Reply
        // unless it is an authoritative agent".
        try (UdpHost h = new UdpHost()) {
            byte[] query = Packets.icmp(type, 0, 0x0001_0001, new byte[12]);
            h.host.peerSends(Packets.ipv4(IpHost.PEER, h.host.address, IpProtocol.ICMP, query));
            h.host.expectDrop(DropReason.ICMP_UNKNOWN_TYPE);
        }
    }

    @Requirement({"RFC1122:IP-142", "RFC1122:IP-144"})
    @Test
    void aBroadcastIsOneOnTheLinkToo() {
        // 3.3.6: "When a host sends a datagram to a link-layer broadcast address, the IP destination address MUST be a
        // legal
        // IP broadcast or IP multicast address."
        try (UdpHost h = new UdpHost()) {
            UdpEndpoint endpoint = h.bound(new Recorder(), "0.0.0.0", 7);
            endpoint.allowBroadcast(true);
            for (String all : new String[] {"255.255.255.255", "192.0.2.255"}) {
                byte[] data = Packets.bytes(4, 1);
                assertEquals(UdpEndpoint.OK, h.send(endpoint, all, 5000, data));
                byte[] packet = h.host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_IPV4);
                assertEquals(Packets.ip(all), Ipv4Header.destination(Packets.view(packet), 0));
                assertArrayEquals(data, Arrays.copyOfRange(packet, 28, packet.length));
            }
        }
    }
}
