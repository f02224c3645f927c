package dev.penstock.conformance.attack;

import static dev.penstock.stack.base.DropReason.*;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.wire.ArpPacket;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.NdpMessage;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** The attacks that everybody knows, and some that only authors of stacks do. */
final class Attacks {
    static final int NONE = 0;
    static final int ALL = 1_000_000;

    private Attacks() {}

    /** Those of one family. */
    static List<Attack> of(boolean v6) {
        List<Attack> all = new ArrayList<>();
        addresses(all, v6);
        fragments(all, v6);
        icmp(all, v6);
        tcp(all);
        if (v6) {
            AttacksV6.addTo(all);
        } else {
            headersV4(all);
            arp(all);
        }
        return all;
    }

    static void add(
            List<Attack> to, String name, String about, int replies, Attack.Frames frames, DropReason... drops) {
        to.add(new Attack(name, about, frames, List.of(drops), replies));
    }

    // --- what all frames are made of ---

    static byte[] send(AttackLab lab, byte... packet) {
        return Craft.frame(lab.attackerMac, lab.victimMac, packet);
    }

    static byte[] group(AttackLab lab, IpAddress to, byte... packet) {
        return Craft.frame(lab.attackerMac, Craft.groupMac(to), packet);
    }

    static IpAddress attacker(AttackLab lab) {
        return lab.address("192.0.2.66", "2001:db8::66");
    }

    /** One of very many that are not there. */
    static IpAddress invented(AttackLab lab) {
        int host = lab.random.nextInt(1 << 24);
        return lab.isV6()
                ? new IpAddress(lab.victim.hi(), 0x6600_0000L << 16 | host)
                : IpAddress.parse("192.0." + (3 + host % 250) + "." + (1 + host / 250 % 250));
    }

    private static int icmpProtocol(AttackLab lab) {
        return lab.isV6() ? IpProtocol.ICMPV6 : IpProtocol.ICMP;
    }

    static byte[] echo(AttackLab lab, IpAddress from, IpAddress to) {
        int type = lab.isV6() ? Icmpv6Header.ECHO_REQUEST : IcmpHeader.ECHO_REQUEST;
        byte[] message = Craft.icmp(from, to, type, 0, lab.random.nextInt(), Craft.bytes(56));
        return Craft.ip(from, to, icmpProtocol(lab), 64, message);
    }

    private static byte[] segment(AttackLab lab, int fromPort, int toPort, int seq, int flags, byte... data) {
        byte[] tcp = Craft.tcp(lab.friend, fromPort, lab.victim, toPort, seq, lab.random.nextInt(), flags, data);
        return send(lab, Craft.ip(lab.friend, lab.victim, IpProtocol.TCP, 64, tcp));
    }

    // --- addresses ---

