package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Code;
import dev.penstock.conformance.packetdrill.script.Command;
import dev.penstock.conformance.packetdrill.script.EventTime;
import dev.penstock.conformance.packetdrill.script.Expression;
import dev.penstock.conformance.packetdrill.script.PacketEvent;
import dev.penstock.conformance.packetdrill.script.PacketSpec;
import dev.penstock.conformance.packetdrill.script.PacketSpec.IpSpec;
import dev.penstock.conformance.packetdrill.script.Script;
import dev.penstock.conformance.packetdrill.script.Step;
import dev.penstock.conformance.packetdrill.script.SystemCall;
import dev.penstock.conformance.packetdrill.script.TcpOptionSpec;
import dev.penstock.conformance.packetdrill.script.TransportSpec;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Icmp;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Ports;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Raw;
import dev.penstock.conformance.packetdrill.script.TransportSpec.SeqBase;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Tcp;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Udp;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Writes scripts and their parts as {@link ScriptParser} reads them. */
final class ScriptPrinter {
    private ScriptPrinter() {}

    static String script(Script script) {
        StringBuilder out = new StringBuilder();
        for (Script.Option o : script.options()) {
            out.append("--").append(o.name());
            if (o.value() != null) {
                out.append('=').append(o.value());
            }
            out.append('\n');
        }
        for (Step step : script.steps()) {
            out.append(step(step)).append('\n');
        }
        return out.toString();
    }

    static String step(Step step) {
        String time = time(step.time());
        if (step.event() instanceof PacketEvent p) {
            return time + (p.inbound() ? " < " : " > ") + packet(p.packet());
        } else if (step.event() instanceof SystemCall call) {
            String end = call.end() == null ? "" : "..." + seconds(call.end().fromNs());
            return time + end + " " + call(call);
        } else if (step.event() instanceof Command command) {
            return time + " `" + command.text() + "`";
        }
        return time + " %{" + ((Code) step.event()).text() + "}%";
    }

    static String time(EventTime time) {
        if (time.kind() == EventTime.Kind.ANY) {
            return "*";
        }
        String plus = time.kind() == EventTime.Kind.RELATIVE ? "+" : "";
        return plus + seconds(time.fromNs()) + (time.isRange() ? "~" + plus + seconds(time.toNs()) : "");
    }

    static String seconds(long ns) {
        String text = BigDecimal.valueOf(ns, 9).stripTrailingZeros().toPlainString();
        return text.startsWith("0.") ? text.substring(1) : text;
    }

    // --- packets ---

    static String packet(PacketSpec packet) {
        return ip(packet.ip()) + transport(packet.transport());
    }

    private static String ip(IpSpec ip) {
        List<String> items = new ArrayList<>();
        if (ip.ecn() != null) {
            items.add(List.of("noecn", "ect1", "ect0", "ce").get(ip.ecn()));
        }
        if (ip.ectAny()) {
            items.add("ect01");
        }
        if (ip.tos() != null) {
            items.add(String.format("tos 0x%02x", ip.tos()));
        }
        if (ip.ttl() != null) {
            items.add("ttl " + ip.ttl());
        }
        if (ip.flowLabel() != null) {
            items.add(String.format("flowlabel 0x%x", ip.flowLabel()));
        }
        if (ip.fragment() != null) {
            PacketSpec.Fragment f = ip.fragment();
            items.add("frag " + f.id() + ":" + f.length() + "@" + f.offset() + (f.more() ? "+" : ""));
        }
        return items.isEmpty() ? "" : "[" + String.join(", ", items) + "] ";
    }

    static String transport(TransportSpec transport) {
        if (transport instanceof Tcp tcp) {
            return tcp(tcp);
        } else if (transport instanceof Udp udp) {
            return "udp " + ports(udp.ports()) + "(" + udp.length() + ")";
        } else if (transport instanceof Raw raw) {
            return "raw " + raw.protocol() + " (" + raw.length() + ")";
        }
        return icmp((Icmp) transport);
    }

    private static String ports(Ports ports) {
        return ports.source() == null ? "" : ports.source() + " > " + ports.destination() + " ";
    }

