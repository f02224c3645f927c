package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Extension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Zones of link-local addresses: the same address on two links is two addresses. */
class Rfc4007Test {
    private static final String PEER = "fe80::99";

    /** Two interfaces, fe80::1 on both, with neighbours that both are fe80::99. */
    private static MultiHost host() {
        MultiHost host = new MultiHost(2, c -> {});
        host.address(0, "fe80::1/64").address(1, "fe80::1/64").ready();
        for (int i = 0; i < 2; i++) {
            host.receive(i, Packets6.ns(PEER, "fe80::1", "fe80::1", MultiHost.peerMac(i)));
            host.devices.get(i).sent.clear();
        }
        return host;
    }

    @Test
    void neighboursOfTheSameAddressAreReachedByTheirZones() {
        try (MultiHost host = host()) {
            for (int i = 1; i >= 0; i--) {
                assertEquals(1, host.ping(null, PEER, i));
                assertEquals(
                        MultiHost.peerMac(i), EthernetHeader.destination(host.expect(i, EthernetHeader.TYPE_IPV6), 0));
                host.expectNothing();
            }
            IpPath first = host.path(null, PEER, 0);
            IpPath second = host.path(null, PEER, 1);
            assertTrue(first != second, "each zone has a path of its own");
            assertEquals(0, first.zone());
            assertEquals(1, second.zone());
            first.release();
            second.release();
        }
    }

    @Test
    void withoutAZoneTheFirstInterfaceIsTheDefault() {
        try (MultiHost host = host()) {
            IpPath path = host.path(null, PEER, IpOutput.ANY_INTERFACE);
            assertEquals(0, path.zone());
            path.release();
        }
    }

    @Test
    void answersLeaveByTheInterfaceOfTheQuestion() {
        try (MultiHost host = host()) {
            for (int i = 0; i < 2; i++) {
                host.receive(i, Packets6.echo(PEER, "fe80::1", 8));
                host.expect(i, EthernetHeader.TYPE_IPV6);
                // No such protocol: an ICMPv6 error goes back, too.
                host.receive(i, Packets6.ipv6(PEER, "fe80::1", 253, new byte[16]));
                host.expect(i, EthernetHeader.TYPE_IPV6);
                host.expectNothing();
            }
        }
    }

    @Test
    void ourAddressOfOneLinkIsANeighboursOnAnother() {
        try (MultiHost host = new MultiHost(2, c -> {})) {
            host.address(0, "fe80::1/64").address(1, "fe80::2/64").ready();
            IpPath own = host.path(null, "fe80::1", 0);
            assertTrue(own.isLoopback());
            assertEquals(0, own.zone());
            own.release();
            IpPath other = host.path(null, "fe80::1", 1);
            assertTrue(!other.isLoopback(), "fe80::1%eth1 is not ours");
            other.release();
            // And it may send to us there.
            host.receive(1, Packets6.ns("fe80::1", "fe80::2", "fe80::2", MultiHost.peerMac(1)));
            host.expect(1, EthernetHeader.TYPE_IPV6);
            host.receive(1, Packets6.echo("fe80::1", "fe80::2", 8));
            host.expect(1, EthernetHeader.TYPE_IPV6);
        }
    }

    @Test
    void aSourceOfOneLinkLeavesByNoOther() {
        try (MultiHost host = new MultiHost(2, c -> {})) {
            host.address(0, "fe80::1/64").address(1, "fe80::2/64").ready();
            assertNull(host.path("fe80::1", PEER, 1));
            IpPath path = host.path("fe80::2", PEER, IpOutput.ANY_INTERFACE);
            assertEquals(1, path.zone(), "the bound source tells the zone");
            path.release();
        }
    }

    @Test
    void fragmentsOfDifferentLinksAreNotJoined() {
        try (MultiHost host = host()) {
            byte[] whole = Packets6.message(PEER, "fe80::1", 128, 0, 0x0007_0001, Packets.bytes(24, 1));
            byte[] front = fragment(whole, 0, 16, true);
            byte[] back = fragment(whole, 16, whole.length - 16, false);
            host.receive(0, front);
            host.receive(1, back);
            host.expectNothing();
            host.receive(0, back);
            host.expect(0, EthernetHeader.TYPE_IPV6);
            host.receive(1, front);
            host.expect(1, EthernetHeader.TYPE_IPV6);
        }
    }

    private static byte[] fragment(byte[] whole, int from, int length, boolean more) {
        byte[] header = new byte[8];
        Ipv6Extension.putFragment(Packets.view(header), 0, IpProtocol.ICMPV6, from, more, 99);
        byte[] part = java.util.Arrays.copyOfRange(whole, from, from + length);
        return Packets6.ipv6(PEER, "fe80::1", Ipv6Extension.FRAGMENT, header, part);
    }

    @Test
    void interfacesHaveNamesAndNumbers() {
        try (MultiHost host = host()) {
            assertEquals("eth1", host.ip.interfaceAt(1).name());
            assertSame(host.ip.interfaceAt(1), host.ip.interfaceNamed("eth1"));
            assertSame(host.ip.interfaceAt(1), host.ip.interfaceNamed("2"));
            assertNull(host.ip.interfaceNamed("eth2"));
            assertNull(host.ip.interfaceNamed("0"));
            assertThrows(IllegalArgumentException.class, () -> host.ip.addInterface("eth0", host.ports.get(0)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "eth0%1", "1", "an-overlong-name", "a/b", "[x]", "a:b"})
    void badNamesAreRefused(String name) {
        try (MultiHost host = new MultiHost(1, c -> {})) {
            assertNotNull(
                    assertThrows(IllegalArgumentException.class, () -> host.ip.addInterface(name, host.ports.get(0)))
                            .getMessage());
            assertEquals(1, host.ip.interfaceCount());
        }
    }

    @Test
    void unboundSourcesAreOfTheLinkOfTheDestination() {
        try (MultiHost host = host()) {
            host.address(1, "2001:db8::1/64").ready();
            IpPath path = host.path(null, PEER, 1);
            assertEquals(IpAddress.parse("fe80::1"), new IpAddress(path.srcHi(), path.srcLo()));
            path.release();
        }
    }
}
