package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.RouterAdvertisement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Addresses out of advertised prefixes (RFC 4862, section 5.5; RFC 7217). */
class AutonomousAddressTest {
    private static final String R1 = RaHost.R1;
    private static final String NET = "2001:db8:1::/64";
    private static final long HOUR = 3600 * IpHost.SECOND;

    private static RouterAdvertisement net(long valid, long preferred) {
        return RaHost.ra().prefix(NET, true, true, valid, preferred);
    }

    private static double remaining(RaHost h) {
        return (h.made().get(0).terms().validUntilNs() - h.host.now) / 1e9;
    }

    @Requirement({"RFC4862:5.5-1", "RFC4862:5.5.4-1", "RFC4862:5.5.4-2"})
    @Requirement({"RFC8504:6.3-1", "RFC8504:6.2-1"})
    @Test
    void anAddressIsMadeAndLivesAsLongAsThePrefix() {
        try (RaHost h = RaHost.settled()) {
            h.hear(R1, net(100, 50));
            assertEquals(1, h.made().size());
            AddressInfo made = h.made().get(0);
            assertEquals(NET, made.prefix().network().toString());
            assertTrue(made.usable() && made.tentative(), "optimistic");
            assertEquals(made.prefix().address().toString(), h.source(RaHost.FAR));
            h.host.advance(3 * IpHost.SECOND);
            assertFalse(h.made().get(0).tentative());
            h.host.advance(47 * IpHost.SECOND);
            assertTrue(h.made().get(0).deprecated());
            assertEquals(made.prefix().address().toString(), h.source(RaHost.FAR), "better than none");
            h.hear(R1, RaHost.ra().prefix("2001:db8:2::/64", true, true, 9000, 9000));
            assertNotEquals(made.prefix().address().toString(), h.source(RaHost.FAR), "there is a better one");
            h.host.advance(50 * IpHost.SECOND);
            assertEquals(1, h.made().size());
        }
    }

