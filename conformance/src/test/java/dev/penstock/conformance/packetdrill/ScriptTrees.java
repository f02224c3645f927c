package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Code;
import dev.penstock.conformance.packetdrill.script.Command;
import dev.penstock.conformance.packetdrill.script.Event;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Random scripts, of everything that the tree can hold and the language can write. */
final class ScriptTrees {
    private static final long SECOND = 1_000_000_000L;
    private static final long U32 = 0xffff_ffffL;

    private final Random random;

    ScriptTrees(Random random) {
        this.random = random;
    }

    Script script() {
        List<Script.Option> options = list(3, () -> new Script.Option(word(), maybe(this::word), 0));
        List<Step> steps = list(12, this::step);
        steps.add(step());
        return new Script("random", options, steps);
    }

    private Step step() {
        Event event = event();
        boolean outbound = event instanceof PacketEvent p && !p.inbound();
        EventTime time = event instanceof SystemCall call && call.end() != null
                ? new EventTime(
                        call.end().kind(), call.end().fromNs() / 2, call.end().fromNs() / 2)
                : time(outbound);
        return new Step(time, event, 0, "");
    }

    private EventTime time(boolean mayVary) {
        if (mayVary && chance(5)) {
            return new EventTime(EventTime.Kind.ANY, 0, 0);
        }
        long from = below(3 * SECOND);
        return new EventTime(pickKind(), from, mayVary && chance(5) ? from + below(SECOND) : from);
    }

    private EventTime.Kind pickKind() {
        return chance(2) ? EventTime.Kind.ABSOLUTE : EventTime.Kind.RELATIVE;
    }

    private Event event() {
        int dice = (int) below(10);
        if (dice < 5) {
            boolean inbound = chance(2);
            return new PacketEvent(inbound, packet(inbound));
        } else if (dice < 8) {
            long end = below(SECOND);
            EventTime until = chance(4) ? new EventTime(pickKind(), end, end) : null;
            Expression result = chance(4) ? new Expression.Any() : number();
            return new SystemCall(name(), list(4, () -> expression(3)), result, maybe(this::name), until);
        }
        return dice == 8
                ? new Command("sysctl -q net." + word() + "=1\n ls")
                : new Code(" assert " + word() + " == 1\n ");
    }

    // --- packets ---

    PacketSpec packet(boolean inbound) {
        return switch ((int) below(8)) {
            case 0 -> new PacketSpec(ip(inbound), new Udp(ports(), length()));
            case 1 -> new PacketSpec(ip(inbound), new Raw((int) below(256), length()));
            case 2 -> new PacketSpec(ip(inbound), icmp());
            default -> new PacketSpec(ip(inbound), tcp(inbound));
        };
    }

    private IpSpec ip(boolean inbound) {
        if (chance(2)) {
            return IpSpec.UNSAID;
        }
        boolean any = !inbound && chance(4);
        Integer ecn = any ? null : maybe(() -> (int) below(4));
        PacketSpec.Fragment fragment =
                maybe(() -> new PacketSpec.Fragment(below(U32), length(), (int) below(65_536), chance(2)));
        return new IpSpec(
                ecn, any, maybe(this::octet), maybe(this::octet), maybe(() -> (int) below(1 << 20)), fragment);
    }

    private Tcp tcp(boolean inbound) {
        String flags = flags();
        Integer ace = flags.endsWith(".") ? maybe(() -> (int) below(8)) : null;
        SeqBase base = SeqBase.values()[(int) below(3)];
        int length = length();
        long seq = base == SeqBase.ANY ? 0 : below(U32);
        List<TcpOptionSpec> options = !inbound && chance(4) ? null : options();
        return new Tcp(
                ports(),
                flags,
                ace,
                base,
                seq,
                seq + length & U32,
                length,
                maybe(() -> below(U32)),
                maybe(this::length),
                maybe(this::length),
                options);
    }

    private String flags() {
        StringBuilder flags = new StringBuilder();
        for (char c : "SFRPUEWA.".toCharArray()) {
            if (chance(3)) {
                flags.append(c);
            }
        }
        return flags.length() == 0 ? "-" : flags.toString();
    }

    private List<TcpOptionSpec> options() {
        List<TcpOptionSpec> options = new ArrayList<>();
        int bytes = 0;
        for (int i = (int) below(6); i > 0; i--) {
            TcpOptionSpec option = option();
            bytes += TcpOptionParser.length(option);
            if (bytes <= 40) {
                options.add(option);
            }
        }
        return options;
    }

