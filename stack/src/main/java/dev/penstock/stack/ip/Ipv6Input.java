package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Extension;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.Ipv6Options;
import dev.penstock.stack.wire.MacAddress;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * IPv6 in: header, addresses, the walk through the extension headers (RFC 8200, section 4), reassembly, and up to the
 * transports. A host: never forwards.
 */
final class Ipv6Input {
    private final IpLayer layer;
    private final Counters counters;
    private final Transports transports;
    private final Reassembler reassembler;
    private final Icmpv6Errors errors;
    private final IpPacket packet = new IpPacket();

    Ipv6Input(IpLayer layer, Counters counters, Transports transports, Reassembler reassembler, Icmpv6Errors errors) {
        this.layer = layer;
        this.counters = counters;
        this.transports = transports;
        this.reassembler = reassembler;
        this.errors = errors;
    }

    /** A packet from the wire. */
    void onPacket(IpInterface nic, Frame frame, int offset, int length, long linkSource, boolean toGroup, long nowNs) {
        transports.from(nic.port());
        if (nic.hasV6()) {
            packet.interfaceIndex = nic.index();
            receive(nic, frame, offset, length, linkSource, toGroup, nowNs);
        } else {
            transports.drop(DropReason.IPV6_DISABLED);
        }
        transports.from(null);
    }

    /** A packet from ourselves. */
    void onLoopback(Frame frame, int zone, long nowNs) {
        packet.interfaceIndex = zone;
        receive(null, frame, frame.start(), frame.headLength(), MacAddress.NONE, false, nowNs);
    }

    private void receive(
            IpInterface nic, Frame frame, int offset, int length, long linkSource, boolean linkGroup, long nowNs) {
        counters.count(StackCounter.IP_IN_RECEIVES);
        DropReason reason = Ipv6Header.check(frame.buffer(), offset, length);
        if (reason == null) {
            packet.nic = nic;
            packet.linkSource = linkSource;
            describe(frame, offset);
            reason = nic == null ? checkOwn() : checkAddresses(nic, linkGroup);
        }
        if (reason != null) {
            transports.drop(reason);
            return;
        }
        walk(false, nowNs);
    }

    private void describe(Frame frame, int offset) {
        UnsafeBuffer buffer = frame.buffer();
        packet.frame = frame;
        packet.buffer = buffer;
        packet.headerOffset = offset;
        packet.headerLength = Ipv6Header.LENGTH;
        packet.payloadOffset = offset + Ipv6Header.LENGTH;
        packet.payloadLength = Ipv6Header.payloadLength(buffer, offset);
        packet.protocol = Ipv6Header.nextHeader(buffer, offset);
        packet.ttl = Ipv6Header.hopLimit(buffer, offset);
        packet.tos = Ipv6Header.trafficClass(buffer, offset);
        packet.srcHi = Ipv6Header.sourceHi(buffer, offset);
        packet.srcLo = Ipv6Header.sourceLo(buffer, offset);
        packet.dstHi = Ipv6Header.destinationHi(buffer, offset);
        packet.dstLo = Ipv6Header.destinationLo(buffer, offset);
        packet.checksumTrusted = frame.rx().checksumTrusted();
        packet.gsoSize = frame.rx().gsoSize;
        packet.toBroadcast = false;
        packet.toGroup = IpAddress.isMulticast(packet.dstHi, packet.dstLo);
        packet.fragmented = false;
    }

    /** From ourselves; an address may have been given up, or a group left, on the way. */
    private DropReason checkOwn() {
        if (packet.toGroup) {
            IpInterface nic = layer.interfaceAt(packet.interfaceIndex);
            return nic.isInGroup(packet.dstHi, packet.dstLo) ? null : DropReason.IPV6_NOT_FOR_US;
        }
        return IpAddress.isLoopback(packet.dstHi, packet.dstLo) || layer.isLocalAddress(packet.dstHi, packet.dstLo)
                ? null
                : DropReason.IPV6_NOT_FOR_US;
    }

