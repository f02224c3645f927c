package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Header;
import java.util.HashSet;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of our addresses a packet comes from; paths of both families; flow labels (RFC 6437). */
class Rfc6724Test {
    private static IpHost host(String addresses) {
        IpHost host = new IpHost(null, c -> {
            c.dadTransmits = 0;
            c.eui64 = true;
        });
        for (String each : addresses.split(" ", -1)) {
            host.ip.addAddress(host.nic, IpPrefix.parse(each), host.now);
        }
        host.ip.addRoute(new Route(IpPrefix.parse("::/0"), IpAddress.parse("fe80::99"), host.nic, 0));
        return host;
    }

    private static IpPath path(IpHost host, String to) {
        IpAddress a = IpAddress.parse(to);
        return host.ip.path(0, 0, a.hi(), a.lo(), host.now);
    }

    @ParameterizedTest
    @CsvSource({
        "2001:db8:1::1/64 2001:db8:3::1/64, 2001:db8:1::7, 2001:db8:1::1",
        "2001:db8:1::1/64 2001:db8:3::1/64, 2001:db8:3::7, 2001:db8:3::1",
        "2001:db8:1::1/64 2001:db8:3::1/64, fe80::7, fe80::ff:fe00:1",
        "2001:db8:1::1/64 2001:db8:3::1/64, ff02::7, fe80::ff:fe00:1",
        "2001:db8:1::1/64 fd00::1/64, ff05::7, 2001:db8:1::1",
        "2002:c633:6401::1/48 2001:db8:1::1/64, 2002:836b:4179::1, 2002:c633:6401::1",
        "2001:db8:1::1/64 fd00::1/64, fd11::1, fd00::1",
        "2001:db8:1::1/64 fd00::1/64, 2606::1, 2001:db8:1::1",
        "fe80::1/64 fe80::2/64, 2001:db8::1, fe80::1",
    })
    void theBestSourceIsChosen(String addresses, String to, String from) {
        try (IpHost host = host(addresses)) {
            IpPath path = path(host, to);
            assertEquals(IpAddress.parse(from), new IpAddress(path.srcHi(), path.srcLo()));
            assertEquals(40, path.headerLength());
            path.release();
        }
    }

    @Requirement("RFC4862:5.5.4-1")
    @Requirement("RFC8504:6.6-1")
    @Test
    void deprecatedAddressesAreTheLastChoice() {
        try (IpHost host = host("2001:db8:1::1/64 2001:db8:3::1/64")) {
            IpAddress one = IpAddress.parse("2001:db8:1::1");
            host.nic.find(one.hi(), one.lo()).deprecated = true;
            IpPath path = path(host, "2001:db8:1::7");
            assertEquals("2001:db8:3::1", new IpAddress(path.srcHi(), path.srcLo()).toString());
            path.release();
        }
    }

    @Test
    void scopesAndLabelsOfTheDefaultTable() {
        assertEquals(2, SourceSelection.scope(0, 1));
        assertEquals(5, SourceSelection.scope(IpAddress.parse("fec0::1").hi(), 1));
        assertEquals(14, SourceSelection.scope(IpAddress.parse("fd00::1").hi(), 1));
        String[] table = {
            "::1 0",
            "2001:db8::1 1",
            "::ffff:192.0.2.1 4",
            "2002::1 2",
            "2001::1 5",
            "fd00::1 13",
            "::192.0.2.1 3",
            "fec0::1 11",
            "3ffe::1 12"
        };
        for (String row : table) {
            IpAddress a = IpAddress.parse(row.split(" ", -1)[0]);
            assertEquals(Integer.parseInt(row.split(" ", -1)[1]), SourceSelection.label(a.hi(), a.lo()), row);
        }
    }

    @Requirement("RFC8504:10-1")
    @Test
    void familiesHaveRoutesOfTheirOwn() {
        try (IpHost host = host("2001:db8:1::1/64")) {
            IpAddress v4 = IpAddress.parse("198.51.100.1");
            assertNull(host.ip.path(0, 0, 0, v4.lo(), host.now), "::/0 is no route for IPv4");
            IpAddress far = IpAddress.parse("2001:db8:9::1");
            assertNull(host.ip.path(0, IpAddress.V4_PREFIX, far.hi(), far.lo(), host.now), "bound to IPv4");
            assertNull(path(host, "::"));
        }
    }

    @Test
    void loopbackNeedsNoInterfaceAddress() {
        try (IpHost host = new IpHost("192.0.2.1/24")) {
            int id = host.ip.openEcho((hi, lo, sequence, b, c, length, ttl, now) -> assertEquals(1, lo));
            IpPath path = path(host, "::1");
            assertTrue(path.isLoopback());
            assertEquals(1, host.ip.sendEcho(path, id, 1, Packets.view(new byte[8]), 0, 8, 0, 64, false, host.now));
            host.turn();
            host.turn();
            assertEquals(1, host.count(dev.penstock.stack.base.StackCounter.ICMP_IN_ECHO_REPS));
            path.release();
            host.ip.closeEcho(id);
        }
    }

    @Requirement("RFC8200:6-1")
    @Requirement("RFC8504:5.1-6")
    @Test
    void flowLabelsAreOfTheFlow() {
        try (IpHost host = Packets6.ready()) {
            IpPath path = path(host, Packets6.PEER);
            Set<Integer> labels = new HashSet<>();
            for (int port = 1; port <= 50; port++) {
                int first = label(host, path, port);
                assertEquals(first, label(host, path, port));
                assertNotEquals(0, first);
                labels.add(first);
            }
            assertTrue(labels.size() > 48, "they differ: " + labels.size());
            path.release();
        }
    }

    private static int label(IpHost host, IpPath path, int port) {
        dev.penstock.stack.buffer.Frame frame = host.small.acquire();
        frame.append(Packets.view(Packets6.udp(Packets6.US, port, Packets6.PEER, 9, new byte[3])), 0, 11);
        assertEquals(1, host.ip.send(frame, path, IpProtocol.UDP, 0xb8, 64, true, host.now));
        frame.release();
        byte[] packet = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6);
        UnsafeBuffer b = new UnsafeBuffer(packet);
        assertEquals(0xb8, Ipv6Header.trafficClass(b, 0));
        assertEquals(64, Ipv6Header.hopLimit(b, 0));
        return Ipv6Header.flowLabel(b, 0);
    }
}
