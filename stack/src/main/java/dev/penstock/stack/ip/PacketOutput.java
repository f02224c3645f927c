package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.link.EthernetPort;
import dev.penstock.stack.neighbor.Neighbor;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.Ipv6Extension;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.Wire;

/**
 * Packets out, of both families: header, identification or flow label, fragmentation (RFC 791, section 3.2; RFC 6864;
 * RFC 8200, section 4.5).
 */
final class PacketOutput {
    private final Counters counters;
    private final IpIdentifiers identifiers;
    private final FlowLabels flowLabels;
    private final LoopbackQueue loopback;
    private final PendingQueue pending;
    private final FramePool small;

    PacketOutput(
            Counters counters,
            IpIdentifiers identifiers,
            FlowLabels flowLabels,
            LoopbackQueue loopback,
            PendingQueue pending,
            FramePool small) {
        this.counters = counters;
        this.identifiers = identifiers;
        this.flowLabels = flowLabels;
        this.loopback = loopback;
        this.pending = pending;
        this.small = small;
    }

    /** See {@link IpOutput#send}. */
    int send(Frame frame, DestinationPath path, int protocol, int tos, int ttl, boolean dontFragment, long nowNs) {
        if (!path.refresh()) {
            return IpOutput.NO_ROUTE;
        }
        int header = path.headerLength();
        // IPv4's length field counts the header, IPv6's does not.
        if ((path.v4 ? header : 0) + frame.length() > IpLayer.MAX_PACKET) {
            return IpOutput.TOO_BIG;
        }
        if (path.loopback) {
            int label = path.v4 ? 0 : flowLabels.of(path.flowSeed, protocol, frame);
            int taken = loopback.offer(frame, path, label, protocol, tos, ttl);
            counters.count(StackCounter.IP_OUT_REQUESTS, Math.max(0, taken));
            return taken;
        }
        EthernetPort port = path.nic.port();
        if (!port.isUp()) {
            return IpOutput.NO_ROUTE;
        }
        TxOffload tx = frame.tx();
        if (tx.priority < 0) {
            // The class selector of RFC 2474, section 4.2.2, is the precedence of old, and the priority of 802.1p as
            // usual.
            tx.priority = tos >>> 5;
        }
        boolean gso = tx.gsoType != TxOffload.GSO_NONE;
        int onWire = header + (gso ? tx.headerLength + tx.gsoSize : frame.length());
        boolean tooBig = onWire > path.mtu;
        if (tooBig && (dontFragment || gso)) {
            return IpOutput.TOO_BIG;
        }
        long mac = path.resolveMac(nowNs);
        if (mac < 0) {
            return mac == Neighbor.UNRESOLVED ? IpOutput.UNRESOLVED : IpOutput.HOST_UNREACHABLE;
        }
        // A path whose MTU is said to be below our minimum gets no DF: the routers may cut what we do not.
        boolean df = dontFragment && !path.fragmentable;
        int taken = tooBig
                ? sendFragments(frame, path, protocol, tos, ttl, mac)
                : sendWhole(frame, path, protocol, tos, ttl, df, mac);
        counters.count(StackCounter.IP_OUT_REQUESTS, taken);
        return taken;
    }

    private int sendWhole(Frame frame, DestinationPath path, int protocol, int tos, int ttl, boolean df, long mac) {
        int taken;
        if (path.v4) {
            // RFC 6864, 4.1: "Originating sources MAY set the IPv4 ID field of atomic datagrams to any value."
            int id = df ? 0 : identifiers.next(path.srcLo, path.dstLo, protocol, pieces(frame));
            putV4(frame, path, tos, id, df ? Ipv4Header.DF : 0, ttl, protocol);
            taken = path.nic.port().send(frame, mac, EthernetHeader.TYPE_IPV4);
        } else {
            int label = flowLabels.of(path.flowSeed, protocol, frame);
            int length = frame.length();
            int at = frame.pushNetwork(Ipv6Header.LENGTH);
            putV6(frame, at, path, tos, label, length, protocol, ttl);
            taken = path.nic.port().send(frame, mac, EthernetHeader.TYPE_IPV6);
        }
        if (frame.linkOffset() < 0) {
            frame.popNetwork(path.headerLength());
        }
        return taken;
    }

    private static void putV4(
            Frame frame, DestinationPath path, int tos, int id, int flagsAndOffset, int ttl, int protocol) {
        int length = Ipv4Header.MIN_LENGTH + frame.length();
        int at = frame.pushNetwork(Ipv4Header.MIN_LENGTH);
        int src = (int) path.srcLo;
        int dst = (int) path.dstLo;
        Ipv4Header.put(frame.buffer(), at, tos, length, id, flagsAndOffset, ttl, protocol, src, dst);
    }

