package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;

/**
 * Sees what one direction of a {@link SimulatedLink} carries, ARP excepted. The frames are the link's: nothing may be
 * changed, and they are valid during the call only.
 */
public interface LinkObserver {
    /** A frame was offered, and may yet be lost. */
    default void onOffered(Frame frame, long nowNs) {}

    /** A frame has arrived. */
    default void onDelivered(Frame frame, long nowNs) {}
}
