package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** MLDv2 of a host, MLDv1 when the querier is older (RFC 2710), and MLD while addresses are being verified (RFC 3590). */
class Rfc3810Test {
    private static final String G = "ff15::7";
    private static final String H = "ff15::8";
    private static final String ALL = "ff02::1";
    private static final String NOBODY = "::";
    private static final long SECOND = IpHost.SECOND;

    private static GroupMembership join(IpHost host, String group, boolean exclude, String... sources) {
        IpAddress g = IpAddress.parse(group);
        GroupMembership membership = host.ip.multicast().join(host.nic, g.hi(), g.lo(), exclude);
        for (String source : sources) {
            IpAddress s = IpAddress.parse(source);
            assertEquals(GroupMembership.OK, membership.addSource(s.hi(), s.lo()));
        }
        return membership;
    }

    /** Verified, and with nothing left to tell. */
    private static IpHost ready() {
        IpHost host = Packets6.ready();
        host.advance(20 * SECOND);
        Reports.taken(host);
        return host;
    }

    private static String linkLocal(IpHost host) {
        for (int i = 0; i < host.nic.addressCount(); i++) {
            IpAddress a = host.nic.address(i).address();
            if (IpAddress.isLinkLocalV6(a.hi())) {
                return a.toString();
            }
        }
        throw new AssertionError("no link-local address");
    }

    @Requirement({"RFC3810:5-1", "RFC3810:5.2.14-1", "RFC3810:6.1-1", "RFC3810:6.1-2"})
    @Requirement("RFC8504:5.11-1")
    @Test
    void aChangeIsToldFromTheLinkLocalAddressAndAgain() {
        try (IpHost host = ready()) {
            GroupMembership any = join(host, G, true);
            host.turn();
            assertEquals(List.of(linkLocal(host) + " > ff02::16: TO_EX ff15::7 {}"), Reports.taken(host));
            host.advance(SECOND);
            assertEquals(List.of("TO_EX ff15::7 {}"), Reports.records(host));
            any.leave();
            host.advance(20 * SECOND);
            assertEquals(List.of("TO_IN ff15::7 {}", "TO_IN ff15::7 {}"), Reports.records(host));
            GroupMembership in = join(host, H, false, "2001:db8::9");
            host.turn();
            in.addSource(
                    Packets6.ip("2001:db8::a").hi(), Packets6.ip("2001:db8::a").lo());
            host.advance(20 * SECOND);
            assertEquals(
                    List.of(
                            "ALLOW ff15::8 {2001:db8::9}",
                            "ALLOW ff15::8 {2001:db8::9,2001:db8::a}",
                            "ALLOW ff15::8 {2001:db8::a}"),
                    Reports.records(host));
        }
    }

    @Requirement({"RFC3810:6.2-1", "RFC3810:6.2-2", "RFC3810:5.1.3-1"})
    @Requirement("RFC8504:5.11-1")
    @Test
    void queriesAreAnsweredWithinTheirTime() {
        try (IpHost host = ready()) {
            join(host, G, true, "2001:db8::9");
            host.advance(20 * SECOND);
            Reports.taken(host);
            // 0x8400: (0x400 | 0x1000) << 3 = 40,960 ms.
            Reports.hears6(host, ALL, Reports.mld(130, 0x8400, NOBODY, 2, 125));
            assertEquals(List.of(), Reports.records(host));
            host.advance(40_960 * IpHost.MS);
            List<String> told = Reports.records(host);
            assertEquals(1, told.size());
            assertTrue(told.get(0).contains("IS_EX ff15::7 {2001:db8::9}"), told::toString);
            assertTrue(told.get(0).contains("IS_EX ff02::1:ff00:1 {}"), "neighbour discovery's groups, too: " + told);
            Reports.hears6(host, G, Reports.mld(130, 1000, G, 2, 125));
            host.advance(SECOND);
            assertEquals(List.of("IS_EX ff15::7 {2001:db8::9}"), Reports.records(host));
            Reports.hears6(host, G, Reports.mld(130, 1000, G, 2, 125, "2001:db8::9", "2001:db8::77"));
            host.advance(SECOND);
            assertEquals(List.of("IS_IN ff15::7 {2001:db8::77}"), Reports.records(host));
        }
    }

    @Requirement({"RFC3810:6-1", "RFC3810:6-2"})
    @Test
    void allNodesAndWhatStaysHereAreNeverReported() {
        try (IpHost host = ready()) {
            assertTrue(host.ip.multicast().isMember(host.nic, 0xff02L << 48, 1));
            join(host, ALL, true);
            join(host, "ff01::7", true);
            join(host, "ff10::7", true);
            Reports.hears6(host, ALL, Reports.mld(130, 1, NOBODY, 2, 125));
            host.advance(20 * SECOND);
            String told = Reports.records(host).toString();
            assertEquals(false, told.contains("ff02::1 ") || told.contains("ff01") || told.contains("ff10"), told);
        }
    }

    @Requirement({"RFC3810:5.2.13-2", "RFC3810:5.2.13-1"})
    @Test
    void whileAddressesAreVerifiedReportsComeFromNobodyAndAreRepeatedAfterwards() {
        try (IpHost host = new IpHost(null)) {
            host.ip.addAddress(host.nic, IpPrefix.parse("2001:db8::1/64"), host.now);
            host.turn();
            List<String> first = Reports.taken(host);
            assertEquals(1, first.size(), first::toString);
            assertTrue(first.get(0).startsWith(":: > ff02::16: TO_EX ff02::1:ff"), first::toString);
            assertTrue(first.get(0).contains("TO_EX ff02::1:ff00:1 {}"), first::toString);
            host.advance(20 * SECOND);
            List<String> later = Reports.taken(host);
            String last = later.get(later.size() - 1);
            assertTrue(last.startsWith(linkLocal(host) + " > ff02::16: "), later::toString);
            assertTrue(last.contains("TO_EX ff02::1:ff00:1 {}"), later::toString);
        }
    }

