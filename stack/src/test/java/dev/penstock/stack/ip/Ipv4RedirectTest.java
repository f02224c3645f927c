package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.IpProtocol;
import org.junit.jupiter.api.Test;

/** Redirects of IPv4 (RFC 1122, section 3.2.2.2). */
class Ipv4RedirectTest {
    private static final int FAR = Packets.ip("203.0.113.7");
    private static final int OTHER = Packets.ip("192.0.2.9");

    private static IpHost host() {
        IpHost host = IpHost.ready();
        IpAddress gateway = IpAddress.ofV4(IpHost.PEER);
        host.ip.addRoute(new Route(IpPrefix.parse("0.0.0.0/0"), gateway, host.nic, 0));
        return host;
    }

    private static String hop(IpHost host, int destination) {
        DestinationPath path = (DestinationPath) host.ip.path(0, 0, 0, IpAddress.v4(destination), host.now);
        path.release();
        return new IpAddress(path.nextHopHi, path.nextHopLo).toString();
    }

    private static byte[] redirect(IpHost host, int from, int code, int hop, int quotedSource) {
        byte[] quote = Packets.ipv4(quotedSource, FAR, IpProtocol.UDP, new byte[8]);
        return Packets.ipv4(from, host.address, IpProtocol.ICMP, Packets.icmp(IcmpHeader.REDIRECT, code, hop, quote));
    }

    @Requirement({"RFC1122:IP-53", "RFC1122:IP-54", "RFC1122:IP-97"})
    @Test
    void theGatewayMayTellABetterOneForAHost() {
        for (int code = 0; code <= 3; code++) {
            try (IpHost host = host()) {
                host.peerSends(redirect(host, IpHost.PEER, code, OTHER, host.address));
                assertEquals("192.0.2.9", hop(host, FAR));
                assertEquals("192.0.2.2", hop(host, FAR + 1), "for the one destination, whatever it says");
            }
        }
    }

    @Requirement("RFC1122:IP-55")
    @Test
    void othersMayNot() {
        try (IpHost host = host()) {
            byte[][] refused = {
                redirect(host, OTHER, 1, OTHER, host.address),
                redirect(host, IpHost.PEER, 1, Packets.ip("198.51.100.1"), host.address),
                redirect(host, IpHost.PEER, 1, Packets.ip("192.0.2.255"), host.address),
                redirect(host, IpHost.PEER, 1, host.address, host.address),
            };
            for (byte[] each : refused) {
                host.peerSends(each);
                assertEquals("192.0.2.2", hop(host, FAR));
            }
            assertEquals(refused.length, host.counters.get(DropReason.ICMP_REDIRECT_REFUSED));
            host.peerSends(redirect(host, IpHost.PEER, 1, OTHER, OTHER));
            host.peerSends(redirect(host, IpHost.PEER, 4, OTHER, host.address));
            assertEquals("192.0.2.2", hop(host, FAR));
            assertEquals(2, host.counters.get(DropReason.ICMP_BAD_QUOTE));
        }
    }
}
