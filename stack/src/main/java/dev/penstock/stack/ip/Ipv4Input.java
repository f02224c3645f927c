package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import org.agrona.concurrent.UnsafeBuffer;

/** IPv4 in: the checks of RFC 1122, section 3.2.1, reassembly, and up to the transports. A host: never forwards. */
final class Ipv4Input {
    private final IpLayer layer;
    private final Counters counters;
    private final Reassembler reassembler;
    private final IcmpErrors errors;
    private final IpPacket packet = new IpPacket();
    private final Transports transports;
    // Of the last packet whose addresses were good: those of the next are the same as a rule.
    private long goodSrc;
    private long goodDst;
    private IpInterface goodNic;
    private int goodGeneration;

    Ipv4Input(IpLayer layer, Counters counters, Transports transports, Reassembler reassembler, IcmpErrors errors) {
        this.transports = transports;
        this.layer = layer;
        this.counters = counters;
        this.reassembler = reassembler;
        this.errors = errors;
    }

    private void drop(DropReason reason) {
        transports.drop(reason);
    }

    /** A packet from the wire. */
    void onPacket(IpInterface nic, Frame frame, int offset, int length, boolean toGroup, long nowNs) {
        transports.from(nic.port());
        packet.interfaceIndex = nic.index();
        receive(nic, frame, offset, length, toGroup, nowNs);
        transports.from(null);
    }

    /** A packet from ourselves. */
    void onLoopback(Frame frame, int zone, long nowNs) {
        packet.interfaceIndex = zone;
        receive(null, frame, frame.start(), frame.headLength(), false, nowNs);
    }

    private void receive(IpInterface nic, Frame frame, int offset, int length, boolean linkGroup, long nowNs) {
        counters.count(StackCounter.IP_IN_RECEIVES);
        packet.nic = nic;
        UnsafeBuffer buffer = frame.buffer();
        DropReason reason = Ipv4Header.check(buffer, offset, length);
        if (reason == null) {
            describe(frame, offset);
            reason = isAsBefore(nic, linkGroup) ? null : checkAddressesAnew(nic, linkGroup);
        }
        if (reason == null && packet.headerLength > Ipv4Header.MIN_LENGTH) {
            reason = Ipv4Options.check(buffer, offset, packet.headerLength);
        }
        if (reason != null) {
            drop(reason);
            if (reason == DropReason.IPV4_BAD_OPTION) {
                // RFC 1122, 3.2.2.5: "A host SHOULD generate Parameter Problem messages"; the pointer is the first
                // octet.
                int pointer = Ipv4Options.problem(buffer, offset, packet.headerLength);
                errors.send(packet, IcmpHeader.PARAMETER_PROBLEM, 0, pointer << 24, nowNs);
            }
            return;
        }
        if (!Ipv4Header.isFragment(buffer, offset)) {
            deliver(nowNs);
            return;
        }
        Frame whole = reassembler.onFragment(packet, nowNs);
        if (whole != null) {
            describe(whole, whole.start());
            describeGroup();
            packet.toGroup = reassembler.wholeToGroup() || packet.toGroup;
            deliver(nowNs);
            whole.release();
        }
    }

    private void describe(Frame frame, int offset) {
        UnsafeBuffer buffer = frame.buffer();
        packet.frame = frame;
        packet.buffer = buffer;
        packet.headerOffset = offset;
        packet.headerLength = Ipv4Header.headerLength(buffer, offset);
        packet.payloadOffset = offset + packet.headerLength;
        packet.payloadLength = Ipv4Header.totalLength(buffer, offset) - packet.headerLength;
        packet.protocol = Ipv4Header.protocol(buffer, offset);
        packet.ttl = Ipv4Header.ttl(buffer, offset);
        packet.tos = Ipv4Header.tos(buffer, offset);
        packet.srcHi = 0;
        packet.srcLo = IpAddress.v4(Ipv4Header.source(buffer, offset));
        packet.dstHi = 0;
        packet.dstLo = IpAddress.v4(Ipv4Header.destination(buffer, offset));
        packet.checksumTrusted = frame.rx().checksumTrusted();
        packet.gsoSize = frame.rx().gsoSize;
    }

    /** From and to the same single addresses as a good packet before, none of which can have changed its meaning since. */
    private boolean isAsBefore(IpInterface nic, boolean linkGroup) {
        boolean same = packet.srcLo == goodSrc
                && packet.dstLo == goodDst
                && nic == goodNic
                && layer.generation() == goodGeneration
                && !linkGroup
                && nic != null;
        if (same) {
            packet.toBroadcast = false;
            packet.toGroup = false;
        }
        return same;
    }

