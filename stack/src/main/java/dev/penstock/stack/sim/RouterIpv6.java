package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Extension;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.NdpMessage;
import dev.penstock.stack.wire.NdpOption;
import dev.penstock.stack.wire.Wire;
import org.agrona.concurrent.UnsafeBuffer;

/** What a router does with IPv6 packets (RFC 8200), and its part in neighbour discovery (RFC 4861). */
final class RouterIpv6 {
    /** RFC 4443, 2.4 (c): "as much of the IPv6 offending (invoking) packet ... as possible" within the least MTU. */
    private static final int MAX_QUOTE = Ipv6Header.MIN_LINK_MTU - Ipv6Header.LENGTH - Icmpv6Header.LENGTH;

    private static final int HOP_LIMIT = 64;
    private static final int ROUTER_FLAG = 0x80;

    private final SimulatedRouter router;
    private final Frame made = new Frame(2048);

    RouterIpv6(SimulatedRouter router) {
        this.router = router;
    }

    void receive(RouterPort in, Frame frame, long nowNs) {
        UnsafeBuffer b = frame.buffer();
        int ip = frame.start() + EthernetHeader.LENGTH;
        if (Ipv6Header.check(b, ip, frame.headLength() - EthernetHeader.LENGTH) != null) {
            router.drop(RouterDrop.MALFORMED, in, frame, nowNs);
            return;
        }
        long hi = Ipv6Header.destinationHi(b, ip);
        long lo = Ipv6Header.destinationLo(b, ip);
        if (router.isOwn(hi, lo) || IpAddress.isMulticast(hi, lo)) {
            receiveOwn(in, frame, ip, nowNs);
        } else if (!isForwardable(hi, lo) || !isForwardable(Ipv6Header.sourceHi(b, ip), Ipv6Header.sourceLo(b, ip))) {
            router.drop(RouterDrop.NOT_FORWARDABLE, in, frame, nowNs);
        } else {
            forward(in, frame, ip, hi, lo, nowNs);
        }
    }

    private static boolean isForwardable(long hi, long lo) {
        return !IpAddress.isLinkLocalV6(hi)
                && !IpAddress.isMulticast(hi, lo)
                && !IpAddress.isLoopback(hi, lo)
                && !IpAddress.isAny(hi, lo)
                && !IpAddress.isV4(hi, lo);
    }

    private void forward(RouterPort in, Frame frame, int ip, long hi, long lo, long nowNs) {
        UnsafeBuffer b = frame.buffer();
        SimulatedRouter.Hop hop = router.find(hi, lo);
        if (hop == null) {
            router.drop(RouterDrop.NO_ROUTE, in, frame, nowNs);
            error(in, frame, Icmpv6Header.UNREACHABLE, Icmpv6Header.CODE_NO_ROUTE, 0, nowNs);
            return;
        }
        // RFC 4443, 3.3: "If a router receives a packet with a Hop Limit of zero, or if a router decrements a packet's
        // Hop Limit to zero, it MUST discard the packet and originate an ICMPv6 Time Exceeded message with Code 0".
        if (Ipv6Header.hopLimit(b, ip) <= 1) {
            router.drop(RouterDrop.TTL_EXCEEDED, in, frame, nowNs);
            error(in, frame, Icmpv6Header.TIME_EXCEEDED, Icmpv6Header.CODE_HOP_LIMIT_EXCEEDED, 0, nowNs);
            return;
        }
        int mtu = Math.max(Ipv6Header.MIN_LINK_MTU, hop.port().mtu());
        if (Ipv6Header.LENGTH + Ipv6Header.payloadLength(b, ip) > mtu) {
            router.drop(RouterDrop.TOO_BIG, in, frame, nowNs);
            error(in, frame, Icmpv6Header.PACKET_TOO_BIG, 0, mtu, nowNs);
            return;
        }
        Wire.u8(b, ip + 7, Ipv6Header.hopLimit(b, ip) - 1);
        router.countForwarded();
        router.send(hop, hi, lo, frame, nowNs);
    }

    // --- to itself ---

