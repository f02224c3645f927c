package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.MacAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a host does with IPv4 packets and ICMP errors: RFC 1122, sections 3.2 and 3.3. */
class Rfc1122Test {
    /** A protocol that nobody speaks, until a test does. */
    private static final int PROTOCOL = 253;

    private static final class Recorder implements TransportHandler {
        final List<String> calls = new ArrayList<>();

        @Override
        public void onPacket(IpPacket packet, long nowNs) {
            calls.add("packet " + packet.payloadLength + (packet.toGroup ? " group" : "")
                    + (packet.toBroadcast ? " broadcast" : ""));
        }

        @Override
        public void onIcmpError(IcmpError error, long nowNs) {
            calls.add(error.kind + " " + new IpAddress(error.localHi, error.localLo) + " "
                    + new IpAddress(error.remoteHi, error.remoteLo) + " " + error.mtu + " " + error.quoteLength);
        }
    }

    private static Recorder listen(IpHost host) {
        Recorder recorder = new Recorder();
        host.ip.setTransport(PROTOCOL, recorder);
        return recorder;
    }

    private static byte[] packet(String src, String dst, int length) {
        return Packets.ipv4(Packets.ip(src), Packets.ip(dst), PROTOCOL, new byte[length]);
    }

    @Requirement({"RFC1122:IP-8", "RFC1122:IP-9", "RFC1122:IP-10", "RFC1122:IP-11"})
    @Test
    void brokenHeadersAreCountedEachByItsName() {
        try (IpHost host = IpHost.ready()) {
            Recorder seen = listen(host);
            byte[] good = packet("192.0.2.2", "192.0.2.1", 40);
            host.peerSends(Arrays.copyOf(good, 19));
            host.expectDrop(DropReason.IPV4_TRUNCATED);
            host.peerSends(Packets.withByte(good, 0, 0x65));
            host.expectDrop(DropReason.IPV4_BAD_VERSION);
            byte[] shortHeader = good.clone();
            shortHeader[0] = 0x44;
            host.peerSends(shortHeader);
            host.expectDrop(DropReason.IPV4_BAD_HEADER_LENGTH);
            host.peerSends(Packets.withByte(good, 3, 19));
            host.peerSends(Packets.withByte(good, 3, 61));
            assertEquals(2, host.counters.get(DropReason.IPV4_BAD_TOTAL_LENGTH));
            byte[] flipped = good.clone();
            flipped[8] ^= 1;
            host.peerSends(flipped);
            host.expectDrop(DropReason.IPV4_BAD_CHECKSUM);
            assertEquals(List.of(), seen.calls);
            host.peerSends(Packets.concat(good, new byte[7]));
            assertEquals(List.of("packet 40"), seen.calls, "what follows the packet is padding");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "0.0.0.0",
                "0.1.2.3",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "192.0.2.255",
                "192.0.2.1"
            })
    @Requirement({"RFC1122:IP-15", "RFC1122:IP-46", "RFC1122:UDP-15"})
    void sourcesThatNoHostCanHaveAreRefused(String source) {
        try (IpHost host = IpHost.ready()) {
            Recorder seen = listen(host);
            host.peerSends(packet(source, "192.0.2.1", 8));
            host.expectDrop(DropReason.IPV4_BAD_SOURCE);
            assertEquals(List.of(), seen.calls);
        }
    }

    @Requirement({"RFC1122:IP-6", "RFC1122:IP-14", "RFC1122:IP-52"})
    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.3", "127.0.0.1", "198.51.100.1", "198.51.100.255", "224.0.0.5", "0.0.0.0"})
    void whatIsNotForUsIsNotForwarded(String destination) {
        try (IpHost host = IpHost.ready()) {
            Recorder seen = listen(host);
            host.peerSends(packet("192.0.2.2", destination, 8));
            host.expectDrop(DropReason.IPV4_NOT_FOR_US);
            assertEquals(List.of(), seen.calls);
        }
    }

