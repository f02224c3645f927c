package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.neighbor.NeighborState;
import dev.penstock.stack.wire.ArpPacket;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Extension;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows of RFC 4443, 4861, 4862, 8200 and 826 where another behaviour would be almost the same. */
class Ipv6EdgesTest {
    private static final String US = Packets6.US;
    private static final String PEER = Packets6.PEER;

    private static int ping(IpHost host, String to, int id) {
        IpAddress a = Packets6.ip(to);
        IpPath path = host.ip.path(0, 0, a.hi(), a.lo(), host.now);
        int taken = host.ip.sendEcho(path, id, 1, Packets.view(new byte[8]), 0, 8, 0, 64, false, host.now);
        path.release();
        host.turn();
        return taken;
    }

    @Requirement("RFC4861:7.2.2-3")
    @Test
    void afterThreeSolicitationsTheAddressIsUnreachable() {
        try (IpHost host = Packets6.announced(c -> {})) {
            int id = host.ip.openEcho((a, b, c, d, e, f, g, h) -> {});
            ping(host, PEER, id);
            host.advance(IpHost.SECOND * 2 + IpHost.SECOND / 2);
            assertEquals(3, host.device.sent.size(), "one a second");
            IpAddress peer = Packets6.ip(PEER);
            assertEquals(
                    NeighborState.INCOMPLETE,
                    host.ip.neighbors().find(0, peer.hi(), peer.lo()).state());
            host.advance(IpHost.SECOND);
            assertEquals(3, host.device.sent.size(), "and no fourth");
            assertEquals(
                    NeighborState.FAILED,
                    host.ip.neighbors().find(0, peer.hi(), peer.lo()).state());
            assertEquals(1, host.count(StackCounter.NEIGHBOR_FAILED));
            host.ip.closeEcho(id);
        }
    }

    @Requirement("RFC4862:5.1-1")
    @Test
    void withNoTransmissionsAnAddressIsUsedAtOnceOptimisticOrNot() {
        try (IpHost host = new IpHost(US + "/64", c -> {
            c.dadTransmits = 0;
            c.optimisticDad = false;
        })) {
            for (int i = 0; i < host.nic.addressCount(); i++) {
                assertTrue(host.nic.isUsable(i), host.nic.address(i).toString());
            }
            assertTrue(host.nic.addressCount() >= 2, "and that of the link");
        }
    }

    @Requirement({"RFC8200:4-1", "RFC8200:4-2"})
    @Test
    void whatFollowsALongHeaderIsFoundBehindIt() {
        try (IpHost host = Packets6.ready()) {
            // Options of 16 and of 24 bytes, whose insides would be headers, too.
            byte[] packet = Packets6.ipv6(
                    PEER,
                    US,
                    Ipv6Extension.DESTINATION_OPTIONS,
                    Packets6.extension(
                            Ipv6Extension.DESTINATION_OPTIONS, 0x1e, 12, 59, 0, 59, 0, 0, 0, 59, 0, 0, 0, 0, 0),
                    Packets6.extension(
                            IpProtocol.ICMPV6,
                            0x1e,
                            20,
                            59,
                            0,
                            59,
                            0,
                            0,
                            0,
                            59,
                            0,
                            0,
                            0,
                            0,
                            0,
                            59,
                            0,
                            0,
                            0,
                            0,
                            0,
                            0,
                            0),
                    Packets6.message(PEER, US, 128, 0, 0x0007_0001, new byte[8]));
            Packets6.receive(host, packet);
            assertEquals(1, host.count(StackCounter.ICMP_OUT_ECHO_REPS), host.counters::toString);
        }
    }

    @Requirement("RFC8200:4.5-4")
    @Test
    void fragmentsOfTwoPacketsThatMixAreToldApartByIdentificationAlone() {
        List<byte[]> taken = new ArrayList<>();
        try (IpHost host = Packets6.ready()) {
            host.ip.setTransport(IpProtocol.UDP, new TransportHandler() {
                @Override
                public void onPacket(IpPacket p, long nowNs) {
                    byte[] payload = new byte[p.payloadLength];
                    p.buffer.getBytes(p.payloadOffset, payload);
                    taken.add(payload);
                }

                @Override
                public void onIcmpError(IcmpError error, long nowNs) {}
            });
            byte[] a = Packets6.ipv6(PEER, US, IpProtocol.UDP, Packets6.udp(PEER, 7, US, 9, Packets.bytes(1000, 1)));
            byte[] b = Packets6.ipv6(PEER, US, IpProtocol.UDP, Packets6.udp(PEER, 7, US, 9, Packets.bytes(1000, 2)));
            int end = a.length - 40;
            Packets6.receive(host, Packets6.fragment(a, 0, 504, 1));
            Packets6.receive(host, Packets6.fragment(b, 0, 504, 2));
            Packets6.receive(host, Packets6.fragment(b, 504, end, 2));
            Packets6.receive(host, Packets6.fragment(a, 504, end, 1));
            assertEquals(2, taken.size(), host.counters::toString);
            assertArrayEquals(Arrays.copyOfRange(b, 40, b.length), taken.get(0));
            assertArrayEquals(Arrays.copyOfRange(a, 40, a.length), taken.get(1));
        }
    }

    @Requirement("RFC4443:2.2-1")
    @Test
    void theAddressThatWasAskedAnswersAlthoughAnotherWouldBeChosen() {
        try (IpHost host = Packets6.ready()) {
            String second = "2001:db8::ffff:1";
            host.ip.addAddress(host.nic, IpPrefix.parse(second + "/64"), host.now);
            host.advance(5 * IpHost.SECOND);
            host.device.sent.clear();
            for (String asked : List.of(US, second)) {
                Packets6.receive(host, Packets6.echo(PEER, asked, 8));
                byte[] reply = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6);
                assertArrayEquals(
                        Arrays.copyOfRange(Packets6.echo(asked, PEER, 8), 8, 40), Arrays.copyOfRange(reply, 8, 40));
            }
        }
    }

    @Requirement("RFC826:2")
    @Test
    void eachFieldOfArpThatSaysWhatItIsAboutIsChecked() {
        int[][] changes = {{1, 6}, {0, 1}, {3, 0xdd}, {2, 0x86}, {4, 7}, {4, 5}, {5, 16}, {5, 3}};
        for (int[] change : changes) {
            try (IpHost host = new IpHost("192.0.2.1/24")) {
                host.advance(5 * IpHost.SECOND);
                host.device.sent.clear();
                byte[] request = Packets.arp(ArpPacket.REQUEST, IpHost.PEER_MAC, IpHost.PEER, 0, host.address);
                request[change[0]] = (byte) change[1];
                host.peerSends(IpHost.MAC, EthernetHeader.TYPE_ARP, Packets.concat(request, new byte[18]));
                host.expectDrop(DropReason.ARP_UNSUPPORTED);
            }
        }
    }
}
