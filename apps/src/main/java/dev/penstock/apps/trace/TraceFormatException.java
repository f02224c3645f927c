package dev.penstock.apps.trace;

import java.io.IOException;

/** A file is no trace, or a damaged one; the message tells the line. */
public final class TraceFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    TraceFormatException(long line, String what) {
        super("line " + line + ": " + what);
    }
}
