package dev.penstock.stack.socket;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.tcp.Tcp;
import dev.penstock.stack.timer.DeadlineQueue;

/**
 * What code that runs on the shard's own thread can use: the protocols without any hop between threads. Handed to
 * {@link Command}s; shard thread only, and no method of it blocks.
 */
public interface ShardContext {
    /** TCP. An exception out of a handler aborts the handler's connection and nothing else. */
    Tcp tcp();

    /** The deadlines of this shard, for the application's own. */
    DeadlineQueue deadlines();

    /** The counters of this shard. */
    Counters counters();

    /** The memory of the socket buffers. */
    ChunkPool chunks();

    /** The sockets of other threads that are open. */
    OpenSockets sockets();

    /** The shard's clock as it was read for this duty cycle, nanoseconds from an arbitrary origin. */
    long nowNs();
}
