package dev.penstock.stack.sim;

/** Why a {@link SimulatedRouter} did not forward a packet. */
public enum RouterDrop {
    /** Its header is broken, or its checksum wrong. */
    MALFORMED,
    /** Multicast, broadcast, link-local or loopback: not forwarded by any router. */
    NOT_FORWARDABLE,
    /** Its TTL, or hop limit, was used up. */
    TTL_EXCEEDED,
    /** No route leads there. */
    NO_ROUTE,
    /** It is longer than the next link's MTU and must not be fragmented. */
    TOO_BIG,
    /** The next hop does not answer ARP or neighbour solicitations. */
    UNREACHABLE,
    /** Too many packets wait for the next hop's address, or too many neighbours are known. */
    QUEUE_FULL
}
