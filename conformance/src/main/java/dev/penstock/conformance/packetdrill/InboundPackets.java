package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.PacketSpec;
import dev.penstock.conformance.packetdrill.script.TcpOptionSpec;
import dev.penstock.conformance.packetdrill.script.TransportSpec;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** Builds the packets that a script has the remote host, or a router, send: real ones, with right checksums. */
final class InboundPackets {
    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final int UDP_HEADER = 8;
    private static final int FRAGMENT_HEADER = 8;
    private static final int NEXT_FRAGMENT = 44;
    private static final int DEFAULT_TTL = 255;
    /** "as much of the invoking packet as possible": more than transport headers says nothing to a stack. */
    private static final int QUOTED_PAYLOAD = 8;

    private static final int MAX_PAYLOAD = 65_000;

    private final WireSettings settings;
    private final Flows flows;
    private int identification = 1;

    InboundPackets(WireSettings settings, Flows flows) {
        this.settings = settings;
        this.flows = flows;
    }

    /** The packet of a script, ready to be received. {@code unread}: what the stack sent and nobody has looked at. */
    byte[] build(PacketSpec spec, int line, Iterable<Packet> unread) throws ScriptException, SkipException {
        TransportSpec transport = spec.transport();
        if (transport instanceof TransportSpec.Tcp tcp) {
            Flow flow = flows.inbound(IpProtocol.TCP, tcp.ports(), unread);
            byte[] segment = segment(tcp, flow, line);
            if (segment[13] != 0 && (segment[13] & (TcpHeader.SYN | TcpHeader.FIN | TcpHeader.RST)) != 0) {
                flow.mayBegin = true;
            }
            checksum(segment, TcpHeader.CHECKSUM_OFFSET, flow, IpProtocol.TCP);
            return packet(spec.ip(), flow.remote, flow.local, IpProtocol.TCP, segment);
        }
        if (transport instanceof TransportSpec.Udp udp) {
            Flow flow = flows.inbound(IpProtocol.UDP, udp.ports(), unread);
            byte[] datagram = datagram(flow.remotePort, flow.localPort, length(udp.length(), line));
            checksum(datagram, 6, flow, IpProtocol.UDP);
            return packet(spec.ip(), flow.remote, flow.local, IpProtocol.UDP, datagram);
        }
        if (transport instanceof TransportSpec.Icmp icmp) {
            return packet(spec.ip(), settings.remote, settings.local, icmpProtocol(icmp), icmp(icmp, line, unread));
        }
        TransportSpec.Raw raw = (TransportSpec.Raw) transport;
        byte[] payload = new byte[length(raw.length(), line)];
        return packet(spec.ip(), settings.remote, settings.local, raw.protocol(), payload);
    }

    private static int length(int length, int line) throws ScriptException {
        if (length < 0 || length > MAX_PAYLOAD) {
            throw new ScriptException(line, "a packet carries 0 to " + MAX_PAYLOAD + " bytes, not " + length);
        }
        return length;
    }

    private static int icmpProtocol(TransportSpec.Icmp icmp) {
        return icmp.version() == 6 ? IpProtocol.ICMPV6 : IpProtocol.ICMP;
    }

    // --- TCP and UDP ---

    private static byte[] segment(TransportSpec.Tcp tcp, Flow flow, int line) throws ScriptException {
        List<TcpOptionSpec> written = tcp.options() == null ? List.of() : tcp.options();
        byte[] options = TcpOptionBytes.encode(onTheWire(written, flow));
        if (options.length > TcpHeader.MAX_LENGTH - TcpHeader.MIN_LENGTH) {
            throw new ScriptException(line, "there is room for 40 bytes of options, not for " + options.length);
        }
        int header = TcpHeader.MIN_LENGTH + options.length;
        byte[] bytes = new byte[header + length(tcp.length(), line)];
        UnsafeBuffer b = new UnsafeBuffer(bytes);
        int flags = TcpFlags.parse(tcp);
        int ack = tcp.ack() == null ? 0 : flow.toLive(tcp.ack());
        int window = tcp.window() == null ? 0 : tcp.window();
        int urgent = tcp.urgent() == null ? 0 : tcp.urgent();
        int seq = tcp.seqBase() == TransportSpec.SeqBase.ANY ? flow.remoteNext : (int) tcp.seq();
        TcpHeader.put(b, 0, flow.remotePort, flow.localPort, seq, ack, header, flags, window, 0, urgent);
        flow.remoteNext = seq + tcp.length() + Integer.bitCount(flags & (TcpHeader.SYN | TcpHeader.FIN));
        b.putBytes(TcpHeader.MIN_LENGTH, options);
        return bytes;
    }

