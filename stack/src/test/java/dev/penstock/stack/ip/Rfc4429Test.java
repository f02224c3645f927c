package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.neighbor.Neighbor;
import dev.penstock.stack.neighbor.NeighborState;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How an address resolves others while it is optimistic (RFC 4429, section 3.2): not at all. */
class Rfc4429Test {
    private static final String US = Packets6.US;
    private static final String OTHER = "2001:db8::9";

    private static IpHost host() {
        IpHost host = new IpHost(null, c -> c.unsolicitedAdverts = 0);
        host.ip.addAddress(host.nic, IpPrefix.parse(US + "/64"), host.now);
        return host;
    }

    /** Asks for {@link #OTHER}, as a packet to it does. */
    private static Neighbor resolve(IpHost host, String other) {
        IpAddress a = Packets6.ip(other);
        IpPath path = host.ip.path(0, 0, a.hi(), a.lo(), host.now);
        ((DestinationPath) path).resolveMac(host.now);
        path.release();
        host.turn();
        return host.ip.neighbors().find(0, a.hi(), a.lo());
    }

    private static List<AddressInfo> optimistic(IpHost host) {
        return host.ip.addresses().list(host.nic).stream()
                .filter(AddressInfo::tentative)
                .toList();
    }

    /** What was sent since the last call beside the probes of duplicate detection. */
    private static List<byte[]> solicitations(IpHost host) {
        List<byte[]> all = host.device.sent.stream()
                .map(Packets::payload)
                .filter(p -> p[40] == (byte) 135 && (p[8] | p[9]) != 0)
                .toList();
        host.device.sent.clear();
        return all;
    }

    private static void advanceUntilVerified(IpHost host) {
        for (int i = 0; i < 3000 && !optimistic(host).isEmpty(); i++) {
            host.advance(IpHost.MS);
        }
        assertTrue(optimistic(host).isEmpty());
    }

    @Requirement("RFC4862:5.4-1")
    @Test
    void resolutionWaitsForAVerifiedAddressAndLosesNoTryByIt() {
        try (IpHost host = host()) {
            Neighbor other = resolve(host, OTHER);
            while (optimistic(host).size() == 2) {
                assertEquals(0, solicitations(host).size(), "an optimistic address asks nobody");
                host.advance(IpHost.MS);
            }
            List<byte[]> asked = solicitations(host);
            assertEquals(1, asked.size(), "asked as soon as one is verified");
            assertEquals(32, asked.get(0).length - 40, "with the source link-layer address");
            assertEquals(1, asked.get(0)[64] & 0xff, "the option");
            assertFalse(
                    optimistic(host).stream().anyMatch(a -> a.prefix().address().equals(source(asked.get(0)))));
            // All three tries are left for it: the first two are lost.
            host.advance(2 * IpHost.SECOND);
            assertEquals(2, solicitations(host).size());
            assertEquals(NeighborState.INCOMPLETE, other.state());
            String to = source(asked.get(0)).toString();
            Packets6.receive(host, Packets6.na(OTHER, to, OTHER, IpHost.PEER_MAC, true, true));
            assertEquals(NeighborState.REACHABLE, other.state());
        }
    }

    @Test
    void meanwhileARouterPassesPacketsOn() {
        try (IpHost host = host()) {
            IpAddress gateway = Packets6.ip("fe80::a1");
            long routerMac = IpHost.PEER_MAC + 1;
            host.ip.addRoute(new Route(IpPrefix.parse("::/0"), gateway, host.nic, 0));
            IpAddress a = Packets6.ip(OTHER);
            DestinationPath path = (DestinationPath) host.ip.path(0, 0, a.hi(), a.lo(), host.now);
            assertEquals(Neighbor.UNRESOLVED, path.resolveMac(host.now), "nobody knows where the router is");
            host.ip.neighbors().learn(host.ip.ndp(host.nic), 0, gateway.hi(), gateway.lo(), routerMac, host.now);
            assertEquals(routerMac, path.resolveMac(host.now));
            IpAddress onLink = Packets6.ip("fe80::9");
            DestinationPath near = (DestinationPath) host.ip.path(0, 0, onLink.hi(), onLink.lo(), host.now);
            assertEquals(Neighbor.UNRESOLVED, near.resolveMac(host.now), "which no router passes on");
            near.release();
            advanceUntilVerified(host);
            assertEquals(Neighbor.UNRESOLVED, path.resolveMac(host.now), "it is asked for now");
            host.turn();
            assertTrue(solicitations(host).size() > 0);
            String to = Packets6.US;
            Packets6.receive(host, Packets6.na(OTHER, to, OTHER, IpHost.PEER_MAC, true, true));
            assertEquals(IpHost.PEER_MAC, path.resolveMac(host.now));
            path.release();
        }
    }

    @Test
    void whoDoesNotAnswerIsGivenUpAfterAsManyTriesAsEver() {
        try (IpHost host = host()) {
            Neighbor other = resolve(host, OTHER);
            advanceUntilVerified(host);
            host.advance(4 * IpHost.SECOND);
            assertEquals(3, solicitations(host).size());
            assertEquals(NeighborState.FAILED, other.state());
            assertEquals(1, host.count(StackCounter.NEIGHBOR_FAILED));
        }
    }

    @Test
    void aVerifiedAddressAsksInPlaceOfAnOptimisticOne() {
        try (IpHost host = host()) {
            advanceUntilVerified(host);
            host.device.sent.clear();
            host.ip.addAddress(host.nic, IpPrefix.parse("2001:db8:7::1/64"), host.now);
            Neighbor other = resolve(host, "2001:db8:7::9");
            assertNotNull(other);
            assertArrayEquals(
                    Packets6.ns(US, Packets6.solicitedNode("2001:db8:7::9"), "2001:db8:7::9", IpHost.MAC),
                    solicitations(host).get(0));
        }
    }

    @Test
    void aNeighborThatOnlyAnOptimisticAddressCouldProbeIsKept() {
        try (IpHost host = host()) {
            IpAddress a = Packets6.ip(OTHER);
            advanceUntilVerified(host);
            Neighbor other = resolve(host, OTHER);
            Packets6.receive(host, Packets6.na(OTHER, US, OTHER, IpHost.PEER_MAC, true, true));
            other.doubt();
            resolve(host, OTHER);
            host.advance(3500 * IpHost.MS);
            assertEquals(NeighborState.DELAY, other.state());
            host.device.up = false;
            host.turn();
            host.device.up = true;
            host.advance(1200 * IpHost.MS);
            assertEquals(NeighborState.DELAY, other.state());
            assertEquals(2, optimistic(host).size());
            solicitations(host);
            while (optimistic(host).size() == 2) {
                assertEquals(0, solicitations(host).size(), "nor is anybody asked alone");
                host.advance(IpHost.MS);
            }
            assertEquals(NeighborState.PROBE, other.state());
            host.advance(2 * IpHost.SECOND);
            assertEquals(3, solicitations(host).size());
            assertTrue(host.ip.neighbors().find(0, a.hi(), a.lo()) == other);
            assertEquals(IpHost.PEER_MAC, other.mac());
        }
    }

    private static IpAddress source(byte[] packet) {
        java.nio.ByteBuffer b = java.nio.ByteBuffer.wrap(packet);
        return new IpAddress(b.getLong(8), b.getLong(16));
    }
}
