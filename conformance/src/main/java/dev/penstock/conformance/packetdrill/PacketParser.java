package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.Token.Kind;
import dev.penstock.conformance.packetdrill.script.PacketSpec;
import dev.penstock.conformance.packetdrill.script.PacketSpec.Fragment;
import dev.penstock.conformance.packetdrill.script.PacketSpec.IpSpec;
import dev.penstock.conformance.packetdrill.script.TcpOptionSpec;
import dev.penstock.conformance.packetdrill.script.TransportSpec;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Icmp;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Ports;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Raw;
import dev.penstock.conformance.packetdrill.script.TransportSpec.SeqBase;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Tcp;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Udp;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads what follows the {@code <} or {@code >} of a packet. */
final class PacketParser {
    static final long MAX_U32 = 0xffff_ffffL;
    static final int MAX_U16 = 0xffff;
    static final int MAX_U8 = 0xff;

    private static final String FLAGS = "FSRPUEWA";
    private static final int MAX_FLAGS = 16;
    private static final int MAX_FLOW_LABEL = 0xfffff;
    private static final int MAX_ACE = 7;
    private static final int RAW_PROTOCOL = 255;

    /** What can stand where a transport begins and is not ours. */
    private static final Map<String, String> FOREIGN = Map.of(
            "ipv4", "encapsulation in IPv4",
            "ipv6", "encapsulation in IPv6",
            "gre", "GRE",
            "GREv0", "GRE",
            "mpls", "MPLS",
            "sctp", "SCTP",
            "udplite", "UDP-Lite",
            "dccp", "DCCP");

    private final Tokens tokens;
    private final TcpOptionParser options;

    PacketParser(Tokens tokens) {
        this.tokens = tokens;
        this.options = new TcpOptionParser(tokens);
    }

    PacketSpec packet(boolean inbound) throws ScriptException, SkipException {
        IpSpec ip = IpSpec.UNSAID;
        TransportSpec quoted = null;
        while (quoted == null && (tokens.at('[') || tokens.at('('))) {
            boolean square = tokens.take().is('[');
            if (square && atQuoted()) {
                quoted = quoted();
            } else {
                ip = ipInfo(ip, square ? ']' : ')', inbound);
            }
        }
        Token t = tokens.peek();
        String foreign = t.kind() == Kind.WORD ? FOREIGN.get(t.text()) : null;
        if (foreign != null) {
            throw new SkipException(t.line(), foreign + " is not supported");
        }
        if (t.is("icmp") || t.is("icmpv6") || t.is("icmp6")) {
            return new PacketSpec(ip, icmp(quoted));
        }
        if (quoted != null) {
            throw tokens.unexpected("icmp after a quoted packet");
        }
        if (tokens.takeIf("udp")) {
            return new PacketSpec(ip, udp());
        }
        if (tokens.takeIf("raw")) {
            return new PacketSpec(ip, raw());
        }
        return new PacketSpec(ip, tcp(inbound));
    }

    // --- the IP header ---

    private IpSpec ipInfo(IpSpec before, char close, boolean inbound) throws ScriptException {
        IpSpec ip = before;
        while (true) {
            ip = ipItem(ip, inbound);
            if (tokens.takeIf(close)) {
                return ip;
            }
            tokens.expect(',', "or '" + close + "'");
        }
    }

    private IpSpec ipItem(IpSpec ip, boolean inbound) throws ScriptException {
        Token t = tokens.peek();
        String word = t.kind() == Kind.WORD ? t.text() : "";
        int ecn = List.of("noecn", "ect1", "ect0", "ce").indexOf(word);
        if (ecn >= 0) {
            tokens.take();
            return new IpSpec(ecn, false, ip.tos(), ip.ttl(), ip.flowLabel(), ip.fragment());
        }
        switch (word) {
            case "ect01":
                if (inbound) {
                    throw new ScriptException(
                            t.line(), "ect01 means either: expected ect0 or ect1 in a packet coming in");
                }
                tokens.take();
                return new IpSpec(null, true, ip.tos(), ip.ttl(), ip.flowLabel(), ip.fragment());
            case "tos":
                tokens.take();
                int tos = (int) tokens.number("the ToS", MAX_U8);
                return new IpSpec(ip.ecn(), ip.ectAny(), tos, ip.ttl(), ip.flowLabel(), ip.fragment());
            case "ttl":
                tokens.take();
                int ttl = (int) tokens.number("the TTL", MAX_U8);
                return new IpSpec(ip.ecn(), ip.ectAny(), ip.tos(), ttl, ip.flowLabel(), ip.fragment());
            case "flowlabel":
                tokens.take();
                int label = (int) tokens.number("the flow label", MAX_FLOW_LABEL);
                return new IpSpec(ip.ecn(), ip.ectAny(), ip.tos(), ip.ttl(), label, ip.fragment());
            case "frag":
                tokens.take();
                return new IpSpec(ip.ecn(), ip.ectAny(), ip.tos(), ip.ttl(), ip.flowLabel(), fragment());
            default:
                throw tokens.unexpected("noecn, ect0, ect1, ect01, ce, tos, ttl, flowlabel or frag");
        }
    }

