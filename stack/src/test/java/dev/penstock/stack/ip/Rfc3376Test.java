package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.IpAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** IGMPv3 of a host: what it tells when its memberships change, and what it answers to queries. */
class Rfc3376Test {
    static final String G = "239.1.2.3";
    static final String H = "239.1.2.4";
    private static final String ALL = "224.0.0.1";
    private static final long MS = IpHost.MS;

    static GroupMembership join(IpHost host, String group, boolean exclude, String... sources) {
        GroupMembership membership = host.ip.multicast().join(host.nic, 0, Packets.lo(group), exclude);
        for (String source : sources) {
            assertEquals(GroupMembership.OK, membership.addSource(0, Packets.lo(source)));
        }
        return membership;
    }

    @Requirement({"RFC3376:4-1", "RFC3376:4-2", "RFC3376:4.2-1", "RFC3376:5.1-1", "RFC3376:5.1-2", "RFC1122:IP-146"})
    @Test
    void aChangeIsToldAtOnceAndAgainWithinASecond() {
        try (IpHost host = IpHost.ready()) {
            join(host, G, true);
            host.turn();
            assertEquals(List.of("192.0.2.1 > 224.0.0.22: TO_EX 239.1.2.3 {}"), Reports.taken(host));
            host.advance(1000 * MS);
            assertEquals(List.of("TO_EX 239.1.2.3 {}"), Reports.records(host));
            host.advance(600 * IpHost.SECOND);
            assertEquals(List.of(), Reports.records(host), "the robustness variable is 2");
            assertEquals(2, host.count(StackCounter.IGMP_REPORTS_OUT));
        }
    }

    @Requirement({"RFC3376:5.1-3", "RFC3376:5.1-4"})
    @Test
    void eachKindOfChangeHasItsRecord() {
        try (IpHost host = IpHost.ready()) {
            GroupMembership in = join(host, G, false, "192.0.2.7", "192.0.2.8");
            assertTold(host, "ALLOW 239.1.2.3 {192.0.2.7,192.0.2.8}");
            in.removeSource(0, Packets.lo("192.0.2.7"));
            in.addSource(0, Packets.lo("192.0.2.9"));
            assertTold(host, "ALLOW 239.1.2.3 {192.0.2.9}; BLOCK 239.1.2.3 {192.0.2.7}");
            GroupMembership ex = join(host, G, true, "192.0.2.8", "192.0.2.10");
            assertTold(host, "TO_EX 239.1.2.3 {192.0.2.10}");
            ex.addSource(0, Packets.lo("192.0.2.11"));
            assertTold(host, "BLOCK 239.1.2.3 {192.0.2.11}");
            ex.removeSource(0, Packets.lo("192.0.2.10"));
            assertTold(host, "ALLOW 239.1.2.3 {192.0.2.10}");
            ex.leave();
            assertTold(host, "TO_IN 239.1.2.3 {192.0.2.8,192.0.2.9}");
            in.leave();
            assertTold(host, "BLOCK 239.1.2.3 {192.0.2.8,192.0.2.9}");
            assertFalse(host.ip.multicast().isMember(host.nic, 0, Packets.lo(G)));
        }
    }

    /** Told twice, the same both times. */
    private static void assertTold(IpHost host, String record) {
        host.turn();
        assertEquals(List.of(record), Reports.records(host));
        host.advance(1000 * MS);
        assertEquals(List.of(record), Reports.records(host), "again");
        host.advance(5000 * MS);
        assertEquals(List.of(), Reports.records(host));
    }

    @Requirement({"RFC3376:3.2-1", "RFC3376:5.1-5"})
    @Test
    void whatChangesNothingForTheInterfaceIsNotTold() {
        try (IpHost host = IpHost.ready()) {
            GroupMembership first = join(host, G, true);
            host.advance(2000 * MS);
            Reports.taken(host);
            GroupMembership second = join(host, G, true, "192.0.2.7");
            join(host, G, false, "192.0.2.8");
            host.advance(2000 * MS);
            second.leave();
            host.advance(2000 * MS);
            assertEquals(List.of(), Reports.records(host));
            first.leave();
            host.turn();
            assertEquals(List.of("TO_IN 239.1.2.3 {192.0.2.8}"), Reports.records(host));
        }
    }

