package dev.penstock.conformance.requirements;

/** How strongly a requirement is meant: RFC 2119, section 1 to 5. The order is that of the report. */
enum Level {
    MUST("MUST"),
    MUST_NOT("MUST NOT"),
    SHOULD("SHOULD"),
    SHOULD_NOT("SHOULD NOT"),
    RECOMMENDED("RECOMMENDED"),
    MAY("MAY");

    private final String text;

    Level(String text) {
        this.text = text;
    }

    /** As the RFCs and the files write it. */
    String text() {
        return text;
    }

    /** The level written so, or null. */
    static Level of(String text) {
        for (Level level : values()) {
            if (level.text.equals(text)) {
                return level;
            }
        }
        return null;
    }
}
