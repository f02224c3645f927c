package dev.penstock.conformance.packetdrill;

/** Escapes in texts, as C has them. */
final class Escapes {
    private static final String LETTERS = "abfnrtv";
    private static final String MEANING = "\u0007\b\f\n\r\t\u000b";

    private Escapes() {}

    @SuppressWarnings("IncrementInForLoopAndHeader") // an escape is several characters
    static String resolve(String text, int line) throws ScriptException {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            i++;
            if (i == text.length()) {
                throw new ScriptException(line, "a text ends with a backslash");
            }
            char e = text.charAt(i);
            if (e == 'x') {
                int digits = digits(text, i + 1, 16, 2);
                if (digits == 0) {
                    throw new ScriptException(line, "found '\\x', expected two hexadecimal digits after it");
                }
                out.append((char) Integer.parseInt(text.substring(i + 1, i + 1 + digits), 16));
                i += digits;
            } else if (Character.digit(e, 8) >= 0) {
                int digits = digits(text, i, 8, 3);
                out.append((char) (Integer.parseInt(text.substring(i, i + digits), 8) & 0xff));
                i += digits - 1;
            } else {
                int letter = LETTERS.indexOf(e);
                out.append(letter < 0 ? e : MEANING.charAt(letter));
            }
        }
        return out.toString();
    }

    private static int digits(String text, int from, int radix, int most) {
        int n = 0;
        while (n < most && from + n < text.length() && text.charAt(from + n) < 0x80) {
            if (Character.digit(text.charAt(from + n), radix) < 0) {
                break;
            }
            n++;
        }
        return n;
    }

    /** The other way round: printable ASCII stays, the rest becomes {@code \xHH}. */
    static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length() + 8);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c >= 0x20 && c < 0x7f) {
                out.append(c);
            } else {
                out.append(String.format("\\x%02x", c & 0xff));
            }
        }
        return out.toString();
    }
}
