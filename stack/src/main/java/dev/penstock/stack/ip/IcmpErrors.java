package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import org.agrona.DirectBuffer;

/** ICMP errors that we send (RFC 792; RFC 1122, section 3.2.2), at the next flush, as {@link IcmpLimits} allow. */
final class IcmpErrors {
    /** RFC 1812, 4.3.2.3: "as much of the original datagram as possible without ... exceeding 576 bytes". */
    private static final int MAX_MESSAGE = 576 - Ipv4Header.MIN_LENGTH;

    private final IpLayer layer;
    private final IpConfig config;
    private final Counters counters;
    private final PendingQueue pending;
    private final IcmpLimits limits;

    IcmpErrors(IpLayer layer, IpConfig config, Counters counters, PendingQueue pending, IcmpLimits limits) {
        this.layer = layer;
        this.config = config;
        this.counters = counters;
        this.pending = pending;
        this.limits = limits;
    }

    /** Answers {@code packet} with an error, if one may be sent. */
    void send(IpPacket packet, int type, int code, int rest, long nowNs) {
        if (packet.toGroup) {
            return;
        }
        send(packet.buffer, packet.headerOffset, type, code, rest, nowNs);
    }

    /**
     * Quotes the IPv4 packet at {@code offset}, whose header was checked and which came to an address of ours alone.
     *
     * <p>RFC 1122, 3.2.2: "An ICMP error message MUST NOT be sent as the result of receiving: an ICMP error message,
     * or a datagram destined to an IP broadcast or IP multicast address, or a datagram sent as a link-layer broadcast,
     * or a non-initial fragment, or a datagram whose source address does not define a single host".
     */
    void send(DirectBuffer buffer, int offset, int type, int code, int rest, long nowNs) {
        long src = IpAddress.v4(Ipv4Header.source(buffer, offset));
        long dst = IpAddress.v4(Ipv4Header.destination(buffer, offset));
        boolean allowed = Ipv4Header.fragmentOffset(buffer, offset) == 0
                && !IpAddress.isAny(0, src)
                && !IpAddress.isMulticast(0, src)
                && !layer.isBroadcast(0, src)
                && !layer.isBroadcast(0, dst)
                && !IpAddress.isMulticast(0, dst)
                && !isIcmpError(buffer, offset);
        if (!allowed) {
            return;
        }
        if (!limits.allow(0, src, nowNs)) {
            return;
        }
        DestinationPath path = layer.paths().acquire(0, dst, 0, src, IpOutput.ANY_INTERFACE);
        if (path == null) {
            counters.drop(DropReason.IPV4_NO_ROUTE);
            return;
        }
        int quoted = Math.min(Ipv4Header.totalLength(buffer, offset), MAX_MESSAGE - IcmpHeader.LENGTH);
        Frame frame = pending.acquire(IcmpHeader.LENGTH + quoted);
        if (frame == null) {
            path.release();
            return;
        }
        int at = frame.append(IcmpHeader.LENGTH);
        IcmpHeader.put(frame.buffer(), at, type, code, rest);
        frame.append(buffer, offset, quoted);
        IcmpHeader.putChecksum(frame.buffer(), at, IcmpHeader.LENGTH + quoted);
        if (pending.addIp(frame, path, IpProtocol.ICMP, 0, config.defaultTtl, false)) {
            counters.count(StackCounter.ICMP_OUT_MSGS);
            counters.count(StackCounter.ICMP_OUT_ERRORS);
        }
    }

    private static boolean isIcmpError(DirectBuffer buffer, int offset) {
        if (Ipv4Header.protocol(buffer, offset) != IpProtocol.ICMP) {
            return false;
        }
        int headerLength = Ipv4Header.headerLength(buffer, offset);
        if (Ipv4Header.totalLength(buffer, offset) == headerLength) {
            return true;
        }
        int type = IcmpHeader.type(buffer, offset + headerLength);
        return type != IcmpHeader.ECHO_REQUEST && type != IcmpHeader.ECHO_REPLY;
    }
}
