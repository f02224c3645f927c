package dev.penstock.stack;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/** Finds the methods of a Java source file by counting braces: enough to measure them. */
final class SourceScanner {
    private static final Pattern TYPE = Pattern.compile("\\b(class|interface)\\s+\\w+|\\brecord\\s+\\w+\\s*[<(]");
    private static final Pattern ENUM = Pattern.compile("\\benum\\s+\\w+");
    private static final Pattern ANONYMOUS =
            Pattern.compile("\\bnew\\s+[\\w.<>,\\s?\\[\\]]+\\(.*\\)\\s*$", Pattern.DOTALL);
    private static final Pattern ENUM_CONSTANT =
            Pattern.compile("^[\\s,]*[A-Z][A-Z0-9_]*\\s*(\\(.*\\))?\\s*$", Pattern.DOTALL);

    private SourceScanner() {}

    /** A method, constructor or initializer, from the first line of its declaration to its closing brace. */
    record Method(int firstLine, int lines) {}

    private enum Kind {
        TYPE,
        ENUM,
        METHOD,
        OTHER
    }

    private record Block(Kind kind, int firstLine) {}

    static List<Method> methods(String source) {
        String code = strip(source);
        List<Method> methods = new ArrayList<>();
        Deque<Block> open = new ArrayDeque<>();
        int line = 1;
        int headerFrom = 0;
        int headerLine = 0;
        for (int i = 0; i < code.length(); i++) {
            char c = code.charAt(i);
            if (c == '\n') {
                line++;
            }
            if (headerLine == 0 && !Character.isWhitespace(c)) {
                headerLine = line;
            }
            if (c == '{') {
                open.push(new Block(kind(code.substring(headerFrom, i), open.peek()), headerLine));
            } else if (c == '}') {
                Block closed = open.pop();
                if (closed.kind == Kind.METHOD) {
                    methods.add(new Method(closed.firstLine, line - closed.firstLine + 1));
                }
            }
            if (c == '{' || c == '}' || c == ';') {
                headerFrom = i + 1;
                headerLine = 0;
            }
        }
        if (!open.isEmpty()) {
            throw new IllegalArgumentException("unbalanced braces");
        }
        return methods;
    }

    private static Kind kind(String header, Block parent) {
        boolean inType = parent != null && (parent.kind == Kind.TYPE || parent.kind == Kind.ENUM);
        if (ENUM.matcher(header).find()) {
            return Kind.ENUM;
        }
        if (TYPE.matcher(header).find() || ANONYMOUS.matcher(header).find()) {
            return Kind.TYPE;
        }
        if (inType && parent.kind == Kind.ENUM && ENUM_CONSTANT.matcher(header).find()) {
            return Kind.TYPE;
        }
        boolean field = header.stripTrailing().endsWith("=") || header.contains("->");
        return inType && !field ? Kind.METHOD : Kind.OTHER;
    }

    /** The source with comments, strings and characters blanked out, line by line as it was. */
    static String strip(String s) {
        StringBuilder out = new StringBuilder(s.length());
        int i = 0;
        while (i < s.length()) {
            int end;
            if (s.startsWith("//", i)) {
                end = endOf(s, "\n", i, false);
            } else if (s.startsWith("/*", i)) {
                end = endOf(s, "*/", i + 2, true);
            } else if (s.startsWith("\"\"\"", i)) {
                end = endOfQuoted(s, "\"\"\"", i + 3);
            } else if (s.charAt(i) == '"' || s.charAt(i) == '\'') {
                end = endOfQuoted(s, s.substring(i, i + 1), i + 1);
            } else {
                out.append(s.charAt(i++));
                continue;
            }
            for (; i < end; i++) {
                out.append(s.charAt(i) == '\n' ? '\n' : ' ');
            }
        }
        return out.toString();
    }

    private static int endOf(String s, String mark, int from, boolean inclusive) {
        int at = s.indexOf(mark, from);
        return at < 0 ? s.length() : inclusive ? at + mark.length() : at;
    }

    private static int endOfQuoted(String s, String quote, int from) {
        int i = from;
        while (i < s.length() && !s.startsWith(quote, i)) {
            i += s.charAt(i) == '\\' ? 2 : 1;
        }
        return Math.min(s.length(), i + quote.length());
    }
}
