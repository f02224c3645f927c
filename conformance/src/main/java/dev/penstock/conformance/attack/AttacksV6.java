package dev.penstock.conformance.attack;

import static dev.penstock.conformance.attack.Attacks.*;
import static dev.penstock.stack.base.DropReason.*;

import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Extension;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.Wire;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** The attacks that only IPv6 knows: its headers, and neighbour discovery. */
final class AttacksV6 {
    private AttacksV6() {}

    static void addTo(List<Attack> to) {
        headersV6(to);
        neighbours(to);
        routers(to);
    }

    private static void headersV6(List<Attack> to) {
        add(
                to,
                "routing-0",
                "routing headers of type 0 (RFC 5095)",
                300,
                (lab, i) -> {
                    byte[] routing = new byte[24];
                    Wire.u8(new UnsafeBuffer(routing), 0, IpProtocol.UDP);
                    Wire.u8(new UnsafeBuffer(routing), 1, 2);
                    Wire.u8(new UnsafeBuffer(routing), 3, 1);
                    byte[] udp = Craft.udp(lab.friend, 9, lab.victim, AttackLab.CLOSED, Craft.bytes(20));
                    return send(
                            lab, Craft.ip(lab.friend, lab.victim, Ipv6Extension.ROUTING, 64, Craft.join(routing, udp)));
                },
                IPV6_SOURCE_ROUTED);
        add(
                to,
                "header-chain",
                "more extension headers than anybody needs (RFC 8504, 5.3)",
                300,
                (lab, i) -> {
                    byte[] chain = new byte[0];
                    for (int n = 0; n < 100; n++) {
                        chain = Craft.join(chain, new byte[] {(byte) (n == 99 ? 59 : 60), 0, 1, 4, 0, 0, 0, 0});
                    }
                    return send(lab, Craft.ip(lab.friend, lab.victim, Ipv6Extension.DESTINATION_OPTIONS, 64, chain));
                },
                IPV6_EXTENSION_LIMIT);
        add(
                to,
                "unknown-options",
                "options that must be answered when they are not known (RFC 8200, 4.2): few are",
                300,
                (lab, i) -> {
                    byte[] options = {IpProtocol.UDP, 0, (byte) (i % 2 == 0 ? 0x9e : 0xde), 4, 0, 0, 0, 0};
                    return send(
                            lab,
                            Craft.ip(
                                    lab.friend,
                                    lab.victim,
                                    Ipv6Extension.DESTINATION_OPTIONS,
                                    64,
                                    Craft.join(options, Craft.bytes(20))));
                },
                IPV6_UNKNOWN_OPTION);
        add(
                to,
                "router-alert",
                "hop-by-hop options with router alerts, and nothing behind",
                NONE,
                (lab, i) -> send(lab, Craft.ip(lab.friend, lab.victim, Ipv6Extension.HOP_BY_HOP, 64, new byte[] {
                    59, 0, 5, 2, 0, 0, 1, 0
                })),
                IPV6_NO_PAYLOAD);
        add(
                to,
                "atomic",
                "atomic fragments of one identification, over and over (RFC 6946)",
                300,
                (lab, i) -> {
                    byte[] udp = Craft.udp(lab.friend, 9, lab.victim, AttackLab.CLOSED, Craft.bytes(20));
                    return send(lab, Craft.fragment(lab.friend, lab.victim, IpProtocol.UDP, 7, 0, false, udp));
                },
                UDP_NO_PORT);
    }

    static byte[] ndp(AttackLab lab, IpAddress from, IpAddress dst, int hopLimit, int type, byte... body) {
        byte[] message = Craft.icmp(from, dst, type, 0, 0, body);
        byte[] packet = Craft.ip(from, dst, IpProtocol.ICMPV6, hopLimit, message);
        return dst.isMulticast() ? group(lab, dst, packet) : send(lab, packet);
    }

    static byte[] target(IpAddress target, int option, long mac) {
        byte[] body = new byte[24];
        UnsafeBuffer b = new UnsafeBuffer(body);
        Wire.u64(b, 0, target.hi());
        Wire.u64(b, 8, target.lo());
        Wire.u8(b, 16, option);
        Wire.u8(b, 17, 1);
        MacAddress.put(b, 18, mac);
        return body;
    }

