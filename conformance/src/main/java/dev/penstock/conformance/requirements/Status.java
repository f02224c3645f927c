package dev.penstock.conformance.requirements;

/** How a row stands. All but the first and the last are reasons, and are the word that a reason begins with. */
enum Status {
    HELD("held", "a test fails when the stack does not do it"),
    NOT_DONE("not done", "the stack does not do it"),
    NOT_CHOSEN("not chosen", "the RFC leaves the choice, and we chose otherwise"),
    NOT_APPLICABLE("not applicable", "asks for something that this stack, or any stack, does not have"),
    NOT_TESTED("not tested", "the stack does it, but no test could see it broken"),
    OPEN("open", "neither test nor reason");

    private final String text;
    private final String meaning;

    Status(String text, String meaning) {
        this.text = text;
        this.meaning = meaning;
    }

    String text() {
        return text;
    }

    String meaning() {
        return meaning;
    }

    /** That of a reason such as {@code not done: there is no call for it}, or null when it begins with none of the words. */
    static Status ofReason(String reason) {
        for (Status status : values()) {
            boolean word = status != HELD && status != OPEN;
            if (word && reason.startsWith(status.text + ": ") && reason.length() > status.text.length() + 2) {
                return status;
            }
        }
        return null;
    }
}
