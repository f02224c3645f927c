package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.ChunkPool;

/**
 * What is refused when the memory of the sockets becomes scarce, so that a few who hold much, or many who hold a little
 * for ever, do not starve the others. Below the pressure mark nothing; from there on each connection's share is
 * limited to a floor: send queues take no more than it, data out of order is kept only if it lies as near; above the
 * high mark nothing out of order is kept, no new connection is accepted, and orphans are aborted.
 */
final class MemoryPressure {
    private final TcpConfig config;
    private final ChunkPool chunks;
    private final Counters counters;
    private boolean wasScarce;

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
