package dev.penstock.stack.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.udp.UdpConfig;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.udp.UdpLayer;
import dev.penstock.stack.wire.ArpPacket;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.MacAddress;
import java.util.Arrays;
import java.util.Random;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;

/** Mutated and random frames: no exception, no leak, and each ends as a delivery, a fragment held, or a counted drop. */
class IpFuzzTest {
    private static final int FRAMES = 200_000;

    private static byte[][] seeds(IpHost host) {
        int us = host.address;
        byte[] quote = Packets.ipv4(us, IpHost.PEER, IpProtocol.UDP, Packets.udp(us, 7, IpHost.PEER, 9, new byte[8]));
        byte[] udp = Packets.udp(IpHost.PEER, 9, us, 7, new byte[30]);
        return new byte[][] {
            frame(
                    IpHost.MAC,
                    EthernetHeader.TYPE_ARP,
                    Packets.arp(ArpPacket.REQUEST, IpHost.PEER_MAC, IpHost.PEER, 0, us)),
            frame(
                    IpHost.MAC,
                    EthernetHeader.TYPE_ARP,
                    Packets.arp(ArpPacket.REPLY, IpHost.PEER_MAC, IpHost.PEER, 0, us)),
            frame(IpHost.MAC, Packets.ipv4(IpHost.PEER, us, IpProtocol.ICMP, Packets.icmp(8, 0, 1, new byte[40]))),
            frame(IpHost.MAC, Packets.ipv4(IpHost.PEER, us, IpProtocol.ICMP, Packets.icmp(0, 0, 1, new byte[40]))),
            frame(IpHost.MAC, Packets.ipv4(IpHost.PEER, us, IpProtocol.ICMP, Packets.icmp(3, 4, 1000, quote))),
            frame(IpHost.MAC, Packets.ipv4(IpHost.PEER, us, IpProtocol.ICMP, Packets.icmp(11, 0, 0, quote))),
            frame(IpHost.MAC, Packets.ipv4(IpHost.PEER, us, IpProtocol.UDP, udp)),
            frame(IpHost.MAC, Packets.ipv4(IpHost.PEER, us, IpProtocol.UDP, 5, Ipv4Header.MF, new byte[64])),
            frame(IpHost.MAC, Packets.ipv4(IpHost.PEER, us, IpProtocol.UDP, 5, 8, new byte[64])),
            frame(IpHost.MAC, Packets.ipv4(IpHost.PEER, us, 253, new byte[20])),
            frame(MacAddress.BROADCAST, Packets.ipv4(IpHost.PEER, -1, IpProtocol.UDP, udp)),
            frame(IpHost.MAC, EthernetHeader.TYPE_IPV6, new byte[60]),
            frame(IpHost.MAC, EthernetHeader.TYPE_VLAN, new byte[60]),
        };
    }

    private static byte[] frame(long mac, byte[] ipv4) {
        return frame(mac, EthernetHeader.TYPE_IPV4, ipv4);
    }

    private static byte[] frame(long mac, int type, byte[] payload) {
        return Packets.ethernet(mac, IpHost.PEER_MAC, type, payload);
    }

    /** Changes bits, cuts, lengthens, and often makes the IPv4 and ICMP checksums right again, to get further in. */
    private static byte[] mutate(byte[] seed, Random random) {
        byte[] frame = seed.clone();
        int changes = random.nextInt(5);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(4) == 0 ? random.nextInt(frame.length) : 12 + random.nextInt(frame.length - 12);
            frame[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (frame[at] ^ 1 << random.nextInt(8));
        }
        if (random.nextInt(4) == 0) {
            frame = Arrays.copyOf(frame, random.nextInt(frame.length + 40));
        }
        boolean ipv4 = frame.length >= 34 && frame[12] == 8 && frame[13] == 0;
        int headerLength = ipv4 ? (frame[14] & 15) * 4 : 0;
        if (ipv4 && headerLength >= 20 && frame.length >= 14 + headerLength && random.nextInt(8) != 0) {
            Ipv4Header.putChecksum(Packets.view(frame), 14, headerLength);
            int total = Ipv4Header.totalLength(Packets.view(frame), 14);
            int message = total - headerLength;
            if (frame[23] == IpProtocol.ICMP && message >= 8 && 14 + total <= frame.length) {
                IcmpHeader.putChecksum(Packets.view(frame), 14 + headerLength, message);
            }
        }
        return frame;
    }

