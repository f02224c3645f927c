package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.device.NetworkDevice;

/** One end of a {@link SimulatedLink}, and the device of the host that is plugged in there. */
public final class LinkEnd implements NetworkDevice {
    private final SimulatedNetwork network;
    private final SimulatedLink link;
    private final long macAddress;
    private final int mtu;
    private DeviceCapabilities capabilities;
    private LinkSide out;
    private LinkSide in;
    private SimulatedNode node;
    private boolean open = true;

    LinkEnd(SimulatedNetwork network, SimulatedLink link, long macAddress, int mtu) {
        this.network = network;
        this.link = link;
        this.macAddress = macAddress;
        this.mtu = mtu;
        this.capabilities = DeviceCapabilities.plain(mtu);
    }

    void connect(LinkSide outgoing, LinkSide incoming) {
        out = outgoing;
        in = incoming;
    }

    void plug(SimulatedNode newNode) {
        if (node != null) {
            throw new IllegalStateException(node + " is plugged in here already");
        }
        node = newNode;
    }

    /** Lets the host leave TCP and UDP checksums to this device. */
    void offloadChecksums() {
        capabilities = new DeviceCapabilities(mtu, true, false, false, false, mtu);
    }

    SimulatedNetwork network() {
        return network;
    }

    /** The other end of the link. */
    LinkEnd peer() {
        return link.a() == this ? link.b() : link.a();
    }

    /** The link that ends here. */
    public SimulatedLink link() {
        return link;
    }

    /** What is plugged in here, or null. */
    public SimulatedNode node() {
        return node;
    }

    /** What is sent here. */
    public LinkSide outgoing() {
        return out;
    }

    /** What is received here. */
    public LinkSide incoming() {
        return in;
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
    void onNext(long dueNs, long nowNs) {
        if (node != null) {
            node.onNext(this, dueNs, nowNs);
        }
    }

    @Override
    public boolean isUp() {
        return open;
    }

    @Override
    public long errors() {
        return out.count(LinkEvent.OVERFLOWED) + out.count(LinkEvent.TOO_LONG);
    }

    @Override
    public void close() {
        open = false;
        in.clear();
    }

    @Override
    public String toString() {
        return node == null ? "?" : node.name();
    }
}
