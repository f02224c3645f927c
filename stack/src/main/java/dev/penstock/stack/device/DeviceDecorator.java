package dev.penstock.stack.device;

/** A device in front of another one: everything that a decorator leaves alone goes through. Shard thread. */
public abstract class DeviceDecorator implements NetworkDevice {
    /** The device behind. */
    protected final NetworkDevice delegate;

    protected DeviceDecorator(NetworkDevice delegate) {
        this.delegate = delegate;
    }

    @Override
    public DeviceCapabilities capabilities() {
        return delegate.capabilities();
    }

    @Override
    public long macAddress() {
        return delegate.macAddress();
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        return delegate.poll(handler, limit);
    }

    @Override
    public boolean isUp() {
        return delegate.isUp();
    }

    @Override
    public long errors() {
        return delegate.errors();
    }

    @Override
    public int receiveQueueLength() {
        return delegate.receiveQueueLength();
    }

    @Override
    public void close() {
        delegate.close();
    }
}
