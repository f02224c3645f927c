package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.neighbor.NeighborState;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.RouterAdvertisement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Router discovery of a host (RFC 4861, section 6.3; RFC 7559). */
class RouterDiscoveryTest {
    private static final String R1 = RaHost.R1;
    private static final String R2 = RaHost.R2;
    private static final String FAR = RaHost.FAR;

    @Requirement({"RFC4861:4.1-1", "RFC7559:2-1", "RFC7559:2-2"})
    @Requirement("RFC8504:5.4-4")
    @Test
    void routersAreAskedForLessAndLessOftenUntilOneAnswers() {
        try (RaHost h = new RaHost(c -> {})) {
            List<Long> times = new ArrayList<>();
            long began = h.host.now;
            while (times.size() < 14) {
                h.host.advance(IpHost.SECOND / 10);
                if (h.sentOfType(Icmpv6Header.ROUTER_SOLICITATION) > 0) {
                    times.add(h.host.now - began);
                }
            }
            assertTrue(times.get(0) <= IpHost.SECOND, "MAX_RTR_SOLICITATION_DELAY");
            double expected = 4;
            for (int i = 1; i < times.size(); i++) {
                double gap = (times.get(i) - times.get(i - 1)) / 1e9;
                assertTrue(gap > 0.7 * expected && gap < 1.5 * expected, i + ": " + gap + " s for " + expected);
                expected = Math.min(2 * gap, 3600);
            }
            h.hear(R1, RaHost.ra().lifetime(0));
            assertTrue(h.host.ip.routerDiscovery(h.host.nic).isScheduled(), "no default router yet");
            h.hear(R1, RaHost.ra());
            h.host.device.sent.clear();
            h.host.advance(1000 * IpHost.SECOND);
            assertEquals(0, h.sentOfType(Icmpv6Header.ROUTER_SOLICITATION));
        }
    }

    @Requirement("RFC4861:6.3.7-1")
    @Test
    void aSolicitationTellsOurLinkAddressOnlyFromAVerifiedAddress() {
        // Optimistic at first, then verified; without optimism unspecified at first.
        for (boolean optimistic : new boolean[] {true, false}) {
            try (RaHost h = new RaHost(c -> c.optimisticDad = optimistic)) {
                List<byte[]> asked = new ArrayList<>();
                for (int i = 0; i < 80; i++) {
                    h.host.advance(IpHost.SECOND / 10);
                    h.host.device.sent.stream()
                            .filter(f -> f[54] == (byte) Icmpv6Header.ROUTER_SOLICITATION)
                            .forEach(asked::add);
                    h.host.device.sent.clear();
                }
                assertEquals(54 + 8, asked.get(0).length, "no option");
                boolean unspecified = new IpAddress(
                                new org.agrona.concurrent.UnsafeBuffer(asked.get(0))
                                        .getLong(22, java.nio.ByteOrder.BIG_ENDIAN),
                                0)
                        .isAny();
                assertEquals(!optimistic, unspecified);
                assertEquals(54 + 16, asked.get(1).length, "with our link address");
                assertEquals(255, asked.get(1)[21] & 0xff);
            }
        }
    }

    @Requirement({"RFC4861:6.1.2-1", "RFC4861:9-1"})
    @Test
    void advertisementsThatAreNotValidAreNotHeard() {
        byte[] good = RaHost.ra()
                .prefix("2001:db8:1::/64", true, true, 100, 100)
                .toPacket(Packets6.ip(R1), IpAddress.ALL_NODES);
        byte[] forwarded = good.clone();
        forwarded[7] = (byte) 254;
        byte[] code = good.clone();
        code[41] = 1;
        RaHost.mendChecksum(code);
        byte[] checksum = good.clone();
        checksum[42] ^= 1;
        byte[] noLength = good.clone();
        noLength[40 + 16 + 1] = 0;
        RaHost.mendChecksum(noLength);
        byte[] global = RaHost.ra().toPacket(Packets6.ip("2001:db8::a1"), IpAddress.ALL_NODES);
        byte[] ours = RaHost.ra().linkAddress(IpHost.MAC).toPacket(Packets6.ip(R1), IpAddress.ALL_NODES);
        Object[][] cases = {
            {forwarded, DropReason.NDP_BAD_HOP_LIMIT},
            {code, DropReason.NDP_MALFORMED},
            {checksum, DropReason.ICMP_BAD_CHECKSUM},
            {noLength, DropReason.NDP_MALFORMED},
            {global, DropReason.NDP_MALFORMED},
            {ours, DropReason.NDP_MALFORMED},
            {Packets6.fragment(good, 0, good.length - 40, 7), DropReason.NDP_FRAGMENTED},
        };
        for (Object[] each : cases) {
            try (RaHost h = RaHost.settled()) {
                Packets6.receive(h.host, (byte[]) each[0]);
                h.host.expectDrop((DropReason) each[1]);
                assertEquals(List.of(), h.routers());
                assertEquals(List.of(), h.made());
                Packets6.receive(h.host, good);
                assertEquals(List.of(Packets6.ip(R1)), h.routers());
            }
        }
        try (IpHost host = Packets6.announced(c -> {})) {
            Packets6.receive(host, good);
            host.expectDrop(DropReason.NDP_ROUTER_IGNORED);
        }
    }

