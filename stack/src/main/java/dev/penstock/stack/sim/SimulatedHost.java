package dev.penstock.stack.sim;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.socket.ShardContext;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.List;

/**
 * One host of a {@link SimulatedNetwork}: a whole stack at the end of a link, or of several, with a clock of its own. Runs only when
 * something happens to it. One thread.
 */
public final class SimulatedHost extends SimulatedNode {
    private final List<IpPrefix> prefixes;
    private final LinkEnd[] ends;
    private final StackShard shard;
    private final HostClock clock;
    private Runnable application;

    SimulatedHost(
            SimulatedNetwork network,
            String name,
            List<IpPrefix> prefixes,
            List<LinkEnd> ends,
            StackShard shard,
            HostClock clock) {
        super(network, name);
        this.prefixes = prefixes;
        this.ends = ends.toArray(new LinkEnd[0]);
        this.shard = shard;
        this.clock = clock;
    }

    /**
     * The first of the addresses that it was given.
     *
     * @throws IllegalStateException if it was given none
     */
    public IpAddress address() {
        if (prefixes.isEmpty()) {
            throw new IllegalStateException("host " + name() + " was given no address");
        }
        return prefixes.get(0).address();
    }

    /** All of the addresses that it was given, each with its network's prefix. */
    public List<IpPrefix> prefixes() {
        return prefixes;
    }

    /**
     * The protocols of this host. They may be called from anywhere on the network's thread: from handlers, of this host
     * or another one, from {@link SimulatedNetwork#at}, and between two runs; what that brings about is sent before time
     * moves on. Where they ask for a time, it is this host's: {@link #nowNs}.
     */
    public ShardContext stack() {
        wakeAt(network.nowNs());
        return shard;
    }

    /** This host's own time, nanoseconds: the network's, unless {@link #clock} says otherwise. */
    public long nowNs() {
        return clock.nowNs();
    }

    /** This host's clock. */
    public HostClock clock() {
        return clock;
    }

    /** The counters of this host's stack. */
    public Counters counters() {
        return shard.counters();
    }

    /** Throws if the parts of a connection contradict each other; takes its time. */
    public void checkInvariants() {
        shard.checkInvariants();
    }

    /** The end of the link in which it is plugged; of several, that of its first interface. */
    public LinkEnd end() {
        return ends[0];
    }

    /** The end of the link in which its {@code i}-th device is plugged, counted from 0. */
    public LinkEnd end(int i) {
        return ends[i];
    }

    /** The link that it is plugged into. */
    public SimulatedLink link() {
        return ends[0].link();
    }

    /** The direction of its link from this host. */
    public LinkSide transmit() {
        return ends[0].outgoing();
    }

    /** The direction of its link towards this host. */
    public LinkSide receive() {
        return ends[0].incoming();
    }

    /**
     * Has {@code toRun} run after each duty cycle of this host, as an application that polls; what it does is sent
     * at once. Null ends it.
     */
    public void application(Runnable toRun) {
        application = toRun;
    }

    /** Sees to it that what was called from elsewhere is carried out. */
    void notice(long nowNs) {
        wakeAt(shard.hasPending() ? nowNs : clock.networkNs(shard.nextDeadlineNs()));
    }

    @Override
    void run(long nowNs) {
        shard.doWork();
        if (application != null) {
            application.run();
        }
        long next = nowNs;
        if (!shard.hasPending()) {
            next = clock.networkNs(shard.nextDeadlineNs());
            for (LinkEnd end : ends) {
                next = Math.min(next, end.incoming().nextNs());
            }
        }
        wakeAt(Math.max(nowNs, next));
    }

    @Override
    void close() {
        shard.onClose();
    }

    @Override
    String leaks() {
        return shard.leaks();
    }
}