    private DropReason checkAddressesAnew(IpInterface nic, boolean linkGroup) {
        describeGroup();
        DropReason reason = checkAddresses(nic, linkGroup);
        if (reason == null
                && nic != null
                && !packet.toGroup
                && layer.interfaces().isLocalAt(nic, 0, packet.dstLo)) {
            goodSrc = packet.srcLo;
            goodDst = packet.dstLo;
            goodNic = nic;
            goodGeneration = layer.generation();
        }
        return reason;
    }

    private void describeGroup() {
        packet.toBroadcast = layer.isBroadcast(0, packet.dstLo);
        packet.toGroup = packet.toBroadcast || IpAddress.isMulticast(0, packet.dstLo);
    }

    private DropReason checkAddresses(IpInterface nic, boolean linkGroup) {
        if (nic == null) {
            // From ourselves; an address may have been given up, or a group left, on the way.
            boolean ours = packet.toGroup
                    ? packet.toBroadcast
                            || layer.interfaceAt(packet.interfaceIndex).isInGroup(0, packet.dstLo)
                    : IpAddress.isLoopback(0, packet.dstLo) || layer.isLocalAddress(0, packet.dstLo);
            return ours ? null : DropReason.IPV4_NOT_FOR_US;
        }
        if (!isGoodSource((int) packet.srcLo)) {
            return DropReason.IPV4_BAD_SOURCE;
        }
        if (packet.toGroup) {
            boolean listening = packet.toBroadcast ? isBroadcastOf(nic) : nic.isInGroup(0, packet.dstLo);
            return listening ? null : DropReason.IPV4_NOT_FOR_US;
        }
        // RFC 1122, 3.3.6: "A host SHOULD silently discard a datagram that is received via a link-layer broadcast ...
        // but does not specify an IP multicast or broadcast destination address."
        if (linkGroup) {
            return DropReason.IPV4_NOT_FOR_US;
        }
        if (layer.interfaces().isLocalAt(nic, 0, packet.dstLo) || UnaddressedHosts.isForClient(nic, packet)) {
            return null;
        }
        // 3.3.4.2, the strong model: "A host MUST silently discard an incoming datagram whose destination address does
        // not correspond to the physical interface through which it is received."
        return layer.isLocalAddress(0, packet.dstLo) ? DropReason.IPV4_WRONG_INTERFACE : DropReason.IPV4_NOT_FOR_US;
    }

    private boolean isBroadcastOf(IpInterface nic) {
        return (int) packet.dstLo == -1 || nic.isDirectedBroadcast(0, packet.dstLo);
    }

    /**
     * RFC 1122, 3.2.1.3: "A host MUST silently discard an incoming datagram containing an IP source address that is
     * invalid by the rules of this section."
     */
    private boolean isGoodSource(int src) {
        int first = src >>> 24;
        if (first == 0) {
            // {0, 0} "as a source address as part of an initialization procedure": only to all; and of IGMP, from
            // queriers and hosts that have no address (RFC 3376, 4.2.13; RFC 4541, 2.1.1).
            return src == 0 && ((int) packet.dstLo == -1 || packet.protocol == IpProtocol.IGMP);
        }
        return first != 127
                && first < 224
                && !layer.isLocalAddress(0, packet.srcLo)
                && !layer.isBroadcast(0, packet.srcLo);
    }

    private void deliver(long nowNs) {
        // RFC 1122, 3.2.1.7: "A host MUST NOT discard a datagram just because it was received with TTL less than 2."
        boolean shown = layer.raw().size() > 0 && layer.raw().show(packet, true, nowNs);
        TransportHandler handler = transports.get(packet.protocol, true);
        if (handler == null) {
            if (shown) {
                return;
            }
            drop(DropReason.IPV4_NO_PROTOCOL);
            // RFC 1122, 3.2.2.1: "A host SHOULD generate Destination Unreachable messages with code: 2 (Protocol
            // Unreachable), when the designated transport protocol is not supported".
            errors.send(packet, IcmpHeader.UNREACHABLE, IcmpHeader.CODE_PROTOCOL_UNREACHABLE, 0, nowNs);
            return;
        }
        counters.count(StackCounter.IP_IN_DELIVERS);
        handler.onPacket(packet, nowNs);
    }
}
