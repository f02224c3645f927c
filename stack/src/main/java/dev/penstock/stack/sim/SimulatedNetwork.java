package dev.penstock.stack.sim;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.MacAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Whole stacks, joined by links, switches and routers, in one thread, in virtual time, from one seed: two runs with the
 * same seed and the same calls are the same to the byte. Time jumps from event to event, so hours take seconds, and
 * only that runs to which something happens.
 *
 * <pre>{@code
 * try (SimulatedNetwork net = SimulatedNetwork.seeded(42)) {
 *     SimulatedHost a = net.host("a", "192.0.2.1/24");
 *     SimulatedHost b = net.host("b", "192.0.2.2/24");
 *     a.transmit().loss(0.05).delay(10_000_000);
 *     b.receive().drop(Match.nth(3, Match.SYN));
 *     net.after(5_000_000_000L, () -> net.partition(a));
 *     net.after(9_000_000_000L, net::heal);
 *     b.stack().tcp().listen(0, 0, 80, 8, new TcpOptions(), acceptor);
 *     net.runUntil(() -> finished, 60_000_000_000L);
 * }
 * }</pre>
 *
 * <p>Times are nanoseconds. Not for several threads; several networks are independent of each other.
 */
public final class SimulatedNetwork implements AutoCloseable {
    /** Virtual time starts here, so that a zero that was forgotten shows. */
    public static final long EPOCH_NS = 1_000_000_000L;

    private final long seed;
    private final RandomSource random;
    private final DeadlineQueue events = new DeadlineQueue();
    private final List<SimulatedLink> links = new ArrayList<>();
    private final List<SimulatedHost> hosts = new ArrayList<>();
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final List<Bottleneck> retired = new ArrayList<>();
    private final List<Throwable> faults = new ArrayList<>();
    private LinkObserver[] observers = LinkSide.NONE;
    private SimulatedSwitch lan;
    private long nowNs = EPOCH_NS;
    private int islands;
    private boolean ownCallsOnly;
    private boolean closed;

    private SimulatedNetwork(long seed) {
        this.seed = seed;
        this.random = RandomSource.seeded(seed);
    }

    /** A network without hosts whose whole randomness comes from {@code seed}. */
    public static SimulatedNetwork seeded(long seed) {
        return new SimulatedNetwork(seed);
    }

    // --- what it is made of ---

    /** A host on the first switch, with an MTU of 1,500 and default limits. */
    public SimulatedHost host(String name, String prefix) {
        return newHost(name).address(prefix).plugIn();
    }

    /**
     * A host on the first switch.
     *
     * @param prefix its address, {@code "192.0.2.1/24"}
     * @param mtu of its link, bytes of IP packet
     * @param config read now
     */
    public SimulatedHost host(String name, String prefix, int mtu, ShardConfig config) {
        return newHost(name).address(prefix).mtu(mtu).config(config).plugIn();
    }

    /** A host that is to be described and plugged in. */
    public HostBuilder newHost(String name) {
        return new HostBuilder(this, unused(name));
    }

    /** Plugs something of the user's into the end of a link. */
    public SimulatedStation station(String name, LinkEnd end, Station station) {
        SimulatedStation made = new SimulatedStation(this, unused(name), end, station);
        made.plugIn(end);
        nodes.add(made);
        made.wake();
        return made;
    }

    /** Plugs something of the user's into the first switch, by a link of this MTU. */
    public SimulatedStation station(String name, int mtu, Station station) {
        SimulatedLink link = link(mtu);
        lan().plugInto(link.b());
        return station(name, link.a(), station);
    }

    /** The first switch, named {@code lan}; made when it is first asked for. */
    public SimulatedSwitch lan() {
        if (lan == null) {
            lan = newSwitch("lan");
        }
        return lan;
    }

    /** One more switch. */
    public SimulatedSwitch newSwitch(String name) {
        SimulatedSwitch made = new SimulatedSwitch(this, unused(name));
        nodes.add(made);
        return made;
    }

    /** A router, still to be plugged in. */
    public SimulatedRouter newRouter(String name) {
        SimulatedRouter made = new SimulatedRouter(this, unused(name));
        nodes.add(made);
        return made;
    }

    /**
     * A perfect link without delay, with loose ends. It is a segment of its own: the addresses of one link may be used
     * again on another.
     *
     * @param mtu bytes of IP packet, 68 .. 65,535
     */
    public SimulatedLink link(int mtu) {
        long mac = 2L * links.size();
        SimulatedLink link = new SimulatedLink(
                this, MacAddress.locallyAdministered(mac + 1), MacAddress.locallyAdministered(mac + 2), mtu, random);
        links.add(link);
        return link;
    }

    private String unused(String name) {
        for (SimulatedNode node : nodes) {
            if (node.name().equals(name)) {
                throw new IllegalArgumentException("there is a node named " + name + " already");
            }
        }
        return name;
    }

    void add(SimulatedHost host) {
        hosts.add(host);
        nodes.add(host);
    }

    /** All hosts, in the order in which they were made. */
    public List<SimulatedHost> hosts() {
        return Collections.unmodifiableList(hosts);
    }

    /** All links, in the order in which they were made. */
    public List<SimulatedLink> links() {
        return Collections.unmodifiableList(links);
    }

    /** The direction with this {@link LinkSide#number}. */
    LinkSide side(int number) {
        SimulatedLink link = links.get(number - 1 >> 1);
        return (number & 1) == 1 ? link.aToB() : link.bToA();
    }

    // --- trouble ---

    /**
     * Cuts these nodes off from all others, not from each other: what comes from the other part is dropped on arrival, on
     * whatever way it came. Again, for other nodes, makes one part more.
     */
    public void partition(SimulatedNode... together) {
        islands++;
        for (SimulatedNode node : together) {
            node.island = islands;
        }
    }

