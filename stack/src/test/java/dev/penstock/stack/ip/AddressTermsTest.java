package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Lifetimes of addresses (RFC 4862, section 5.5.4) and of routes. */
class AddressTermsTest {
    private static final IpPrefix A = IpPrefix.parse("2001:db8:a::1/64");
    private static final IpAddress FAR = IpAddress.parse("2001:db8:ffff::7");

    private final List<String> told = new ArrayList<>();

    private IpHost host() {
        IpHost host = new IpHost(null, c -> c.dadTransmits = 0);
        host.ip.addAddressListener(new AddressListener() {
            @Override
            public void onDeprecated(IpInterface nic, IpAddress address, long nowNs) {
                told.add("deprecated " + address);
            }

            @Override
            public void onPreferred(IpInterface nic, IpAddress address, long nowNs) {
                told.add("preferred " + address);
            }

            @Override
            public void onRemoved(IpInterface nic, IpAddress address, Origin origin, long nowNs) {
                told.add("removed " + address + " " + origin);
            }
        });
        return host;
    }

    private static AddressTerms terms(IpHost host, long preferred, long valid) {
        return new AddressTerms(
                Origin.SLAAC, AddressTerms.after(preferred, host.now), AddressTerms.after(valid, host.now), false);
    }

    @Requirement("RFC4862:5.5.4-1")
    @Test
    void anAddressIsPreferredThenDeprecatedThenGone() {
        try (IpHost host = host()) {
            assertTrue(host.ip.addresses().put(host.nic, A, terms(host, 10, 20), host.now));
            host.advance(10 * IpHost.SECOND - 1);
            assertEquals(List.of(), told);
            host.advance(1);
            assertEquals(List.of("deprecated 2001:db8:a::1"), told);
            assertTrue(host.ip.isLocalAddress(A.address().hi(), A.address().lo()), "it still receives");
            host.advance(10 * IpHost.SECOND);
            assertEquals(List.of("deprecated 2001:db8:a::1", "removed 2001:db8:a::1 SLAAC"), told);
            assertFalse(host.ip.isLocalAddress(A.address().hi(), A.address().lo()));
        }
    }

    @Requirement("RFC4862:5.5.4-1")
    @Test
    void deprecatedAddressesAreNotChosenWhileThereAreOthers() {
        try (IpHost host = host()) {
            IpPrefix b = IpPrefix.parse("2001:db8:b::1/64");
            host.ip.addresses().put(host.nic, A, terms(host, 10, 100), host.now);
            host.ip.addresses().put(host.nic, b, terms(host, 50, 100), host.now);
            host.ip.addRoute(new Route(IpPrefix.parse("::/0"), IpAddress.parse("fe80::9"), host.nic, 0));
            assertEquals(A.address(), source(host));
            host.advance(10 * IpHost.SECOND);
            assertEquals(b.address(), source(host), "rule 3 of RFC 6724, section 5");
            host.ip
                    .addresses()
                    .setLifetimes(host.nic, A.address(), AddressTerms.FOREVER, AddressTerms.FOREVER, host.now);
            assertEquals(A.address(), source(host));
            assertEquals("preferred 2001:db8:a::1", told.get(1));
        }
    }

    private static IpAddress source(IpHost host) {
        IpPath path = host.ip.path(0, 0, FAR.hi(), FAR.lo(), host.now);
        IpAddress source = new IpAddress(path.srcHi(), path.srcLo());
        path.release();
        return source;
    }

