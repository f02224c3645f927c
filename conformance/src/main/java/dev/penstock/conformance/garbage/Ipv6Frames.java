package dev.penstock.conformance.garbage;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Extension;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.MldMessage;
import dev.penstock.stack.wire.NdpMessage;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.UdpHeader;
import dev.penstock.stack.wire.Wire;
import org.agrona.concurrent.UnsafeBuffer;

/** The IPv6 half of {@link FrameMutator}: frames of every protocol, behind every extension header, whole and in pieces. */
public final class Ipv6Frames {
    private static final int IP = EthernetHeader.LENGTH;
    private static final int INVENTED = 200;
    private static final int[] EXTENSIONS = {
        Ipv6Extension.HOP_BY_HOP,
        Ipv6Extension.DESTINATION_OPTIONS,
        Ipv6Extension.ROUTING,
        Ipv6Extension.FRAGMENT,
        Ipv6Extension.DESTINATION_OPTIONS
    };
    private static final int[] OPTIONS = {0, 1, 5, 0x1e, 0x5e, 0x9e, 0xde, 0xc2, 0xc9};

    private final RandomSource random;
    private final long stackMac;
    private final IpAddress stack;
    private final int[] ports;
    private UnsafeBuffer b;
    private long srcLo;
    private long dstHi;
    private long dstLo;

    /**
     * Frames for one stack.
     *
     * @param random chooses
     * @param stackMac where they go
     * @param stack the stack's address; its /64 is taken for its network
     * @param ports that are aimed at
     */
    public Ipv6Frames(RandomSource random, long stackMac, IpAddress stack, int... ports) {
        this.random = random;
        this.stackMac = stackMac;
        this.stack = stack;
        this.ports = ports.clone();
    }

    /** Makes a frame and returns its length; its checksums are right. */
    public int make(UnsafeBuffer buffer) {
        b = buffer;
        // Hosts of the stack's /64 that do not exist.
        srcLo = 0x6600L + random.nextInt(INVENTED);
        boolean group = random.nextInt(8) == 0;
        dstHi = group ? IpAddress.SOLICITED_NODE_HI : stack.hi();
        dstLo = !group ? stack.lo() : random.nextInt(2) == 0 ? 1 : IpAddress.solicitedNodeLo(stack.lo());
        long mac = group ? MacAddress.forIpv6Multicast(dstLo) : stackMac;
        EthernetHeader.put(b, 0, mac, FrameMutator.senderMac((int) srcLo), EthernetHeader.TYPE_IPV6);
        int kind = random.nextInt(9);
        if (kind == 8) {
            return membership();
        }
        int protocol = kind < 4 ? IpProtocol.ICMPV6 : kind < 6 ? IpProtocol.UDP : IpProtocol.TCP;
        int at = IP + Ipv6Header.LENGTH;
        int first = protocol;
        int headers = random.nextInt(3) == 0 ? random.nextInt(random.nextInt(8) == 0 ? 12 : 4) : 0;
        int nextField = IP + Ipv6Header.NEXT_HEADER_OFFSET;
        for (int i = 0; i < headers; i++) {
            int type = EXTENSIONS[random.nextInt(EXTENSIONS.length)];
            if (i == 0) {
                first = type;
            } else {
                Wire.u8(b, nextField, type);
            }
            nextField = at;
            at += extension(at, type);
        }
        if (headers > 0) {
            Wire.u8(b, nextField, protocol);
        }
        int payload =
                switch (protocol) {
                    case IpProtocol.ICMPV6 -> kind < 2 ? icmp(at) : ndp(at);
                    case IpProtocol.UDP -> udp(at);
                    default -> tcp(at);
                };
        int hopLimit = random.nextInt(16) == 0 ? random.nextInt(256) : NdpMessage.HOP_LIMIT;
        int length = at - IP - Ipv6Header.LENGTH + payload;
        Ipv6Header.put(b, IP, 0, 0, length, first, hopLimit, srcHi(), srcLo, dstHi, dstLo);
        mend(b, IP + Ipv6Header.LENGTH + length);
        return IP + Ipv6Header.LENGTH + length;
    }

