package dev.penstock.stack.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.ip.IpHost;
import dev.penstock.stack.ip.Packets;
import dev.penstock.stack.udp.UdpHost.Recorder;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.UdpHeader;
import dev.penstock.stack.wire.Wire;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** UDP: checksums, ports, errors, queues. */
class Rfc768Test {

    @Requirement("RFC1122:UDP-11")
    @Test
    void aDatagramReachesTheBoundEndpoint() {
        try (UdpHost h = new UdpHost()) {
            Recorder seen = new Recorder();
            h.bound(seen, "0.0.0.0", 7);
            byte[] data = Packets.bytes(100, 1);
            h.peerSends(5000, 7, data);
            assertEquals(List.of("datagram 100 from 192.0.2.2:5000 to 192.0.2.1"), seen.calls);
            assertArrayEquals(data, seen.data.get(0));
            h.host.expectNothing();
        }
    }

    @Test
    void anEmptyDatagramIsADatagram() {
        try (UdpHost h = new UdpHost()) {
            Recorder seen = new Recorder();
            UdpEndpoint endpoint = h.bound(seen, "192.0.2.1", 7);
            h.peerSends(5000, 7, new byte[0]);
            assertEquals(List.of("datagram 0 from 192.0.2.2:5000 to 192.0.2.1"), seen.calls);
            assertEquals(UdpEndpoint.OK, h.send(endpoint, "192.0.2.2", 9, new byte[0]));
            assertEquals(28, h.host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4).length);
        }
    }

    @Requirement("RFC1122:UDP-9")
    @Test
    void whatIsSentLeavesTheChecksumToTheDevice() {
        try (UdpHost h = new UdpHost()) {
            UdpEndpoint endpoint = h.bound(new Recorder(), "0.0.0.0", 7);
            byte[] data = Packets.bytes(31, 2);
            assertEquals(UdpEndpoint.OK, h.send(endpoint, "192.0.2.2", 5000, data));
            assertEquals("true 34 6 0 0 42", h.host.device.lastTx);
            byte[] packet = h.host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            int expected = InternetChecksum.pseudoHeader(
                    0, Packets.lo("192.0.2.1"), 0, Packets.lo("192.0.2.2"), IpProtocol.UDP, 39);
            assertEquals(expected, UdpHeader.checksum(Packets.view(packet), 20));
            assertEquals(7, UdpHeader.sourcePort(Packets.view(packet), 20));
            assertEquals(5000, UdpHeader.destinationPort(Packets.view(packet), 20));
            assertEquals(39, UdpHeader.length(Packets.view(packet), 20));
            assertArrayEquals(data, Arrays.copyOfRange(packet, 28, packet.length));
        }
    }

    @Requirement("RFC1122:UDP-6")
    @Test
    void fragmentsCarryACompleteChecksum() {
        try (UdpHost h = new UdpHost()) {
            UdpEndpoint endpoint = h.bound(new Recorder(), "0.0.0.0", 7);
            for (boolean offHeap : new boolean[] {false, true}) {
                byte[] data = Packets.bytes(5001, 3);
                UnsafeBuffer source = offHeap ? new UnsafeBuffer(ByteBuffer.allocateDirect(5001)) : Packets.view(data);
                source.putBytes(0, data);
                int result = endpoint.send(UdpHost.PEER.hi(), UdpHost.PEER.lo(), 5000, source, 0, 5001, h.host.now);
                assertEquals(UdpEndpoint.OK, result);
                byte[] datagram = new byte[5009];
                while (!h.host.device.sent.isEmpty()) {
                    byte[] packet = h.host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
                    int at = Ipv4Header.fragmentOffset(Packets.view(packet), 0);
                    System.arraycopy(packet, 20, datagram, at, packet.length - 20);
                }
                assertArrayEquals(
                        Packets.udp(h.host.address, 7, IpHost.PEER, 5000, data), datagram, "off-heap " + offHeap);
            }
        }
    }

    @Requirement({"RFC1122:UDP-6", "RFC1122:UDP-7"})
    @Test
    void badChecksumsAndLengthsAreCountedZeroMeansNone() {
        try (UdpHost h = new UdpHost()) {
            Recorder seen = new Recorder();
            h.bound(seen, "0.0.0.0", 7);
            byte[] datagram = Packets.udp(IpHost.PEER, 5000, h.host.address, 7, Packets.bytes(9, 4));
            byte[] wrong = datagram.clone();
            wrong[10] ^= 1;
            h.host.peerSends(Packets.ipv4(IpHost.PEER, h.host.address, IpProtocol.UDP, wrong));
            h.host.expectDrop(DropReason.UDP_BAD_CHECKSUM);
            wrong[6] = 0;
            wrong[7] = 0;
            h.host.peerSends(Packets.ipv4(IpHost.PEER, h.host.address, IpProtocol.UDP, wrong));
            assertEquals(1, seen.calls.size());
            byte[] tooLong = datagram.clone();
            Wire.u16(Packets.view(tooLong), 4, 18);
            h.host.peerSends(Packets.ipv4(IpHost.PEER, h.host.address, IpProtocol.UDP, tooLong));
            h.host.expectDrop(DropReason.UDP_BAD_LENGTH);
            h.host.peerSends(Packets.ipv4(IpHost.PEER, h.host.address, IpProtocol.UDP, new byte[7]));
            h.host.expectDrop(DropReason.UDP_TRUNCATED);
            assertEquals(1, seen.calls.size());
        }
    }

    @Requirement({"RFC1122:IP-47", "RFC1122:IP-48", "RFC1122:IP-152", "RFC1122:UDP-1"})
    @Test
    void aClosedPortIsUnreachable() {
        try (UdpHost h = new UdpHost()) {
            h.peerSends(5000, 9, new byte[3]);
            assertEquals(1, h.host.counters.get(DropReason.UDP_NO_PORT));
            byte[] error = h.host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            assertEquals(IcmpHeader.UNREACHABLE, error[20]);
            assertEquals(IcmpHeader.CODE_PORT_UNREACHABLE, error[21]);
            assertEquals(20 + 8 + 31, error.length);
        }
    }

    @Requirement({"RFC1122:IP-124", "RFC1122:UDP-12", "RFC1122:UDP-13", "RFC1122:UDP-14"})
    @Test
    void theMostSpecificEndpointWins() {
        try (UdpHost h = new UdpHost()) {
            Recorder wildcard = new Recorder();
            Recorder bound = new Recorder();
            Recorder connected = new Recorder();
            h.bound(wildcard, "0.0.0.0", 7);
            UdpEndpoint specific = h.bound(bound, "192.0.2.1", 7);
            h.peerSends(5000, 7, new byte[1]);
            assertEquals(1, bound.calls.size());
            specific.close();
            h.peerSends(5000, 7, new byte[1]);
            assertEquals(1, wildcard.calls.size());
            UdpEndpoint peer = h.bound(connected, "192.0.2.1", 7);
            assertEquals(UdpEndpoint.OK, peer.connect(UdpHost.PEER.hi(), UdpHost.PEER.lo(), 5000, h.host.now));
            assertEquals(
                    IpAddress.parse("192.0.2.1"), new IpAddress(peer.sourceHi(), peer.sourceLo()), "which was chosen");
            h.peerSends(5000, 7, new byte[1]);
            h.peerSends(5001, 7, new byte[1]);
            assertEquals(1, connected.calls.size());
            assertEquals(2, wildcard.calls.size());
        }
    }

    @Test
    void aPortIsTakenOnce() {
        try (UdpHost h = new UdpHost()) {
            h.bound(new Recorder(), "192.0.2.1", 7);
            UdpEndpoint second = h.udp.open(new Recorder());
            assertEquals(UdpEndpoint.PORT_IN_USE, second.bind(0, Packets.lo("192.0.2.1"), 7));
            assertEquals(UdpEndpoint.ADDRESS_NOT_LOCAL, second.bind(0, Packets.lo("192.0.2.9"), 7));
            assertEquals(UdpEndpoint.OK, second.bind(0, Packets.lo("0.0.0.0"), 7));
            assertEquals(UdpEndpoint.ALREADY_BOUND, second.bind(0, Packets.lo("0.0.0.0"), 8));
            UdpEndpoint third = h.udp.open(new Recorder());
            assertEquals(UdpEndpoint.PORT_IN_USE, third.bind(0, 0, 7));
            second.close();
            assertEquals(UdpEndpoint.OK, third.bind(0, 0, 7));
        }
    }

    @Test
    void ephemeralPortsAreInRangeDifferentAndLimited() {
        try (UdpHost h = new UdpHost(c -> {}, new UdpConfig(100, 60_000, 60_003, 64))) {
            int seen = 0;
            for (int i = 0; i < 4; i++) {
                UdpEndpoint endpoint = h.udp.open(new Recorder());
                assertEquals(UdpEndpoint.OK, endpoint.bind(0, IpAddress.V4_PREFIX, 0));
                seen |= 1 << (endpoint.localPort() - 60_000);
            }
            assertEquals(15, seen);
            assertEquals(UdpEndpoint.NO_PORTS, h.udp.open(new Recorder()).bind(0, IpAddress.V4_PREFIX, 0));
        }
    }

    @Test
    void endpointsAreLimited() {
        try (UdpHost h = new UdpHost(c -> {}, new UdpConfig(2, 60_000, 60_003, 64))) {
            h.udp.open(new Recorder());
            UdpEndpoint second = h.udp.open(new Recorder());
            assertNull(h.udp.open(new Recorder()));
            second.close();
            second.close();
            h.udp.open(new Recorder());
            assertNull(h.udp.open(new Recorder()));
        }
    }

    @Test
    void broadcastsGoToAllThatListenAndAreNeverAnswered() {
        try (UdpHost h = new UdpHost()) {
            Recorder a = new Recorder();
            Recorder b = new Recorder();
            Recorder specific = new Recorder();
            h.bound(a, "0.0.0.0", 7);
            UdpEndpoint other = h.bound(specific, "192.0.2.1", 7);
            UdpEndpoint same = h.bound(b, "0.0.0.0", 7 + 1024);
            for (String to : new String[] {"192.0.2.255", "255.255.255.255"}) {
                byte[] datagram = Packets.udp(IpHost.PEER, 5000, Packets.ip(to), 7, new byte[2]);
                h.host.peerSends(
                        MacAddress.BROADCAST,
                        EthernetHeader.TYPE_IPV4,
                        Packets.ipv4(IpHost.PEER, Packets.ip(to), IpProtocol.UDP, datagram));
            }
            assertEquals(2, a.calls.size());
            assertEquals(0, b.calls.size());
            assertEquals(0, specific.calls.size());
            byte[] nobody = Packets.udp(IpHost.PEER, 5000, -1, 99, new byte[2]);
            h.host.peerSends(
                    MacAddress.BROADCAST,
                    EthernetHeader.TYPE_IPV4,
                    Packets.ipv4(IpHost.PEER, -1, IpProtocol.UDP, nobody));
            h.host.expectDrop(DropReason.UDP_NO_PORT);
            assertEquals(UdpEndpoint.BROADCAST_FORBIDDEN, h.send(other, "192.0.2.255", 5, new byte[1]));
            same.allowBroadcast(true);
            assertEquals(UdpEndpoint.OK, h.send(same, "255.255.255.255", 5, new byte[1]));
            h.host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_IPV4);
        }
    }

    @Requirement({"RFC1122:IP-50", "RFC1122:UDP-5"})
    @Test
    void icmpErrorsReachTheEndpointThatSent() {
        try (UdpHost h = new UdpHost()) {
            Recorder seen = new Recorder();
            UdpEndpoint endpoint = h.bound(seen, "0.0.0.0", 7);
            h.send(endpoint, "192.0.2.2", 5000, new byte[40]);
            byte[] sent = h.host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            h.host.peerSends(Packets.ipv4(
                    IpHost.PEER,
                    h.host.address,
                    IpProtocol.ICMP,
                    Packets.icmp(IcmpHeader.UNREACHABLE, 3, 0, Arrays.copyOf(sent, 28))));
            assertEquals(List.of("PORT_UNREACHABLE 192.0.2.2:5000 0"), seen.calls);
            byte[] other = sent.clone();
            other[21] = 99;
            h.host.peerSends(Packets.ipv4(
                    IpHost.PEER,
                    h.host.address,
                    IpProtocol.ICMP,
                    Packets.icmp(IcmpHeader.UNREACHABLE, 3, 0, Arrays.copyOf(other, 28))));
            assertEquals(1, seen.calls.size());
            h.host.expectDrop(DropReason.ICMP_UNMATCHED);
        }
    }

    @Requirement("RFC1122:IP-120")
    @Test
    void tooBigLowersThePathMtuOfUdp() {
        try (UdpHost h = new UdpHost()) {
            Recorder seen = new Recorder();
            UdpEndpoint endpoint = h.bound(seen, "0.0.0.0", 7);
            endpoint.setDontFragment(true);
            assertEquals(UdpEndpoint.OK, h.send(endpoint, "192.0.2.2", 5000, new byte[1400]));
            byte[] sent = h.host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            assertTrue(Ipv4Header.dontFragment(Packets.view(sent), 0));
            h.host.peerSends(Packets.ipv4(
                    IpHost.PEER,
                    h.host.address,
                    IpProtocol.ICMP,
                    Packets.icmp(IcmpHeader.UNREACHABLE, 4, 1000, Arrays.copyOf(sent, 28))));
            assertEquals(List.of("TOO_BIG 192.0.2.2:5000 1000"), seen.calls);
            assertEquals(UdpEndpoint.TOO_BIG, h.send(endpoint, "192.0.2.2", 5000, new byte[1400]));
            assertEquals(UdpEndpoint.OK, h.send(endpoint, "192.0.2.2", 5000, new byte[972]));
            assertEquals(UdpEndpoint.TOO_BIG, h.send(endpoint, "192.0.2.2", 5000, new byte[65_508]));
        }
    }

    @Test
    void anUnresolvedNeighbourParksTheEndpoint() {
        try (UdpHost h = new UdpHost()) {
            Recorder seen = new Recorder();
            UdpEndpoint endpoint = h.bound(seen, "0.0.0.0", 7);
            assertEquals(UdpEndpoint.UNRESOLVED, h.send(endpoint, "192.0.2.77", 5000, new byte[1]));
            assertEquals(UdpEndpoint.UNRESOLVED, h.send(endpoint, "192.0.2.77", 5000, new byte[1]));
            h.turn();
            assertEquals(List.of(), seen.calls);
            h.host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_ARP);
            h.host.peerSends(
                    IpHost.MAC,
                    EthernetHeader.TYPE_ARP,
                    Packets.arp(2, 0x02_00_00_00_00_77L, Packets.ip("192.0.2.77"), IpHost.MAC, h.host.address));
            assertTrue(h.udp.hasPending());
            h.turn();
            assertEquals(List.of("writable"), seen.calls);
            assertFalse(h.udp.hasPending());
            assertEquals(UdpEndpoint.OK, h.send(endpoint, "192.0.2.77", 5000, new byte[1]));
            h.host.expect(0x02_00_00_00_00_77L, EthernetHeader.TYPE_IPV4);
            assertEquals(UdpEndpoint.UNRESOLVED, h.send(endpoint, "192.0.2.78", 5000, new byte[1]));
            h.host.advance(4 * IpHost.SECOND);
            h.turn();
            assertEquals(List.of("writable", "HOST_UNREACHABLE 192.0.2.78:0 0", "writable"), seen.calls);
            assertEquals(UdpEndpoint.HOST_UNREACHABLE, h.send(endpoint, "192.0.2.78", 5000, new byte[1]));
            assertEquals(UdpEndpoint.NO_ROUTE, h.send(endpoint, "198.51.100.1", 5000, new byte[1]));
            assertEquals(UdpEndpoint.UNRESOLVED, h.send(endpoint, "192.0.2.79", 5000, new byte[1]));
            endpoint.close();
            assertEquals(UdpEndpoint.CLOSED, h.send(endpoint, "192.0.2.2", 5000, new byte[1]));
            seen.calls.clear();
            h.host.advance(4 * IpHost.SECOND);
            h.turn();
            assertEquals(List.of(), seen.calls);
        }
    }

    @Test
    void aFullDeviceTellsWhenToTryAgain() {
        try (UdpHost h = new UdpHost()) {
            Recorder seen = new Recorder();
            UdpEndpoint endpoint = h.bound(seen, "0.0.0.0", 7);
            h.host.device.room = 0;
            assertEquals(UdpEndpoint.WOULD_BLOCK, h.send(endpoint, "192.0.2.2", 5000, new byte[1]));
            assertEquals(0, h.host.small.outstanding());
            h.host.device.room = 1;
            h.turn();
            assertEquals(List.of("writable"), seen.calls);
            assertEquals(UdpEndpoint.OK, h.send(endpoint, "192.0.2.2", 5000, new byte[1]));
            h.host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
        }
    }

    @Test
    void theQueueIsBoundedAndKeepsTheOrder() {
        try (UdpHost h = new UdpHost()) {
            Recorder seen = new Recorder();
            UdpEndpoint endpoint = h.bound(seen, "0.0.0.0", 7);
            DatagramQueue queue = new DatagramQueue(1 << 20, 3);
            endpoint.setQueue(queue);
            for (int i = 0; i < 5; i++) {
                h.peerSends(5000 + i, 7, Packets.bytes(10 + i, i));
            }
            assertEquals(2, h.host.counters.get(DropReason.UDP_QUEUE_FULL));
            assertEquals(2, queue.dropped());
            assertEquals(3, queue.size());
            assertEquals(List.of(), seen.calls, "told after the burst");
            h.turn();
            assertEquals(List.of("readable"), seen.calls);
            DatagramInfo info = new DatagramInfo();
            for (int i = 0; i < 3; i++) {
                byte[] data = new byte[100];
                assertEquals(10 + i, queue.poll(Packets.view(data), 0, 100, info));
                assertArrayEquals(Packets.bytes(10 + i, i), Arrays.copyOf(data, 10 + i));
                assertEquals(5000 + i, info.srcPort);
                assertEquals(Packets.lo("192.0.2.2"), info.srcLo);
                assertEquals(Packets.lo("192.0.2.1"), info.dstLo);
                assertEquals(h.host.now, info.timeNs);
            }
            assertEquals(-1, queue.poll(Packets.view(new byte[1]), 0, 1, info));
            assertTrue(queue.isEmpty());
        }
    }

    @Test
    void loopbackNeedsNoWire() {
        try (UdpHost h = new UdpHost()) {
            Recorder seen = new Recorder();
            UdpEndpoint server = h.bound(seen, "127.0.0.1", 7);
            UdpEndpoint client = h.udp.open(new Recorder());
            byte[] data = Packets.bytes(65_507, 9);
            assertEquals(UdpEndpoint.OK, h.send(client, "127.0.0.1", 7, data));
            assertNotEquals(0, client.localPort());
            h.turn();
            assertArrayEquals(data, seen.data.get(0));
            h.host.expectNothing();
            server.close();
            Recorder refused = new Recorder();
            UdpEndpoint other = h.udp.open(refused);
            assertEquals(UdpEndpoint.OK, h.send(other, "127.0.0.1", 7, new byte[1]));
            h.turn();
            h.turn();
            assertEquals(List.of("PORT_UNREACHABLE 127.0.0.1:7 0"), refused.calls);
        }
    }
}
