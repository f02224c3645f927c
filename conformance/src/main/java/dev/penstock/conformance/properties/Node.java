package dev.penstock.conformance.properties;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.device.ImpairmentSide;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.sim.SimulatedHost;
import dev.penstock.stack.tcp.Tcp;
import dev.penstock.stack.tcp.TcpAcceptor;
import dev.penstock.stack.tcp.TcpEcn;
import dev.penstock.stack.tcp.TcpMtuProbing;
import dev.penstock.stack.timer.Deadline;
import java.util.HashMap;
import java.util.Map;

/** A host of a {@link World}: its stack, what stands between that and its cable, and its listeners. */
final class Node {
    private static final long SECOND = 1_000_000_000L;

    final String name;
    final int index;
    final int mtu;
    final long hi;
    final long lo;
    final boolean scarce;
    private final SimulatedHost host;
    private final StackShard shard;
    PathRouter router;
    HostWatch watch;
    final Map<Integer, TcpAcceptor> listeners = new HashMap<>();
    final DatagramEnd datagrams;
    /** Something has happened to the path that a connection may have died of. */
    boolean pathWasBad;

    Node(World world, Action a) {
        index = a.intArg(0);
        name = "h" + index;
        mtu = a.intArg(1);
        scarce = !a.first(9);
        ShardConfig config = new ShardConfig();
        config.tcp.sack = a.first(2);
        config.tcp.timestamps = a.first(3);
        config.tcp.windowScaling = a.first(4);
        config.tcp.ecn = TcpEcn.valueOf(a.kind.args.get(5).words().get(a.intArg(5)));
        config.tcp.pacing = a.first(6);
        config.tcp.rack = a.first(7);
        config.tcp.mtuProbing = TcpMtuProbing.valueOf(a.kind.args.get(8).words().get(a.intArg(8)));
        config.tcp.tracer = (c, now) -> world.coverage();
        if (scarce) {
            config.socketMemory = 1 << 20;
        }
        RandomSource random = RandomSource.seeded(world.scenario().seed() * 31 + index);
        host = world.network().host(name, prefix(index), mtu, config, below -> {
            router = new PathRouter(below, random);
            watch = new HostWatch(router, world, name);
            return watch;
        });
        shard = (StackShard) host.stack();
        hi = host.address().hi();
        lo = host.address().lo();
        Deadline wake = new Deadline() {
            @Override
            protected void onDeadline(long nowNs) {
                // The shard polls once it is awake.
            }
        };
        router.onMessage(() -> shard.deadlines().schedule(wake, world.nowNs() + 1_000));
        watch.mayRefuse(this::mayRefuse);
        datagrams = new DatagramEnd(world, this);
    }

    private static String prefix(int index) {
        return "192.0.2." + (index + 1) + "/24";
    }

    /** The low half of the address of host {@code index}, whether there is one or not. */
    static long address(int index) {
        return dev.penstock.stack.wire.IpAddress.parse("192.0.2." + (index + 1)).lo();
    }

    /** What arrived in the window may have been dropped for want of room. */
    private boolean mayRefuse() {
        Counters c = counters();
        return c.get(DropReason.TCP_REASSEMBLY_LIMIT)
                        + c.get(DropReason.TCP_REASSEMBLY_MEMORY)
                        + c.get(DropReason.TCP_MEMORY_PRESSURE)
                        + c.get(DropReason.TCP_BACKLOG_FULL)
                        + c.get(DropReason.CHUNK_POOL_EMPTY)
                        + c.get(StackCounter.TCP_SACK_RENEGED)
                > 0;
    }

    StackShard shard() {
        return shard;
    }

    Tcp tcp() {
        return shard.tcp();
    }

    Counters counters() {
        return host.counters();
    }

    /** Grows whenever a packet gets anywhere; the loopback's, too. */
    long moved() {
        ImpairmentSide out = host.cable().transmit();
        ImpairmentSide in = host.cable().receive();
        return out.seen()
                + out.delivered()
                + in.seen()
                + in.delivered()
                + counters().get(StackCounter.IP_IN_RECEIVES);
    }

    long dropped() {
        return host.cable().transmit().overflowed()
                + host.cable().receive().overflowed()
                + host.cable().errors();
    }

    /** Way 0 is out of the host, 1 into it, 2 both. */
    void forWay(int way, java.util.function.Consumer<ImpairmentSide> what) {
        if (way != 1) {
            what.accept(host.cable().transmit());
        }
        if (way != 0) {
            what.accept(host.cable().receive());
        }
    }

    void heal() {
        forWay(2, side -> side.loss(0)
                .duplicate(0)
                .corrupt(0)
                .reorder(0, 1)
                .delay(0, 0)
                .rate(0)
                .partition(false));
        router.mtu = 65_535;
        router.marking = 0;
    }

    /** Longer than any retransmission timer. */
    static long patienceNs() {
        return 150 * SECOND;
    }
}
