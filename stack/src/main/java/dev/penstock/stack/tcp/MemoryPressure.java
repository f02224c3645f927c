package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.ChunkPool;

/**
 * What is refused when the memory of the sockets becomes scarce, so that a few who hold much, or many who hold a little
 * for ever, do not starve the others. Below the pressure mark nothing; from there on each connection's share is
 * limited to a floor: send queues take no more than it, windows offer no more, data out of order is kept only if it lies as near; above the
 * high mark nothing out of order is kept, no new connection is accepted, orphans are aborted, and so are connections
 * whose peers have taken nothing of what is queued for them for some seconds (RFC 6429, section 3: an application or an
 * operating system may end connections in the persist condition when resources are scarce).
 */
final class MemoryPressure {
    private final TcpConfig config;
    private final ChunkPool chunks;
    private final Counters counters;
    private static final long SWEEP_NS = 100_000_000;

    private boolean wasScarce;
    private boolean swept;
    private long sweptNs;

    MemoryPressure(TcpConfig config, ChunkPool chunks, Counters counters) {
        this.config = config;
        this.chunks = chunks;
        this.counters = counters;
        chunks.setScarcity(config.memoryLowPercent, config.memoryPressurePercent);
    }

    /** Once in each flush: counts how often memory became scarce. */
    void watch() {
        boolean scarce = chunks.isScarce();
        if (scarce && !wasScarce) {
            counters.count(StackCounter.TCP_MEMORY_PRESSURES);
        }
        wasScarce = scarce;
    }

    /** Once in each flush: above the high mark, and ten times a second at most, ends what is stalled until there is room. */
    void reclaim(ConnectionTable<ConnectionHandle> table, long nowNs) {
        if (!isHigh() || swept && nowNs - sweptNs < SWEEP_NS) {
            return;
        }
        swept = true;
        sweptNs = nowNs;
        table.forEach(h -> {
            // Who is folded holds nothing.
            Connection c = h.parts;
            if (c != null
                    && isHigh()
                    && c.sendQueue().size() > 0
                    && c.chronograph.stalledNs(nowNs) >= config.memoryStallNs) {
                counters.count(StackCounter.TCP_STALLED_ABORTED);
                c.abort(TcpError.NO_RESOURCES, nowNs);
            }
        });
    }

    /** Almost everything is in use: whoever has nothing yet gets nothing. */
    boolean isHigh() {
        return (long) chunks.outstanding() * 100 >= (long) chunks.maxChunks() * config.memoryHighPercent;
    }

    /**
     * Is data out of order refused? It was not acknowledged, selectively or otherwise, so this is no reneging.
     *
     * @param reach how far beyond RCV.NXT it ends, bytes
     */
    boolean refusesOutOfOrder(int reach) {
        return reach > ChunkPool.FAIR_SHARE && chunks.isScarce() || isHigh();
    }
}
