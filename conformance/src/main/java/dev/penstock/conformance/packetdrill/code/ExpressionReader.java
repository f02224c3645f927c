package dev.penstock.conformance.packetdrill.code;

import dev.penstock.conformance.packetdrill.ScriptException;
import dev.penstock.conformance.packetdrill.SkipException;
import dev.penstock.conformance.packetdrill.code.CodeToken.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the expressions of a code block, with Python's precedence. */
final class ExpressionReader {
    private static final int MAX_DEPTH = 100;
    private static final int MAX_ELEMENTS = 1_000;
    private static final Set<String> COMPARISONS = Set.of("<", ">", "<=", ">=", "==", "!=", "in", "is");
    private static final Set<String> WORDS = Set.of(
            "and", "or", "not", "if", "else", "in", "is", "for", "while", "assert", "elif", "lambda", "pass", "break");

    /** Binary operators that associate to the left, the loosest first. */
    private static final List<Set<String>> LEVELS = List.of(
            Set.of("|"), Set.of("^"), Set.of("&"), Set.of("<<", ">>"), Set.of("+", "-"), Set.of("*", "/", "//", "%"));

    private final List<CodeToken> tokens;
    private int at;
    private int depth;

    ExpressionReader(List<CodeToken> tokens) {
        this.tokens = tokens;
    }

    CodeToken peek() {
        return tokens.get(at);
    }

    CodeToken take() {
        CodeToken t = tokens.get(at);
        if (at < tokens.size() - 1) {
            at++;
        }
        return t;
    }

    boolean takeIf(String word) {
        if (peek().is(word)) {
            take();
            return true;
        }
        return false;
    }

    /** Behind the last word that was taken. */
    int lastEnd() {
        return at == 0 ? 0 : tokens.get(at - 1).end();
    }

    void expect(String word, String where) throws ScriptException {
        if (!takeIf(word)) {
            throw unexpected("'" + word + "' " + where);
        }
    }

    CodeToken expect(Kind kind, String what) throws ScriptException {
        if (peek().kind() != kind) {
            throw unexpected(what);
        }
        return take();
    }

    ScriptException unexpected(String expected) {
        return new ScriptException(peek().line(), "found " + peek().found() + ", expected " + expected);
    }

    /** One, or several with commas between them, which are a sequence. */
    Node expressionList() throws ScriptException, SkipException {
        Node first = expression();
        if (!peek().is(",")) {
            return first;
        }
        List<Node> all = new ArrayList<>(List.of(first));
        while (takeIf(",")) {
            if (peek().kind() == Kind.NEWLINE || peek().is("=") || peek().is(":") || peek().is(")")) {
                break;
            }
            all.add(expression());
            limit(all.size());
        }
        return new Node.Sequence(all);
    }

    Node expression() throws ScriptException, SkipException {
        enter();
        Node then = or();
        if (takeIf("if")) {
            Node condition = or();
            expect("else", "after the condition");
            then = new Node.Choice(condition, then, expression());
        }
        depth--;
        return then;
    }

    private void enter() throws ScriptException {
        if (++depth > MAX_DEPTH) {
            throw new ScriptException(peek().line(), "more than " + MAX_DEPTH + " levels of nesting in code");
        }
    }

    private void limit(int elements) throws ScriptException {
        if (elements > MAX_ELEMENTS) {
            throw new ScriptException(peek().line(), "more than " + MAX_ELEMENTS + " operands in a row");
        }
    }

    private Node or() throws ScriptException, SkipException {
        Node left = and();
        for (int i = 0; takeIf("or"); i++) {
            limit(i);
            left = new Node.Logic(false, left, and());
        }
        return left;
    }

    private Node and() throws ScriptException, SkipException {
        Node left = not();
        for (int i = 0; takeIf("and"); i++) {
            limit(i);
            left = new Node.Logic(true, left, not());
        }
        return left;
    }

    private Node not() throws ScriptException, SkipException {
        CodeToken t = peek();
        if (takeIf("not")) {
            enter();
            Node operand = not();
            depth--;
            return new Node.Unary("not", operand, t.line());
        }
        return comparison();
    }

    private Node comparison() throws ScriptException, SkipException {
        Node first = binary(0);
        List<String> operators = new ArrayList<>();
        List<Node> operands = new ArrayList<>(List.of(first));
        int line = peek().line();
        while (true) {
            String operator = peek().text();
            if (takeIf("not")) {
                expect("in", "after not");
                operator = "not in";
            } else if (peek().kind() != Kind.TEXT && COMPARISONS.contains(operator)) {
                take();
                operator = operator.equals("is") && takeIf("not") ? "is not" : operator;
            } else {
                break;
            }
            operators.add(operator);
            operands.add(binary(0));
            limit(operands.size());
        }
        return operators.isEmpty() ? first : new Node.Comparison(operators, operands, line);
    }

