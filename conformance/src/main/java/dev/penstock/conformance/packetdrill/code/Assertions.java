package dev.penstock.conformance.packetdrill.code;

import dev.penstock.conformance.packetdrill.ScriptException;
import dev.penstock.conformance.packetdrill.SkipException;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Runs the code blocks of one script. Not Python: assertions, assignments that live on from block to block, {@code if},
 * {@code for} and {@code while}, {@code print} (which prints nothing), and expressions of numbers, texts and sequences with
 * Python 3's meaning. {@code tcpi_*} are those of the connection at this moment, in the units of Linux's, or FreeBSD's,
 * {@code struct tcp_info}.
 */
public final class Assertions {
    private static final int MAX_VARIABLES = 1_000;

    private final boolean bsd;
    private final Map<String, Object> variables = new HashMap<>();

    /** How a statement ended. */
    private enum Flow {
        ON,
        BREAK,
        CONTINUE,
        FAILED
    }

    private String failure;

    /** @param bsd the names and units are FreeBSD's */
    public Assertions(boolean bsd) {
        this.bsd = bsd;
    }

    /**
     * Runs a block.
     *
     * @param line of the script in which the text begins
     * @param info of the connection that the script is about, by the names of its members; null when there is none
     * @return null if all that is asserted holds; otherwise what does not, with both sides' values
     * @throws SkipException for Python that is more than this
     * @throws ScriptException for what is no Python
     */
    public String run(String text, int line, Map<String, ?> info) throws SkipException, ScriptException {
        List<Statement> statements = CodeParser.parse(text, line);
        variables.keySet().removeIf(name -> name.startsWith("tcpi_"));
        if (info != null) {
            variables.putAll(info);
        }
        variables.putAll(InfoNames.constants(bsd));
        failure = null;
        Evaluator evaluator = new Evaluator(variables);
        try {
            run(statements, evaluator);
        } catch (Trouble e) {
            return e.getMessage() + inLine(e.line(), line);
        }
        return failure;
    }

    private static String inLine(int at, int blockLine) {
        return at > blockLine ? " (line " + at + ")" : "";
    }

    private Flow run(List<Statement> statements, Evaluator evaluator) throws Trouble, SkipException {
        for (Statement s : statements) {
            evaluator.work(s.line());
            Flow flow = run(s, evaluator);
            if (flow != Flow.ON) {
                return flow;
            }
        }
        return Flow.ON;
    }

    private Flow run(Statement s, Evaluator evaluator) throws Trouble, SkipException {
        if (s instanceof Statement.Assert a) {
            return assertion(a, evaluator);
        } else if (s instanceof Statement.Assign a) {
            Object value = evaluator.value(a.value());
            for (String name : a.names()) {
                if (variables.size() >= MAX_VARIABLES) {
                    throw new Trouble(s.line(), "more than " + MAX_VARIABLES + " variables");
                }
                variables.put(name, value);
            }
        } else if (s instanceof Statement.Evaluate e) {
            for (Node n : e.values()) {
                evaluator.value(n);
            }
        } else if (s instanceof Statement.If i) {
            return run(Values.isTrue(evaluator.value(i.condition())) ? i.then() : i.otherwise(), evaluator);
        } else if (s instanceof Statement.For f) {
            return loop(f, evaluator);
        } else if (s instanceof Statement.While w) {
            return loop(w, evaluator);
        } else if (s instanceof Statement.Jump j) {
            return j.word().equals("break") ? Flow.BREAK : j.word().equals("continue") ? Flow.CONTINUE : Flow.ON;
        }
        return Flow.ON;
    }

    private Flow loop(Statement.For f, Evaluator evaluator) throws Trouble, SkipException {
        if (!(evaluator.value(f.in()) instanceof List<?> elements)) {
            throw new Trouble(f.line(), "for goes through sequences only");
        }
        for (Object element : elements) {
            variables.put(f.name(), element);
            Flow flow = run(f.body(), evaluator);
            if (flow == Flow.FAILED) {
                return flow;
            } else if (flow == Flow.BREAK) {
                break;
            }
        }
        return Flow.ON;
    }

    private Flow loop(Statement.While w, Evaluator evaluator) throws Trouble, SkipException {
        while (Values.isTrue(evaluator.value(w.condition()))) {
            Flow flow = run(w.body(), evaluator);
            if (flow == Flow.FAILED) {
                return flow;
            } else if (flow == Flow.BREAK) {
                break;
            }
        }
        return Flow.ON;
    }

    private Flow assertion(Statement.Assert a, Evaluator evaluator) throws Trouble, SkipException {
        evaluator.forgetUse();
        if (Values.isTrue(evaluator.value(a.condition()))) {
            return Flow.ON;
        }
        StringBuilder out = new StringBuilder("assert ").append(a.text());
        String sides = sides(a.condition(), evaluator);
        if (sides != null) {
            out.append(": ").append(sides).append(" does not hold");
        } else {
            out.append(" does not hold");
        }
        String used = evaluator.used().entrySet().stream()
                .filter(e -> !InfoNames.constants(bsd).containsKey(e.getKey()))
                .map(e -> e.getKey() + " = " + Values.show(e.getValue()))
                .collect(Collectors.joining(", "));
        out.append(used.isEmpty() ? "" : " (" + used + ")");
        out.append(message(a, evaluator));
        failure = out.toString();
        return Flow.FAILED;
    }

    /** Both values of a comparison; null when it is none. */
    private static String sides(Node condition, Evaluator evaluator) throws Trouble, SkipException {
        if (!(condition instanceof Node.Comparison c)) {
            return null;
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < c.operands().size(); i++) {
            out.append(i == 0 ? "" : " " + c.operators().get(i - 1) + " ");
            out.append(Values.show(evaluator.value(c.operands().get(i))));
        }
        return out.toString();
    }

    /** The assert's own words. What cannot be made sense of is left out: they are no part of what is asserted. */
    private static String message(Statement.Assert a, Evaluator evaluator) {
        if (a.message() == null) {
            return "";
        }
        try {
            return ": " + Values.text(evaluator.value(a.message()));
        } catch (Trouble | SkipException e) {
            return "";
        }
    }

    /** A variable's value, for tests; null when there is none. */
    Object variable(String name) {
        Object value = variables.get(name);
        return value instanceof BigInteger i && i.bitLength() < 64 ? (Object) i.longValue() : value;
    }
}
