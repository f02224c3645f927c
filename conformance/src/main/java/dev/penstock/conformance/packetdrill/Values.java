package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Expression;
import java.util.List;

/** Turns expressions of a script into numbers, as the C of {@code profile} would, and compares out-arguments. */
final class Values {
    private final Profile profile;
    private final int line;

    /** @param line for messages */
    Values(Profile profile, int line) {
        this.profile = profile;
        this.line = line;
    }

    Profile profile() {
        return profile;
    }

    int line() {
        return line;
    }

    static boolean isAny(Expression e) {
        return e instanceof Expression.Any;
    }

    static boolean isNull(Expression e) {
        return e instanceof Expression.Name n && n.name().equals("NULL");
    }

    /** @throws ScriptException if it is no number */
    long number(Expression e) throws SkipException, ScriptException {
        if (e instanceof Expression.Int n) {
            return n.value();
        }
        if (e instanceof Expression.Name n) {
            return constant(n.name());
        }
        if (e instanceof Expression.Operation o) {
            return operation(o);
        }
        if (e instanceof Expression.Function f && f.arguments().size() == 1) {
            return call(f);
        }
        if (e instanceof Expression.Array a && a.elements().size() == 1) {
            return number(a.elements().get(0));
        }
        throw new ScriptException(line, "a number is wanted here, not " + describe(e));
    }

    private long constant(String name) throws SkipException {
        Long value = Constants.find(name, profile);
        if (value == null) {
            throw new SkipException(line, "there is no constant " + name + " in the profile " + profile.name());
        }
        return value;
    }

    private long operation(Expression.Operation o) throws SkipException, ScriptException {
        long right = number(o.right());
        if (o.left() == null) {
            return switch (o.operator()) {
                case "~" -> ~right;
                case "-" -> -right;
                case "+" -> right;
                default -> throw new SkipException(line, "there is no operator " + o.operator() + " here");
            };
        }
        long left = number(o.left());
        return switch (o.operator()) {
            case "|" -> left | right;
            case "&" -> left & right;
            case "^" -> left ^ right;
            case "<<" -> left << right;
            case ">>" -> left >> right;
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            default -> throw new SkipException(line, "there is no operator " + o.operator() + " here");
        };
    }

    /** Ports and addresses are kept in the host's order here, so that the functions change nothing. */
    private long call(Expression.Function f) throws SkipException, ScriptException {
        return switch (f.name()) {
            case "htons", "htonl", "ntohs", "ntohl" -> number(f.arguments().get(0));
            default -> throw new SkipException(line, "there is no function " + f.name() + " here");
        };
    }

    /** What differs, or null: {@code ...} is anything. {@code what} names it. */
    String compare(String what, Expression expected, long actual) throws SkipException, ScriptException {
        if (expected == null || isAny(expected) || isNull(expected)) {
            return null;
        }
        long wanted = number(expected);
        return wanted == actual ? null : what + ": expected " + wanted + ", got " + actual;
    }

    /** As {@link #compare(String, Expression, long)}; a text may stand in an array. */
    String compareText(String what, Expression expected, String actual) throws ScriptException {
        if (expected == null || isAny(expected)) {
            return null;
        }
        String wanted = text(expected);
        return wanted.equals(actual) ? null : what + ": expected \"" + wanted + "\", got \"" + actual + "\"";
    }

    /** @throws ScriptException if it is no text */
    String text(Expression e) throws ScriptException {
        if (e instanceof Expression.Text t) {
            int end = t.value().indexOf('\0');
            return end < 0 ? t.value() : t.value().substring(0, end);
        }
        if (e instanceof Expression.Array a && a.elements().size() == 1) {
            return text(a.elements().get(0));
        }
        throw new ScriptException(line, "a text in quotes is wanted here, not " + describe(e));
    }

    /** @throws ScriptException if it is no struct */
    Expression.Struct struct(Expression e) throws ScriptException {
        if (e instanceof Expression.Struct s) {
            return s;
        }
        if (e instanceof Expression.Array a
                && a.elements().size() == 1
                && a.elements().get(0) instanceof Expression.Struct s) {
            return s;
        }
        throw new ScriptException(line, "members in braces are wanted here, not " + describe(e));
    }

    /** The elements of an array, or of what stands for an array of one. */
    static List<Expression> elements(Expression e) {
        return e instanceof Expression.Array a ? a.elements() : List.of(e);
    }

    private static String describe(Expression e) {
        return switch (e.getClass().getSimpleName()) {
            case "Text" -> "a text";
            case "Any" -> "'...'";
            case "Array" -> "an array";
            case "Struct" -> "a struct";
            case "Function" -> "a function";
            default -> "this";
        };
    }
}
