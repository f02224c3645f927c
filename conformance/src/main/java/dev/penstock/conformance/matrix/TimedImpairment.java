package dev.penstock.conformance.matrix;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.device.Impairment;

/**
 * An impairment in real time: the clock moves it on whenever the stack asks something of it. Shows the frames on its
 * upper side to {@link TapWatch}. Shard thread.
 */
final class TimedImpairment implements BlockingDevice {
    private final Impairment impairment;
    private final BlockingDevice blocking;

    private final TapWatch rules;
    private FrameHandler handler;

    TimedImpairment(Impairment impairment, TapWatch rules) {
        this.impairment = impairment;
        this.rules = rules;
        this.blocking = (BlockingDevice) impairment;
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        impairment.advance(System.nanoTime());
        this.handler = handler;
        return impairment.poll(this::arrives, limit);
    }

    private void arrives(Frame frame) {
        rules.arrives(frame);
        handler.onFrame(frame);
    }

    @Override
    public int offer(Frame frame) {
        impairment.advance(System.nanoTime());
        int taken = impairment.offer(frame);
        if (taken > 0) {
            rules.leaves(frame);
        }
        return taken;
    }

    @Override
    public void await(long timeoutNs) {
        impairment.advance(System.nanoTime());
        blocking.await(timeoutNs);
    }

    @Override
    public void wakeUp() {
        blocking.wakeUp();
    }

    @Override
    public DeviceCapabilities capabilities() {
        return impairment.capabilities();
    }

    @Override
    public long macAddress() {
        return impairment.macAddress();
    }

    @Override
    public boolean isUp() {
        return impairment.isUp();
    }

    @Override
    public long errors() {
        return impairment.errors();
    }

    @Override
    public void close() {
        impairment.close();
    }
}
