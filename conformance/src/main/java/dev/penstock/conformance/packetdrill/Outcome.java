package dev.penstock.conformance.packetdrill;

/**
 * How a script ended.
 *
 * @param line the script's line that failed or asked for too much, from 1; 0 when it is about the whole file
 * @param message what went wrong, or why it was skipped, in one line; empty for {@link Status#PASS}
 * @param expected what the script demands there; null when the message says all
 * @param actual what happened instead; null when the message says all
 */
record Outcome(Status status, int line, String message, String expected, String actual) {
    /** In one word. A skipped script has not passed. */
    enum Status {
        PASS,
        FAIL,
        SKIP
    }

    static Outcome pass() {
        return new Outcome(Status.PASS, 0, "", null, null);
    }

    static Outcome fail(int line, String message, String expected, String actual) {
        return new Outcome(Status.FAIL, line, message, expected, actual);
    }

    static Outcome skip(int line, String reason) {
        return new Outcome(Status.SKIP, line, reason, null, null);
    }
}
