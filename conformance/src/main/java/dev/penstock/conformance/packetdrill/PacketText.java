package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.PacketSpec;
import dev.penstock.conformance.packetdrill.script.TcpOptionSpec;
import dev.penstock.conformance.packetdrill.script.TransportSpec;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Packets as scripts write them, for messages. */
final class PacketText {
    private static final String[] ECN = {"[noecn]", "[ect1]", "[ect0]", "[ce]"};

    private PacketText() {}

    /** What the stack sent, in the numbers of the script; {@code flow} null if it belongs to none. */
    static String of(Sent sent, Flow flow, WireSettings settings, PacketSpec like) {
        Packet p = sent.first;
        if (p.broken != null) {
            return "a broken packet of " + p.length + " bytes (" + p.broken + ")";
        }
        StringBuilder out = new StringBuilder();
        ip(p, like == null ? PacketSpec.IpSpec.UNSAID : like.ip(), out);
        if (p.isTcp()) {
            tcp(sent, flow, settings, like, out);
        } else if (p.isUdp()) {
            out.append("udp (").append(sent.payload).append(')');
        } else if (p.isIcmp()) {
            int type = IcmpHeader.type(p.b, p.transport);
            int code = IcmpHeader.code(p.b, p.transport);
            out.append(p.v6 ? "icmpv6 " : "icmp ").append(IcmpNames.typeName(p.v6, type));
            out.append(' ').append(IcmpNames.codeName(p.v6, type, code));
            long rest = Wire.u32(p.b, p.transport + 4);
            if (rest != 0) {
                out.append(" mtu ").append(rest);
            }
        } else {
            out.append("protocol ")
                    .append(p.protocol)
                    .append(" (")
                    .append(sent.payload)
                    .append(')');
        }
        return out.toString();
    }

    private static void ip(Packet p, PacketSpec.IpSpec like, StringBuilder out) {
        if (like != null && like.tos() != null) {
            out.append(String.format("[tos 0x%02x] ", p.tos));
        } else if (like != null && (like.ecn() != null || like.ectAny())) {
            out.append(ECN[p.tos & 3]).append(' ');
        }
        if (like != null && like.ttl() != null) {
            out.append("[ttl ").append(p.ttl).append("] ");
        }
        if (like != null && like.flowLabel() != null) {
            out.append(String.format("[flowlabel 0x%x] ", p.flowLabel));
        }
        if (p.fragment) {
            out.append("[frag ")
                    .append(p.fragmentId)
                    .append(':')
                    .append(p.length - p.transport)
                    .append('@');
            out.append(p.fragmentOffset).append(p.moreFragments ? "+] " : "] ");
        }
    }

    private static void tcp(Sent sent, Flow flow, WireSettings settings, PacketSpec like, StringBuilder out) {
        Packet p = sent.first;
        TransportSpec.Tcp wanted = like != null && like.transport() instanceof TransportSpec.Tcp t ? t : null;
        if (wanted != null && (wanted.ports().source() != null || wanted.ports().destination() != null)) {
            out.append(p.sourcePort()).append(" > ").append(p.destinationPort()).append(' ');
        }
        long seq = (flow == null ? p.seq() : flow.toScript(p.seq())) & 0xffff_ffffL;
        out.append(TcpFlags.text(sent.flags)).append(' ');
        out.append(seq).append(':').append(seq + sent.payload & 0xffff_ffffL);
        out.append('(').append(sent.payload).append(')');
        if (p.has(TcpHeader.ACK)) {
            out.append(" ack ").append(p.ack() & 0xffff_ffffL);
        }
        out.append(" win ").append(p.window());
        if (p.has(TcpHeader.URG)) {
            out.append(" urg ").append(p.urgent());
        }
        List<TcpOptionSpec> options = p.options();
        if (!options.isEmpty()) {
            out.append(" <")
                    .append(options(inScript(options, flow, settings, wanted)))
                    .append('>');
        }
    }

    /** The timestamp of the stack as the script knows its clock: as it wrote it, or reckoned from the first one. */
    private static List<TcpOptionSpec> inScript(
            List<TcpOptionSpec> options, Flow flow, WireSettings settings, TransportSpec.Tcp wanted) {
        List<TcpOptionSpec> result = new ArrayList<>(options.size());
        for (TcpOptionSpec option : options) {
            if (option instanceof TcpOptionSpec.Timestamps ts && ts.value() != null) {
                Long value = scriptStamp(ts.value().intValue(), flow, settings, wanted);
                result.add(new TcpOptionSpec.Timestamps(value, ts.echo(), false));
            } else {
                result.add(option);
            }
        }
        return result;
    }

    private static Long scriptStamp(int live, Flow flow, WireSettings settings, TransportSpec.Tcp wanted) {
        if (settings.tsTickNs == 0 && wanted != null && wanted.options() != null) {
            for (TcpOptionSpec option : wanted.options()) {
                if (option instanceof TcpOptionSpec.Timestamps ts && ts.value() != null) {
                    return ts.value();
                }
            }
        }
        boolean known = flow != null && flow.isStamped();
        long tick = settings.tsTickNs == 0 ? 1_000_000 : settings.tsTickNs;
        return (known ? flow.stampToScript(live, tick) : live) & 0xffff_ffffL;
    }

