package dev.penstock.conformance.packetdrill.code;

/** What Python would raise an exception for: the script fails with it. */
final class Trouble extends Exception {
    private static final long serialVersionUID = 1L;

    private final int line;

    Trouble(int line, String message) {
        super(message);
        this.line = line;
    }

    int line() {
        return line;
    }
}