    private static void addresses(List<Attack> to, boolean v6) {
        DropReason bad = v6 ? IPV6_BAD_SOURCE : IPV4_BAD_SOURCE;
        add(
                to,
                "land",
                "a SYN from the victim to itself (1997)",
                NONE,
                (lab, i) -> {
                    int port = AttackLab.SERVICE;
                    byte[] syn = Craft.tcp(lab.victim, port, lab.victim, port, i, 0, TcpHeader.SYN);
                    return send(lab, Craft.ip(lab.victim, lab.victim, IpProtocol.TCP, 64, syn));
                },
                bad);
        String[] martians = v6
                ? new String[] {"::1", "ff02::1", "2001:db8::1"}
                : new String[] {"127.0.0.1", "0.0.0.0", "224.0.0.5", "255.255.255.255", "192.0.255.255", "192.0.2.1"};
        add(
                to,
                "martians",
                "datagrams from addresses that no sender has (RFC 1122, 3.2.1.3; RFC 4291, 2.5)",
                NONE,
                (lab, i) -> {
                    IpAddress from = IpAddress.parse(martians[i % martians.length]);
                    byte[] udp = Craft.udp(from, 9, lab.victim, AttackLab.CLOSED, Craft.bytes(20));
                    return send(lab, Craft.ip(from, lab.victim, IpProtocol.UDP, 64, udp));
                },
                bad);
        if (!v6) {
            add(
                    to,
                    "smurf",
                    "echo requests to everybody, in the friend's name (RFC 1122, 3.2.2.6)",
                    NONE,
                    (lab, i) -> {
                        IpAddress all = IpAddress.parse(i % 2 == 0 ? "192.0.255.255" : "255.255.255.255");
                        return group(lab, all, echo(lab, lab.friend, all));
                    },
                    ICMP_BROADCAST_ECHO);
        } else {
            add(
                    to,
                    "smurf",
                    "echo requests to everybody, in the friend's name: answers are few (RFC 4443, 4.2 and 2.4 f)",
                    300,
                    (lab, i) -> group(lab, IpAddress.ALL_NODES, echo(lab, lab.friend, IpAddress.ALL_NODES)));
        }
        add(
                to,
                "fraggle",
                "datagrams for a closed port of everybody (RFC 1122, 3.2.2; RFC 4443, 2.4)",
                NONE,
                (lab, i) -> {
                    IpAddress all = lab.address("192.0.255.255", "ff02::1");
                    byte[] udp = Craft.udp(lab.friend, 7, all, AttackLab.CLOSED, Craft.bytes(20));
                    return group(lab, all, Craft.ip(lab.friend, all, IpProtocol.UDP, 64, udp));
                },
                UDP_NO_PORT);
        add(
                to,
                "group-syn",
                "SYNs to everybody (RFC 9293, MUST-57)",
                NONE,
                (lab, i) -> {
                    IpAddress all = lab.address("192.0.255.255", "ff02::1");
                    byte[] syn = Craft.tcp(lab.friend, 9, all, AttackLab.SERVICE, i, 0, TcpHeader.SYN);
                    return group(lab, all, Craft.ip(lab.friend, all, IpProtocol.TCP, 64, syn));
                },
                TCP_NOT_UNICAST);
    }

    // --- fragments ---

    private static byte[] piece(AttackLab lab, int id, int offset, boolean more, int length) {
        return send(
                lab, Craft.fragment(attacker(lab), lab.victim, IpProtocol.UDP, id, offset, more, Craft.bytes(length)));
    }

    private static void fragments(List<Attack> to, boolean v6) {
        DropReason overlap = v6 ? IPV6_FRAGMENT_OVERLAP : IPV4_FRAGMENT_OVERLAP;
        DropReason limit = v6 ? IPV6_FRAGMENT_LIMIT : IPV4_FRAGMENT_LIMIT;
        add(
                to,
                "ping-of-death",
                "fragments that end beyond 65,535 bytes (1996)",
                v6 ? 300 : NONE,
                (lab, i) -> piece(lab, i, 65_528, false, 800),
                v6 ? IPV6_FRAGMENT_TOO_BIG : IPV4_FRAGMENT_TOO_BIG);
        add(
                to,
                "teardrop",
                "fragments that overlap (1997; RFC 5722)",
                NONE,
                (lab, i) -> piece(lab, i / 2, i % 2 * 24, i % 2 == 0, 40));
        add(
                to,
                "rose",
                "first and last fragments of packets whose middle never comes (2003)",
                40,
                (lab, i) -> piece(lab, i / 2, i % 2 * 60_000, i % 2 == 0, 1200),
                limit);
        add(
                to,
                "new-dawn",
                "many fragments of few packets that are never whole, over and over",
                40,
                (lab, i) -> piece(lab, i % 4, 8 + i / 4 % 1000 * 64, true, 8));
        add(
                to,
                "endless",
                "fragments of one packet, one byte range after the other, without a last one",
                40,
                (lab, i) -> piece(lab, 7, i % 50 * 1280, true, 1280));
        add(
                to,
                "tiny",
                "a TCP header cut in two, to pass filters (RFC 1858, RFC 7112)",
                v6 ? 300 : NONE,
                (lab, i) -> {
                    byte[] syn = Craft.tcp(lab.friend, 9, lab.victim, AttackLab.SERVICE, i, 0, TcpHeader.SYN);
                    byte[] head = Arrays.copyOf(syn, 8);
                    return send(lab, Craft.fragment(lab.friend, lab.victim, IpProtocol.TCP, i, 0, true, head));
                },
                v6 ? IPV6_FRAGMENT_TINY : IPV4_FRAGMENT_TINY);
        add(
                to,
                "rewrite",
                "a second fragment that lies over the TCP header of the first (RFC 3128)",
                NONE,
                (lab, i) -> {
                    byte[] syn = Craft.tcp(
                            lab.friend, 9, lab.victim, AttackLab.CLOSED, i, 0, TcpHeader.SYN, Craft.bytes(44));
                    byte[] part = i % 2 == 0 ? syn : Craft.bytes(48);
                    return send(
                            lab,
                            Craft.fragment(lab.friend, lab.victim, IpProtocol.TCP, i / 2, i % 2 * 8, i % 2 == 0, part));
                });
        add(
                to,
                "overlap-flood",
                "the same, of one packet only, in every order",
                NONE,
                (lab, i) -> piece(lab, i / 4, i % 4 * 16, true, 40),
                overlap,
                limit);
    }

