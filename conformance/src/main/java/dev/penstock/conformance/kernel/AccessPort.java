package dev.penstock.conformance.kernel;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.device.BlockingDeviceDecorator;
import dev.penstock.stack.device.FrameHandler;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The part of a switch that a kernel without VLANs lacks: towards the stack all frames are tagged for one VLAN, towards the device none
 * is. Other frames of the stack are lost, and counted. Written without the stack's own code for tags.
 */
final class AccessPort extends BlockingDeviceDecorator {
    private static final int ADDRESSES = 12;
    private static final int TAG = 4;

    private final int vid;
    private final Frame in = new Frame(Frame.MAX_LENGTH);
    private final Frame out = new Frame(Frame.MAX_LENGTH);
    private final UnsafeBuffer whole = new UnsafeBuffer(new byte[Frame.MAX_LENGTH]);
    /** Frames of another VLAN or of none. */
    final AtomicLong strangers = new AtomicLong();

    AccessPort(BlockingDevice device, int vid) {
        super(device);
        this.vid = vid;
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        return super.poll(frame -> handler.onFrame(tagged(frame)), limit);
    }

    private Frame tagged(Frame frame) {
        int length = frame.length();
        in.reset();
        int at = in.append(length + TAG);
        frame.copyTo(whole, 0);
        in.buffer().putBytes(at, whole, 0, ADDRESSES);
        in.buffer().putByte(at + ADDRESSES, (byte) 0x81);
        in.buffer().putByte(at + ADDRESSES + 1, (byte) 0);
        in.buffer().putByte(at + ADDRESSES + 2, (byte) (vid >>> 8));
        in.buffer().putByte(at + ADDRESSES + 3, (byte) vid);
        in.buffer().putBytes(at + ADDRESSES + TAG, whole, ADDRESSES, length - ADDRESSES);
        in.rx().verified = frame.rx().verified;
        in.rx().partial = frame.rx().partial;
        in.rx().gsoSize = frame.rx().gsoSize;
        return in;
    }

    @Override
    public int offer(Frame frame) {
        int length = frame.length();
        frame.copyTo(whole, 0);
        int id = (whole.getByte(ADDRESSES + 2) & 0xf) << 8 | whole.getByte(ADDRESSES + 3) & 0xff;
        if (whole.getByte(ADDRESSES) != (byte) 0x81 || whole.getByte(ADDRESSES + 1) != 0 || id != vid) {
            strangers.incrementAndGet();
            return Integer.MAX_VALUE;
        }
        out.reset();
        int at = out.append(length - TAG);
        out.buffer().putBytes(at, whole, 0, ADDRESSES);
        out.buffer().putBytes(at + ADDRESSES, whole, ADDRESSES + TAG, length - ADDRESSES - TAG);
        out.tx().copyFrom(frame.tx());
        if (frame.tx().checksumNeeded || frame.tx().gsoType != 0) {
            out.tx().csumStart -= TAG;
            out.tx().headerLength -= TAG;
        }
        return delegate.offer(out);
    }
}