    @Requirement({"RFC7217:5-1", "RFC7217:5-2"})
    @Requirement("RFC8504:6.3-2")
    @Test
    void identifiersAreStablePerNetworkAndNotOfTheMac() {
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            try (RaHost h = RaHost.settled()) {
                h.hear(R1, net(100, 50).prefix("2001:db8:2::/64", true, true, 100, 100));
                seen.add(h.made().get(0).prefix().address().toString());
                assertNotEquals(
                        h.made().get(0).prefix().address().lo(),
                        h.made().get(1).prefix().address().lo());
                assertFalse(seen.get(i).contains("ff:fe"));
            }
        }
        assertEquals(seen.get(0), seen.get(1));
        try (RaHost h = RaHost.settled(c -> c.eui64 = true)) {
            h.hear(R1, net(100, 50));
            assertEquals("2001:db8:1::ff:fe00:1/64", h.made().get(0).prefix().toString());
        }
    }

    @Requirement({"RFC4862:5.5.3-1", "RFC4862:5.5.3-2", "RFC4862:5.5.3-3", "RFC4862:5.5.3-4"})
    @Test
    void prefixesThatWillNotDoAreIgnored() {
        try (RaHost h = RaHost.settled()) {
            h.hear(R1, RaHost.ra().prefix(NET, true, false, 100, 100));
            h.hear(R1, RaHost.ra().prefix("fe80::/64", true, true, 100, 100));
            h.hear(R1, net(100, 101));
            h.hear(R1, RaHost.ra().prefix("2001:db8:1::/63", true, true, 100, 100));
            h.hear(R1, RaHost.ra().prefix("2001:db8:1::/96", true, true, 100, 100));
            h.hear(R1, net(0, 0));
            assertEquals(List.of(), h.made());
            assertEquals(3, h.drops(DropReason.NDP_BAD_PARAMETER));
            h.hear(R1, net(RouterAdvertisement.INFINITY, RouterAdvertisement.INFINITY));
            assertEquals(AddressTerms.FOREVER, h.made().get(0).terms().validUntilNs());
        }
    }

    @Requirement("RFC4862:5.5-2")
    @Test
    void aStrangerCannotShortenALifeBelowTwoHours() {
        try (RaHost h = RaHost.settled()) {
            h.hear(R1, net(36_000, 20_000));
            h.hear(R1, net(9_000, 8_000));
            assertEquals(9_000, remaining(h), "above two hours it is believed");
            h.hear(R1, net(60, 0));
            assertEquals(7_200, remaining(h), "below, two hours remain");
            assertTrue(h.made().get(0).deprecated(), "preference is believed");
            h.host.advance(HOUR);
            h.hear(R1, net(60, 60));
            assertEquals(3_600, remaining(h), "less than two hours remain: ignored");
            assertFalse(h.made().get(0).deprecated());
            h.hear(R1, net(3_700, 3_700));
            assertEquals(3_700, remaining(h), "longer than what remains");
            h.hear(R1, net(0, 0));
            assertEquals(3_700, remaining(h));
        }
    }

    @Requirement({"RFC7217:6-1", "RFC7217:6-2", "RFC4862:5.4.5-2"})
    @Test
    void whatIsTakenIsReplacedThreeTimesThenTold() {
        try (RaHost h = RaHost.settled(c -> c.optimisticDad = false)) {
            h.hear(R1, net(90_000, 90_000));
            List<String> tried = new ArrayList<>();
            while (!h.made().isEmpty() && tried.size() < 10) {
                String one = h.made().get(0).prefix().address().toString();
                tried.add(one);
                Packets6.receive(h.host, Packets6.ns("::", Packets6.solicitedNode(one), one, MacAddress.NONE));
            }
            assertEquals(4, tried.stream().distinct().count());
            assertEquals(List.of("failed 2001:db8:1::"), h.told);
            assertEquals(1, h.host.count(StackCounter.NDP_AUTOCONFIGURATION_FAILED));
            assertEquals(4, h.host.count(StackCounter.NDP_DUPLICATES));
            // Not at each advertisement, but after ten minutes, from the beginning.
            h.hear(R1, net(90_000, 90_000));
            assertEquals(List.of(), h.made());
            h.host.advance(600 * IpHost.SECOND);
            h.hear(R1, net(90_000, 90_000));
            h.host.advance(3 * IpHost.SECOND);
            assertEquals(tried.get(0), h.made().get(0).prefix().address().toString());
        }
    }

    @Test
    void aLinkLocalAddressThatWasDeniedComesBackByItself() {
        try (RaHost h = new RaHost(c -> {})) {
            for (int i = 0; i < 4; i++) {
                String one = h.linkLocal();
                assertNotEquals("none", one);
                Packets6.receive(h.host, Packets6.ns("::", Packets6.solicitedNode(one), one, MacAddress.NONE));
            }
            assertEquals("none", h.linkLocal());
            assertEquals(List.of("failed fe80::"), h.told);
            h.hear(R1, net(100, 100));
            assertEquals(List.of(), h.made());
            h.host.advance(605 * IpHost.SECOND);
            assertNotEquals("none", h.linkLocal());
            h.hear(R1, net(100, 100));
            assertEquals(1, h.made().size());
        }
    }

    @Requirement({"RFC7527:4.1-1", "RFC7527:4.1-2", "RFC7527:4.2-1"})
    @Requirement("RFC8504:5.4-9")
    @Test
    void ourOwnProbesThatComeBackAreNoDuplicates() {
        try (RaHost h = new RaHost(c -> c.optimisticDad = false)) {
            String ours = h.linkLocal();
            byte[] probe = nextProbe(h);
            for (int i = 0; i < 5; i++) {
                // The network brings it back, from another link address, lest Ethernet recognize it.
                Packets6.receive(h.host, probe);
                byte[] next = nextProbe(h);
                assertFalse(java.util.Arrays.equals(probe, next), "with another nonce");
                probe = next;
            }
            assertEquals(5, h.host.count(StackCounter.NDP_LOOPED_BACK));
            assertEquals(0, h.host.count(StackCounter.NDP_DUPLICATES));
            assertTrue(h.host.ip.addresses().list(h.host.nic).get(0).tentative(), "as long as it lasts");
            h.host.advance(4 * IpHost.SECOND);
            assertFalse(h.host.ip.addresses().list(h.host.nic).get(0).tentative());
            assertEquals(ours, h.linkLocal());
        }
        try (RaHost h = new RaHost(c -> c.optimisticDad = false)) {
            String ours = h.linkLocal();
            byte[] probe = nextProbe(h);
            probe[probe.length - 1] ^= 1;
            RaHost.mendChecksum(probe);
            Packets6.receive(h.host, probe);
            assertEquals(1, h.host.count(StackCounter.NDP_DUPLICATES), "another's nonce");
            assertNotEquals(ours, h.linkLocal());
        }
    }

    private static byte[] nextProbe(RaHost h) {
        for (int i = 0; i < 40; i++) {
            h.host.advance(IpHost.SECOND / 10);
            byte[] frame = h.host.device.sent.poll();
            if (frame != null && (frame[54] & 0xff) == 135) {
                return Packets.payload(frame);
            }
        }
        throw new AssertionError("no probe was sent");
    }

    @Requirement("RFC9131:5.1-1")
    @Test
    void routersAreToldOfANewAddress() {
        try (RaHost h = RaHost.settled()) {
            h.hear(R1, net(100, 100));
            String ours = h.made().get(0).prefix().address().toString();
            byte[] told = Packets6.na(ours, "ff02::2", ours, IpHost.MAC, false, false);
            long routers = MacAddress.forIpv6Multicast(2);
            org.junit.jupiter.api.Assertions.assertArrayEquals(told, h.host.expect(routers, 0x86dd));
            h.host.device.sent.clear();
            h.host.advance(3 * IpHost.SECOND);
            assertTrue(
                    h.host.device.sent.stream().anyMatch(f -> java.util.Arrays.equals(told, Packets.payload(f))),
                    "and when it is verified");
        }
    }

    @Requirement({"RFC8106:5.1-1", "RFC8106:5.2-1", "RFC8106:5.3.1-1", "RFC8106:6.1-1"})
    @Requirement("RFC8504:8.3-1")
    @Test
    void nameServersAndDomainsAreLearnt() {
        try (RaHost h = RaHost.settled()) {
            h.hear(
                    R1,
                    RaHost.ra()
                            .nameServers(600, "2001:db8::53", "fe80::53")
                            .searchDomains(300, "example.org", "sub.example.net"));
            LearnedResolvers r = h.host.ip.resolvers();
            assertEquals(
                    List.of("2001:db8::53", "fe80::53"),
                    r.servers().stream().map(s -> s.address().toString()).toList());
            assertEquals(
                    List.of("example.org", "sub.example.net"),
                    r.domains().stream().map(LearnedResolvers.Domain::name).toList());
            h.hear(R1, RaHost.ra().nameServers(0, "2001:db8::53"));
            assertEquals(1, r.servers().size(), "a lifetime of 0 ends it");
            h.host.advance(300 * IpHost.SECOND);
            assertEquals(List.of(), r.domains());
            h.host.advance(300 * IpHost.SECOND);
            assertEquals(List.of(), r.servers());
            // Wrong lengths, wrong encodings, names that are none.
            long before = h.drops(DropReason.NDP_BAD_PARAMETER);
            byte[] short8 = {25, 1, 0, 0, 0, 0, 1, 0};
            byte[] odd = new byte[32];
            odd[0] = 25;
            odd[1] = 4;
            byte[] overrun = {31, 2, 0, 0, 0, 0, 1, 0, 63, 'a', 'b', 0, 0, 0, 0, 0};
            byte[] endless = {31, 2, 0, 0, 0, 0, 1, 0, 7, 'a', 'b', 'c', 'd', 'e', 'f', 'g'};
            byte[] pointer = {31, 2, 0, 0, 0, 0, 1, 0, (byte) 0xc0, 0, 0, 0, 0, 0, 0, 0};
            byte[] escape = {31, 2, 0, 0, 0, 0, 1, 0, 2, 27, '[', 0, 0, 0, 0, 0};
            for (byte[] bad : List.of(short8, odd, overrun, endless, pointer, escape)) {
                h.hear(R1, RaHost.ra().raw(bad));
            }
            h.hear(R1, RaHost.ra().nameServers(60, "ff02::1", "::", "::1"));
            assertEquals(List.of(), r.domains());
            assertEquals(List.of(), r.servers());
            assertTrue(h.drops(DropReason.NDP_BAD_PARAMETER) >= before + 4);
        }
    }
}
