package dev.penstock.stack.ip;

import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv6Extension;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.NdpMessage;
import dev.penstock.stack.wire.UdpHeader;
import dev.penstock.stack.wire.Wire;
import java.util.Arrays;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;

/** Makes IPv6 packets for tests; and a host that speaks it. */
public final class Packets6 {
    public static final String US = "2001:db8::1";
    public static final String PEER = "2001:db8::2";
    public static final String FAR = "2001:db8:ffff::7";

    private Packets6() {}

    /** A host 2001:db8::1/64 whose addresses are verified, and that has heard of the peer 2001:db8::2. */
    public static IpHost ready() {
        return ready(c -> {});
    }

    /** As {@link #ready()}. */
    public static IpHost ready(Consumer<IpConfig> settings) {
        IpHost host = announced(settings);
        receive(host, ns(PEER, solicitedNode(US), US, IpHost.PEER_MAC));
        host.device.sent.clear();
        return host;
    }

    /** A host 2001:db8::1/64 whose addresses are verified. */
    public static IpHost announced(Consumer<IpConfig> settings) {
        IpHost host = new IpHost(US + "/64", settings);
        host.advance(5 * IpHost.SECOND);
        host.device.sent.clear();
        return host;
    }

    /** The peer sends a packet to the MAC address that belongs to its destination. */
    public static void receive(IpHost host, byte[] packet) {
        UnsafeBuffer b = new UnsafeBuffer(packet);
        long hi = Ipv6Header.destinationHi(b, 0);
        long lo = Ipv6Header.destinationLo(b, 0);
        long mac = IpAddress.isMulticast(hi, lo)
                ? dev.penstock.stack.wire.MacAddress.forIpv6Multicast(lo)
                : host.device.macAddress();
        host.peerSends(mac, dev.penstock.stack.wire.EthernetHeader.TYPE_IPV6, packet);
    }

    public static IpAddress ip(String text) {
        return IpAddress.parse(text);
    }

    public static String solicitedNode(String address) {
        return new IpAddress(
                        IpAddress.SOLICITED_NODE_HI,
                        IpAddress.solicitedNodeLo(ip(address).lo()))
                .toString();
    }

    /** With hop limit 255, as neighbour discovery wants it. */
    public static byte[] ipv6(String src, String dst, int next, byte[]... parts) {
        byte[] payload = Packets.concat(parts);
        byte[] header = new byte[40];
        IpAddress s = ip(src);
        IpAddress d = ip(dst);
        Ipv6Header.put(new UnsafeBuffer(header), 0, 0, 0, payload.length, next, 255, s.hi(), s.lo(), d.hi(), d.lo());
        return Packets.concat(header, payload);
    }

    /** An ICMPv6 message, checksum included. */
    public static byte[] message(String src, String dst, int type, int code, int rest, byte[] data) {
        byte[] message = new byte[8 + data.length];
        UnsafeBuffer b = new UnsafeBuffer(message);
        Icmpv6Header.put(b, 0, type, code, rest);
        b.putBytes(8, data);
        checksum(b, message.length, src, dst);
        return message;
    }

    private static void checksum(UnsafeBuffer b, int length, String src, String dst) {
        Icmpv6Header.putChecksum(b, 0, length, pseudo(src, dst, IpProtocol.ICMPV6, length));
    }

    public static int pseudo(String src, String dst, int protocol, int length) {
        IpAddress s = ip(src);
        IpAddress d = ip(dst);
        return InternetChecksum.pseudoHeader(s.hi(), s.lo(), d.hi(), d.lo(), protocol, length);
    }

    public static byte[] icmp(String src, String dst, int type, int code, int rest, byte[] data) {
        return ipv6(src, dst, IpProtocol.ICMPV6, message(src, dst, type, code, rest, data));
    }

    public static byte[] echo(String src, String dst, int bytes) {
        return icmp(src, dst, Icmpv6Header.ECHO_REQUEST, 0, 0x0007_0001, Packets.bytes(bytes, 1));
    }

