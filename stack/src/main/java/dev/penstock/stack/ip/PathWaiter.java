package dev.penstock.stack.ip;

/** A connection or socket that could not send for lack of a link address, and waits for it. Shard thread. */
public interface PathWaiter {
    /**
     * The neighbour was resolved, or resolution failed.
     *
     * @param reachable true: send again; false: the next hop does not answer
     */
    void onPathReady(boolean reachable, long nowNs);
}
