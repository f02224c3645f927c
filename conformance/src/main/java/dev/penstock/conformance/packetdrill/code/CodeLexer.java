package dev.penstock.conformance.packetdrill.code;

import dev.penstock.conformance.packetdrill.ScriptException;
import dev.penstock.conformance.packetdrill.code.CodeToken.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** Cuts a code block into words, lines and levels of indentation, as Python does. */
final class CodeLexer {
    private static final int MAX_LENGTH = 1 << 16;
    private static final int MAX_INDENTS = 20;
    private static final int TAB = 8;

    /** The longer ones first. */
    private static final List<String> OPERATORS = List.of(
            "**=", "//=", ">>=", "<<=", "**", "//", "<<", ">>", "<=", ">=", "==", "!=", "+=", "-=", "*=", "/=", "%=",
            "&=", "|=", "^=", "+", "-", "*", "/", "%", "&", "|", "^", "~", "<", ">", "(", ")", "[", "]", "{", "}", ",",
            ":", ".", ";", "=", "@", "!");

    private final String text;
    private final List<CodeToken> tokens = new ArrayList<>();
    private final Deque<Integer> indents = new ArrayDeque<>();
    private int at;
    private int line;
    private int depth;

    private CodeLexer(String text, int line) {
        this.text = text;
        this.line = line;
    }

    /** @param line of the script in which the text begins */
    static List<CodeToken> cut(String text, int line) throws ScriptException {
        if (text.length() > MAX_LENGTH) {
            throw new ScriptException(line, "a code block of more than " + MAX_LENGTH + " characters");
        }
        CodeLexer lexer = new CodeLexer(text, line);
        lexer.run();
        return lexer.tokens;
    }

