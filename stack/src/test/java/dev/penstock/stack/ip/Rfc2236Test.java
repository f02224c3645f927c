package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Older queriers: IGMPv2 and IGMPv1 spoken while they are there, and IGMPv3 again afterwards (RFC 3376, section 7.2). */
class Rfc2236Test {
    private static final String G = "239.1.2.3";
    private static final String H = "239.1.2.4";
    private static final String ALL = "224.0.0.1";
    private static final long SECOND = IpHost.SECOND;

    private static void query(IpHost host, int tenths, String group) {
        Reports.hears(host, group.equals("0.0.0.0") ? ALL : group, Reports.igmp(0x11, tenths, group));
    }

    private static int version(IpHost host) {
        return host.ip.multicast().version(host.nic, true);
    }

    /** In the groups, silent, and with an IGMPv2 querier. */
    private static IpHost withV2Querier(String... groups) {
        IpHost host = IpHost.ready();
        for (String group : groups) {
            Rfc3376Test.join(host, group, true);
        }
        host.advance(2 * SECOND);
        query(host, 10, "0.0.0.0");
        host.advance(2 * SECOND);
        Reports.taken(host);
        assertEquals(2, version(host));
        return host;
    }

    @Requirement({"RFC2236:3-1", "RFC2236:3-2", "RFC2236:2-1", "RFC2236:9-1"})
    @Test
    void aJoinIsReportedAtOnceAndOnceMoreWithinTenSeconds() {
        try (IpHost host = withV2Querier()) {
            Rfc3376Test.join(host, G, true);
            host.turn();
            assertEquals(List.of("192.0.2.1 > 239.1.2.3: v2 239.1.2.3"), Reports.taken(host));
            host.advance(10 * SECOND);
            assertEquals(List.of("v2 239.1.2.3"), Reports.records(host));
            host.advance(100 * SECOND);
            assertEquals(List.of(), Reports.records(host));
        }
    }

    @Requirement({"RFC2236:3-6", "RFC2236:3-7", "RFC2236:9-1"})
    @Test
    void theLastReporterSaysThatItLeavesToAllRouters() {
        try (IpHost host = withV2Querier()) {
            GroupMembership any = Rfc3376Test.join(host, G, true);
            host.advance(11 * SECOND);
            Reports.taken(host);
            any.leave();
            host.turn();
            assertEquals(List.of("192.0.2.1 > 224.0.0.2: leave 239.1.2.3"), Reports.taken(host));
            assertEquals(1, host.count(StackCounter.IGMP_LEAVES_OUT));
            GroupMembership again = Rfc3376Test.join(host, G, true);
            host.turn();
            Reports.hears(host, G, Reports.igmp(0x16, 0, G));
            host.advance(11 * SECOND);
            assertEquals(List.of("v2 239.1.2.3"), Reports.records(host), "not told again: another member did");
            again.leave();
            host.advance(SECOND);
            assertEquals(List.of(), Reports.records(host), "the other may be there still");
        }
    }

    @Test
    void whoReportedInVersion3SaysThatItLeavesInVersion2() {
        try (IpHost host = IpHost.ready()) {
            GroupMembership any = Rfc3376Test.join(host, G, true);
            host.advance(2 * SECOND);
            Reports.taken(host);
            query(host, 100, "0.0.0.0");
            any.leave();
            host.turn();
            assertEquals(List.of("leave 239.1.2.3"), Reports.records(host), "before it answered the query");
        }
    }

    @Requirement({"RFC2236:3-3", "RFC2236:3-4", "RFC2236:3-5", "RFC3376:7.2.2-1"})
    @Test
    void aQueryIsAnsweredForEachGroupUnlessAnotherMemberDoes() {
        try (IpHost host = withV2Querier(G, H)) {
            query(host, 50, "0.0.0.0");
            assertEquals(List.of(), Reports.records(host));
            host.advance(5 * SECOND);
            List<String> told = Reports.records(host).stream().sorted().toList();
            assertEquals(List.of("v2 239.1.2.3", "v2 239.1.2.4"), told);
            query(host, 50, "0.0.0.0");
            Reports.hears(host, G, Reports.igmp(0x12, 0, G));
            host.advance(5 * SECOND);
            assertEquals(List.of("v2 239.1.2.4"), Reports.records(host), "also by a version 1 report");
            query(host, 10, H);
            host.advance(SECOND);
            assertEquals(List.of("v2 239.1.2.4"), Reports.records(host), "one group alone");
            query(host, 100, "0.0.0.0");
            query(host, 1, "0.0.0.0");
            host.advance(100 * IpHost.MS);
            assertEquals(2, Reports.records(host).size(), "a shorter time counts");
            host.advance(10 * SECOND);
            assertEquals(List.of(), Reports.records(host));
        }
    }

