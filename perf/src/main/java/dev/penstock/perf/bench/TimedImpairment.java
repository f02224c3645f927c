package dev.penstock.perf.bench;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.device.Impairment;

/** An impairment in real time: what its virtual clock shows is the time of the machine. */
final class TimedImpairment implements BlockingDevice {
    private static final int QUEUE = 65_536;

    private final BlockingDevice device;
    private final Impairment impairment;

    TimedImpairment(BlockingDevice below, ImpairmentCommand.Link link) {
        impairment = Impairment.over(below, RandomSource.seeded(1));
        device = (BlockingDevice) impairment;
        impairment.transmit().queue(QUEUE).loss(link.loss()).delay(link.delayNs(), 0);
        impairment.receive().queue(QUEUE).loss(link.loss()).delay(link.delayNs(), 0);
        impairment.advance(System.nanoTime());
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        impairment.advance(System.nanoTime());
        return impairment.poll(handler, limit);
    }

    @Override
    public int offer(Frame frame) {
        impairment.advance(System.nanoTime());
        return impairment.offer(frame);
    }

    @Override
    public void await(long timeoutNs) {
        impairment.advance(System.nanoTime());
        device.await(timeoutNs);
    }

    @Override
    public void wakeUp() {
        device.wakeUp();
    }

    @Override
    public boolean awaitAlso(BlockingDevice other) {
        return device.awaitAlso(other);
    }

    @Override
    public BlockingDevice sleepsOn() {
        return this;
    }

    @Override
    public long dueInNs() {
        return device.dueInNs();
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
