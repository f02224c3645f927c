package dev.penstock.stack.socket;

/** What a socket is ready for: bits that add up. */
public final class Readiness {
    /** The handshake is complete. */
    public static final int CONNECTED = 1;
    /** Bytes or a datagram can be read, or the end of the input can be. */
    public static final int READABLE = 1 << 1;
    /** There is room to write. */
    public static final int WRITABLE = 1 << 2;
    /** A connection can be accepted. */
    public static final int ACCEPTABLE = 1 << 3;
    /** The socket is bound, or failed to bind. */
    public static final int BOUND = 1 << 4;
    /** The socket is over: nothing more will come. */
    public static final int OVER = 1 << 5;
    /** The peer has sent urgent data: {@link StreamSocket#urgentRemaining}. */
    public static final int URGENT = 1 << 6;

    private Readiness() {}
}
