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
import dev.penstock.stack.wire.Wire;

/** IPv4 out: header, identification, fragmentation (RFC 791, section 3.2; RFC 6864). */
final class Ipv4Output {
    private static final int HEADER = Ipv4Header.MIN_LENGTH;

    private final Counters counters;
    private final IpIdentifiers identifiers;
    private final LoopbackQueue loopback;
    private final PendingQueue pending;
    private final FramePool small;

    Ipv4Output(
            Counters counters,
            IpIdentifiers identifiers,
            LoopbackQueue loopback,
            PendingQueue pending,
            FramePool small) {
        this.counters = counters;
        this.identifiers = identifiers;
        this.loopback = loopback;
        this.pending = pending;
        this.small = small;
    }

    /** See {@link IpOutput#send}. */
    int send(Frame frame, DestinationPath path, int protocol, int tos, int ttl, boolean dontFragment, long nowNs) {
        if (!path.refresh()) {
            return IpOutput.NO_ROUTE;
        }
        int length = HEADER + frame.length();
        if (length > IpLayer.MAX_PACKET) {
            return IpOutput.TOO_BIG;
        }
        if (path.loopback) {
            int taken = loopback.offer(frame, path, 0, protocol, tos, ttl, true);
            counters.count(StackCounter.IP_OUT_REQUESTS, taken);
            return taken;
        }
        EthernetPort port = path.nic.port();
        if (!port.isUp()) {
            return IpOutput.NO_ROUTE;
        }
        TxOffload tx = frame.tx();
        boolean gso = tx.gsoType != TxOffload.GSO_NONE;
        int onWire = gso ? HEADER + tx.headerLength + tx.gsoSize : length;
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
        // RFC 6864, 4.1: "Originating sources MAY set the IPv4 ID field of atomic datagrams to any value."
        int id = df ? 0 : identifiers.next(path.srcLo, path.dstLo, protocol, pieces(frame));
        int length = HEADER + frame.length();
        int at = frame.pushNetwork(HEADER);
        Ipv4Header.put(
                frame.buffer(), at, tos, length, id, df ? Ipv4Header.DF : 0, ttl, protocol, (int) path.srcLo, (int)
                        path.dstLo);
        int taken = path.nic.port().send(frame, mac, EthernetHeader.TYPE_IPV4);
        if (frame.linkOffset() < 0) {
            frame.popNetwork(HEADER);
        }
        return taken;
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
        int id = identifiers.next(path.srcLo, path.dstLo, protocol, 1);
        int payload = frame.length();
        int step = Math.min(path.mtu - HEADER, small.frameCapacity()) & ~7;
        boolean refused = false;
        for (int from = 0; from < payload; from += step) {
            int n = Math.min(step, payload - from);
            Frame fragment = refused ? pending.acquire(n) : small.acquire();
            if (fragment == null) {
                counters.count(StackCounter.IP_FRAG_FAILS);
                return from == 0 ? 0 : 1;
            }
            copy(frame, from, n, fragment);
            int at = fragment.pushNetwork(HEADER);
            int flags = from >>> 3 | (from + n < payload ? Ipv4Header.MF : 0);
            Ipv4Header.put(fragment.buffer(), at, tos, HEADER + n, id, flags, ttl, protocol, (int) path.srcLo, (int)
                    path.dstLo);
            boolean taken = !refused && port.send(fragment, mac, EthernetHeader.TYPE_IPV4) > 0;
            if (taken) {
                fragment.release();
            } else if (from == 0) {
                fragment.release();
                return 0;
            } else {
                refused = true;
                pending.addLink(fragment, port, mac, EthernetHeader.TYPE_IPV4);
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
