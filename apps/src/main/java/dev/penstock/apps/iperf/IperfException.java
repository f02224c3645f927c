package dev.penstock.apps.iperf;

import java.io.IOException;

/** A test that could not be carried out: the message names the reason and, where there is one, the remedy. */
public final class IperfException extends IOException {
    private static final long serialVersionUID = 1L;

    IperfException(String message) {
        super(message);
    }
}
