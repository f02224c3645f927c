package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.Packets;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.Wire;
import org.agrona.concurrent.UnsafeBuffer;

/** What a router does with IPv4 packets (RFC 1812). */
final class RouterIpv4 {
    /** RFC 1812, 4.3.2.3: "as much of the original datagram as possible without ... exceeding 576 bytes". */
    private static final int MAX_QUOTE = 576 - Ipv4Header.MIN_LENGTH - IcmpHeader.LENGTH;

    private static final int TTL = 64;
    private static final int COPIED = 0x80;
    private static final int END_OF_OPTIONS = 0;
    private static final int NO_OPERATION = 1;

    private final SimulatedRouter router;
    private final Frame made = new Frame(2048);
    private Frame piece;
    private int nextId;

    RouterIpv4(SimulatedRouter router) {
        this.router = router;
    }

    void receive(RouterPort in, Frame frame, long nowNs) {
        UnsafeBuffer b = frame.buffer();
        int ip = frame.start() + EthernetHeader.LENGTH;
        if (Ipv4Header.check(b, ip, frame.headLength() - EthernetHeader.LENGTH) != null) {
            router.drop(RouterDrop.MALFORMED, in, frame, nowNs);
            return;
        }
        long destination = IpAddress.v4(Ipv4Header.destination(b, ip));
        if (router.isOwn(0, destination)) {
            receiveOwn(in, frame, ip, nowNs);
        } else if (!isForwardable(destination)
                || !isForwardable(IpAddress.v4(Ipv4Header.source(b, ip)))
                || MacAddress.isGroup(EthernetHeader.destination(b, frame.start()))) {
            router.drop(RouterDrop.NOT_FORWARDABLE, in, frame, nowNs);
        } else {
            forward(in, frame, ip, destination, nowNs);
        }
    }

    private boolean isForwardable(long lo) {
        int bits = (int) lo;
        boolean linkLocal = bits >>> 16 == 0xa9fe;
        return !linkLocal
                && bits >>> 28 < 0xe
                && bits >>> 24 != 0
                && !IpAddress.isLoopback(0, lo)
                && !router.isBroadcast(0, lo);
    }

    private void forward(RouterPort in, Frame frame, int ip, long destination, long nowNs) {
        UnsafeBuffer b = frame.buffer();
        SimulatedRouter.Hop hop = router.find(0, destination);
        if (hop == null) {
            router.drop(RouterDrop.NO_ROUTE, in, frame, nowNs);
            error(in, frame, IcmpHeader.UNREACHABLE, IcmpHeader.CODE_NET_UNREACHABLE, 0, nowNs);
            return;
        }
        // RFC 1812, 5.3.1: "If the TTL is reduced to zero (or less), the packet MUST be discarded, and if the
        // destination is not a multicast address the router MUST send an ICMP Time Exceeded message, Code 0".
        if (Ipv4Header.ttl(b, ip) <= 1) {
            router.drop(RouterDrop.TTL_EXCEEDED, in, frame, nowNs);
            error(in, frame, IcmpHeader.TIME_EXCEEDED, IcmpHeader.CODE_TTL_EXCEEDED, 0, nowNs);
            return;
        }
        int mtu = hop.port().mtu();
        int total = Ipv4Header.totalLength(b, ip);
        if (total > mtu && Ipv4Header.dontFragment(b, ip)) {
            // RFC 1191, section 4: the next hop's MTU goes into the low 16 bits of what was unused.
            router.drop(RouterDrop.TOO_BIG, in, frame, nowNs);
            error(in, frame, IcmpHeader.UNREACHABLE, IcmpHeader.CODE_FRAGMENTATION_NEEDED, mtu, nowNs);
            return;
        }
        decrementTtl(b, ip);
        router.countForwarded();
        if (total <= mtu) {
            router.send(hop, 0, destination, frame, nowNs);
        } else {
            fragment(hop, frame, ip, destination, mtu, nowNs);
        }
    }

    private static void decrementTtl(UnsafeBuffer b, int ip) {
        int before = Wire.u16(b, ip + 8);
        int after = before - 0x100;
        Wire.u16(b, ip + 8, after);
        Wire.u16(b, ip + 10, InternetChecksum.update(Wire.u16(b, ip + 10), before, after));
    }

    /** RFC 791, section 3.2, "An Example Fragmentation Procedure". */
    private void fragment(SimulatedRouter.Hop hop, Frame frame, int ip, long destination, int mtu, long nowNs) {
        UnsafeBuffer b = frame.buffer();
        if (frame.rx().partial) {
            // A fragment has no checksum of its own that somebody else could complete.
            Packets.completeChecksum(b, frame.start(), frame.headLength());
        }
        if (piece == null) {
            piece = new Frame(Frame.MAX_LENGTH);
        }
        int header = Ipv4Header.headerLength(b, ip);
        int data = Ipv4Header.totalLength(b, ip) - header;
        int flags = Wire.u16(b, ip + 6);
        int sent = 0;
        while (sent < data) {
            piece.reset();
            int at = piece.append(EthernetHeader.LENGTH);
            UnsafeBuffer to = piece.buffer();
            to.putBytes(at, b, frame.start(), EthernetHeader.LENGTH);
            int own = sent == 0 ? copyHeader(b, ip, header) : copyLaterHeader(b, ip, header);
            int fits = mtu - own & ~7;
            int n = data - sent <= mtu - own ? data - sent : fits;
            piece.append(b, ip + header + sent, n);
            int begin = at + EthernetHeader.LENGTH;
            Wire.u16(to, begin + 2, own + n);
            boolean more = sent + n < data || (flags & Ipv4Header.MF) != 0;
            int offset = (flags & 0x1fff) + (sent >>> 3);
            Wire.u16(to, begin + 6, (flags & ~(Ipv4Header.MF | 0x1fff)) | (more ? Ipv4Header.MF : 0) | offset);
            Ipv4Header.putChecksum(to, begin, own);
            router.send(hop, 0, destination, piece, nowNs);
            sent += n;
        }
    }