    /** What a script demands or injects. */
    static String of(PacketSpec spec) {
        StringBuilder out = new StringBuilder();
        PacketSpec.IpSpec ip = spec.ip();
        if (ip != null) {
            ip(ip, out);
        }
        transport(spec.transport(), out);
        return out.toString();
    }

    private static void ip(PacketSpec.IpSpec ip, StringBuilder out) {
        if (ip.tos() != null) {
            out.append(String.format("[tos 0x%02x] ", ip.tos()));
        } else if (ip.ectAny()) {
            out.append("[ect01] ");
        } else if (ip.ecn() != null) {
            out.append(ECN[ip.ecn() & 3]).append(' ');
        }
        if (ip.ttl() != null) {
            out.append("[ttl ").append(ip.ttl()).append("] ");
        }
        if (ip.flowLabel() != null) {
            out.append(String.format("[flowlabel 0x%x] ", ip.flowLabel()));
        }
        PacketSpec.Fragment f = ip.fragment();
        if (f != null) {
            out.append("[frag ")
                    .append(f.id())
                    .append(':')
                    .append(f.length())
                    .append('@')
                    .append(f.offset());
            out.append(f.more() ? "+] " : "] ");
        }
    }

    private static void transport(TransportSpec transport, StringBuilder out) {
        if (transport instanceof TransportSpec.Tcp tcp) {
            ports(tcp.ports(), out);
            out.append(TcpFlags.text(TcpFlags.parse(tcp))).append(' ').append(ScriptPrinter.sequence(tcp));
            if (tcp.ack() != null) {
                out.append(" ack ").append(tcp.ack());
            }
            if (tcp.window() != null) {
                out.append(" win ").append(tcp.window());
            }
            if (tcp.urgent() != null) {
                out.append(" urg ").append(tcp.urgent());
            }
            if (tcp.options() == null) {
                out.append(" <...>");
            } else if (!tcp.options().isEmpty()) {
                out.append(" <").append(options(tcp.options())).append('>');
            }
        } else if (transport instanceof TransportSpec.Udp udp) {
            ports(udp.ports(), out);
            out.append("udp (").append(udp.length()).append(')');
        } else if (transport instanceof TransportSpec.Icmp icmp) {
            out.append(icmp.version() == 6 ? "icmpv6 " : "icmp ").append(icmp.type());
            out.append(icmp.code() == null ? "" : " " + icmp.code());
            out.append(icmp.mtu() == null ? "" : " mtu " + icmp.mtu());
            if (icmp.quoted() != null) {
                out.append(" [");
                transport(icmp.quoted(), out);
                out.append(']');
            }
        } else if (transport instanceof TransportSpec.Raw raw) {
            out.append("protocol ")
                    .append(raw.protocol())
                    .append(" (")
                    .append(raw.length())
                    .append(')');
        }
    }

    private static void ports(TransportSpec.Ports ports, StringBuilder out) {
        if (ports.source() != null || ports.destination() != null) {
            out.append(ports.source()).append(" > ").append(ports.destination()).append(' ');
        }
    }

    static String options(List<TcpOptionSpec> options) {
        return options.stream().map(PacketText::option).collect(Collectors.joining(","));
    }

    private static String option(TcpOptionSpec option) {
        if (option instanceof TcpOptionSpec.Eol) {
            return "eol";
        } else if (option instanceof TcpOptionSpec.Nop) {
            return "nop";
        } else if (option instanceof TcpOptionSpec.Mss mss) {
            return "mss " + mss.value();
        } else if (option instanceof TcpOptionSpec.WindowScale scale) {
            return "wscale " + scale.shift();
        } else if (option instanceof TcpOptionSpec.SackPermitted) {
            return "sackOK";
        } else if (option instanceof TcpOptionSpec.Sack sack) {
            StringBuilder out = new StringBuilder("sack");
            for (int i = 0; i + 1 < sack.edges().size(); i += 2) {
                out.append(' ')
                        .append(sack.edges().get(i))
                        .append(':')
                        .append(sack.edges().get(i + 1));
            }
            return out.toString();
        } else if (option instanceof TcpOptionSpec.Timestamps ts) {
            return "TS val " + (ts.value() == null ? "any" : ts.value()) + " ecr "
                    + (ts.echo() == null ? "any" : ts.echo());
        } else if (option instanceof TcpOptionSpec.FastOpen open) {
            return (open.experimental() ? "FOEXP" : "FO") + (open.cookie().isEmpty() ? "" : " " + open.cookie());
        } else if (option instanceof TcpOptionSpec.Md5 md5) {
            return "md5 " + (md5.digest() == null ? "any" : md5.digest());
        }
        TcpOptionSpec.Other other = (TcpOptionSpec.Other) option;
        return other.name() + (other.body() == null || other.body().isEmpty() ? "" : " 0x" + other.body());
    }
}
