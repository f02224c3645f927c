package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.MacAddress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** IGMP in: what is checked, and how little a flood of queries achieves. */
class Rfc3376InputTest {
    private static final String G = "239.1.2.3";
    private static final String ALL = "224.0.0.1";

    private static IpHost member() {
        IpHost host = IpHost.ready();
        Rfc3376Test.join(host, G, true);
        host.advance(2 * IpHost.SECOND);
        Reports.taken(host);
        return host;
    }

    private static void assertIgnored(IpHost host, DropReason reason, byte[] packet) {
        long before = host.counters.get(reason);
        Reports.hears(host, packet);
        assertEquals(before + 1, host.counters.get(reason), () -> reason + "; " + host.counters);
        host.advance(30 * IpHost.SECOND);
        assertEquals(List.of(), Reports.records(host));
        assertEquals(3, host.ip.multicast().version(host.nic, true));
    }

    @Requirement({"RFC3376:4.1.2-1", "RFC3376:7.1-1", "RFC3376:4-4", "RFC3376:4-1", "RFC3376:9.1-1", "RFC3376:9.1-2"})
    @Test
    void whatIsNotRightIsCountedAndChangesNothing() {
        try (IpHost host = member()) {
            byte[] query = Reports.query3(1, "0.0.0.0", 2, 125, "192.0.2.9");
            byte[] bad = query.clone();
            bad[7] ^= 1;
            assertIgnored(host, DropReason.IGMP_BAD_CHECKSUM, Reports.packet("192.0.2.2", ALL, 1, true, bad));
            for (int length = 0; length < query.length; length++) {
                if (length != 8 && length != 12) {
                    byte[] cut = Arrays.copyOf(query, length);
                    cut = length < 4 ? cut : Reports.withChecksum(cut);
                    assertIgnored(host, DropReason.IGMP_TRUNCATED, Reports.packet("192.0.2.2", ALL, 1, true, cut));
                }
            }
            byte[] lying = Reports.withChecksum(Arrays.copyOf(query, 12));
            assertIgnored(host, DropReason.IGMP_TRUNCATED, Reports.packet("192.0.2.2", ALL, 1, true, lying));
            assertIgnored(host, DropReason.IGMP_BAD_TTL, Reports.packet("192.0.2.2", ALL, 2, true, query));
            assertIgnored(host, DropReason.IGMP_NO_ROUTER_ALERT, Reports.packet("192.0.2.2", ALL, 1, false, query));
            byte[] v2 = Reports.igmp(0x11, 100, "0.0.0.0");
            assertIgnored(host, DropReason.IGMP_NO_ROUTER_ALERT, Reports.packet("192.0.2.2", ALL, 1, false, v2));
            byte[] odd = Reports.query3(1, "10.0.0.1", 2, 125);
            assertIgnored(host, DropReason.IGMP_BAD_GROUP, Reports.packet("192.0.2.2", ALL, 1, true, odd));
            byte[] unknown = Reports.igmp(0x99, 0, G);
            assertIgnored(host, DropReason.IGMP_UNKNOWN_TYPE, Reports.packet("192.0.2.2", ALL, 1, true, unknown));
            byte[] leave = Reports.igmp(0x17, 0, G);
            assertIgnored(host, DropReason.IGMP_IGNORED, Reports.packet("192.0.2.2", ALL, 1, true, leave));
        }
    }

    @Requirement({"RFC3376:4.1.12-1", "RFC3376:4.1.10-1"})
    @Test
    void aQueryIsTakenFromNobodyToOurAddressAndWithMoreBehindIt() {
        try (IpHost host = member()) {
            byte[] query = Reports.query3(1, "0.0.0.0", 2, 125);
            Reports.hears(host, Reports.packet("0.0.0.0", ALL, 1, true, query));
            host.advance(IpHost.SECOND);
            assertEquals(List.of("IS_EX 239.1.2.3 {}"), Reports.records(host), "a switch without an address");
            host.peerSends(Reports.packet("192.0.2.2", "192.0.2.1", 1, true, query));
            host.advance(IpHost.SECOND);
            assertEquals(List.of("IS_EX 239.1.2.3 {}"), Reports.records(host));
            byte[] longer = Reports.withChecksum(Arrays.copyOf(query, 40));
            Reports.hears(host, ALL, longer);
            host.advance(IpHost.SECOND);
            assertEquals(List.of("IS_EX 239.1.2.3 {}"), Reports.records(host));
            longer[39] = 1;
            Reports.hears(host, ALL, longer);
            host.advance(IpHost.SECOND);
            assertEquals(List.of(), Reports.records(host), "what is behind counts for the checksum");
        }
    }

