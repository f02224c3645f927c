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
        if (frame.headLength() < LINK + Ipv4Header.MIN_LENGTH) {
            return;
        }
        int ip = frame.start() + LINK;
        switch (Wire.u16(frame.buffer(), frame.start() + 12)) {
            case 0x0800 -> {
                int tos = Ipv4Header.tos(frame.buffer(), ip);
                if (isChosen(tos)) {
                    Wire.u8(frame.buffer(), ip + 1, tos | CE);
                    Ipv4Header.putChecksum(frame.buffer(), ip, Ipv4Header.headerLength(frame.buffer(), ip));
                }
            }
            case 0x86dd -> {
                // The version, the traffic class, the flow label; no checksum.
                int first = Wire.u16(frame.buffer(), ip);
                if (isChosen(first >>> 4)) {
                    Wire.u16(frame.buffer(), ip, first | CE << 4);
                }
            }
            default -> {
                // no IP
            }
        }
    }

    private boolean isChosen(int trafficClass) {
        return (trafficClass & CE) != 0 && random.nextDouble() < probability;
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
