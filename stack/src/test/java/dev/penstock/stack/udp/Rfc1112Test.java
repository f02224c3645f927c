package dev.penstock.stack.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.ip.IpHost;
import dev.penstock.stack.ip.Packets;
import dev.penstock.stack.ip.Packets6;
import dev.penstock.stack.udp.UdpHost.Recorder;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.MacAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Multicast and broadcast of UDP: who hears what, and how it is sent (RFC 1112; RFC 3678 for the calls). */
class Rfc1112Test {
    private static final String G = "239.1.2.3";
    private static final long LO = Packets.lo(G);
    private static final byte[] DATA = {1, 2, 3};

    private static UdpEndpoint member(UdpHost h, Recorder seen, int port) {
        UdpEndpoint endpoint = h.udp.open(seen);
        endpoint.setReuseAddress(true);
        assertEquals(UdpEndpoint.OK, endpoint.bind(0, IpAddress.V4_PREFIX, port));
        return endpoint;
    }

    /** The peer multicasts from one of its addresses. */
    private static void peerSends(UdpHost h, String from, String group, int port) {
        int src = Packets.ip(from);
        int dst = Packets.ip(group);
        byte[] datagram = Packets.udp(src, 5000, dst, port, DATA);
        byte[] packet = Packets.ipv4(src, dst, IpProtocol.UDP, datagram);
        h.host.peerSends(MacAddress.forIpv4Multicast(dst), EthernetHeader.TYPE_IPV4, packet);
    }

    private static int join(UdpHost h, UdpEndpoint endpoint) {
        return endpoint.multicast().join(0, LO, -1, h.host.now);
    }

    @Requirement({"RFC1112:7.1-2", "RFC1112:7.2-1", "RFC1112:7.2-2", "RFC1112:7.2-3", "RFC1122:IP-145"})
    @Test
    void onlyWhoHasJoinedHears() {
        try (UdpHost h = new UdpHost()) {
            Recorder one = new Recorder();
            Recorder two = new Recorder();
            Recorder three = new Recorder();
            UdpEndpoint first = member(h, one, 7);
            UdpEndpoint second = member(h, two, 7);
            member(h, three, 7);
            peerSends(h, "192.0.2.2", G, 7);
            assertEquals(1, h.host.counters.get(DropReason.ETHERNET_NOT_FOR_US));
            assertEquals(UdpEndpoint.OK, join(h, first));
            assertEquals(UdpEndpoint.OK, join(h, second));
            peerSends(h, "192.0.2.2", G, 7);
            String call = "datagram 3 from 192.0.2.2:5000 to 239.1.2.3";
            assertEquals(List.of(call), one.calls);
            assertEquals(List.of(call), two.calls);
            assertEquals(List.of(), three.calls);
            peerSends(h, "192.0.2.2", G, 8);
            h.host.expectDrop(DropReason.UDP_NO_PORT);
            // The same 23 bits on the link, another group.
            peerSends(h, "192.0.2.2", "238.129.2.3", 7);
            assertEquals(1, h.host.counters.get(DropReason.IPV4_NOT_FOR_US));
            assertEquals(UdpEndpoint.OK, first.multicast().leave(0, LO, -1));
            peerSends(h, "192.0.2.2", G, 7);
            assertEquals(1, one.calls.size());
            assertEquals(2, two.calls.size());
            second.close();
            peerSends(h, "192.0.2.2", G, 7);
            assertEquals(2, h.host.counters.get(DropReason.ETHERNET_NOT_FOR_US), "closing leaves");
            h.host.expectNothing();
        }
    }

    @Test
    void aSocketOfAllHearsWhatOthersHaveJoined() {
        try (UdpHost h = new UdpHost()) {
            Recorder one = new Recorder();
            Recorder two = new Recorder();
            join(h, member(h, one, 7));
            UdpEndpoint all = member(h, two, 7);
            all.multicast().setAll(true);
            peerSends(h, "192.0.2.2", G, 7);
            assertEquals(1, two.calls.size());
            assertEquals(UdpEndpoint.OK, all.multicast().joinSource(0, LO, -1, 0, Packets.lo("192.0.2.9"), h.host.now));
            peerSends(h, "192.0.2.2", G, 7);
            assertEquals(1, two.calls.size(), "its own filter counts before");
            assertEquals(2, one.calls.size());
        }
    }

