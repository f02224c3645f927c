package dev.penstock.conformance.packetdrill.code;

import dev.penstock.conformance.packetdrill.SkipException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What an expression of a code block is worth. */
final class Evaluator {
    /** More than any block of asserts needs; a loop that runs away ends here. */
    private static final int MAX_WORK = 1_000_000;

    private static final int MAX_RANGE = 10_000;

    private final Map<String, Object> variables;
    private int work;

    /** The names that were looked up since {@link #forgetUse}, and their values. */
    private final Map<String, Object> used = new TreeMap<>();

    Evaluator(Map<String, Object> variables) {
        this.variables = variables;
    }

    void forgetUse() {
        used.clear();
    }

    Map<String, Object> used() {
        return used;
    }

    /** Counts a step; a block that takes too many is skipped. */
    void work(int line) throws SkipException {
        if (++work > MAX_WORK) {
            throw new SkipException(line, "code that takes more than " + MAX_WORK + " steps is not supported");
        }
    }

    Object value(Node node) throws Trouble, SkipException {
        work(0);
        if (node instanceof Node.Constant c) {
            return c.value();
        } else if (node instanceof Node.Name n) {
            return name(n);
        } else if (node instanceof Node.Unary u) {
            return unary(u);
        } else if (node instanceof Node.Binary b) {
            return Values.operate(b.operator(), value(b.left()), value(b.right()), b.line());
        } else if (node instanceof Node.Comparison c) {
            return comparison(c);
        } else if (node instanceof Node.Logic l) {
            Object left = value(l.left());
            return Values.isTrue(left) == l.and() ? value(l.right()) : left;
        } else if (node instanceof Node.Choice c) {
            return Values.isTrue(value(c.condition())) ? value(c.then()) : value(c.otherwise());
        } else if (node instanceof Node.Call call) {
            return call(call);
        } else if (node instanceof Node.Item i) {
            return item(i);
        }
        return values(((Node.Sequence) node).elements());
    }

    private List<Object> values(List<Node> nodes) throws Trouble, SkipException {
        List<Object> values = new ArrayList<>(nodes.size());
        for (Node n : nodes) {
            values.add(value(n));
        }
        return values;
    }

    private Object name(Node.Name n) throws SkipException {
        Object value = variables.get(n.name());
        if (value == null) {
            String what = n.name().startsWith("tcpi_") ? "the TCP_INFO field " : "the name ";
            throw new SkipException(n.line(), what + n.name() + " in code is not supported");
        }
        used.put(n.name(), value);
        return value;
    }

    private Object unary(Node.Unary u) throws Trouble, SkipException {
        Object value = value(u.operand());
        return switch (u.operator()) {
            case "not" -> !Values.isTrue(value);
            case "~" -> Values.integer(value, u.line()).not();
            case "-" ->
                value instanceof Double d ? -d : Values.integer(value, u.line()).negate();
            default -> value instanceof Double d ? d : Values.integer(value, u.line());
        };
    }

    private Object comparison(Node.Comparison c) throws Trouble, SkipException {
        Object left = value(c.operands().get(0));
        for (int i = 0; i < c.operators().size(); i++) {
            Object right = value(c.operands().get(i + 1));
            if (!holds(c.operators().get(i), left, right, c.line())) {
                return false;
            }
            left = right;
        }
        return true;
    }

    static boolean holds(String operator, Object a, Object b, int line) throws Trouble {
        return switch (operator) {
            case "==" -> Values.areEqual(a, b);
            case "!=" -> !Values.areEqual(a, b);
            case "is" -> Values.areEqual(a, b) && a.getClass() == b.getClass();
            case "is not" -> !(Values.areEqual(a, b) && a.getClass() == b.getClass());
            case "in" -> isIn(a, b, line);
            case "not in" -> !isIn(a, b, line);
            case "<" -> Values.order(a, b, line) < 0;
            case "<=" -> Values.order(a, b, line) <= 0;
            case ">" -> Values.order(a, b, line) > 0;
            default -> Values.order(a, b, line) >= 0;
        };
    }

    private static boolean isIn(Object element, Object of, int line) throws Trouble {
        if (of instanceof List<?> list) {
            return list.stream().anyMatch(e -> Values.areEqual(e, element));
        } else if (of instanceof String text && element instanceof String part) {
            return text.contains(part);
        }
        throw new Trouble(line, "nothing is in " + Values.show(of));
    }