    @Requirement({"RFC3376:5.1-6", "RFC3376:5.1-7"})
    @Test
    void changesWithinTheRepetitionGoIntoOneReport() {
        try (IpHost host = IpHost.ready()) {
            GroupMembership in = join(host, G, false, "192.0.2.7");
            host.turn();
            Reports.taken(host);
            join(host, H, true);
            in.addSource(0, Packets.lo("192.0.2.8"));
            host.turn();
            // The old is told for the second time, the new for the first.
            assertEquals(List.of("ALLOW 239.1.2.3 {192.0.2.7,192.0.2.8}; TO_EX 239.1.2.4 {}"), Reports.records(host));
            host.advance(1000 * MS);
            assertEquals(List.of("ALLOW 239.1.2.3 {192.0.2.8}; TO_EX 239.1.2.4 {}"), Reports.records(host));
            host.advance(9000 * MS);
            assertEquals(List.of(), Reports.records(host));
        }
    }

    @Requirement("RFC3376:5.1-8")
    @Test
    void aChangeOfModeIsToldAsOftenAsTheLastOneAsks() {
        try (IpHost host = IpHost.ready()) {
            GroupMembership any = join(host, G, true);
            host.turn();
            any.leave();
            host.turn();
            assertEquals(List.of("TO_EX 239.1.2.3 {}", "TO_IN 239.1.2.3 {}"), Reports.records(host));
            host.advance(1000 * MS);
            assertEquals(List.of("TO_IN 239.1.2.3 {}"), Reports.records(host));
            host.advance(9000 * MS);
            assertEquals(List.of(), Reports.records(host));
        }
    }

    @Requirement({"RFC3376:4.1.6-1", "RFC3376:8.1-1"})
    @Test
    void theQueriersRobustnessVariableIsAdopted() {
        try (IpHost host = IpHost.ready()) {
            for (int[] each : new int[][] {{4, 4}, {1, 1}, {0, 2}, {7, 7}}) {
                Reports.hears(host, ALL, Reports.query3(1, "0.0.0.0", each[0], 125));
                host.advance(IpHost.SECOND);
                Reports.taken(host);
                GroupMembership any = join(host, G, true);
                host.advance(20 * IpHost.SECOND);
                assertEquals(each[1], Reports.records(host).size(), "QRV " + each[0]);
                any.leave();
                host.advance(20 * IpHost.SECOND);
                Reports.taken(host);
            }
        }
    }

    @Requirement({"RFC3376:5.2-1", "RFC3376:5.2-2", "RFC3376:4.1.1-1"})
    @Test
    void aGeneralQueryIsAnsweredOnceWithinItsTime() {
        try (IpHost host = IpHost.ready()) {
            join(host, G, true, "192.0.2.7");
            join(host, H, false, "192.0.2.8");
            host.advance(2000 * MS);
            Reports.taken(host);
            String state = "IS_EX 239.1.2.3 {192.0.2.7}; IS_IN 239.1.2.4 {192.0.2.8}";
            Reports.hears(host, ALL, Reports.query3(0x8a, "0.0.0.0", 2, 125));
            assertEquals(List.of(), Reports.records(host), "not at once");
            // 0x8a: (10 | 16) << 3 = 208 tenths of a second.
            host.advance(20_800 * MS);
            assertEquals(List.of(state), Reports.records(host));
            for (int i = 0; i < 20; i++) {
                Reports.hears(host, ALL, Reports.query3(100, "0.0.0.0", 2, 125));
            }
            host.advance(10_000 * MS);
            assertEquals(List.of(state), Reports.records(host), "one answer to all");
        }
    }

    @Requirement({"RFC3376:5.2-3", "RFC3376:5.2-4", "RFC3376:5.2-5", "RFC3376:5.2-6"})
    @Test
    void questionsAboutAGroupAndItsSources() {
        try (IpHost host = IpHost.ready()) {
            join(host, G, true, "192.0.2.7");
            join(host, H, false, "192.0.2.8", "192.0.2.9");
            host.advance(2000 * MS);
            Reports.taken(host);
            asks(host, G);
            assertEquals(List.of("IS_EX 239.1.2.3 {192.0.2.7}"), Reports.records(host));
            asks(host, "239.9.9.9");
            assertEquals(List.of(), Reports.records(host), "nobody is in it");
            asks(host, H, "192.0.2.8", "192.0.2.77");
            assertEquals(List.of("IS_IN 239.1.2.4 {192.0.2.8}"), Reports.records(host), "A*B");
            asks(host, G, "192.0.2.7", "192.0.2.77");
            assertEquals(List.of("IS_IN 239.1.2.3 {192.0.2.77}"), Reports.records(host), "B-A");
            asks(host, H, "192.0.2.77");
            asks(host, G, "192.0.2.7");
            assertEquals(List.of(), Reports.records(host), "nothing to say");
        }
    }

