package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.neighbor.Neighbor;
import dev.penstock.stack.neighbor.NeighborState;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.MacAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Neighbour discovery on the wire: who is answered, what is learnt, how neighbours are asked for and probed. */
class Rfc4861HostTest {
    private static final String US = Packets6.US;
    private static final String PEER = Packets6.PEER;
    private static final long OTHER_MAC = 0x02_00_00_00_00_55L;

    private static IpHost announced() {
        return Packets6.announced(c -> {});
    }

    private static Neighbor neighbor(IpHost host, String address) {
        IpAddress a = Packets6.ip(address);
        return host.ip.neighbors().find(0, a.hi(), a.lo());
    }

    private static int ping(IpHost host, String to, int id) {
        IpAddress a = Packets6.ip(to);
        IpPath path = host.ip.path(0, 0, a.hi(), a.lo(), host.now);
        int taken = host.ip.sendEcho(path, id, 1, Packets.view(new byte[8]), 0, 8, 0, 64, false, host.now);
        path.release();
        host.turn();
        return taken;
    }

    @Requirement({"RFC4861:7.2.3-2", "RFC4861:7.2.4-1"})
    @Requirement({"RFC8504:5.4-2", "RFC8504:4-1"})
    @Test
    void aSolicitationIsAnsweredAndTheAskerRemembered() {
        try (IpHost host = announced()) {
            Packets6.receive(host, Packets6.ns(PEER, Packets6.solicitedNode(US), US, IpHost.PEER_MAC));
            assertArrayEquals(
                    Packets6.na(US, PEER, US, IpHost.MAC, true, true),
                    host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6));
            assertEquals(NeighborState.STALE, neighbor(host, PEER).state());
            assertEquals(IpHost.PEER_MAC, neighbor(host, PEER).mac());
            // A probe comes to our unicast address.
            Packets6.receive(host, Packets6.ns(PEER, US, US, MacAddress.NONE));
            assertArrayEquals(
                    Packets6.na(US, PEER, US, IpHost.MAC, true, true),
                    host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6));
            host.expectNothing();
        }
    }

    @Requirement("RFC4861:7.2.4-2")
    @Test
    void anotherNodesDuplicateDetectionIsAnsweredToAll() {
        try (IpHost host = announced()) {
            Packets6.receive(host, Packets6.ns("::", Packets6.solicitedNode(US), US, MacAddress.NONE));
            assertArrayEquals(
                    Packets6.na(US, "ff02::1", US, IpHost.MAC, false, true),
                    host.expect(MacAddress.forIpv6Multicast(1), EthernetHeader.TYPE_IPV6));
            assertEquals(0, host.ip.neighbors().size());
        }
    }

    @Test
    void whoIsNotOnTheLinkIsNotRemembered() {
        try (IpHost host = announced()) {
            Packets6.receive(host, Packets6.ns(Packets6.FAR, US, US, IpHost.PEER_MAC));
            host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6);
            assertNull(neighbor(host, Packets6.FAR));
        }
    }

    @Requirement({
        "RFC4861:6.2-1",
        "RFC4861:7.1.1-1",
        "RFC4861:7.1.1-2",
        "RFC4861:7.1.2-1",
        "RFC4861:7.2.3-1",
        "RFC4861:7.2.5-1",
        "RFC4861:8.3-2",
        "RFC4861:10-1"
    })
    @Requirement("RFC8504:5.4-5")
    @Test
    void messagesFromBeyondTheLinkOrMalformedAreNotHeard() {
        byte[] forwarded = Packets6.ns(PEER, US, US, IpHost.PEER_MAC);
        forwarded[7] = (byte) 254;
        byte[] probeWithMac = Packets6.ns("::", Packets6.solicitedNode(US), US, IpHost.PEER_MAC);
        byte[] probeToUnicast = Packets6.ns("::", US, US, MacAddress.NONE);
        byte[] multicastTarget = Packets6.ns(PEER, US, "ff02::1", IpHost.PEER_MAC);
        byte[] solicitedToAll = Packets6.na(PEER, "ff02::1", PEER, OTHER_MAC, true, true);
        byte[] whole = Packets6.ns(PEER, US, US, IpHost.PEER_MAC);
        byte[] atomic = Packets6.fragment(whole, 0, whole.length - 40, 1);
        byte[] bad = Packets6.icmp(PEER, US, Icmpv6Header.NEIGHBOR_SOLICITATION, 1, 0, new byte[16]);
        Object[][] cases = {
            {forwarded, DropReason.NDP_BAD_HOP_LIMIT},
            {probeWithMac, DropReason.NDP_MALFORMED},
            {probeToUnicast, DropReason.NDP_MALFORMED},
            {multicastTarget, DropReason.NDP_MALFORMED},
            {solicitedToAll, DropReason.NDP_MALFORMED},
            {atomic, DropReason.NDP_FRAGMENTED},
            {bad, DropReason.NDP_MALFORMED},
            {Packets6.ns(PEER, Packets6.solicitedNode(US), "2001:db8::9", IpHost.PEER_MAC), DropReason.NDP_NOT_FOR_US},
            {Packets6.na(PEER, US, PEER, OTHER_MAC, false, true), DropReason.NDP_UNMATCHED},
            {Packets6.icmp(PEER, US, Icmpv6Header.ROUTER_SOLICITATION, 0, 0, new byte[0]), DropReason.NDP_ROUTER_IGNORED
            },
            {Packets6.icmp(PEER, US, Icmpv6Header.REDIRECT, 0, 0, new byte[32]), DropReason.NDP_MALFORMED},
        };
        for (Object[] each : cases) {
            try (IpHost host = announced()) {
                Packets6.receive(host, (byte[]) each[0]);
                host.expectDrop((DropReason) each[1]);
                assertEquals(0, host.ip.neighbors().size());
            }
        }
    }

    @Requirement({"RFC4861:7.2.2-1", "RFC4861:7.2.2-3"})
    @Test
    void aNeighbourIsAskedForAtItsGroupAndThePacketGoesWhenItAnswers() {
        try (IpHost host = announced()) {
            int id = host.ip.openEcho((a, b, c, d, e, f, g, h) -> {});
            assertEquals(IpOutput.UNRESOLVED, ping(host, PEER, id));
            String group = Packets6.solicitedNode(PEER);
            byte[] expected = Packets6.ns(US, group, PEER, IpHost.MAC);
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(
                        expected,
                        host.expect(
                                MacAddress.forIpv6Multicast(Packets6.ip(group).lo()), EthernetHeader.TYPE_IPV6));
                host.expectNothing();
                if (i < 2) {
                    host.advance(IpHost.SECOND);
                }
            }
            Packets6.receive(host, Packets6.na(PEER, US, PEER, IpHost.PEER_MAC, true, true));
            assertEquals(NeighborState.REACHABLE, neighbor(host, PEER).state());
            assertEquals(1, ping(host, PEER, id));
            host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6);
            host.ip.closeEcho(id);
        }
    }

    @Requirement({"RFC4861:7.3.1-1", "RFC4861:7.3.3-1", "RFC4861:7.3.3-2"})
    @Requirement({"RFC8504:5.4-3", "RFC8504:5.4-8", "RFC7048:3-2", "RFC7048:3-3"})
    @Test
    void aStaleNeighbourIsProbedAloneAndGivenUp() {
        try (IpHost host = Packets6.ready()) {
            int id = host.ip.openEcho((a, b, c, d, e, f, g, h) -> {});
            assertEquals(1, ping(host, PEER, id));
            host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6);
            assertEquals(NeighborState.DELAY, neighbor(host, PEER).state());
            host.advance(5 * IpHost.SECOND);
            byte[] probe = Packets6.ns(US, PEER, PEER, IpHost.MAC);
            assertArrayEquals(probe, host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6));
            assertEquals(NeighborState.PROBE, neighbor(host, PEER).state());
            host.advance(2 * IpHost.SECOND);
            assertArrayEquals(probe, host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6));
            assertArrayEquals(probe, host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6));
            host.advance(IpHost.SECOND);
            // RFC 7048: it is asked for at its group then, after 1, 3, 9 and 27 seconds, and used meanwhile.
            assertEquals(NeighborState.UNREACHABLE, neighbor(host, PEER).state());
            long group = MacAddress.forIpv6Multicast(
                    Packets6.ip(Packets6.solicitedNode(PEER)).lo());
            byte[] question = Packets6.ns(US, Packets6.solicitedNode(PEER), PEER, IpHost.MAC);
            for (int wait : new int[] {1, 3, 9, 27}) {
                assertArrayEquals(question, host.expect(group, EthernetHeader.TYPE_IPV6));
                assertEquals(1, ping(host, PEER, id));
                host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6);
                host.expectNothing();
                host.advance(wait * IpHost.SECOND);
            }
            assertNull(neighbor(host, PEER));
            assertEquals(1, host.count(StackCounter.NEIGHBOR_UNREACHABLE));
            assertEquals(1, host.count(StackCounter.NEIGHBOR_FAILED));
            host.ip.closeEcho(id);
        }
    }

    @Requirement("RFC4861:7.2.2-2")
    @Test
    void aPacketThatWaitsGoesOutWhenTheNeighbourAnswers() {
        try (IpHost host = announced()) {
            // The echo comes from a neighbour that we do not know: the reply waits.
            Packets6.receive(host, Packets6.echo(PEER, US, 8));
            host.turn();
            host.expect(
                    MacAddress.forIpv6Multicast(
                            Packets6.ip(Packets6.solicitedNode(PEER)).lo()),
                    EthernetHeader.TYPE_IPV6);
            host.expectNothing();
            Packets6.receive(host, Packets6.na(PEER, US, PEER, IpHost.PEER_MAC, true, true));
            byte[] reply = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6);
            assertEquals(Icmpv6Header.ECHO_REPLY, reply[40] & 0xff);
        }
    }

    /** The table of RFC 4861, appendix C, for an entry that is REACHABLE before. */
    @ParameterizedTest
    @CsvSource({
        // same MAC, solicited, override -> same MAC after, state
        "true, true, true, true, REACHABLE",
        "true, true, false, true, REACHABLE",
        "true, false, true, true, REACHABLE",
        "true, false, false, true, REACHABLE",
        "false, true, true, false, REACHABLE",
        "false, false, true, false, STALE",
        "false, true, false, true, STALE",
        "false, false, false, true, STALE",
    })
    @Requirement("RFC4861:7.2.5-3")
    void advertisementsChangeWhatIsKnown(
            boolean same, boolean solicited, boolean override, boolean keeps, NeighborState state) {
        try (IpHost host = Packets6.ready()) {
            Packets6.receive(host, Packets6.na(PEER, US, PEER, IpHost.PEER_MAC, true, true));
            assertEquals(NeighborState.REACHABLE, neighbor(host, PEER).state());
            long mac = same ? IpHost.PEER_MAC : OTHER_MAC;
            Packets6.receive(host, Packets6.na(PEER, US, PEER, mac, solicited, override));
            assertEquals(
                    keeps ? IpHost.PEER_MAC : OTHER_MAC, neighbor(host, PEER).mac());
            assertEquals(state, neighbor(host, PEER).state());
        }
    }

    @Requirement("RFC4861:7.2.5-2")
    @Test
    void anAdvertisementWithoutAddressConfirmsOnlyWhatIsKnown() {
        try (IpHost host = Packets6.ready()) {
            Packets6.receive(host, Packets6.na(PEER, US, PEER, MacAddress.NONE, true, true));
            assertEquals(NeighborState.REACHABLE, neighbor(host, PEER).state());
        }
        try (IpHost host = announced()) {
            int id = host.ip.openEcho((a, b, c, d, e, f, g, h) -> {});
            ping(host, PEER, id);
            Packets6.receive(host, Packets6.na(PEER, US, PEER, MacAddress.NONE, true, true));
            assertEquals(NeighborState.INCOMPLETE, neighbor(host, PEER).state());
            host.ip.closeEcho(id);
        }
    }

    @Test
    void answersAreLimited() {
        try (IpHost host = Packets6.announced(c -> {
            c.ndpReplyBurst = 3;
            c.unsolicitedAdverts = 0;
        })) {
            for (int i = 0; i < 5; i++) {
                Packets6.receive(host, Packets6.ns(PEER, US, US, IpHost.PEER_MAC));
            }
            assertEquals(3, host.count(StackCounter.NDP_ADVERTS_OUT));
            assertEquals(2, host.counters.get(DropReason.NDP_RATE_LIMITED));
        }
    }

    /** RFC 6583: whoever asks from many addresses pushes out strangers, not the neighbours in use. */
    @Requirement("RFC4861:10-2")
    @Requirement("RFC8504:5.4-7")
    @Test
    void aFloodOfAskersDoesNotPushOutTheNeighboursInUse() {
        try (IpHost host = Packets6.ready()) {
            Packets6.receive(host, Packets6.na(PEER, US, PEER, IpHost.PEER_MAC, true, true));
            for (int i = 0; i < 5000; i++) {
                String asker = "2001:db8::1:" + Integer.toHexString(i);
                Packets6.receive(host, Packets6.ns(asker, US, US, OTHER_MAC));
            }
            assertTrue(host.ip.neighbors().size() <= 1024);
            assertEquals(NeighborState.REACHABLE, neighbor(host, PEER).state());
            assertTrue(host.count(StackCounter.NEIGHBOR_EVICTED) > 3900);
        }
    }

    @Requirement("RFC8504:4-1")
    @Test
    void multicastGoesToTheGroupsMacWithoutAsking() {
        try (IpHost host = announced()) {
            int id = host.ip.openEcho((a, b, c, d, e, f, g, h) -> {});
            assertEquals(1, ping(host, "ff02::1:2", id));
            byte[] packet = host.expect(0x3333_0001_0002L, EthernetHeader.TYPE_IPV6);
            assertEquals(IpProtocol.ICMPV6, packet[6]);
            host.expectNothing();
            host.ip.closeEcho(id);
        }
    }
}