    @Requirement({"RFC3376:3.1-1", "RFC3376:3.2-2"})
    @Test
    void eachSocketHasItsOwnSources() {
        try (UdpHost h = new UdpHost()) {
            Recorder one = new Recorder();
            Recorder two = new Recorder();
            UdpMulticast in = member(h, one, 7).multicast();
            UdpMulticast ex = member(h, two, 7).multicast();
            long nine = Packets.lo("192.0.2.9");
            assertEquals(UdpEndpoint.OK, in.joinSource(0, LO, 0, 0, nine, h.host.now));
            assertEquals(UdpEndpoint.OK, ex.join(0, LO, 0, h.host.now));
            assertEquals(UdpEndpoint.OK, ex.block(0, LO, 0, 0, nine));
            for (String from : new String[] {"192.0.2.9", "192.0.2.10"}) {
                peerSends(h, from, G, 7);
            }
            assertEquals(List.of("datagram 3 from 192.0.2.9:5000 to 239.1.2.3"), one.calls);
            assertEquals(List.of("datagram 3 from 192.0.2.10:5000 to 239.1.2.3"), two.calls);
            assertEquals(UdpEndpoint.OK, ex.unblock(0, LO, 0, 0, nine));
            peerSends(h, "192.0.2.9", G, 7);
            assertEquals(2, two.calls.size());
            ex.leave(0, LO, 0);
            peerSends(h, "192.0.2.10", G, 7);
            assertEquals(1, h.host.counters.get(DropReason.UDP_NOT_JOINED), h.host.counters::toString);
        }
    }

    @Test
    void whatCannotBeIsRefusedWithAReason() {
        try (UdpHost h = new UdpHost()) {
            UdpMulticast m = member(h, new Recorder(), 7).multicast();
            long now = h.host.now;
            long nine = Packets.lo("192.0.2.9");
            assertEquals(UdpMulticast.NOT_A_GROUP, m.join(0, nine, -1, now));
            assertEquals(UdpEndpoint.NO_ROUTE, m.join(0, LO, 5, now));
            assertEquals(UdpMulticast.NOT_MEMBER, m.leave(0, LO, -1));
            assertEquals(UdpMulticast.NOT_MEMBER, m.block(0, LO, -1, 0, nine));
            assertEquals(UdpMulticast.BAD_SOURCE, m.joinSource(0, LO, -1, 0, LO, now));
            assertEquals(UdpMulticast.NOT_MEMBER, m.leave(0, LO, -1), "nothing is left of it");
            assertEquals(UdpEndpoint.OK, m.join(0, LO, -1, now));
            assertEquals(UdpMulticast.ALREADY_MEMBER, m.join(0, LO, 0, now));
            assertEquals(UdpMulticast.ANY_SOURCE_MEMBER, m.joinSource(0, LO, 0, 0, nine, now));
            assertEquals(UdpMulticast.NOT_MEMBER, m.unblock(0, LO, 0, 0, nine));
            assertEquals(UdpEndpoint.OK, m.leave(0, LO, 0));
            assertEquals(UdpEndpoint.OK, m.joinSource(0, LO, 0, 0, nine, now));
            assertEquals(UdpMulticast.ALREADY_MEMBER, m.joinSource(0, LO, 0, 0, nine, now));
            assertEquals(UdpMulticast.SOURCE_MEMBER, m.block(0, LO, 0, 0, nine));
            assertEquals(UdpEndpoint.OK, m.leaveSource(0, LO, 0, 0, nine));
            assertEquals(UdpMulticast.NOT_MEMBER, m.leave(0, LO, 0), "with the last source the group is left");
            for (int i = 0; i < UdpMulticast.MAX_MEMBERSHIPS; i++) {
                assertEquals(UdpEndpoint.OK, m.join(0, LO + 10 + i, 0, now));
            }
            assertEquals(UdpMulticast.LIMIT, m.join(0, LO, 0, now));
        }
    }