    @Test
    void aFloodOfQueriesProvokesNoFloodOfReports() {
        try (IpHost host = IpHost.ready()) {
            for (int i = 0; i < 100; i++) {
                Rfc3376Test.join(host, "239.2.0." + i, true);
            }
            host.advance(5 * IpHost.SECOND);
            Reports.taken(host);
            // Ten seconds, a thousand a second, each to be answered at once.
            for (int i = 0; i < 10_000; i++) {
                Reports.hears(host, ALL, Reports.query3(0, "0.0.0.0", 2, 125));
                String one = "239.2.0." + i % 100;
                Reports.hears(host, one, Reports.query3(0, one, 2, 125));
                host.advance(IpHost.MS);
            }
            int sent = host.device.reports.size();
            host.device.reports.clear();
            assertEquals(true, sent <= 100 * 10 + 200 + 1, "sent " + sent);
            assertEquals(true, host.counters.get(DropReason.IGMP_RATE_LIMITED) > 1000, host.counters::toString);
            // Older queriers are a flood of another kind: a report for each group.
            for (int i = 0; i < 1000; i++) {
                Reports.hears(host, ALL, Reports.igmp(0x11, 1, "0.0.0.0"));
                host.advance(10 * IpHost.MS);
            }
            sent = host.device.reports.size();
            assertEquals(true, sent <= 100 * 10 + 200 + 1, "sent " + sent);
        }
    }

    @Test
    void anyBytesAsIgmpEndInACount() {
        try (IpHost host = member()) {
            for (int seed = 0; seed < 3000; seed++) {
                byte[] bytes = Packets.bytes(seed % 40, seed);
                if (bytes.length > 0) {
                    bytes[0] = (byte) new int[] {0x11, 0x12, 0x16, 0x17, 0x22}[seed / 40 % 5];
                }
                if (bytes.length >= 12) {
                    bytes[10] = 0;
                    bytes[11] &= 7;
                }
                byte[] message = bytes.length < 4 ? bytes : Reports.withChecksum(bytes);
                Reports.hears(host, Reports.packet("192.0.2.2", seed % 2 == 0 ? ALL : G, 1, seed % 3 != 0, message));
                host.advance(IpHost.MS);
            }
            assertEquals(true, host.count(StackCounter.IGMP_QUERIES_IN) > 100);
        }
    }

    @Test
    void limitsOfStateAreKeptAndCounted() {
        try (IpHost host = IpHost.ready(c -> {
            c.multicast.maxGroups = 4;
            c.multicast.maxMemberships = 5;
            c.multicast.maxSources = 2;
            c.multicast.maxGroupSources = 3;
        })) {
            Multicast multicast = host.ip.multicast();
            GroupMembership[] joined = new GroupMembership[3];
            for (int i = 0; i < 3; i++) {
                joined[i] = Rfc3376Test.join(host, "239.1.1." + i, true);
            }
            assertEquals(null, multicast.join(host.nic, 0, Packets.lo("239.1.1.9"), true), "224.0.0.1 is the fourth");
            GroupMembership in = Rfc3376Test.join(host, "239.1.1.1", false, "10.0.0.1", "10.0.0.2");
            assertEquals(GroupMembership.LIMIT, in.addSource(0, Packets.lo("10.0.0.3")));
            GroupMembership second = Rfc3376Test.join(host, "239.1.1.1", false, "10.0.0.1");
            assertEquals(GroupMembership.LIMIT, second.addSource(0, Packets.lo("10.0.0.4")), "of the group");
            assertEquals(null, multicast.join(host.nic, 0, Packets.lo("239.1.1.1"), true), "memberships");
            assertEquals(4, host.count(StackCounter.MULTICAST_LIMITED));
            // What was left gives its place although routers are still being told of it.
            joined[0].leave();
            second.leave();
            Rfc3376Test.join(host, "239.1.1.9", true);
            host.advance(5 * IpHost.SECOND);
            assertEquals(true, multicast.isMember(host.nic, 0, Packets.lo("239.1.1.9")));
            long mac = MacAddress.forIpv4Multicast(Packets.ip("239.1.1.0"));
            assertEquals(false, host.nic.port().isListeningTo(mac));
        }
    }

    @Requirement("RFC3376:4-3")
    @Test
    void igmpIsNoTransportOfOthers() {
        try (IpHost host = IpHost.ready()) {
            org.junit.jupiter.api.Assertions.assertThrows(
                    IllegalArgumentException.class,
                    () -> host.ip.setTransport(IpProtocol.IGMP, new Igmp(host.ip, host.counters)));
        }
    }
}
