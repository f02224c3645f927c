package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Extension;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.MldMessage;
import dev.penstock.stack.wire.Wire;
import org.agrona.DirectBuffer;

/** ICMPv6 (RFC 4443): echo both ways, the errors that others send us, and neighbour discovery, passed on. */
final class Icmpv6 implements TransportHandler {
    /** As with IPv4: the ports and, of TCP, the sequence number. */
    private static final int MIN_QUOTED_PAYLOAD = 8;

    private final IpLayer layer;
    private final Counters counters;
    private final PendingQueue pending;
    private final EchoRegistry echoes;
    private final IcmpLimits limits;
    private final Mld mld;
    private final IcmpError error = new IcmpError();

    Icmpv6(IpLayer layer, Counters counters, PendingQueue pending, EchoRegistry echoes, IcmpLimits limits) {
        this.layer = layer;
        this.counters = counters;
        this.pending = pending;
        this.echoes = echoes;
        this.limits = limits;
        this.mld = new Mld(counters);
    }

    @Override
    public void onPacket(IpPacket packet, long nowNs) {
        counters.count(StackCounter.ICMP_IN_MSGS);
        int length = packet.payloadLength;
        int pseudo = InternetChecksum.pseudoHeader(
                packet.srcHi, packet.srcLo, packet.dstHi, packet.dstLo, IpProtocol.ICMPV6, length);
        DropReason reason = Icmpv6Header.check(packet.buffer, packet.payloadOffset, length, pseudo);
        if (reason == null) {
            reason = receive(packet, nowNs);
        }
        if (reason != null) {
            layer.drop(reason);
        }
    }

    private DropReason receive(IpPacket packet, long nowNs) {
        int type = Icmpv6Header.type(packet.buffer, packet.payloadOffset);
        return switch (type) {
            case Icmpv6Header.ECHO_REQUEST -> {
                counters.count(StackCounter.ICMP_IN_ECHOS);
                yield reply(packet, nowNs);
            }
            case Icmpv6Header.ECHO_REPLY -> {
                counters.count(StackCounter.ICMP_IN_ECHO_REPS);
                yield onReply(packet, nowNs);
            }
            case Icmpv6Header.UNREACHABLE,
                    Icmpv6Header.PACKET_TOO_BIG,
                    Icmpv6Header.TIME_EXCEEDED,
                    Icmpv6Header.PARAMETER_PROBLEM -> {
                counters.count(StackCounter.ICMP_IN_ERRORS);
                yield onError(packet, type, nowNs);
            }
            case Icmpv6Header.ROUTER_SOLICITATION,
                    Icmpv6Header.ROUTER_ADVERTISEMENT,
                    Icmpv6Header.NEIGHBOR_SOLICITATION,
                    Icmpv6Header.NEIGHBOR_ADVERTISEMENT,
                    Icmpv6Header.REDIRECT ->
                packet.nic == null
                        ? DropReason.NDP_NOT_FOR_US
                        : layer.ndp(packet.nic).onMessage(packet, type, nowNs);
            case MldMessage.QUERY, MldMessage.V1_REPORT, MldMessage.DONE, MldMessage.V2_REPORT ->
                mld.onMessage(packet, type, nowNs);
            // RFC 4443, 2.4, (b): "If an ICMPv6 informational message of unknown type is received, it MUST be silently
            // discarded"; (a): an error of unknown type "MUST be passed to the upper-layer process that originated the
            // packet that caused the error".
            default ->
                type < Icmpv6Header.FIRST_INFORMATIONAL ? onError(packet, type, nowNs) : DropReason.ICMP_UNKNOWN_TYPE;
        };
    }