    private void receiveOwn(RouterPort in, Frame frame, int ip, long nowNs) {
        UnsafeBuffer b = frame.buffer();
        int length = Ipv6Header.payloadLength(b, ip);
        int icmp = ip + Ipv6Header.LENGTH;
        if (Ipv6Header.nextHeader(b, ip) == IpProtocol.ICMPV6
                && Icmpv6Header.check(b, icmp, length, pseudo(b, ip, length)) == null) {
            switch (Icmpv6Header.type(b, icmp)) {
                case Icmpv6Header.NEIGHBOR_SOLICITATION -> onSolicitation(in, b, ip, icmp, length);
                case Icmpv6Header.NEIGHBOR_ADVERTISEMENT -> onAdvertisement(in, b, ip, icmp, length);
                case Icmpv6Header.ROUTER_SOLICITATION -> {
                    if (in.advertiser != null && Ipv6Header.hopLimit(b, ip) == NdpMessage.HOP_LIMIT) {
                        in.advertiser.onSolicitation();
                    }
                }
                case Icmpv6Header.ECHO_REQUEST -> onEcho(in, frame, ip, icmp, length, nowNs);
                default -> {}
            }
        }
    }

    private static int pseudo(UnsafeBuffer b, int ip, int length) {
        return InternetChecksum.pseudoHeader(
                Ipv6Header.sourceHi(b, ip),
                Ipv6Header.sourceLo(b, ip),
                Ipv6Header.destinationHi(b, ip),
                Ipv6Header.destinationLo(b, ip),
                IpProtocol.ICMPV6,
                length);
    }

    private void onSolicitation(RouterPort in, UnsafeBuffer b, int ip, int icmp, int length) {
        boolean good = Ipv6Header.hopLimit(b, ip) == NdpMessage.HOP_LIMIT
                && NdpMessage.check(b, icmp, length, Icmpv6Header.NEIGHBOR_SOLICITATION) == null;
        if (!good) {
            return;
        }
        long targetHi = NdpMessage.targetHi(b, icmp);
        long targetLo = NdpMessage.targetLo(b, icmp);
        if (!in.isOwn(targetHi, targetLo)) {
            return;
        }
        long hi = Ipv6Header.sourceHi(b, ip);
        long lo = Ipv6Header.sourceLo(b, ip);
        int options = icmp + NdpMessage.NEIGHBOR_LENGTH;
        long mac = NdpOption.linkAddress(b, options, icmp + length, NdpOption.SOURCE_LINK_ADDRESS);
        boolean probe = IpAddress.isAny(hi, lo);
        if (!probe && mac != MacAddress.NONE) {
            in.learn(new IpAddress(hi, lo), mac, true);
        }
        long toHi = probe ? IpAddress.ALL_NODES.hi() : hi;
        long toLo = probe ? IpAddress.ALL_NODES.lo() : lo;
        long toMac = probe || mac == MacAddress.NONE ? MacAddress.forIpv6Multicast(toLo) : mac;
        long own = in.end().macAddress();
        int at = begin(toMac, own);
        int to = at + Ipv6Header.LENGTH;
        int n = NdpMessage.putAdvertisement(made.buffer(), to, !probe, true, targetHi, targetLo, own);
        Wire.u8(made.buffer(), to + 4, Wire.u8(made.buffer(), to + 4) | ROUTER_FLAG);
        finish(at, n, NdpMessage.HOP_LIMIT, targetHi, targetLo, toHi, toLo);
        in.end().offer(made);
    }

    private static void onAdvertisement(RouterPort in, UnsafeBuffer b, int ip, int icmp, int length) {
        if (Ipv6Header.hopLimit(b, ip) == NdpMessage.HOP_LIMIT
                && NdpMessage.check(b, icmp, length, Icmpv6Header.NEIGHBOR_ADVERTISEMENT) == null) {
            int options = icmp + NdpMessage.NEIGHBOR_LENGTH;
            long mac = NdpOption.linkAddress(b, options, icmp + length, NdpOption.TARGET_LINK_ADDRESS);
            if (mac != MacAddress.NONE) {
                IpAddress target = new IpAddress(NdpMessage.targetHi(b, icmp), NdpMessage.targetLo(b, icmp));
                in.learn(target, mac, false);
            }
        }
    }

    /** Asks for the address of a neighbour. */
    void solicit(RouterPort out, IpAddress target) {
        IpAddress own = out.addressFor(target.hi(), target.lo());
        if (own == null) {
            return;
        }
        long toLo = IpAddress.solicitedNodeLo(target.lo());
        long mac = out.end().macAddress();
        int at = begin(MacAddress.forIpv6Multicast(toLo), mac);
        int n = NdpMessage.putSolicitation(made.buffer(), at + Ipv6Header.LENGTH, target.hi(), target.lo(), mac);
        finish(at, n, NdpMessage.HOP_LIMIT, own.hi(), own.lo(), IpAddress.SOLICITED_NODE_HI, toLo);
        out.end().offer(made);
    }