    @Requirement({"RFC3810:6.2-3", "RFC3810:8.1-1", "RFC2710:3-1"})
    @Test
    void whatIsNotRightIsCountedAndChangesNothing() {
        try (IpHost host = ready()) {
            byte[] query = Reports.mld(130, 1, NOBODY, 2, 125, "2001:db8::9");
            byte[] v1 = Reports.mld(130, 1000, NOBODY);
            assertIgnored(host, DropReason.MLD_BAD_SOURCE, Reports.packet6("2001:db8::2", ALL, 1, true, query));
            assertIgnored(host, DropReason.MLD_BAD_SOURCE, Reports.packet6(NOBODY, ALL, 1, true, v1));
            assertIgnored(host, DropReason.MLD_BAD_HOP_LIMIT, Reports.packet6("fe80::2", ALL, 2, true, v1));
            assertIgnored(host, DropReason.MLD_NO_ROUTER_ALERT, Reports.packet6("fe80::2", ALL, 1, false, v1));
            byte[] odd = Reports.mld(130, 1, "2001:db8::9", 2, 125);
            assertIgnored(host, DropReason.MLD_BAD_GROUP, Reports.packet6("fe80::2", ALL, 1, true, odd));
            byte[] done = Reports.mld(132, 0, G);
            assertIgnored(host, DropReason.MLD_IGNORED, Reports.packet6("fe80::2", ALL, 1, true, done));
            for (int length = 8; length < query.length; length++) {
                if (length != 24) {
                    byte[] cut = Reports.packet6("fe80::2", ALL, 1, true, Arrays.copyOf(query, length));
                    assertIgnored(host, DropReason.MLD_TRUNCATED, cut);
                }
            }
        }
    }

    private static void assertIgnored(IpHost host, DropReason reason, byte[] packet) {
        long before = host.counters.get(reason);
        Packets6.receive(host, packet);
        assertEquals(before + 1, host.counters.get(reason), () -> reason + "; " + host.counters);
        host.advance(2 * SECOND);
        assertEquals(List.of(), Reports.records(host));
        assertEquals(2, host.ip.multicast().version(host.nic, false));
    }

    @Requirement({"RFC3810:8.2.1-1", "RFC3810:8.2.1-2", "RFC3810:9.12-1", "RFC2710:4-1", "RFC2710:4-2", "RFC2710:4-3"})
    @Test
    void anMldv1QuerierIsSpokenToInItsVersionAndThenNoMore() {
        try (IpHost host = ready()) {
            GroupMembership any = join(host, G, true);
            host.advance(20 * SECOND);
            // Robustness 2, an interval of 10 s and a response time of 1 s: 21 s.
            Reports.hears6(host, ALL, Reports.mld(130, 1, NOBODY, 2, 10));
            host.advance(SECOND);
            Reports.taken(host);
            Reports.hears6(host, ALL, Reports.mld(130, 1000, NOBODY));
            assertEquals(1, host.ip.multicast().version(host.nic, false));
            host.advance(SECOND);
            String from = linkLocal(host);
            assertTrue(Reports.taken(host).contains(from + " > ff15::7: v1 ff15::7"));
            Reports.hears6(host, ALL, Reports.mld(130, 1000, NOBODY));
            Reports.hears6(host, G, Reports.mld(131, 0, G));
            host.advance(SECOND);
            assertEquals(false, Reports.records(host).contains("v1 ff15::7"), "another said it");
            any.leave();
            host.turn();
            assertEquals(List.of(), Reports.records(host), "the other may be there still");
            GroupMembership again = join(host, H, true);
            host.turn();
            again.leave();
            host.turn();
            List<String> both = List.of(from + " > ff15::8: v1 ff15::8", from + " > ff02::2: done ff15::8");
            assertEquals(both, Reports.taken(host));
            assertEquals(1, host.count(StackCounter.MLD_DONES_OUT));
            host.advance(18 * SECOND);
            assertEquals(1, host.ip.multicast().version(host.nic, false));
            host.advance(3 * SECOND);
            join(host, G, true);
            host.turn();
            assertEquals(2, host.ip.multicast().version(host.nic, false));
            assertEquals(List.of("TO_EX ff15::7 {}"), Reports.records(host));
        }
    }

    @Requirement("RFC2710:4-4")
    @Test
    void aForgedReportSilencesNobody() {
        try (IpHost host = ready()) {
            join(host, G, true);
            host.advance(20 * SECOND);
            Reports.hears6(host, ALL, Reports.mld(130, 1000, NOBODY));
            byte[] report = Reports.mld(131, 0, G);
            Packets6.receive(host, Reports.packet6(NOBODY, G, 1, true, report));
            Packets6.receive(host, Reports.packet6("fe80::2", G, 64, true, report));
            Packets6.receive(host, Reports.packet6("fe80::2", G, 1, false, report));
            Packets6.receive(host, Reports.packet6("fe80::2", ALL, 1, true, report));
            Reports.taken(host);
            host.advance(SECOND);
            assertTrue(Reports.records(host).contains("v1 ff15::7"));
        }
    }

    @Test
    void groupsJoinedBeforeIpv6IsSpokenAreToldThen() {
        try (IpHost host = IpHost.ready()) {
            join(host, G, true);
            host.advance(5 * SECOND);
            assertEquals(List.of(), Reports.records(host));
            host.ip.addAddress(host.nic, IpPrefix.parse("2001:db8::1/64"), host.now);
            host.turn();
            assertTrue(Reports.records(host).get(0).contains("TO_EX ff15::7 {}"));
        }
    }
}
