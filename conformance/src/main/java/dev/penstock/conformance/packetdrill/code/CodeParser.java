package dev.penstock.conformance.packetdrill.code;

import dev.penstock.conformance.packetdrill.ScriptException;
import dev.penstock.conformance.packetdrill.SkipException;
import dev.penstock.conformance.packetdrill.code.CodeToken.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the statements of a code block; what Python has and this has not ends in a {@link SkipException}. */
final class CodeParser {
    private static final int MAX_STATEMENTS = 2_000;
    private static final Set<String> UNSUPPORTED = Set.of(
            "def",
            "class",
            "import",
            "from",
            "try",
            "with",
            "lambda",
            "global",
            "raise",
            "del",
            "return",
            "yield",
            "exec",
            "async",
            "await",
            "nonlocal");
    private static final Set<String> AUGMENTED =
            Set.of("+=", "-=", "*=", "/=", "//=", "%=", "**=", "&=", "|=", "^=", "<<=", ">>=");

    private final String text;
    private final ExpressionReader expressions;
    private int statements;

    /** @param text the block, aligned: what positions of words belong to */
    private CodeParser(String text, List<CodeToken> tokens) {
        this.text = text;
        this.expressions = new ExpressionReader(tokens);
    }

    static List<Statement> parse(String block, int line) throws ScriptException, SkipException {
        String text = CodeLexer.align(block);
        CodeParser parser = new CodeParser(text, CodeLexer.cut(text, line));
        List<Statement> all = new ArrayList<>();
        while (parser.peek().kind() != Kind.END) {
            parser.line(all);
        }
        return all;
    }

    private CodeToken peek() {
        return expressions.peek();
    }

    private CodeToken take() {
        return expressions.take();
    }

    private boolean takeIf(String word) {
        return expressions.takeIf(word);
    }

    /** A line: simple statements with semicolons between them, or one with a block. */
    private void line(List<Statement> into) throws ScriptException, SkipException {
        CodeToken t = peek();
        if (t.kind() == Kind.NEWLINE) {
            take();
            return;
        }
        if (++statements > MAX_STATEMENTS) {
            throw new ScriptException(t.line(), "more than " + MAX_STATEMENTS + " statements");
        }
        if (t.kind() == Kind.INDENT) {
            throw new ScriptException(t.line(), "found an indented line, expected it to line up with the one before");
        }
        if (t.is("if") || t.is("for") || t.is("while")) {
            into.add(compound());
            return;
        }
        simpleLine(into);
    }

    private void simpleLine(List<Statement> into) throws ScriptException, SkipException {
        into.add(simple());
        while (takeIf(";")) {
            if (peek().kind() != Kind.NEWLINE) {
                into.add(simple());
            }
        }
        expressions.expect(Kind.NEWLINE, "the end of the statement");
    }

    private List<Statement> block() throws ScriptException, SkipException {
        expressions.expect(":", "and the block");
        List<Statement> body = new ArrayList<>();
        if (peek().kind() != Kind.NEWLINE) {
            simpleLine(body);
            return body;
        }
        take();
        expressions.expect(Kind.INDENT, "an indented line");
        while (peek().kind() != Kind.DEDENT) {
            line(body);
        }
        take();
        return body;
    }

    private Statement compound() throws ScriptException, SkipException {
        CodeToken t = take();
        if (t.is("if")) {
            return ifBlock(t);
        }
        if (t.is("while")) {
            Node condition = expressions.expression();
            return new Statement.While(condition, block(), t.line());
        }
        CodeToken name = expressions.expect(Kind.NAME, "the name of a variable");
        expressions.expect("in", "and what to go through");
        Node in = expressions.expressionList();
        return new Statement.For(name.text(), in, block(), t.line());
    }

    private Statement ifBlock(CodeToken t) throws ScriptException, SkipException {
        if (++statements > MAX_STATEMENTS) {
            throw new ScriptException(t.line(), "more than " + MAX_STATEMENTS + " statements");
        }
        Node condition = expressions.expression();
        List<Statement> then = block();
        List<Statement> otherwise = List.of();
        if (peek().is("elif")) {
            otherwise = List.of(ifBlock(take()));
        } else if (takeIf("else")) {
            otherwise = block();
        }
        return new Statement.If(condition, then, otherwise, t.line());
    }

    private Statement simple() throws ScriptException, SkipException {
        CodeToken t = peek();
        if (t.kind() == Kind.NAME && UNSUPPORTED.contains(t.text())) {
            throw new SkipException(t.line(), "code with '" + t.text() + "' is not supported");
        }
        switch (t.kind() == Kind.NAME ? t.text() : "") {
            case "assert":
                take();
                return assertion(t);
            case "pass", "break", "continue":
                take();
                return new Statement.Jump(t.text(), t.line());
            case "print":
                take();
                return print(t);
            default:
                return assignmentOrExpression(t);
        }
    }

    private Statement assertion(CodeToken t) throws ScriptException, SkipException {
        int from = peek().start();
        Node condition = expressions.expression();
        String written = text.substring(from, expressions.lastEnd()).strip().replaceAll("\\s+", " ");
        Node message = takeIf(",") ? expressions.expressionList() : null;
        return new Statement.Assert(condition, written, message, t.line());
    }

    private Statement print(CodeToken t) throws ScriptException, SkipException {
        List<Node> values = new ArrayList<>();
        if (peek().kind() != Kind.NEWLINE && !peek().is(";")) {
            values.add(expressions.expressionList());
        }
        return new Statement.Evaluate(values, t.line());
    }

    private Statement assignmentOrExpression(CodeToken t) throws ScriptException, SkipException {
        List<String> names = new ArrayList<>();
        Node value = expressions.expressionList();
        if (peek().kind() == Kind.OPERATOR && AUGMENTED.contains(peek().text())) {
            CodeToken operator = take();
            if (!(value instanceof Node.Name name)) {
                throw new ScriptException(operator.line(), "found " + operator.found() + ", expected a name before it");
            }
            String plain = operator.text().substring(0, operator.text().length() - 1);
            Node sum = new Node.Binary(plain, name, expressions.expressionList(), operator.line());
            return new Statement.Assign(List.of(name.name()), sum, t.line());
        }
        while (takeIf("=")) {
            if (!(value instanceof Node.Name name)) {
                throw new SkipException(t.line(), "code that assigns to more than a name is not supported");
            }
            names.add(name.name());
            value = expressions.expressionList();
        }
        return names.isEmpty()
                ? new Statement.Evaluate(List.of(value), t.line())
                : new Statement.Assign(names, value, t.line());
    }
}