    /** Ends all partitions, and every cut of a link. */
    public void heal() {
        islands = 0;
        for (SimulatedNode node : nodes) {
            node.island = 0;
        }
        for (SimulatedLink link : links) {
            link.cut(false);
        }
    }

    /** As {@link #heal}, and all links are perfect again: rates, queues, delays and MTUs stay. */
    public void repair() {
        heal();
        for (SimulatedLink link : links) {
            link.perfect();
        }
    }

    boolean isPartitioned() {
        return islands > 0;
    }

    /** Whether the sender of {@code frame} is in the same part as what is plugged in at {@code end}. */
    boolean joins(Frame frame, LinkEnd end) {
        if (end.node() == null || end.node() instanceof SimulatedSwitch) {
            return true;
        }
        long index = EthernetHeader.source(frame.buffer(), frame.start()) - MacAddress.locallyAdministered(1);
        if (index < 0 || index >= 2L * links.size()) {
            return true;
        }
        SimulatedLink link = links.get((int) (index >> 1));
        SimulatedNode sender = ((index & 1) == 0 ? link.a() : link.b()).node();
        return sender == null || sender.island == end.node().island;
    }

    // --- what is seen ---

    /** Shows everything that happens on links, also on those made later, to {@code observer}, too. */
    public void observe(LinkObserver observer) {
        observers = Arrays.copyOf(observers, observers.length + 1);
        observers[observers.length - 1] = observer;
    }

    LinkObserver[] observers() {
        return observers;
    }

    /** What reproduces this run. */
    public long seed() {
        return seed;
    }

    /** Randomness for the scenario itself, from the same seed. */
    public RandomSource random() {
        return random;
    }

    // --- time ---

    /** The virtual time; begins at {@link #EPOCH_NS}. */
    public long nowNs() {
        return nowNs;
    }

    /**
     * Has {@code action} happen at this moment, before what happens then by itself if it was told earlier; at once if the
     * moment has passed. What it throws ends {@link #step}.
     */
    public ScheduledAction at(long atNs, Runnable action) {
        ScheduledAction scheduled = new ScheduledAction(this, action);
        scheduled.scheduleAt(atNs);
        return scheduled;
    }

    /** Has {@code action} happen in {@code ns} from now. */
    public ScheduledAction after(long ns, Runnable action) {
        return at(nowNs + ns, action);
    }

    void schedule(Deadline event, long atNs) {
        if (!closed) {
            events.schedule(event, Math.max(nowNs, atNs));
        }
    }

    void cancel(Deadline event) {
        events.cancel(event);
    }

    void fault(Throwable fault) {
        faults.add(fault);
    }

    void retire(Bottleneck bottleneck) {
        if (!retired.contains(bottleneck)) {
            retired.add(bottleneck);
        }
    }

    /**
     * Promises that hosts are called only in their own handlers and applications, or after {@link SimulatedHost#stack}
     * has been called at that moment. Without it, all hosts are looked at whenever time moves on; with hundreds of them
     * that costs more than what happens.
     */
    public void ownCallsOnly(boolean on) {
        ownCallsOnly = on;
    }

    private long nextNs() {
        long next = events.nextDeadlineNs();
        if (next > nowNs && !ownCallsOnly) {
            for (int i = 0; i < hosts.size(); i++) {
                hosts.get(i).notice(nowNs);
            }
            next = events.nextDeadlineNs();
        }
        return next;
    }

    /**
     * Goes to the next moment at which something happens, if nothing does now, and lets one thing happen.
     *
     * @return false if nothing will ever happen by itself
     * @throws IllegalStateException with the seed, if a stack or a handler threw
     */
    public boolean step() {
        return stepBefore(Deadline.NEVER - 1);
    }

    private boolean stepBefore(long endNs) {
        long next = nextNs();
        if (next > endNs) {
            return false;
        }
        nowNs = Math.max(nowNs, next);
        events.expire(nowNs, 1);
        if (!faults.isEmpty()) {
            throw new IllegalStateException("a stack failed, seed " + seed, faults.get(0));
        }
        return true;
    }

    /**
     * Runs until {@code done}, but at most for {@code forNs} of virtual time.
     *
     * @return whether it was done
     */
    public boolean runUntil(BooleanSupplier done, long forNs) {
        long end = nowNs + forNs;
        while (!done.getAsBoolean()) {
            if (!stepBefore(end)) {
                nowNs = end;
                return done.getAsBoolean();
            }
        }
        return true;
    }

    /** Runs for {@code forNs} of virtual time. */
    public void run(long forNs) {
        runUntil(() -> false, forNs);
    }

    // --- the end ---

    /** Ends all hosts at once; what is on its way is lost, resets included. Idempotent. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (SimulatedLink link : links) {
            link.close();
        }
        for (Bottleneck bottleneck : retired) {
            bottleneck.clear();
        }
        for (SimulatedNode node : nodes) {
            node.sleep();
            node.close();
        }
    }

    /** After {@link #close}: throws {@link IllegalStateException} with the seed if anything was not given back. */
    public void assertNoLeaks() {
        if (!closed) {
            throw new IllegalStateException("close the network first");
        }
        for (SimulatedLink link : links) {
            if (link.outstanding() != 0) {
                throw new IllegalStateException(
                        "link " + link + " leaks " + link.outstanding() + " frame(s), seed " + seed);
            }
        }
        for (SimulatedNode node : nodes) {
            if (!node.leaks().isEmpty()) {
                throw new IllegalStateException(node + " leaks " + node.leaks() + ", seed " + seed);
            }
        }
    }
}