    /** Edges of SACK blocks are of the stack's sequence numbers, and what is echoed was its clock. */
    private static List<TcpOptionSpec> onTheWire(List<TcpOptionSpec> options, Flow flow) {
        List<TcpOptionSpec> live = new ArrayList<>(options.size());
        for (TcpOptionSpec option : options) {
            if (option instanceof TcpOptionSpec.Sack sack) {
                List<Long> edges = new ArrayList<>();
                for (long edge : sack.edges()) {
                    edges.add((long) flow.toLive(edge));
                }
                live.add(new TcpOptionSpec.Sack(edges));
            } else if (option instanceof TcpOptionSpec.Timestamps ts) {
                long value = ts.value() == null ? 0 : ts.value();
                long echo = ts.echo() == null ? 0 : ts.echoAbsolute() ? ts.echo() : flow.stampToLive(ts.echo());
                live.add(new TcpOptionSpec.Timestamps(value, echo, true));
            } else {
                live.add(option);
            }
        }
        return live;
    }

    private static byte[] datagram(int source, int destination, int length) {
        byte[] bytes = new byte[UDP_HEADER + length];
        UnsafeBuffer b = new UnsafeBuffer(bytes);
        Wire.u16(b, 0, source);
        Wire.u16(b, 2, destination);
        Wire.u16(b, 4, bytes.length);
        return bytes;
    }

    private static void checksum(byte[] bytes, int at, Flow flow, int protocol) {
        checksum(bytes, at, flow.remote, flow.local, protocol);
    }

    private static void checksum(byte[] bytes, int at, IpAddress src, IpAddress dst, int protocol) {
        UnsafeBuffer b = new UnsafeBuffer(bytes);
        int sum = InternetChecksum.pseudoHeader(src.hi(), src.lo(), dst.hi(), dst.lo(), protocol, bytes.length);
        sum = InternetChecksum.add(sum, InternetChecksum.sum(b, 0, bytes.length));
        int checksum = InternetChecksum.finish(sum);
        Wire.u16(b, at, checksum == 0 && protocol == IpProtocol.UDP ? 0xffff : checksum);
    }

    // --- ICMP ---

    private byte[] icmp(TransportSpec.Icmp icmp, int line, Iterable<Packet> unread)
            throws ScriptException, SkipException {
        boolean v6 = icmp.version() == 6;
        int type = IcmpNames.type(v6, icmp.type());
        int code = IcmpNames.code(v6, type, icmp.code());
        if (type < 0 || code < 0) {
            throw new SkipException(line, "no ICMP message " + icmp.type() + " " + icmp.code() + " is known here");
        }
        boolean echo = v6
                ? type == IcmpNames.V6_ECHO_REQUEST || type == IcmpNames.V6_ECHO_REPLY
                : type == IcmpNames.V4_ECHO_REQUEST || type == IcmpNames.V4_ECHO_REPLY;
        byte[] body = echo || icmp.quoted() == null && current() == null
                ? new byte[length(icmp.payload() == null ? 0 : icmp.payload(), line)]
                : quote(icmp.quoted(), line, unread);
        byte[] bytes = new byte[IcmpHeader.LENGTH + body.length];
        UnsafeBuffer b = new UnsafeBuffer(bytes);
        int rest = icmp.mtu() != null ? icmp.mtu() : icmp.echoId() != null ? icmp.echoId() << 16 : 0;
        IcmpHeader.put(b, 0, type, code, rest);
        b.putBytes(IcmpHeader.LENGTH, body);
        if (v6) {
            checksum(bytes, 2, settings.remote, settings.local, IpProtocol.ICMPV6);
        } else {
            IcmpHeader.putChecksum(b, 0, bytes.length);
        }
        return bytes;
    }

    private Flow current() {
        Flow tcp = flows.current(IpProtocol.TCP);
        return tcp != null ? tcp : flows.current(IpProtocol.UDP);
    }

    /** The packet that a router or the remote host complains of: one of the stack's, as it went out. */
    private byte[] quote(TransportSpec quoted, int line, Iterable<Packet> unread) throws ScriptException {
        if (quoted instanceof TransportSpec.Udp udp) {
            Flow flow = flows.quoted(IpProtocol.UDP, udp.ports(), unread);
            byte[] datagram = datagram(flow.localPort, flow.remotePort, length(udp.length(), line));
            return packet(PacketSpec.IpSpec.UNSAID, flow.local, flow.remote, IpProtocol.UDP, datagram, QUOTED_PAYLOAD);
        }
        TransportSpec.Ports ports = quoted instanceof TransportSpec.Tcp t ? t.ports() : TransportSpec.Ports.UNSAID;
        Flow known = current();
        Flow flow = known != null && known.protocol == IpProtocol.UDP && quoted == null
                ? known
                : flows.quoted(IpProtocol.TCP, ports, unread);
        if (flow.protocol == IpProtocol.UDP) {
            byte[] datagram = datagram(flow.localPort, flow.remotePort, 0);
            return packet(PacketSpec.IpSpec.UNSAID, flow.local, flow.remote, IpProtocol.UDP, datagram);
        }
        long seq = quoted instanceof TransportSpec.Tcp t ? t.seq() : 0;
        boolean absolute = quoted instanceof TransportSpec.Tcp t && t.seqBase() == TransportSpec.SeqBase.ABSOLUTE;
        int live = absolute ? (int) seq : flow.toLive(seq);
        int length = quoted instanceof TransportSpec.Tcp t ? length(t.length(), line) : 0;
        byte[] segment = new byte[TcpHeader.MIN_LENGTH + length];
        UnsafeBuffer b = new UnsafeBuffer(segment);
        int flags = quoted instanceof TransportSpec.Tcp t ? TcpFlags.parse(t) : TcpHeader.ACK;
        TcpHeader.put(b, 0, flow.localPort, flow.remotePort, live, 0, TcpHeader.MIN_LENGTH, flags, 0, 0, 0);
        return packet(
                PacketSpec.IpSpec.UNSAID,
                flow.local,
                flow.remote,
                IpProtocol.TCP,
                segment,
                TcpHeader.MIN_LENGTH + QUOTED_PAYLOAD);
    }

