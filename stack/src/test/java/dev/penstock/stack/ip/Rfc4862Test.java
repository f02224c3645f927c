package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Duplicate address detection (RFC 4862, section 5.4; RFC 4429), and link-local addresses (RFC 7217). */
class Rfc4862Test {
    private static final String US = Packets6.US;
    private static final String PEER = Packets6.PEER;

    private static final class Told implements AddressListener {
        private final List<String> events = new ArrayList<>();

        @Override
        public void onUsable(IpInterface nic, IpAddress address, long nowNs) {
            events.add("usable " + (IpAddress.isLinkLocalV6(address.hi()) ? "link-local" : address));
        }

        @Override
        public void onConflict(IpInterface nic, IpAddress address, long mac, boolean lost, long nowNs) {
            events.add((lost ? "lost " : "conflict ")
                    + (IpAddress.isLinkLocalV6(address.hi()) ? "link-local" : address) + " to "
                    + MacAddress.format(mac));
        }
    }

    private final Told told = new Told();

    private IpHost host(Consumer<IpConfig> settings) {
        IpHost host = new IpHost(null, c -> {
            c.unsolicitedAdverts = 0;
            settings.accept(c);
        });
        host.ip.addAddressListener(told);
        host.ip.addAddress(host.nic, IpPrefix.parse(US + "/64"), host.now);
        return host;
    }

    private static boolean isOurs(IpHost host) {
        return host.ip.isLocalAddress(Packets6.ip(US).hi(), Packets6.ip(US).lo());
    }

    @Requirement({"RFC4862:5.1-1", "RFC4862:5.4-1", "RFC4862:5.4.2-2"})
    @Requirement({"RFC8504:5.4-2", "RFC8504:6.3-3"})
    @Test
    void eachAddressIsAskedForOnceAndUsedMeanwhile() {
        try (IpHost host = host(c -> {})) {
            assertTrue(isOurs(host), "optimistic");
            assertEquals(List.of("usable link-local", "usable " + US), told.events);
            host.turn();
            host.expectNothing();
            host.advance(IpHost.SECOND);
            List<byte[]> probes = new ArrayList<>(host.device.sent);
            assertEquals(2, probes.size());
            byte[] probe = Packets6.ns("::", Packets6.solicitedNode(US), US, MacAddress.NONE);
            assertTrue(probes.stream()
                    .anyMatch(p -> java.util.Arrays.equals(probe, Packets6.withoutNonce(Packets.payload(p)))));
            host.device.sent.clear();
            host.advance(10 * IpHost.SECOND);
            host.expectNothing();
            assertEquals(2, host.count(StackCounter.NDP_SOLICITS_OUT));
        }
    }

    @Requirement("RFC4862:5.4-1")
    @Test
    void withoutOptimismAnAddressIsUsedWhenNobodyElseHasIt() {
        try (IpHost host = host(c -> c.optimisticDad = false)) {
            assertFalse(isOurs(host));
            host.advance(IpHost.SECOND - 1);
            assertFalse(isOurs(host));
            // 5.4.3: who resolves it meanwhile gets no answer.
            host.device.sent.clear();
            Packets6.receive(host, Packets6.ns(PEER, Packets6.solicitedNode(US), US, IpHost.PEER_MAC));
            host.expectDrop(DropReason.NDP_NOT_FOR_US);
            host.advance(IpHost.SECOND + 1);
            assertTrue(isOurs(host));
        }
    }

    @Requirement("RFC4862:5.1-1")
    @Test
    void noneAreAskedForWithNoTransmissions() {
        try (IpHost host = host(c -> c.dadTransmits = 0)) {
            assertTrue(isOurs(host));
            host.advance(10 * IpHost.SECOND);
            host.expectNothing();
        }
    }

    @Requirement({"RFC4862:5.4.3-2", "RFC4862:5.4.4-1"})
    @Test
    void anAdvertisementOrAnotherProbeTakesATentativeAddress() {
        byte[][] claims = {
            Packets6.na(US, "ff02::1", US, IpHost.PEER_MAC, false, true),
            Packets6.ns("::", Packets6.solicitedNode(US), US, MacAddress.NONE)
        };
        for (boolean optimistic : new boolean[] {true, false}) {
            for (byte[] claim : claims) {
                told.events.clear();
                try (IpHost host = host(c -> c.optimisticDad = optimistic)) {
                    // The advertisement comes from the very address that it is about, as those of an honest owner do.
                    Packets6.receive(host, claim);
                    assertFalse(isOurs(host));
                    assertEquals(1, host.count(StackCounter.NDP_DUPLICATES));
                    assertTrue(told.events.contains("lost " + US + " to " + MacAddress.format(IpHost.PEER_MAC)));
                    host.advance(10 * IpHost.SECOND);
                    assertFalse(isOurs(host), "for good");
                }
            }
        }
    }

