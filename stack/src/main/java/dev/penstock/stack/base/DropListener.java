package dev.penstock.stack.base;

import org.agrona.DirectBuffer;

/** Told of each dropped frame while its bytes are still there, for captures. Called on the shard's thread. */
@FunctionalInterface
public interface DropListener {
    /**
     * A received frame was dropped.
     *
     * @param reason why
     * @param buffer holds the frame; valid during the call only
     * @param offset where the link-layer frame begins in {@code buffer}
     * @param length of the frame in bytes
     */
    void onDrop(DropReason reason, DirectBuffer buffer, int offset, int length);
}
