package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.PacketSpec;
import dev.penstock.conformance.packetdrill.script.TcpOptionSpec;
import dev.penstock.conformance.packetdrill.script.TransportSpec;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Compares what the stack sent with what a script demands, in the script's numbers, strictly but for what is not written. */
final class PacketMatch {
    private final WireSettings settings;
    private final Flows flows;

    PacketMatch(WireSettings settings, Flows flows) {
        this.settings = settings;
        this.flows = flows;
    }

    /** Null if {@code sent} is what the script demands; otherwise the first difference. Learns from what it sees. */
    String difference(PacketSpec wanted, Sent sent, Flow flow) {
        Packet p = sent.first;
        if (p.broken != null) {
            return p.broken;
        }
        String transport = transport(wanted.transport(), sent, flow);
        return transport != null ? transport : ip(wanted.ip(), p);
    }

    private String transport(TransportSpec wanted, Sent sent, Flow flow) {
        Packet p = sent.first;
        if (wanted instanceof TransportSpec.Tcp tcp) {
            return p.isTcp() ? tcp(tcp, sent, flow) : "it is not TCP";
        }
        if (wanted instanceof TransportSpec.Udp udp) {
            if (!p.isUdp()) {
                return "it is not UDP";
            }
            if (!flows.named(flow, udp.ports())) {
                return "it goes to or comes from another port";
            }
            int length = p.fragment ? Wire.u16(p.b, p.transport + 4) - 8 : sent.payload;
            return number("length", udp.length(), length);
        }
        if (wanted instanceof TransportSpec.Icmp icmp) {
            return p.isIcmp() && p.v6 == (icmp.version() == 6) ? icmp(icmp, p) : "it is not ICMP";
        }
        TransportSpec.Raw raw = (TransportSpec.Raw) wanted;
        int length = p.length - p.transport;
        return p.protocol != raw.protocol() && !p.fragment
                ? "its protocol is " + p.protocol
                : number("length", raw.length(), length);
    }

    // --- TCP ---

    private String tcp(TransportSpec.Tcp wanted, Sent sent, Flow flow) {
        Packet p = sent.first;
        if (!flows.named(flow, wanted.ports())) {
            return "it belongs to another connection";
        }
        int flags = TcpFlags.parse(wanted);
        boolean relative = wanted.seqBase() == TransportSpec.SeqBase.RELATIVE;
        if (p.has(TcpHeader.SYN) && (flags & TcpHeader.SYN) != 0 && relative) {
            flow.learnInitial(wanted.seq(), p.seq());
        }
        if (p.has(TcpHeader.FIN | TcpHeader.RST)) {
            flow.mayBegin = true;
        }
        int relaxed = settings.relaxPush || isPushOfBurst(wanted, sent, flow) ? TcpHeader.PSH : 0;
        if ((flags & ~relaxed) != (sent.flags & ~relaxed)) {
            return "the flags are " + TcpFlags.text(sent.flags) + ", not " + TcpFlags.text(flags);
        }
        int seq = wanted.seqBase() == TransportSpec.SeqBase.ABSOLUTE ? p.seq() : flow.toScript(p.seq());
        if (seq != (int) wanted.seq() && wanted.seqBase() != TransportSpec.SeqBase.ANY) {
            return "it begins at " + (seq & 0xffff_ffffL) + ", not at " + wanted.seq();
        }
        String difference = number("length", wanted.length(), sent.payload);
        if (difference == null
                && wanted.ack() != null
                && p.has(TcpHeader.ACK)
                && p.ack() != wanted.ack().intValue()) {
            difference = "the acknowledgment is " + (p.ack() & 0xffff_ffffL) + ", not " + wanted.ack();
        }
        if (difference == null && wanted.window() != null) {
            difference = number("window", wanted.window(), p.window());
        }
        if (difference == null && wanted.urgent() != null) {
            difference = number("urgent pointer", wanted.urgent(), p.urgent());
        }
        return difference != null ? difference : options(wanted, p, flow);
    }

