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
    /** Of what went out, what IGMP and MLD told the routers: whole frames. */
    public final Deque<byte[]> reports = new ArrayDeque<>();
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
        (isReport(bytes) ? reports : sent).add(bytes);
        int pieces =
                tx.gsoType == TxOffload.GSO_NONE ? 1 : (out.length() - tx.headerLength + tx.gsoSize - 1) / tx.gsoSize;
        int taken = Math.min(room, pieces);
        room -= taken;
        return taken;
    }

    private static boolean isReport(byte[] frame) {
        if (frame.length > 38 && frame[12] == 0x08 && frame[13] == 0 && frame[23] == 2) {
            return true;
        }
        boolean hopByHop = frame.length > 62 && frame[12] == (byte) 0x86 && frame[20] == 0 && frame[54] == 58;
        int type = hopByHop ? frame[62] & 0xff : 0;
        return type == 131 || type == 132 || type == 143;
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
