package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.Token.Kind;
import dev.penstock.conformance.packetdrill.script.Code;
import dev.penstock.conformance.packetdrill.script.Command;
import dev.penstock.conformance.packetdrill.script.Event;
import dev.penstock.conformance.packetdrill.script.EventTime;
import dev.penstock.conformance.packetdrill.script.Expression;
import dev.penstock.conformance.packetdrill.script.PacketEvent;
import dev.penstock.conformance.packetdrill.script.Script;
import dev.penstock.conformance.packetdrill.script.Step;
import dev.penstock.conformance.packetdrill.script.SystemCall;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a script of the packetdrill language: the one that its authors document, and what the dialects for BSD and for
 * AccECN add. Any sequence of bytes ends in a {@link Script}, a {@link ScriptException} that names the line, what was found
 * and what was expected, or a {@link SkipException} that names the foreign thing.
 */
final class ScriptParser {
    private static final int MAX_STEPS = 20_000;
    private static final int MAX_OPTIONS = 1_000;
    private static final BigDecimal MAX_SECONDS = BigDecimal.valueOf(1_000_000_000L);
    private static final int MAX_TIME_DIGITS = 40;

    private final String text;
    private final Tokens tokens;
    private final PacketParser packets;
    private final ExpressionParser expressions;

    private ScriptParser(String text, Profile profile) throws ScriptException {
        this.text = text;
        this.tokens = new Tokens(text, profile);
        this.packets = new PacketParser(tokens);
        this.expressions = new ExpressionParser(tokens);
    }

    /**
     * Reads a file's contents. Bytes are taken for Latin-1, so that texts keep theirs.
     *
     * @param name for messages, kept in the script
     * @param profile decides what {@code #ifdef Linux} and {@code #ifdef FreeBSD} are
     */
    static Script parse(String name, byte[] contents, Profile profile) throws ScriptException, SkipException {
        String text = new String(contents, StandardCharsets.ISO_8859_1);
        return parse(name, text.startsWith("\u00ef\u00bb\u00bf") ? text.substring(3) : text, profile);
    }

    static Script parse(String name, String text, Profile profile) throws ScriptException, SkipException {
        return new ScriptParser(text, profile).script(name);
    }

    private Script script(String name) throws ScriptException, SkipException {
        List<Script.Option> options = options();
        List<Step> steps = new ArrayList<>();
        while (tokens.at(Kind.COMMAND)) {
            add(steps, untimed(new EventTime(EventTime.Kind.ABSOLUTE, 0, 0)));
        }
        while (!tokens.at(Kind.END)) {
            // A command without a time can follow the last event: it cleans up.
            if (tokens.at(Kind.COMMAND)) {
                add(steps, untimed(new EventTime(EventTime.Kind.RELATIVE, 0, 0)));
            } else {
                add(steps, step());
            }
        }
        if (steps.isEmpty()) {
            throw new ScriptException(0, "the script has no events");
        }
        return new Script(name, options, steps);
    }

    private static void add(List<Step> steps, Step step) throws ScriptException {
        if (steps.size() == MAX_STEPS) {
            throw new ScriptException(step.line(), "more than " + MAX_STEPS + " events");
        }
        steps.add(step);
    }

    private List<Script.Option> options() throws ScriptException {
        List<Script.Option> options = new ArrayList<>();
        while (tokens.at(Kind.OPTION)) {
            Token name = tokens.take();
            if (options.size() == MAX_OPTIONS) {
                throw new ScriptException(name.line(), "more than " + MAX_OPTIONS + " option lines");
            }
            String value = tokens.optionValue();
            options.add(new Script.Option(name.text(), value, name.line()));
            if (name.text().equals("define")) {
                tokens.define(value, name.line());
            }
        }
        return options;
    }

    private Step untimed(EventTime time) throws ScriptException {
        Token command = tokens.take();
        return new Step(time, new Command(command.text()), command.line(), textFrom(command));
    }

    private Step step() throws ScriptException, SkipException {
        Token first = tokens.peek();
        EventTime time = time();
        Event event = event(time, first);
        boolean outbound = event instanceof PacketEvent packet && !packet.inbound();
        if (!outbound && (time.kind() == EventTime.Kind.ANY || time.isRange())) {
            throw new ScriptException(
                    first.line(), "a time that may vary (*, a~b): expected a packet going out (>) with it");
        }
        return new Step(time, event, first.line(), textFrom(first));
    }

    private String textFrom(Token first) {
        return text.substring(first.start(), tokens.lastEnd());
    }

    private Event event(EventTime time, Token first) throws ScriptException, SkipException {
        Token t = tokens.peek();
        if (t.is('<') || t.is('>')) {
            tokens.take();
            boolean inbound = t.is('<');
            return new PacketEvent(inbound, packets.packet(inbound));
        }
        return switch (t.kind()) {
            case COMMAND -> new Command(tokens.take().text());
            case CODE -> new Code(tokens.take().text());
            case WORD -> systemCall(null);
            case ELLIPSIS -> {
                tokens.take();
                tokens.takeIf('+');
                long end = seconds("the time at which the call returns");
                if (end < time.fromNs()) {
                    throw new ScriptException(first.line(), "the call returns before it begins");
                }
                yield systemCall(new EventTime(time.kind(), end, end));
            }
            default -> throw tokens.unexpected("a packet (< or >), a system call, a command or a code block");
        };
    }

    private EventTime time() throws ScriptException {
        if (tokens.takeIf('*')) {
            return new EventTime(EventTime.Kind.ANY, 0, 0);
        }
        boolean relative = tokens.takeIf('+');
        Token begin = tokens.peek();
        long from = seconds("the time of an event (1.5, +.1, *)");
        long to = from;
        if (tokens.takeIf('~')) {
            tokens.takeIf('+');
            to = seconds("the end of the range of times");
            if (to < from) {
                throw new ScriptException(begin.line(), "the range of times is backwards: it ends before it begins");
            }
        }
        return new EventTime(relative ? EventTime.Kind.RELATIVE : EventTime.Kind.ABSOLUTE, from, to);
    }

    private long seconds(String what) throws ScriptException {
        Token t = tokens.peek();
        if (t.kind() != Kind.INTEGER && t.kind() != Kind.FLOAT) {
            throw tokens.unexpected(what);
        }
        tokens.take();
        if (t.text().length() > MAX_TIME_DIGITS) {
            throw new ScriptException(t.line(), "a time of " + t.text().length() + " digits");
        }
        BigDecimal value = new BigDecimal(t.text());
        if (value.compareTo(MAX_SECONDS) > 0) {
            throw new ScriptException(t.line(), "the time " + t.text() + " is more than " + MAX_SECONDS + " seconds");
        }
        return value.movePointRight(9).setScale(0, RoundingMode.HALF_UP).longValueExact();
    }

    private SystemCall systemCall(EventTime end) throws ScriptException, SkipException {
        Token name = tokens.expect(Kind.WORD, "the name of a system call");
        tokens.expect('(', "after the system call's name");
        List<Expression> arguments = expressions.list(')');
        tokens.expect('=', "and the result of the system call");
        Expression result = expressions.result();
        String errno = null;
        if (tokens.at(Kind.WORD)) {
            errno = tokens.take().text();
        }
        if (tokens.at('(')) {
            tokens.skipNote();
        }
        return new SystemCall(name.text(), arguments, result, errno, end);
    }
}