    // --- IP ---

    private byte[] packet(PacketSpec.IpSpec ip, IpAddress src, IpAddress dst, int protocol, byte[] payload) {
        return packet(ip, src, dst, protocol, payload, Integer.MAX_VALUE);
    }

    /** The header tells of all of the payload, {@code keep} bytes of which follow: a quoted packet is cut off. */
    private byte[] packet(PacketSpec.IpSpec ip, IpAddress src, IpAddress dst, int protocol, byte[] whole, int keep) {
        PacketSpec.IpSpec spec = ip == null ? PacketSpec.IpSpec.UNSAID : ip;
        PacketSpec.Fragment fragment = spec.fragment();
        byte[] payload = fragment == null ? whole : piece(whole, fragment);
        int tos = spec.tos() != null ? spec.tos() : 0;
        if (spec.ecn() != null) {
            tos = tos & 0xfc | spec.ecn();
        } else if (spec.ectAny()) {
            tos = tos & 0xfc | 2;
        }
        int ttl = spec.ttl() != null ? spec.ttl() : DEFAULT_TTL;
        int kept = Math.min(keep, payload.length);
        return src.isV4()
                ? v4(fragment, tos, ttl, src, dst, protocol, payload, kept)
                : v6(fragment, tos, ttl, spec.flowLabel(), src, dst, protocol, payload, kept);
    }

    /** A fragment of a datagram carries its bytes of it; one whose datagram the script does not tell carries zeros. */
    private static byte[] piece(byte[] whole, PacketSpec.Fragment fragment) {
        byte[] piece = new byte[Math.max(0, fragment.length())];
        boolean isWhole = whole.length >= fragment.offset() + piece.length;
        int from = isWhole ? fragment.offset() : 0;
        System.arraycopy(whole, from, piece, 0, Math.min(piece.length, whole.length - from));
        return piece;
    }

    private byte[] v4(
            PacketSpec.Fragment fragment,
            int tos,
            int ttl,
            IpAddress src,
            IpAddress dst,
            int protocol,
            byte[] payload,
            int kept) {
        byte[] bytes = new byte[IPV4_HEADER + kept];
        UnsafeBuffer b = new UnsafeBuffer(bytes);
        int flags = fragment == null ? Ipv4Header.DF : fragment.offset() >>> 3 | (fragment.more() ? Ipv4Header.MF : 0);
        int id = fragment == null ? identification++ : (int) fragment.id();
        Ipv4Header.put(b, 0, tos, IPV4_HEADER + payload.length, id, flags, ttl, protocol, src.v4Bits(), dst.v4Bits());
        b.putBytes(IPV4_HEADER, payload, 0, kept);
        return bytes;
    }

    private static byte[] v6(
            PacketSpec.Fragment fragment,
            int tos,
            int ttl,
            Integer flowLabel,
            IpAddress src,
            IpAddress dst,
            int protocol,
            byte[] payload,
            int kept) {
        int extension = fragment == null ? 0 : FRAGMENT_HEADER;
        byte[] bytes = new byte[IPV6_HEADER + extension + kept];
        UnsafeBuffer b = new UnsafeBuffer(bytes);
        Wire.u32(b, 0, 6 << 28 | tos << 20 | (flowLabel == null ? 0 : flowLabel & 0xfffff));
        Wire.u16(b, 4, extension + payload.length);
        Wire.u8(b, 6, fragment == null ? protocol : NEXT_FRAGMENT);
        Wire.u8(b, 7, ttl);
        Wire.u64(b, 8, src.hi());
        Wire.u64(b, 16, src.lo());
        Wire.u64(b, 24, dst.hi());
        Wire.u64(b, 32, dst.lo());
        if (fragment != null) {
            Wire.u8(b, IPV6_HEADER, protocol);
            Wire.u16(b, IPV6_HEADER + 2, fragment.offset() & 0xfff8 | (fragment.more() ? 1 : 0));
            Wire.u32(b, IPV6_HEADER + 4, (int) fragment.id());
        }
        b.putBytes(IPV6_HEADER + extension, payload, 0, kept);
        return bytes;
    }
}