    @Requirement({"RFC1112:6.1-1", "RFC1112:6.4-1", "RFC1112:6.2-1"})
    @Test
    void aDatagramToAGroupNeedsNoAddressResolution() {
        try (UdpHost h = new UdpHost()) {
            UdpEndpoint endpoint = member(h, new Recorder(), 7);
            assertEquals(UdpEndpoint.OK, h.send(endpoint, "239.129.2.3", 5000, DATA));
            byte[] packet = h.host.expect(0x0100_5e01_0203L, EthernetHeader.TYPE_IPV4);
            assertEquals(1, Ipv4Header.ttl(Packets.view(packet), 0), "unless told");
            assertEquals(h.host.address, Ipv4Header.source(Packets.view(packet), 0));
            endpoint.multicast().setTtl(17);
            endpoint.setTtl(99);
            assertEquals(UdpEndpoint.OK, endpoint.connect(0, LO, 5000, h.host.now));
            assertEquals(UdpEndpoint.OK, endpoint.send(Packets.view(DATA), 0, 3, h.host.now));
            packet = h.host.expect(MacAddress.forIpv4Multicast((int) LO), EthernetHeader.TYPE_IPV4);
            assertEquals(17, Ipv4Header.ttl(Packets.view(packet), 0));
            h.host.expectNothing();
        }
    }

    @Requirement({"RFC1112:6.1-2", "RFC1112:6.1-3"})
    @Test
    void membersHereHearItUnlessTheLoopIsOff() {
        try (UdpHost h = new UdpHost()) {
            Recorder seen = new Recorder();
            UdpEndpoint endpoint = member(h, seen, 7);
            h.send(endpoint, G, 7, DATA);
            h.turn();
            assertEquals(List.of(), seen.calls, "not a member");
            join(h, endpoint);
            h.send(endpoint, G, 7, DATA);
            h.turn();
            assertEquals(List.of("datagram 3 from 192.0.2.1:7 to 239.1.2.3"), seen.calls);
            endpoint.multicast().setLoop(false);
            h.send(endpoint, G, 7, DATA);
            h.turn();
            assertEquals(1, seen.calls.size());
            assertEquals(3, h.host.device.sent.size());
            endpoint.multicast().setLoop(true);
            endpoint.multicast().setTtl(0);
            h.send(endpoint, G, 7, DATA);
            h.turn();
            assertEquals(2, seen.calls.size());
            assertEquals(3, h.host.device.sent.size(), "a TTL of 0 stays here");
            // A device without room: nothing is heard twice when it is sent again.
            endpoint.multicast().setTtl(1);
            h.host.device.room = 0;
            assertEquals(UdpEndpoint.WOULD_BLOCK, h.send(endpoint, G, 7, DATA));
            h.host.ip.poll(100, h.host.now);
            assertEquals(
                    2, seen.calls.stream().filter(c -> c.startsWith("datagram")).count());
            h.host.device.room = 10;
            assertEquals(UdpEndpoint.OK, h.send(endpoint, G, 7, DATA));
            h.turn();
            assertEquals(
                    3, seen.calls.stream().filter(c -> c.startsWith("datagram")).count());
        }
    }

    @Requirement("RFC1112:6.2-2")
    @Test
    void anEndpointBoundToAGroupHearsThatGroupAlone() {
        try (UdpHost h = new UdpHost()) {
            Recorder seen = new Recorder();
            UdpEndpoint endpoint = h.bound(seen, G, 7);
            join(h, endpoint);
            endpoint.multicast().join(0, Packets.lo("239.1.2.4"), -1, h.host.now);
            peerSends(h, "192.0.2.2", G, 7);
            peerSends(h, "192.0.2.2", "239.1.2.4", 7);
            h.peerSends(5000, 7, DATA);
            assertEquals(1, seen.calls.size());
            h.host.device.sent.clear();
            assertEquals(UdpEndpoint.OK, h.send(endpoint, "192.0.2.2", 5000, DATA));
            byte[] packet = h.host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            assertEquals(h.host.address, Ipv4Header.source(Packets.view(packet), 0), "a source of our own");
        }
    }