    @Requirement({"RFC4861:6.3.4-1", "RFC4861:6.3.4-2", "RFC4861:6.3.5-1"})
    @Requirement({"RFC8504:5.4-1", "RFC8504:8.2-1"})
    @Test
    void aDefaultRouterComesAndGoesWithItsLifetime() {
        try (RaHost h = RaHost.settled()) {
            assertEquals("none", h.hop(FAR));
            h.hear(R1, RaHost.ra().lifetime(100).linkAddress(RaHost.R1_MAC));
            h.hear(R1, RaHost.ra().lifetime(100));
            assertEquals(R1, h.hop(FAR));
            assertEquals(NeighborState.STALE, h.neighbor(R1).state());
            assertTrue(h.neighbor(R1).isRouter());
            h.host.advance(60 * IpHost.SECOND);
            h.hear(R1, RaHost.ra().lifetime(100));
            h.host.advance(99 * IpHost.SECOND);
            assertEquals(R1, h.hop(FAR), "prolonged");
            h.host.advance(IpHost.SECOND);
            assertEquals("none", h.hop(FAR));
            h.hear(R1, RaHost.ra());
            h.hear(R1, RaHost.ra().lifetime(0));
            assertEquals(List.of(), h.routers(), "a lifetime of 0 ends it at once");
        }
    }

    @Requirement({"RFC4861:6.3.4-3", "RFC4861:6.3.4-4"})
    @Test
    void hopLimitTimersAndMtuAreTakenOverWithinReason() {
        try (RaHost h = RaHost.settled()) {
            h.hear(R1, RaHost.ra().hopLimit(200).timers(20_000, 2_000).mtu(1400).dhcp(true, false));
            assertEquals(200, h.host.nic.hopLimit());
            assertEquals(1400, h.host.nic.mtuV6());
            assertEquals(1500, h.host.nic.mtu(), "of IPv4");
            assertEquals(
                    1400, h.host.ip.path(0, 0, 0xfe80L << 48, 9, h.host.now).mtu());
            assertEquals(List.of("managed true other false", "mtu 1400"), h.told);
            RouterDiscovery d = h.host.ip.routerDiscovery(h.host.nic);
            assertEquals(2 * IpHost.SECOND, d.retransTimerNs(1));
            assertEquals(20 * IpHost.SECOND, d.reachableTimeNs(1));
            // Zero is unspecified.
            h.hear(R1, RaHost.ra().dhcp(true, false));
            assertEquals(200, h.host.nic.hopLimit());
            assertEquals(2 * IpHost.SECOND, d.retransTimerNs(1));
            // Nonsense, and what cuts us off.
            for (RouterAdvertisement bad : List.of(
                    RaHost.ra().mtu(1279),
                    RaHost.ra().mtu(1501),
                    RaHost.ra().mtu(0xffff_ffffL),
                    RaHost.ra().hopLimit(1),
                    RaHost.ra().timers(3_600_001, 0),
                    RaHost.ra().timers(1, 0),
                    RaHost.ra().timers(0, 1),
                    RaHost.ra().timers(0, 0xffff_ffffL))) {
                long before = h.drops(DropReason.NDP_BAD_PARAMETER);
                h.hear(R1, bad.dhcp(true, false));
                assertEquals(before + 1, h.drops(DropReason.NDP_BAD_PARAMETER));
            }
            assertEquals(1400, h.host.nic.mtuV6());
            assertEquals(20 * IpHost.SECOND, d.reachableTimeNs(1));
        }
    }

