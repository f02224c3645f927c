package dev.penstock.apps.cli;

/** Ends a command: one line for the user, {@code what: remedy}, and an exit code. */
final class CliException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    /** @param exitCode 1 failed, 2 wrong usage or no way to try */
    CliException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /** Wrong use of the options. */
    static CliException usage(String message) {
        return new CliException(Main.USAGE, message);
    }

    /** It was tried and failed. */
    static CliException failed(String message) {
        return new CliException(Main.FAILED, message);
    }

    int exitCode() {
        return exitCode;
    }
}
