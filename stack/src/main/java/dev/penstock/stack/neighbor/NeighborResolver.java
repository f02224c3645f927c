package dev.penstock.stack.neighbor;

/** Asks for link addresses on one interface: ARP, or neighbour discovery. Shard thread. */
public interface NeighborResolver {
    /**
     * Asks who has an address. The solicitation goes out at the next flush.
     *
     * @param unicastMac the neighbour's presumed link address, to ask it alone; {@code MacAddress.NONE} to ask all
     */
    void solicit(long hi, long lo, long unicastMac, long nowNs);

    /**
     * False while there is nothing to ask with that may be used for it, but soon will be. What is to be asked waits, and
     * is not counted as asked; {@link NeighborCache#onSourceReady} ends the wait at once.
     */
    default boolean canSolicit(long hi, long lo) {
        return true;
    }

    /** Between two solicitations, nanoseconds; routers may say otherwise than {@code config} (RFC 4861, 6.3.4). */
    default long retransTimerNs(NeighborConfig config) {
        return config.retransTimerNs();
    }

    /** The mean of the time for which a confirmation holds, nanoseconds; see {@link #retransTimerNs}. */
    default long baseReachableNs(NeighborConfig config) {
        return config.baseReachableNs();
    }

    /** True when a neighbour that ceases to answer is kept and asked more patiently (RFC 7048), false for RFC 4861. */
    default boolean isPatient() {
        return false;
    }
}
