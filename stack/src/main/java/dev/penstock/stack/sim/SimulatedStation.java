package dev.penstock.stack.sim;

import dev.penstock.stack.device.NetworkDevice;

/** A node of a {@link SimulatedNetwork} that runs a {@link Station} of the user's. */
public final class SimulatedStation extends SimulatedNode {
    private final LinkEnd end;
    private final Station station;

    SimulatedStation(SimulatedNetwork network, String name, LinkEnd end, Station station) {
        super(network, name);
        this.end = end;
        this.station = station;
    }

    /** Its device, with a MAC address of its own; takes frames from outside of {@link Station#run}, too. */
    public NetworkDevice device() {
        return end;
    }

    /** The link that it is plugged into. */
    public SimulatedLink link() {
        return end.link();
    }

    /** Has it run now. */
    public void wake() {
        wakeAt(network.nowNs());
    }

    @Override
    void run(long nowNs) {
        long next = station.run(end, nowNs);
        long arrives = end.incoming().nextNs();
        wakeAt(Math.max(nowNs + 1, next));
        if (arrives > nowNs) {
            wakeAt(arrives);
        }
    }
}