    @Requirement("RFC4861:6.3.4-3")
    @Test
    void theAdvertisedTimersHoldForNeighbours() {
        try (RaHost h = RaHost.settled()) {
            h.hear(R1, RaHost.ra().timers(0, 5_000));
            int id = h.host.ip.openEcho((a, b, c, d, e, f, g, i) -> {});
            IpPath path = h.host.ip.path(0, 0, 0xfe80L << 48, 9, h.host.now);
            h.host.ip.sendEcho(
                    path, id, 1, new org.agrona.concurrent.UnsafeBuffer(new byte[8]), 0, 8, 0, 64, false, h.host.now);
            h.host.turn();
            assertEquals(1, h.sentOfType(Icmpv6Header.NEIGHBOR_SOLICITATION));
            h.host.advance(5 * IpHost.SECOND - 1);
            assertEquals(0, h.sentOfType(Icmpv6Header.NEIGHBOR_SOLICITATION));
            h.host.advance(1);
            assertEquals(1, h.sentOfType(Icmpv6Header.NEIGHBOR_SOLICITATION));
            path.release();
            h.host.ip.closeEcho(id);
        }
    }

    @Requirement({"RFC4861:6.3.4-5", "RFC4861:6.3.4-6"})
    @Requirement({"RFC8504:5.4-10", "RFC8504:5.4-1"})
    @Test
    void prefixesOnLinkComeAndGo() {
        try (RaHost h = RaHost.settled()) {
            h.hear(R1, RaHost.ra());
            h.hear(R1, RaHost.ra().prefix("2001:db8:1::/64", true, false, 100, 50));
            assertEquals(List.of(), h.made(), "on link only");
            h.host.ip.addAddress(h.host.nic, IpPrefix.parse("2001:db8:9::1/128"), h.host.now);
            assertEquals("2001:db8:1::5", h.hop("2001:db8:1::5"));
            h.host.advance(100 * IpHost.SECOND);
            assertEquals(R1, h.hop("2001:db8:1::5"));
            // Any length may be on link; 0 ends it at once; without the flag nothing is said about it.
            h.hear(R1, RaHost.ra().prefix("2001:db8:2::/48", true, false, 100, 50));
            assertEquals("2001:db8:2:1::5", h.hop("2001:db8:2:1::5"));
            h.hear(R1, RaHost.ra().prefix("2001:db8:2::/48", false, false, 0, 0));
            assertEquals("2001:db8:2:1::5", h.hop("2001:db8:2:1::5"));
            h.hear(R1, RaHost.ra().prefix("2001:db8:2::/48", true, false, 0, 0));
            assertEquals(R1, h.hop("2001:db8:2:1::5"));
            // The link-local prefix is not for routers to tell of.
            h.hear(R1, RaHost.ra().prefix("fe80::/64", true, true, 0, 0));
            assertEquals("fe80::77", h.hop("fe80::77"));
            for (String bad :
                    List.of("ff00::/8", "::1/128", "::/0", "::ffff:192.0.2.0/120".replace("192.0.2.0", "c000:200"))) {
                h.hear(R1, RaHost.ra().prefix(bad.contains("ffff") ? "::/96" : bad, true, true, 100, 100));
            }
            assertEquals(List.of(), h.made());
        }
    }

    @Requirement("RFC4861:7.2.5-4")
    @Test
    void whoCeasesToBeARouterIsNoDefaultRouter() {
        try (RaHost h = RaHost.settled()) {
            h.hear(R1, RaHost.ra().linkAddress(RaHost.R1_MAC));
            Packets6.receive(h.host, Packets6.na(R1, h.linkLocal(), R1, RaHost.R1_MAC, true, true));
            assertFalse(h.neighbor(R1).isRouter());
            assertEquals(List.of(), h.routers());
            assertEquals("none", h.hop(FAR));
        }
    }