    /** A neighbour solicitation; {@code mac} NONE for one without the option. */
    public static byte[] ns(String src, String dst, String target, long mac) {
        UnsafeBuffer b = new UnsafeBuffer(new byte[32]);
        int length =
                NdpMessage.putSolicitation(b, 0, ip(target).hi(), ip(target).lo(), mac);
        checksum(b, length, src, dst);
        return ipv6(src, dst, IpProtocol.ICMPV6, Arrays.copyOf(b.byteArray(), length));
    }

    /** The bytes of a frame's packet without the nonce option that our probes for duplicates end with, checksum mended. */
    public static byte[] withoutNonce(byte[] packet) {
        byte[] shorter = Arrays.copyOf(packet, packet.length - 8);
        UnsafeBuffer b = new UnsafeBuffer(shorter);
        IpAddress src = new IpAddress(Ipv6Header.sourceHi(b, 0), Ipv6Header.sourceLo(b, 0));
        IpAddress dst = new IpAddress(Ipv6Header.destinationHi(b, 0), Ipv6Header.destinationLo(b, 0));
        Ipv6Header.putPayloadLength(b, 0, shorter.length - 40);
        byte[] message = Arrays.copyOfRange(shorter, 40, shorter.length);
        checksum(new UnsafeBuffer(message), message.length, src.toString(), dst.toString());
        return Packets.concat(Arrays.copyOf(shorter, 40), message);
    }

    /** A neighbour advertisement; {@code mac} NONE for one without the option. */
    public static byte[] na(String src, String dst, String target, long mac, boolean solicited, boolean override) {
        UnsafeBuffer b = new UnsafeBuffer(new byte[32]);
        int length = NdpMessage.putAdvertisement(
                b, 0, solicited, override, ip(target).hi(), ip(target).lo(), mac);
        checksum(b, length, src, dst);
        return ipv6(src, dst, IpProtocol.ICMPV6, Arrays.copyOf(b.byteArray(), length));
    }

    /** A UDP datagram, checksum included. */
    public static byte[] udp(String src, int srcPort, String dst, int dstPort, byte[] data) {
        byte[] datagram = new byte[8 + data.length];
        UnsafeBuffer b = new UnsafeBuffer(datagram);
        UdpHeader.put(b, 0, srcPort, dstPort, datagram.length, 0);
        b.putBytes(8, data);
        int sum = InternetChecksum.add(
                pseudo(src, dst, IpProtocol.UDP, datagram.length), InternetChecksum.sum(b, 0, datagram.length));
        Wire.u16(b, 6, InternetChecksum.finish(sum) == 0 ? 0xffff : InternetChecksum.finish(sum));
        return datagram;
    }

    /** An options or routing header: the four bytes behind the length, and more of them in units of 8. */
    public static byte[] extension(int next, int... bytes) {
        byte[] header = new byte[(2 + bytes.length + 7) / 8 * 8];
        header[0] = (byte) next;
        header[1] = (byte) (header.length / 8 - 1);
        for (int i = 0; i < bytes.length; i++) {
            header[2 + i] = (byte) bytes[i];
        }
        return header;
    }

    public static byte[] fragmentHeader(int next, int from, boolean more, int id) {
        byte[] header = new byte[8];
        Ipv6Extension.putFragment(new UnsafeBuffer(header), 0, next, from, more, id);
        return header;
    }

    /** Bytes {@code [from, to)} of the payload of {@code packet}, as a fragment. */
    public static byte[] fragment(byte[] packet, int from, int to, int id) {
        byte[] header = Arrays.copyOf(packet, 40);
        int next = header[6];
        header[6] = Ipv6Extension.FRAGMENT;
        Ipv6Header.putPayloadLength(new UnsafeBuffer(header), 0, 8 + to - from);
        return Packets.concat(
                header,
                fragmentHeader(next, from, to < packet.length - 40, id),
                Arrays.copyOfRange(packet, 40 + from, 40 + to));
    }

    /** A pool that is large enough for the longest IPv6 packet. */
    static FramePool largest() {
        return new FramePool(65_575, 64);
    }
}
