package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.MacAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A host with two interfaces: which addresses are where, which routes are taken, what becomes of links that go down. */
class HostModelTest {
    private static final String ZERO = "192.0.2.1";
    private static final String ONE = "198.51.100.1";

    private static MultiHost host(HostModel model) {
        MultiHost host = new MultiHost(2, c -> c.hostModel = model);
        return host.address(0, ZERO + "/24")
                .address(1, ONE + "/24")
                .address(0, "2001:db8::1/64")
                .address(1, "2001:db8:1::1/64")
                .route("0.0.0.0/0", "192.0.2.254", 0, 0)
                .route("0.0.0.0/0", "198.51.100.254", 1, 10)
                .ready()
                .knows(0, "192.0.2.254", ZERO)
                .knows(1, "198.51.100.254", ONE)
                .knows(1, "198.51.100.2", ONE);
    }

    private static byte[] echo(String from, String to) {
        byte[] message = Packets.icmp(IcmpHeader.ECHO_REQUEST, 0, 0x0007_0001, new byte[8]);
        return Packets.ipv4(Packets.ip(from), Packets.ip(to), IpProtocol.ICMP, message);
    }

    @Test
    void theStrongModelTakesPacketsWhereTheAddressIs() {
        try (MultiHost host = host(HostModel.STRONG)) {
            host.receive(1, echo("198.51.100.2", ZERO));
            assertEquals(1, host.counters.get(DropReason.IPV4_WRONG_INTERFACE));
            host.receive(1, Packets6.echo("2001:db8:1::2", "2001:db8::1", 8));
            assertEquals(1, host.counters.get(DropReason.IPV6_WRONG_INTERFACE));
            host.receive(1, echo("198.51.100.2", "203.0.113.9"));
            assertEquals(1, host.counters.get(DropReason.IPV4_NOT_FOR_US), "never forwarded");
            host.expectNothing();
            host.receive(1, echo("198.51.100.2", ONE));
            host.expect(1, EthernetHeader.TYPE_IPV4);
        }
    }

    @Test
    void theWeakModelTakesThemAnywhere() {
        try (MultiHost host = host(HostModel.WEAK)) {
            host.receive(1, echo("198.51.100.2", ZERO));
            host.expect(1, EthernetHeader.TYPE_IPV4);
            host.receive(1, Packets6.echo("2001:db8:1::2", "2001:db8::1", 8));
            assertEquals(0, host.counters.get(DropReason.IPV6_WRONG_INTERFACE));
            host.receive(1, echo("198.51.100.2", "203.0.113.9"));
            assertEquals(1, host.counters.get(DropReason.IPV4_NOT_FOR_US));
        }
    }

    @ParameterizedTest
    @CsvSource({
        // model, source, destination, by which interface (-1: no way), next hop
        "STRONG, , 203.0.113.9, 0",
        "STRONG, 192.0.2.1, 203.0.113.9, 0",
        "STRONG, 198.51.100.1, 203.0.113.9, 1",
        "STRONG, 198.51.100.1, 198.51.100.2, 1",
        "STRONG, 192.0.2.1, 198.51.100.2, 0",
        "WEAK, , 203.0.113.9, 0",
        "WEAK, 198.51.100.1, 203.0.113.9, 0",
        "WEAK, 192.0.2.1, 198.51.100.2, 1",
    })
    void theSourceChoosesTheInterfaceInTheStrongModel(HostModel model, String source, String destination, int by) {
        try (MultiHost host = host(model)) {
            assertEquals(1, host.ping(source, destination, IpOutput.ANY_INTERFACE));
            long gateway = MultiHost.peerMac(by);
            assertEquals(gateway, EthernetHeader.destination(host.expect(by, EthernetHeader.TYPE_IPV4), 0));
            host.expectNothing();
        }
    }

    @Test
    void withoutARouteByTheInterfaceOfTheSourceThereIsNone() {
        try (MultiHost host = new MultiHost(2, c -> {})) {
            host.address(0, ZERO + "/24").address(1, ONE + "/24").ready();
            assertNull(host.path(ZERO, "198.51.100.2", IpOutput.ANY_INTERFACE));
            assertNull(host.path(ZERO, "198.51.100.2", 1), "bound to an interface that has not the source");
            IpPath path = host.path(null, "198.51.100.2", 1);
            assertEquals(IpAddress.parse(ONE), new IpAddress(path.srcHi(), path.srcLo()));
            assertEquals(1, path.zone());
            path.release();
            assertNull(host.path(null, "198.51.100.2", 0), "bound to an interface that has no route");
        }
    }