    private int copyHeader(UnsafeBuffer b, int ip, int header) {
        piece.append(b, ip, header);
        return header;
    }

    /** With those of the options only whose copied flag is set (RFC 791, section 3.1). */
    private int copyLaterHeader(UnsafeBuffer b, int ip, int header) {
        int begin = piece.end();
        piece.append(b, ip, Ipv4Header.MIN_LENGTH);
        int at = ip + Ipv4Header.MIN_LENGTH;
        int end = ip + header;
        while (at < end) {
            int type = Wire.u8(b, at);
            if (type == END_OF_OPTIONS) {
                break;
            }
            int length = type == NO_OPERATION ? 1 : at + 1 < end ? Wire.u8(b, at + 1) : 0;
            if (length < 1 || at + length > end) {
                break;
            }
            if ((type & COPIED) != 0) {
                piece.append(b, at, length);
            }
            at += length;
        }
        while ((piece.end() - begin & 3) != 0) {
            Wire.u8(piece.buffer(), piece.append(1), END_OF_OPTIONS);
        }
        int length = piece.end() - begin;
        Wire.u8(piece.buffer(), begin, 4 << 4 | length >>> 2);
        return length;
    }

    private void receiveOwn(RouterPort in, Frame frame, int ip, long nowNs) {
        UnsafeBuffer b = frame.buffer();
        int header = Ipv4Header.headerLength(b, ip);
        int length = Ipv4Header.totalLength(b, ip) - header;
        int icmp = ip + header;
        boolean echo = Ipv4Header.protocol(b, ip) == IpProtocol.ICMP
                && !Ipv4Header.isFragment(b, ip)
                && IcmpHeader.check(b, icmp, length) == null
                && IcmpHeader.type(b, icmp) == IcmpHeader.ECHO_REQUEST;
        if (!echo || header != Ipv4Header.MIN_LENGTH) {
            router.drop(RouterDrop.NOT_FORWARDABLE, in, frame, nowNs);
            return;
        }
        int source = Ipv4Header.source(b, ip);
        int own = Ipv4Header.destination(b, ip);
        IcmpHeader.put(b, icmp, IcmpHeader.ECHO_REPLY, 0, Wire.i32(b, icmp + 4));
        IcmpHeader.putChecksum(b, icmp, length);
        int tos = Ipv4Header.tos(b, ip);
        Ipv4Header.put(b, ip, tos, header + length, nextId++ & 0xffff, 0, TTL, IpProtocol.ICMP, own, source);
        reply(frame, IpAddress.v4(source), nowNs);
    }

    private void reply(Frame frame, long destination, long nowNs) {
        SimulatedRouter.Hop hop = router.find(0, destination);
        if (hop != null) {
            router.send(hop, 0, destination, frame, nowNs);
        }
    }

    void hostUnreachable(RouterPort out, Frame frame, long nowNs) {
        error(out, frame, IcmpHeader.UNREACHABLE, IcmpHeader.CODE_HOST_UNREACHABLE, 0, nowNs);
    }

    /**
     * Tells the sender of a packet, with the address of {@code port}.
     *
     * <p>RFC 1812, 4.3.2.7: "An ICMP error message MUST NOT be sent as the result of receiving: an ICMP error message,
     * or ... a packet destined to an IP broadcast or IP multicast address, or ... any fragment of a datagram other
     * then the first fragment".
     */
    private void error(RouterPort port, Frame frame, int type, int code, int rest, long nowNs) {
        UnsafeBuffer b = frame.buffer();
        int ip = frame.start() + EthernetHeader.LENGTH;
        int source = Ipv4Header.source(b, ip);
        IpAddress own = port.addressFor(0, IpAddress.v4(source));
        if (router.isSilent() || own == null || Ipv4Header.fragmentOffset(b, ip) != 0 || isIcmpError(b, ip)) {
            return;
        }
        int quoted = Math.min(MAX_QUOTE, Ipv4Header.totalLength(b, ip));
        int length = IcmpHeader.LENGTH + quoted;
        made.reset();
        int at = made.append(EthernetHeader.LENGTH + Ipv4Header.MIN_LENGTH + length);
        UnsafeBuffer to = made.buffer();
        EthernetHeader.put(to, at, 0, 0, EthernetHeader.TYPE_IPV4);
        int header = at + EthernetHeader.LENGTH;
        // RFC 1812, 4.3.2.5: "SHOULD have its IP Precedence field set to 6 or 7".
        int total = Ipv4Header.MIN_LENGTH + length;
        Ipv4Header.put(to, header, 0xc0, total, nextId++ & 0xffff, 0, TTL, IpProtocol.ICMP, own.v4Bits(), source);
        int icmp = header + Ipv4Header.MIN_LENGTH;
        IcmpHeader.put(to, icmp, type, code, rest);
        to.putBytes(icmp + IcmpHeader.LENGTH, b, ip, quoted);
        IcmpHeader.putChecksum(to, icmp, length);
        reply(made, IpAddress.v4(source), nowNs);
    }

    private static boolean isIcmpError(UnsafeBuffer b, int ip) {
        int header = Ipv4Header.headerLength(b, ip);
        if (Ipv4Header.protocol(b, ip) != IpProtocol.ICMP) {
            return false;
        }
        if (Ipv4Header.totalLength(b, ip) < header + 1) {
            return true;
        }
        int type = IcmpHeader.type(b, ip + header);
        return type != IcmpHeader.ECHO_REQUEST && type != IcmpHeader.ECHO_REPLY;
    }
}