    private static void asks(IpHost host, String group, String... sources) {
        Reports.hears(host, group, Reports.query3(10, group, 2, 125, sources));
        host.advance(1000 * MS);
    }

    @Requirement({"RFC3376:5.2-7", "RFC3376:5.2-8"})
    @Test
    void questionsThatComeTogetherAreAnsweredTogether() {
        try (IpHost host = IpHost.ready()) {
            join(host, G, false, "192.0.2.7", "192.0.2.8", "192.0.2.9");
            host.advance(2000 * MS);
            Reports.taken(host);
            Reports.hears(host, G, Reports.query3(50, G, 2, 125, "192.0.2.7"));
            Reports.hears(host, G, Reports.query3(50, G, 2, 125, "192.0.2.9"));
            host.advance(5000 * MS);
            assertEquals(List.of("IS_IN 239.1.2.3 {192.0.2.7,192.0.2.9}"), Reports.records(host));
            Reports.hears(host, G, Reports.query3(50, G, 2, 125));
            Reports.hears(host, G, Reports.query3(1, G, 2, 125, "192.0.2.9"));
            host.advance(100 * MS);
            String all = "IS_IN 239.1.2.3 {192.0.2.7,192.0.2.8,192.0.2.9}";
            assertEquals(List.of(all), Reports.records(host), "the sooner of both, all of it");
            host.advance(5000 * MS);
            assertEquals(List.of(), Reports.records(host));
        }
    }

    @Requirement("RFC3376:4.2.13-1")
    @Test
    void withoutAnAddressAReportComesFromNobody() {
        try (IpHost host = new IpHost(null)) {
            join(host, G, true);
            host.turn();
            assertEquals(List.of("0.0.0.0 > 224.0.0.22: TO_EX 239.1.2.3 {}"), Reports.taken(host));
        }
    }

    @Requirement({"RFC3376:4.2.16-1", "RFC3376:4.2.16-2"})
    @Test
    void recordsThatDoNotFitArePutIntoMorePacketsOrCut() {
        try (IpHost host = new IpHost("192.0.2.1/24", IpHost.MAC, 256, c -> {
            c.multicast.maxSources = 400;
            c.multicast.robustness = 1;
        })) {
            host.advance(5 * IpHost.SECOND);
            GroupMembership in = join(host, G, false);
            GroupMembership ex = join(host, H, true);
            for (int i = 0; i < 200; i++) {
                in.addSource(0, IpAddress.v4(0x0a00_0000 + i));
                ex.addSource(0, IpAddress.v4(0x0a00_0000 + i));
            }
            host.turn();
            List<String> told = Reports.records(host);
            int allowed = 0;
            for (String packet : told) {
                assertTrue(packet.startsWith("ALLOW") || packet.startsWith("TO_EX"), packet);
                allowed += packet.startsWith("ALLOW") ? packet.split(";", -1)[0].split(",", -1).length : 0;
            }
            assertEquals(200, allowed, "each source once");
            // 256 bytes, less the IP header with its option, the report's and the record's: 54 sources.
            List<String> cut = told.stream().filter(p -> p.contains("TO_EX")).toList();
            assertEquals(1, cut.size());
            assertEquals(54, cut.get(0).split(",").length);
        }
    }

    @Requirement({"RFC3376:5-1", "RFC1112:7.1-1", "RFC1122:IP-147"})
    @Test
    void theGroupOfAllSystemsIsNeverReported() {
        try (IpHost host = IpHost.ready()) {
            assertTrue(host.ip.multicast().isMember(host.nic, 0, Packets.lo(ALL)));
            GroupMembership all = join(host, ALL, true);
            Reports.hears(host, ALL, Reports.query3(1, "0.0.0.0", 2, 125));
            Reports.hears(host, ALL, Reports.query3(1, ALL, 2, 125));
            host.advance(2000 * MS);
            all.leave();
            host.advance(2000 * MS);
            assertEquals(List.of(), Reports.records(host));
            assertTrue(host.ip.multicast().isMember(host.nic, 0, Packets.lo(ALL)), "it is in it as ever");
        }
    }
}