    /** RFC 4443, 4.2: "The data received in the ICMPv6 Echo Request message MUST be returned entirely and unmodified". */
    private DropReason reply(IpPacket packet, long nowNs) {
        boolean group = packet.toGroup;
        if (IpAddress.isAny(packet.srcHi, packet.srcLo)) {
            return DropReason.IPV6_BAD_SOURCE;
        }
        // 4.2: "An Echo Reply SHOULD be sent in response to an Echo Request message sent to an IPv6 multicast": as
        // seldom as errors, lest many of us be turned against one.
        if (group && !limits.allow(packet.srcHi, packet.srcLo, nowNs)) {
            return DropReason.ICMP_BROADCAST_ECHO;
        }
        DestinationPath path = layer.paths()
                .acquire(
                        group ? 0 : packet.dstHi,
                        group ? 0 : packet.dstLo,
                        packet.srcHi,
                        packet.srcLo,
                        group ? packet.interfaceIndex : packet.zone());
        if (path == null) {
            return DropReason.IPV6_NO_ROUTE;
        }
        Frame frame = pending.acquire(packet.payloadLength);
        if (frame == null) {
            path.release();
            return null;
        }
        frame.append(packet.buffer, packet.payloadOffset, packet.payloadLength);
        Wire.u16(frame.buffer(), frame.start(), Icmpv6Header.ECHO_REPLY << 8);
        Icmpv6Errors.putChecksum(frame, path);
        if (pending.addIp(
                frame, path, IpProtocol.ICMPV6, packet.tos, path.hopLimit(layer.config().defaultTtl), false)) {
            counters.count(StackCounter.ICMP_OUT_MSGS);
            counters.count(StackCounter.ICMP_OUT_ECHO_REPS);
        }
        return null;
    }

    private DropReason onReply(IpPacket packet, long nowNs) {
        int at = packet.payloadOffset;
        EchoHandler handler = echoes.find(Icmpv6Header.identifier(packet.buffer, at));
        if (handler == null || packet.toGroup) {
            return DropReason.ICMP_UNMATCHED;
        }
        handler.onEchoReply(
                packet.srcHi,
                packet.srcLo,
                Icmpv6Header.sequence(packet.buffer, at),
                packet.buffer,
                at + Icmpv6Header.LENGTH,
                packet.payloadLength - Icmpv6Header.LENGTH,
                packet.ttl,
                nowNs);
        return null;
    }

    private DropReason onError(IpPacket packet, int type, long nowNs) {
        DirectBuffer buffer = packet.buffer;
        int at = packet.payloadOffset;
        int quote = at + Icmpv6Header.LENGTH;
        int quoteLength = packet.payloadLength - Icmpv6Header.LENGTH;
        boolean good = !packet.toGroup
                && quoteLength >= Ipv6Header.LENGTH
                && Wire.u8(buffer, quote) >>> 4 == 6
                && isOurs(Ipv6Header.sourceHi(buffer, quote), Ipv6Header.sourceLo(buffer, quote));
        long upper = good ? Ipv6Extension.upperLayer(buffer, quote, quoteLength) : Ipv6Extension.NOT_FOUND;
        if (upper == Ipv6Extension.NOT_FOUND
                || quote + quoteLength - Ipv6Extension.offset(upper) < MIN_QUOTED_PAYLOAD) {
            return DropReason.ICMP_BAD_QUOTE;
        }
        error.kind = kind(type, Icmpv6Header.code(buffer, at));
        if (error.kind == null) {
            return DropReason.ICMP_UNKNOWN_TYPE;
        }
        error.type = type;
        error.code = Icmpv6Header.code(buffer, at);
        error.mtu = 0;
        if (error.kind == IcmpError.Kind.TOO_BIG) {
            error.mtu = (int) Math.min(Icmpv6Header.rest(buffer, at), IpLayer.MAX_PACKET);
            // RFC 8201, section 4: "it MUST discard it"; and RFC 8021: no atomic fragments in answer to it.
            if (error.mtu < Ipv6Header.MIN_LINK_MTU) {
                return DropReason.ICMP_BAD_MTU;
            }
        }
        describe(packet, quote, quoteLength, Ipv6Extension.offset(upper));
        int protocol = Ipv6Extension.protocol(upper);
        TransportHandler handler = protocol == IpProtocol.ICMPV6 ? this : layer.transport(protocol, false);
        boolean shown = layer.raw().size() > 0 && layer.raw().showError(error, protocol, false, nowNs);
        layer.icmpMonitor().onIcmpError(protocol, error, nowNs);
        if (handler == null) {
            return shown ? null : DropReason.ICMP_UNMATCHED;
        }
        handler.onIcmpError(error, nowNs);
        return null;
    }