    /** {@code frag 7:1480@0+}: identification, length, offset, and a plus when more fragments follow. */
    private Fragment fragment() throws ScriptException {
        long id = tokens.number("the identification", MAX_U32);
        tokens.expect(':', "after the identification");
        int length = (int) tokens.number("the fragment's length", MAX_U16);
        tokens.expect('@', "and the fragment's offset");
        int offset = (int) tokens.number("the fragment's offset", MAX_U16);
        return new Fragment(id, length, offset, tokens.takeIf('+'));
    }

    // --- TCP ---

    private Tcp tcp(boolean inbound) throws ScriptException, SkipException {
        Ports ports = ports();
        Flags flags = flags();
        Sequence s = sequence();
        Long ack = null;
        Integer window = null;
        Integer urgent = null;
        while (tokens.at(Kind.WORD)) {
            Token t = tokens.peek();
            if (t.is("ack") && ack == null) {
                tokens.take();
                ack = tokens.number("the acknowledgment number", MAX_U32);
            } else if (t.is("win") && window == null) {
                tokens.take();
                window = (int) tokens.number("the window", MAX_U16);
            } else if (t.is("urg") && urgent == null) {
                tokens.take();
                urgent = (int) tokens.number("the urgent pointer", MAX_U16);
            } else {
                throw tokens.unexpected("ack, win, urg, TCP options in <>, or the next event");
            }
        }
        List<TcpOptionSpec> list = tokens.at('<') ? options.list(inbound) : List.of();
        refuseForeignTail();
        return new Tcp(ports, flags.letters, flags.ace, s.base, s.first, s.end, s.length, ack, window, urgent, list);
    }

    private void refuseForeignTail() throws ScriptException, SkipException {
        Token t = tokens.peek();
        if (t.is('/')) {
            throw new SkipException(t.line(), "encapsulation in UDP is not supported");
        }
        if (t.is('{')) {
            throw new SkipException(t.line(), "fuzzed headers ({mut, trun, ins}) are not supported");
        }
    }

    private Ports ports() throws ScriptException {
        if (!tokens.peek().isInteger()) {
            return Ports.UNSAID;
        }
        int source = (int) tokens.number("the source port", MAX_U16);
        tokens.expect('>', "between the ports");
        return new Ports(source, (int) tokens.number("the destination port", MAX_U16));
    }

    private record Flags(String letters, Integer ace) {}

    /** {@code SEW}, {@code FP.}, {@code .}, {@code -}; {@code P.5}: ACK, and the three bits of AccECN as a number. */
    private Flags flags() throws ScriptException {
        if (tokens.takeIf('-')) {
            return new Flags("-", null);
        }
        String letters = "";
        if (tokens.at(Kind.WORD)) {
            Token t = tokens.peek();
            letters = t.text();
            if (letters.length() > MAX_FLAGS || !letters.chars().allMatch(c -> FLAGS.indexOf(c) >= 0)) {
                throw tokens.unexpected("TCP flags of " + FLAGS + ", '.', '-', or udp, icmp");
            }
            tokens.take();
        }
        if (tokens.at(Kind.FLOAT) && tokens.peek().text().startsWith(".")) {
            Token t = tokens.take();
            int ace = t.text().length() == 2 ? t.text().charAt(1) - '0' : -1;
            if (ace < 0 || ace > MAX_ACE) {
                throw new ScriptException(t.line(), "found " + t.found() + ", expected '.' and the ACE field, 0 to 7");
            }
            return new Flags(letters + ".", ace);
        }
        if (tokens.takeIf('.')) {
            return new Flags(letters + ".", null);
        }
        if (letters.isEmpty()) {
            throw tokens.unexpected("TCP flags of " + FLAGS + ", '.', '-', or udp, icmp");
        }
        return new Flags(letters, null);
    }

    private record Sequence(SeqBase base, long first, long end, int length) {
        static final Sequence NONE = new Sequence(SeqBase.ANY, 0, 0, 0);
    }

