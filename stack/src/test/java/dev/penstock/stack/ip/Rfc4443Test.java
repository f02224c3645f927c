package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Header;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ICMPv6: echo, the errors that we send and those that we hear. */
class Rfc4443Test {
    private static final String US = Packets6.US;
    private static final String PEER = Packets6.PEER;

    @Requirement({"RFC8200:5-2", "RFC4443:2.2-1", "RFC4443:4.1-1", "RFC4443:4.2-1"})
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8, 1000, 1452})
    void anEchoIsAnsweredWithItsDataFromTheAddressThatWasAsked(int bytes) {
        try (IpHost host = Packets6.ready()) {
            Packets6.receive(host, Packets6.echo(PEER, US, bytes));
            byte[] expected = Packets6.icmp(US, PEER, Icmpv6Header.ECHO_REPLY, 0, 0x0007_0001, Packets.bytes(bytes, 1));
            byte[] reply = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6);
            assertArrayEquals(
                    Arrays.copyOfRange(expected, 8, expected.length), Arrays.copyOfRange(reply, 8, reply.length));
            assertEquals(64, reply[7]);
        }
    }

    @Requirement({"RFC4443:2.2-2", "RFC4443:4.2-2"})
    @Test
    void anEchoToAllNodesIsAnsweredFromAUnicastAddressAndSeldom() {
        try (IpHost host = Packets6.ready()) {
            for (int i = 0; i < 30; i++) {
                Packets6.receive(host, Packets6.echo(PEER, "ff02::1", 8));
            }
            UnsafeBuffer b = new UnsafeBuffer(host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6));
            assertEquals(Packets6.ip(US), new IpAddress(Ipv6Header.sourceHi(b, 0), Ipv6Header.sourceLo(b, 0)));
            assertEquals(9, host.device.sent.size(), "ten of thirty");
            assertEquals(20, host.counters.get(DropReason.ICMP_RATE_LIMITED));
        }
    }

    @Requirement({"RFC8200:8.1-1", "RFC4443:2.3-1"})
    @Test
    void wrongChecksumsAreCounted() {
        try (IpHost host = Packets6.ready()) {
            byte[] echo = Packets6.echo(PEER, US, 8);
            echo[50] ^= 1;
            Packets6.receive(host, echo);
            host.expectDrop(DropReason.ICMP_BAD_CHECKSUM);
            Packets6.receive(host, Packets6.ipv6(PEER, US, IpProtocol.ICMPV6, new byte[7]));
            host.expectDrop(DropReason.ICMP_TRUNCATED);
        }
    }

    @Requirement({"RFC4443:2.1-1", "RFC4443:2.4b"})
    @Test
    void unknownMessagesAreDiscardedSilently() {
        for (int type : new int[] {128 + 25, 160, 200, 255}) {
            try (IpHost host = Packets6.ready()) {
                Packets6.receive(host, Packets6.icmp(PEER, US, type, 0, 0, new byte[64]));
                host.expectDrop(DropReason.ICMP_UNKNOWN_TYPE);
            }
        }
    }

    /** A packet that would be answered with an error if anything were. */
    private static byte[] unknownProtocol(String src, String dst, int next, byte[] payload) {
        return Packets6.ipv6(src, dst, 60, Packets6.extension(next), payload);
    }

    @Requirement({"RFC4443:2.4e-1", "RFC4443:2.4e-2", "RFC4443:2.4e-3", "RFC4443:2.4e-5"})
    @Test
    void noErrorAnswersAnErrorOrARedirectOrTellsOfWhatMightBeOne() {
        byte[][] never = {
            Packets6.ipv6(PEER, US, 60, Packets6.extension(58, 0, 0x9e, 0), new byte[] {1, 4, 0, 0, 0, 0, 0, 0}),
            Packets6.ipv6(PEER, US, 60, Packets6.extension(58, 0, 0x9e, 0), new byte[] {(byte) 137, 0, 0, 0, 0, 0, 0}),
            Packets6.ipv6(PEER, US, 60, Packets6.extension(58, 0, 0x9e, 0)),
            Packets6.ipv6("::", US, 60, Packets6.extension(17, 0, 0x9e, 0), new byte[8]),
            unknownProtocol(PEER, "ff02::1", 253, new byte[8]),
            Packets6.ipv6(PEER, US, 44, Packets6.fragmentHeader(58, 8, true, 1), new byte[] {1, 2, 3}),
        };
        for (byte[] packet : never) {
            try (IpHost host = Packets6.ready()) {
                Packets6.receive(host, packet);
                assertEquals(0, host.count(StackCounter.ICMP_OUT_ERRORS));
                host.expectNothing();
            }
        }
        try (IpHost host = Packets6.ready()) {
            // An echo request is no error, so that the problem with its options is told.
            Packets6.receive(
                    host,
                    Packets6.ipv6(PEER, US, 60, Packets6.extension(58, 0, 0x9e, 0), new byte[] {(byte) 128, 0, 0, 0}));
            assertEquals(1, host.count(StackCounter.ICMP_OUT_ERRORS));
        }
    }

    @Requirement("RFC4443:2.4c")
    @Requirement("RFC8504:5.8-1")
    @Test
    void anErrorQuotesAsMuchAsTheLeastMtuTakes() {
        try (IpHost host = Packets6.ready()) {
            byte[] packet = Packets6.ipv6(PEER, US, 253, Packets.bytes(1400, 1));
            Packets6.receive(host, packet);
            byte[] error = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6);
            assertEquals(1280, error.length);
            assertArrayEquals(Arrays.copyOf(packet, 1232), Arrays.copyOfRange(error, 48, 1280));
        }
    }

    @Requirement("RFC4443:2.4f")
    @Test
    void errorsAreLimitedPerNetwork() {
        try (IpHost host = Packets6.ready()) {
            host.ip.addRoute(new Route(IpPrefix.parse("::/0"), Packets6.ip(PEER), host.nic, 0));
            for (int i = 0; i < 40; i++) {
                Packets6.receive(host, Packets6.ipv6("2001:db8:7::" + (i + 1), US, 253, new byte[8]));
            }
            assertEquals(10, host.count(StackCounter.ICMP_OUT_ERRORS), "one /64 counts as one");
            assertEquals(30, host.counters.get(DropReason.ICMP_RATE_LIMITED));
            host.advance(IpHost.SECOND);
            Packets6.receive(host, Packets6.ipv6("2001:db8:7::1", US, 253, new byte[8]));
            assertEquals(11, host.count(StackCounter.ICMP_OUT_ERRORS));
        }
    }

    private static final class Listening implements TransportHandler, EchoHandler {
        private final List<String> heard = new ArrayList<>();

        @Override
        public void onPacket(IpPacket packet, long nowNs) {}

        @Override
        public void onIcmpError(IcmpError e, long nowNs) {
            heard.add(e.kind + " " + e.mtu + " from " + new IpAddress(e.reporterHi, e.reporterLo) + ": "
                    + new IpAddress(e.localHi, e.localLo) + " -> " + new IpAddress(e.remoteHi, e.remoteLo) + " port "
                    + dev.penstock.stack.wire.Wire.u16(e.buffer, e.quoteOffset));
        }

        @Override
        public void onEchoReply(
                long srcHi, long srcLo, int sequence, DirectBuffer b, int offset, int length, int ttl, long nowNs) {
            heard.add("reply " + sequence + " from " + new IpAddress(srcHi, srcLo) + " " + length);
        }

        @Override
        public void onEchoError(IcmpError error, int sequence, long nowNs) {
            heard.add(error.kind + " " + sequence);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, 0, NET_UNREACHABLE 0",
        "1, 1, 0, ADMIN_PROHIBITED 0",
        "1, 2, 0, HOST_UNREACHABLE 0",
        "1, 3, 0, HOST_UNREACHABLE 0",
        "1, 4, 0, PORT_UNREACHABLE 0",
        "1, 5, 0, ADMIN_PROHIBITED 0",
        "1, 6, 0, ADMIN_PROHIBITED 0",
        "2, 0, 1280, TOO_BIG 1280",
        "2, 9, 70000, TOO_BIG 65535",
        "3, 0, 0, TTL_EXCEEDED 0",
        "3, 1, 0, REASSEMBLY_TIMEOUT 0",
        "4, 0, 40, PARAMETER_PROBLEM 0",
        "4, 1, 40, PROTOCOL_UNREACHABLE 0",
        "5, 0, 0, UNKNOWN 0",
        "100, 7, 9, UNKNOWN 0",
        "127, 0, 0, UNKNOWN 0",
    })
    @Requirement({"RFC4443:2.4a", "RFC4443:2.4d", "RFC4443:3.1-2", "RFC4443:3.3-1", "RFC4443:3.4-2"})
    void errorsReachTheTransportWhosePacketTheyQuote(int type, int code, int rest, String what) {
        try (IpHost host = Packets6.ready()) {
            Listening listening = new Listening();
            host.ip.setTransport(IpProtocol.UDP, listening);
            byte[] ours = Packets6.ipv6(
                    US,
                    Packets6.FAR,
                    60,
                    Packets6.extension(IpProtocol.UDP),
                    Packets6.udp(US, 1234, Packets6.FAR, 9, new byte[1200]));
            Packets6.receive(host, Packets6.icmp(PEER, US, type, code, rest, Arrays.copyOf(ours, 1000)));
            assertEquals(
                    List.of(what + " from 2001:db8::2: 2001:db8::1 -> 2001:db8:ffff::7 port 1234"), listening.heard);
        }
    }

    @Requirement("RFC4443:2.4d")
    @Test
    void quotesThatAreNotOursAreNotBelieved() {
        byte[] udp = Packets6.udp(US, 1234, Packets6.FAR, 9, new byte[0]);
        byte[][] bad = {
            Packets6.ipv6("2001:db8::9", Packets6.FAR, IpProtocol.UDP, udp),
            Packets6.ipv6("::ffff:192.0.2.1", Packets6.FAR, IpProtocol.UDP, udp),
            Arrays.copyOf(Packets6.ipv6(US, Packets6.FAR, IpProtocol.UDP, udp), 47),
            Arrays.copyOf(Packets6.ipv6(US, Packets6.FAR, IpProtocol.UDP, udp), 39),
            Packets6.ipv6(US, Packets6.FAR, 44, Packets6.fragmentHeader(17, 8, false, 1), udp),
            Packets.ipv4(Packets.ip("192.0.2.1"), Packets.ip("192.0.2.9"), 17, new byte[40]),
        };
        for (byte[] quote : bad) {
            try (IpHost host = Packets6.ready()) {
                Listening listening = new Listening();
                host.ip.setTransport(IpProtocol.UDP, listening);
                Packets6.receive(host, Packets6.icmp(PEER, US, 1, 4, 0, quote));
                host.expectDrop(DropReason.ICMP_BAD_QUOTE);
                assertEquals(List.of(), listening.heard);
            }
        }
    }

    @Requirement("RFC4443:3.2-2")
    @Requirement("RFC8504:5.1-5")
    @Test
    void anMtuBelowThatOfEveryLinkIsNotBelieved() {
        try (IpHost host = Packets6.ready()) {
            Listening listening = new Listening();
            host.ip.setTransport(IpProtocol.UDP, listening);
            byte[] ours = Packets6.ipv6(US, PEER, IpProtocol.UDP, Packets6.udp(US, 1, PEER, 9, new byte[1200]));
            Packets6.receive(host, Packets6.icmp(PEER, US, 2, 0, 1279, Arrays.copyOf(ours, 1000)));
            host.expectDrop(DropReason.ICMP_BAD_MTU);
            assertEquals(List.of(), listening.heard);
        }
    }

    @Requirement({"RFC8200:5-3", "RFC4443:3.2-1", "RFC4443:4.1-2", "RFC4443:4.2-3"})
    @Requirement({"RFC8504:5.7-1", "RFC8504:5.8-1"})
    @Test
    void weSendEchoesHearTheAnswersAndLearnThePathMtu() {
        try (IpHost host = Packets6.ready()) {
            host.ip.addRoute(new Route(IpPrefix.parse("::/0"), Packets6.ip(PEER), host.nic, 0));
            Listening listening = new Listening();
            int id = host.ip.openEcho(listening);
            IpAddress far = Packets6.ip(Packets6.FAR);
            IpPath path = host.ip.path(0, 0, far.hi(), far.lo(), host.now);
            byte[] data = new byte[1452];
            assertEquals(1, host.ip.sendEcho(path, id, 3, Packets.view(data), 0, 1452, 0, 64, true, host.now));
            byte[] sent = host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV6);
            assertEquals(1500, sent.length);
            UnsafeBuffer b = new UnsafeBuffer(sent);
            assertEquals(
                    null, Icmpv6Header.check(b, 40, 1460, Packets6.pseudo(US, Packets6.FAR, IpProtocol.ICMPV6, 1460)));
            Packets6.receive(host, Packets6.icmp(PEER, US, 2, 0, 1400, Arrays.copyOf(sent, 1232)));
            assertEquals(1400, path.mtu());
            assertEquals(
                    IpOutput.TOO_BIG,
                    host.ip.sendEcho(path, id, 4, Packets.view(data), 0, 1452, 0, 64, true, host.now));
            host.expectNothing();
            Packets6.receive(host, Packets6.icmp(Packets6.FAR, US, Icmpv6Header.ECHO_REPLY, 0, id << 16 | 3, data));
            assertEquals(List.of("TOO_BIG 3", "reply 3 from 2001:db8:ffff::7 1452"), listening.heard);
            assertTrue(path.reduceMtu(1300, host.now));
            assertTrue(!path.reduceMtu(1279, host.now), "RFC 8201: discard it");
            assertEquals(1300, path.mtu());
            path.release();
            host.ip.closeEcho(id);
        }
    }
}