    /**
     * Linux sets PSH in the last segment of what goes to the device in one piece since version 5.4, older ones did not. Where
     * no write ends, a script written for them is right, too.
     */
    private boolean isPushOfBurst(TransportSpec.Tcp wanted, Sent sent, Flow flow) {
        boolean relative = wanted.seqBase() == TransportSpec.SeqBase.RELATIVE;
        return sent.payload > 0
                && (TcpFlags.parse(wanted) & TcpHeader.PSH) == 0
                && relative
                && settings.profile == Profile.LINUX
                && !flows.isEndOfWrite(flow.toScript(sent.first.seq()) + sent.payload);
    }

    private String options(TransportSpec.Tcp wanted, Packet p, Flow flow) {
        List<TcpOptionSpec> actual = p.options();
        if (wanted.options() == null) {
            learnStamp(null, actual, flow);
            return null;
        }
        List<TcpOptionSpec> expected = filledUp(wanted.options());
        boolean same = expected.size() == actual.size();
        for (int i = 0; same && i < expected.size(); i++) {
            same = sameKind(expected.get(i), actual.get(i));
        }
        if (!same) {
            return "the options are <" + PacketText.options(actual) + ">, not <" + PacketText.options(expected) + ">";
        }
        for (int i = 0; i < expected.size(); i++) {
            String difference = option(expected.get(i), actual.get(i), flow);
            if (difference != null) {
                return difference;
            }
        }
        return null;
    }

    /** A header has whole words: what a script leaves out at the end is EOL. */
    private static List<TcpOptionSpec> filledUp(List<TcpOptionSpec> options) {
        List<TcpOptionSpec> filled = new ArrayList<>(options);
        int bytes = 0;
        for (TcpOptionSpec option : options) {
            bytes += TcpOptionBytes.length(option);
        }
        for (; bytes % 4 != 0; bytes++) {
            filled.add(new TcpOptionSpec.Eol());
        }
        return filled;
    }

    private static boolean sameKind(TcpOptionSpec a, TcpOptionSpec b) {
        return a.getClass() == b.getClass()
                && (!(a instanceof TcpOptionSpec.Other x) || x.kind() == ((TcpOptionSpec.Other) b).kind());
    }

    private String option(TcpOptionSpec wanted, TcpOptionSpec actual, Flow flow) {
        if (wanted instanceof TcpOptionSpec.Timestamps want) {
            return timestamps(want, (TcpOptionSpec.Timestamps) actual, flow);
        }
        if (wanted instanceof TcpOptionSpec.Sack want) {
            List<Long> a = unsigned(want.edges());
            List<Long> b = unsigned(((TcpOptionSpec.Sack) actual).edges());
            return a.equals(b) ? null : "the SACK blocks are others";
        }
        if (wanted instanceof TcpOptionSpec.Md5 want) {
            return want.digest() == null || want.equals(actual) ? null : "the digest is another";
        }
        if (wanted instanceof TcpOptionSpec.Other want) {
            String body = ((TcpOptionSpec.Other) actual).body();
            return want.body() == null || want.body().equalsIgnoreCase(body)
                    ? null
                    : "option " + want.name() + " differs";
        }
        return Objects.equals(wanted, actual)
                ? null
                : "an option is " + PacketText.options(List.of(actual)) + ", not "
                        + PacketText.options(List.of(wanted));
    }

    private static List<Long> unsigned(List<Long> edges) {
        return edges.stream().map(e -> e & 0xffff_ffffL).toList();
    }