    private Node binary(int level) throws ScriptException, SkipException {
        if (level == LEVELS.size()) {
            return unary();
        }
        Node left = binary(level + 1);
        for (int i = 0; peek().kind() == Kind.OPERATOR && LEVELS.get(level).contains(peek().text()); i++) {
            limit(i);
            CodeToken t = take();
            left = new Node.Binary(t.text(), left, binary(level + 1), t.line());
        }
        return left;
    }

    private Node unary() throws ScriptException, SkipException {
        CodeToken t = peek();
        if (takeIf("-") || takeIf("+") || takeIf("~")) {
            enter();
            Node operand = unary();
            depth--;
            return new Node.Unary(t.text(), operand, t.line());
        }
        Node base = postfix();
        if (takeIf("**")) {
            enter();
            Node exponent = unary();
            depth--;
            return new Node.Binary("**", base, exponent, t.line());
        }
        return base;
    }

    private Node postfix() throws ScriptException, SkipException {
        Node node = atom();
        for (int i = 0; ; i++) {
            limit(i);
            CodeToken t = peek();
            if (takeIf("(")) {
                if (!(node instanceof Node.Name name)) {
                    throw new SkipException(
                            t.line(), "code that calls more than a function by its name is not supported");
                }
                node = new Node.Call(name.name(), elements(")"), t.line());
            } else if (takeIf("[")) {
                Node index = expression();
                if (peek().is(":")) {
                    throw new SkipException(t.line(), "code with slices is not supported");
                }
                expect("]", "after the index");
                node = new Node.Item(node, index, t.line());
            } else if (t.is(".")) {
                throw new SkipException(t.line(), "code with attributes (a.b) is not supported");
            } else {
                return node;
            }
        }
    }

    private List<Node> elements(String close) throws ScriptException, SkipException {
        List<Node> elements = new ArrayList<>();
        while (!takeIf(close)) {
            if (!elements.isEmpty()) {
                expect(",", "or '" + close + "'");
                if (takeIf(close)) {
                    break;
                }
            }
            elements.add(expression());
            limit(elements.size());
            if (peek().is("=") || peek().is("for")) {
                throw new SkipException(
                        peek().line(), "code with arguments by name or comprehensions is not supported");
            }
        }
        return elements;
    }

    private Node atom() throws ScriptException, SkipException {
        CodeToken t = peek();
        switch (t.kind()) {
            case INTEGER:
                take();
                return new Node.Constant(integer(t));
            case FLOAT:
                take();
                return new Node.Constant(decimal(t));
            case TEXT:
                StringBuilder all = new StringBuilder();
                while (peek().kind() == Kind.TEXT) {
                    all.append(take().text());
                }
                return new Node.Constant(all.toString());
            case NAME:
                return name();
            case OPERATOR:
                return bracketed(t);
            default:
                throw unexpected("a value");
        }
    }

    private Node bracketed(CodeToken t) throws ScriptException, SkipException {
        if (takeIf("(")) {
            if (takeIf(")")) {
                return new Node.Sequence(List.of());
            }
            Node inner = expressionList();
            expect(")", "to close the parenthesis");
            return inner;
        }
        if (takeIf("[")) {
            return new Node.Sequence(elements("]"));
        }
        if (t.is("{")) {
            throw new SkipException(t.line(), "code with dictionaries and sets is not supported");
        }
        throw unexpected("a value");
    }

    private Node name() throws ScriptException {
        CodeToken t = peek();
        if (WORDS.contains(t.text())) {
            throw unexpected("a value");
        }
        take();
        return switch (t.text()) {
            case "True" -> new Node.Constant(true);
            case "False" -> new Node.Constant(false);
            case "None" -> new Node.Constant(Values.NONE);
            default -> new Node.Name(t.text(), t.line());
        };
    }

    private static BigInteger integer(CodeToken t) throws ScriptException {
        String text = t.text().toLowerCase(java.util.Locale.ROOT);
        // Python 2's long integers, as the scripts of its time write them.
        text = text.endsWith("l") && !text.startsWith("0x") ? text.substring(0, text.length() - 1) : text;
        int radix = text.startsWith("0x") ? 16 : text.startsWith("0o") ? 8 : text.startsWith("0b") ? 2 : 10;
        try {
            return new BigInteger(radix == 10 ? text : text.substring(2), radix);
        } catch (NumberFormatException e) {
            throw new ScriptException(t.line(), "found " + t.found() + ", expected a number");
        }
    }

    private static Double decimal(CodeToken t) throws ScriptException {
        try {
            return Double.valueOf(t.text());
        } catch (NumberFormatException e) {
            throw new ScriptException(t.line(), "found " + t.found() + ", expected a number");
        }
    }
}
