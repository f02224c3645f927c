package dev.penstock.stack.neighbor;

/**
 * Times and limits of a {@link NeighborCache}; the names and defaults of the times are those of RFC 4861, section 10.
 *
 * @param maxEntries the most neighbours, each negative entry included
 * @param maxWaiters the most that wait for one neighbour
 * @param retransTimerNs between two solicitations
 * @param maxMulticastSolicits solicitations to all before a neighbour is given up
 * @param maxUnicastSolicits solicitations to the known address before it is given up
 * @param maxUnreachableSolicits solicitations to all, each after three times as long as the one before, to a neighbour that
 *     does not answer those to its known address (RFC 7048); then it is given up. 0 for RFC 4861's behaviour
 * @param delayFirstProbeNs how long the upper layers have to confirm a stale address
 * @param baseReachableNs the mean of the time for which a confirmation holds
 * @param failedNs how long a neighbour that did not answer is not asked for again
 */
public record NeighborConfig(
        int maxEntries,
        int maxWaiters,
        long retransTimerNs,
        int maxMulticastSolicits,
        int maxUnicastSolicits,
        int maxUnreachableSolicits,
        long delayFirstProbeNs,
        long baseReachableNs,
        long failedNs) {
    private static final long SECOND = 1_000_000_000L;

    /** RFC 7048, section 4: MAX_RETRANS_TIMER. */
    static final long MAX_RETRANS_NS = 60 * SECOND;
    /** RFC 7048, section 4: BACKOFF_MULTIPLE. */
    static final int BACKOFF_MULTIPLE = 3;

    /** Checks the ranges. */
    public NeighborConfig {
        if (maxEntries < 1 || maxEntries > 1 << 20 || maxWaiters < 1) {
            throw new IllegalArgumentException("maxEntries " + maxEntries + ", maxWaiters " + maxWaiters);
        }
        if (retransTimerNs < 1 || delayFirstProbeNs < 1 || baseReachableNs < 2 || failedNs < 1) {
            throw new IllegalArgumentException("times must be positive");
        }
        if (maxMulticastSolicits < 1 || maxUnicastSolicits < 1) {
            throw new IllegalArgumentException("at least one solicitation is needed");
        }
        if (maxUnreachableSolicits < 0) {
            throw new IllegalArgumentException("maxUnreachableSolicits " + maxUnreachableSolicits);
        }
    }

    /** 1,024 neighbours, RFC 4861's times, negative entries of 3 s. */
    public static NeighborConfig defaults() {
        return new NeighborConfig(1024, 4096, SECOND, 3, 3, 4, 5 * SECOND, 30 * SECOND, 3 * SECOND);
    }
}