    @Test
    void aPortIsSharedOnlyByThoseThatAllAllowIt() {
        try (UdpHost h = new UdpHost()) {
            Recorder one = new Recorder();
            Recorder two = new Recorder();
            member(h, one, 7);
            UdpEndpoint selfish = h.udp.open(new Recorder());
            assertEquals(UdpEndpoint.PORT_IN_USE, selfish.bind(0, IpAddress.V4_PREFIX, 7));
            member(h, two, 7);
            h.peerSends(5000, 7, DATA);
            assertEquals(0, one.calls.size());
            assertEquals(1, two.calls.size(), "a single datagram comes to the last");
        }
    }

    @Requirement({"RFC1122:IP-140", "RFC1122:UDP-13"})
    @Test
    void broadcastsComeToAllAndAreHeardHere() {
        try (UdpHost h = new UdpHost()) {
            Recorder one = new Recorder();
            Recorder two = new Recorder();
            UdpEndpoint first = member(h, one, 7);
            member(h, two, 7);
            for (String to : new String[] {"255.255.255.255", "192.0.2.255"}) {
                byte[] datagram = Packets.udp(IpHost.PEER, 5000, Packets.ip(to), 7, DATA);
                byte[] packet = Packets.ipv4(IpHost.PEER, Packets.ip(to), IpProtocol.UDP, datagram);
                h.host.peerSends(MacAddress.BROADCAST, EthernetHeader.TYPE_IPV4, packet);
            }
            assertEquals(2, one.calls.size());
            assertEquals(2, two.calls.size());
            assertEquals(UdpEndpoint.BROADCAST_FORBIDDEN, h.send(first, "192.0.2.255", 7, DATA));
            first.allowBroadcast(true);
            assertEquals(UdpEndpoint.OK, h.send(first, "192.0.2.255", 7, DATA));
            h.host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_IPV4);
            h.turn();
            assertEquals(3, two.calls.size());
            assertTrue(two.calls.get(2).startsWith("datagram 3 from 192.0.2.1:7 to 192.0.2.255"));
        }
    }

    @Requirement("RFC3810:4.1-1")
    @Test
    void theSameOverIpv6() {
        try (UdpHost h = new UdpHost()) {
            h.host.ip.addAddress(h.host.nic, IpPrefix.parse("2001:db8::1/64"), h.host.now);
            h.host.advance(5 * IpHost.SECOND);
            h.host.device.sent.clear();
            Recorder seen = new Recorder();
            UdpEndpoint endpoint = h.udp.open(seen);
            assertEquals(UdpEndpoint.OK, endpoint.bind(0, 0, 7));
            IpAddress g = IpAddress.parse("ff15::7");
            assertEquals(UdpEndpoint.OK, endpoint.multicast().join(g.hi(), g.lo(), -1, h.host.now));
            byte[] udp = Packets6.udp("2001:db8::2", 5000, "ff15::7", 7, DATA);
            Packets6.receive(h.host, Packets6.ipv6("2001:db8::2", "ff15::7", IpProtocol.UDP, udp));
            assertEquals(List.of("datagram 3 from 2001:db8::2:5000 to ff15::7"), seen.calls);
            h.host.device.sent.clear();
            assertEquals(UdpEndpoint.OK, h.send(endpoint, "ff15::7", 7, DATA));
            byte[] packet = h.host.expect(0x3333_0000_0007L, EthernetHeader.TYPE_IPV6);
            assertEquals(1, packet[7], "hop limit");
            h.turn();
            assertEquals("datagram 3 from 2001:db8::1:7 to ff15::7", seen.calls.get(1));
            // RFC 4291, 2.7.1: interface-local scope never leaves.
            IpAddress local = IpAddress.parse("ff11::7");
            assertEquals(UdpEndpoint.OK, endpoint.multicast().join(local.hi(), local.lo(), -1, h.host.now));
            assertEquals(UdpEndpoint.OK, h.send(endpoint, "ff11::7", 7, DATA));
            h.host.device.reports.clear();
            h.turn();
            assertEquals(3, seen.calls.size());
            h.host.expectNothing();
        }
    }
}
