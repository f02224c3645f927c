package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.DhcpHeader;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.UdpHeader;
import org.agrona.DirectBuffer;

/** What an interface can do before it has an IPv4 address: broadcast from 0.0.0.0, and take what a DHCP server answers. */
final class UnaddressedHosts {
    private final PendingQueue pending;
    private final Counters counters;
    private final int ttl;

    UnaddressedHosts(PendingQueue pending, Counters counters, int ttl) {
        this.pending = pending;
        this.counters = counters;
        this.ttl = ttl;
    }

    /** See {@link IpLayer#broadcastV4}. */
    boolean broadcast(IpInterface nic, int source, int protocol, DirectBuffer payload, int offset, int length) {
        int total = Ipv4Header.MIN_LENGTH + length;
        if (total > nic.mtu()) {
            return false;
        }
        Frame frame = pending.acquire(total);
        if (frame == null) {
            return false;
        }
        frame.append(payload, offset, length);
        int at = frame.pushNetwork(Ipv4Header.MIN_LENGTH);
        // RFC 6864, 4.1: an atomic datagram may have any identification.
        Ipv4Header.put(frame.buffer(), at, 0, total, 0, Ipv4Header.DF, ttl, protocol, source, -1);
        boolean queued = pending.addLink(frame, nic.port(), MacAddress.BROADCAST, EthernetHeader.TYPE_IPV4);
        counters.count(StackCounter.IP_OUT_REQUESTS, queued ? 1 : 0);
        return queued;
    }

    /**
     * RFC 2131, 4.1: "the client's TCP/IP software SHOULD accept and forward to the IP layer any IP packets delivered to the
     * client's hardware address before the IP address is configured" - as far as they are for a DHCP client, and nobody else.
     */
    static boolean isForClient(IpInterface nic, IpPacket packet) {
        return nic.isExpectingConfiguration()
                && packet.protocol == IpProtocol.UDP
                && packet.payloadLength >= UdpHeader.LENGTH
                && !Ipv4Header.isFragment(packet.buffer, packet.headerOffset)
                && UdpHeader.destinationPort(packet.buffer, packet.payloadOffset) == DhcpHeader.CLIENT_PORT;
    }
}
