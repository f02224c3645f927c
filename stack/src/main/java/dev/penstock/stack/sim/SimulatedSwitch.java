package dev.penstock.stack.sim;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.MacAddress;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * An Ethernet switch of a {@link SimulatedNetwork}: learns where each address is, and forwards without any delay of its
 * own; what takes time, limits the rate or loses are the links. Of a frame to an address that it does not know, and to a
 * group, each other port gets a copy.
 */
public final class SimulatedSwitch extends SimulatedNode {
    /** The most addresses it learns; frames to others go to all ports. */
    static final int MAX_ADDRESSES = 65_536;

    private final List<LinkEnd> ports = new ArrayList<>();
    private final Long2ObjectHashMap<LinkEnd> addresses = new Long2ObjectHashMap<>();
    private long forwarded;

    SimulatedSwitch(SimulatedNetwork network, String name) {
        super(network, name);
    }

    /** Plugs {@code end} in. */
    public void plugInto(LinkEnd end) {
        plugIn(end);
        ports.add(end);
    }

    /**
     * Joins this switch and another one by a link of this MTU.
     *
     * @throws IllegalArgumentException if they are joined already, by whatever way: frames would run in circles
     */
    public SimulatedLink join(SimulatedSwitch other, int mtu) {
        if (reaches(other, null)) {
            throw new IllegalArgumentException(this + " and " + other + " are joined already");
        }
        SimulatedLink link = network.link(mtu);
        plugInto(link.a());
        other.plugInto(link.b());
        return link;
    }

    private boolean reaches(SimulatedSwitch other, SimulatedSwitch cameFrom) {
        if (other == this) {
            return true;
        }
        for (LinkEnd port : ports) {
            SimulatedNode next = port.peer().node();
            if (next != cameFrom && next instanceof SimulatedSwitch s && s.reaches(other, this)) {
                return true;
            }
        }
        return false;
    }

    /** Frames that it has taken. */
    public long forwarded() {
        return forwarded;
    }

    @Override
    void onNext(LinkEnd end, long dueNs, long nowNs) {
        if (dueNs > nowNs) {
            wakeAt(dueNs);
        } else {
            forwardFrom(end, nowNs);
        }
    }

    @Override
    void run(long nowNs) {
        long next = Long.MAX_VALUE;
        for (int i = 0; i < ports.size(); i++) {
            LinkEnd port = ports.get(i);
            forwardFrom(port, nowNs);
            next = Math.min(next, port.incoming().nextNs());
        }
        wakeAt(next);
    }

    private void forwardFrom(LinkEnd port, long nowNs) {
        Frame frame;
        while ((frame = port.incoming().take(nowNs)) != null) {
            try {
                forward(port, frame);
            } finally {
                frame.release();
            }
        }
    }

    private void forward(LinkEnd from, Frame frame) {
        forwarded++;
        long source = EthernetHeader.source(frame.buffer(), frame.start());
        long destination = EthernetHeader.destination(frame.buffer(), frame.start());
        LinkEnd known = addresses.get(source);
        if (known != from && MacAddress.isUnicast(source) && (known != null || addresses.size() < MAX_ADDRESSES)) {
            addresses.put(source, from);
        }
        LinkEnd to = MacAddress.isGroup(destination) ? null : addresses.get(destination);
        if (to != null) {
            if (to != from) {
                to.offer(frame);
            }
            return;
        }
        for (int i = 0; i < ports.size(); i++) {
            if (ports.get(i) != from) {
                ports.get(i).offer(frame);
            }
        }
    }
}