    @Requirement({"RFC1122:IP-140", "RFC1122:IP-141"})
    @Test
    void broadcastsAndJoinedGroupsAreReceived() {
        try (IpHost host = IpHost.ready()) {
            Recorder seen = listen(host);
            host.peerSends(MacAddress.BROADCAST, EthernetHeader.TYPE_IPV4, packet("192.0.2.2", "255.255.255.255", 8));
            host.peerSends(MacAddress.BROADCAST, EthernetHeader.TYPE_IPV4, packet("192.0.2.2", "192.0.2.255", 8));
            host.peerSends(MacAddress.BROADCAST, EthernetHeader.TYPE_IPV4, packet("0.0.0.0", "255.255.255.255", 8));
            long group = MacAddress.forIpv4Multicast(Packets.ip("224.0.0.5"));
            host.peerSends(group, EthernetHeader.TYPE_IPV4, packet("192.0.2.2", "224.0.0.5", 8));
            host.expectDrop(DropReason.ETHERNET_NOT_FOR_US);
            host.ip.multicast().join(host.nic, 0, Packets.lo("224.0.0.5"), true);
            host.peerSends(group, EthernetHeader.TYPE_IPV4, packet("192.0.2.2", "224.0.0.5", 8));
            String broadcast = "packet 8 group broadcast";
            assertEquals(List.of(broadcast, broadcast, broadcast, "packet 8 group"), seen.calls);
        }
    }

    @Requirement({"RFC1122:LL-13", "RFC1122:IP-44", "RFC1122:IP-143"})
    @Test
    void aUnicastPacketInABroadcastFrameIsRefused() {
        try (IpHost host = IpHost.ready()) {
            Recorder seen = listen(host);
            host.peerSends(MacAddress.BROADCAST, EthernetHeader.TYPE_IPV4, packet("192.0.2.2", "192.0.2.1", 8));
            host.expectDrop(DropReason.IPV4_NOT_FOR_US);
            assertEquals(List.of(), seen.calls);
        }
    }

