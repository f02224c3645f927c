package dev.penstock.conformance.oracle;

/** The two ends of a scenario. */
enum Side {
    /** The one that is compared: Penstock in one run, Linux in the other. */
    SUBJECT,
    /** Linux, always. */
    PEER;

    Side other() {
        return this == SUBJECT ? PEER : SUBJECT;
    }
}
