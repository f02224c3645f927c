package dev.penstock.stack.link;

import dev.penstock.stack.buffer.Frame;

/** Sees the frames of a port, see {@link EthernetPort#openTap}. Shard thread; must not throw. */
@FunctionalInterface
public interface FrameTap {
    /**
     * A frame came in, or the device took it. What the stack does with it, it does nevertheless.
     *
     * @param frame to be read only, and during the call only, without a copy: from the link header on, {@link Frame#copyTo} gathers
     *     it. What goes out may be a super-segment, and lack its checksum, where the device is to do that
     * @param outgoing it was sent by us
     * @param nowNs of this duty cycle
     */
    void onFrame(Frame frame, boolean outgoing, long nowNs);
}
