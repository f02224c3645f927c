package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.neighbor.NeighborState;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.RouterAdvertisement;
import java.util.HashSet;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Which router: preferences (RFC 4191), reachability (RFC 4861, section 6.3.6), redirects (section 8). */
class RouterChoiceTest {
    private static final String R1 = RaHost.R1;
    private static final String R2 = RaHost.R2;
    private static final String FAR = RaHost.FAR;

    private static RouterAdvertisement net() {
        return RaHost.ra().prefix("2001:db8:1::/64", false, true, 90_000, 90_000);
    }

    private static RaHost withTwo(int first, int second) {
        RaHost h = RaHost.settled();
        h.hear(R1, net().preference(first).linkAddress(RaHost.R1_MAC));
        h.hear(R2, net().preference(second).linkAddress(RaHost.R2_MAC));
        h.host.advance(3 * IpHost.SECOND);
        h.host.device.sent.clear();
        return h;
    }

    /** Sends something to an address, as often as a second. */
    private static void traffic(RaHost h, String to, int seconds, String... answering) {
        int id = h.host.ip.openEcho((a, b, c, d, e, f, g, i) -> {});
        IpPath path = h.host.ip.path(0, 0, Packets6.ip(to).hi(), Packets6.ip(to).lo(), h.host.now);
        for (int i = 0; i < seconds; i++) {
            h.host.ip.sendEcho(path, id, i, new UnsafeBuffer(new byte[8]), 0, 8, 0, 64, false, h.host.now);
            h.host.advance(IpHost.SECOND);
            if (java.util.List.of(answering).contains(h.hop(to))) {
                h.host.ip.confirmReachable(path, h.host.now);
            }
        }
        path.release();
        h.host.ip.closeEcho(id);
    }

    @Requirement({"RFC4191:2.2-1", "RFC4191:3.1-1", "RFC4191:3.2-1"})
    @Requirement("RFC8504:5.9-1")
    @Test
    void thePreferredRouterIsChosen() {
        int[][] cases = {{0, 1, 2}, {1, 0, 1}, {-1, 0, 2}, {0, -1, 1}, {0, 0, 1}, {-2, -1, 1}, {-2, 1, 2}};
        for (int[] c : cases) {
            try (RaHost h = withTwo(c[0], c[1])) {
                assertEquals(c[2] == 1 ? R1 : R2, h.hop(FAR), c[0] + " " + c[1]);
            }
        }
        try (RaHost h = withTwo(1, 0)) {
            h.hear(R1, net().preference(-1));
            assertEquals(R2, h.hop(FAR), "preferences change");
            assertEquals(2, h.routers().size());
        }
    }

