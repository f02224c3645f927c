package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.ip.IpHost;
import dev.penstock.stack.ip.Packets;
import dev.penstock.stack.wire.ArpPacket;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A reset is sent once and never again, so it must not be lost for want of the peer's link address. */
class ResetOnTheWireTest {

    private static byte[] syn(int src, int dst) {
        byte[] segment = new byte[TcpHeader.MIN_LENGTH];
        UnsafeBuffer b = new UnsafeBuffer(segment);
        TcpHeader.put(b, 0, 4000, 81, 1000, 0, TcpHeader.MIN_LENGTH, TcpHeader.SYN, 1000, 0, 0);
        int sum = InternetChecksum.pseudoHeader(
                0, IpAddress.v4(src), 0, IpAddress.v4(dst), IpProtocol.TCP, segment.length);
        Wire.u16(
                b,
                TcpHeader.CHECKSUM_OFFSET,
                InternetChecksum.finish(InternetChecksum.add(sum, InternetChecksum.sum(b, 0, segment.length))));
        return Packets.ipv4(src, dst, IpProtocol.TCP, segment);
    }

    @Test
    void waitsForTheNeighbour() {
        try (IpHost host = new IpHost("192.0.2.1/24")) {
            host.advance(5 * IpHost.SECOND);
            host.device.sent.clear();
            TcpLayer tcp = new TcpLayer(
                    new TcpConfig(),
                    host.ip,
                    host.deadlines,
                    RandomSource.seeded(3),
                    host.counters,
                    new ChunkPool(1 << 20));
            host.ip.setTransport(IpProtocol.TCP, tcp);

            host.peerSends(syn(IpHost.PEER, host.address));
            tcp.flush(host.now);
            host.turn();
            byte[] request = host.expect(MacAddress.BROADCAST, EthernetHeader.TYPE_ARP);
            assertEquals(ArpPacket.REQUEST, ArpPacket.operation(new UnsafeBuffer(request), 0));

            host.peerSends(
                    IpHost.MAC,
                    EthernetHeader.TYPE_ARP,
                    Packets.arp(ArpPacket.REPLY, IpHost.PEER_MAC, IpHost.PEER, IpHost.MAC, host.address));
            host.turn();
            UnsafeBuffer reset = new UnsafeBuffer(host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4));
            assertEquals(TcpHeader.RST | TcpHeader.ACK, TcpHeader.flags(reset, Ipv4Header.MIN_LENGTH));
            assertEquals(1001, TcpHeader.acknowledgment(reset, Ipv4Header.MIN_LENGTH));
            host.expectNothing();
        }
    }
}
