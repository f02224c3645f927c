package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.device.NetworkDevice;
import java.util.ArrayDeque;

/** Where a host is plugged into the switch: what others send it waits here, bounded, until its shard polls. */
final class SwitchPort implements NetworkDevice {
    private final SimulatedNetwork network;
    private final long macAddress;
    private final DeviceCapabilities capabilities;
    private final FramePool pool;
    private final ArrayDeque<Frame> waiting = new ArrayDeque<>();
    private boolean open = true;
    private long dropped;

    SwitchPort(SimulatedNetwork network, long macAddress, int mtu, int queueFrames) {
        this.network = network;
        this.macAddress = macAddress;
        this.capabilities = DeviceCapabilities.plain(mtu);
        this.pool = new FramePool(Math.min(mtu + 22, Frame.MAX_LENGTH), queueFrames);
    }

    @Override
    public DeviceCapabilities capabilities() {
        return capabilities;
    }

    @Override
    public long macAddress() {
        return macAddress;
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        int n = 0;
        while (n < limit && !waiting.isEmpty()) {
            Frame frame = waiting.pollFirst();
            try {
                handler.onFrame(frame);
            } finally {
                frame.release();
            }
            n++;
        }
        return n;
    }

    @Override
    public int offer(Frame frame) {
        network.forward(this, frame);
        return 1;
    }

    /** The switch puts a copy of {@code frame} here, or drops it if it is too long or too many wait. */
    void deliver(Frame frame) {
        Frame copy = open && frame.length() <= pool.frameCapacity() ? pool.acquire() : null;
        if (copy == null) {
            dropped++;
            return;
        }
        frame.copyTo(copy.buffer(), copy.append(frame.length()));
        waiting.addLast(copy);
    }

    boolean hasWaiting() {
        return !waiting.isEmpty();
    }

    @Override
    public boolean isUp() {
        return open;
    }

    @Override
    public long errors() {
        return dropped;
    }

    @Override
    public void close() {
        open = false;
        while (!waiting.isEmpty()) {
            waiting.pollFirst().release();
        }
    }

    void assertAllReturned() {
        if (pool.outstanding() != waiting.size()) {
            throw new IllegalStateException("a frame of a switch port leaked");
        }
    }
}