    private void describe(IpPacket packet, int quote, int quoteLength, int transport) {
        DirectBuffer buffer = packet.buffer;
        boolean onLink = IpAddress.isLinkLocalV6(Ipv6Header.sourceHi(buffer, quote))
                || IpAddress.isLinkLocalV6(Ipv6Header.destinationHi(buffer, quote));
        error.zone = onLink ? packet.interfaceIndex : IpOutput.ANY_INTERFACE;
        error.reporterHi = packet.srcHi;
        error.reporterLo = packet.srcLo;
        error.localHi = Ipv6Header.sourceHi(buffer, quote);
        error.localLo = Ipv6Header.sourceLo(buffer, quote);
        error.remoteHi = Ipv6Header.destinationHi(buffer, quote);
        error.remoteLo = Ipv6Header.destinationLo(buffer, quote);
        error.buffer = buffer;
        error.quoteOffset = transport;
        error.quoteLength = quote + quoteLength - transport;
    }

    private boolean isOurs(long hi, long lo) {
        return !IpAddress.isV4(hi, lo) && (layer.isLocalAddress(hi, lo) || IpAddress.isLoopback(hi, lo));
    }

    private static IcmpError.Kind kind(int type, int code) {
        return switch (type) {
            case Icmpv6Header.UNREACHABLE -> unreachable(code);
            case Icmpv6Header.PACKET_TOO_BIG -> IcmpError.Kind.TOO_BIG;
            case Icmpv6Header.TIME_EXCEEDED ->
                code == Icmpv6Header.CODE_HOP_LIMIT_EXCEEDED
                        ? IcmpError.Kind.TTL_EXCEEDED
                        : code == Icmpv6Header.CODE_REASSEMBLY_EXCEEDED ? IcmpError.Kind.REASSEMBLY_TIMEOUT : null;
            case Icmpv6Header.PARAMETER_PROBLEM ->
                code == Icmpv6Header.CODE_UNKNOWN_NEXT_HEADER
                        ? IcmpError.Kind.PROTOCOL_UNREACHABLE
                        : IcmpError.Kind.PARAMETER_PROBLEM;
            default -> IcmpError.Kind.UNKNOWN;
        };
    }

    /** RFC 4443, section 3.1. */
    private static IcmpError.Kind unreachable(int code) {
        return switch (code) {
            case Icmpv6Header.CODE_NO_ROUTE -> IcmpError.Kind.NET_UNREACHABLE;
            case Icmpv6Header.CODE_BEYOND_SCOPE, Icmpv6Header.CODE_ADDRESS_UNREACHABLE ->
                IcmpError.Kind.HOST_UNREACHABLE;
            case Icmpv6Header.CODE_PORT_UNREACHABLE -> IcmpError.Kind.PORT_UNREACHABLE;
            case Icmpv6Header.CODE_ADMIN_PROHIBITED,
                    Icmpv6Header.CODE_POLICY_FAILED,
                    Icmpv6Header.CODE_ROUTE_REJECTED -> IcmpError.Kind.ADMIN_PROHIBITED;
            default -> null;
        };
    }

    /** An error about an ICMPv6 message of ours: only echo requests of a living pinger count. */
    @Override
    public void onIcmpError(IcmpError about, long nowNs) {
        int at = about.quoteOffset;
        EchoHandler handler = Icmpv6Header.type(about.buffer, at) == Icmpv6Header.ECHO_REQUEST
                ? echoes.find(Icmpv6Header.identifier(about.buffer, at))
                : null;
        if (handler == null) {
            layer.drop(DropReason.ICMP_UNMATCHED);
            return;
        }
        if (about.kind == IcmpError.Kind.TOO_BIG) {
            DestinationPath path =
                    layer.paths().acquire(about.localHi, about.localLo, about.remoteHi, about.remoteLo, about.zone);
            if (path != null) {
                path.reduceMtu(about.mtu, nowNs);
                path.release();
            }
        }
        handler.onEchoError(about, Icmpv6Header.sequence(about.buffer, at), nowNs);
    }
}
