package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Code;
import dev.penstock.conformance.packetdrill.script.Command;
import dev.penstock.conformance.packetdrill.script.EventTime;
import dev.penstock.conformance.packetdrill.script.PacketEvent;
import dev.penstock.conformance.packetdrill.script.PacketSpec;
import dev.penstock.conformance.packetdrill.script.Script;
import dev.penstock.conformance.packetdrill.script.Step;
import dev.penstock.conformance.packetdrill.script.SystemCall;
import dev.penstock.conformance.packetdrill.script.TransportSpec;
import dev.penstock.stack.timer.Deadline;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Walks through the steps of one script: lets the stack run up to the time of a step, does what it says, lets the stack
 * come to rest, and compares. Blocking calls go on beside.
 *
 * <p>What the stack sends is looked at by the steps that demand packets, in order; what is left at the end was demanded by
 * nobody and is no failure, for a script ends where its author stopped looking.
 */
final class Interpreter {

    private final Script script;
    private final WireSettings settings;
    private final Machine machine;
    private final Program program;
    private final Flows flows;
    private final InboundPackets inbound;
    private final PacketMatch match;
    private final List<Running> running = new ArrayList<>();

    /** A step was performed that is no command. */
    private boolean begun;
    /** The step that runs. */
    private Step step;
    /** The absolute time at which the script begins: that of its first step. */
    private long startNs;
    /** When the step before was to happen, or did if it had no single time. */
    private long lastNs;

    private record Running(SystemCalls.Call call, Step step, long fromNs, long toNs, long tolerance) {}

    Interpreter(Script script, WireSettings settings, Machine machine) {
        this.script = script;
        this.settings = settings;
        this.machine = machine;
        this.program = machine.program();
        this.flows = new Flows(settings);
        this.inbound = new InboundPackets(settings, flows);
        this.match = new PacketMatch(settings, flows);
    }

    /** The line that runs, or that ran last; 0 before the first. */
    int line() {
        return step == null ? 0 : step.line();
    }

    /** Null when all went as the script demands; otherwise the failure. */
    Outcome run() throws SkipException, ScriptException {
        for (Step s : script.steps()) {
            step = s;
            if (!begun && !(s.event() instanceof Command)) {
                begun = true;
                machine.begin();
                startNs = s.time().kind() == EventTime.Kind.ABSOLUTE ? s.time().fromNs() : 0;
            }
            Outcome failure = perform(s);
            if (failure != null) {
                return failure;
            }
        }
        return finishCalls(Deadline.NEVER);
    }

    private Outcome perform(Step s) throws SkipException, ScriptException {
        EventTime time = s.time();
        long from = instant(time, time.fromNs());
        long to = instant(time, time.toNs());
        if (time.kind() == EventTime.Kind.ABSOLUTE && to < lastNs) {
            throw new ScriptException(
                    s.line(), "time " + Times.text(time.fromNs()) + " is before that of the step before");
        }
        if (s.event() instanceof PacketEvent p && !p.inbound()) {
            return expect(p.packet(), time, from, to);
        }
        Outcome failure = runTo(from);
        if (failure != null) {
            return failure;
        }
        lastNs = time.kind() == EventTime.Kind.ANY || time.isRange() ? machine.nowNs() : from;
        if (s.event() instanceof PacketEvent p) {
            return inject(p.packet());
        } else if (s.event() instanceof SystemCall call) {
            return call(call, time);
        } else if (s.event() instanceof Command command) {
            command(command);
            return null;
        }
        String wrong = program.code((Code) s.event(), s.line());
        return wrong == null ? null : Outcome.fail(s.line(), wrong, null, null);
    }

    /** A time of a step, on the script's clock that begins at 0. */
    private long instant(EventTime time, long ns) {
        return switch (time.kind()) {
            case ABSOLUTE -> ns - startNs;
            case RELATIVE -> lastNs + ns;
            case ANY -> machine.nowNs();
        };
    }