    @Requirement("RFC4862:5.4.4-2")
    @Test
    void anAddressInUseIsKeptAndTheConflictTold() {
        try (IpHost host = host(c -> {})) {
            host.advance(5 * IpHost.SECOND);
            host.device.sent.clear();
            told.events.clear();
            Packets6.receive(host, Packets6.na(PEER, "ff02::1", US, IpHost.PEER_MAC, false, true));
            host.expectDrop(DropReason.NDP_DUPLICATE);
            assertTrue(isOurs(host));
            assertEquals(List.of("conflict " + US + " to " + MacAddress.format(IpHost.PEER_MAC)), told.events);
        }
    }

    @Requirement("RFC4862:5.4.3-1")
    @Test
    void whileTentativeAnAddressGetsIntoNoCache() {
        try (IpHost host = host(c -> {})) {
            Packets6.receive(host, Packets6.ns(PEER, Packets6.solicitedNode(US), US, IpHost.PEER_MAC));
            assertArrayEquals(
                    Packets6.na(US, PEER, US, IpHost.MAC, true, false),
                    host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6),
                    "the Override flag is clear");
            Packets6.receive(host, Packets6.echo("2001:db8::9", US, 8));
            host.turn();
            // It asks nobody either: Rfc4429Test.
            host.expectNothing();
        }
    }

    @Requirement("RFC4862:5.3-1")
    @Requirement({"RFC8504:6.3-1", "RFC8504:6.3-2"})
    @Test
    void linkLocalAddressesAreStableOpaqueOrOfTheMac() {
        List<String> made = new ArrayList<>();
        for (long[] secret : new long[][] {{1, 2}, {1, 2}, {3, 4}}) {
            try (IpHost host = host(c -> c.stableSecret = secret)) {
                made.add(host.nic.address(0).toString());
                assertTrue(made.get(0).startsWith("fe80::") && made.get(0).endsWith("/64"));
                assertFalse(made.get(0).contains("ff:fe"));
            }
        }
        assertEquals(made.get(0), made.get(1));
        assertNotEquals(made.get(0), made.get(2));
        try (IpHost host = host(c -> c.eui64 = true)) {
            assertEquals("fe80::ff:fe00:1/64", host.nic.address(0).toString());
        }
    }

    @Requirement("RFC4862:5.4.5-2")
    @Test
    void anotherOpaqueAddressIsMadeWhenOneIsTaken() {
        try (IpHost host = host(c -> {})) {
            IpAddress first = host.nic.address(0).address();
            for (int i = 0; i < 6; i++) {
                IpAddress now = linkLocal(host);
                if (now != null) {
                    Packets6.receive(
                            host,
                            Packets6.ns("::", Packets6.solicitedNode(now.toString()), now.toString(), MacAddress.NONE));
                    assertNotEquals(first, linkLocal(host));
                }
            }
            assertEquals(null, linkLocal(host), "not for ever: RFC 7217, IDGEN_RETRIES");
            assertEquals(4, host.count(StackCounter.NDP_DUPLICATES));
            assertTrue(isOurs(host));
        }
    }

    private static IpAddress linkLocal(IpHost host) {
        for (int i = 0; i < host.nic.addressCount(); i++) {
            if (IpAddress.isLinkLocalV6(host.nic.address(i).address().hi())) {
                return host.nic.address(i).address();
            }
        }
        return null;
    }

    @Requirement({"RFC4861:7.2.1-1", "RFC4862:5.4.2-1"})
    @Requirement("RFC8504:6.1-1")
    @Test
    void groupsAreJoinedAndLeftWithTheAddresses() {
        try (IpHost host = host(c -> {})) {
            long group = MacAddress.forIpv6Multicast(
                    IpAddress.solicitedNodeLo(Packets6.ip(US).lo()));
            assertTrue(host.nic.port().isListeningTo(group));
            assertTrue(host.nic.port().isListeningTo(0x3333_0000_0001L));
            // Another address with the same last three bytes has the same group.
            host.ip.addAddress(host.nic, IpPrefix.parse("2001:db8:1::1/64"), host.now);
            host.ip.removeAddress(host.nic, Packets6.ip(US), host.now);
            assertTrue(host.nic.port().isListeningTo(group));
            host.ip.removeAddress(host.nic, Packets6.ip("2001:db8:1::1"), host.now);
            assertFalse(host.nic.port().isListeningTo(group));
            host.ip.removeAddress(host.nic, host.nic.address(0).address(), host.now);
            assertFalse(host.nic.port().isListeningTo(0x3333_0000_0001L));
            assertEquals(0, host.ip.routes().list().size());
            Packets6.receive(host, Packets6.echo(PEER, US, 8));
            host.expectDrop(DropReason.IPV6_DISABLED);
        }
    }
}
