package dev.penstock.conformance.garbage;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
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
 * Makes bad frames: valid ones of every protocol, damaged in every way, and pure noise. From one seed; the frame is
 * valid until the next call. Half of the damaged packets get their checksums mended, so that they pass the first gates
 * and reach the code behind them.
 */
public final class FrameMutator {
    /** The longest frame it makes. */
    public static final int MAX_LENGTH = 1514;

    private static final int IP = EthernetHeader.LENGTH;
    private static final int L4 = IP + Ipv4Header.MIN_LENGTH;
    /** Hosts of the stack's /24 that do not exist: .3 and up. */
    private static final int FIRST_INVENTED = 3;

    private static final int INVENTED = 200;
    private static final int SENDER_IP = 14;
    private static final int[] INTERESTING = {0, 1, 2, 4, 7, 8, 20, 0x7f, 0x80, 0xff, 0xfe, 0x40, 0x20, 0x45, 0x4f};

    /** MSS 1,460; window scale 7; SACK permitted; timestamps. */
    private static final int[] SYN_OPTIONS = {0x0204_05b4, 0x0103_0307, 0x0101_0402, 0x0101_080a, 0x1000_0000, 0};

    private final RandomSource random;
    private final long stackMac;
    private final int stackIp;
    private final int[] ports;
    private final Conversations conversations;
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[MAX_LENGTH]);
    private Ipv6Frames ipv6;
    private int length;

    /**
     * @param stackMac whom the frames are for
     * @param stackIp its IPv4 address; senders are other hosts of the same /24
     * @param sacrificedPort whose connections may be broken, whoever the peer is; 0 for none
     * @param ports that are worth aiming at
     */
    public FrameMutator(RandomSource random, long stackMac, int stackIp, int sacrificedPort, int... ports) {
        this.random = random;
        this.stackMac = stackMac;
        this.stackIp = stackIp;
        this.ports = ports.clone();
        this.conversations = new Conversations(random, stackMac, stackIp, sacrificedPort);
    }

    /** Has a third of the frames be of IPv6, for this address of the stack, whose /64 is taken for its network. */
    public FrameMutator withIpv6(IpAddress stack) {
        ipv6 = new Ipv6Frames(random, stackMac, stack, ports);
        return this;
    }

    /** The bytes of the frame. */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    /** The stack sends {@code frame}: later ones may answer it. */
    public void learn(Frame frame) {
        conversations.learn(frame);
    }

    /** Makes the next frame and returns its length. */
    public int next() {
        make();
        spareTheHost();
        return length;
    }

    private void make() {
        if (answer()) {
            return;
        }
        if (ipv6 != null && random.nextInt(3) == 0) {
            length = ipv6.make(buffer);
            damage();
            return;
        }
        int kind = random.nextInt(20);
        if (kind == 0) {
            noise(random.nextInt(MAX_LENGTH + 1));
            return;
        }
        if (kind == 1) {
            noise(random.nextInt(MAX_LENGTH + 1));
            if (length >= EthernetHeader.LENGTH) {
                EthernetHeader.put(buffer, 0, stackMac, senderMac(1), random.nextInt(4) == 0 ? 0x0806 : 0x0800);
            }
            return;
        }
        switch (kind % 6) {
            case 0 -> arp();
            case 1 -> icmp();
            case 2 -> udp();
            default -> tcp();
        }
        damage();
    }

    /** Now and then, what a peer would say to what the stack has sent; then, too, often a little wrong. */
    private boolean answer() {
        int asked = conversations.takeAsked();
        if (asked != 0 && random.nextInt(4) != 0) {
            EthernetHeader.put(buffer, 0, stackMac, senderMac(asked), EthernetHeader.TYPE_ARP);
            ArpPacket.put(buffer, IP, ArpPacket.REPLY, senderMac(asked), asked, stackMac, stackIp);
            length = IP + ArpPacket.LENGTH;
            return true;
        }
        length = conversations.reset(buffer);
        if (length > 0) {
            mendTransport(TcpHeader.CHECKSUM_OFFSET, IpProtocol.TCP);
            return true;
        }
        if (conversations.isEmpty() || random.nextInt(3) != 0) {
            return false;
        }
        length = conversations.segment(buffer);
        mendTransport(TcpHeader.CHECKSUM_OFFSET, IpProtocol.TCP);
        if (random.nextInt(4) == 0) {
            damage();
        }
        return true;
    }

    /** Forged ARP takes over any address, with every stack there is: that of the real peer is left alone. */
    private void spareTheHost() {
        if (length >= IP + ArpPacket.LENGTH
                && EthernetHeader.type(buffer, 0) == EthernetHeader.TYPE_ARP
                && !isInvented(ArpPacket.senderIp(buffer, IP), stackIp)) {
            Wire.u32(buffer, IP + SENDER_IP, senderIp());
        }
    }

    private void noise(int bytes) {
        length = bytes;
        for (int i = 0; i < bytes; i++) {
            buffer.putByte(i, (byte) random.nextInt());
        }
    }

    private int senderIp() {
        return (stackIp & 0xffff_ff00) | (FIRST_INVENTED + random.nextInt(INVENTED));
    }

    /** An address that only garbage comes from; not the stack's own, nor that of its real peer. */
    static boolean isInvented(int ip, int stackIp) {
        int host = ip & 0xff;
        return (ip & 0xffff_ff00) == (stackIp & 0xffff_ff00)
                && host >= FIRST_INVENTED
                && host < FIRST_INVENTED + INVENTED;
    }

    static long senderMac(int ip) {
        return MacAddress.locallyAdministered(0x6600_0000L | (ip & 0xff));
    }

    private void arp() {
        int ip = senderIp();
        EthernetHeader.put(buffer, 0, random.nextInt(2) == 0 ? MacAddress.BROADCAST : stackMac, senderMac(ip), 0x0806);
        ArpPacket.put(buffer, IP, 1 + random.nextInt(2), senderMac(ip), ip, stackMac, stackIp);
        length = IP + ArpPacket.LENGTH;
    }

    private void ipv4(int protocol, int payload) {
        int ip = senderIp();
        EthernetHeader.put(buffer, 0, stackMac, senderMac(ip), 0x0800);
        int fragment = random.nextInt(8) == 0 ? random.nextInt(0x4000) : random.nextInt(2) * Ipv4Header.DF;
        int id = random.nextInt(16);
        Ipv4Header.put(buffer, IP, 0, 20 + payload, id, fragment, 64, protocol, ip, stackIp);
        length = L4 + payload;
    }

    private void icmp() {
        int data = random.nextInt(200);
        int types = random.nextInt(4);
        int type = types == 0 ? random.nextInt(20) : types == 1 ? IcmpHeader.UNREACHABLE : IcmpHeader.ECHO_REQUEST;
        IcmpHeader.put(buffer, L4, type, random.nextInt(16), random.nextInt());
        int body = L4 + IcmpHeader.LENGTH;
        for (int i = 0; i < data; i++) {
            buffer.putByte(body + i, (byte) i);
        }
        if (data >= 28) {
            // A quoted packet of the stack's own, as an error would carry.
            int protocol = random.nextInt(2) == 0 ? IpProtocol.TCP : IpProtocol.UDP;
            Ipv4Header.put(buffer, body, 0, 60, 1, 0, 64, protocol, stackIp, senderIp());
            Wire.u16(buffer, body + 20, port());
            Wire.u16(buffer, body + 22, port());
        }
        ipv4(IpProtocol.ICMP, IcmpHeader.LENGTH + data);
        IcmpHeader.putChecksum(buffer, L4, IcmpHeader.LENGTH + data);
    }

    private int port() {
        return random.nextInt(3) == 0 ? random.nextInt(65_536) : ports[random.nextInt(ports.length)];
    }

    private void udp() {
        if (random.nextInt(32) == 0) {
            ipv4(IpProtocol.UDP, random.nextInt(UdpHeader.LENGTH));
            return;
        }
        int data = random.nextInt(300);
        UdpHeader.put(buffer, L4, port(), port(), UdpHeader.LENGTH + data, 0);
        ipv4(IpProtocol.UDP, UdpHeader.LENGTH + data);
        if (random.nextInt(2) == 0) {
            mendTransport(UdpHeader.CHECKSUM_OFFSET, IpProtocol.UDP);
        }
    }

    private void tcp() {
        if (random.nextInt(8) == 0) {
            syn();
            return;
        }
        int options = random.nextInt(11) * 4;
        int header = TcpHeader.MIN_LENGTH + options;
        int data = random.nextInt(3) == 0 ? random.nextInt(1000) : 0;
        int flags = random.nextInt(3) == 0 ? random.nextInt(512) : TcpHeader.SYN;
        // Few senders' ports: segments for half-open connections meet each other.
        int source = 1024 + random.nextInt(4);
        int seq = random.nextInt(4) * 1000;
        TcpHeader.put(buffer, L4, source, port(), seq, random.nextInt(), header, flags, random.nextInt(65_536), 0, 0);
        for (int i = 0; i < options; i++) {
            int interesting = INTERESTING[random.nextInt(INTERESTING.length)];
            Wire.u8(buffer, L4 + TcpHeader.MIN_LENGTH + i, random.nextInt(2) == 0 ? random.nextInt(10) : interesting);
        }
        ipv4(IpProtocol.TCP, header + data);
        mendTransport(TcpHeader.CHECKSUM_OFFSET, IpProtocol.TCP);
    }

    /** A good one, as it begins a connection in which much else can go wrong. */
    private void syn() {
        int header = TcpHeader.MIN_LENGTH + SYN_OPTIONS.length * 4;
        int source = 1024 + random.nextInt(4);
        TcpHeader.put(buffer, L4, source, port(), random.nextInt(), 0, header, TcpHeader.SYN, 65_535, 0, 0);
        for (int i = 0; i < SYN_OPTIONS.length; i++) {
            Wire.u32(buffer, L4 + TcpHeader.MIN_LENGTH + i * 4, SYN_OPTIONS[i]);
        }
        ipv4(IpProtocol.TCP, header);
        mendTransport(TcpHeader.CHECKSUM_OFFSET, IpProtocol.TCP);
    }

    private void damage() {
        int hits = random.nextInt(4);
        for (int i = 0; i < hits && length > 0; i++) {
            int at = random.nextInt(Math.min(length, 80));
            switch (random.nextInt(4)) {
                case 0 -> Wire.u8(buffer, at, INTERESTING[random.nextInt(INTERESTING.length)]);
                case 1 -> Wire.u8(buffer, at, Wire.u8(buffer, at) ^ 1 << random.nextInt(8));
                case 2 -> Wire.u8(buffer, at, random.nextInt());
                default -> length = random.nextInt(3) == 0 ? random.nextInt(length + 1) : length;
            }
        }
        if (hits > 0 && random.nextInt(2) == 0) {
            mend();
        }
    }

    /** Makes the checksums right for whatever the frame now says. */
    private void mend() {
        if (length >= EthernetHeader.LENGTH && EthernetHeader.type(buffer, 0) == EthernetHeader.TYPE_IPV6) {
            Ipv6Frames.mend(buffer, length);
            return;
        }
        if (length < L4 || EthernetHeader.type(buffer, 0) != EthernetHeader.TYPE_IPV4) {
            return;
        }
        int header = Ipv4Header.headerLength(buffer, IP);
        if (header < Ipv4Header.MIN_LENGTH || IP + header > length) {
            return;
        }
        Ipv4Header.putChecksum(buffer, IP, header);
        int protocol = Ipv4Header.protocol(buffer, IP);
        if (header == Ipv4Header.MIN_LENGTH && protocol == IpProtocol.TCP && length >= L4 + TcpHeader.MIN_LENGTH) {
            mendTransport(TcpHeader.CHECKSUM_OFFSET, protocol);
        } else if (header == Ipv4Header.MIN_LENGTH && protocol == IpProtocol.UDP && length >= L4 + UdpHeader.LENGTH) {
            mendTransport(UdpHeader.CHECKSUM_OFFSET, protocol);
        } else if (protocol == IpProtocol.ICMP && length >= IP + header + IcmpHeader.LENGTH) {
            IcmpHeader.putChecksum(buffer, IP + header, length - IP - header);
        }
    }

    private void mendTransport(int checksumOffset, int protocol) {
        mendTransport(buffer, length, checksumOffset, protocol);
    }

    /** Makes the checksum right of what is behind an IPv4 header without options. */
    static void mendTransport(UnsafeBuffer buffer, int length, int checksumOffset, int protocol) {
        int size = Math.min(length, IP + Ipv4Header.totalLength(buffer, IP)) - L4;
        if (size < checksumOffset + 2) {
            return;
        }
        Wire.u16(buffer, L4 + checksumOffset, 0);
        int pseudo = InternetChecksum.pseudoHeader(
                0,
                IpAddress.v4(Ipv4Header.source(buffer, IP)),
                0,
                IpAddress.v4(Ipv4Header.destination(buffer, IP)),
                protocol,
                size);
        int sum = InternetChecksum.add(pseudo, InternetChecksum.sum(buffer, L4, size));
        Wire.u16(buffer, L4 + checksumOffset, InternetChecksum.finish(sum));
    }
}
