package dev.penstock.conformance.fuzz;

import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.wire.ArpPacket;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.UdpHeader;
import dev.penstock.stack.wire.Wire;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Writes frames as the fuzzer chooses them, with lengths and checksums that are right unless it chooses otherwise: so that what
 * is chosen reaches the code behind the first gates. Each method answers the frame's length.
 */
final class Forge {
    private static final int IP = Conversation.IP;
    private static final int L4 = Conversation.L4;
    private static final int LARGEST = 1514;
    private static final int[] FLAGS = {
        TcpHeader.ACK | TcpHeader.PSH,
        TcpHeader.ACK | TcpHeader.FIN,
        TcpHeader.RST,
        TcpHeader.RST | TcpHeader.ACK,
        TcpHeader.SYN,
        TcpHeader.SYN | TcpHeader.ACK,
        TcpHeader.ACK | TcpHeader.URG,
        TcpHeader.ACK | TcpHeader.ECE,
        TcpHeader.ACK | TcpHeader.CWR,
        TcpHeader.SYN | TcpHeader.ECE | TcpHeader.CWR,
        TcpHeader.FIN,
        0,
    };
    private static final int[] WINDOWS = {0, 1, 536, 1_460, 8_192, 65_535};

    private final UnsafeBuffer out = new UnsafeBuffer(new byte[2048]);
    private final int stackIp;
    private final long stackMac;

    Forge(int stackIp, long stackMac) {
        this.stackIp = stackIp;
        this.stackMac = stackMac;
    }

    /** The bytes of the frame that was written last. */
    UnsafeBuffer buffer() {
        return out;
    }

    /** Bytes as they are. */
    int raw(FuzzInput in) {
        byte[] bytes = in.bytes(Math.min(in.u16(), LARGEST));
        out.putBytes(0, bytes);
        return bytes.length;
    }

    /** Any Ethernet type for the stack, and bytes. */
    int ethernet(FuzzInput in) {
        int type = in.flag() ? EthernetHeader.TYPE_IPV4 : in.u16();
        byte[] bytes = in.bytes(in.u8());
        EthernetHeader.put(out, 0, stackMac, Injector.macOf(1), type);
        out.putBytes(IP, bytes);
        return IP + bytes.length;
    }

    /** A packet of IPv4 with any header fields and options, and its header checksum right. */
    int ipv4(FuzzInput in, int srcIp) {
        byte[] options = in.bytes(4 * in.below(11));
        int header = Ipv4Header.MIN_LENGTH + options.length / 4 * 4;
        int protocol = in.u8();
        byte[] body = in.bytes(in.u8());
        int length = header + body.length;
        begin(srcIp);
        put(in.u8(), length, in.below(4), fragment(in), protocol, srcIp);
        Wire.u8(out, IP, 0x40 | header / 4);
        out.putBytes(L4, options, 0, header - Ipv4Header.MIN_LENGTH);
        out.putBytes(IP + header, body);
        if (in.below(8) == 7) {
            Wire.u16(out, IP + 2, in.u16());
        }
        Ipv4Header.putChecksum(out, IP, header);
        return IP + length;
    }

    private static int fragment(FuzzInput in) {
        int kind = in.below(4);
        return kind < 2 ? kind * Ipv4Header.DF : kind == 2 ? in.below(16) : in.u16();
    }

    private void begin(int srcIp) {
        EthernetHeader.put(out, 0, stackMac, Injector.macOf(srcIp), EthernetHeader.TYPE_IPV4);
    }

    private void put(int tos, int length, int id, int fragment, int protocol, int srcIp) {
        Ipv4Header.put(out, IP, tos, length, id, fragment, 64, protocol, srcIp, stackIp);
    }

    int arp(FuzzInput in, int srcIp) {
        int sender = in.below(4) == 0 ? in.i32() : srcIp;
        int target = in.below(4) == 0 ? in.i32() : stackIp;
        long mac = Injector.macOf(sender);
        EthernetHeader.put(out, 0, in.flag() ? MacAddress.BROADCAST : stackMac, mac, EthernetHeader.TYPE_ARP);
        ArpPacket.put(out, IP, in.below(4), mac, sender, in.flag() ? stackMac : 0, target);
        return IP + ArpPacket.LENGTH;
    }

    int udp(FuzzInput in, int srcIp, int port) {
        int to = in.below(4) == 0 ? in.u16() : port;
        byte[] data = in.bytes(in.u8());
        int length = UdpHeader.LENGTH + data.length;
        UdpHeader.put(out, L4, 1 + in.u8(), to, in.below(8) == 0 ? in.u16() : length, 0);
        out.putBytes(L4 + UdpHeader.LENGTH, data);
        begin(srcIp);
        put(0, Ipv4Header.MIN_LENGTH + length, in.below(4), 0, IpProtocol.UDP, srcIp);
        if (in.below(4) != 0) {
            mendTransport(out, L4 + length, UdpHeader.CHECKSUM_OFFSET, IpProtocol.UDP);
        }
        return L4 + length;
    }

