package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.device.NetworkDevice;

/**
 * Where a host is plugged into a {@link SimulatedLink}. It takes packets with incomplete checksums, which arrive as
 * {@code rx().partial}: nothing is corrupted here, so nothing need be summed.
 */
public final class LinkEnd implements NetworkDevice {
    private final LinkNetwork network;
    private final long macAddress;
    private final DeviceCapabilities capabilities;
    private LinkSide out;
    private LinkSide in;
    private LinkedHost host;
    private boolean open = true;

    LinkEnd(LinkNetwork network, long macAddress, int mtu) {
        this.network = network;
        this.macAddress = macAddress;
        this.capabilities = new DeviceCapabilities(mtu, true, false, false, false, mtu);
    }

    void connect(LinkSide outgoing, LinkSide incoming) {
        out = outgoing;
        in = incoming;
    }

    void plug(LinkedHost newHost) {
        if (host != null) {
            throw new IllegalStateException("a host is plugged in here already");
        }
        host = newHost;
    }

    @Override
    public DeviceCapabilities capabilities() {
        return capabilities;
    }

    @Override
    public long macAddress() {
        return macAddress;
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        int n = 0;
        Frame frame;
        while (n < limit && (frame = in.take(network.nowNs())) != null) {
            n++;
            try {
                handler.onFrame(frame);
            } finally {
                frame.release();
            }
        }
        return n;
    }

    @Override
    public int offer(Frame frame) {
        if (open) {
            out.accept(frame);
        }
        return 1;
    }

    /** A frame arrives here at {@code dueNs}, before any other. */
    void onNext(long dueNs) {
        if (host != null) {
            host.wakeAt(dueNs);
        }
    }

    long nextNs() {
        return in.nextNs();
    }

    @Override
    public boolean isUp() {
        return open;
    }

    @Override
    public long errors() {
        return out.overflowed();
    }

    @Override
    public void close() {
        open = false;
        in.clear();
    }
}
