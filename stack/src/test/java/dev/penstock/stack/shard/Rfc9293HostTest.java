package dev.penstock.stack.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.ip.Packets;
import dev.penstock.stack.ip.TestDevice;
import dev.penstock.stack.tcp.TcpAcceptor;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.ArpPacket;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What RFC 9293 asks of TCP and the layers below it together: a whole stack on a device whose frames the test sees. */
class Rfc9293HostTest {
    private static final long MAC = 0x02_00_00_00_00_01L;
    private static final long PEER_MAC = 0x02_00_00_00_00_02L;
    private static final int OURS = Packets.ip("192.0.2.1");
    private static final int PEER = Packets.ip("192.0.2.2");
    private static final int PORT = 80;
    private static final int DATA = 3001;

    private final TestDevice device = new TestDevice(MAC, DeviceCapabilities.plain(1500));
    private final List<Throwable> errors = new ArrayList<>();
    private long nowNs = 1_000_000_000L;
    private StackShard shard;
    private TcpAcceptor acceptor;
    private TcpConnection accepted;

    @BeforeEach
    void start() {
        shard = StackShard.create(
                device,
                new ShardConfig(),
                List.of(IpPrefix.parse("192.0.2.1/24")),
                null,
                () -> nowNs,
                RandomSource.seeded(1),
                errors::add);
        settle();
        frame(MacAddress.BROADCAST, EthernetHeader.TYPE_ARP, Packets.arp(ArpPacket.REQUEST, PEER_MAC, PEER, 0, OURS));
        acceptor = shard.tcp().listen(0, 0, PORT, 8, new TcpOptions(), (l, now) -> {
            accepted = l.accept(new TcpHandler() {
                @Override
                public void onConnected(TcpConnection c, long at) {
                    UnsafeBuffer text = new UnsafeBuffer(new byte[DATA]);
                    for (int i = 0; i < DATA; i++) {
                        text.putByte(i, (byte) (i * 31 + 7));
                    }
                    c.write(text, 0, DATA, at);
                }
            });
        });
        device.sent.clear();
    }

    @AfterEach
    void close() {
        acceptor.close(nowNs);
        if (accepted != null) {
            accepted.abort(nowNs);
        }
        settle();
        shard.onClose();
        assertEquals("", shard.leaks());
        assertEquals(List.of(), errors);
    }

    private void settle() {
        for (int i = 0; i < 1000 && (shard.doWork() > 0 || shard.hasPending()); i++) {
            nowNs += 1000;
        }
    }

    private void frame(long destination, int type, byte[] payload) {
        device.received.add(Packets.ethernet(destination, PEER_MAC, type, payload));
        settle();
    }

    private static byte[] segment(int src, int dst, int flags, int seq, int ack) {
        byte[] options = {2, 4, 5, (byte) 0xb4};
        UnsafeBuffer b = new UnsafeBuffer(new byte[24]);
        TcpHeader.put(b, 0, 5000, PORT, seq, ack, 24, flags, 60_000, 0, 0);
        b.putBytes(20, options);
        int pseudo =
                InternetChecksum.pseudoHeader(0, IpAddress.v4(src), 0, IpAddress.v4(dst), IpProtocol.TCP, b.capacity());
        Wire.u16(
                b,
                TcpHeader.CHECKSUM_OFFSET,
                InternetChecksum.finish(InternetChecksum.add(pseudo, InternetChecksum.sum(b, 0, b.capacity()))));
        return b.byteArray();
    }

    private void syn(long mac, int src, int dst) {
        frame(
                mac,
                EthernetHeader.TYPE_IPV4,
                Packets.ipv4(src, dst, IpProtocol.TCP, segment(src, dst, TcpHeader.SYN, 9, 0)));
    }

    /** The TCP segments that went out, each with its IP header. */
    private List<byte[]> segments() {
        List<byte[]> segments = new ArrayList<>();
        for (byte[] frame : device.sent) {
            byte[] packet = Packets.payload(frame);
            if (EthernetHeader.type(new UnsafeBuffer(frame), 0) == EthernetHeader.TYPE_IPV4
                    && packet[9] == IpProtocol.TCP) {
                segments.add(packet);
            }
        }
        return segments;
    }

    private static int tcpFlags(byte[] packet) {
        return TcpHeader.flags(new UnsafeBuffer(packet), 20);
    }

    /** RFC 9293, section 3.1, word by word and without the stack's own code. */
    private static int naiveChecksum(byte[] packet) {
        int total = (packet[2] & 0xff) << 8 | packet[3] & 0xff;
        long sum = (long) IpProtocol.TCP + total - 20;
        for (int i = 12; i < total; i += 2) {
            sum += (packet[i] & 0xff) << 8 | (i + 1 < total ? packet[i + 1] & 0xff : 0);
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) sum;
    }