    // --- ICMP ---

    /** An error about a segment that the victim may have sent to its friend: ports right, sequence number guessed. */
    private static byte[] error(AttackLab lab, int type, int code, int rest) {
        byte[] tcp = Craft.tcp(
                lab.victim,
                AttackLab.SERVICE,
                lab.friend,
                lab.friendPort(),
                lab.random.nextInt(),
                lab.random.nextInt(),
                TcpHeader.ACK,
                Craft.bytes(8));
        byte[] quoted = Craft.ip(lab.victim, lab.friend, IpProtocol.TCP, 64, tcp);
        IpAddress from = attacker(lab);
        byte[] message = Craft.icmp(from, lab.victim, type, code, rest, quoted);
        return send(lab, Craft.ip(from, lab.victim, icmpProtocol(lab), 64, message));
    }

    private static void icmp(List<Attack> to, boolean v6) {
        add(
                to,
                "forged-unreachable",
                "unreachables about the friends' connection (RFC 5927, section 5)",
                NONE,
                (lab, i) -> error(lab, v6 ? Icmpv6Header.UNREACHABLE : IcmpHeader.UNREACHABLE, v6 ? i % 7 : i % 4, 0));
        add(
                to,
                "forged-too-big",
                "the path's MTU is small (RFC 5927, section 7; RFC 8201, section 4)",
                NONE,
                (lab, i) -> {
                    int mtu = new int[] {0, 1, 68, 296, 552, 1279, 1280, 1499}[i % 8];
                    return v6
                            ? error(lab, Icmpv6Header.PACKET_TOO_BIG, 0, mtu)
                            : error(lab, IcmpHeader.UNREACHABLE, IcmpHeader.CODE_FRAGMENTATION_NEEDED, mtu);
                });
        add(to, "forged-exceeded", "time exceeded and parameter problems about the connection", NONE, (lab, i) -> {
            int exceeded = v6 ? Icmpv6Header.TIME_EXCEEDED : IcmpHeader.TIME_EXCEEDED;
            int problem = v6 ? Icmpv6Header.PARAMETER_PROBLEM : IcmpHeader.PARAMETER_PROBLEM;
            return error(lab, i % 2 == 0 ? exceeded : problem, i / 2 % 2, 0);
        });
        if (!v6) {
            add(
                    to,
                    "quench",
                    "source quenches about the connection (RFC 6633)",
                    NONE,
                    (lab, i) -> error(lab, IcmpHeader.SOURCE_QUENCH, 0, 0),
                    ICMP_QUENCH_IGNORED);
            add(
                    to,
                    "redirect",
                    "redirects of the friend's traffic to the attacker (RFC 1122, 3.2.2.2)",
                    NONE,
                    (lab, i) -> error(
                            lab, IcmpHeader.REDIRECT, 1, (int) attacker(lab).lo()),
                    ICMP_REDIRECT_REFUSED);
        }
        add(
                to,
                "udp-flood",
                "datagrams for a closed port: the answers are limited (RFC 1812, 4.3.2.8; RFC 4443, 2.4 f)",
                300,
                (lab, i) -> {
                    byte[] udp = Craft.udp(lab.friend, i & 0xfff, lab.victim, AttackLab.CLOSED, Craft.bytes(20));
                    return send(lab, Craft.ip(lab.friend, lab.victim, IpProtocol.UDP, 64, udp));
                },
                UDP_NO_PORT);
        add(
                to,
                "unknown-protocol",
                "packets of protocols that nobody speaks",
                300,
                (lab, i) -> send(lab, Craft.ip(lab.friend, lab.victim, 200 + i % 50, 64, Craft.bytes(40))),
                v6 ? IPV6_NO_PROTOCOL : IPV4_NO_PROTOCOL);
        add(
                to,
                "echo-flood",
                "echo requests, as fast as they come",
                ALL,
                (lab, i) -> send(lab, echo(lab, lab.friend, lab.victim)));
    }

