package dev.penstock.conformance.packetdrill;

/** A script is not one: names the line and what is wrong with it. */
public final class ScriptException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int line;

    /**
     * @param line from 1, 0 when it is about the whole file
     * @param message what is wrong and what would be right
     */
    public ScriptException(int line, String message) {
        super(message);
        this.line = line;
    }

    public int line() {
        return line;
    }
}
