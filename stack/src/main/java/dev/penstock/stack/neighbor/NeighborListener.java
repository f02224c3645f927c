package dev.penstock.stack.neighbor;

/** Is told when a neighbour ceases to answer, and when it answers again. Shard thread. */
public interface NeighborListener {
    /** {@code reachable}: it answered, for the first time or after it had not; otherwise it did not. Must not emit. */
    void onReachability(Neighbor neighbor, boolean reachable, long nowNs);
}
