package dev.penstock.stack.sim;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.socket.ShardContext;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.wire.IpAddress;

/** One host of a {@link LinkNetwork}: a whole stack at one end of a link. Runs only when something happens to it. */
public final class LinkedHost extends Deadline {
    private final LinkNetwork network;
    private final IpAddress address;
    private final LinkEnd end;
    private final StackShard shard;
    private Runnable application;

    LinkedHost(LinkNetwork network, IpAddress address, LinkEnd end, StackShard shard) {
        this.network = network;
        this.address = address;
        this.end = end;
        this.shard = shard;
    }

    /** The first of its addresses. */
    public IpAddress address() {
        return address;
    }

    /** The protocols of this host. What is called on them from outside is sent with the network's next step. */
    public ShardContext stack() {
        wakeAt(network.nowNs());
        return shard;
    }

    /** The counters of this host's stack. */
    public Counters counters() {
        return shard.counters();
    }

    /**
     * Has {@code toRun} run after each duty cycle of this host, as an application that polls; what it does is sent
     * at once. Null ends it.
     */
    public void application(Runnable toRun) {
        application = toRun;
    }

    StackShard shard() {
        return shard;
    }

    void wakeAt(long atNs) {
        if (atNs < atNs()) {
            network.schedule(this, atNs);
        }
    }

    @Override
    protected void onDeadline(long nowNs) {
        shard.doWork();
        if (application != null) {
            application.run();
        }
        long next = shard.hasPending() ? nowNs : Math.min(shard.nextDeadlineNs(), end.nextNs());
        wakeAt(Math.max(nowNs, next));
    }
}