    @Requirement({"RFC4191:2.3-1", "RFC4191:2.3-2", "RFC4191:3.1-2", "RFC4191:3.2-2"})
    @Requirement("RFC8504:5.9-1")
    @Test
    void moreSpecificRoutesGoBeforeDefaultOnes() {
        try (RaHost h = withTwo(1, 0)) {
            h.hear(R2, net().route("2001:db8:ffff::/48", -1, 100));
            assertEquals(R2, h.hop(FAR));
            assertEquals(R1, h.hop("2001:db8:fffe::1"));
            h.hear(R2, net().route("2001:db8:ffff::/48", 0, 0));
            assertEquals(R1, h.hop(FAR));
            // A route option for everything overrides what the router says of itself.
            h.hear(R2, net().route("::/0", 1, 100).preference(-1));
            h.hear(R1, net().preference(0));
            assertEquals(R2, h.hop(FAR));
            long before = h.drops(DropReason.NDP_BAD_PARAMETER);
            byte[] tooShort = {24, 1, 64, 0, 0, 0, 1, 0};
            byte[] tooLong = new byte[32];
            tooLong[0] = 24;
            tooLong[1] = 4;
            byte[] tooMany = {24, 2, (byte) 129, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
            h.hear(R2, net().raw(tooShort).raw(tooLong).raw(tooMany));
            h.hear(R2, net().route("2001:db8:ffff::/48", -2, 100));
            h.hear(R2, net().route("ff00::/8", 0, 100).route("fe80::/10", 0, 100));
            assertEquals(before + 6, h.drops(DropReason.NDP_BAD_PARAMETER));
        }
    }

    @Requirement({"RFC4861:6.3.6-1", "RFC4191:3.2-1", "RFC7048:3-1"})
    @Test
    void aRouterThatDoesNotAnswerIsPassedOver() {
        try (RaHost h = withTwo(1, 0)) {
            assertEquals(R1, h.hop(FAR));
            // DELAY for 5 s, three probes a second apart: then it is known.
            traffic(h, FAR, 9);
            assertEquals(NeighborState.UNREACHABLE, h.neighbor(R1).state());
            assertEquals(R2, h.hop(FAR), "the path was found anew");
            assertEquals(1, h.host.count(StackCounter.NEIGHBOR_UNREACHABLE));
        }
    }

    @Requirement({"RFC4191:3.5-1", "RFC4191:3.5-2"})
    @Test
    void aRouterThatIsPassedOverIsAskedOnceAMinuteAndTakenAgain() {
        try (RaHost h = withTwo(1, 0)) {
            h.verify(R2, RaHost.R2_MAC);
            h.verify(R1, RaHost.R1_MAC);
            assertEquals(R1, h.hop(FAR));
            h.host.advance(60 * IpHost.SECOND);
            traffic(h, FAR, 60, R2);
            assertEquals(R2, h.hop(FAR));
            int asked = 0;
            for (int i = 0; i < 5; i++) {
                h.host.device.sent.clear();
                traffic(h, FAR, 60, R2);
                asked += countQuestions(h, R1);
            }
            assertTrue(asked >= 4 && asked <= 6, asked + " questions in five minutes");
            h.host.device.sent.clear();
            h.host.advance(300 * IpHost.SECOND);
            assertEquals(0, countQuestions(h, R1), "not without traffic");
            h.verify(R1, RaHost.R1_MAC);
            assertEquals(R1, h.hop(FAR));
        }
    }

    private static int countQuestions(RaHost h, String target) {
        int n = 0;
        for (byte[] frame : h.host.device.sent) {
            boolean ns = (frame[54] & 0xff) == Icmpv6Header.NEIGHBOR_SOLICITATION;
            n += ns && frame[54 + 23] == (byte) Packets6.ip(target).lo() ? 1 : 0;
        }
        return n;
    }

    @Requirement("RFC4861:6.3.6-2")
    @Test
    void whenNoneAnswersTheyTakeTurns() {
        try (RaHost h = withTwo(1, 0)) {
            traffic(h, FAR, 60);
            Set<String> hops = new HashSet<>();
            for (int i = 0; i < 4; i++) {
                hops.add(h.hop("2001:db8:ffff::" + i));
            }
            assertEquals(Set.of(R1, R2), hops);
        }
    }

    @Test
    void aStrangerWhoClaimsTheHighestPreferenceMustAnswerFirst() {
        try (RaHost h = RaHost.settled()) {
            h.hear(R1, net().linkAddress(RaHost.R1_MAC));
            h.verify(R1, RaHost.R1_MAC);
            h.hear(R2, net().preference(1).linkAddress(RaHost.R2_MAC));
            assertEquals(R1, h.hop(FAR));
            traffic(h, FAR, 1);
            assertEquals(1, countQuestions(h, R2), "it is asked when there is something to send");
            h.verify(R2, RaHost.R2_MAC);
            assertEquals(R2, h.hop(FAR));
        }
    }

    @Test
    void aConfiguredGatewayThatIsDeadGivesWayToAnother() {
        try (RaHost h = withTwo(0, 0)) {
            h.host.ip.addRoute(new Route(IpPrefix.parse("::/0"), Packets6.ip("fe80::1"), h.host.nic, 0));
            assertEquals("fe80::1", h.hop(FAR));
            traffic(h, FAR, 4);
            assertEquals(R1, h.hop(FAR));
            h.verify("fe80::1", 0x02_00_00_00_0b_01L);
            assertEquals("fe80::1", h.hop(FAR));
        }
    }

    // --- redirects ---

    @Requirement({"RFC4861:8.3-1", "RFC4861:8.3-3"})
    @Requirement("RFC8504:5.4-6")
    @Test
    void aRedirectChangesTheWayToOneDestination() {
        try (RaHost h = withTwo(1, 0)) {
            Packets6.receive(h.host, RaHost.redirect(R1, h.source(FAR), R2, FAR, RaHost.R2_MAC));
            assertEquals(R2, h.hop(FAR));
            assertEquals(R1, h.hop("2001:db8:ffff::8"), "no other");
            assertEquals(1, h.host.count(StackCounter.NDP_REDIRECTS_FOLLOWED));
            assertTrue(h.neighbor(R2).isRouter());
            // The destination itself may be on the link.
            String near = "2001:db8:ffff::9";
            Packets6.receive(h.host, RaHost.redirect(R1, h.source(FAR), near, near, 0x02_00_00_00_0c_01L));
            assertEquals(near, h.hop(near));
            assertEquals(NeighborState.STALE, h.neighbor(near).state());
            // From the new first hop on to a third; the old one has no say any more.
            Packets6.receive(h.host, RaHost.redirect(R1, h.source(FAR), "fe80::a3", FAR, MacAddress.NONE));
            assertEquals(R2, h.hop(FAR));
            Packets6.receive(h.host, RaHost.redirect(R2, h.source(FAR), "fe80::a3", FAR, MacAddress.NONE));
            assertEquals("fe80::a3", h.hop(FAR));
            h.hear(R1, net().lifetime(0));
            assertEquals(R2, h.hop(FAR), "it was an exception from a route that is gone");
        }
    }

    @Requirement("RFC4861:8.1-1")
    @Requirement("RFC8504:5.4-6")
    @Test
    void redirectsThatAreNotValidAreRefused() {
        try (RaHost h = withTwo(1, 0)) {
            String us = h.source(FAR);
            byte[] forwarded = RaHost.redirect(R1, us, R2, FAR, RaHost.R2_MAC);
            forwarded[7] = 64;
            Object[][] cases = {
                {forwarded, DropReason.NDP_BAD_HOP_LIMIT},
                {RaHost.redirect("2001:db8::a1", us, R2, FAR, RaHost.R2_MAC), DropReason.NDP_MALFORMED},
                {RaHost.redirect(R1, us, R2, "ff0e::1", RaHost.R2_MAC), DropReason.NDP_MALFORMED},
                {RaHost.redirect(R1, us, "2001:db8::a2", FAR, RaHost.R2_MAC), DropReason.NDP_MALFORMED},
                {RaHost.redirect(R1, us, R2, FAR, IpHost.MAC), DropReason.NDP_MALFORMED},
                {RaHost.redirect(R2, us, "fe80::a3", FAR, RaHost.R2_MAC), DropReason.NDP_REDIRECT_REFUSED},
                {RaHost.redirect(R1, us, h.linkLocal(), FAR, RaHost.R2_MAC), DropReason.NDP_REDIRECT_REFUSED},
            };
            for (Object[] each : cases) {
                long before = h.drops((DropReason) each[1]);
                Packets6.receive(h.host, (byte[]) each[0]);
                assertEquals(before + 1, h.drops((DropReason) each[1]));
                assertEquals(R1, h.hop(FAR));
            }
            byte[] whole = RaHost.redirect(R1, us, R2, FAR, RaHost.R2_MAC);
            for (int length = 40; length < whole.length; length++) {
                byte[] cut = java.util.Arrays.copyOf(whole, length);
                cut[5] = (byte) (length - 40);
                if (length >= 44) {
                    RaHost.mendChecksum(cut);
                }
                Packets6.receive(h.host, cut);
                // A whole redirect without the option is one, too.
                assertEquals(length == 80 ? R2 : length > 80 ? R2 : R1, h.hop(FAR), length + " bytes");
            }
        }
        try (RaHost h = RaHost.settled(c -> c.maxRedirects = 0)) {
            h.hear(R1, net());
            Packets6.receive(h.host, RaHost.redirect(R1, h.source(FAR), R2, FAR, RaHost.R2_MAC));
            assertEquals(R1, h.hop(FAR), "they can be ignored");
            assertEquals(1, h.drops(DropReason.NDP_REDIRECT_REFUSED));
        }
    }

    @Requirement("RFC4861:8.3-4")
    @Test
    void aRedirectToWhoDoesNotAnswerIsForgotten() {
        try (RaHost h = withTwo(1, 0)) {
            h.verify(R1, RaHost.R1_MAC);
            Packets6.receive(h.host, RaHost.redirect(R1, h.source(FAR), "fe80::dead", FAR, MacAddress.NONE));
            assertEquals("fe80::dead", h.hop(FAR));
            traffic(h, FAR, 4);
            assertEquals(R1, h.hop(FAR));
        }
    }

    @Test
    void redirectsAreBounded() {
        try (RaHost h = withTwo(1, 0)) {
            for (int i = 0; i < 1000; i++) {
                String to = "2001:db8:eeee::" + Integer.toHexString(i);
                Packets6.receive(h.host, RaHost.redirect(R1, h.source(FAR), R2, to, MacAddress.NONE));
            }
            assertEquals(256, h.host.ip.redirects().size());
            assertEquals(R1, h.hop("2001:db8:eeee::1"), "the oldest went");
            assertEquals(R2, h.hop("2001:db8:eeee::3e7"));
            assertNotEquals(0, h.host.count(StackCounter.NDP_REDIRECTS_FOLLOWED));
        }
    }
}
