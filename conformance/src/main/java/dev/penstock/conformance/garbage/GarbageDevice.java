package dev.penstock.conformance.garbage;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.device.BlockingDeviceDecorator;
import dev.penstock.stack.device.FrameHandler;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Between a device and its stack: besides what really arrives, the stack is handed a given number of bad frames, a part
 * of each burst, so that it must go on serving its real peers meanwhile. What the stack sends to the invented senders
 * goes to the real device, where nobody wants it.
 */
public final class GarbageDevice extends BlockingDeviceDecorator {
    private final FrameMutator mutator;
    private final Frame frame = new Frame(FrameMutator.MAX_LENGTH);
    private final AtomicLong left;
    private final AtomicLong fed = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private LongSupplier accounted;

    public GarbageDevice(BlockingDevice delegate, FrameMutator mutator, long frames) {
        super(delegate);
        this.mutator = mutator;
        this.left = new AtomicLong(frames);
    }

    /** So many more bad frames are to come. Any thread. */
    public void feed(long frames) {
        left.addAndGet(frames);
    }

    /**
     * From now on, {@code counters} must grow with every bad frame, be it dropped, delivered or kept; what it does not
     * grow with is counted in {@link #unaccounted}. Stack's thread.
     */
    public void audit(LongSupplier counters) {
        accounted = counters;
    }

    /** How many bad frames disappeared without being counted anywhere. Any thread. */
    public long unaccounted() {
        return lost.get();
    }

    /** How many bad frames are still to come. Any thread. */
    public long left() {
        return left.get();
    }

    /** How many bad frames the stack was handed. Any thread. */
    public long fed() {
        return fed.get();
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        int real = delegate.poll(handler, limit);
        int n = (int) Math.min(left.get(), limit - real);
        for (int i = 0; i < n; i++) {
            int length = mutator.next();
            frame.reset();
            frame.append(mutator.buffer(), 0, length);
            hand(handler);
        }
        left.addAndGet(-n);
        fed.addAndGet(n);
        return real + n;
    }

    private void hand(FrameHandler handler) {
        if (accounted == null) {
            handler.onFrame(frame);
            return;
        }
        long before = accounted.getAsLong();
        handler.onFrame(frame);
        if (accounted.getAsLong() <= before) {
            lost.incrementAndGet();
        }
    }

    @Override
    public void await(long timeoutNs) {
        if (left.get() == 0) {
            super.await(timeoutNs);
        }
    }

    @Override
    public int offer(Frame out) {
        mutator.learn(out);
        return super.offer(out);
    }
}
