package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Extension;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.MacAddress;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** IPv6 in: addresses, extension headers, options, and the errors about them. */
class Rfc8200Test {
    private static final String US = Packets6.US;
    private static final String PEER = Packets6.PEER;
    private static final byte[] ECHO =
            Packets6.message(PEER, US, Icmpv6Header.ECHO_REQUEST, 0, 0x0007_0001, new byte[8]);

    /** The ICMPv6 message of the next frame, which goes to the peer. */
    private static UnsafeBuffer expectMessage(IpHost host, int type, int code) {
        byte[] packet = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6);
        UnsafeBuffer b = new UnsafeBuffer(Arrays.copyOfRange(packet, 40, packet.length));
        assertEquals(type, Icmpv6Header.type(b, 0), () -> "type; " + host.counters);
        assertEquals(code, Icmpv6Header.code(b, 0), "code");
        assertEquals(null, Icmpv6Header.check(b, 0, b.capacity(), pseudoOf(packet)));
        return b;
    }

    private static int pseudoOf(byte[] packet) {
        UnsafeBuffer p = new UnsafeBuffer(packet);
        return dev.penstock.stack.wire.InternetChecksum.pseudoHeader(
                Ipv6Header.sourceHi(p, 0),
                Ipv6Header.sourceLo(p, 0),
                Ipv6Header.destinationHi(p, 0),
                Ipv6Header.destinationLo(p, 0),
                IpProtocol.ICMPV6,
                packet.length - 40);
    }

    private static void expectProblem(IpHost host, byte[] about, int code, int pointer, DropReason reason) {
        UnsafeBuffer b = expectMessage(host, Icmpv6Header.PARAMETER_PROBLEM, code);
        assertEquals(pointer, Icmpv6Header.rest(b, 0), "pointer");
        byte[] quote = new byte[b.capacity() - 8];
        b.getBytes(8, quote);
        assertArrayEquals(about, quote);
        host.expectDrop(reason);
    }

    private static void expectReply(IpHost host) {
        expectMessage(host, Icmpv6Header.ECHO_REPLY, 0);
        host.expectNothing();
    }

    @Requirement({"RFC8200:4-1", "RFC8200:4-2"})
    @Requirement("RFC8504:5.1-1")
    @Test
    void aPacketBehindAllExtensionHeadersIsTaken() {
        try (IpHost host = Packets6.ready()) {
            byte[] packet = Packets6.ipv6(
                    PEER,
                    US,
                    Ipv6Extension.HOP_BY_HOP,
                    Packets6.extension(Ipv6Extension.DESTINATION_OPTIONS, 5, 2, 0, 0),
                    Packets6.extension(Ipv6Extension.ROUTING, 1, 4, 0, 0, 0, 0),
                    Packets6.extension(Ipv6Extension.DESTINATION_OPTIONS, 0, 0, 0, 0, 0, 0),
                    Packets6.extension(IpProtocol.ICMPV6, 0x1e, 1, 9, 0, 0, 0),
                    ECHO);
            Packets6.receive(host, packet);
            expectReply(host);
        }
    }

    @Requirement({"RFC8200:4-4", "RFC4443:3.4-1"})
    @ParameterizedTest
    @CsvSource({"253", "50", "51", "4", "41"})
    void anUnknownNextHeaderIsReportedWithItsPlace(int protocol) {
        try (IpHost host = Packets6.ready()) {
            byte[] packet = Packets6.ipv6(PEER, US, protocol, new byte[20]);
            Packets6.receive(host, packet);
            expectProblem(host, packet, 1, 6, DropReason.IPV6_NO_PROTOCOL);
        }
        try (IpHost host = Packets6.ready()) {
            byte[] packet = Packets6.ipv6(
                    PEER, US, 60, Packets6.extension(60, 0, 0, 0, 0), Packets6.extension(protocol), new byte[20]);
            Packets6.receive(host, packet);
            expectProblem(host, packet, 1, 48, DropReason.IPV6_NO_PROTOCOL);
        }
    }

    @Requirement("RFC8200:4-3")
    @Requirement("RFC8504:5.1-3")
    @Test
    void hopByHopOptionsBelongBehindTheHeaderOnly() {
        try (IpHost host = Packets6.ready()) {
            byte[] packet = Packets6.ipv6(
                    PEER, US, 60, Packets6.extension(0, 0, 0, 0, 0), Packets6.extension(IpProtocol.ICMPV6), ECHO);
            Packets6.receive(host, packet);
            expectProblem(host, packet, 1, 40, DropReason.IPV6_NO_PROTOCOL);
        }
    }

    @Requirement({"RFC8200:4.4-1", "RFC8200:4.4-2", "RFC8200:4.4-3"})
    @Requirement("RFC8504:5.1-2")
    @Test
    void routingHeadersThatAreNotUsedUpAreRefused() {
        // Type 0 (RFC 5095), type 2, segment routing, and one that nobody knows.
        for (int type : new int[] {0, 2, 4, 200}) {
            try (IpHost host = Packets6.ready()) {
                byte[] packet =
                        Packets6.ipv6(PEER, US, 43, Packets6.extension(IpProtocol.ICMPV6, type, 1, 0, 0, 0, 0), ECHO);
                Packets6.receive(host, packet);
                expectProblem(host, packet, 0, 42, DropReason.IPV6_SOURCE_ROUTED);
            }
            try (IpHost host = Packets6.ready()) {
                Packets6.receive(
                        host,
                        Packets6.ipv6(PEER, US, 43, Packets6.extension(IpProtocol.ICMPV6, type, 0, 0, 0, 0, 0), ECHO));
                expectReply(host);
            }
        }
    }

    @Requirement("RFC8200:4.2-1")
    @Test
    void optionsThatMustBeKnownEndThePacketAsTheirBitsSay() {
        int[][] cases = {{0x1e, 0, 0}, {0x5e, 1, 0}, {0x9e, 1, 1}, {0xde, 1, 1}};
        for (int[] each : cases) {
            try (IpHost host = Packets6.ready()) {
                byte[] packet =
                        Packets6.ipv6(PEER, US, 60, Packets6.extension(IpProtocol.ICMPV6, 0, each[0], 1, 0), ECHO);
                Packets6.receive(host, packet);
                if (each[1] == 0) {
                    expectReply(host);
                } else if (each[2] == 0) {
                    host.expectDrop(DropReason.IPV6_UNKNOWN_OPTION);
                } else {
                    expectProblem(host, packet, 2, 43, DropReason.IPV6_UNKNOWN_OPTION);
                }
            }
        }
    }

    @Requirement({"RFC8200:4.2-2", "RFC4443:2.4e-3"})
    @Test
    void ofPacketsToAGroupOnlyTheOptionThatSaysSoIsReported() {
        for (int type : new int[] {0x9e, 0xde}) {
            try (IpHost host = Packets6.ready()) {
                byte[] packet = Packets6.ipv6(
                        PEER, "ff02::1", 0, Packets6.extension(IpProtocol.UDP, 0, type, 1, 0), new byte[8]);
                Packets6.receive(host, packet);
                if (type == 0x9e) {
                    expectProblem(host, packet, 2, 43, DropReason.IPV6_UNKNOWN_OPTION);
                } else {
                    host.expectDrop(DropReason.IPV6_UNKNOWN_OPTION);
                }
            }
        }
    }

    @Requirement("RFC4443:3.4-1")
    @Test
    void headersAndOptionsBeyondTheirEndAreReported() {
        try (IpHost host = Packets6.ready()) {
            byte[] packet = Packets6.ipv6(PEER, US, 60, Packets6.extension(IpProtocol.ICMPV6, 0, 0x1e, 9), ECHO);
            Packets6.receive(host, packet);
            expectProblem(host, packet, 0, 44, DropReason.IPV6_BAD_OPTION);
        }
        try (IpHost host = Packets6.ready()) {
            byte[] header = Packets6.extension(IpProtocol.UDP);
            header[1] = 2;
            byte[] packet = Packets6.ipv6(PEER, US, 60, header, new byte[8]);
            Packets6.receive(host, packet);
            expectProblem(host, packet, 0, 41, DropReason.IPV6_BAD_EXTENSION);
        }
        for (int length = 0; length < 8; length++) {
            try (IpHost host = Packets6.ready()) {
                Packets6.receive(host, Packets6.ipv6(PEER, US, 60, new byte[length]));
                host.device.sent.clear();
                host.expectDrop(DropReason.IPV6_BAD_EXTENSION);
            }
        }
    }

    @Requirement("RFC8504:5.3-1")
    @Test
    void chainsAndPaddingWithoutEndAreRefusedSilently() {
        try (IpHost host = Packets6.ready()) {
            byte[] chain = new byte[0];
            for (int i = 0; i < 9; i++) {
                chain = Packets.concat(chain, Packets6.extension(i < 8 ? 60 : IpProtocol.ICMPV6));
            }
            Packets6.receive(host, Packets6.ipv6(PEER, US, 60, chain, ECHO));
            host.expectDrop(DropReason.IPV6_EXTENSION_LIMIT);
        }
        try (IpHost host = Packets6.ready()) {
            byte[] padding = Packets6.extension(IpProtocol.ICMPV6, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
            Packets6.receive(host, Packets6.ipv6(PEER, US, 60, padding, ECHO));
            host.expectDrop(DropReason.IPV6_EXTENSION_LIMIT);
        }
    }

    @Requirement("RFC8200:4.7-1")
    @Test
    void nothingFollowsTheHeaderThatSaysSo() {
        try (IpHost host = Packets6.ready()) {
            Packets6.receive(host, Packets6.ipv6(PEER, US, Ipv6Extension.NO_NEXT_HEADER, new byte[20]));
            host.expectDrop(DropReason.IPV6_NO_PAYLOAD);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff02::1", "::1", "::ffff:192.0.2.9", "2001:db8::1"})
    void sourcesThatNoOtherHostHasAreRefused(String source) {
        try (IpHost host = Packets6.ready()) {
            Packets6.receive(host, Packets6.echo(source, US, 8));
            host.expectDrop(DropReason.IPV6_BAD_SOURCE);
        }
    }

    @Test
    void nobodyMaySendOnlyIcmp() {
        try (IpHost host = Packets6.ready()) {
            host.ip.setTransport(IpProtocol.UDP, new Recording());
            Packets6.receive(host, Packets6.ipv6("::", US, IpProtocol.UDP, Packets6.udp("::", 1, US, 2, new byte[4])));
            host.expectDrop(DropReason.IPV6_BAD_SOURCE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2001:db8::9", "::", "::1", "ff02::2", "ff01::1", "ff00::1", "ff05::1"})
    void otherDestinationsAreNotForUs(String destination) {
        try (IpHost host = Packets6.ready()) {
            host.nic
                    .port()
                    .join(MacAddress.forIpv6Multicast(Packets6.ip(destination).lo()));
            Packets6.receive(host, Packets6.echo(PEER, destination, 8));
            host.expectDrop(DropReason.IPV6_NOT_FOR_US);
        }
    }

    @Test
    void anIpv4AddressOfOursIsNotReachedThroughItsMappedForm() {
        try (IpHost host = Packets6.ready()) {
            host.ip.addAddress(host.nic, IpPrefix.parse("192.0.2.1/24"), host.now);
            host.advance(5 * IpHost.SECOND);
            host.device.sent.clear();
            Packets6.receive(host, Packets6.echo(PEER, "::ffff:192.0.2.1", 8));
            host.expectDrop(DropReason.IPV6_NOT_FOR_US);
        }
    }

    @Requirement("RFC4443:2.4e-4")
    @Test
    void unicastInAFrameToAGroupIsRefused() {
        try (IpHost host = Packets6.ready()) {
            host.peerSends(MacAddress.forIpv6Multicast(1), EthernetHeader.TYPE_IPV6, Packets6.echo(PEER, US, 8));
            host.expectDrop(DropReason.IPV6_NOT_FOR_US);
        }
    }

    @Requirement("RFC8200:3-2")
    @Test
    void badHeadersAreCounted() {
        try (IpHost host = Packets6.ready()) {
            byte[] echo = Packets6.echo(PEER, US, 8);
            host.peerSends(IpHost.MAC, EthernetHeader.TYPE_IPV6, Arrays.copyOf(echo, 39));
            host.expectDrop(DropReason.IPV6_TRUNCATED);
            host.peerSends(IpHost.MAC, EthernetHeader.TYPE_IPV6, Arrays.copyOf(echo, 50));
            host.expectDrop(DropReason.IPV6_BAD_LENGTH);
            echo[0] = 0x40;
            host.peerSends(IpHost.MAC, EthernetHeader.TYPE_IPV6, echo);
            host.expectDrop(DropReason.IPV6_BAD_VERSION);
            // Behind the payload there may be padding.
            Packets6.receive(host, Packets.concat(Packets6.echo(PEER, US, 8), new byte[7]));
            expectReply(host);
        }
    }

    @Test
    void icmpOfIpv4IsNoProtocolOfIpv6AndTheOtherWayRound() {
        try (IpHost host = Packets6.ready()) {
            Packets6.receive(host, Packets6.ipv6(PEER, US, IpProtocol.ICMP, Packets.icmp(8, 0, 1, new byte[8])));
            expectMessage(host, Icmpv6Header.PARAMETER_PROBLEM, 1);
            host.expectDrop(DropReason.IPV6_NO_PROTOCOL);
        }
        try (IpHost host = IpHost.ready()) {
            byte[] echo = Packets6.message(
                    "::ffff:192.0.2.2", "::ffff:192.0.2.1", Icmpv6Header.ECHO_REQUEST, 0, 1, new byte[8]);
            host.peerSends(Packets.ipv4(IpHost.PEER, host.address, IpProtocol.ICMPV6, echo));
            byte[] answer = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4);
            assertEquals(3, answer[20], "protocol unreachable");
            host.expectDrop(DropReason.IPV4_NO_PROTOCOL);
        }
    }

    @Requirement("RFC8200:5-1")
    @Test
    void aSmallMtuIsNoLinkForIpv6() {
        try (IpHost host = new IpHost(null, IpHost.MAC, 1279, c -> {})) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> host.ip.addAddress(host.nic, IpPrefix.parse("2001:db8::1/64"), host.now));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"::/64", "::1/128", "ff02::1/64", "2001:db8::/64", "2001:db8::1/0", "2001:db8::1/64"})
    void addressesThatNoHostHasAreRefused(String prefix) {
        try (IpHost host = Packets6.ready()) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> host.ip.addAddress(host.nic, IpPrefix.parse(prefix), host.now));
        }
    }

    @Requirement("RFC8200:7-1")
    @Test
    void deliversAreCounted() {
        try (IpHost host = Packets6.ready()) {
            Recording recording = new Recording();
            host.ip.setTransport(IpProtocol.UDP, recording);
            long before = host.count(StackCounter.IP_IN_DELIVERS);
            byte[] packet = Packets6.ipv6(
                    PEER, US, 60, Packets6.extension(IpProtocol.UDP), Packets6.udp(PEER, 7, US, 9, new byte[] {1, 2, 3
                    }));
            packet[0] = 0x6b;
            packet[1] = (byte) 0x80;
            Packets6.receive(host, packet);
            assertEquals("17 48+11 2001:db8::2 2001:db8::1 ttl 255 tos 184", recording.last);
            assertEquals(before + 1, host.count(StackCounter.IP_IN_DELIVERS));
        }
    }

    /** Keeps what it is told in words. */
    private static final class Recording implements TransportHandler {
        private String last = "";

        @Override
        public void onPacket(IpPacket p, long nowNs) {
            last = p.protocol + " " + p.headerLength + "+" + p.payloadLength + " "
                    + new dev.penstock.stack.wire.IpAddress(p.srcHi, p.srcLo) + " "
                    + new dev.penstock.stack.wire.IpAddress(p.dstHi, p.dstLo) + " ttl " + p.ttl + " tos " + p.tos;
        }

        @Override
        public void onIcmpError(IcmpError error, long nowNs) {
            last = error.kind.toString();
        }
    }
}