    /**
     * Takes away the blanks before the first statement, and of the lines after it as many as all of them have: blocks are
     * written indented in scripts.
     */
    static String align(String text) {
        String[] lines = text.replace("\r", "").split("\n", -1);
        int first = 0;
        while (first < lines.length - 1 && isBlank(lines[first])) {
            first++;
        }
        int common = Integer.MAX_VALUE;
        for (int i = first + (first == 0 ? 1 : 0); i < lines.length; i++) {
            if (!isBlank(lines[i])) {
                common = Math.min(common, indentOf(lines[i]));
            }
        }
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < lines.length; i++) {
            int cut = i == 0 ? indentOf(lines[i]) : Math.min(common, indentOf(lines[i]));
            out.append(i == 0 ? "" : "\n").append(lines[i].substring(cut));
        }
        return out.toString();
    }

    private static boolean isBlank(String line) {
        String rest = line.strip();
        return rest.isEmpty() || rest.startsWith("#");
    }

    private static int indentOf(String line) {
        int i = 0;
        while (i < line.length() && (line.charAt(i) == ' ' || line.charAt(i) == '\t')) {
            i++;
        }
        return i;
    }

    private void run() throws ScriptException {
        indents.push(0);
        boolean lineStart = true;
        while (at < text.length()) {
            if (lineStart && depth == 0) {
                lineStart = !beginLine();
                continue;
            }
            char c = text.charAt(at);
            if (c == '\n') {
                lineStart = depth == 0;
                newline();
            } else if (c == ' ' || c == '\t' || c == '\f') {
                at++;
            } else if (c == '#') {
                skipLine();
            } else if (c == '\\' && at + 1 < text.length() && text.charAt(at + 1) == '\n') {
                at += 2;
                line++;
            } else {
                word(c);
            }
        }
        add(Kind.NEWLINE, "", at);
        while (indents.pop() > 0) {
            add(Kind.DEDENT, "", at);
        }
        add(Kind.END, "", at);
    }

    /** Looks at the indentation. False when there is nothing on the line. */
    private boolean beginLine() throws ScriptException {
        int column = 0;
        int i = at;
        while (i < text.length() && (text.charAt(i) == ' ' || text.charAt(i) == '\t')) {
            column = text.charAt(i) == ' ' ? column + 1 : (column / TAB + 1) * TAB;
            i++;
        }
        if (i >= text.length() || text.charAt(i) == '\n' || text.charAt(i) == '#') {
            at = i;
            skipLine();
            if (at < text.length()) {
                at++;
                line++;
            }
            return false;
        }
        at = i;
        if (column > indents.peek()) {
            if (indents.size() > MAX_INDENTS) {
                throw new ScriptException(line, "more than " + MAX_INDENTS + " levels of indentation");
            }
            indents.push(column);
            add(Kind.INDENT, "", at);
        }
        while (column < indents.peek()) {
            indents.pop();
            add(Kind.DEDENT, "", at);
        }
        if (column != indents.peek()) {
            throw new ScriptException(line, "the indentation fits no line before");
        }
        return true;
    }

    private void newline() {
        if (depth == 0) {
            add(Kind.NEWLINE, "", at);
        }
        at++;
        line++;
    }

    private void skipLine() {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
    }

    private void word(char c) throws ScriptException {
        if (isLetter(c)) {
            int end = at;
            while (end < text.length() && (isLetter(text.charAt(end)) || isDigit(text.charAt(end)))) {
                end++;
            }
            if (end < text.length() && (text.charAt(end) == '"' || text.charAt(end) == '\'')) {
                prefixedText(end);
            } else {
                add(Kind.NAME, text.substring(at, end), end);
            }
        } else if (isDigit(c) || c == '.' && at + 1 < text.length() && isDigit(text.charAt(at + 1))) {
            number();
        } else if (c == '"' || c == '\'') {
            text(at, true);
        } else {
            operator();
        }
    }

    private void prefixedText(int quote) throws ScriptException {
        String prefix = text.substring(at, quote).toLowerCase(java.util.Locale.ROOT);
        if (!Arrays.asList("r", "u", "b", "f").contains(prefix)) {
            throw new ScriptException(line, "found '" + prefix + "' before a text, expected r, u, b or f");
        }
        text(quote, !prefix.equals("r"));
    }

    private void text(int quoteAt, boolean escapes) throws ScriptException {
        char quote = text.charAt(quoteAt);
        String triple = String.valueOf(quote).repeat(3);
        boolean isTriple = text.startsWith(triple, quoteAt);
        StringBuilder value = new StringBuilder();
        int i = quoteAt + (isTriple ? 3 : 1);
        int startLine = line;
        while (true) {
            if (i >= text.length() || !isTriple && text.charAt(i) == '\n') {
                throw new ScriptException(startLine, "a text never ends: expected " + quote);
            }
            char c = text.charAt(i);
            if (isTriple ? text.startsWith(triple, i) : c == quote) {
                break;
            }
            if (c == '\n') {
                line++;
            }
            if (c == '\\' && i + 1 < text.length()) {
                char e = text.charAt(++i);
                if (e == '\n') {
                    line++;
                }
                value.append(escapes ? escaped(e) : "\\" + e);
            } else {
                value.append(c);
            }
            i++;
        }
        int end = i + (isTriple ? 3 : 1);
        tokens.add(new CodeToken(Kind.TEXT, value.toString(), startLine, at, end));
        at = end;
    }

    private static String escaped(char e) {
        return switch (e) {
            case 'n' -> "\n";
            case 't' -> "\t";
            case 'r' -> "\r";
            case '\n' -> "";
            case '\\', '\'', '"' -> String.valueOf(e);
            default -> "\\" + e;
        };
    }

    private void number() throws ScriptException {
        int end = at;
        boolean radix = text.charAt(at) == '0' && at + 1 < text.length() && "xXoObB".indexOf(text.charAt(at + 1)) >= 0;
        boolean isFloat = false;
        while (end < text.length()) {
            char c = text.charAt(end);
            if (!radix && (c == '.' || c == 'e' || c == 'E')) {
                isFloat = true;
                boolean signed = c != '.' && end + 1 < text.length() && "+-".indexOf(text.charAt(end + 1)) >= 0;
                end += signed ? 2 : 1;
            } else if (isDigit(c) || isLetter(c)) {
                end++;
            } else {
                break;
            }
        }
        if (end - at > 40) {
            throw new ScriptException(line, "a number of " + (end - at) + " digits");
        }
        add(isFloat ? Kind.FLOAT : Kind.INTEGER, text.substring(at, end).replace("_", ""), end);
    }

    private void operator() throws ScriptException {
        for (String o : OPERATORS) {
            if (text.startsWith(o, at)) {
                if ("([{".contains(o)) {
                    depth++;
                } else if (")]}".contains(o)) {
                    depth = Math.max(0, depth - 1);
                }
                add(Kind.OPERATOR, o, at + o.length());
                return;
            }
        }
        char c = text.charAt(at);
        throw new ScriptException(line, "found '" + (c > ' ' && c < 0x7f ? c : '?') + "' in a code block");
    }

    private void add(Kind kind, String word, int end) {
        tokens.add(new CodeToken(kind, word, line, at, end));
        at = end;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
    }
}