    @Test
    void nothingThrowsNothingLeaksEverythingIsCounted() {
        long seed = 20261122;
        Random random = new Random(seed);
        long[] datagrams = {0};
        try (IpHost host = IpHost.ready()) {
            UdpLayer udp = new UdpLayer(
                    UdpConfig.defaults(), host.ip, RandomSource.seeded(1), host.counters, host.small, host.large);
            UdpEndpoint endpoint = udp.open(new UdpHandler() {
                @Override
                public void onDatagram(
                        DirectBuffer buffer,
                        int offset,
                        int length,
                        long srcHi,
                        long srcLo,
                        int srcPort,
                        long dstHi,
                        long dstLo,
                        long nowNs) {
                    datagrams[0]++;
                }
            });
            endpoint.bind(0, Packets.lo("0.0.0.0"), 7);
            int ping = host.ip.openEcho((hi, lo, seq, buffer, offset, length, ttl, now) -> datagrams[0]++);
            byte[][] seeds = seeds(host);
            for (int i = 0; i < FRAMES; i++) {
                host.device.received.add(mutate(seeds[random.nextInt(seeds.length)], random));
                if (i % 50 == 0) {
                    try {
                        host.turn();
                        udp.flush(host.now);
                    } catch (RuntimeException | Error e) {
                        throw new AssertionError("seed " + seed + ", about frame " + i, e);
                    }
                    host.device.sent.clear();
                    host.now += 10 * IpHost.MS;
                }
                if (i % 20_000 == 0) {
                    host.advance(20 * IpHost.SECOND);
                    host.device.sent.clear();
                }
            }
            host.turn();
            long frames = host.count(StackCounter.FRAMES_IN);
            assertTrue(frames >= FRAMES, "frames " + frames);
            long accounted = host.counters.totalDrops()
                    + datagrams[0]
                    + host.count(StackCounter.ICMP_IN_ECHOS)
                    + host.count(StackCounter.ICMP_IN_ERRORS)
                    + host.count(StackCounter.ARP_REQUESTS_IN)
                    + host.count(StackCounter.ARP_REPLIES_IN)
                    + host.count(StackCounter.IP_REASM_REQUIRED);
            assertTrue(accounted >= frames, accounted + " of " + frames + "; " + host.counters);
            for (DropReason reason : new DropReason[] {
                DropReason.IPV4_BAD_CHECKSUM,
                DropReason.IPV4_BAD_OPTION,
                DropReason.IPV4_BAD_SOURCE,
                DropReason.IPV4_FRAGMENT_OVERLAP,
                DropReason.ICMP_BAD_QUOTE,
                DropReason.ARP_MALFORMED,
                DropReason.UDP_BAD_CHECKSUM,
                DropReason.ETHERNET_TRUNCATED
            }) {
                assertTrue(host.counters.get(reason) > 0, reason + " never happened; " + host.counters);
            }
            host.ip.closeEcho(ping);
            // And it still lives.
            host.advance(60 * IpHost.SECOND);
            host.arpFromPeer();
            host.device.sent.clear();
            host.peerSends(
                    Packets.ipv4(IpHost.PEER, host.address, IpProtocol.ICMP, Packets.icmp(8, 0, 1, new byte[40])));
            assertEquals(68, host.expect(IpHost.PEER_MAC, EthernetHeader.TYPE_IPV4).length);
            endpoint.close();
        }
    }

    @Test
    void randomBytesBehindARightDoorDoNoHarm() {
        Random random = new Random(7);
        try (IpHost host = IpHost.ready()) {
            for (int i = 0; i < 50_000; i++) {
                byte[] noise = new byte[random.nextInt(200)];
                random.nextBytes(noise);
                int type = random.nextBoolean() ? EthernetHeader.TYPE_IPV4 : EthernetHeader.TYPE_ARP;
                host.device.received.add(frame(IpHost.MAC, type, noise));
            }
            host.turn();
            assertEquals(50_000, host.counters.totalDrops());
        }
    }
}