    private DropReason checkAddresses(IpInterface nic, boolean linkGroup) {
        if (!isGoodSource()) {
            return DropReason.IPV6_BAD_SOURCE;
        }
        long hi = packet.dstHi;
        long lo = packet.dstLo;
        if (packet.toGroup) {
            // RFC 4291, 2.7: scope 0 is reserved, scope 1 "spans only a single interface": neither comes from a wire.
            return IpAddress.multicastScope(hi) > 1 && nic.isInGroup(hi, lo) ? null : DropReason.IPV6_NOT_FOR_US;
        }
        // A unicast packet in a frame to a group is refused, as RFC 1122, 3.3.6 has it for IPv4.
        if (!linkGroup && !IpAddress.isV4(hi, lo) && layer.interfaces().isLocalAt(nic, hi, lo)) {
            return null;
        }
        // As RFC 1122, 3.3.4.2 has it for IPv4.
        boolean mayBe = !linkGroup && !IpAddress.isV4(hi, lo) && !IpAddress.isLinkLocalV6(hi);
        boolean elsewhere = mayBe && layer.isLocalAddress(hi, lo);
        return elsewhere ? DropReason.IPV6_WRONG_INTERFACE : DropReason.IPV6_NOT_FOR_US;
    }

    private boolean isGoodSource() {
        long hi = packet.srcHi;
        long lo = packet.srcLo;
        // RFC 4291, 2.7: "Multicast addresses must not be used as source addresses in IPv6 packets"; 2.5.3: "An IPv6
        // packet with a destination address of loopback must never be sent outside of a single node", the source
        // likewise. An IPv4-mapped address belongs on no wire: to the layers above it would be an IPv4 packet.
        return !IpAddress.isMulticast(hi, lo)
                && !IpAddress.isLoopback(hi, lo)
                && !IpAddress.isV4(hi, lo)
                && !isOurs(hi, lo);
    }

    /**
     * A neighbour may well have the link-local address that we have on another interface. And whoever has the address that we
     * are still asking about says so from that address: RFC 4862, 5.4.4.
     */
    private boolean isOurs(long hi, long lo) {
        LocalAddress here = packet.nic.findUsable(hi, lo);
        if (here != null) {
            return !(here.tentative && packet.protocol == IpProtocol.ICMPV6);
        }
        return !IpAddress.isLinkLocalV6(hi) && layer.isLocalAddress(hi, lo);
    }

    /** From header to header, in the order in which they are there, as RFC 8200, section 4 asks. */
    private void walk(boolean reassembled, long nowNs) {
        UnsafeBuffer buffer = packet.buffer;
        int start = packet.headerOffset;
        int end = packet.payloadOffset + packet.payloadLength;
        int at = packet.payloadOffset;
        int next = packet.protocol;
        int field = Ipv6Header.NEXT_HEADER_OFFSET;
        for (int i = 0; Ipv6Extension.isExtension(next); i++) {
            if (i == Ipv6Extension.MAX_HEADERS) {
                transports.drop(DropReason.IPV6_EXTENSION_LIMIT);
                return;
            }
            if (next == Ipv6Extension.HOP_BY_HOP && i > 0) {
                // "The same action should be taken if a node encounters a Next Header value of zero in any header other
                // than an IPv6 header."
                refuse(DropReason.IPV6_NO_PROTOCOL, Icmpv6Header.CODE_UNKNOWN_NEXT_HEADER, field, nowNs);
                return;
            }
            boolean there = at + Ipv6Extension.MIN_LENGTH <= end;
            int length = there ? Ipv6Extension.length(buffer, at, next) : 0;
            if (!there || at + length > end) {
                int pointer = Math.min(at + 1, end - 1) - start;
                refuse(DropReason.IPV6_BAD_EXTENSION, Icmpv6Header.CODE_BAD_FIELD, pointer, nowNs);
                return;
            }
            if (next == Ipv6Extension.FRAGMENT) {
                if (!isAtomic(at)) {
                    onFragment(at, end, field, reassembled, nowNs);
                    return;
                }
                packet.fragmented = true;
            } else if (!isPassable(next, at, length, nowNs)) {
                return;
            }
            next = Ipv6Extension.nextHeader(buffer, at);
            field = at - start;
            at += length;
        }
        deliver(next, field, at, end, nowNs);
    }

    /** RFC 6946: a fragment that is all of its packet, to be processed "in isolation from any other packets". */
    private boolean isAtomic(int at) {
        return Ipv6Extension.fragmentOffset(packet.buffer, at) == 0 && !Ipv6Extension.moreFragments(packet.buffer, at);
    }

