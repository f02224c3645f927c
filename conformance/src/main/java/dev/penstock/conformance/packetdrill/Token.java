package dev.penstock.conformance.packetdrill;

/**
 * A word of a script.
 *
 * @param text as written; without the quotes of a {@link Kind#STRING}, {@link Kind#COMMAND} and {@link Kind#CODE}, without
 *     the dashes of an {@link Kind#OPTION}
 * @param line where it begins, from 1
 * @param start its first character in the file
 * @param end behind its last character
 */
record Token(Kind kind, String text, int line, int start, int end) {
    enum Kind {
        /** Letters, digits and underscores, not a number. */
        WORD("a word"),
        /** Decimal digits, no sign. */
        INTEGER("a number"),
        /** {@code 0x} and hexadecimal digits. */
        HEX("a number"),
        /** Digits, a point, digits; nothing need stand before the point. */
        FLOAT("a number with a point"),
        STRING("a text in quotes"),
        /** {@code 'a'}. */
        CHARACTER("a character in quotes"),
        COMMAND("a command in backticks"),
        CODE("a code block"),
        /** {@code ...}. */
        ELLIPSIS("'...'"),
        /** {@code --name}. */
        OPTION("an option line"),
        /** Any other character, alone. */
        SYMBOL("a sign"),
        /** There is no more. */
        END("the end of the file");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    boolean is(char symbol) {
        return kind == Kind.SYMBOL && text.charAt(0) == symbol;
    }

    boolean is(String word) {
        return kind == Kind.WORD && text.equals(word);
    }

    boolean isInteger() {
        return kind == Kind.INTEGER || kind == Kind.HEX;
    }

    /** For "found ...". */
    String found() {
        return switch (kind) {
            case END -> kind.words();
            case COMMAND, CODE -> kind.words();
            case STRING, CHARACTER -> kind.words() + " (" + shortened() + ")";
            case OPTION -> "'--" + shortened() + "'";
            default -> "'" + shortened() + "'";
        };
    }

    private String shortened() {
        String visible = text.replaceAll("[^\\x20-\\x7e]", "?");
        return visible.length() <= 40 ? visible : visible.substring(0, 37) + "...";
    }
}
