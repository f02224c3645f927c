package dev.penstock.stack.device;

import dev.penstock.stack.buffer.Frame;

/** Takes the frames that a device received. */
@FunctionalInterface
public interface FrameHandler {
    /**
     * A link-layer frame came in, {@code frame.start() .. frame.end()}, without slices. It belongs to the device:
     * whoever needs its bytes after the call copies them. Must not throw on any contents.
     */
    void onFrame(Frame frame);
}