    private Object item(Node.Item i) throws Trouble, SkipException {
        Object of = value(i.of());
        int index = Values.index(value(i.index()), i.line());
        if (!(of instanceof List<?> list)) {
            throw new Trouble(i.line(), Values.show(of) + " has no elements");
        }
        int at = index < 0 ? index + list.size() : index;
        if (at < 0 || at >= list.size()) {
            throw new Trouble(i.line(), "there is no element " + index + " of " + list.size());
        }
        return list.get(at);
    }

    // --- functions ---

    private Object call(Node.Call call) throws Trouble, SkipException {
        List<Object> a = values(call.arguments());
        int line = call.line();
        switch (call.function()) {
            case "min", "max":
                return extreme(call, a);
            case "range":
                return range(a, line);
            case "sum":
                return sum(one(call, a), line);
            default:
                break;
        }
        Object value = one(call, a);
        return switch (call.function()) {
            case "abs" ->
                value instanceof Double d
                        ? Math.abs(d)
                        : Values.integer(value, line).abs();
            case "int", "long" -> toInteger(value, line);
            case "float" -> value instanceof String s ? parse(s, line) : Values.fraction(value, line);
            case "bool" -> Values.isTrue(value);
            case "str" -> Values.text(value);
            case "round" -> rounded(value, line);
            case "hex" -> "0x" + Values.integer(value, line).toString(16);
            case "len" -> length(value, line);
            default -> throw new SkipException(line, "the function " + call.function() + " in code is not supported");
        };
    }

    private static Object one(Node.Call call, List<Object> arguments) throws SkipException {
        if (arguments.size() != 1) {
            throw new SkipException(
                    call.line(),
                    "the function " + call.function() + " with " + arguments.size() + " arguments is not supported");
        }
        return arguments.get(0);
    }

    private static Object extreme(Node.Call call, List<Object> arguments) throws Trouble {
        List<?> of = arguments.size() == 1 && arguments.get(0) instanceof List<?> list ? list : arguments;
        if (of.isEmpty()) {
            throw new Trouble(call.line(), call.function() + " of nothing");
        }
        Object best = of.get(0);
        for (Object o : of) {
            int order = Values.order(o, best, call.line());
            if (call.function().equals("min") ? order < 0 : order > 0) {
                best = o;
            }
        }
        return best;
    }

    private static Object range(List<Object> arguments, int line) throws Trouble {
        if (arguments.isEmpty() || arguments.size() > 3) {
            throw new Trouble(line, "range with " + arguments.size() + " arguments");
        }
        int from = arguments.size() == 1 ? 0 : Values.index(arguments.get(0), line);
        int to = Values.index(arguments.get(arguments.size() == 1 ? 0 : 1), line);
        int step = arguments.size() == 3 ? Values.index(arguments.get(2), line) : 1;
        if (step == 0 || Math.abs(((long) to - from) / step) > MAX_RANGE) {
            throw new Trouble(line, "a range of more than " + MAX_RANGE + " numbers");
        }
        List<Object> numbers = new ArrayList<>();
        for (long i = from; step > 0 ? i < to : i > to; i += step) {
            numbers.add(BigInteger.valueOf(i));
        }
        return numbers;
    }

    private static Object sum(Object of, int line) throws Trouble {
        if (!(of instanceof List<?> list)) {
            throw new Trouble(line, "sum of " + Values.show(of));
        }
        Object sum = BigInteger.ZERO;
        for (Object o : list) {
            sum = Values.operate("+", sum, o, line);
        }
        return sum;
    }

    private static Object toInteger(Object value, int line) throws Trouble {
        Object number = value instanceof String s ? parse(s, line) : value;
        return number instanceof Double d ? whole(d, RoundingMode.DOWN, line) : Values.integer(number, line);
    }

    private static Double parse(String text, int line) throws Trouble {
        try {
            return Double.valueOf(text.strip());
        } catch (NumberFormatException e) {
            throw new Trouble(line, Values.show(text) + " is no number");
        }
    }

    private static Object rounded(Object value, int line) throws Trouble {
        return value instanceof Double d ? whole(d, RoundingMode.HALF_EVEN, line) : Values.integer(value, line);
    }

    private static BigInteger whole(double value, RoundingMode mode, int line) throws Trouble {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw new Trouble(line, value + " is no integer");
        }
        return new BigDecimal(value).setScale(0, mode).toBigInteger();
    }

    private static Object length(Object value, int line) throws Trouble {
        if (value instanceof String s) {
            return BigInteger.valueOf(s.length());
        } else if (value instanceof List<?> list) {
            return BigInteger.valueOf(list.size());
        }
        throw new Trouble(line, Values.show(value) + " has no length");
    }
}
