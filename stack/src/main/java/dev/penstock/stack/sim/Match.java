package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.FrameFilter;
import dev.penstock.stack.device.Packets;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import org.agrona.DirectBuffer;

/**
 * Picks frames for scripts, over IPv4 and IPv6: {@code side.drop(Match.nth(3, Match.SYN))} drops the third SYN. Any
 * {@link FrameFilter} will do in the same place, a lambda for instance. Malformed packets match nothing.
 */
public final class Match {
    /** Every frame. */
    public static final FrameFilter ANY = frame -> true;
    /** ARP. */
    public static final FrameFilter ARP = frame -> etherType(frame) == EthernetHeader.TYPE_ARP;
    /** TCP segments, all of them. */
    public static final FrameFilter TCP = frame -> tcp(frame) >= 0;
    /** UDP datagrams, and their first fragments. */
    public static final FrameFilter UDP = frame -> transport(frame, IpProtocol.UDP, 8) >= 0;
    /** SYN without ACK. */
    public static final FrameFilter SYN = flags(TcpHeader.SYN | TcpHeader.ACK, TcpHeader.SYN);
    /** SYN and ACK. */
    public static final FrameFilter SYN_ACK = flags(TcpHeader.SYN | TcpHeader.ACK, TcpHeader.SYN | TcpHeader.ACK);
    /** FIN. */
    public static final FrameFilter FIN = flags(TcpHeader.FIN, TcpHeader.FIN);
    /** RST. */
    public static final FrameFilter RST = flags(TcpHeader.RST, TcpHeader.RST);
    /** Segments with at least a byte of data. */
    public static final FrameFilter DATA = frame -> tcpLength(frame) > 0;
    /** Segments that only acknowledge: no data, no SYN, no FIN, no RST. */
    public static final FrameFilter PURE_ACK = all(
            flags(TcpHeader.SYN | TcpHeader.FIN | TcpHeader.RST | TcpHeader.ACK, TcpHeader.ACK),
            frame -> tcpLength(frame) == 0);

    private static final int IPV6_HEADER = 40;
    private static final int FIRST_DISCOVERY = 133;
    private static final int LAST_DISCOVERY = 137;
    private static final int ICMPV6 = 58;

    private Match() {}

    /** TCP segments of whose flags those in {@code mask} are exactly those in {@code set}. */
    public static FrameFilter flags(int mask, int set) {
        return frame -> {
            int tcp = tcp(frame);
            return tcp >= 0 && (TcpHeader.flags(frame.buffer(), tcp) & mask) == set;
        };
    }

    /** TCP and UDP from or to this port. */
    public static FrameFilter port(int port) {
        return frame -> {
            int at = tcp(frame);
            at = at >= 0 ? at : transport(frame, IpProtocol.UDP, 8);
            return at >= 0 && (Wire.u16(frame.buffer(), at) == port || Wire.u16(frame.buffer(), at + 2) == port);
        };
    }

    /** TCP data that contains the byte with this sequence number. */
    public static FrameFilter sequence(int sequence) {
        return frame -> {
            int length = tcpLength(frame);
            return length > 0
                    && Integer.compareUnsigned(sequence - TcpHeader.sequence(frame.buffer(), tcp(frame)), length) < 0;
        };
    }

    /** Link-layer frames of at least so many bytes. */
    public static FrameFilter atLeast(int bytes) {
        return frame -> frame.length() >= bytes;
    }

    /** Only the {@code n}-th frame, counted from 1, that {@code filter} matches. */
    public static FrameFilter nth(int n, FrameFilter filter) {
        return FrameFilter.nth(n, filter);
    }

    /** Of what {@code filter} matches, the {@code first}-th to the {@code last}-th frame, counted from 1. */
    public static FrameFilter range(int first, int last, FrameFilter filter) {
        int[] matched = {0};
        return frame -> filter.matches(frame) && ++matched[0] >= first && matched[0] <= last;
    }

    /** Of what {@code filter} matches, each {@code n}-th frame. */
    public static FrameFilter every(int n, FrameFilter filter) {
        int[] matched = {0};
        return frame -> filter.matches(frame) && ++matched[0] % n == 0;
    }

    /** What all match; those behind the first that does not are not asked. */
    public static FrameFilter all(FrameFilter... filters) {
        return frame -> {
            for (FrameFilter filter : filters) {
                if (!filter.matches(frame)) {
                    return false;
                }
            }
            return true;
        };
    }

    /** What one matches at least; all are asked, so that each may count. */
    public static FrameFilter any(FrameFilter... filters) {
        return frame -> {
            boolean some = false;
            for (FrameFilter filter : filters) {
                some |= filter.matches(frame);
            }
            return some;
        };
    }

    /** What {@code filter} does not match. */
    public static FrameFilter not(FrameFilter filter) {
        return frame -> !filter.matches(frame);
    }

    /** ARP, and the neighbour discovery of IPv6 (RFC 4861). */
    static boolean isDiscovery(Frame frame) {
        int type = etherType(frame);
        if (type == EthernetHeader.TYPE_ARP) {
            return true;
        }
        int ip = frame.start() + EthernetHeader.LENGTH;
        if (type != EthernetHeader.TYPE_IPV6 || frame.headLength() < EthernetHeader.LENGTH + IPV6_HEADER + 1) {
            return false;
        }
        int icmp = Wire.u8(frame.buffer(), ip + IPV6_HEADER);
        return Wire.u8(frame.buffer(), ip + 6) == ICMPV6 && icmp >= FIRST_DISCOVERY && icmp <= LAST_DISCOVERY;
    }

    private static int etherType(Frame frame) {
        return frame.headLength() < EthernetHeader.LENGTH ? -1 : EthernetHeader.type(frame.buffer(), frame.start());
    }

    private static int tcp(Frame frame) {
        return transport(frame, IpProtocol.TCP, TcpHeader.MIN_LENGTH);
    }

    /** Bytes of TCP data; -1 for what is not TCP. */
    private static int tcpLength(Frame frame) {
        int tcp = tcp(frame);
        if (tcp < 0) {
            return -1;
        }
        int ip = frame.start() + Packets.linkLength(frame.buffer(), frame.start(), frame.headLength());
        DirectBuffer b = frame.buffer();
        int end =
                Wire.u8(b, ip) >>> 4 == 4 ? ip + Ipv4Header.totalLength(b, ip) : ip + IPV6_HEADER + Wire.u16(b, ip + 4);
        return end - tcp - TcpHeader.headerLength(b, tcp);
    }

    /** Where the header of {@code protocol} begins in the frame's buffer, -1 if there is none. */
    private static int transport(Frame frame, int protocol, int least) {
        DirectBuffer b = frame.buffer();
        int link = Packets.linkLength(b, frame.start(), frame.headLength());
        int left = frame.headLength() - link;
        if (link < 0 || left < Ipv4Header.MIN_LENGTH) {
            return -1;
        }
        int ip = frame.start() + link;
        int header;
        if (Wire.u8(b, ip) >>> 4 == 4) {
            header = Ipv4Header.headerLength(b, ip);
            if (Ipv4Header.protocol(b, ip) != protocol || Ipv4Header.fragmentOffset(b, ip) != 0) {
                return -1;
            }
        } else {
            header = IPV6_HEADER;
            if (left < IPV6_HEADER || Wire.u8(b, ip + 6) != protocol) {
                return -1;
            }
        }
        return header + least <= left ? ip + header : -1;
    }
}