    @Test
    void whatIsConfiguredGoesBeforeWhatIsAdvertised() {
        try (RaHost h = RaHost.settled()) {
            h.host.ip.addRoute(new Route(IpPrefix.parse("::/0"), Packets6.ip("fe80::1"), h.host.nic, 0));
            h.hear(
                    R1,
                    RaHost.ra().linkAddress(RaHost.R1_MAC).preference(1).prefix("2001:db8:1::/64", true, true, 9, 9));
            h.verify(R1, RaHost.R1_MAC);
            assertEquals("fe80::1", h.hop(FAR));
        }
    }

    @Requirement({"RFC4861:6.3.4-7", "RFC8504:5.4-7"})
    @Requirement("RFC8106:7-1")
    @Test
    void aFloodOfAdvertisementsIsBoundedAndPushesOutNothing() {
        try (RaHost h = RaHost.settled()) {
            h.hear(R1, RaHost.ra().linkAddress(RaHost.R1_MAC).prefix("2001:db8:1::/64", true, true, 9000, 9000));
            h.verify(R1, RaHost.R1_MAC);
            String source = h.source(FAR);
            flood(h, 2000);
            assertEquals(R1, h.hop(FAR), "the router that answers is kept, whatever preference others claim");
            assertEquals(source, h.source(FAR));
            assertEquals(AdvertisedConfiguration.MAX_ROUTERS, h.routers().size());
            assertEquals(AdvertisedConfiguration.MAX_ADDRESSES, h.made().size());
            assertTrue(h.host.ip.routes().list().size() <= 80);
            assertTrue(h.host.ip.neighbors().size() <= 64, "only routers that we keep get into the cache");
            assertTrue(h.drops(DropReason.NDP_TABLE_FULL) > 5_000);
            assertNotNull(h.neighbor(R1));
        }
    }

    @Test
    void aRouterThatAnswersGetsInAfterAFlood() {
        try (RaHost h = RaHost.settled()) {
            flood(h, 100);
            h.host.advance(2 * IpHost.SECOND);
            assertFalse(h.routers().contains(Packets6.ip(R1)));
            RouterAdvertisement ra =
                    RaHost.ra().linkAddress(RaHost.R1_MAC).prefix("2001:db8:1::/64", true, true, 9000, 9000);
            h.hear(R1, ra);
            assertFalse(h.routers().contains(Packets6.ip(R1)), "there is no room for strangers");
            assertTrue(h.sentOfType(Icmpv6Header.NEIGHBOR_SOLICITATION) > 0, "but it is asked");
            byte[] answer = Packets6.na(R1, h.linkLocal(), R1, RaHost.R1_MAC, true, true);
            answer[44] |= (byte) 0x80;
            RaHost.mendChecksum(answer);
            Packets6.receive(h.host, answer);
            h.hear(R1, ra);
            assertTrue(h.routers().contains(Packets6.ip(R1)));
            assertEquals(R1, h.hop(FAR));
            assertTrue(h.made().stream()
                    .anyMatch(a -> a.prefix().network().toString().equals("2001:db8:1::/64")));
        }
    }

    private static void flood(RaHost h, int n) {
        for (int i = 0; i < n; i++) {
            String net = Integer.toHexString(i + 0x100);
            h.hear(
                    "fe80::f:" + net,
                    RaHost.ra()
                            .preference(1)
                            .linkAddress(0x02_00_00_10_00_00L + i)
                            .prefix("2001:db8:" + net + "::/64", true, true, 9000, 9000)
                            .route("2001:db8:" + net + "::/48", 1, 9000)
                            .nameServers(9000, "2001:db8:" + net + "::53")
                            .searchDomains(9000, "d" + i + ".example"));
        }
    }

    @Test
    void nothingIsLeftWhenItEnds() {
        RaHost h = new RaHost(c -> {});
        h.hear(R1, RaHost.ra().prefix("2001:db8:1::/64", true, true, 100, 50).nameServers(9, "2001:db8::53"));
        h.hear(
                R2,
                RaHost.ra().linkAddress(MacAddress.parse("02:00:00:00:0a:02")).route("2001:db8:5::/48", 0, 100));
        assertEquals(2, h.host.count(StackCounter.NDP_ROUTER_ADVERTS_IN));
        assertTrue(h.host.deadlines.size() > 5);
        h.close();
        assertEquals(0, h.host.deadlines.size());
    }
}