    /** A message of MLD from a router that does not exist, with router alert or without, right or not. */
    private int membership() {
        int at = IP + Ipv6Header.LENGTH;
        boolean alert = random.nextInt(4) != 0;
        if (alert) {
            Wire.u32(b, at, IpProtocol.ICMPV6 << 24 | 0x0005);
            Wire.u32(b, at + 4, 0x0200_0000 | random.nextInt(4) / 3);
            at += Ipv6Extension.MIN_LENGTH;
        }
        int[] types = {MldMessage.QUERY, MldMessage.QUERY, MldMessage.V1_REPORT, MldMessage.DONE, MldMessage.V2_REPORT};
        int length = random.nextInt(3) == 0 ? MldMessage.LENGTH : MldMessage.QUERY_V2_LENGTH + 16 * random.nextInt(3);
        length = random.nextInt(8) == 0 ? random.nextInt(60) + Icmpv6Header.LENGTH : length;
        Icmpv6Header.put(b, at, types[random.nextInt(types.length)], 0, random.nextInt(4) << 24);
        for (int i = Icmpv6Header.LENGTH; i < length; i++) {
            Wire.u8(b, at + i, random.nextInt(6) == 0 ? random.nextInt(256) : 0);
        }
        if (random.nextInt(2) == 0) {
            // About a group that the stack is in.
            Wire.u64(b, at + Icmpv6Header.LENGTH, IpAddress.SOLICITED_NODE_HI);
            Wire.u64(b, at + 2 * Icmpv6Header.LENGTH, IpAddress.solicitedNodeLo(stack.lo()));
        }
        if (length >= MldMessage.QUERY_V2_LENGTH) {
            Wire.u16(b, at + MldMessage.QUERY_V2_LENGTH - 2, random.nextInt(4));
        }
        dstHi = 0xff02L << 48;
        dstLo = 1;
        EthernetHeader.put(
                b,
                0,
                MacAddress.forIpv6Multicast(dstLo),
                FrameMutator.senderMac((int) srcLo),
                EthernetHeader.TYPE_IPV6);
        int payload = at - IP - Ipv6Header.LENGTH + Math.max(length, 24);
        int first = alert ? Ipv6Extension.HOP_BY_HOP : IpProtocol.ICMPV6;
        Ipv6Header.put(b, IP, 0, 0, payload, first, 1, 0xfe80L << 48, srcLo, dstHi, dstLo);
        mend(b, IP + Ipv6Header.LENGTH + payload);
        return IP + Ipv6Header.LENGTH + payload;
    }

    private long srcHi() {
        return stack.hi();
    }

    private int extension(int at, int type) {
        if (type == Ipv6Extension.FRAGMENT) {
            int from = random.nextInt(3) == 0 ? random.nextInt(8192) << 3 : random.nextInt(4) << 6;
            Ipv6Extension.putFragment(b, at, 0, from, random.nextInt(2) == 0, random.nextInt(8));
            return Ipv6Extension.MIN_LENGTH;
        }
        int units = random.nextInt(3);
        int length = (units + 1) << 3;
        Wire.u16(b, at, units);
        for (int i = 2; i < length; i++) {
            int option = OPTIONS[random.nextInt(OPTIONS.length)];
            Wire.u8(b, at + i, random.nextInt(3) == 0 ? option : random.nextInt(4) == 0 ? random.nextInt(8) : 0);
        }
        return length;
    }

    private int port() {
        return random.nextInt(3) == 0 ? random.nextInt(65_536) : ports[random.nextInt(ports.length)];
    }

