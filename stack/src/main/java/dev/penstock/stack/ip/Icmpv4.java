package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.Wire;
import org.agrona.DirectBuffer;

/** ICMP for IPv4 (RFC 792; RFC 1122, section 3.2.2): echo both ways, and the errors that others send us. */
final class Icmpv4 implements TransportHandler {
    /** RFC 792: "the internet header plus the first 64 bits of the original datagram's data". */
    private static final int MIN_QUOTED_PAYLOAD = 8;
    /** RFC 792: for the network, the host, the type of service and network, the type of service and host. */
    private static final int LAST_REDIRECT_CODE = 3;

    private final IpLayer layer;
    private final Counters counters;
    private final PendingQueue pending;
    private final EchoRegistry echoes;
    private final IcmpError error = new IcmpError();

    Icmpv4(IpLayer layer, Counters counters, PendingQueue pending, EchoRegistry echoes) {
        this.layer = layer;
        this.counters = counters;
        this.pending = pending;
        this.echoes = echoes;
    }

    @Override
    public void onPacket(IpPacket packet, long nowNs) {
        counters.count(StackCounter.ICMP_IN_MSGS);
        DropReason reason = IcmpHeader.check(packet.buffer, packet.payloadOffset, packet.payloadLength);
        if (reason == null) {
            reason = receive(packet, nowNs);
        }
        if (reason != null) {
            layer.drop(reason);
        }
    }

    private DropReason receive(IpPacket packet, long nowNs) {
        return switch (IcmpHeader.type(packet.buffer, packet.payloadOffset)) {
            case IcmpHeader.ECHO_REQUEST -> {
                counters.count(StackCounter.ICMP_IN_ECHOS);
                yield reply(packet);
            }
            case IcmpHeader.ECHO_REPLY -> {
                counters.count(StackCounter.ICMP_IN_ECHO_REPS);
                yield onReply(packet, nowNs);
            }
            case IcmpHeader.UNREACHABLE, IcmpHeader.TIME_EXCEEDED, IcmpHeader.PARAMETER_PROBLEM -> {
                counters.count(StackCounter.ICMP_IN_ERRORS);
                yield onError(packet, nowNs);
            }
            // RFC 6633, section 3: hosts neither act on source quench nor send it.
            case IcmpHeader.SOURCE_QUENCH -> DropReason.ICMP_QUENCH_IGNORED;
            case IcmpHeader.REDIRECT -> onRedirect(packet);
            // RFC 1122, 3.2.2: "If an ICMP message of unknown type is received, it MUST be silently discarded."
            default -> DropReason.ICMP_UNKNOWN_TYPE;
        };
    }

    /** RFC 792: "The data received in the echo message must be returned in the echo reply message." */
    private DropReason reply(IpPacket packet) {
        // RFC 1122, 3.2.2.6: "An ICMP Echo Request destined to an IP broadcast or IP multicast address MAY be silently
        // discarded."
        if (packet.toGroup) {
            return DropReason.ICMP_BROADCAST_ECHO;
        }
        // 3.2.2.6: "The IP source address in an ICMP Echo Reply MUST be the same as the specific-destination address".
        DestinationPath path =
                layer.paths().acquire(packet.dstHi, packet.dstLo, packet.srcHi, packet.srcLo, packet.zone());
        if (path == null) {
            return DropReason.IPV4_NO_ROUTE;
        }
        Frame frame = pending.acquire(packet.payloadLength);
        if (frame == null) {
            path.release();
            return null;
        }
        int at = frame.append(packet.payloadLength);
        frame.buffer().putBytes(at, packet.buffer, packet.payloadOffset, packet.payloadLength);
        int first = Wire.u16(frame.buffer(), at);
        int checksum = InternetChecksum.update(Wire.u16(frame.buffer(), at + 2), first, IcmpHeader.ECHO_REPLY << 8);
        Wire.u16(frame.buffer(), at, IcmpHeader.ECHO_REPLY << 8);
        Wire.u16(frame.buffer(), at + 2, checksum);
        if (pending.addIp(frame, path, IpProtocol.ICMP, packet.tos, layer.config().defaultTtl, false)) {
            counters.count(StackCounter.ICMP_OUT_MSGS);
            counters.count(StackCounter.ICMP_OUT_ECHO_REPS);
        }
        return null;
    }

