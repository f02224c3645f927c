package dev.penstock.conformance.garbage;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.DeviceDecorator;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.device.NetworkDevice;
import org.agrona.concurrent.UnsafeBuffer;

/** In front of a plain device: with each segment that arrives come some bad copies of it, or of an earlier one. */
final class MutatingDevice extends DeviceDecorator implements FrameHandler {
    private static final int REMEMBERED = 16;

    private final RandomSource random;
    private final SegmentMutator mutator;
    private final Frame copy = new Frame(2048);
    private final UnsafeBuffer sent = new UnsafeBuffer(new byte[2048]);
    private final UnsafeBuffer[] arrived = new UnsafeBuffer[REMEMBERED];
    private int last;
    private FrameHandler handler;
    private int most;
    private long fed;

    MutatingDevice(NetworkDevice delegate, RandomSource random, boolean wild) {
        super(delegate);
        this.random = random;
        this.mutator = new SegmentMutator(random, wild);
        for (int i = 0; i < REMEMBERED; i++) {
            arrived[i] = new UnsafeBuffer(new byte[2048]);
        }
    }

    /** How many bad copies may come with a segment from now on; 0 for none. */
    void most(int copies) {
        most = copies;
    }

    /** How many bad copies there were. */
    long fed() {
        return fed;
    }

    @Override
    public int poll(FrameHandler to, int limit) {
        handler = to;
        return delegate.poll(this, limit);
    }

    @Override
    public void onFrame(Frame frame) {
        int length = frame.length();
        if (most == 0 || length > 2048) {
            handler.onFrame(frame);
            return;
        }
        last = (last + 1) % REMEMBERED;
        UnsafeBuffer bytes = arrived[last];
        frame.copyTo(bytes, 0);
        boolean segment = SegmentMutator.isSegment(bytes, length);
        int before = segment ? random.nextInt(most + 1) : 0;
        int after = segment ? random.nextInt(most + 1) : 0;
        for (int i = 0; i < before; i++) {
            feed(bytes);
        }
        handler.onFrame(frame);
        for (int i = 0; i < after; i++) {
            UnsafeBuffer earlier = arrived[random.nextInt(REMEMBERED)];
            feed(random.nextInt(4) == 0 && SegmentMutator.isSegment(earlier, 1000) ? earlier : bytes);
        }
    }

    private void feed(UnsafeBuffer bytes) {
        int length = mutator.mutate(bytes);
        if (length > 0) {
            copy.reset();
            copy.append(mutator.buffer(), 0, length);
            fed++;
            handler.onFrame(copy);
        }
    }

    @Override
    public int offer(Frame frame) {
        if (frame.length() <= 2048) {
            frame.copyTo(sent, 0);
            if (SegmentMutator.isSegment(sent, frame.length())) {
                mutator.learn(sent);
            }
        }
        return delegate.offer(frame);
    }
}
