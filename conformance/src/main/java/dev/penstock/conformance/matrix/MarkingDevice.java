package dev.penstock.conformance.matrix;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.device.BlockingDeviceDecorator;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.Wire;

/**
 * A router with a queue, as far as ECN goes: of the packets that are ECN-capable, some are marked as having met
 * congestion (RFC 3168, section 5), in both directions. Below an impairment, whose frames are copies. Shard thread.
 */
final class MarkingDevice extends BlockingDeviceDecorator {
    private static final int LINK = 14;
    private static final int CE = 3;

    private final RandomSource random;
    private final double probability;
    private FrameHandler handler;

    MarkingDevice(BlockingDevice delegate, RandomSource random, double probability) {
        super(delegate);
        this.random = random;
        this.probability = probability;
    }

    private void mark(Frame frame) {
        int ip = frame.start() + LINK;
        if (frame.headLength() < LINK + Ipv4Header.MIN_LENGTH
                || Wire.u16(frame.buffer(), frame.start() + 12) != 0x0800) {
            return;
        }
        int tos = Ipv4Header.tos(frame.buffer(), ip);
        if ((tos & CE) != 0 && random.nextDouble() < probability) {
            Wire.u8(frame.buffer(), ip + 1, tos | CE);
            Ipv4Header.putChecksum(frame.buffer(), ip, Ipv4Header.headerLength(frame.buffer(), ip));
        }
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        this.handler = handler;
        return delegate.poll(this::arrives, limit);
    }

    private void arrives(Frame frame) {
        mark(frame);
        handler.onFrame(frame);
    }

    @Override
    public int offer(Frame frame) {
        mark(frame);
        return super.offer(frame);
    }
}
