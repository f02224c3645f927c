package dev.penstock.conformance.packetdrill.code;

/**
 * A word of a code block.
 *
 * @param text as written; of a {@link Kind#TEXT} what it means
 * @param line of the script
 * @param start its first character in the block
 * @param end behind its last character
 */
record CodeToken(Kind kind, String text, int line, int start, int end) {
    enum Kind {
        NAME,
        INTEGER,
        FLOAT,
        TEXT,
        OPERATOR,
        NEWLINE,
        INDENT,
        DEDENT,
        END
    }

    boolean is(String word) {
        return (kind == Kind.OPERATOR || kind == Kind.NAME) && text.equals(word);
    }

    String found() {
        return switch (kind) {
            case NEWLINE, DEDENT -> "the end of the line";
            case END -> "the end of the block";
            case INDENT -> "an indented line";
            default -> "'" + (text.length() <= 40 ? text : text.substring(0, 37) + "...") + "'";
        };
    }
}