    @Test
    void aLeaseBringsItsNetworkAndTakesItAlong() {
        try (IpHost host = host()) {
            IpPrefix leased = IpPrefix.parse("198.51.100.7/24");
            IpAddress neighbor = IpAddress.parse("198.51.100.9");
            AddressTerms lease = AddressTerms.lease(Origin.DHCP, 60, host.now);
            assertTrue(host.ip.addresses().put(host.nic, leased, lease, host.now));
            Route route = new Route(IpPrefix.parse("198.51.100.0/24"), null, host.nic, 0);
            assertEquals(
                    List.of(new RouteInfo(route, Origin.DHCP, AddressTerms.FOREVER)),
                    host.ip.routes().list());
            IpPath path = host.ip.path(0, 0, neighbor.hi(), neighbor.lo(), host.now);
            assertNotNull(path);
            // Renewed half way, it lasts from then on.
            host.advance(30 * IpHost.SECOND);
            AddressTerms renewed = AddressTerms.lease(Origin.DHCP, 60, host.now);
            assertTrue(host.ip.addresses().put(host.nic, leased, renewed, host.now));
            host.advance(59 * IpHost.SECOND);
            assertEquals(renewed, host.ip.addresses().list(host.nic).get(0).terms());
            host.advance(IpHost.SECOND);
            assertEquals(List.of(), host.ip.routes().list());
            assertNull(host.ip.path(0, 0, neighbor.hi(), neighbor.lo(), host.now));
            path.release();
        }
    }

    @Test
    void whatTheNetworkTellsIsNotTrusted() {
        try (IpHost host = host()) {
            host.ip.addAddress(host.nic, A, host.now);
            assertFalse(host.ip.addresses().put(host.nic, A, terms(host, 1, 1), host.now), "ours by another origin");
            for (String bad : List.of("ff02::1/64", "::1/128", "2001:db8::/64", "127.0.0.2/8", "224.0.0.1/24")) {
                assertFalse(host.ip.addresses().put(host.nic, IpPrefix.parse(bad), terms(host, 1, 1), host.now), bad);
            }
            IpPrefix late = IpPrefix.parse("2001:db8:1::1/64");
            assertFalse(host.ip.addresses().put(host.nic, late, terms(host, 0, 0), host.now), "over already");
            assertThrows(IllegalArgumentException.class, () -> terms(host, 2, 1));
            for (int i = host.nic.addressCount(); i < IpInterface.MAX_ADDRESSES; i++) {
                IpPrefix one = IpPrefix.parse("2001:db8:" + Integer.toHexString(i) + "::2/64");
                assertTrue(host.ip.addresses().put(host.nic, one, terms(host, 1, 1), host.now));
            }
            assertFalse(host.ip.addresses().put(host.nic, late, terms(host, 1, 1), host.now));
            host.expectDrop(DropReason.ADDRESS_TABLE_FULL);
        }
    }

    @Test
    void routesEndByThemselvesAndEachOriginHasItsOwn() {
        try (IpHost host = host()) {
            List<String> changes = new ArrayList<>();
            host.ip
                    .routes()
                    .setListener((route, origin, added) ->
                            changes.add((added ? "+" : "-") + route.destination() + " " + origin));
            Route route = new Route(IpPrefix.parse("0.0.0.0/0"), IpAddress.parse("192.0.2.9"), host.nic, 5);
            long end = host.now + 10 * IpHost.SECOND;
            assertTrue(host.ip.routes().put(route, Origin.DHCP, end, host.now));
            assertTrue(host.ip.routes().put(route, Origin.SLAAC, end, host.now));
            assertTrue(host.ip.routes().put(route, Origin.DHCP, end + IpHost.SECOND, host.now), "prolonged");
            host.advance(10 * IpHost.SECOND);
            assertEquals(1, host.ip.routes().list().size());
            assertNotNull(
                    host.ip.routes().find(0, IpAddress.parse("203.0.113.1").lo()));
            host.advance(IpHost.SECOND);
            assertEquals(
                    List.of("+0.0.0.0/0 DHCP", "+0.0.0.0/0 SLAAC", "-0.0.0.0/0 SLAAC", "-0.0.0.0/0 DHCP"), changes);
            for (int i = 0; i < RouteTable.MAX_ROUTES; i++) {
                host.ip.addRoute(new Route(IpPrefix.parse("10.0." + i + ".0/24"), null, host.nic, 0));
            }
            assertFalse(host.ip.routes().put(route, Origin.DHCP, AddressTerms.FOREVER, host.now));
            host.expectDrop(DropReason.ROUTE_TABLE_FULL);
        }
    }
}
