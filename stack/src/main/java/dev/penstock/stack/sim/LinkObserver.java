package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;

/** Sees what happens in one direction of a link, or in all of a network. Called in virtual time, on its thread. */
@FunctionalInterface
public interface LinkObserver {
    /**
     * Something happened to a frame.
     *
     * @param event what
     * @param side the direction of the link in which it happened
     * @param frame a link-layer frame; valid during the call, not to be changed. TCP and UDP checksums that are left to
     *     the receiver's device are not in it yet, if {@code frame.tx().checksumNeeded || frame.rx().partial}
     * @param nowNs the network's time
     */
    void onEvent(LinkEvent event, LinkSide side, Frame frame, long nowNs);
}
