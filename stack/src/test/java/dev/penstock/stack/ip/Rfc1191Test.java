package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;

/** Path MTU discovery. */
class Rfc1191Test {
    private static IpHost routed() {
        return routed(new IpConfig());
    }

    private static IpHost routed(IpConfig like) {
        IpHost host = IpHost.ready(c -> c.maxPathMtus = like.maxPathMtus);
        host.ip.addRoute(new Route(IpPrefix.parse("0.0.0.0/0"), IpAddress.parse("192.0.2.2"), host.nic, 0));
        return host;
    }

    @Requirement("RFC1122:IP-118")
    @Test
    void aSmallerMtuIsBelievedForTenMinutes() {
        try (IpHost host = routed()) {
            IpPath path = host.path("198.51.100.7");
            IpPath other = host.path("198.51.100.8");
            assertEquals(1500, path.mtu());
            assertTrue(path.reduceMtu(1400, host.now));
            assertFalse(path.reduceMtu(1400, host.now));
            assertFalse(path.reduceMtu(1450, host.now), "it never rises by a message");
            assertEquals(1400, path.mtu());
            assertEquals(1500, path.interfaceMtu());
            assertEquals(1500, other.mtu());
            assertEquals(1, host.count(StackCounter.PMTU_UPDATES));
            host.advance(599 * IpHost.SECOND);
            assertEquals(1400, path.mtu());
            host.advance(IpHost.SECOND);
            assertEquals(1500, path.mtu());
            path.release();
            other.release();
        }
    }

    @Test
    void absurdMtusLeadToPacketsThatRoutersMayCut() {
        try (IpHost host = routed()) {
            IpPath path = host.path("198.51.100.7");
            assertTrue(path.reduceMtu(68, host.now));
            assertEquals(552, path.mtu());
            assertEquals(1, Rfc826Test.send(host, path));
            byte[] packet = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            assertFalse(Ipv4Header.dontFragment(Packets.view(packet), 0));
            path.release();
        }
    }

    @Test
    void routersThatTellNoMtuLeadDownThePlateaus() {
        assertEquals(1492, PathMtuCache.plateauBelow(1500));
        assertEquals(1006, PathMtuCache.plateauBelow(1492));
        assertEquals(32_000, PathMtuCache.plateauBelow(65_535));
        assertEquals(68, PathMtuCache.plateauBelow(100));
        assertEquals(68, PathMtuCache.plateauBelow(20));
    }

    @Test
    void anEchoThatWasTooBigLowersThePathAtOnce() {
        try (IpHost host = routed()) {
            List<String> errors = new ArrayList<>();
            int id = host.ip.openEcho(new EchoHandler() {
                @Override
                public void onEchoReply(
                        long srcHi,
                        long srcLo,
                        int sequence,
                        DirectBuffer buffer,
                        int offset,
                        int length,
                        int ttl,
                        long nowNs) {
                    errors.add("reply");
                }

                @Override
                public void onEchoError(IcmpError error, int sequence, long nowNs) {
                    errors.add(error.kind + " " + error.mtu + " " + sequence);
                }
            });
            IpPath path = host.path("198.51.100.7");
            byte[] data = new byte[1472];
            assertEquals(1, host.ip.sendEcho(path, id, 3, Packets.view(data), 0, 1472, 0, 64, true, host.now));
            byte[] sent = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            for (int mtu : new int[] {1280, 0}) {
                host.peerSends(Packets.ipv4(
                        IpHost.PEER, host.address, IpProtocol.ICMP, Packets.icmp(3, 4, mtu, Arrays.copyOf(sent, 28))));
            }
            assertEquals(List.of("TOO_BIG 1280 3", "TOO_BIG 1492 3"), errors);
            assertEquals(1280, path.mtu());
            assertEquals(
                    IpOutput.TOO_BIG,
                    host.ip.sendEcho(path, id, 4, Packets.view(data), 0, 1472, 0, 64, true, host.now));
            assertEquals(1, host.ip.sendEcho(path, id, 4, Packets.view(data), 0, 1472, 0, 64, false, host.now));
            assertEquals(1276, Packets.payload(host.expect()).length);
            path.release();
            host.ip.closeEcho(id);
        }
    }

    @Test
    void theCacheIsBoundedAndTheOldestGoes() {
        IpConfig small = new IpConfig();
        small.maxPathMtus = 4;
        try (IpHost host = routed(small)) {
            for (int i = 1; i <= 5; i++) {
                IpPath path = host.path("198.51.100." + i);
                path.reduceMtu(1000, host.now);
                path.release();
                host.advance(IpHost.SECOND);
            }
            for (int i = 1; i <= 5; i++) {
                IpPath path = host.path("198.51.100." + i);
                assertEquals(i == 1 ? 1500 : 1000, path.mtu());
                path.release();
            }
        }
    }

    @Test
    void whatAServerSaysOfTheLinkIsTheMostThatIsSent() {
        try (IpHost host = IpHost.ready()) {
            IpPath path = host.path("192.0.2.2");
            host.ip.setMtuV4(host.nic, 1400);
            assertEquals(1400, path.mtu());
            assertEquals(1400, path.interfaceMtu(), "from which the MSS is made");
            host.ip.setMtuV4(host.nic, 9000);
            assertEquals(1500, path.mtu(), "no more than the device's");
            host.ip.setMtuV4(host.nic, 0);
            assertEquals(1500, path.mtu());
            assertThrows(IllegalArgumentException.class, () -> host.ip.setMtuV4(host.nic, 67));
            path.release();
        }
    }
}
