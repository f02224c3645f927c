package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Event;
import dev.penstock.conformance.packetdrill.script.Expression;
import dev.penstock.conformance.packetdrill.script.PacketEvent;
import dev.penstock.conformance.packetdrill.script.PacketSpec;
import dev.penstock.conformance.packetdrill.script.Script;
import dev.penstock.conformance.packetdrill.script.Step;
import dev.penstock.conformance.packetdrill.script.SystemCall;
import dev.penstock.conformance.packetdrill.script.TcpOptionSpec;
import dev.penstock.conformance.packetdrill.script.TransportSpec;
import dev.penstock.conformance.packetdrill.script.TransportSpec.SeqBase;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Tcp;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Udp;
import java.util.ArrayList;
import java.util.List;

/** Scripts with one demand changed, which no stack can meet that meets the script. */
final class ScriptSabotage {
    private final Script script;
    private final List<Changed> all = new ArrayList<>();
    private int at;

    private ScriptSabotage(Script script) {
        this.script = script;
    }

    /**
     * A script with a demand changed.
     *
     * @param line of the demand
     * @param what it says now
     */
    record Changed(Script script, int line, String what) {}

    static List<Changed> of(Script script) {
        ScriptSabotage s = new ScriptSabotage(script);
        for (s.at = 0; s.at < script.steps().size(); s.at++) {
            s.step(script.steps().get(s.at));
        }
        return s.all;
    }

    private void step(Step step) {
        if (step.event() instanceof PacketEvent p && !p.inbound()) {
            if (p.packet().transport() instanceof Tcp tcp) {
                tcp(p.packet(), tcp);
            } else if (p.packet().transport() instanceof Udp udp) {
                packet(p.packet(), new Udp(udp.ports(), udp.length() + 1));
            }
        } else if (step.event() instanceof SystemCall call && call.result() instanceof Expression.Int result) {
            Expression other = new Expression.Int(result.value() + 1);
            // A descriptor's number is the script's to choose.
            if (!call.name().equals("socket")
                    && !call.name().startsWith("accept")
                    && !call.name().startsWith("epoll_c")) {
                change(new SystemCall(call.name(), call.arguments(), other, null, call.end()));
            }
            if (call.errno() != null) {
                change(new SystemCall(call.name(), call.arguments(), call.result(), "EIO", call.end()));
            }
        }
    }

    private void tcp(PacketSpec packet, Tcp t) {
        boolean any = t.seqBase() == SeqBase.ANY;
        // A longer one would wait for more, which may come later in the script; a shorter one leaves a rest.
        if (t.length() > 1) {
            packet(packet, with(t, t.flags(), t.seq(), t.length() - 1, t.ack(), t.options()));
        }
        if (!any && !t.flags().contains("S")) {
            packet(packet, with(t, t.flags(), t.seq() + 1, t.length(), t.ack(), t.options()));
        }
        if (t.ack() != null) {
            packet(packet, with(t, t.flags(), t.seq(), t.length(), t.ack() + 1, t.options()));
        }
        packet(packet, with(t, toggled(t.flags(), "U"), t));
        packet(packet, with(t, toggled(t.flags(), "F"), t));
        if (t.options() != null) {
            List<TcpOptionSpec> more = new ArrayList<>(t.options());
            more.add(new TcpOptionSpec.Nop());
            packet(packet, with(t, t.flags(), t.seq(), t.length(), t.ack(), more));
        }
    }

    private static String toggled(String flags, String flag) {
        String letters = flags.replace("-", "");
        String toggled = letters.contains(flag) ? letters.replace(flag, "") : flag + letters;
        return toggled.isEmpty() ? "-" : toggled;
    }

    private static Tcp with(Tcp t, String flags, Tcp same) {
        return with(t, flags, same.seq(), same.length(), same.ack(), same.options());
    }

    private static Tcp with(Tcp t, String flags, long seq, int length, Long ack, List<TcpOptionSpec> options) {
        return new Tcp(
                t.ports(),
                flags,
                t.aceField(),
                t.seqBase(),
                seq,
                seq + length,
                length,
                ack,
                t.window(),
                t.urgent(),
                options);
    }

    private void packet(PacketSpec packet, TransportSpec transport) {
        change(new PacketEvent(false, new PacketSpec(packet.ip(), transport)));
    }

    private void change(Event event) {
        Step step = script.steps().get(at);
        List<Step> steps = new ArrayList<>(script.steps());
        Step changed = new Step(step.time(), event, step.line(), step.text());
        steps.set(at, changed);
        all.add(new Changed(
                new Script(script.name(), script.options(), steps),
                step.line(),
                "it says " + ScriptPrinter.step(changed)));
    }
}