    private void onFragment(int at, int end, int field, boolean reassembled, long nowNs) {
        if (reassembled) {
            transports.drop(DropReason.IPV6_FRAGMENT_BAD);
            return;
        }
        packet.protocol = Ipv6Extension.nextHeader(packet.buffer, at);
        packet.payloadOffset = at + Ipv6Extension.MIN_LENGTH;
        packet.payloadLength = end - packet.payloadOffset;
        packet.headerLength = packet.payloadOffset - packet.headerOffset;
        Frame whole = reassembler.onFragmentV6(packet, field, nowNs);
        if (whole != null) {
            describe(whole, whole.start());
            packet.toGroup |= reassembler.wholeToGroup();
            packet.fragmented = true;
            walk(true, nowNs);
            whole.release();
        }
    }

    /** Options and routing headers: false when the packet ends here. */
    private boolean isPassable(int type, int at, int length, long nowNs) {
        if (type == Ipv6Extension.ROUTING) {
            // RFC 8200, 4.4: with segments left, "the node must discard the packet and send an ICMP Parameter Problem,
            // Code
            // 0, message ... pointing to the unrecognized Routing Type"; RFC 5095, 3: type 0 is treated so, too.
            if (Ipv6Extension.segmentsLeft(packet.buffer, at) == 0) {
                return true;
            }
            int pointer = at + 2 - packet.headerOffset;
            refuse(DropReason.IPV6_SOURCE_ROUTED, Icmpv6Header.CODE_BAD_FIELD, pointer, nowNs);
            return false;
        }
        long answer = Ipv6Options.check(packet.buffer, at + 2, at + length);
        int pointer = Ipv6Options.offset(answer) - packet.headerOffset;
        switch (Ipv6Options.verdict(answer)) {
            case Ipv6Options.OK -> {
                return true;
            }
            case Ipv6Options.MALFORMED ->
                refuse(DropReason.IPV6_BAD_OPTION, Icmpv6Header.CODE_BAD_FIELD, pointer, nowNs);
            case Ipv6Options.REPORT ->
                refuse(DropReason.IPV6_UNKNOWN_OPTION, Icmpv6Header.CODE_UNKNOWN_OPTION, pointer, nowNs);
            case Ipv6Options.REPORT_UNICAST -> {
                if (packet.toGroup) {
                    transports.drop(DropReason.IPV6_UNKNOWN_OPTION);
                } else {
                    refuse(DropReason.IPV6_UNKNOWN_OPTION, Icmpv6Header.CODE_UNKNOWN_OPTION, pointer, nowNs);
                }
            }
            case Ipv6Options.LIMIT -> transports.drop(DropReason.IPV6_EXTENSION_LIMIT);
            default -> transports.drop(DropReason.IPV6_UNKNOWN_OPTION);
        }
        return false;
    }

    private void refuse(DropReason reason, int code, int pointer, long nowNs) {
        transports.drop(reason);
        errors.send(packet, Icmpv6Header.PARAMETER_PROBLEM, code, pointer, nowNs);
    }

    private void deliver(int protocol, int field, int at, int end, long nowNs) {
        packet.protocol = protocol;
        packet.payloadOffset = at;
        packet.payloadLength = end - at;
        packet.headerLength = at - packet.headerOffset;
        if (protocol == Ipv6Extension.NO_NEXT_HEADER) {
            transports.drop(DropReason.IPV6_NO_PAYLOAD);
            return;
        }
        if (protocol != IpProtocol.ICMPV6 && IpAddress.isAny(packet.srcHi, packet.srcLo)) {
            transports.drop(DropReason.IPV6_BAD_SOURCE);
            return;
        }
        boolean shown = layer.raw().size() > 0 && layer.raw().show(packet, false, nowNs);
        TransportHandler handler = transports.get(protocol, false);
        if (handler == null) {
            if (shown) {
                return;
            }
            // "... an ICMP Code value of 1 ("unrecognized Next Header type encountered") and the ICMP Pointer field
            // containing the offset of the unrecognized value within the original packet."
            refuse(DropReason.IPV6_NO_PROTOCOL, Icmpv6Header.CODE_UNKNOWN_NEXT_HEADER, field, nowNs);
            return;
        }
        counters.count(StackCounter.IP_IN_DELIVERS);
        handler.onPacket(packet, nowNs);
    }
}