    private static void neighbours(List<Attack> to) {
        int solicitation = Icmpv6Header.NEIGHBOR_SOLICITATION;
        int advertisement = Icmpv6Header.NEIGHBOR_ADVERTISEMENT;
        add(
                to,
                "exhaustion",
                "echo requests from 16 million addresses of the victim's own link (RFC 6583)",
                ALL,
                (lab, i) -> send(lab, echo(lab, invented(lab), lab.victim)));
        add(
                to,
                "solicitations",
                "solicitations of stations that are not there",
                ALL,
                (lab, i) -> ndp(
                        lab,
                        invented(lab),
                        lab.victim,
                        255,
                        solicitation,
                        target(lab.victim, 1, 0x02_77_00_00_00_00L | i)));
        add(
                to,
                "off-link",
                "neighbour discovery that a router forwarded (RFC 4861, 6.1 and 7.1)",
                NONE,
                (lab, i) -> ndp(
                        lab,
                        lab.friend,
                        lab.victim,
                        254,
                        i % 2 == 0 ? solicitation : advertisement,
                        target(lab.friend, 1 + i % 2, lab.attackerMac)),
                NDP_BAD_HOP_LIMIT);
        add(
                to,
                "unasked",
                "advertisements of neighbours that nobody asked for (RFC 4861, 7.2.5)",
                NONE,
                (lab, i) -> ndp(
                        lab, invented(lab), lab.victim, 255, advertisement, target(invented(lab), 2, lab.attackerMac)),
                NDP_UNMATCHED);
    }

    private static void routers(List<Attack> to) {
        add(to, "advertised-routers", "a new router in each packet, with a prefix of its own", 40, (lab, i) -> {
            IpAddress from = new IpAddress(0xfe80L << 48, 0x6600_0000L | i);
            byte[] body = new byte[8 + 32];
            UnsafeBuffer b = new UnsafeBuffer(body);
            Wire.u8(b, 8, 3);
            Wire.u8(b, 9, 4);
            Wire.u8(b, 10, 64);
            Wire.u8(b, 11, 0xc0);
            Wire.u32(b, 12, 86_400);
            Wire.u32(b, 16, 14_400);
            Wire.u64(b, 24, 0x2001_0db8_0000_0000L | i);
            byte[] message =
                    Craft.icmp(from, IpAddress.ALL_NODES, Icmpv6Header.ROUTER_ADVERTISEMENT, 0, 64 << 24 | 1800, body);
            return group(
                    lab, IpAddress.ALL_NODES, Craft.ip(from, IpAddress.ALL_NODES, IpProtocol.ICMPV6, 255, message));
        });
        add(to, "redirects", "redirects of the friend's traffic to the attacker (RFC 4861, 8.1)", NONE, (lab, i) -> {
            IpAddress from = new IpAddress(0xfe80L << 48, 0x66);
            byte[] body = new byte[32];
            UnsafeBuffer b = new UnsafeBuffer(body);
            Wire.u64(b, 0, from.hi());
            Wire.u64(b, 8, from.lo());
            Wire.u64(b, 16, lab.friend.hi());
            Wire.u64(b, 24, lab.friend.lo());
            return ndp(lab, from, lab.victim, 255, Icmpv6Header.REDIRECT, body);
        });
        add(
                to,
                "mld-flood",
                "general queries, as fast as they come: reports are delayed and few (RFC 3810, 6.2)",
                40,
                (lab, i) -> {
                    IpAddress from = new IpAddress(0xfe80L << 48, 0x66);
                    IpAddress all = IpAddress.ALL_NODES;
                    byte[] message = Craft.icmp(from, all, 130, 0, (1 + i % 1000) << 16, new byte[20]);
                    byte[] alert = {IpProtocol.ICMPV6, 0, 5, 2, 0, 0, 1, 0};
                    return group(
                            lab, all, Craft.ip(from, all, Ipv6Extension.HOP_BY_HOP, 1, Craft.join(alert, message)));
                });
    }
}