    @ParameterizedTest
    @EnumSource(HostModel.class)
    void groupsAndBroadcastsLeaveByTheInterfaceChosen(HostModel model) {
        try (MultiHost host = host(model)) {
            for (int i = 1; i >= 0; i--) {
                assertEquals(1, host.ping(null, "255.255.255.255", i));
                assertEquals(
                        MacAddress.BROADCAST, EthernetHeader.destination(host.expect(i, EthernetHeader.TYPE_IPV4), 0));
                assertEquals(1, host.ping(null, "224.0.0.251", i));
                assertEquals(
                        MacAddress.forIpv4Multicast(Packets.ip("224.0.0.251")),
                        EthernetHeader.destination(host.expect(i, EthernetHeader.TYPE_IPV4), 0));
                assertEquals(1, host.ping(null, "ff02::fb", i));
                assertEquals(
                        MacAddress.forIpv6Multicast(0xfb),
                        EthernetHeader.destination(host.expect(i, EthernetHeader.TYPE_IPV6), 0));
                host.expectNothing();
            }
            assertEquals(1, host.ping(ONE, "255.255.255.255", IpOutput.ANY_INTERFACE));
            host.expect(1, EthernetHeader.TYPE_IPV4);
        }
    }

    @Test
    void theLongestPrefixThenTheMetricThenAgeDecides() {
        try (MultiHost host = host(HostModel.STRONG)) {
            host.route("203.0.113.0/24", "198.51.100.254", 1, 50);
            assertEquals(1, host.ping(null, "203.0.113.9", -1));
            host.expect(1, EthernetHeader.TYPE_IPV4);
            host.route("203.0.113.0/24", "192.0.2.254", 0, 50);
            assertEquals(1, host.ping(null, "203.0.113.9", -1));
            host.expect(1, EthernetHeader.TYPE_IPV4);
            host.route("203.0.113.0/24", "192.0.2.254", 0, 40);
            assertEquals(1, host.ping(null, "203.0.113.9", -1));
            host.expect(0, EthernetHeader.TYPE_IPV4);
        }
    }

    @Test
    void routesOfALinkThatIsDownArePassedOver() {
        try (MultiHost host = host(HostModel.STRONG)) {
            List<String> told = new ArrayList<>();
            host.ip.addLinkListener((nic, up, now) -> told.add(nic.name() + " " + up));
            IpPath kept = host.path(null, "203.0.113.9", IpOutput.ANY_INTERFACE);
            host.devices.get(0).up = false;
            host.turn();
            assertEquals(1, host.ping(null, "203.0.113.9", -1));
            host.expect(1, EthernetHeader.TYPE_IPV4);
            assertEquals(IpOutput.NO_ROUTE, send(host, kept), "its source is of the link that is down");
            host.advance(MultiHost.SECOND);
            host.devices.get(0).up = true;
            host.advance(MultiHost.SECOND);
            assertEquals(List.of("eth0 false", "eth0 true"), told);
            assertEquals(1, host.counters.get(StackCounter.LINK_DOWNS));
            assertEquals(1, host.counters.get(StackCounter.LINK_UPS));
            // The addresses are announced anew.
            host.expect(0, EthernetHeader.TYPE_ARP);
            host.advance(5 * MultiHost.SECOND);
            host.devices.get(0).sent.clear();
            host.devices.get(1).sent.clear();
            assertEquals(1, send(host, kept));
            host.expect(0, EthernetHeader.TYPE_IPV4);
            kept.release();
        }
    }

    private static int send(MultiHost host, IpPath path) {
        return host.ip.sendEcho(path, 7, 1, Packets.view(new byte[8]), 0, 8, 0, 64, false, host.now);
    }

    @Test
    void aWeakHostsConnectionGoesOnByAnotherLink() {
        try (MultiHost host = host(HostModel.WEAK)) {
            IpPath kept = host.path(null, "203.0.113.9", IpOutput.ANY_INTERFACE);
            host.devices.get(0).up = false;
            host.turn();
            assertEquals(1, send(host, kept));
            host.expect(1, EthernetHeader.TYPE_IPV4);
            kept.release();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 192.0.2.1, IPV4_BAD_SOURCE",
        "192.0.2.2, 127.0.0.1, IPV4_NOT_FOR_US",
        "198.51.100.1, 192.0.2.1, IPV4_BAD_SOURCE"
    })
    void martiansAreCounted(String from, String to, DropReason reason) {
        try (MultiHost host = host(HostModel.WEAK)) {
            host.receive(0, echo(from, to));
            assertEquals(1, host.counters.get(reason));
            host.expectNothing();
        }
    }

    @ParameterizedTest
    @CsvSource({"::1, 2001:db8::1, IPV6_BAD_SOURCE", "2001:db8::2, ::1, IPV6_NOT_FOR_US"})
    void martiansOfIpv6AreCounted(String from, String to, DropReason reason) {
        try (MultiHost host = host(HostModel.WEAK)) {
            host.receive(0, Packets6.echo(from, to, 8));
            assertEquals(1, host.counters.get(reason));
            host.expectNothing();
        }
    }

    @Test
    void ourOwnAddressesAreReachedWithoutALink() {
        try (MultiHost host = host(HostModel.STRONG)) {
            for (String[] pair : new String[][] {{ZERO, ONE}, {ONE, ZERO}, {null, "127.3.2.1"}, {null, "::1"}}) {
                IpPath path = host.path(pair[0], pair[1], IpOutput.ANY_INTERFACE);
                assertNotNull(path);
                assertEquals(true, path.isLoopback());
                path.release();
            }
        }
    }
}