    /** {@code 1:1001(1000)}, {@code 1:1001(1000)!}, {@code ...(1000)}. */
    private Sequence sequence() throws ScriptException {
        if (tokens.at(Kind.ELLIPSIS)) {
            tokens.take();
            if (tokens.takeIf(':')) {
                tokens.expect(Kind.ELLIPSIS, "'...' after '...:'");
            }
            int length = length();
            return new Sequence(SeqBase.ANY, 0, length, length);
        }
        if (!tokens.peek().isInteger()) {
            return Sequence.NONE;
        }
        Token t = tokens.peek();
        long first = tokens.number("the sequence number", MAX_U32);
        tokens.expect(':', "after the first sequence number");
        long end = tokens.number("the last sequence number", MAX_U32);
        int length = length();
        if ((first + length & MAX_U32) != end) {
            throw new ScriptException(
                    t.line(), "the sequence numbers " + first + ":" + end + " are not " + length + " bytes apart");
        }
        boolean absolute = tokens.takeIf('!');
        return new Sequence(absolute ? SeqBase.ABSOLUTE : SeqBase.RELATIVE, first, end, length);
    }

    /** {@code (1000)}. */
    private int length() throws ScriptException {
        tokens.expect('(', "and the number of bytes");
        int length = (int) tokens.number("the number of bytes", MAX_U16);
        tokens.expect(')', "after the number of bytes");
        return length;
    }

    // --- others ---

    private Udp udp() throws ScriptException {
        Ports ports = ports();
        return new Udp(ports, length());
    }

    private Raw raw() throws ScriptException {
        int protocol = tokens.peek().isInteger() ? (int) tokens.number("the protocol", MAX_U8) : RAW_PROTOCOL;
        return new Raw(protocol, length());
    }

    /** {@code icmp unreachable frag_needed mtu 1200 [1:1001(1000)]}; BSD's dialect quotes before {@code icmp}. */
    private Icmp icmp(TransportSpec quotedBefore) throws ScriptException, SkipException {
        int version = tokens.take().text().endsWith("6") ? 6 : 4;
        if (!tokens.at(Kind.WORD) && !tokens.at(Kind.INTEGER)) {
            throw tokens.unexpected("the type of the ICMP message");
        }
        Token type = tokens.take();
        String code = null;
        // A number on the next line is the time of the next event.
        boolean number = tokens.at(Kind.INTEGER) && tokens.peek().line() == type.line();
        if (number || tokens.at(Kind.WORD) && !tokens.at("mtu") && !tokens.at("id")) {
            code = tokens.take().text();
        }
        Integer mtu = null;
        Integer id = null;
        Integer payload = null;
        TransportSpec quoted = quotedBefore;
        while (true) {
            if (mtu == null && tokens.takeIf("mtu")) {
                mtu = (int) tokens.number("the MTU", Integer.MAX_VALUE);
            } else if (id == null && tokens.takeIf("id")) {
                id = (int) tokens.number("the identifier", MAX_U16);
            } else if (payload == null && tokens.at('(')) {
                payload = length();
            } else if (quoted == null && tokens.takeIf('[')) {
                quoted = quoted();
            } else {
                return new Icmp(version, type.text().toLowerCase(Locale.ROOT), code, mtu, id, payload, quoted);
            }
        }
    }

    private boolean atQuoted() throws ScriptException {
        Token t = tokens.peek();
        return t.isInteger()
                || t.kind() == Kind.ELLIPSIS
                || t.is("udp")
                || t.is("raw")
                || t.is("sctp")
                || t.is("udplite");
    }

    /** The packet in brackets, whose opening one is gone: {@code 1:1001(1000)}, {@code udp (10)}, {@code raw (10)}. */
    private TransportSpec quoted() throws ScriptException, SkipException {
        TransportSpec quoted;
        Token t = tokens.peek();
        if (t.is("sctp") || t.is("udplite")) {
            throw new SkipException(t.line(), FOREIGN.get(t.text()) + " is not supported");
        }
        if (tokens.takeIf("udp")) {
            quoted = udp();
        } else if (tokens.takeIf("raw")) {
            quoted = raw();
        } else {
            if (!tokens.at(Kind.ELLIPSIS) && !tokens.peek().isInteger()) {
                throw tokens.unexpected("the sequence numbers of the quoted packet, udp or raw");
            }
            Sequence s = sequence();
            quoted = new Tcp(Ports.UNSAID, "", null, s.base, s.first, s.end, s.length, null, null, null, List.of());
        }
        refuseForeignTail();
        tokens.expect(']', "after the quoted packet");
        return quoted;
    }
}