    private DropReason onReply(IpPacket packet, long nowNs) {
        int at = packet.payloadOffset;
        EchoHandler handler = echoes.find(IcmpHeader.identifier(packet.buffer, at));
        if (handler == null || packet.toGroup) {
            return DropReason.ICMP_UNMATCHED;
        }
        handler.onEchoReply(
                packet.srcHi,
                packet.srcLo,
                IcmpHeader.sequence(packet.buffer, at),
                packet.buffer,
                at + IcmpHeader.LENGTH,
                packet.payloadLength - IcmpHeader.LENGTH,
                packet.ttl,
                nowNs);
        return null;
    }

    private DropReason onError(IpPacket packet, long nowNs) {
        DirectBuffer buffer = packet.buffer;
        int at = packet.payloadOffset;
        int quote = at + IcmpHeader.LENGTH;
        int quoteLength = packet.payloadLength - IcmpHeader.LENGTH;
        if (packet.toGroup || !isGoodQuote(buffer, quote, quoteLength)) {
            return DropReason.ICMP_BAD_QUOTE;
        }
        error.kind = kind(IcmpHeader.type(buffer, at), IcmpHeader.code(buffer, at));
        if (error.kind == null) {
            return DropReason.ICMP_UNKNOWN_TYPE;
        }
        error.type = IcmpHeader.type(buffer, at);
        error.code = IcmpHeader.code(buffer, at);
        error.mtu = error.kind == IcmpError.Kind.TOO_BIG ? mtu(buffer, at, quote) : 0;
        int headerLength = Ipv4Header.headerLength(buffer, quote);
        error.zone = IpOutput.ANY_INTERFACE;
        error.reporterHi = packet.srcHi;
        error.reporterLo = packet.srcLo;
        error.localHi = 0;
        error.localLo = IpAddress.v4(Ipv4Header.source(buffer, quote));
        error.remoteHi = 0;
        error.remoteLo = IpAddress.v4(Ipv4Header.destination(buffer, quote));
        error.buffer = buffer;
        error.quoteOffset = quote + headerLength;
        error.quoteLength = quoteLength - headerLength;
        int protocol = Ipv4Header.protocol(buffer, quote);
        TransportHandler handler = protocol == IpProtocol.ICMP ? this : layer.transport(protocol, true);
        boolean shown = layer.raw().size() > 0 && layer.raw().showError(error, protocol, true, nowNs);
        layer.icmpMonitor().onIcmpError(protocol, error, nowNs);
        if (handler == null) {
            return shown ? null : DropReason.ICMP_UNMATCHED;
        }
        handler.onIcmpError(error, nowNs);
        return null;
    }

    /**
     * RFC 1122, 3.2.2.2: "A Redirect message SHOULD be silently discarded if the new gateway address it specifies is not on
     * the same connected (sub-) net through which the Redirect arrived ... or if the source of the Redirect is not the
     * current first-hop gateway for the specified destination". One for a network counts for the host alone (3.3.1.2).
     */
    private DropReason onRedirect(IpPacket packet) {
        DirectBuffer buffer = packet.buffer;
        int at = packet.payloadOffset;
        int quote = at + IcmpHeader.LENGTH;
        if (packet.toGroup
                || packet.nic == null
                || IcmpHeader.code(buffer, at) > LAST_REDIRECT_CODE
                || !isGoodQuote(buffer, quote, packet.payloadLength - IcmpHeader.LENGTH)) {
            return DropReason.ICMP_BAD_QUOTE;
        }
        long hop = IpAddress.v4(Wire.i32(buffer, at + 4));
        long dst = IpAddress.v4(Ipv4Header.destination(buffer, quote));
        boolean neighbor = packet.nic.isOnLink(0, hop)
                && !packet.nic.isDirectedBroadcast(0, hop)
                && !IpAddress.isMulticast(0, hop)
                && !IpAddress.isMulticast(0, dst);
        DropReason refused = neighbor
                ? layer.redirects().onRedirect(packet.nic, packet.srcHi, packet.srcLo, 0, dst, 0, hop)
                : DropReason.ICMP_REDIRECT_REFUSED;
        return refused == null ? null : DropReason.ICMP_REDIRECT_REFUSED;
    }

