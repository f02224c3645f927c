package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.Token.Kind;
import dev.penstock.conformance.packetdrill.script.Expression;
import java.util.ArrayList;
import java.util.List;

/** Reads the arguments and results of system calls. */
final class ExpressionParser {
    private static final int MAX_DEPTH = 50;
    private static final int MAX_ELEMENTS = 4_096;
    private static final int MAX_OPERATORS = 1_024;

    private final Tokens tokens;
    private int depth;

    ExpressionParser(Tokens tokens) {
        this.tokens = tokens;
    }

    /** Expressions up to a closing sign, and that sign. */
    List<Expression> list(char close) throws ScriptException, SkipException {
        List<Expression> elements = new ArrayList<>();
        if (tokens.takeIf(close)) {
            return elements;
        }
        while (true) {
            elements.add(expression());
            if (tokens.takeIf(close)) {
                return elements;
            }
            tokens.expect(',', "or '" + close + "'");
            limit(elements.size());
        }
    }

    /**
     * The result of a call. The next event's time can follow at once, with its '+' or '*': of operators there is only
     * {@code |}.
     */
    Expression result() throws ScriptException, SkipException {
        Expression left = primary();
        for (int i = 0; tokens.takeIf('|'); i++) {
            left = new Expression.Operation("|", left, primary());
            limitOperators(i);
        }
        return left;
    }

    Expression expression() throws ScriptException, SkipException {
        enter();
        Expression left = primary();
        if (left instanceof Expression.Name && tokens.takeIf('=')) {
            left = new Expression.Operation("=", left, expression());
        } else {
            left = binary(left, 0);
        }
        depth--;
        return left;
    }

    private void enter() throws ScriptException {
        if (++depth > MAX_DEPTH) {
            throw new ScriptException(tokens.peek().line(), "more than " + MAX_DEPTH + " levels of nesting");
        }
    }

    private void limit(int elements) throws ScriptException {
        if (elements >= MAX_ELEMENTS) {
            throw new ScriptException(tokens.peek().line(), "a list of more than " + MAX_ELEMENTS + " elements");
        }
    }

    private void limitOperators(int operators) throws ScriptException {
        if (operators >= MAX_OPERATORS) {
            throw new ScriptException(tokens.peek().line(), "more than " + MAX_OPERATORS + " operators in a row");
        }
    }

    /** Goes on behind a first operand with operators that bind at least so tightly, all of them to the left. */
    private Expression binary(Expression first, int least) throws ScriptException, SkipException {
        Expression left = first;
        for (int i = 0; ; i++) {
            limitOperators(i);
            int level = level(tokens.peek());
            if (level < least) {
                return left;
            }
            Token t = tokens.take();
            String operator = t.text();
            if (t.is('<') || t.is('>')) {
                tokens.expect(t.text().charAt(0), "to shift by");
                operator += t.text();
            }
            Expression right = primary();
            while (level(tokens.peek()) > level) {
                right = binary(right, level + 1);
            }
            left = new Expression.Operation(operator, left, right);
        }
    }

    /** How tightly an operator binds, as in C; -1 for what is none. */
    private static int level(Token t) {
        if (t.kind() != Kind.SYMBOL) {
            return -1;
        }
        return switch (t.text().charAt(0)) {
            case '|' -> 0;
            case '^' -> 1;
            case '&' -> 2;
            case '<', '>' -> 3;
            case '+', '-' -> 4;
            case '*', '/' -> 5;
            default -> -1;
        };
    }

    private Expression primary() throws ScriptException, SkipException {
        enter();
        Expression e = unguarded();
        depth--;
        return e;
    }

    private Expression unguarded() throws ScriptException, SkipException {
        Token t = tokens.peek();
        switch (t.kind()) {
            case ELLIPSIS:
                tokens.take();
                return new Expression.Any();
            case INTEGER, HEX:
                return new Expression.Int(Tokens.anyNumber(tokens.take()));
            case CHARACTER:
                tokens.take();
                String one = Escapes.resolve(t.text(), t.line());
                if (one.length() != 1) {
                    throw new ScriptException(t.line(), "found " + t.found() + ", expected one character in ''");
                }
                return new Expression.Int(one.charAt(0));
            case STRING:
                return string();
            case WORD:
                tokens.take();
                return tokens.takeIf('(')
                        ? new Expression.Function(t.text(), list(')'))
                        : new Expression.Name(t.text());
            case SYMBOL:
                return bracketed(t);
            default:
                throw tokens.unexpected("a value");
        }
    }

    private Expression bracketed(Token t) throws ScriptException, SkipException {
        switch (t.text().charAt(0)) {
            case '[':
                tokens.take();
                return new Expression.Array(list(']'));
            case '{':
                tokens.take();
                return struct();
            case '(':
                tokens.take();
                if (tokens.at("label")) {
                    throw new SkipException(t.line(), "MPLS is not supported");
                }
                Expression inner = expression();
                tokens.expect(')', "to close the parenthesis");
                return inner;
            case '-':
                tokens.take();
                if (tokens.peek().isInteger()) {
                    return new Expression.Int(-Tokens.anyNumber(tokens.take()));
                }
                return new Expression.Operation("-", null, primary());
            case '~':
                tokens.take();
                return new Expression.Operation("~", null, primary());
            default:
                throw tokens.unexpected("a value");
        }
    }

    /** Texts that follow each other are one. {@code "abc"...}: longer than what is shown, which says no more. */
    private Expression string() throws ScriptException {
        StringBuilder all = new StringBuilder();
        while (tokens.at(Kind.STRING)) {
            Token t = tokens.take();
            all.append(Escapes.resolve(t.text(), t.line()));
        }
        if (tokens.at(Kind.ELLIPSIS)) {
            tokens.take();
        }
        return new Expression.Text(all.toString());
    }

    private Expression struct() throws ScriptException, SkipException {
        List<Expression.Member> members = new ArrayList<>();
        if (tokens.takeIf('}')) {
            return new Expression.Struct(members);
        }
        while (true) {
            members.add(member());
            if (tokens.takeIf('}')) {
                return new Expression.Struct(members);
            }
            tokens.expect(',', "or '}'");
            limit(members.size());
        }
    }

    private Expression.Member member() throws ScriptException, SkipException {
        Expression first = primary();
        if (tokens.at('=')) {
            Token equals = tokens.take();
            if (first instanceof Expression.Name name) {
                return new Expression.Member(name.name(), null, expression());
            }
            if (first instanceof Expression.Function f && f.arguments().size() == 1) {
                return new Expression.Member(f.name(), f.arguments().get(0), expression());
            }
            throw new ScriptException(equals.line(), "found '=', expected the name of a member before it");
        }
        return new Expression.Member(null, null, binary(first, 0));
    }
}
