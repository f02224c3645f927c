package dev.penstock.stack.buffer;

import org.agrona.concurrent.UnsafeBuffer;

/** A fixed piece of off-heap memory, {@link ChunkPool#CHUNK_SIZE} bytes, that byte queues are made of. */
public final class Chunk {
    private final UnsafeBuffer buffer;

    Chunk(UnsafeBuffer buffer) {
        this.buffer = buffer;
    }

    /** The memory: off-heap, so {@code addressOffset()} is a native address. */
    public UnsafeBuffer buffer() {
        return buffer;
    }
}
