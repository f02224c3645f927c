package dev.penstock.stack.tcp;

/** Packetization layer path MTU discovery (RFC 4821): finding by probes what no ICMP message tells. */
public enum TcpMtuProbing {
    /** What ICMP messages tell is all that is known of the path (RFC 1191, RFC 8201). */
    OFF,
    /**
     * When full-sized segments time out repeatedly and nothing is acknowledged, segments become small, and probes look for the
     * size that gets through. Costs nothing on paths that are in order.
     */
    ON_BLACK_HOLE,
    /** Connections begin with small segments, and probe from there upward. */
    ALWAYS
}