    // --- TCP ---

    private static void tcp(List<Attack> to) {
        add(
                to,
                "blind-reset",
                "resets with guessed sequence numbers (RFC 5961, section 3)",
                NONE,
                (lab, i) -> segment(lab, lab.friendPort(), AttackLab.SERVICE, lab.random.nextInt(), TcpHeader.RST));
        add(
                to,
                "blind-syn",
                "SYNs into the connection (RFC 5961, section 4)",
                NONE,
                (lab, i) -> segment(lab, lab.friendPort(), AttackLab.SERVICE, lab.random.nextInt(), TcpHeader.SYN));
        add(
                to,
                "blind-data",
                "data with guessed numbers (RFC 5961, section 5)",
                NONE,
                (lab, i) -> segment(
                        lab,
                        lab.friendPort(),
                        AttackLab.SERVICE,
                        lab.random.nextInt(),
                        TcpHeader.ACK | TcpHeader.PSH,
                        Craft.bytes(100)));
        add(
                to,
                "blind-fin",
                "FINs with guessed numbers",
                NONE,
                (lab, i) -> segment(
                        lab, lab.friendPort(), AttackLab.SERVICE, lab.random.nextInt(), TcpHeader.FIN | TcpHeader.ACK));
        add(to, "syn-flood", "SYNs of stations that are not there (RFC 4987)", ALL, (lab, i) -> {
            IpAddress from = invented(lab);
            byte[] syn = Craft.tcp(from, 1024 + i % 60_000, lab.victim, AttackLab.SERVICE, i, 0, TcpHeader.SYN);
            return send(lab, Craft.ip(from, lab.victim, IpProtocol.TCP, 64, syn));
        });
        add(to, "ack-flood", "ACKs that might be answers to SYN cookies", ALL, (lab, i) -> {
            IpAddress from = invented(lab);
            byte[] ack = Craft.tcp(
                    from, i & 0xffff | 1024, lab.victim, AttackLab.SERVICE, i, lab.random.nextInt(), TcpHeader.ACK);
            return send(lab, Craft.ip(from, lab.victim, IpProtocol.TCP, 64, ack));
        });
        add(
                to,
                "scan",
                "every set of flags to a closed port: the resets are limited",
                ALL,
                (lab, i) -> send(
                        lab,
                        Craft.ip(
                                attacker(lab),
                                lab.victim,
                                IpProtocol.TCP,
                                64,
                                Craft.tcp(attacker(lab), 1024, lab.victim, AttackLab.CLOSED, i, i, i & 0x3f))));
    }

    // --- headers ---

