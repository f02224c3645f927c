package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.MacAddress;
import dev.penstock.stack.wire.RouterAdvertisement;

/**
 * Advertises a {@link SimulatedRouter} on one of its links (RFC 4861, section 6.2): at an interval, and when a host asks. What
 * it says may change at any time; the hosts hear of it with the next one.
 */
public final class RouterAdvertiser extends Deadline {
    private static final long DEFAULT_INTERVAL_NS = 10_000_000_000L;

    private final SimulatedNetwork network;
    private final RouterPort port;
    private final IpAddress source;
    private RouterAdvertisement content;
    private long intervalNs = DEFAULT_INTERVAL_NS;
    private long sent;
    private boolean stopped;

    RouterAdvertiser(SimulatedNetwork network, RouterPort port, IpAddress source, RouterAdvertisement content) {
        this.network = network;
        this.port = port;
        this.source = source;
        this.content = content;
    }

    /** What it says from now on, and says at once. */
    public void say(RouterAdvertisement newContent) {
        content = newContent;
        send();
    }

    /** Between two that nobody asked for, nanoseconds; 10 seconds unless told. */
    public RouterAdvertiser every(long ns) {
        intervalNs = ns;
        return this;
    }

    /** Says nothing any more, not even when asked. */
    public void stop() {
        stopped = true;
        network.cancel(this);
    }

    /** How many were sent. */
    public long sent() {
        return sent;
    }

    /** A host asks. */
    void onSolicitation() {
        if (!stopped) {
            send();
        }
    }

    private void send() {
        byte[] packet = content.toPacket(source, IpAddress.ALL_NODES);
        Frame frame = new Frame(EthernetHeader.LENGTH + packet.length);
        int at = frame.append(EthernetHeader.LENGTH);
        long group = MacAddress.forIpv6Multicast(IpAddress.ALL_NODES.lo());
        EthernetHeader.put(frame.buffer(), at, group, port.end().macAddress(), EthernetHeader.TYPE_IPV6);
        frame.buffer().putBytes(frame.append(packet.length), packet);
        port.end().offer(frame);
        sent++;
        network.schedule(this, network.nowNs() + intervalNs);
    }

    @Override
    protected void onDeadline(long nowNs) {
        send();
    }
}
