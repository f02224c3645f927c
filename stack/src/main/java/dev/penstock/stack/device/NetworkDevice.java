package dev.penstock.stack.device;

import dev.penstock.stack.buffer.Frame;

/**
 * Where Ethernet frames come from and go to. Never blocks. Used from the thread of one shard, {@link #close} included.
 *
 * <p>A device that a thread can sleep on is a {@link BlockingDevice}.
 */
public interface NetworkDevice extends AutoCloseable {

    /** What the device can do; constant for its life. */
    DeviceCapabilities capabilities();

    /** The MAC address that the stack shall use on it, in the low 48 bits; first byte on the wire highest. */
    long macAddress();

    /**
     * Hands the frames that have arrived to {@code handler}, at most {@code limit} of them.
     *
     * @return how many were handed over
     */
    int poll(FrameHandler handler, int limit);

    /**
     * Offers a frame to the wire. The device has copied or sent all it needs when this returns; the frame and its
     * slices stay the caller's, unchanged.
     *
     * @return how many packets on the wire were taken, from the front: 0 when the device is full (try again later); 1
     *     for a frame without segmentation; up to all of its pieces for one with {@code gsoType} set. The pieces not
     *     taken are the caller's to offer again.
     */
    int offer(Frame frame);

    /** True when frames can go in and out: the link is up and the device open. */
    boolean isUp();

    /** Frames lost or refused inside the device itself, receive and transmit, since it was opened. */
    default long errors() {
        return 0;
    }

    /**
     * How many packets can wait inside the device for {@link #poll}, before further ones are lost; constant for its life. 0 if that is
     * not known, or no limit in packets because the device joins segments.
     */
    default int receiveQueueLength() {
        return 0;
    }

    /** Gives the device back. Idempotent. */
    @Override
    void close();
}