    // --- what happens to the stack ---

    /** Lets everything happen that happens until {@code untilNs}. */
    private Outcome runTo(long untilNs) {
        while (machine.nowNs() < untilNs) {
            machine.stepTo(untilNs);
            Outcome failure = lookAtCalls();
            if (failure != null) {
                return failure;
            }
        }
        return null;
    }

    private Outcome inject(PacketSpec spec) throws ScriptException, SkipException {
        byte[] packet = inbound.build(spec, step.line(), machine.sent());
        if (packet.length > 0xffff) {
            throw new ScriptException(step.line(), "a packet has 65535 bytes at most, this one " + packet.length);
        }
        int headers = settings.v6 ? 60 : 40;
        boolean joined = packet.length > settings.mtu && spec.transport() instanceof TransportSpec.Tcp;
        machine.inject(packet, joined ? settings.mtu - headers : 0);
        return lookAtCalls();
    }

    private void command(Command command) throws SkipException, ScriptException {
        Integer mtu = LinkCommands.mtu(command.text());
        if (mtu != null) {
            machine.mtu(mtu, step.line());
        } else {
            program.command(command, step.line());
        }
        if (begun) {
            machine.settle();
        }
    }

    // --- system calls ---

    private Outcome call(SystemCall call, EventTime time) throws SkipException, ScriptException {
        flows.onCall(call);
        SystemCalls.Call begun = program.calls().begin(call, step.line());
        machine.settle();
        long base = lastNs;
        boolean blocks = call.end() != null;
        long from = machine.nowNs();
        long to = machine.nowNs();
        if (blocks) {
            EventTime end = call.end();
            // "0.1...0.3" has both times of the kind of the step, and from the same base.
            long before = time.kind() == EventTime.Kind.RELATIVE ? base - time.fromNs() : -startNs;
            boolean any = end.kind() == EventTime.Kind.ANY;
            from = any ? machine.nowNs() : before + end.fromNs();
            to = any ? machine.nowNs() + machine.patienceNs() : before + end.toNs();
        }
        long tolerance = settings.tolerance(to - base);
        running.add(new Running(begun, step, from, to, tolerance));
        Outcome failure = lookAtCalls();
        if (failure != null || blocks) {
            return failure;
        }
        // One that is said to return at once may still need the stack's next moment or two.
        return finishCalls(machine.nowNs() + tolerance);
    }

    /** Compares the calls that have returned; fails those that should have. */
    private Outcome lookAtCalls() {
        boolean again = true;
        while (again) {
            again = false;
            for (Iterator<Running> i = running.iterator(); i.hasNext(); ) {
                Running r = i.next();
                if (r.call.done()) {
                    i.remove();
                    again = true;
                    Outcome failure = compare(r);
                    if (failure != null) {
                        return failure;
                    }
                } else if (machine.nowNs() > r.toNs + r.tolerance) {
                    return late(r);
                }
            }
            if (again) {
                machine.settle();
            }
        }
        return null;
    }

    private static Outcome late(Running r) {
        return Outcome.fail(
                r.step.line(),
                "the call has not returned until " + Times.text(r.toNs + r.tolerance),
                r.step.text(),
                null);
    }

    private static Outcome compare(Running r) {
        String mismatch = r.call.mismatch();
        if (mismatch != null) {
            return Outcome.fail(r.step.line(), mismatch, null, null);
        }
        long at = r.call.doneNs();
        if (at < r.fromNs - r.tolerance || at > r.toNs + r.tolerance) {
            String wanted = Times.text(r.fromNs) + (r.toNs == r.fromNs ? "" : " to " + Times.text(r.toNs));
            return Outcome.fail(
                    r.step.line(),
                    "the call returned at " + Times.text(at) + ", not at " + wanted + " (tolerance "
                            + Times.text(r.tolerance) + ")",
                    r.step.text(),
                    null);
        }
        return null;
    }

