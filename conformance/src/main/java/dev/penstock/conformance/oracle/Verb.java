package dev.penstock.conformance.oracle;

/** What an application may do; the amount of an {@link Action} says how much. */
enum Verb {
    /** Begins to listen; the amount is the backlog. */
    LISTEN,
    /** Connects to the other side, whether it listens or not. */
    CONNECT,
    /** One more connection to the other side, kept open beside the first. */
    CONNECT_ANOTHER,
    /** Takes the connection that waits. */
    ACCEPT,
    /** Listens no more; connections that wait are gone. */
    STOP_LISTENING,
    /** So many bytes. */
    WRITE,
    /** So many bytes, or what there is. */
    READ,
    /** One byte of urgent data. */
    URGENT,
    NO_DELAY,
    KEEP_ALIVE,
    /** TCP_USER_TIMEOUT, milliseconds. */
    USER_TIMEOUT,
    RECEIVE_BUFFER,
    SEND_BUFFER,
    /** SO_LINGER with so many seconds; 0 resets at the close. */
    LINGER,
    SHUTDOWN_OUTPUT,
    SHUTDOWN_INPUT,
    CLOSE,
    /** Closes with SO_LINGER 0. */
    ABORT,
    /** The network goes on carrying ARP, and nothing else. */
    CUT,
    /** So many milliseconds pass. */
    WAIT,
    /** A thread writes so many bytes, more than fit, until it is done or fails. */
    WRITE_MUCH,
    /** Reads until the end, or an error. */
    READ_ALL
}