    private static String tcp(Tcp tcp) {
        StringBuilder out = new StringBuilder(ports(tcp.ports()));
        out.append(tcp.flags().isEmpty() ? "-" : tcp.flags());
        if (tcp.aceField() != null) {
            out.append(tcp.aceField());
        }
        out.append(' ').append(sequence(tcp));
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
            out.append(tcp.options().stream().map(ScriptPrinter::option).collect(Collectors.joining(",", " <", ">")));
        }
        return out.toString();
    }

    /** {@code 1:1001(1000)}, {@code 1:1001(1000)!}, {@code ...(1000)}. */
    static String sequence(Tcp tcp) {
        if (tcp.seqBase() == SeqBase.ANY) {
            return "...(" + tcp.length() + ")";
        }
        String mark = tcp.seqBase() == SeqBase.ABSOLUTE ? "!" : "";
        return tcp.seq() + ":" + tcp.seqEnd() + "(" + tcp.length() + ")" + mark;
    }

    static String option(TcpOptionSpec option) {
        if (option instanceof TcpOptionSpec.Nop) {
            return "nop";
        } else if (option instanceof TcpOptionSpec.Eol) {
            return "eol";
        } else if (option instanceof TcpOptionSpec.Mss mss) {
            return "mss " + mss.value();
        } else if (option instanceof TcpOptionSpec.WindowScale ws) {
            return "wscale " + ws.shift();
        } else if (option instanceof TcpOptionSpec.SackPermitted) {
            return "sackOK";
        } else if (option instanceof TcpOptionSpec.Sack sack) {
            StringBuilder out = new StringBuilder("sack");
            for (int i = 0; i < sack.edges().size(); i += 2) {
                out.append(' ')
                        .append(sack.edges().get(i))
                        .append(':')
                        .append(sack.edges().get(i + 1));
            }
            return out.toString();
        } else if (option instanceof TcpOptionSpec.Timestamps ts) {
            return "TS val " + orAny(ts.value()) + " ecr " + orAny(ts.echo()) + (ts.echoAbsolute() ? "!" : "");
        } else if (option instanceof TcpOptionSpec.FastOpen fo) {
            return (fo.experimental() ? "FOEXP" : "FO") + (fo.cookie().isEmpty() ? "" : " " + fo.cookie());
        } else if (option instanceof TcpOptionSpec.Md5 md5) {
            return "md5" + (md5.digest() == null ? "" : " " + md5.digest());
        }
        return other((TcpOptionSpec.Other) option);
    }

    private static String other(TcpOptionSpec.Other other) {
        String body = other.body().isEmpty() ? "" : " " + other.body();
        if (other.name().equalsIgnoreCase("ecn")) {
            boolean one = other.kind() == TcpOptionParser.KIND_ACCECN1;
            List<String> order = one ? TcpOptionParser.ACCECN1_ORDER : TcpOptionParser.ACCECN0_ORDER;
            StringBuilder out = new StringBuilder(other.name());
            for (int i = 0; i + 6 <= other.body().length() && i < 18; i += 6) {
                out.append(' ').append(order.get(i / 6)).append(' ');
                out.append(Integer.parseInt(other.body().substring(i, i + 6), 16));
            }
            return out.toString();
        }
        return other.name().equalsIgnoreCase("ao") ? other.name() + body : other.name() + " " + other.kind() + body;
    }

    private static String orAny(Long value) {
        return value == null ? "..." : value.toString();
    }

    private static String icmp(Icmp icmp) {
        StringBuilder out = new StringBuilder(icmp.version() == 6 ? "icmpv6 " : "icmp ").append(icmp.type());
        if (icmp.code() != null) {
            out.append(' ').append(icmp.code());
        }
        if (icmp.mtu() != null) {
            out.append(" mtu ").append(icmp.mtu());
        }
        if (icmp.echoId() != null) {
            out.append(" id ").append(icmp.echoId());
        }
        if (icmp.payload() != null) {
            out.append(" (").append(icmp.payload()).append(')');
        }
        if (icmp.quoted() instanceof Tcp tcp) {
            out.append(" [").append(sequence(tcp)).append(']');
        } else if (icmp.quoted() != null) {
            out.append(" [").append(transport(icmp.quoted())).append(']');
        }
        return out.toString();
    }

    // --- system calls ---

    static String call(SystemCall call) {
        String errno = call.errno() == null ? "" : " " + call.errno();
        return call.name() + list(call.arguments(), "(", ")") + " = " + expression(call.result()) + errno;
    }

    private static String list(List<Expression> elements, String open, String close) {
        return elements.stream().map(ScriptPrinter::expression).collect(Collectors.joining(", ", open, close));
    }

    static String expression(Expression e) {
        if (e instanceof Expression.Int i) {
            return Long.toString(i.value());
        } else if (e instanceof Expression.Text t) {
            return '"' + Escapes.escape(t.value()) + '"';
        } else if (e instanceof Expression.Name n) {
            return n.name();
        } else if (e instanceof Expression.Any) {
            return "...";
        } else if (e instanceof Expression.Array a) {
            return list(a.elements(), "[", "]");
        } else if (e instanceof Expression.Struct s) {
            return s.members().stream().map(ScriptPrinter::member).collect(Collectors.joining(", ", "{", "}"));
        } else if (e instanceof Expression.Function f) {
            return f.name() + list(f.arguments(), "(", ")");
        }
        return operation((Expression.Operation) e);
    }

    private static String operation(Expression.Operation o) {
        if (o.left() == null) {
            return o.operator() + operand(o.right());
        }
        if (o.operator().equals("=")) {
            return expression(o.left()) + " = " + expression(o.right());
        }
        return operand(o.left()) + " " + o.operator() + " " + operand(o.right());
    }

    private static String operand(Expression e) {
        boolean bare = !(e instanceof Expression.Operation);
        return bare ? expression(e) : "(" + expression(e) + ")";
    }

    private static String member(Expression.Member m) {
        if (m.name() == null) {
            return expression(m.value());
        }
        String count = m.count() == null ? "" : "(" + expression(m.count()) + ")";
        return m.name() + count + " = " + expression(m.value());
    }
}
