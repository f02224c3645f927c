package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import org.agrona.DirectBuffer;

/** Echo requests of both families. */
final class EchoOutput {
    private final PendingQueue pending;
    private final PacketOutput output;
    private final Counters counters;
    private final int defaultTtl;

    EchoOutput(PendingQueue pending, PacketOutput output, Counters counters, int defaultTtl) {
        this.pending = pending;
        this.output = output;
        this.defaultTtl = defaultTtl;
        this.counters = counters;
    }

    /** See {@link IpLayer#sendEcho}. */
    int send(
            DestinationPath path,
            int identifier,
            int sequence,
            DirectBuffer data,
            int offset,
            int length,
            int tos,
            int ttl,
            boolean dontFragment,
            long nowNs) {
        int most = IpLayer.MAX_PACKET - IcmpHeader.LENGTH - (path.v4 ? Ipv4Header.MIN_LENGTH : 0);
        if (length < 0 || length > most) {
            return IpOutput.TOO_BIG;
        }
        Frame frame = pending.acquire(IcmpHeader.LENGTH + length);
        if (frame == null) {
            return 0;
        }
        int at = frame.append(IcmpHeader.LENGTH);
        int rest = (identifier << 16) | (sequence & 0xffff);
        frame.append(data, offset, length);
        if (path.v4) {
            IcmpHeader.put(frame.buffer(), at, IcmpHeader.ECHO_REQUEST, 0, rest);
            IcmpHeader.putChecksum(frame.buffer(), at, IcmpHeader.LENGTH + length);
        } else {
            Icmpv6Header.put(frame.buffer(), at, Icmpv6Header.ECHO_REQUEST, 0, rest);
            Icmpv6Errors.putChecksum(frame, path);
        }
        int protocol = path.v4 ? IpProtocol.ICMP : IpProtocol.ICMPV6;
        int hops = ttl > 0 ? ttl : path.hopLimit(defaultTtl);
        int taken = output.send(frame, path, protocol, tos, hops, dontFragment, nowNs);
        frame.release();
        if (taken > 0) {
            counters.count(StackCounter.ICMP_OUT_MSGS);
        }
        return taken;
    }
}