    private TcpOptionSpec option() {
        return switch ((int) below(13)) {
            case 0 -> new TcpOptionSpec.Nop();
            case 1 -> new TcpOptionSpec.Eol();
            case 2 -> new TcpOptionSpec.Mss(length());
            case 3 -> new TcpOptionSpec.WindowScale(octet());
            case 4 -> new TcpOptionSpec.SackPermitted();
            case 5 -> new TcpOptionSpec.Sack(edges());
            case 6 -> new TcpOptionSpec.Timestamps(maybe(() -> below(U32)), maybe(() -> below(U32)), chance(4));
            case 7 -> new TcpOptionSpec.FastOpen(bytes(0, 8), chance(2));
            case 8 -> new TcpOptionSpec.Md5(chance(3) ? null : bytes(1, 16));
            case 9 -> new TcpOptionSpec.Other("AO", 29, bytes(0, 8));
            case 10 -> new TcpOptionSpec.Other("exp", 253 + (int) below(2), bytes(2, 8));
            case 11 -> new TcpOptionSpec.Other("ECN", chance(2) ? 174 : 172, bytes(3, 1) + bytes(3, 1) + bytes(3, 1));
            default -> new TcpOptionSpec.Other("gen", octet(), bytes(0, 8));
        };
    }

    private List<Long> edges() {
        List<Long> edges = new ArrayList<>();
        for (int i = 1 + (int) below(4); i > 0; i--) {
            edges.add(below(U32));
            edges.add(below(U32));
        }
        return edges;
    }

    private Icmp icmp() {
        String code = chance(3) ? String.valueOf(octet()) : maybe(this::word);
        Integer payload = chance(4) ? length() : null;
        return new Icmp(
                chance(2) ? 4 : 6,
                word(),
                code,
                maybe(this::length),
                maybe(this::length),
                payload,
                maybe(this::quoted));
    }

    private TransportSpec quoted() {
        if (chance(3)) {
            return chance(2) ? new Udp(Ports.UNSAID, length()) : new Raw(octet(), length());
        }
        int length = length();
        long seq = below(U32);
        return new Tcp(
                Ports.UNSAID,
                "",
                null,
                chance(4) ? SeqBase.ABSOLUTE : SeqBase.RELATIVE,
                seq,
                seq + length & U32,
                length,
                null,
                null,
                null,
                List.of());
    }

    private Ports ports() {
        return chance(4) ? new Ports(length(), length()) : Ports.UNSAID;
    }

    // --- system calls ---

    private Expression expression(int depth) {
        int dice = (int) below(depth == 0 ? 4 : 9);
        return switch (dice) {
            case 0 -> new Expression.Any();
            case 1 -> new Expression.Text(text());
            case 2 -> new Expression.Name(name());
            case 3 -> number();
            case 4 -> new Expression.Array(list(3, () -> expression(depth - 1)));
            case 5 -> new Expression.Struct(list(3, () -> member(depth - 1)));
            case 6 -> new Expression.Function(name(), list(2, () -> expression(depth - 1)));
            case 7 -> new Expression.Operation("~", null, expression(depth - 1));
            default -> {
                String[] operators = {"|", "^", "&", "<<", ">>", "+", "-", "*", "/"};
                yield new Expression.Operation(pick(operators), expression(depth - 1), expression(depth - 1));
            }
        };
    }

    private Expression.Member member(int depth) {
        if (chance(3)) {
            return new Expression.Member(null, null, expression(depth < 0 ? 0 : depth));
        }
        return new Expression.Member(name(), maybe(this::number), expression(Math.max(0, depth)));
    }

    private Expression number() {
        return new Expression.Int(chance(2) ? below(100) - 5 : random.nextLong());
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (int i = (int) below(6); i > 0; i--) {
            text.append((char) below(256));
        }
        return text.toString();
    }

    // --- small things ---

    private String name() {
        return "N" + word();
    }

    private String word() {
        return Long.toString(below(36 * 36 * 36), 36).replaceAll("^[0-9]", "q") + "_x";
    }

    private String bytes(int least, int most) {
        StringBuilder digits = new StringBuilder();
        for (int i = least + (int) below(most); i > 0; i--) {
            digits.append(String.format("%02x", octet()));
        }
        return digits.toString();
    }

    private int octet() {
        return (int) below(256);
    }

    private int length() {
        return (int) below(65_536);
    }

    private long below(long bound) {
        return Math.floorMod(random.nextLong(), bound);
    }

    private boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }

    private String pick(String... of) {
        return of[random.nextInt(of.length)];
    }

    private <T> T maybe(Supplier<T> value) {
        return chance(2) ? value.get() : null;
    }

    private <T> List<T> list(int most, Supplier<T> element) {
        List<T> list = new ArrayList<>();
        for (int i = (int) below(most + 1L); i > 0; i--) {
            list.add(element.get());
        }
        return list;
    }
}
