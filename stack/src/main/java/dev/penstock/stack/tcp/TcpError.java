package dev.penstock.stack.tcp;

/** Why a connection ended other than in order; facades turn it into the exceptions of {@code java.net}. */
public enum TcpError {
    /** The peer refused: a reset in answer to our SYN. */
    CONNECTION_REFUSED("Connection refused"),
    /** The peer reset an established connection. */
    CONNECTION_RESET("Connection reset"),
    /** No answer within R2 or the user timeout (RFC 9293, section 3.8.3; RFC 5482). */
    TIMED_OUT("Connection timed out"),
    /** Nobody answered ARP or neighbour discovery, or a router said that the host cannot be reached. */
    HOST_UNREACHABLE("No route to host"),
    /** There is no route, or a router said so. */
    NET_UNREACHABLE("Network is unreachable"),
    /** The local application aborted the connection. */
    ABORTED("Connection aborted"),
    /** A limit of this stack was reached; the counters tell which. */
    NO_RESOURCES("No buffer space available"),
    /** The local address and port are in use. */
    ADDRESS_IN_USE("Address already in use"),
    /** The local address is not one of this stack's. */
    ADDRESS_NOT_AVAILABLE("Cannot assign requested address");

    static final TcpError[] ALL = values();

    private final String text;

    TcpError(String text) {
        this.text = text;
    }

    /** The words that users of sockets know. */
    public String text() {
        return text;
    }
}