    private boolean isGoodQuote(DirectBuffer buffer, int offset, int length) {
        if (length < Ipv4Header.MIN_LENGTH || Wire.u8(buffer, offset) >>> 4 != 4) {
            return false;
        }
        int headerLength = Ipv4Header.headerLength(buffer, offset);
        if (headerLength < Ipv4Header.MIN_LENGTH || length - headerLength < MIN_QUOTED_PAYLOAD) {
            return false;
        }
        long src = IpAddress.v4(Ipv4Header.source(buffer, offset));
        // The header's checksum is not verified: routers quote it changed or unchanged as they please.
        return Ipv4Header.fragmentOffset(buffer, offset) == 0
                && (layer.isLocalAddress(0, src) || IpAddress.isLoopback(0, src));
    }

    private static int mtu(DirectBuffer buffer, int at, int quote) {
        int told = IcmpHeader.nextHopMtu(buffer, at);
        // RFC 1191, 5: a zero comes from a router that does not know this RFC: go down the plateaus.
        return told != 0 ? told : PathMtuCache.plateauBelow(Ipv4Header.totalLength(buffer, quote));
    }

    private static IcmpError.Kind kind(int type, int code) {
        return switch (type) {
            case IcmpHeader.TIME_EXCEEDED ->
                code == IcmpHeader.CODE_TTL_EXCEEDED
                        ? IcmpError.Kind.TTL_EXCEEDED
                        : code == IcmpHeader.CODE_REASSEMBLY_EXCEEDED ? IcmpError.Kind.REASSEMBLY_TIMEOUT : null;
            case IcmpHeader.PARAMETER_PROBLEM -> IcmpError.Kind.PARAMETER_PROBLEM;
            default -> unreachable(code);
        };
    }

    /** RFC 792, RFC 1122, section 3.2.2.1 and RFC 1812, section 5.2.7.1. */
    private static IcmpError.Kind unreachable(int code) {
        return switch (code) {
            case 0, 6, 11 -> IcmpError.Kind.NET_UNREACHABLE;
            case 1, 7, 8, 12 -> IcmpError.Kind.HOST_UNREACHABLE;
            case IcmpHeader.CODE_PROTOCOL_UNREACHABLE -> IcmpError.Kind.PROTOCOL_UNREACHABLE;
            case IcmpHeader.CODE_PORT_UNREACHABLE -> IcmpError.Kind.PORT_UNREACHABLE;
            case IcmpHeader.CODE_FRAGMENTATION_NEEDED -> IcmpError.Kind.TOO_BIG;
            case IcmpHeader.CODE_SOURCE_ROUTE_FAILED -> IcmpError.Kind.SOURCE_ROUTE_FAILED;
            case 9, 10, 13, 14, 15 -> IcmpError.Kind.ADMIN_PROHIBITED;
            default -> null;
        };
    }

    /** An error about an ICMP message of ours: only echo requests of a living pinger count. */
    @Override
    public void onIcmpError(IcmpError about, long nowNs) {
        int at = about.quoteOffset;
        EchoHandler handler = IcmpHeader.type(about.buffer, at) == IcmpHeader.ECHO_REQUEST
                ? echoes.find(IcmpHeader.identifier(about.buffer, at))
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
        handler.onEchoError(about, IcmpHeader.sequence(about.buffer, at), nowNs);
    }
}