    private static void putV6(
            Frame frame, int at, DestinationPath path, int tos, int label, int length, int next, int hopLimit) {
        Ipv6Header.put(
                frame.buffer(), at, tos, label, length, next, hopLimit, path.srcHi, path.srcLo, path.dstHi, path.dstLo);
    }

    private static int pieces(Frame frame) {
        TxOffload tx = frame.tx();
        return tx.gsoType == TxOffload.GSO_NONE
                ? 1
                : Math.max(1, (frame.length() - tx.headerLength + tx.gsoSize - 1) / tx.gsoSize);
    }

    /**
     * Sends a packet as fragments. If the device takes the first, the packet is taken: fragments that it then has no
     * room for wait in the pending queue.
     */
    private int sendFragments(Frame frame, DestinationPath path, int protocol, int tos, int ttl, long mac) {
        completeChecksum(frame, protocol);
        EthernetPort port = path.nic.port();
        int type = path.v4 ? EthernetHeader.TYPE_IPV4 : EthernetHeader.TYPE_IPV6;
        int headers = path.v4 ? Ipv4Header.MIN_LENGTH : Ipv6Header.LENGTH + Ipv6Extension.MIN_LENGTH;
        int label = path.v4 ? 0 : flowLabels.of(path.flowSeed, protocol, frame);
        int id = path.v4
                ? identifiers.next(path.srcLo, path.dstLo, protocol, 1)
                : identifiers.nextV6(path.srcHi, path.srcLo, path.dstHi, path.dstLo);
        int payload = frame.length();
        int step = Math.min(path.mtu - headers, small.frameCapacity()) & ~7;
        boolean refused = false;
        for (int from = 0; from < payload; from += step) {
            int n = Math.min(step, payload - from);
            Frame fragment = refused ? pending.acquire(n) : small.acquire();
            if (fragment == null) {
                counters.count(StackCounter.IP_FRAG_FAILS);
                return from == 0 ? 0 : 1;
            }
            copy(frame, from, n, fragment);
            fragment.tx().priority = frame.tx().priority;
            boolean more = from + n < payload;
            if (path.v4) {
                putV4(fragment, path, tos, id, from >>> 3 | (more ? Ipv4Header.MF : 0), ttl, protocol);
            } else {
                int at = fragment.pushNetwork(headers);
                putV6(fragment, at, path, tos, label, headers - Ipv6Header.LENGTH + n, Ipv6Extension.FRAGMENT, ttl);
                Ipv6Extension.putFragment(fragment.buffer(), at + Ipv6Header.LENGTH, protocol, from, more, id);
            }
            boolean taken = !refused && port.send(fragment, mac, type) > 0;
            if (taken) {
                fragment.release();
            } else if (from == 0) {
                fragment.release();
                return 0;
            } else {
                refused = true;
                pending.addLink(fragment, port, mac, type);
            }
            counters.count(StackCounter.IP_FRAG_CREATES);
        }
        counters.count(StackCounter.IP_FRAG_OK);
        return 1;
    }

    /** Copies a range of a frame's bytes, slices included. */
    private static void copy(Frame from, int offset, int length, Frame to) {
        int at = to.append(length);
        int todo = length;
        int skip = offset;
        int head = from.headLength();
        if (skip < head) {
            int n = Math.min(todo, head - skip);
            to.buffer().putBytes(at, from.buffer(), from.start() + skip, n);
            at += n;
            todo -= n;
            skip = 0;
        } else {
            skip -= head;
        }
        for (int i = 0; todo > 0; i++) {
            int available = from.sliceLength(i);
            if (skip < available) {
                int n = Math.min(todo, available - skip);
                to.buffer().putBytes(at, from.sliceBuffer(i), from.sliceOffset(i) + skip, n);
                at += n;
                todo -= n;
                skip = 0;
            } else {
                skip -= available;
            }
        }
    }

    /** Computes the transport checksum that was left to the device: no device completes it across fragments. */
    private static void completeChecksum(Frame frame, int protocol) {
        TxOffload tx = frame.tx();
        if (!tx.checksumNeeded) {
            return;
        }
        int from = frame.transportOffset();
        int field = from + tx.csumOffset;
        int length = frame.end() - from;
        int sum = InternetChecksum.sum(frame.buffer(), from, length);
        for (int i = 0; i < frame.sliceCount(); i++) {
            int n = frame.sliceLength(i);
            sum = InternetChecksum.concat(
                    sum, length, InternetChecksum.sum(frame.sliceBuffer(i), frame.sliceOffset(i), n));
            length += n;
        }
        int checksum = InternetChecksum.finish(sum);
        // RFC 768: "If the computed checksum is zero, it is transmitted as all ones".
        Wire.u16(frame.buffer(), field, checksum == 0 && protocol == IpProtocol.UDP ? 0xffff : checksum);
        tx.checksumNeeded = false;
    }
}