    @Test
    @Requirement("RFC9293:MUST-2")
    void everySegmentHasItsChecksum() {
        syn(MAC, PEER, OURS);
        byte[] synAck = segments().get(0);
        int iss = TcpHeader.sequence(new UnsafeBuffer(synAck), 20);
        frame(
                MAC,
                EthernetHeader.TYPE_IPV4,
                Packets.ipv4(PEER, OURS, IpProtocol.TCP, segment(PEER, OURS, TcpHeader.ACK, 10, iss + 1)));
        assertNotNull(accepted);
        // And a reset, for what has no connection.
        byte[] stranger = segment(PEER, OURS, TcpHeader.ACK, 10, 77);
        stranger[1]++;
        stranger[17]--;
        frame(MAC, EthernetHeader.TYPE_IPV4, Packets.ipv4(PEER, OURS, IpProtocol.TCP, stranger));
        List<byte[]> sent = segments();
        assertTrue(sent.size() >= 5, "SYN-ACK, three of data, one with an odd length, and a reset: " + sent.size());
        assertEquals(TcpHeader.RST, tcpFlags(sent.get(sent.size() - 1)));
        for (byte[] packet : sent) {
            assertEquals(0xffff, naiveChecksum(packet));
        }
    }

    /** "A TCP implementation MUST silently ignore IP options that it does not understand". */
    @Test
    @Requirement("RFC9293:MUST-50")
    void ipOptionsDoNoHarm() {
        // No-operations and the end; one that nobody knows; record route, timestamp, and a loose source route that is
        // used up.
        byte[][] options = {
            {1, 1, 1, 0},
            {(byte) 0x9e, 4, 1, 2},
            {7, 7, 4, 0, 0, 0, 0, 0},
            {68, 8, 5, 0, 0, 0, 0, 0},
            {(byte) 0x94, 4, 0, 0}
        };
        for (byte[] option : options) {
            device.sent.clear();
            byte[] plain = Packets.ipv4(PEER, OURS, IpProtocol.TCP, segment(PEER, OURS, TcpHeader.SYN, 9, 0));
            byte[] packet = new byte[plain.length + option.length];
            System.arraycopy(plain, 0, packet, 0, 20);
            System.arraycopy(option, 0, packet, 20, option.length);
            System.arraycopy(plain, 20, packet, 20 + option.length, plain.length - 20);
            packet[0] = (byte) (0x45 + option.length / 4);
            packet[3] = (byte) packet.length;
            Ipv4Header.putChecksum(new UnsafeBuffer(packet), 0, 20 + option.length);
            frame(MAC, EthernetHeader.TYPE_IPV4, packet);
            assertEquals(1, segments().size(), "option " + (option[0] & 0xff));
            assertEquals(TcpHeader.SYN | TcpHeader.ACK, tcpFlags(segments().get(0)));
        }
    }

    /** "An incoming SYN with an invalid source address MUST be ignored either by TCP or by the IP layer". */
    @Test
    @Requirement("RFC9293:MUST-63")
    void aSynFromNoHostIsIgnored() {
        String[] sources = {
            "224.0.0.1", "239.1.2.3", "255.255.255.255", "192.0.2.255", "127.0.0.1", "0.0.0.0", "0.1.2.3"
        };
        for (String source : sources) {
            syn(MAC, Packets.ip(source), OURS);
        }
        assertEquals(List.of(), segments());
        assertEquals(sources.length, shard.counters().get(DropReason.IPV4_BAD_SOURCE));
        syn(MAC, PEER, OURS);
        assertEquals(1, segments().size(), "and from a host it is answered");
    }

    @Test
    @Requirement({"RFC9293:MUST-57.1", "RFC9293:MUST-57.2"})
    void aSynToManyIsIgnored() {
        syn(MacAddress.BROADCAST, PEER, Packets.ip("255.255.255.255"));
        syn(MacAddress.BROADCAST, PEER, Packets.ip("192.0.2.255"));
        syn(MacAddress.forIpv4Multicast(Packets.ip("224.0.0.1")), PEER, Packets.ip("224.0.0.1"));
        // Sent to all by the link, to us by the address: RFC 1122, 3.3.6.
        syn(MacAddress.BROADCAST, PEER, OURS);
        assertEquals(0, device.sent.size(), "neither a segment nor an ICMP error");
        assertEquals(3, shard.counters().get(DropReason.TCP_NOT_UNICAST), "broadcasts and group came as far as TCP");
    }
}
