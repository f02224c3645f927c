package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.Token.Kind;
import java.util.Locale;

/**
 * Cuts a script into words. Blanks, line ends and comments ({@code //}, {@code /* ... *}{@code /}, and {@code #} at the
 * beginning of a line) part them and mean nothing else. What stands between {@code #ifdef NAME} and {@code #endif} counts
 * only if NAME is the system that the profile stands for, as the BSD dialect has it.
 */
final class Lexer {
    /** A longer script is refused, characters. */
    static final int MAX_LENGTH = 1 << 20;

    private static final int MAX_CONDITIONS = 16;

    private final String text;
    private final String system;
    private int at;
    private int line = 1;
    private int conditions;

    Lexer(String text, Profile profile) throws ScriptException {
        this(text, profile, 1);
    }

    /** @param line where the text begins */
    Lexer(String text, Profile profile, int line) throws ScriptException {
        if (text.length() > MAX_LENGTH) {
            throw new ScriptException(0, "the script is " + text.length() + " bytes long, " + MAX_LENGTH + " at most");
        }
        this.text = text;
        this.system = profile == Profile.LINUX ? "linux" : "freebsd";
        this.line = line;
    }

    /** Where the next word will be looked for. */
    int position() {
        return at;
    }

    Token next() throws ScriptException {
        skipBlanks();
        if (at >= text.length()) {
            return new Token(Kind.END, "", line, at, at);
        }
        char c = text.charAt(at);
        if (isWord(c)) {
            return wordOrNumber();
        }
        switch (c) {
            case '.':
                if (text.startsWith("...", at)) {
                    return token(Kind.ELLIPSIS, at, at + 3, at + 3);
                }
                if (isDigit(peek(1))) {
                    return token(Kind.FLOAT, at, digitsEnd(at + 1), digitsEnd(at + 1));
                }
                break;
            case '"':
                return quoted(Kind.STRING, '"');
            case '\'':
                return quoted(Kind.CHARACTER, '\'');
            case '`':
                return quoted(Kind.COMMAND, '`');
            case '%':
                if (peek(1) == '{') {
                    return code();
                }
                break;
            case '-':
                if (peek(1) == '-' && isLetter(peek(2))) {
                    int end = wordEnd(at + 2);
                    return token(Kind.OPTION, at + 2, end, end);
                }
                break;
            default:
                break;
        }
        return token(Kind.SYMBOL, at, at + 1, at + 1);
    }

    /**
     * The value of the option line whose name was read last: what follows a '=' up to the next blank outside of quotes.
     * Null when there is no '='.
     */
    String optionValue() throws ScriptException {
        int from = at;
        while (from < text.length() && (text.charAt(from) == ' ' || text.charAt(from) == '\t')) {
            from++;
        }
        if (from >= text.length() || text.charAt(from) != '=') {
            return null;
        }
        at = from + 1;
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        int start = at;
        while (at < text.length() && !isBlank(text.charAt(at))) {
            char c = text.charAt(at);
            if (c == '"' || c == '`') {
                int end = quoteEnd(c);
                advance(end + 1);
            } else {
                at++;
            }
        }
        return text.substring(start, at);
    }

    /** Passes over everything up to a closing parenthesis on this line, and over it. */
    void skipNote(int noteLine) throws ScriptException {
        int close = text.indexOf(')', at);
        int end = text.indexOf('\n', at);
        if (close < 0 || end >= 0 && end < close) {
            throw new ScriptException(noteLine, "the note after the error's name has no ')' on its line");
        }
        at = close + 1;
    }

    private Token token(Kind kind, int from, int to, int end) {
        Token t = new Token(kind, text.substring(from, to), line, at, end);
        advance(end);
        return t;
    }

    private Token wordOrNumber() {
        int end = wordEnd(at);
        String word = text.substring(at, end);
        if (word.startsWith("0x") && word.length() > 2 && isHexadecimal(word, 2)) {
            return token(Kind.HEX, at, end, end);
        }
        if (digitsEnd(at) == end) {
            if (end + 1 < text.length() && text.charAt(end) == '.' && isDigit(text.charAt(end + 1))) {
                int fraction = digitsEnd(end + 1);
                return token(Kind.FLOAT, at, fraction, fraction);
            }
            return token(Kind.INTEGER, at, end, end);
        }
        return token(Kind.WORD, at, end, end);
    }

    private Token quoted(Kind kind, char quote) throws ScriptException {
        int end = quoteEnd(quote);
        return token(kind, at + 1, end, end + 1);
    }

