package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.Token.Kind;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/** The words of a script, one ahead; names given by {@code --define} are replaced. */
final class Tokens {
    private static final int MAX_DEFINES = 256;
    private static final int MAX_DIGITS = 40;
    private static final BigInteger UNSIGNED_LIMIT = BigInteger.ONE.shiftLeft(64);

    private final Lexer lexer;
    private final Profile profile;
    private final ArrayDeque<Token> pending = new ArrayDeque<>();
    private final Map<String, String> defines = new HashMap<>();
    private int lastEnd;
    private int lastLine = 1;

    Tokens(String text, Profile profile) throws ScriptException {
        this.lexer = new Lexer(text, profile);
        this.profile = profile;
    }

    Token peek() throws ScriptException {
        if (pending.isEmpty()) {
            Token t = lexer.next();
            String value = t.kind() == Kind.WORD ? defines.get(t.text()) : null;
            if (value == null) {
                pending.add(t);
            } else {
                replace(t, value);
            }
        }
        return pending.peek();
    }

    private void replace(Token word, String value) throws ScriptException {
        Lexer inner = new Lexer(value, profile, word.line());
        Token t = inner.next();
        while (t.kind() != Kind.END) {
            pending.add(new Token(t.kind(), t.text(), word.line(), word.start(), word.end()));
            t = inner.next();
        }
        if (pending.isEmpty()) {
            throw new ScriptException(word.line(), "'" + word.text() + "' is defined as nothing");
        }
    }

    Token take() throws ScriptException {
        Token t = peek();
        pending.remove();
        lastEnd = t.end();
        lastLine = t.line();
        return t;
    }

    /** Behind the last word that was taken. */
    int lastEnd() {
        return lastEnd;
    }

    int lastLine() {
        return lastLine;
    }

    /** The value of the option line whose name was taken last; see {@link Lexer#optionValue}. */
    String optionValue() throws ScriptException {
        return lexer.optionValue();
    }

    /** Passes over a note in parentheses, whose opening one comes next. */
    void skipNote() throws ScriptException {
        Token open = take();
        lexer.skipNote(open.line());
        lastEnd = lexer.position();
    }

    /** {@code SYMBOL=value}, from {@code --define}. */
    void define(String assignment, int line) throws ScriptException {
        int equals = assignment == null ? -1 : assignment.indexOf('=');
        if (equals < 1) {
            throw new ScriptException(line, "expected --define=NAME=VALUE");
        }
        if (defines.size() == MAX_DEFINES) {
            throw new ScriptException(line, "more than " + MAX_DEFINES + " names are defined");
        }
        defines.put(assignment.substring(0, equals), assignment.substring(equals + 1));
    }

    boolean at(char symbol) throws ScriptException {
        return peek().is(symbol);
    }

    boolean at(String word) throws ScriptException {
        return peek().is(word);
    }

    boolean at(Kind kind) throws ScriptException {
        return peek().kind() == kind;
    }

    boolean takeIf(char symbol) throws ScriptException {
        if (at(symbol)) {
            take();
            return true;
        }
        return false;
    }

    boolean takeIf(String word) throws ScriptException {
        if (at(word)) {
            take();
            return true;
        }
        return false;
    }

    Token expect(char symbol, String where) throws ScriptException {
        if (!at(symbol)) {
            throw unexpected("'" + symbol + "' " + where);
        }
        return take();
    }

    Token expect(Kind kind, String what) throws ScriptException {
        if (!at(kind)) {
            throw unexpected(what);
        }
        return take();
    }

    ScriptException unexpected(String expected) throws ScriptException {
        Token t = peek();
        return new ScriptException(t.line(), "found " + t.found() + ", expected " + expected);
    }

    /** A number without sign, decimal or hexadecimal, from 0 to {@code max}. */
    long number(String what, long max) throws ScriptException {
        if (!peek().isInteger()) {
            throw unexpected(what + ", a number");
        }
        Token t = take();
        BigInteger value = value(t);
        if (value.compareTo(BigInteger.valueOf(max)) > 0) {
            throw new ScriptException(t.line(), what + " is " + t.text() + ", expected 0 to " + max);
        }
        return value.longValue();
    }

    /** Any number of 64 bits; those above 2^63 - 1 become negative. */
    static long anyNumber(Token t) throws ScriptException {
        BigInteger value = value(t);
        if (value.compareTo(UNSIGNED_LIMIT) >= 0) {
            throw new ScriptException(t.line(), "the number " + t.text() + " does not fit into 64 bits");
        }
        return value.longValue();
    }

    private static BigInteger value(Token t) throws ScriptException {
        if (t.text().length() > MAX_DIGITS) {
            throw new ScriptException(t.line(), "a number of " + t.text().length() + " digits");
        }
        return t.kind() == Kind.HEX ? new BigInteger(t.text().substring(2), 16) : new BigInteger(t.text());
    }
}
