package dev.penstock.stack.sim;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.device.Impairment;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.socket.ShardContext;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;

/** One host of a {@link SimulatedNetwork}: a whole stack, and the cable between it and the switch. One thread. */
public final class SimulatedHost {
    private final String name;
    private final IpPrefix prefix;
    private final StackShard shard;
    private final Impairment cable;
    private final SwitchPort port;

    SimulatedHost(String name, IpPrefix prefix, StackShard shard, Impairment cable, SwitchPort port) {
        this.name = name;
        this.prefix = prefix;
        this.shard = shard;
        this.cable = cable;
        this.port = port;
    }

    public String name() {
        return name;
    }

    public IpAddress address() {
        return prefix.address();
    }

    /** The protocols of this host. What is called on them is sent with the network's next step. */
    public ShardContext stack() {
        return shard;
    }

    /** The counters of this host's stack. */
    public Counters counters() {
        return shard.counters();
    }

    /**
     * The cable: {@code transmit()} is the direction from the host to the switch, {@code receive()} the other. Loss,
     * delay, rate and the like may be changed at any time.
     */
    public Impairment cable() {
        return cable;
    }

    StackShard shard() {
        return shard;
    }

    SwitchPort port() {
        return port;
    }

    /** When there is something to do for this host: now, later, or never. */
    long nextNs(long nowNs) {
        if (shard.hasPending() || port.hasWaiting()) {
            return nowNs;
        }
        return Math.min(shard.nextDeadlineNs(), cable.nextDeadlineNs());
    }
}
