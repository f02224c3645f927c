package dev.penstock.stack.device;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;

/**
 * A bad link in front of a device: loses, duplicates, reorders, corrupts, delays, limits the rate and cuts off, each
 * direction for itself, reproducibly from one seed.
 *
 * <p>It works on the packets of the wire, so it must stand below the software that makes them and above the device that
 * carries them: {@code SoftwareOffload.over(Impairment.over(device, random))}. Its capabilities are those of a plain
 * device, which makes {@link SoftwareOffload} cut above it; the device below should be a plain one too, for otherwise a
 * super-segment that it receives counts as one packet here.
 *
 * <p>Time is virtual: it passes in {@link #advance} only, and {@link #nextDeadlineNs} tells when something is due, so
 * that a simulation can jump there. Between two devices of a wire one impairment suffices. Shard thread.
 */
public class Impairment extends DeviceDecorator {
    /** How long to wait before a frame that the device refused is offered again. */
    private static final long RETRY_NS = 10_000;

    private static final int LINK_HEADERS = 22;
    /** How often one poll asks the device again when all it had was lost. */
    private static final int MAX_ROUNDS = 64;

    private final DeviceCapabilities capabilities;
    private final ImpairmentSide transmit;
    private final ImpairmentSide receive;
    private final FrameHandler acceptor;
    private long nowNs;
    private boolean deviceFull;

    Impairment(NetworkDevice delegate, RandomSource random) {
        super(delegate);
        DeviceCapabilities below = delegate.capabilities();
        capabilities = DeviceCapabilities.plain(below.mtu());
        transmit = new ImpairmentSide(random, Math.min(below.mtu() + LINK_HEADERS, Frame.MAX_LENGTH));
        receive = new ImpairmentSide(random, Math.min(below.gsoMaxLength() + LINK_HEADERS, Frame.MAX_LENGTH));
        acceptor = receive::accept;
    }

    /** A link that is still perfect, in front of {@code device}. A {@link BlockingDevice} stays one. */
    public static Impairment over(NetworkDevice device, RandomSource random) {
        return device instanceof BlockingDevice blocking
                ? new Blocking(blocking, random)
                : new Impairment(device, random);
    }

    /** What happens to frames that are offered. */
    public ImpairmentSide transmit() {
        return transmit;
    }

    /** What happens to frames that are received. */
    public ImpairmentSide receive() {
        return receive;
    }

    /** Cuts off both directions, or joins them again. */
    public void partition(boolean on) {
        transmit.partition(on);
        receive.partition(on);
    }

    /** Lets time pass up to {@code nowNs} and sends what is due; time never runs backwards. */
    public void advance(long nowNs) {
        this.nowNs = Math.max(this.nowNs, nowNs);
        transmit.advance(this.nowNs);
        receive.advance(this.nowNs);
        flush();
    }

    /**
     * When a delayed frame is due, {@link Long#MAX_VALUE} if none waits: call {@link #advance} then, and {@link #poll}.
     */
    public long nextDeadlineNs() {
        long out = transmit.nextDeadlineNs();
        if (out <= nowNs) {
            out = nowNs + RETRY_NS;
        }
        return Math.min(out, receive.nextDeadlineNs());
    }

    @Override
    public DeviceCapabilities capabilities() {
        return capabilities;
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        flush();
        int n = deliver(handler, limit);
        for (int round = 0; n < limit && round < MAX_ROUNDS; round++) {
            if (delegate.poll(acceptor, limit - n) == 0) {
                break;
            }
            n += deliver(handler, limit - n);
        }
        return n;
    }

    private int deliver(FrameHandler handler, int limit) {
        int n = 0;
        while (n < limit) {
            Frame frame = receive.due();
            if (frame == null) {
                break;
            }
            n++;
            try {
                handler.onFrame(frame);
            } finally {
                receive.remove();
            }
        }
        return n;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException for a frame that has something left for a device to do
     */
    @Override
    public int offer(Frame frame) {
        if (frame.tx().gsoType != TxOffload.GSO_NONE || frame.tx().checksumNeeded) {
            throw new IllegalArgumentException("an impairment takes finished packets only: put SoftwareOffload above");
        }
        flush();
        if (deviceFull && transmit.isFull()) {
            return 0;
        }
        transmit.accept(frame);
        flush();
        return 1;
    }

    private void flush() {
        deviceFull = false;
        Frame frame;
        while (!deviceFull && (frame = transmit.due()) != null) {
            if (delegate.offer(frame) == 0) {
                deviceFull = true;
            } else {
                transmit.remove();
            }
        }
    }

    @Override
    public void close() {
        transmit.clear();
        receive.clear();
        delegate.close();
    }

    private static final class Blocking extends Impairment implements BlockingDevice {
        private final BlockingDevice blocking;

        Blocking(BlockingDevice delegate, RandomSource random) {
            super(delegate, random);
            this.blocking = delegate;
        }

        /** At most until the next delayed frame is due, reckoned from the last {@link #advance}. */
        @Override
        public void await(long timeoutNs) {
            blocking.await(Math.min(timeoutNs, ownDueInNs()));
        }

        private long ownDueInNs() {
            long due = nextDeadlineNs();
            return due == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, due - super.nowNs);
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
            return Math.min(ownDueInNs(), blocking.dueInNs());
        }
    }
}