    private String timestamps(TcpOptionSpec.Timestamps wanted, TcpOptionSpec.Timestamps actual, Flow flow) {
        if (wanted.echo() != null && wanted.echo().intValue() != actual.echo().intValue()) {
            return "the echoed timestamp is " + actual.echo() + ", not " + wanted.echo();
        }
        int live = actual.value().intValue();
        if (wanted.value() != null && settings.tsTickNs != 0 && flow.isStamped()) {
            int script = flow.stampToScript(live, settings.tsTickNs);
            long off = Math.abs((long) (script - wanted.value().intValue())) * settings.tsTickNs;
            if (off > settings.tolerance(0)) {
                return "the timestamp is " + (script & 0xffff_ffffL) + ", not " + wanted.value();
            }
        }
        learnStamp(wanted, List.of(actual), flow);
        return null;
    }

    /** What the script calls a timestamp of the stack; one that it does not write is called what it is. */
    private static void learnStamp(TcpOptionSpec.Timestamps wanted, List<TcpOptionSpec> actual, Flow flow) {
        for (TcpOptionSpec option : actual) {
            if (option instanceof TcpOptionSpec.Timestamps ts) {
                long script = wanted != null && wanted.value() != null ? wanted.value() : ts.value();
                flow.learnStamp(script, ts.value().intValue());
            }
        }
    }

    // --- the others ---

    private static String icmp(TransportSpec.Icmp wanted, Packet p) {
        boolean v6 = wanted.version() == 6;
        int type = IcmpNames.type(v6, wanted.type());
        int code = wanted.code() == null ? -1 : IcmpNames.code(v6, type, wanted.code());
        if (type != IcmpHeader.type(p.b, p.transport)) {
            return "the type is " + IcmpNames.typeName(v6, IcmpHeader.type(p.b, p.transport));
        }
        if (wanted.code() != null && code != IcmpHeader.code(p.b, p.transport)) {
            return "the code is " + IcmpNames.codeName(v6, type, IcmpHeader.code(p.b, p.transport));
        }
        if (wanted.mtu() != null) {
            int mtu = v6 ? Wire.i32(p.b, p.transport + 4) : IcmpHeader.nextHopMtu(p.b, p.transport);
            return number("MTU", wanted.mtu(), mtu);
        }
        if (wanted.echoId() != null) {
            return number("identifier", wanted.echoId(), IcmpHeader.identifier(p.b, p.transport));
        }
        if (wanted.payload() != null) {
            return number("length", wanted.payload(), p.length - p.transport - IcmpHeader.LENGTH);
        }
        return null;
    }

    private static String ip(PacketSpec.IpSpec wanted, Packet p) {
        if (wanted == null) {
            return null;
        }
        if (wanted.tos() != null && wanted.tos() != p.tos) {
            return String.format("the TOS byte is 0x%02x, not 0x%02x", p.tos, wanted.tos());
        }
        int ecn = p.tos & 3;
        if (wanted.ectAny() && ecn != 1 && ecn != 2) {
            return "the ECN field is " + ecn + ", not ECT(0) or ECT(1)";
        }
        if (wanted.ecn() != null && wanted.ecn() != ecn) {
            return "the ECN field is " + ecn + ", not " + wanted.ecn();
        }
        if (wanted.ttl() != null && wanted.ttl() != p.ttl) {
            return "the TTL is " + p.ttl + ", not " + wanted.ttl();
        }
        if (wanted.flowLabel() != null && p.v6 && wanted.flowLabel() != p.flowLabel) {
            return "the flow label is " + p.flowLabel + ", not " + wanted.flowLabel();
        }
        PacketSpec.Fragment f = wanted.fragment();
        if (f == null) {
            return null;
        }
        if (!p.fragment) {
            return "it is no fragment";
        }
        String offset = number("fragment offset", f.offset(), p.fragmentOffset);
        if (offset == null) {
            offset = number("length of the fragment", f.length(), p.length - p.transport);
        }
        return offset != null || f.more() == p.moreFragments ? offset : "the more-fragments bit differs";
    }

    private static String number(String what, int wanted, int actual) {
        return wanted == actual ? null : "the " + what + " is " + actual + ", not " + wanted;
    }
}