    @Requirement({"RFC3376:7.2.1-1", "RFC3376:7.2.1-2", "RFC3376:8.12-1", "RFC3376:7.2.1-5"})
    @Test
    void theModeFollowsTheQuerierAndComesBack() {
        try (IpHost host = IpHost.ready()) {
            Rfc3376Test.join(host, G, false, "192.0.2.7");
            host.advance(2 * SECOND);
            // The querier's interval is 30 s and its robustness 3: an older one counts for 3 * 30 + 10 s.
            Reports.hears(host, ALL, Reports.query3(1, "0.0.0.0", 3, 30));
            host.advance(SECOND);
            Reports.taken(host);
            query(host, 100, G);
            assertEquals(3, version(host), "only a general query tells");
            query(host, 100, "0.0.0.0");
            assertEquals(2, version(host));
            host.advance(99 * SECOND);
            Reports.hears(host, ALL, Reports.query3(1, "0.0.0.0", 3, 30));
            host.advance(500 * IpHost.MS);
            assertEquals(2, version(host), "a newer one does not take it back");
            assertTrue(Reports.records(host).contains("v2 239.1.2.3"), "and is answered in version 2");
            host.advance(SECOND);
            Reports.hears(host, ALL, Reports.query3(1, "0.0.0.0", 3, 30));
            host.advance(SECOND);
            assertEquals(3, version(host));
            assertEquals(List.of("IS_IN 239.1.2.3 {192.0.2.7}"), Reports.records(host));
        }
    }

    @Requirement({"RFC3376:7.2.1-3", "RFC2236:4-1", "RFC2236:4-2", "RFC1112:I-1"})
    @Test
    void withAVersion1QuerierNobodyLeaves() {
        try (IpHost host = IpHost.ready()) {
            GroupMembership any = Rfc3376Test.join(host, G, true);
            host.advance(2 * SECOND);
            Reports.taken(host);
            Reports.hears(host, Reports.packet("192.0.2.2", ALL, 1, false, Reports.igmp(0x11, 0, "0.0.0.0")));
            assertEquals(1, version(host));
            host.advance(10 * SECOND);
            assertEquals(List.of("192.0.2.1 > 239.1.2.3: v1 239.1.2.3"), Reports.taken(host));
            query(host, 100, "0.0.0.0");
            assertEquals(1, version(host), "the oldest counts");
            host.advance(10 * SECOND);
            assertEquals(List.of("v1 239.1.2.3"), Reports.records(host));
            any.leave();
            host.advance(10 * SECOND);
            assertEquals(List.of(), Reports.records(host));
            assertEquals(0, host.count(StackCounter.IGMP_LEAVES_OUT));
        }
    }

    @Requirement("RFC3376:7.2.1-4")
    @Test
    void aChangeOfModeEndsWhatWasToBeToldButNotWhatNobodyHeard() {
        try (IpHost host = IpHost.ready()) {
            Rfc3376Test.join(host, G, true);
            host.turn();
            assertEquals(List.of("TO_EX 239.1.2.3 {}"), Reports.records(host));
            query(host, 100, "0.0.0.0");
            Rfc3376Test.join(host, H, true);
            host.turn();
            assertEquals(List.of("v2 239.1.2.4"), Reports.records(host), "no repetition in version 3");
            host.advance(10 * SECOND);
            assertEquals(
                    List.of("v2 239.1.2.3", "v2 239.1.2.4"),
                    Reports.records(host).stream().distinct().sorted().toList());
        }
    }

    @Requirement("RFC3376:7.2.1-6")
    @Test
    void theNewestVersionCanBeChosen() {
        try (IpHost host = IpHost.ready(c -> c.multicast.igmpVersion = 2)) {
            Rfc3376Test.join(host, G, false, "192.0.2.7");
            host.turn();
            assertEquals(List.of("v2 239.1.2.3"), Reports.records(host));
            Reports.hears(host, ALL, Reports.query3(1, "0.0.0.0", 2, 125));
            host.advance(SECOND);
            assertEquals(
                    List.of("v2 239.1.2.3"),
                    Reports.records(host).stream().distinct().toList());
        }
    }
}
