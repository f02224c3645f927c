package dev.penstock.conformance.properties;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.sim.HostBuilder;
import dev.penstock.stack.sim.LinkEvent;
import dev.penstock.stack.sim.LinkSide;
import dev.penstock.stack.sim.SimulatedHost;
import dev.penstock.stack.tcp.Tcp;
import dev.penstock.stack.tcp.TcpAcceptor;
import dev.penstock.stack.tcp.TcpEcn;
import dev.penstock.stack.tcp.TcpMtuProbing;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.Ipv6Header;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** A host of a {@link World}: its stack, what stands between that and its cable, and its listeners. */
final class Node {
    final String name;
    final int index;
    final int mtu;
    /** Of all IPv6 addresses here. */
    static final long HI_V6 = 0x2001_0db8_0009_0000L;

    final boolean ipv6;
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
        ipv6 = !a.first(10);
        mtu = ipv6 ? Math.max(Ipv6Header.MIN_LINK_MTU, a.intArg(1)) : a.intArg(1);
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
        config.ip.dadTransmits = a.first(11) ? 0 : 1;
        HostBuilder builder = world.network().newHost(name).address(prefix(index));
        if (ipv6) {
            builder.address("2001:db8:9::" + (index + 1) + "/64");
        }
        host = builder.mtu(mtu)
                .config(config)
                .through(below -> {
                    router = new PathRouter(below, random);
                    watch = new HostWatch(router, world, name);
                    return watch;
                })
                .plugIn();
        shard = (StackShard) host.stack();
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
    static long address(int index, boolean v6) {
        return v6 ? index + 1 : IpAddress.v4(0xc000_0201 + index);
    }

    /** Is there such an address of this host? */
    boolean has(long lo) {
        return lo == address(index, false) || ipv6 && lo == address(index, true);
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
        return count(LinkEvent.OFFERED)
                + count(LinkEvent.SENT)
                + count(LinkEvent.DELIVERED)
                + counters().get(StackCounter.IP_IN_RECEIVES);
    }

    private long count(LinkEvent event) {
        return host.transmit().count(event) + host.receive().count(event);
    }

    /** Packets that were dropped for want of room, or because the other host takes smaller ones only. */
    long dropped() {
        return count(LinkEvent.QUEUE_FULL) + count(LinkEvent.OVERFLOWED) + count(LinkEvent.TOO_LONG);
    }

    /** Way 0 is out of the host, 1 into it, 2 both. */
    void forWay(int way, Consumer<LinkSide> what) {
        if (way != 1) {
            what.accept(host.transmit());
        }
        if (way != 0) {
            what.accept(host.receive());
        }
    }

    void heal() {
        forWay(2, side -> side.perfect().delay(0, 0).rate(0).cut(false));
        router.mtu = 65_535;
        router.marking = 0;
    }
}