    /** Waits for the calls that must have returned before {@code limitNs}. */
    private Outcome finishCalls(long limitNs) {
        while (true) {
            long due = Deadline.NEVER;
            for (Running r : running) {
                if (r.toNs + r.tolerance <= limitNs) {
                    due = Math.min(due, r.toNs + r.tolerance + 1);
                }
            }
            if (due == Deadline.NEVER) {
                return null;
            }
            machine.stepTo(due);
            Outcome failure = lookAtCalls();
            if (failure != null) {
                return failure;
            }
        }
    }

    // --- what the stack must send ---

    private Outcome expect(PacketSpec wanted, EventTime time, long from, long to) {
        long tolerance = settings.tolerance(from - lastNs);
        boolean any = time.kind() == EventTime.Kind.ANY;
        long limit = any ? machine.nowNs() + machine.patienceNs() : Math.max(machine.nowNs(), to + tolerance);
        ArrayDeque<Packet> unread = machine.sent();
        while (!isComplete(wanted, unread) && machine.nextNs() <= limit) {
            machine.stepTo(limit);
            Outcome failure = lookAtCalls();
            if (failure != null) {
                return failure;
            }
        }
        if (unread.isEmpty()) {
            machine.stepTo(limit);
            return unread.isEmpty() ? nothing(wanted, limit) : expect(wanted, time, from, to);
        }
        Sent sent = take(wanted, unread);
        Flow flow = flows.outbound(sent.first);
        String difference = match.difference(wanted, sent, flow);
        if (difference != null) {
            return failed(difference, wanted, sent, flow);
        }
        flows.use(flow);
        for (int i = 0; i < sent.count; i++) {
            unread.poll();
        }
        if (!any && (sent.first.timeNs < from - tolerance || sent.lastNs > to + tolerance)) {
            String when = Times.text(from) + (to == from ? "" : " to " + Times.text(to));
            long off = sent.first.timeNs < from - tolerance ? sent.first.timeNs : sent.lastNs;
            String message = "was sent at " + Times.text(off) + ", not at " + when + " (tolerance "
                    + Times.text(tolerance) + ")";
            return failed(message, wanted, sent, flow);
        }
        lastNs = any || time.isRange() ? sent.lastNs : from;
        return null;
    }

    private Sent take(PacketSpec wanted, Iterable<Packet> unread) {
        return wanted.transport() instanceof TransportSpec.Tcp tcp && !settings.strictSegments
                ? Sent.joined(unread, tcp.length())
                : Sent.alone(unread);
    }

    /** There is a packet, and no more can come that would have to be joined to it. */
    private boolean isComplete(PacketSpec wanted, ArrayDeque<Packet> unread) {
        if (unread.isEmpty()) {
            return false;
        }
        Sent sent = take(wanted, unread);
        return sent.count < unread.size()
                || settings.strictSegments
                || sent.payload == 0
                || !(wanted.transport() instanceof TransportSpec.Tcp tcp)
                || sent.payload >= tcp.length();
    }

    private Outcome failed(String message, PacketSpec wanted, Sent sent, Flow flow) {
        return Outcome.fail(
                step.line(),
                message,
                PacketText.of(wanted),
                Times.text(sent.first.timeNs) + " " + PacketText.of(sent, flow, settings, wanted));
    }

    /** Tells when the packet did come, if it does. */
    private Outcome nothing(PacketSpec wanted, long limit) {
        ArrayDeque<Packet> unread = machine.sent();
        long end = limit + machine.lookAheadNs();
        while (unread.isEmpty() && machine.nextNs() <= end) {
            machine.stepTo(end);
        }
        String message = "nothing was sent until " + Times.text(limit);
        if (unread.isEmpty()) {
            return Outcome.fail(step.line(), message, PacketText.of(wanted), null);
        }
        Sent sent = take(wanted, unread);
        return failed(message, wanted, sent, flows.outbound(sent.first));
    }
}
