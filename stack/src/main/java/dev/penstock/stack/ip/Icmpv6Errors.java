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
import org.agrona.DirectBuffer;

/** ICMPv6 errors that we send (RFC 4443, section 2.4), at the next flush, as {@link IcmpLimits} allow. */
final class Icmpv6Errors {
    /** RFC 4443, 2.4, (c): "as much of the invoking packet as possible without ... exceeding the minimum IPv6 MTU". */
    private static final int MAX_QUOTE = Ipv6Header.MIN_LINK_MTU - Ipv6Header.LENGTH - Icmpv6Header.LENGTH;

    private final IpLayer layer;
    private final IpConfig config;
    private final Counters counters;
    private final PendingQueue pending;
    private final IcmpLimits limits;

    Icmpv6Errors(IpLayer layer, IpConfig config, Counters counters, PendingQueue pending, IcmpLimits limits) {
        this.layer = layer;
        this.config = config;
        this.counters = counters;
        this.pending = pending;
        this.limits = limits;
    }

    /** Answers {@code packet} with an error, if one may be sent. */
    void send(IpPacket packet, int type, int code, int rest, long nowNs) {
        // A reassembled packet came to a group if one of its fragments did.
        boolean group = packet.toGroup && !IpAddress.isMulticast(packet.dstHi, packet.dstLo);
        if (!group) {
            send(packet.buffer, packet.headerOffset, packet.zone(), type, code, rest, nowNs);
        }
    }

    /**
     * Quotes the IPv6 packet at {@code offset}, whose header was checked.
     *
     * <p>{@code zone} is that of its link-local addresses, or -1.
     *
     * <p>RFC 4443, 2.4, (e): "An ICMPv6 error message MUST NOT be originated as a result of receiving ... An ICMPv6 error
     * message ... An ICMPv6 redirect message ... A packet destined to an IPv6 multicast address", Packet Too Big and
     * Parameter Problem with code 2 excepted, or "a packet whose source address does not uniquely identify a single node".
     */
    void send(DirectBuffer buffer, int offset, int zone, int type, int code, int rest, long nowNs) {
        long srcHi = Ipv6Header.sourceHi(buffer, offset);
        long srcLo = Ipv6Header.sourceLo(buffer, offset);
        long dstHi = Ipv6Header.destinationHi(buffer, offset);
        long dstLo = Ipv6Header.destinationLo(buffer, offset);
        boolean toGroup = IpAddress.isMulticast(dstHi, dstLo);
        boolean unknownOption = type == Icmpv6Header.PARAMETER_PROBLEM && code == Icmpv6Header.CODE_UNKNOWN_OPTION;
        int length = Ipv6Header.LENGTH + Ipv6Header.payloadLength(buffer, offset);
        boolean allowed = !IpAddress.isAny(srcHi, srcLo)
                && !IpAddress.isMulticast(srcHi, srcLo)
                && (!toGroup || unknownOption)
                && !mayBeError(buffer, offset, length);
        if (!allowed || !limits.allow(srcHi, srcLo, nowNs)) {
            return;
        }
        // RFC 4443, 2.2, (b): for a packet to a group, the source "MUST be a unicast address belonging to the node".
        DestinationPath path = layer.paths().acquire(toGroup ? 0 : dstHi, toGroup ? 0 : dstLo, srcHi, srcLo, zone);
        if (path == null) {
            counters.drop(DropReason.IPV6_NO_ROUTE);
            return;
        }
        int quoted = Math.min(length, MAX_QUOTE);
        Frame frame = pending.acquire(Icmpv6Header.LENGTH + quoted);
        if (frame == null) {
            path.release();
            return;
        }
        int at = frame.append(Icmpv6Header.LENGTH);
        Icmpv6Header.put(frame.buffer(), at, type, code, rest);
        frame.append(buffer, offset, quoted);
        putChecksum(frame, path);
        if (pending.addIp(frame, path, IpProtocol.ICMPV6, 0, path.hopLimit(config.defaultTtl), false)) {
            counters.count(StackCounter.ICMP_OUT_MSGS);
            counters.count(StackCounter.ICMP_OUT_ERRORS);
        }
    }

    /** Computes the checksum of the message that a frame consists of. */
    static void putChecksum(Frame frame, DestinationPath path) {
        int length = frame.headLength();
        int pseudo = InternetChecksum.pseudoHeader(
                path.srcHi, path.srcLo, path.dstHi, path.dstLo, IpProtocol.ICMPV6, length);
        Icmpv6Header.putChecksum(frame.buffer(), frame.start(), length, pseudo);
    }

    /** An ICMPv6 error or redirect, or a part of ICMPv6 that does not tell what it is. */
    private static boolean mayBeError(DirectBuffer buffer, int offset, int length) {
        int end = offset + length;
        int next = Ipv6Header.nextHeader(buffer, offset);
        int at = offset + Ipv6Header.LENGTH;
        boolean later = false;
        for (int i = 0; i < Ipv6Extension.MAX_HEADERS && Ipv6Extension.isExtension(next); i++) {
            if (at + Ipv6Extension.MIN_LENGTH > end) {
                return false;
            }
            later |= next == Ipv6Extension.FRAGMENT && Ipv6Extension.fragmentOffset(buffer, at) != 0;
            int size = Ipv6Extension.length(buffer, at, next);
            next = Ipv6Extension.nextHeader(buffer, at);
            at += size;
        }
        if (next != IpProtocol.ICMPV6) {
            return false;
        }
        if (later || at >= end) {
            return true;
        }
        int type = Icmpv6Header.type(buffer, at);
        return Icmpv6Header.isError(type) || type == Icmpv6Header.REDIRECT;
    }
}
