package dev.penstock.stack.neighbor;

/** Waits for a neighbour to be resolved. Shard thread. */
public interface NeighborWaiter {
    /** The neighbour's link address is known ({@code reachable}), or it was given up. Called once; must not emit. */
    void onNeighborReady(boolean reachable, long nowNs);
}