    /** A message of ICMP, which may be an error about {@code quoted}, a packet that the stack has sent, or null. */
    int icmp(FuzzInput in, int srcIp, byte[] quoted) {
        int kind = in.u8();
        int type = kind < 0x80 ? IcmpHeader.UNREACHABLE : kind < 0xc0 ? IcmpHeader.ECHO_REQUEST : in.below(20);
        int code = in.below(16);
        int rest = in.flag() ? in.u16() : in.i32();
        IcmpHeader.put(out, L4, type, code, rest);
        byte[] body = quoted != null && type != IcmpHeader.ECHO_REQUEST ? quoted : in.bytes(in.u8());
        int n = in.below(4) == 0 ? Math.min(body.length, in.u8()) : body.length;
        out.putBytes(L4 + IcmpHeader.LENGTH, body, 0, n);
        int damage = in.below(8) == 0 ? in.u8() : n;
        if (damage < n) {
            Wire.u8(out, L4 + IcmpHeader.LENGTH + damage, in.u8());
        }
        int length = IcmpHeader.LENGTH + n;
        begin(srcIp);
        put(0, Ipv4Header.MIN_LENGTH + length, in.below(4), 0, IpProtocol.ICMP, srcIp);
        IcmpHeader.putChecksum(out, L4, length);
        return L4 + length;
    }

    /** A segment of that conversation's peer: what it might say, or nearly; a SYN to {@code port} if nothing was said yet. */
    int segment(FuzzInput in, Conversation c, int port) {
        int kind = in.u8();
        int flags = kind < 0x90 ? TcpHeader.ACK : kind < 0xf0 ? FLAGS[kind % FLAGS.length] : in.u16() & 0x1ff;
        flags = c.known ? flags : kind < 0xf0 ? TcpHeader.SYN | flags & (TcpHeader.ECE | TcpHeader.CWR) : flags;
        int where = in.u8();
        int seq = c.rcvNxt + ((where & 3) == 1 ? c.window : 0) + ((where & 0x0c) == 0 ? in.distance() : 0);
        int ack = ((where & 0x30) == 0x10 ? c.una : c.nxt) + ((where & 0xc0) == 0 ? in.distance() : 0);
        int window = in.u8();
        window = window < 0x80 ? 65_535 : window < 0xe0 ? WINDOWS[window % WINDOWS.length] : in.u16();
        int urgent = (flags & TcpHeader.URG) != 0 ? in.distance() & 0xffff : 0;
        int options = options(in, c, (flags & TcpHeader.SYN) != 0, ack);
        int header = TcpHeader.MIN_LENGTH + options;
        int data = in.u8();
        data = data < 0x80 ? 0 : data < 0xe0 ? data - 0x80 : Math.min(in.u16() % 1_461, LARGEST - L4 - header);
        for (int i = 0; i < data; i++) {
            out.putByte(L4 + header + i, (byte) i);
        }
        int from = c.known ? c.peerPort : 1_000 + in.below(4);
        int to = c.known ? c.stackPort : port;
        TcpHeader.put(out, L4, from, to, seq, ack, header, flags, window, 0, urgent);
        return finish(in, c.peerIp, header + data);
    }

    private int finish(FuzzInput in, int srcIp, int length) {
        begin(srcIp);
        put(in.u8() & 3, Ipv4Header.MIN_LENGTH + length, 1, Ipv4Header.DF, IpProtocol.TCP, srcIp);
        mendTransport(out, L4 + length, TcpHeader.CHECKSUM_OFFSET, IpProtocol.TCP);
        return L4 + length;
    }

    /** Options as the fuzzer chooses them, whole words; answers how many bytes. */
    private int options(FuzzInput in, Conversation c, boolean syn, int ack) {
        int at = L4 + TcpHeader.MIN_LENGTH;
        int what = in.u8();
        if (syn && what < 0xc0) {
            // MSS, window scale, SACK permitted, timestamps.
            Wire.u32(out, at, 0x0204_0000 | (what < 0x80 ? 1_460 : in.u16()));
            Wire.u32(out, at + 4, 0x0103_0300 | (what < 0x80 ? 7 : in.u8()));
            Wire.u32(out, at + 8, 0x0402_080a);
            Wire.u32(out, at + 12, 1_000);
            Wire.u32(out, at + 16, 0);
            return 20;
        }
        if (what >= 0xf0) {
            byte[] any = in.bytes(4 * in.below(11));
            out.putBytes(at, any, 0, any.length / 4 * 4);
            return any.length / 4 * 4;
        }
        int begin = at;
        if (c.stackTime != 0 && what < 0xe0) {
            c.peerTime += what < 0x80 ? 1 : 0;
            int value = c.peerTime + (what >= 0xb0 ? in.distance() : 0);
            int echo = c.stackTime + (what >= 0xd0 ? in.distance() : 0);
            Wire.u32(out, at, 0x0101_080a);
            Wire.u32(out, at + 4, value);
            Wire.u32(out, at + 8, echo);
            at += 12;
        }
        return at - begin + sackBlocks(in, what & 3, at, c, ack);
    }

