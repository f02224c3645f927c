package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.neighbor.Neighbor;
import dev.penstock.stack.neighbor.NeighborState;
import dev.penstock.stack.wire.ArpPacket;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.Wire;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** ARP: replies, the merge rule, who is not believed. */
class Rfc826Test {
    private static final int US = Packets.ip("192.0.2.1");
    private static final long OTHER_MAC = 0x02_00_00_00_00_55L;

    private static IpHost announced() {
        IpHost host = new IpHost("192.0.2.1/24");
        host.advance(5 * IpHost.SECOND);
        host.device.sent.clear();
        return host;
    }

    private static Neighbor neighbor(IpHost host, int ip) {
        return host.ip.neighbors().find(0, 0, IpAddress.v4(ip));
    }

    private static void arp(IpHost host, int operation, long mac, int senderIp, int targetIp) {
        host.sends(Packets.ethernet(
                MacAddress.BROADCAST,
                MacAddress.isUnicast(mac) ? mac : IpHost.PEER_MAC,
                EthernetHeader.TYPE_ARP,
                Packets.arp(operation, mac, senderIp, 0, targetIp)));
    }

    @Requirement({"RFC826:4", "RFC826:6"})
    @Test
    void aRequestForUsIsAnsweredToTheAsker() {
        try (IpHost host = announced()) {
            host.arpFromPeer();
            assertArrayEquals(
                    Packets.arp(ArpPacket.REPLY, IpHost.MAC, US, IpHost.PEER_MAC, IpHost.PEER),
                    host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_ARP));
            host.expectNothing();
            Neighbor peer = neighbor(host, IpHost.PEER);
            assertEquals(NeighborState.STALE, peer.state());
            assertEquals(IpHost.PEER_MAC, peer.mac());
        }
    }

    @Requirement({"RFC826:5", "RFC826:7"})
    @Test
    void aRequestForAnotherIsNotAnsweredAndMakesNoEntry() {
        try (IpHost host = announced()) {
            arp(host, ArpPacket.REQUEST, IpHost.PEER_MAC, IpHost.PEER, Packets.ip("192.0.2.3"));
            host.expectDrop(DropReason.ARP_NOT_FOR_US);
            assertNull(neighbor(host, IpHost.PEER));
        }
    }

    @Requirement("RFC826:3")
    @Test
    void aRequestForAnotherUpdatesTheEntryThatIsThere() {
        try (IpHost host = IpHost.ready()) {
            arp(host, ArpPacket.REQUEST, OTHER_MAC, IpHost.PEER, Packets.ip("192.0.2.3"));
            assertEquals(OTHER_MAC, neighbor(host, IpHost.PEER).mac());
            host.expectNothing();
        }
    }

    @Requirement("RFC826:3")
    @Test
    void gratuitousArpUpdatesButDoesNotCreate() {
        try (IpHost host = announced()) {
            arp(host, ArpPacket.REQUEST, IpHost.PEER_MAC, IpHost.PEER, IpHost.PEER);
            assertNull(neighbor(host, IpHost.PEER));
            host.arpFromPeer();
            arp(host, ArpPacket.REPLY, OTHER_MAC, IpHost.PEER, IpHost.PEER);
            assertEquals(OTHER_MAC, neighbor(host, IpHost.PEER).mac());
        }
    }

    @Requirement("RFC826:10")
    @Test
    void aReplyThatNobodyAskedForMakesNoEntry() {
        try (IpHost host = announced()) {
            arp(host, ArpPacket.REPLY, IpHost.PEER_MAC, IpHost.PEER, US);
            assertNull(neighbor(host, IpHost.PEER));
        }
    }

    @Test
    void aStationOutsideOurNetworksIsAnsweredButNotRemembered() {
        try (IpHost host = announced()) {
            arp(host, ArpPacket.REQUEST, IpHost.PEER_MAC, Packets.ip("203.0.113.9"), US);
            host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_ARP);
            assertNull(neighbor(host, Packets.ip("203.0.113.9")));
        }
    }

    @Requirement("RFC826:11")
    @Test
    void bogusSendersAreRefused() {
        try (IpHost host = announced()) {
            arp(host, ArpPacket.REQUEST, MacAddress.BROADCAST, IpHost.PEER, US);
            arp(host, ArpPacket.REQUEST, 0x0100_5e00_0001L, IpHost.PEER, US);
            arp(host, ArpPacket.REQUEST, 0, IpHost.PEER, US);
            arp(host, ArpPacket.REQUEST, IpHost.PEER_MAC, Packets.ip("255.255.255.255"), US);
            arp(host, ArpPacket.REQUEST, IpHost.PEER_MAC, Packets.ip("192.0.2.255"), US);
            arp(host, ArpPacket.REQUEST, IpHost.PEER_MAC, Packets.ip("224.0.0.1"), US);
            arp(host, ArpPacket.REQUEST, IpHost.PEER_MAC, Packets.ip("127.0.0.1"), US);
            assertEquals(7, host.counters.get(DropReason.ARP_BAD_SENDER));
            host.expectNothing();
            assertEquals(0, host.ip.neighbors().size());
        }
    }

    @Requirement("RFC826:2")
    @Test
    void malformedPacketsAreCounted() {
        try (IpHost host = announced()) {
            byte[] good = Packets.arp(ArpPacket.REQUEST, IpHost.PEER_MAC, IpHost.PEER, 0, US);
            host.peerSends(IpHost.MAC, EthernetHeader.TYPE_ARP, Arrays.copyOf(good, 27));
            host.expectDrop(DropReason.ARP_MALFORMED);
            byte[] token = good.clone();
            token[1] = 6;
            host.peerSends(IpHost.MAC, EthernetHeader.TYPE_ARP, token);
            byte[] reverse = good.clone();
            reverse[7] = 3;
            host.peerSends(IpHost.MAC, EthernetHeader.TYPE_ARP, reverse);
            assertEquals(2, host.counters.get(DropReason.ARP_UNSUPPORTED));
            host.peerSends(IpHost.MAC, EthernetHeader.TYPE_ARP, Packets.concat(good, new byte[18]));
            host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_ARP);
        }
    }

    @Test
    void repliesAreLimitedInRate() {
        try (IpHost host = new IpHost("192.0.2.1/24", c -> {
            c.arpReplyBurst = 5;
            c.arpRepliesPerSecond = 10;
        })) {
            host.advance(5 * IpHost.SECOND);
            host.device.sent.clear();
            for (int i = 0; i < 20; i++) {
                host.arpFromPeer();
            }
            assertEquals(5, host.device.sent.size());
            assertEquals(15, host.counters.get(DropReason.ARP_RATE_LIMITED));
            host.device.sent.clear();
            host.advance(IpHost.SECOND / 10);
            host.arpFromPeer();
            host.arpFromPeer();
            assertEquals(1, host.device.sent.size());
        }
    }

    @Requirement({"RFC1122:LL-4", "RFC1122:LL-12", "RFC1122:IP-95", "RFC826:1", "RFC826:9"})
    @Test
    void weAskThreeTimesThenGiveUpAndAskAgainLater() {
        try (IpHost host = announced()) {
            List<String> told = new ArrayList<>();
            IpPath path = host.path("192.0.2.2");
            assertEquals(IpOutput.UNRESOLVED, send(host, path));
            assertEquals(true, path.park((reachable, now) -> told.add(reachable + " " + (now - 1005 * IpHost.SECOND))));
            host.turn();
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(
                        Packets.arp(ArpPacket.REQUEST, IpHost.MAC, US, 0, IpHost.PEER),
                        host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_ARP));
                host.expectNothing();
                host.advance(IpHost.SECOND);
            }
            host.expectNothing();
            assertEquals(List.of("false " + 3 * IpHost.SECOND), told);
            assertEquals(IpOutput.HOST_UNREACHABLE, send(host, path));
            host.expectNothing();
            host.advance(3 * IpHost.SECOND);
            assertEquals(IpOutput.UNRESOLVED, send(host, path));
            host.turn();
            host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_ARP);
            assertEquals(1, host.count(StackCounter.NEIGHBOR_FAILED));
            path.release();
        }
    }

    @Requirement("RFC826:8")
    @Test
    void anAnswerWakesThoseWhoWaitOnce() {
        try (IpHost host = announced()) {
            int[] told = {0, 0, 0};
            IpPath path = host.path("192.0.2.2");
            send(host, path);
            PathWaiter left = (reachable, now) -> told[1]++;
            path.park((reachable, now) -> {
                told[0] += reachable ? 1 : 100;
                path.unpark(left);
            });
            path.park(left);
            PathWaiter gone = (reachable, now) -> told[2]++;
            path.park(gone);
            path.unpark(gone);
            host.turn();
            host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_ARP);
            host.peerSends(
                    IpHost.MAC,
                    EthernetHeader.TYPE_ARP,
                    Packets.arp(ArpPacket.REPLY, IpHost.PEER_MAC, IpHost.PEER, IpHost.MAC, US));
            assertArrayEquals(new int[] {1, 0, 0}, told);
            assertEquals(NeighborState.REACHABLE, neighbor(host, IpHost.PEER).state());
            assertEquals(1, send(host, path));
            host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            assertEquals(false, path.park(left), "there is nothing to wait for");
            path.release();
        }
    }

    @Requirement("RFC1122:LL-6")
    @Test
    void repliesToStrangersWaitForTheirAddress() {
        try (IpHost host = announced()) {
            host.config.maxHeldPerNeighbor = 3;
            int ip = Packets.ip("192.0.2.9");
            byte[] echo = Packets.icmp(8, 0, 1, new byte[16]);
            for (int i = 0; i < 5; i++) {
                host.sends(Packets.ethernet(
                        IpHost.MAC, OTHER_MAC, EthernetHeader.TYPE_IPV4, Packets.ipv4(ip, US, IpProtocol.ICMP, echo)));
            }
            host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_ARP);
            host.expectNothing();
            assertEquals(2, host.counters.get(DropReason.NEIGHBOR_QUEUE_FULL));
            assertEquals(false, host.ip.hasPending(), "the shard may sleep");
            host.sends(Packets.ethernet(
                    IpHost.MAC,
                    OTHER_MAC,
                    EthernetHeader.TYPE_ARP,
                    Packets.arp(ArpPacket.REPLY, OTHER_MAC, ip, IpHost.MAC, US)));
            for (int i = 0; i < 3; i++) {
                byte[] reply = host.expect(OTHER_MAC, EthernetHeader.TYPE_IPV4);
                assertEquals(ip, Wire.i32(Packets.view(reply), 16));
            }
            host.expectNothing();
            assertEquals(0, host.small.outstanding());
        }
    }

    @Test
    void repliesToStrangersWhoDoNotAnswerAreDropped() {
        try (IpHost host = announced()) {
            host.sends(Packets.ethernet(
                    IpHost.MAC,
                    OTHER_MAC,
                    EthernetHeader.TYPE_IPV4,
                    Packets.ipv4(Packets.ip("192.0.2.9"), US, IpProtocol.ICMP, Packets.icmp(8, 0, 1, new byte[16]))));
            host.advance(4 * IpHost.SECOND);
            assertEquals(1, host.counters.get(DropReason.NEIGHBOR_UNRESOLVED));
            assertEquals(0, host.small.outstanding());
        }
    }

    @Requirement({"RFC1122:LL-6", "RFC1122:LL-15", "RFC826:8"})
    @Test
    void aPacketThatNobodySendsAgainIsHeldForItsNeighbour() {
        try (IpHost host = announced()) {
            IpPath path = host.path("192.0.2.2");
            Frame frame = host.small.acquire();
            frame.append(4);
            frame.buffer().putInt(frame.start(), 0x01020304);
            int header = frame.pushTransport(20);
            frame.buffer().setMemory(header, 20, (byte) 7);
            frame.tx().checksumNeeded = true;
            frame.tx().csumOffset = 16;
            frame.tx().headerLength = 20;
            byte[] expected = new byte[24];
            frame.buffer().getBytes(header, expected);
            assertEquals(1, host.ip.sendOrHold(frame, path, IpProtocol.TCP, 0, 64, true, host.now));
            frame.release();
            path.release();
            host.turn();
            host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_ARP);
            host.arpFromPeer();
            host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_ARP);
            host.turn();
            assertEquals("true 34 16 0 0 54", host.device.lastTx);
            byte[] packet = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            assertArrayEquals(expected, Arrays.copyOfRange(packet, 20, packet.length));
            host.expectNothing();
        }
    }

    @Test
    void theMonitorSeesRequestsAndReplies() {
        try (IpHost host = announced()) {
            List<String> seen = new ArrayList<>();
            host.ip.setArpMonitor(
                    host.nic,
                    (nic, operation, mac, ip, targetMac, targetIp, toGroup, now) ->
                            seen.add(operation + " " + MacAddress.format(mac) + " " + IpAddress.ofV4(ip)));
            host.ip.sendArpRequest(host.nic, IpAddress.ofV4(US), IpAddress.ofV4(IpHost.PEER), MacAddress.NONE);
            host.turn();
            host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_ARP);
            host.peerSends(
                    IpHost.MAC,
                    EthernetHeader.TYPE_ARP,
                    Packets.arp(ArpPacket.REPLY, IpHost.PEER_MAC, IpHost.PEER, IpHost.MAC, US));
            host.arpFromPeer();
            assertEquals(List.of("2 02:00:00:00:00:02 192.0.2.2", "1 02:00:00:00:00:02 192.0.2.2"), seen);
        }
    }

    @Requirement("RFC826:12")
    @Test
    void theCacheIsBoundedWhoeverAsks() {
        try (IpHost host = new IpHost("10.0.0.1/8")) {
            for (int i = 0; i < 5000; i++) {
                arp(host, ArpPacket.REQUEST, 0x02_00_00_01_00_00L + i, Packets.ip("10.1.0.0") + i, host.address);
            }
            assertEquals(1024, host.ip.neighbors().size());
            assertEquals(5000 - 1024, host.count(StackCounter.NEIGHBOR_EVICTED));
            assertNotNull(host.ip.neighbors().find(0, 0, IpAddress.v4(Packets.ip("10.1.0.0") + 4999)));
        }
    }

    static int send(IpHost host, IpPath path) {
        Frame frame = host.small.acquire();
        frame.append(8);
        int result = host.ip.send(frame, path, IpProtocol.UDP, 0, 64, true, host.now);
        frame.release();
        return result;
    }
}