    private int icmp(int at) {
        int data = random.nextInt(300);
        int type = random.nextInt(2) == 0 ? Icmpv6Header.ECHO_REQUEST : random.nextInt(6);
        Icmpv6Header.put(b, at, type, random.nextInt(8), random.nextInt(3) == 0 ? random.nextInt() : 1280);
        for (int i = 0; i < data; i++) {
            Wire.u8(b, at + Icmpv6Header.LENGTH + i, i);
        }
        if (data >= Ipv6Header.LENGTH + 8) {
            // A quoted packet of the stack's own, as an error would carry.
            int quote = at + Icmpv6Header.LENGTH;
            int protocol = random.nextInt(2) == 0 ? IpProtocol.TCP : IpProtocol.UDP;
            Ipv6Header.put(b, quote, 0, 0, 600, protocol, 64, stack.hi(), stack.lo(), srcHi(), srcLo);
            Wire.u16(b, quote + Ipv6Header.LENGTH, port());
            Wire.u16(b, quote + Ipv6Header.LENGTH + 2, port());
        }
        return Icmpv6Header.LENGTH + data;
    }

    private int ndp(int at) {
        long mac = random.nextInt(4) == 0 ? MacAddress.NONE : FrameMutator.senderMac((int) srcLo);
        boolean aboutUs = random.nextInt(2) == 0;
        long targetLo = aboutUs ? stack.lo() : 0x6600L + random.nextInt(INVENTED);
        switch (random.nextInt(4)) {
            case 0 -> {
                return NdpMessage.putSolicitation(b, at, stack.hi(), targetLo, mac);
            }
            case 1 -> {
                boolean solicited = random.nextInt(2) == 0;
                return NdpMessage.putAdvertisement(b, at, solicited, random.nextInt(2) == 0, stack.hi(), targetLo, mac);
            }
            case 2 -> {
                return NdpMessage.putRouterSolicitation(b, at, mac);
            }
            default -> {
                int length = 16 + random.nextInt(80);
                Icmpv6Header.put(b, at, random.nextInt(2) == 0 ? 134 : 137, 0, random.nextInt());
                for (int i = Icmpv6Header.LENGTH; i < length; i++) {
                    Wire.u8(b, at + i, random.nextInt(4) == 0 ? random.nextInt(256) : random.nextInt(6));
                }
                return length;
            }
        }
    }

    private int udp(int at) {
        int data = random.nextInt(400);
        UdpHeader.put(b, at, port(), port(), UdpHeader.LENGTH + data, 0);
        return UdpHeader.LENGTH + data;
    }

    private int tcp(int at) {
        int flags = random.nextInt(2) == 0 ? TcpHeader.SYN : random.nextInt(512);
        int data = random.nextInt(3) == 0 ? random.nextInt(500) : 0;
        int source = 1024 + random.nextInt(4);
        int seq = random.nextInt(4) * 1000;
        TcpHeader.put(b, at, source, port(), seq, random.nextInt(), TcpHeader.MIN_LENGTH, flags, 65_535, 0, 0);
        return TcpHeader.MIN_LENGTH + data;
    }

    /** Makes the transport checksum right for whatever an IPv6 frame says. */
    public static void mend(UnsafeBuffer b, int length) {
        if (length < IP + Ipv6Header.LENGTH) {
            return;
        }
        int end = Math.min(length, IP + Ipv6Header.LENGTH + Ipv6Header.payloadLength(b, IP));
        long upper = Ipv6Extension.upperLayer(b, IP, end - IP);
        if (upper == Ipv6Extension.NOT_FOUND) {
            return;
        }
        int at = Ipv6Extension.offset(upper);
        int protocol = Ipv6Extension.protocol(upper);
        int field =
                switch (protocol) {
                    case IpProtocol.ICMPV6 -> 2;
                    case IpProtocol.UDP -> UdpHeader.CHECKSUM_OFFSET;
                    case IpProtocol.TCP -> TcpHeader.CHECKSUM_OFFSET;
                    default -> -1;
                };
        if (field < 0 || at + field + 2 > end) {
            return;
        }
        Wire.u16(b, at + field, 0);
        int pseudo = InternetChecksum.pseudoHeader(
                Ipv6Header.sourceHi(b, IP),
                Ipv6Header.sourceLo(b, IP),
                Ipv6Header.destinationHi(b, IP),
                Ipv6Header.destinationLo(b, IP),
                protocol,
                end - at);
        int sum = InternetChecksum.add(pseudo, InternetChecksum.sum(b, at, end - at));
        Wire.u16(b, at + field, InternetChecksum.finish(sum));
    }
}