    private void onEcho(RouterPort in, Frame frame, int ip, int icmp, int length, long nowNs) {
        UnsafeBuffer b = frame.buffer();
        long hi = Ipv6Header.sourceHi(b, ip);
        long lo = Ipv6Header.sourceLo(b, ip);
        IpAddress own = in.addressFor(hi, lo);
        SimulatedRouter.Hop hop = router.find(hi, lo);
        if (own == null || hop == null) {
            return;
        }
        boolean toGroup = IpAddress.isMulticast(Ipv6Header.destinationHi(b, ip), Ipv6Header.destinationLo(b, ip));
        long fromHi = toGroup ? own.hi() : Ipv6Header.destinationHi(b, ip);
        long fromLo = toGroup ? own.lo() : Ipv6Header.destinationLo(b, ip);
        Icmpv6Header.put(b, icmp, Icmpv6Header.ECHO_REPLY, 0, Wire.i32(b, icmp + 4));
        Ipv6Header.put(b, ip, 0, 0, length, IpProtocol.ICMPV6, HOP_LIMIT, fromHi, fromLo, hi, lo);
        Icmpv6Header.putChecksum(b, icmp, length, pseudo(b, ip, length));
        router.send(hop, hi, lo, frame, nowNs);
    }

    // --- errors ---

    void addressUnreachable(RouterPort out, Frame frame, long nowNs) {
        error(out, frame, Icmpv6Header.UNREACHABLE, Icmpv6Header.CODE_ADDRESS_UNREACHABLE, 0, nowNs);
    }

    /** RFC 4443, 2.4 (e): never about ICMPv6 errors and redirects, nor to what is no single node's address. */
    private void error(RouterPort port, Frame frame, int type, int code, int rest, long nowNs) {
        UnsafeBuffer b = frame.buffer();
        int ip = frame.start() + EthernetHeader.LENGTH;
        long hi = Ipv6Header.sourceHi(b, ip);
        long lo = Ipv6Header.sourceLo(b, ip);
        IpAddress own = port.addressFor(hi, lo);
        int packet = Ipv6Header.LENGTH + Ipv6Header.payloadLength(b, ip);
        SimulatedRouter.Hop hop = router.find(hi, lo);
        if (router.isSilent() || own == null || hop == null || isIcmpError(b, ip, packet)) {
            return;
        }
        int quoted = Math.min(MAX_QUOTE, packet);
        int at = begin(0, 0);
        int icmp = at + Ipv6Header.LENGTH;
        Icmpv6Header.put(made.buffer(), icmp, type, code, rest);
        made.buffer().putBytes(icmp + Icmpv6Header.LENGTH, b, ip, quoted);
        finish(at, Icmpv6Header.LENGTH + quoted, HOP_LIMIT, own.hi(), own.lo(), hi, lo);
        router.send(hop, hi, lo, made, nowNs);
    }

    private static boolean isIcmpError(UnsafeBuffer b, int ip, int length) {
        long upper = Ipv6Extension.upperLayer(b, ip, length);
        if (upper == Ipv6Extension.NOT_FOUND || Ipv6Extension.protocol(upper) != IpProtocol.ICMPV6) {
            return false;
        }
        int icmp = Ipv6Extension.offset(upper);
        int type = icmp < ip + length ? Icmpv6Header.type(b, icmp) : 0;
        return Icmpv6Header.isError(type) || type == Icmpv6Header.REDIRECT;
    }

    /** Begins a packet; where its IPv6 header is to be. */
    private int begin(long toMac, long fromMac) {
        made.reset();
        int at = made.append(EthernetHeader.LENGTH);
        EthernetHeader.put(made.buffer(), at, toMac, fromMac, EthernetHeader.TYPE_IPV6);
        return at + EthernetHeader.LENGTH;
    }

    private void finish(int ip, int length, int hopLimit, long srcHi, long srcLo, long dstHi, long dstLo) {
        made.append(Ipv6Header.LENGTH + length);
        UnsafeBuffer b = made.buffer();
        Ipv6Header.put(b, ip, 0, 0, length, IpProtocol.ICMPV6, hopLimit, srcHi, srcLo, dstHi, dstLo);
        Icmpv6Header.putChecksum(b, ip + Ipv6Header.LENGTH, length, pseudo(b, ip, length));
    }
}
