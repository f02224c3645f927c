package dev.penstock.stack.ip;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.device.NetworkDevice;
import java.util.ArrayDeque;
import java.util.Deque;
import org.agrona.concurrent.UnsafeBuffer;

/** A device whose wire is a pair of queues of byte arrays, with as much room as the test says. */
public final class TestDevice implements NetworkDevice {
    /** What went out. */
    public final Deque<byte[]> sent = new ArrayDeque<>();
    /** What is to come in. */
    public final Deque<byte[]> received = new ArrayDeque<>();
    /** How many more frames the device takes. */
    public int room = Integer.MAX_VALUE;

    public boolean up = true;
    /** The offload fields of the last frame. */
    public String lastTx = "";
    /** What the device says of the frames that come in. */
    public boolean verified;

    private final DeviceCapabilities capabilities;
    private final long mac;
    private final Frame frame = new Frame(Frame.MAX_LENGTH);

    public TestDevice(long mac, DeviceCapabilities capabilities) {
        this.mac = mac;
        this.capabilities = capabilities;
    }

    @Override
    public DeviceCapabilities capabilities() {
        return capabilities;
    }

    @Override
    public long macAddress() {
        return mac;
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        int n = 0;
        for (; n < limit && !received.isEmpty(); n++) {
            byte[] bytes = received.poll();
            frame.reset();
            frame.append(new UnsafeBuffer(bytes), 0, bytes.length);
            frame.rx().verified = verified;
            handler.onFrame(frame);
        }
        return n;
    }

    @Override
    public int offer(Frame out) {
        if (room == 0) {
            return 0;
        }
        TxOffload tx = out.tx();
        lastTx = tx.checksumNeeded + " " + tx.csumStart + " " + tx.csumOffset + " " + tx.gsoType + " " + tx.gsoSize
                + " " + tx.headerLength;
        byte[] bytes = new byte[out.length()];
        out.copyTo(new UnsafeBuffer(bytes), 0);
        sent.add(bytes);
        int pieces =
                tx.gsoType == TxOffload.GSO_NONE ? 1 : (out.length() - tx.headerLength + tx.gsoSize - 1) / tx.gsoSize;
        int taken = Math.min(room, pieces);
        room -= taken;
        return taken;
    }

    @Override
    public boolean isUp() {
        return up;
    }

    @Override
    public void close() {
        up = false;
    }
}