    /** Where the quote that opens here is closed; a backslash takes away the meaning of what follows. */
    private int quoteEnd(char quote) throws ScriptException {
        for (int i = at + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == quote) {
                return i;
            }
        }
        throw new ScriptException(line, "what begins with " + quote + " never ends: expected another " + quote);
    }

    private Token code() throws ScriptException {
        int end = text.indexOf("}%", at + 2);
        if (end < 0) {
            throw new ScriptException(line, "the code block never ends: expected '}%'");
        }
        return token(Kind.CODE, at + 2, end, end + 2);
    }

    private void skipBlanks() throws ScriptException {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (isBlank(c) || c == '\\' && isLineEnd(at + 1)) {
                advance(at + 1);
            } else if (text.startsWith("//", at)) {
                skipLine();
            } else if (text.startsWith("/*", at)) {
                int end = text.indexOf("*/", at + 2);
                if (end < 0) {
                    throw new ScriptException(line, "the comment never ends: expected '*/'");
                }
                advance(end + 2);
            } else if (c == '#' && atLineStart()) {
                directive();
            } else {
                return;
            }
        }
    }

    private void directive() throws ScriptException {
        int directiveLine = line;
        String[] words = restOfLine().substring(1).strip().split("\\s+", 3);
        skipLine();
        switch (words[0]) {
            case "ifdef", "ifndef" -> {
                if (words.length < 2) {
                    throw new ScriptException(directiveLine, "expected the name of a system after #" + words[0]);
                }
                if (++conditions > MAX_CONDITIONS) {
                    throw new ScriptException(directiveLine, "#ifdef within #ifdef, more than " + MAX_CONDITIONS);
                }
                boolean defined = words[1].toLowerCase(Locale.ROOT).equals(system);
                if (defined != words[0].equals("ifdef")) {
                    skipCondition(directiveLine, true);
                }
            }
            case "else" -> {
                requireCondition(directiveLine, "#else");
                skipCondition(directiveLine, false);
            }
            case "endif" -> {
                requireCondition(directiveLine, "#endif");
                conditions--;
            }
            default -> {
                // A comment, and that is the end of it.
            }
        }
    }

    private void requireCondition(int directiveLine, String directive) throws ScriptException {
        if (conditions == 0) {
            throw new ScriptException(directiveLine, directive + " without #ifdef");
        }
    }

    /** Passes over lines up to the {@code #endif}, or, where wanted, the {@code #else}, that belongs to this condition. */
    private void skipCondition(int from, boolean stopAtElse) throws ScriptException {
        int depth = 0;
        while (at < text.length()) {
            String rest = restOfLine().strip();
            skipLine();
            if (rest.startsWith("#ifdef") || rest.startsWith("#ifndef")) {
                depth++;
            } else if (rest.startsWith("#endif") && depth-- == 0) {
                conditions--;
                return;
            } else if (rest.startsWith("#else") && depth == 0 && stopAtElse) {
                return;
            }
        }
        throw new ScriptException(from, "#ifdef without #endif");
    }

    private String restOfLine() {
        int end = text.indexOf('\n', at);
        return text.substring(at, end < 0 ? text.length() : end);
    }

    private void skipLine() {
        int end = text.indexOf('\n', at);
        advance(end < 0 ? text.length() : end + 1);
    }

    private boolean atLineStart() {
        int i = at - 1;
        while (i >= 0 && (text.charAt(i) == ' ' || text.charAt(i) == '\t')) {
            i--;
        }
        return i < 0 || text.charAt(i) == '\n';
    }

    private boolean isLineEnd(int i) {
        return i < text.length() && (text.charAt(i) == '\n' || text.charAt(i) == '\r');
    }

    private void advance(int to) {
        for (int i = at; i < to; i++) {
            if (text.charAt(i) == '\n') {
                line++;
            }
        }
        at = to;
    }

    private char peek(int ahead) {
        return at + ahead < text.length() ? text.charAt(at + ahead) : 0;
    }

    private int wordEnd(int from) {
        int i = from;
        while (i < text.length() && isWord(text.charAt(i))) {
            i++;
        }
        return i;
    }

    private int digitsEnd(int from) {
        int i = from;
        while (i < text.length() && isDigit(text.charAt(i))) {
            i++;
        }
        return i;
    }

    static boolean isHexadecimal(String s, int from) {
        for (int i = from; i < s.length(); i++) {
            if (Character.digit(s.charAt(i), 16) < 0 || s.charAt(i) > 'f') {
                return false;
            }
        }
        return true;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
    }

    private static boolean isWord(char c) {
        return isLetter(c) || isDigit(c);
    }
}