    private static void headersV4(List<Attack> to) {
        add(
                to,
                "source-route",
                "loose and strict source routes (RFC 1122, 3.2.1.8; RFC 7126)",
                NONE,
                (lab, i) -> {
                    byte[] route = {(byte) (i % 2 == 0 ? 131 : 137), 7, 4, (byte) 192, 0, 2, 66, 0};
                    byte[] udp = Craft.udp(lab.friend, 9, lab.victim, AttackLab.CLOSED, Craft.bytes(20));
                    return send(lab, Craft.ipv4(lab.friend, lab.victim, IpProtocol.UDP, 64, i, 0, route, udp));
                },
                IPV4_SOURCE_ROUTED);
        add(
                to,
                "bad-options",
                "options whose lengths lie: a few Parameter Problems, as the rate of errors allows",
                20,
                (lab, i) -> {
                    byte[] options = {(byte) (7 + i % 200), (byte) (i % 2 == 0 ? 0 : 200), 4, 0};
                    return send(
                            lab,
                            Craft.ipv4(lab.friend, lab.victim, IpProtocol.UDP, 64, i, 0, options, Craft.bytes(20)));
                });
        add(
                to,
                "igmp-flood",
                "general queries, as fast as they come: reports are delayed and few (RFC 3376, 5.2)",
                40,
                (lab, i) -> {
                    byte[] query = {0x11, (byte) (1 + i % 100), 0, 0, 0, 0, 0, 0, 2, 20, 0, 0};
                    Wire.u16(
                            new UnsafeBuffer(query),
                            2,
                            InternetChecksum.finish(InternetChecksum.sum(new UnsafeBuffer(query), 0, query.length)));
                    IpAddress all = IpAddress.parse("224.0.0.1");
                    byte[] alert = {(byte) 148, 4, 0, 0};
                    return group(lab, all, Craft.ipv4(attacker(lab), all, IpProtocol.IGMP, 1, i, 0, alert, query));
                });
        add(
                to,
                "truncated",
                "headers that promise more than there is",
                NONE,
                (lab, i) -> {
                    byte[] udp = Craft.udp(lab.friend, 9, lab.victim, AttackLab.CLOSED, Craft.bytes(20));
                    byte[] packet = Craft.ip(lab.friend, lab.victim, IpProtocol.UDP, 64, udp);
                    UnsafeBuffer b = new UnsafeBuffer(packet);
                    Wire.u16(b, 2, packet.length + 1 + i % 1000);
                    Ipv4Header.putChecksum(b, 0, Ipv4Header.MIN_LENGTH);
                    return send(lab, packet);
                },
                IPV4_BAD_TOTAL_LENGTH);
    }

    // --- the link ---

    private static void arp(List<Attack> to) {
        add(to, "arp-flood", "ARP requests of stations that are not there", ALL, (lab, i) -> {
            byte[] arp = new byte[ArpPacket.LENGTH];
            int from = (int) IpAddress.parse("192.0.2." + (3 + i % 250)).lo();
            long mac = 0x02_77_00_00_00_00L | i;
            ArpPacket.put(new UnsafeBuffer(arp), 0, ArpPacket.REQUEST, mac, from, 0, (int) lab.victim.lo());
            return Craft.frame(mac, MacAddress.BROADCAST, EthernetHeader.TYPE_ARP, arp);
        });
        add(to, "arp-strangers", "ARP requests from other networks' addresses", ALL, (lab, i) -> {
            byte[] arp = new byte[ArpPacket.LENGTH];
            long mac = 0x02_77_00_00_00_00L | i;
            ArpPacket.put(
                    new UnsafeBuffer(arp),
                    0,
                    ArpPacket.REQUEST,
                    mac,
                    (int) IpAddress.parse("198.51.100." + i % 250).lo(),
                    0,
                    (int) lab.victim.lo());
            return Craft.frame(mac, MacAddress.BROADCAST, EthernetHeader.TYPE_ARP, arp);
        });
        add(to, "arp-claims", "stations that say they have the victim's own address (RFC 5227, 2.4)", 20, (lab, i) -> {
            byte[] arp = new byte[ArpPacket.LENGTH];
            int own = (int) lab.victim.lo();
            ArpPacket.put(new UnsafeBuffer(arp), 0, ArpPacket.REQUEST, lab.attackerMac, own, 0, own);
            // To the victim alone: the others would believe it, as ARP is.
            return Craft.frame(lab.attackerMac, lab.victimMac, EthernetHeader.TYPE_ARP, arp);
        });
    }

    static byte[] introduce(AttackLab lab) {
        IpAddress own = attacker(lab);
        if (lab.isV6()) {
            return AttacksV6.ndp(
                    lab,
                    own,
                    lab.victim,
                    NdpMessage.HOP_LIMIT,
                    Icmpv6Header.NEIGHBOR_SOLICITATION,
                    AttacksV6.target(lab.victim, 1, lab.attackerMac));
        }
        byte[] arp = new byte[ArpPacket.LENGTH];
        int from = (int) own.lo();
        ArpPacket.put(new UnsafeBuffer(arp), 0, ArpPacket.REQUEST, lab.attackerMac, from, 0, (int) lab.victim.lo());
        return Craft.frame(lab.attackerMac, lab.victimMac, EthernetHeader.TYPE_ARP, arp);
    }
}