    /** Writes so many SACK blocks, anywhere around what is in flight. */
    private int sackBlocks(FuzzInput in, int blocks, int at, Conversation c, int ack) {
        if (blocks == 0) {
            return 0;
        }
        Wire.u32(out, at, 0x0101_0500 | 2 + 8 * blocks);
        int flight = Math.max(1, SeqNum.distance(c.una, c.nxt));
        for (int i = 0; i < blocks; i++) {
            int from = in.flag() ? c.una + in.u16() % flight : ack + in.distance();
            int to = in.flag() ? from + 1 + in.u16() % flight : from + in.distance();
            Wire.u32(out, at + 4 + 8 * i, from);
            Wire.u32(out, at + 8 + 8 * i, to);
        }
        return 4 + 8 * blocks;
    }

    /**
     * A copy of a segment that the honest peer sent, in which only advice is forged: ECN, window, urgent pointer, SACK blocks,
     * timestamp echo. Whatever it says, the connection must carry every byte. 0 if that segment binds (SYN, RST) or there is none.
     */
    int advice(FuzzInput in, Conversation c, byte[] heard) {
        if (heard == null) {
            return 0;
        }
        UnsafeBuffer was = new UnsafeBuffer(heard);
        int flags = TcpHeader.flags(was, L4);
        if ((flags & (TcpHeader.SYN | TcpHeader.RST)) != 0) {
            return 0;
        }
        int oldHeader = TcpHeader.headerLength(was, L4);
        int payload = Ipv4Header.totalLength(was, IP) - Ipv4Header.MIN_LENGTH - oldHeader;
        int what = in.u8();
        flags ^= (what & 1) != 0 ? TcpHeader.ECE : 0;
        flags ^= (what & 2) != 0 ? TcpHeader.CWR : 0;
        int urgent = 0;
        if ((what & 4) != 0) {
            flags |= TcpHeader.URG;
            urgent = in.u16();
        }
        int window = (what & 8) != 0 ? in.u16() : TcpHeader.window(was, L4);
        int at = L4 + TcpHeader.MIN_LENGTH;
        int time = Conversation.find(was, 8, 10);
        if (time >= 0) {
            Wire.u32(out, at, 0x0101_080a);
            // Older ones only: a newer TSval makes all that is honest old (RFC 7323, section 5.8).
            Wire.u32(out, at + 4, Wire.i32(was, time + 2) - ((what & 16) != 0 ? in.u16() : 0));
            Wire.u32(out, at + 8, Wire.i32(was, time + 6) + ((what & 32) != 0 ? in.distance() : 0));
            at += 12;
        }
        int ack = TcpHeader.acknowledgment(was, L4);
        at += sackBlocks(in, in.below(4), at, c, ack);
        int keep = Math.min(payload, LARGEST - at);
        keep = (what & 64) != 0 ? in.u16() % (keep + 1) : keep;
        flags &= keep < payload ? ~TcpHeader.FIN : ~0;
        out.putBytes(at, was, L4 + oldHeader, keep);
        int header = at - L4;
        int from = TcpHeader.sourcePort(was, L4);
        int to = TcpHeader.destinationPort(was, L4);
        TcpHeader.put(out, L4, from, to, TcpHeader.sequence(was, L4), ack, header, flags, window, 0, urgent);
        return finish(in, c.peerIp, header + keep);
    }

    /** Makes the checksum right of what is behind an IPv4 header without options. */
    static void mendTransport(UnsafeBuffer b, int length, int checksumOffset, int protocol) {
        int size = Math.min(length, IP + Ipv4Header.totalLength(b, IP)) - L4;
        if (size < checksumOffset + 2) {
            return;
        }
        Wire.u16(b, L4 + checksumOffset, 0);
        int pseudo = InternetChecksum.pseudoHeader(
                0,
                IpAddress.v4(Ipv4Header.source(b, IP)),
                0,
                IpAddress.v4(Ipv4Header.destination(b, IP)),
                protocol,
                size);
        int sum = InternetChecksum.add(pseudo, InternetChecksum.sum(b, L4, size));
        Wire.u16(b, L4 + checksumOffset, InternetChecksum.finish(sum));
    }
}
