package dev.penstock.conformance.packetdrill;

/**
 * The script asks for something that this interpreter, or the stack, does not have: an option, a command, a system call, a
 * protocol. The script is skipped, with the message as its reason; a skipped script has not passed.
 */
public final class SkipException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int line;

    /** @param line from 1, 0 when it is about the whole file */
    public SkipException(int line, String reason) {
        super(reason);
        this.line = line;
    }

    public int line() {
        return line;
    }
}
