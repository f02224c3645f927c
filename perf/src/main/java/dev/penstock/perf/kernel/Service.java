package dev.penstock.perf.kernel;

/** What the serving end of a measurement does with a connection; the names are those of RFC 863, RFC 864 and RFC 862. */
public enum Service {
    /** Takes all that comes. */
    DISCARD,
    /** Sends without end. */
    CHARGEN,
    /** Sends back what comes. */
    ECHO
}