    @Requirement("RFC1122:IP-22")
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255})
    void anyTtlIsGoodEnoughForTheLastHop(int ttl) {
        try (IpHost host = IpHost.ready()) {
            Recorder seen = listen(host);
            host.peerSends(Packets.withByte(packet("192.0.2.2", "192.0.2.1", 8), 8, ttl));
            assertEquals(List.of("packet 8"), seen.calls);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "01010101, ok", // no-operations
        "00ffffff, ok", // end, then anything
        "07040400, ok", // record route
        "44040500, ok", // timestamp
        "94040000, ok", // router alert
        "1e040000, ok", // unknown
        "83040400, IPV4_SOURCE_ROUTED",
        "89040400, IPV4_SOURCE_ROUTED",
        "01830304, IPV4_SOURCE_ROUTED",
        "07000000, IPV4_BAD_OPTION",
        "07010000, IPV4_BAD_OPTION",
        "07050000, IPV4_BAD_OPTION",
        "01010144, IPV4_BAD_OPTION"
    })
    @Requirement({"RFC1122:IP-27", "RFC1122:IP-30", "RFC1122:IP-134"})
    void optionsAreWalkedSafely(String hex, String verdict) {
        try (IpHost host = IpHost.ready()) {
            Recorder seen = listen(host);
            byte[] plain = packet("192.0.2.2", "192.0.2.1", 12);
            for (int i = 0; i < 4; i++) {
                plain[20 + i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
            }
            host.peerSends(Packets.withByte(plain, 0, 0x46));
            if (verdict.equals("ok")) {
                assertEquals(List.of("packet 8"), seen.calls);
            } else {
                if (verdict.equals("IPV4_BAD_OPTION")) {
                    host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
                }
                host.expectDrop(DropReason.valueOf(verdict));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "07000000, 21", // no length
        "07050000, 21", // beyond the header
        "01010144, 23", // without a length octet
        "01830500, 22" // behind a no-operation
    })
    @Requirement("RFC1122:IP-60")
    void aBrokenOptionIsReportedWithWhereItIsBroken(String hex, int pointer) {
        try (IpHost host = IpHost.ready()) {
            byte[] cause = packet("192.0.2.2", "192.0.2.1", 12);
            for (int i = 0; i < 4; i++) {
                cause[20 + i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
            }
            cause = Packets.withByte(cause, 0, 0x46);
            host.peerSends(cause);
            byte[] error = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            assertEquals(IcmpHeader.PARAMETER_PROBLEM, error[20]);
            assertEquals(0, error[21]);
            assertEquals(pointer, error[24]);
            assertArrayEquals(cause, Arrays.copyOfRange(error, 28, 28 + cause.length), "the whole packet");
        }
    }

    @Requirement("RFC1122:IP-110")
    @Test
    void fromAGatewayThatHasFailedTrafficGoesToAnother() {
        try (IpHost host = IpHost.ready()) {
            IpAddress second = IpAddress.parse("192.0.2.3");
            IpPrefix all = IpPrefix.parse("0.0.0.0/0");
            host.ip.addRoute(new Route(all, IpAddress.parse("192.0.2.2"), host.nic, 0));
            host.ip.addRoute(new Route(all, second, host.nic, 1));
            DestinationPath path = (DestinationPath) host.path("198.51.100.7");
            assertEquals(IpHost.PEER_MAC, path.resolveMac(host.now));
            for (int i = 0; i < 120 && path.nextHopLo != second.lo(); i++) {
                host.advance(IpHost.SECOND);
                path.refresh();
                path.resolveMac(host.now);
            }
            assertEquals(second.lo(), path.nextHopLo, "the first one has not answered for two minutes");
            path.release();
        }
    }

    @Requirement({"RFC1122:IP-38", "RFC1122:IP-39", "RFC1122:IP-47", "RFC1122:IP-48"})
    @Test
    void anUnknownProtocolIsReported() {
        try (IpHost host = IpHost.ready()) {
            byte[] cause = packet("192.0.2.2", "192.0.2.1", 700);
            host.peerSends(cause);
            byte[] error = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            assertEquals(576, error.length, "as much as fits into 576 bytes is quoted");
            assertEquals(IcmpHeader.UNREACHABLE, error[20]);
            assertEquals(IcmpHeader.CODE_PROTOCOL_UNREACHABLE, error[21]);
            assertNull(IcmpHeader.check(Packets.view(error), 20, error.length - 20));
            assertArrayEquals(Arrays.copyOf(cause, 548), Arrays.copyOfRange(error, 28, 576));
            assertEquals(1, host.counters.get(DropReason.IPV4_NO_PROTOCOL));
        }
    }

    @Requirement({"RFC1122:IP-42", "RFC1122:IP-43"})
    @Test
    void noErrorAboutErrorsBroadcastsOrLaterFragments() {
        try (IpHost host = IpHost.ready()) {
            int us = host.address;
            host.peerSends(MacAddress.BROADCAST, EthernetHeader.TYPE_IPV4, packet("192.0.2.2", "192.0.2.255", 8));
            byte[] quote = packet("192.0.2.1", "192.0.2.2", 8);
            host.peerSends(
                    Packets.ipv4(IpHost.PEER, us, IpProtocol.ICMP, Packets.icmp(IcmpHeader.UNREACHABLE, 2, 0, quote)));
            host.ip.multicast().join(host.nic, 0, Packets.lo("224.0.0.5"), true);
            long group = MacAddress.forIpv4Multicast(Packets.ip("224.0.0.5"));
            host.peerSends(group, EthernetHeader.TYPE_IPV4, packet("192.0.2.2", "224.0.0.5", 8));
            assertEquals(1, host.counters.get(DropReason.ICMP_UNMATCHED));
            assertEquals(2, host.counters.get(DropReason.IPV4_NO_PROTOCOL));
            host.expectNothing();
        }
    }

    @Test
    void errorsAreLimitedInRatePerDestinationAndInAll() {
        try (IpHost host = IpHost.ready(c -> {
            c.icmpErrorPerDestinationBurst = 3;
            c.icmpErrorBurst = 5;
        })) {
            for (int i = 0; i < 10; i++) {
                host.peerSends(packet("192.0.2.2", "192.0.2.1", 8));
            }
            assertEquals(3, host.device.sent.size());
            for (int i = 0; i < 50; i++) {
                host.peerSends(packet("192.0.2." + (10 + i), "192.0.2.1", 8));
            }
            assertEquals(5, host.count(StackCounter.ICMP_OUT_ERRORS));
            assertEquals(55, host.counters.get(DropReason.ICMP_RATE_LIMITED));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "3, 0, NET_UNREACHABLE",
        "3, 1, HOST_UNREACHABLE",
        "3, 2, PROTOCOL_UNREACHABLE",
        "3, 3, PORT_UNREACHABLE",
        "3, 5, SOURCE_ROUTE_FAILED",
        "3, 12, HOST_UNREACHABLE",
        "3, 13, ADMIN_PROHIBITED",
        "11, 0, TTL_EXCEEDED",
        "11, 1, REASSEMBLY_TIMEOUT",
        "12, 0, PARAMETER_PROBLEM"
    })
    @Requirement({"RFC1122:IP-40", "RFC1122:IP-49", "RFC1122:IP-59", "RFC1122:IP-61", "RFC1122:IP-153", "RFC1122:IP-154"
    })
    void errorsAboutOurPacketsReachTheirTransport(int type, int code, IcmpError.Kind kind) {
        try (IpHost host = IpHost.ready()) {
            Recorder seen = listen(host);
            byte[] quote = packet("192.0.2.1", "198.51.100.7", 20);
            host.peerSends(
                    Packets.ipv4(IpHost.PEER, host.address, IpProtocol.ICMP, Packets.icmp(type, code, 0, quote)));
            assertEquals(List.of(kind + " 192.0.2.1 198.51.100.7 0 20"), seen.calls);
        }
    }

    @Requirement("RFC1122:IP-37")
    @Test
    void quotesThatCannotBeOursAreRefused() {
        try (IpHost host = IpHost.ready()) {
            Recorder seen = listen(host);
            byte[] good = packet("192.0.2.1", "198.51.100.7", 8);
            byte[] fragment = Packets.ipv4(host.address, 5, PROTOCOL, 1, 9, new byte[8]);
            byte[] version = good.clone();
            version[0] = 0x65;
            byte[] header = good.clone();
            header[0] = 0x4f;
            byte[][] bad = {
                packet("192.0.2.9", "198.51.100.7", 8), Arrays.copyOf(good, 27), fragment, version, header, new byte[0]
            };
            for (byte[] quote : bad) {
                host.peerSends(Packets.ipv4(IpHost.PEER, host.address, IpProtocol.ICMP, Packets.icmp(3, 1, 0, quote)));
            }
            assertEquals(bad.length, host.counters.get(DropReason.ICMP_BAD_QUOTE));
            host.peerSends(Packets.ipv4(IpHost.PEER, host.address, IpProtocol.ICMP, Packets.icmp(3, 77, 0, good)));
            host.expectDrop(DropReason.ICMP_UNKNOWN_TYPE);
            assertEquals(List.of(), seen.calls);
        }
    }

    @Test
    void ipv6IsCounted() {
        try (IpHost host = IpHost.ready()) {
            host.peerSends(IpHost.MAC, EthernetHeader.TYPE_IPV6, new byte[40]);
            host.expectDrop(DropReason.IPV6_DISABLED);
            assertNull(host.ip.path(0, 0, 0x2001_0db8_0000_0000L, 1, host.now));
        }
    }

    @Requirement({"RFC1122:IP-98", "RFC1122:IP-99", "RFC1122:IP-100", "RFC1122:IP-111"})
    @Test
    void theRouteWithTheLongestPrefixAndTheSmallestMetricIsTaken() {
        try (IpHost host = IpHost.ready()) {
            assertNull(host.path("198.51.100.7"));
            IpAddress gateway = IpAddress.parse("192.0.2.2");
            IpAddress other = IpAddress.parse("192.0.2.3");
            Route byDefault = new Route(IpPrefix.parse("0.0.0.0/0"), gateway, host.nic, 0);
            assertTrue(host.ip.addRoute(byDefault));
            IpPath path = host.path("198.51.100.7");
            assertEquals(Packets.lo("192.0.2.1"), path.srcLo());
            assertEquals(1, Rfc826Test.send(host, path));
            host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            host.ip.addRoute(new Route(IpPrefix.parse("198.51.100.0/24"), other, host.nic, 9));
            assertEquals(IpOutput.UNRESOLVED, Rfc826Test.send(host, path), "a path in use follows the routes");
            host.ip.addRoute(new Route(IpPrefix.parse("198.51.100.0/24"), gateway, host.nic, 5));
            assertEquals(1, Rfc826Test.send(host, path));
            for (RouteInfo route : host.ip.routes().list()) {
                host.ip.removeRoute(route.route());
            }
            assertEquals(IpOutput.NO_ROUTE, Rfc826Test.send(host, path));
            path.release();
        }
    }

    @Requirement({"RFC1122:IP-3", "RFC1122:IP-12", "RFC1122:IP-13", "RFC1122:IP-83", "RFC1122:IP-94", "RFC1122:UDP-16"})
    @Test
    void theSourceIsThatOfTheNextHopsNetwork() {
        try (IpHost host = IpHost.ready()) {
            host.ip.addAddress(host.nic, IpPrefix.parse("198.51.100.1/24"), host.now);
            host.ip.addAddress(host.nic, IpPrefix.parse("198.51.100.129/25"), host.now);
            for (String[] pair : new String[][] {
                {"192.0.2.7", "192.0.2.1"},
                {"198.51.100.7", "198.51.100.1"},
                {"198.51.100.200", "198.51.100.129"},
                {"192.0.2.255", "192.0.2.1"},
                {"127.0.0.9", "127.0.0.9"},
                {"198.51.100.1", "198.51.100.1"}
            }) {
                IpPath path = host.path(pair[0]);
                assertEquals(pair[1], new IpAddress(path.srcHi(), path.srcLo()).toString());
                path.release();
            }
            assertNull(host.ip.path(0, Packets.lo("192.0.2.99"), 0, Packets.lo("192.0.2.2"), host.now));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.5/8",
                "127.0.0.1/8",
                "224.0.0.1/4",
                "255.255.255.255/32",
                "192.0.2.0/24",
                "192.0.2.255/24",
                "192.0.2.1/24",
                "2001:db8::/64"
            })
    @Requirement({"RFC1122:IP-83", "RFC1122:IP-89", "RFC1122:IP-137"})
    void addressesThatNoHostCanHaveAreRefused(String prefix) {
        try (IpHost host = IpHost.ready()) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> host.ip.addAddress(host.nic, IpPrefix.parse(prefix), host.now));
        }
    }

    @Test
    void pointToPointNetworksOfTwoHaveNoBroadcast() {
        try (IpHost host = new IpHost("192.0.2.0/31")) {
            assertEquals(false, host.ip.isBroadcast(0, Packets.lo("192.0.2.1")));
            IpPath path = host.path("192.0.2.1");
            assertNotNull(path);
            path.release();
        }
    }

    @Requirement({"RFC1122:IP-96", "RFC1122:IP-102"})
    @Test
    void destinationsAreBounded() {
        try (IpHost host = IpHost.ready(c -> c.maxDestinations = 16)) {
            IpPath used = host.path("192.0.2.2");
            for (int i = 3; i < 250; i++) {
                host.path("192.0.2." + i).release();
            }
            assertEquals(16, host.ip.paths().size());
            IpPath again = host.path("192.0.2.2");
            assertTrue(used == again, "a path in use is kept");
            List<IpPath> held = new ArrayList<>();
            for (int i = 3; i < 50; i++) {
                held.add(host.path("192.0.2." + i));
            }
            assertEquals(16, host.ip.paths().size());
            held.forEach(IpPath::release);
            used.release();
            again.release();
            assertThrows(IllegalStateException.class, again::release);
        }
    }

    @Test
    void anInterfaceThatIsDownHasNoRoute() {
        try (IpHost host = IpHost.ready()) {
            IpPath path = host.path("192.0.2.2");
            host.device.up = false;
            assertEquals(IpOutput.NO_ROUTE, Rfc826Test.send(host, path));
            assertNull(host.path("192.0.2.3"));
            host.device.up = true;
            assertEquals(1, Rfc826Test.send(host, path));
            path.release();
        }
    }

    @Test
    void aFullDeviceKeepsRepliesForLaterAndNoMoreThanTheLimit() {
        try (IpHost host = IpHost.ready(c -> c.maxPending = 10)) {
            host.device.room = 0;
            byte[] echo = Packets.ipv4(IpHost.PEER, host.address, IpProtocol.ICMP, Packets.icmp(8, 0, 1, new byte[9]));
            for (int i = 0; i < 15; i++) {
                host.peerSends(echo);
            }
            assertEquals(5, host.counters.get(DropReason.PENDING_QUEUE_FULL));
            assertTrue(host.ip.hasPending());
            host.device.room = 4;
            host.turn();
            assertEquals(4, host.device.sent.size());
            host.device.room = 100;
            host.turn();
            assertEquals(10, host.device.sent.size());
            assertEquals(false, host.ip.hasPending());
            assertEquals(0, Ipv4Header.fragmentOffset(Packets.view(Packets.payload(host.expect())), 0));
        }
    }
}
