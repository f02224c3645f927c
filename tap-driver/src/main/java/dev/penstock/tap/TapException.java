package dev.penstock.tap;

import java.io.IOException;

/**
 * A TAP device, an address on it or a network namespace could not be had. The message is one line that names the input
 * and the remedy, fit for a command line as it is.
 */
public final class TapException extends IOException {
    private static final long serialVersionUID = 1;

    private final int errno;

    TapException(String message) {
        super(message);
        this.errno = 0;
    }

    TapException(String message, Throwable cause) {
        super(message, cause);
        this.errno = 0;
    }

    TapException(String message, int errno) {
        super(message);
        this.errno = errno;
    }

    /** The errno of the call that failed, positive, or 0 if none did. */
    public int errno() {
        return errno;
    }
}
