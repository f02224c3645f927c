package dev.penstock.stack.device;

import dev.penstock.stack.buffer.Frame;

/** As {@link DeviceDecorator}, in front of a device that a shard can sleep on. */
public abstract class BlockingDeviceDecorator extends DeviceDecorator implements BlockingDevice {
    private final BlockingDevice blocking;

    protected BlockingDeviceDecorator(BlockingDevice delegate) {
        super(delegate);
        this.blocking = delegate;
    }

    @Override
    public int offer(Frame frame) {
        return delegate.offer(frame);
    }

    @Override
    public void await(long timeoutNs) {
        blocking.await(timeoutNs);
    }

    @Override
    public void wakeUp() {
        blocking.wakeUp();
    }

    @Override
    public boolean awaitAlso(BlockingDevice other) {
        return blocking.awaitAlso(other);
    }

    @Override
    public BlockingDevice sleepsOn() {
        return blocking.sleepsOn();
    }

    @Override
    public long dueInNs() {
        return blocking.dueInNs();
    }
}
