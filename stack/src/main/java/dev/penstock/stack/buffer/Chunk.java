package dev.penstock.stack.buffer;

import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.concurrent.UnsafeBuffer;

/** A fixed piece of off-heap memory, {@link ChunkPool#CHUNK_SIZE} bytes, that byte queues are made of. */
public final class Chunk {
    private final UnsafeBuffer buffer;
    private final AtomicBoolean inUse = new AtomicBoolean();

    Chunk(UnsafeBuffer buffer) {
        this.buffer = buffer;
    }

    /** The memory: off-heap, so {@code addressOffset()} is a native address. */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    void take() {
        inUse.setPlain(true);
    }

    void giveBack() {
        if (!inUse.compareAndSet(true, false)) {
            throw new IllegalStateException("a chunk was released twice");
        }
    }
}
