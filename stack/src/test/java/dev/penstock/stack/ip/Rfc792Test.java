package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.MacAddress;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** ICMP echo both ways. */
class Rfc792Test {

    private static byte[] echoRequest(IpHost host, byte[] data) {
        return Packets.ipv4(
                IpHost.PEER,
                host.address,
                IpProtocol.ICMP,
                Packets.icmp(IcmpHeader.ECHO_REQUEST, 0, 0x1234_0001, data));
    }

    @Requirement({"RFC1122:IP-1", "RFC1122:IP-63", "RFC1122:IP-68"})
    @Test
    void echoRequestIsAnsweredWithTheSameData() {
        try (IpHost host = IpHost.ready()) {
            byte[] data = Packets.bytes(57, 1);
            host.peerSends(Packets.withByte(echoRequest(host, data), 1, 0xb8));
            byte[] reply = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            assertEquals(null, Ipv4Header.check(Packets.view(reply), 0, reply.length));
            assertEquals(host.address, Ipv4Header.source(Packets.view(reply), 0));
            assertEquals(IpHost.PEER, Ipv4Header.destination(Packets.view(reply), 0));
            assertEquals(0xb8, Ipv4Header.tos(Packets.view(reply), 0), "the type of service is that of the request");
            assertArrayEquals(
                    Packets.icmp(IcmpHeader.ECHO_REPLY, 0, 0x1234_0001, data),
                    Arrays.copyOfRange(reply, 20, reply.length));
            assertEquals(1, host.count(StackCounter.ICMP_OUT_ECHO_REPS));
        }
    }

    @Requirement("RFC1122:IP-65")
    @Test
    void echoToBroadcastIsNotAnsweredButCounted() {
        try (IpHost host = IpHost.ready()) {
            byte[] request = Packets.ipv4(
                    IpHost.PEER,
                    Packets.ip("192.0.2.255"),
                    IpProtocol.ICMP,
                    Packets.icmp(IcmpHeader.ECHO_REQUEST, 0, 1, new byte[8]));
            host.peerSends(MacAddress.BROADCAST, EthernetHeader.TYPE_IPV4, request);
            host.expectDrop(DropReason.ICMP_BROADCAST_ECHO);
        }
    }

    @Test
    void badChecksumIsCounted() {
        try (IpHost host = IpHost.ready()) {
            byte[] request = echoRequest(host, new byte[8]);
            request[25] ^= 1;
            host.peerSends(request);
            host.expectDrop(DropReason.ICMP_BAD_CHECKSUM);
        }
    }

    @Requirement({"RFC1122:IP-113", "RFC1122:IP-114"})
    @Test
    void echoOf65507BytesIsReassembledAndAnsweredInFragments() {
        try (IpHost host = IpHost.ready()) {
            byte[] data = Packets.bytes(65_507, 2);
            byte[] message = Packets.icmp(IcmpHeader.ECHO_REQUEST, 0, 99, data);
            for (int from = 0; from < message.length; from += 1480) {
                int to = Math.min(message.length, from + 1480);
                int flags = from >> 3 | (to < message.length ? Ipv4Header.MF : 0);
                host.peerSends(Packets.ipv4(
                        IpHost.PEER, host.address, IpProtocol.ICMP, 77, flags, Arrays.copyOfRange(message, from, to)));
            }
            byte[] reply = new byte[message.length];
            int got = 0;
            while (!host.device.sent.isEmpty()) {
                byte[] packet = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
                assertTrue(packet.length <= 1500);
                int at = Ipv4Header.fragmentOffset(Packets.view(packet), 0);
                System.arraycopy(packet, 20, reply, at, packet.length - 20);
                got += packet.length - 20;
            }
            assertEquals(message.length, got);
            assertArrayEquals(Packets.icmp(IcmpHeader.ECHO_REPLY, 0, 99, data), reply);
        }
    }

    @Test
    void ourOwnAddressAnswersOverTheLoopback() {
        try (IpHost host = IpHost.ready()) {
            for (String target : new String[] {"192.0.2.1", "127.0.0.1"}) {
                int[] answered = {0};
                byte[] data = Packets.bytes(65_507, 3);
                int id = host.ip.openEcho((hi, lo, seq, buffer, offset, length, ttl, now) -> {
                    byte[] got = new byte[length];
                    buffer.getBytes(offset, got);
                    assertArrayEquals(data, got);
                    assertEquals(IpAddress.parse(target).lo(), lo);
                    answered[0] = seq;
                });
                IpPath path = host.path(target);
                assertTrue(path.isLoopback());
                int taken = host.ip.sendEcho(path, id, 5, Packets.view(data), 0, data.length, 0, 64, true, host.now);
                assertEquals(1, taken);
                assertTrue(host.ip.hasPending());
                host.turn();
                host.turn();
                host.turn();
                assertEquals(5, answered[0]);
                path.release();
                host.ip.closeEcho(id);
            }
            host.expectNothing();
        }
    }

    @Requirement({"RFC1122:IP-64", "RFC1122:IP-69"})
    @Test
    void repliesReachThePingerThatAskedAndNoOther() {
        try (IpHost host = IpHost.ready()) {
            int[] sequence = {-1};
            int id = host.ip.openEcho((hi, lo, seq, buffer, offset, length, ttl, now) -> sequence[0] = seq);
            IpPath path = host.path("192.0.2.2");
            host.ip.sendEcho(path, id, 9, Packets.view(new byte[4]), 0, 4, 0, 64, true, host.now);
            path.release();
            byte[] request = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            assertEquals(id, IcmpHeader.identifier(Packets.view(request), 20));
            host.peerSends(Packets.ipv4(
                    IpHost.PEER,
                    host.address,
                    IpProtocol.ICMP,
                    Packets.icmp(IcmpHeader.ECHO_REPLY, 0, (id ^ 1) << 16 | 8, new byte[4])));
            host.expectDrop(DropReason.ICMP_UNMATCHED);
            host.peerSends(Packets.ipv4(
                    IpHost.PEER,
                    host.address,
                    IpProtocol.ICMP,
                    Packets.icmp(IcmpHeader.ECHO_REPLY, 0, id << 16 | 9, new byte[4])));
            assertEquals(9, sequence[0]);
            host.ip.closeEcho(id);
        }
    }

    @Requirement({"RFC1122:IP-55", "RFC1122:IP-97"})
    @Test
    @Requirement("RFC9293:MUST-55")
    void quenchIsIgnoredAndARedirectOfNoUse() {
        try (IpHost host = IpHost.ready()) {
            byte[] quote = Packets.ipv4(host.address, IpHost.PEER, IpProtocol.UDP, new byte[8]);
            host.peerSends(Packets.ipv4(
                    IpHost.PEER, host.address, IpProtocol.ICMP, Packets.icmp(IcmpHeader.REDIRECT, 1, PEER2, quote)));
            host.expectDrop(DropReason.ICMP_REDIRECT_REFUSED);
            host.peerSends(Packets.ipv4(
                    IpHost.PEER, host.address, IpProtocol.ICMP, Packets.icmp(IcmpHeader.SOURCE_QUENCH, 0, 0, quote)));
            host.expectDrop(DropReason.ICMP_QUENCH_IGNORED);
            host.peerSends(
                    Packets.ipv4(IpHost.PEER, host.address, IpProtocol.ICMP, Packets.icmp(42, 0, 0, new byte[8])));
            host.expectDrop(DropReason.ICMP_UNKNOWN_TYPE);
        }
    }

    private static final int PEER2 = Packets.ip("192.0.2.3");
}
