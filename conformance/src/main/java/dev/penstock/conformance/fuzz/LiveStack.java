package dev.penstock.conformance.fuzz;

import dev.penstock.conformance.transfer.StreamEnd;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpEcn;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A live stack in virtual time: it listens, has UDP sockets, answers pings, and exchanges a checked stream with an honest peer, a
 * stack of its own, while forged frames reach it. After each step the invariants of both are checked; in the end, that nothing is
 * left.
 */
final class LiveStack implements AutoCloseable {
    static final long MS = 1_000_000L;
    static final long SECOND = 1_000 * MS;
    static final long MINUTE = 60 * SECOND;
    /** The honest connection's port, and that of everybody else. */
    static final int HONEST_PORT = 80;

    static final int OPEN_PORT = 7;
    static final int UDP_PORT = 53;

    private static final IpAddress STACK = IpAddress.parse("10.9.0.2");
    private static final IpAddress PEER = IpAddress.parse("10.9.0.1");
    /** More events than any input needs: beyond it, the stacks talk for the sake of talking. */
    private static final int MOST_STEPS = 400_000;
    /** Fewer losses no connection may die of: a SYN is sent eight times. */
    private static final int MOST_LOSSES = 6;

    private final MemoryWire wire = MemoryWire.builder().queue(512, 4 << 20).build();
    private final List<Throwable> faults = new ArrayList<>();
    private final StackShard peer;
    private final ShardConfig config = new ShardConfig();
    final StackShard stack;
    final Injector injector;
    final Forge forge;
    final Application application;
    final UdpEndpoint udp;
    /** The honest connection's ends, null until {@link #connect}. */
    StreamEnd ours;

    StreamEnd theirs;
    private TcpConnection peerConnection;
    private int steps;
    private long nowNs = SECOND;

    /** @param in chooses the configuration, two bytes */
    LiveStack(FuzzInput in) {
        int choice = in.u8();
        config.socketMemory = 1L << 20;
        config.maxSockets = 64;
        config.tcp.maxConnections = 48;
        config.tcp.maxHalfOpen = 8;
        config.tcp.maxTimeWait = 16;
        config.tcp.maxOrphans = 8;
        config.ip.maxReassemblies = 8;
        config.ip.maxFragments = 32;
        config.tcp.timestamps = (choice & 1) == 0;
        config.tcp.sack = (choice & 2) == 0;
        config.tcp.rack = (choice & 4) == 0;
        config.tcp.windowScaling = (choice & 8) == 0;
        config.tcp.ecn = (choice & 16) == 0 ? TcpEcn.PASSIVE : TcpEcn.ON;
        config.tcp.maxSentSegments = (choice & 32) == 0 ? 32_768 : 64;
        config.ip.minPathMtu = (choice & 64) == 0 ? 552 : 68;
        ShardConfig other = new ShardConfig();
        other.socketMemory = 4L << 20;
        other.tcp.ecn = (choice & 128) == 0 ? TcpEcn.PASSIVE : TcpEcn.ON;
        int seed = in.u8();
        injector = new Injector(wire.a(), STACK.v4Bits(), PEER.v4Bits());
        stack = shard(injector, STACK, config, seed);
        peer = shard(wire.b(), PEER, other, ~seed);
        forge = new Forge(STACK.v4Bits(), wire.a().macAddress());
        application = new Application(this);
        udp = application.openUdp(UDP_PORT);
        application.listen(OPEN_PORT);
    }

    private StackShard shard(NetworkDevice device, IpAddress address, ShardConfig with, long seed) {
        StackShard shard = StackShard.create(
                device,
                with,
                List.of(new IpPrefix(address, 24)),
                null,
                () -> nowNs,
                RandomSource.seeded(seed),
                faults::add);
        shard.onStart();
        return shard;
    }

    static TcpOptions options() {
        TcpOptions options = new TcpOptions();
        options.sendBuffer = 32 << 10;
        options.receiveBuffer = 32 << 10;
        // Finds out that invented peers are gone.
        options.keepAlive = true;
        options.keepIdleNs = MINUTE;
        options.keepCount = 3;
        return options;
    }

    /** The honest peer connects; {@code up} bytes go to the stack and {@code down} come from it. */
    void connect(int up, int down, int seed) {
        theirs = new StreamEnd(up, down, RandomSource.seeded(seed), (seed & 1) == 0);
        ours = new StreamEnd(down, up, RandomSource.seeded(seed + 1), (seed & 2) == 0);
        stack.tcp().listen(0, 0, HONEST_PORT, 4, options(), (l, now) -> {
            while (l.acceptable() > 0) {
                // Forged handshakes may complete, too: those have no stream.
                TcpConnection c = l.accept(application.honest(ours));
                application.isHonest(c);
            }
        });
        peerConnection = peer.tcp().connect(0, 0, 0, STACK.hi(), STACK.lo(), HONEST_PORT, options(), theirs, nowNs);
    }

    long nowNs() {
        return nowNs;
    }

    ShardConfig config() {
        return config;
    }

    /** Lets {@code forNs} of virtual time pass. */
    void run(long forNs) {
        runUntil(() -> false, forNs);
    }

    /** Lets time pass until {@code done}, but at most {@code forNs}; answers whether it was done. */
    boolean runUntil(BooleanSupplier done, long forNs) {
        long end = nowNs + forNs;
        while (!done.getAsBoolean()) {
            int work = stack.doWork() + peer.doWork();
            check();
            if (work > 0) {
                nowNs += 20_000;
                continue;
            }
            if (nowNs >= end) {
                return false;
            }
            long next = Math.min(stack.nextDeadlineNs(), peer.nextDeadlineNs());
            nowNs = Math.min(end, Math.max(nowNs + 1_000, next));
        }
        return true;
    }

    private void check() {
        stack.checkInvariants();
        peer.checkInvariants();
        if (!faults.isEmpty()) {
            throw new IllegalStateException("a fault of the stack", faults.get(0));
        }
        if (++steps > MOST_STEPS) {
            throw new IllegalStateException("livelock: " + steps + " events, " + injector.sent + " frames sent, of "
                    + injector.fed + " forged; " + stack.counters());
        }
        limit("connections", stack.tcp().connections(), config.tcp.maxConnections);
        limit("chunks", stack.chunks().outstanding(), stack.chunks().maxChunks());
        limit("neighbours", stack.ip().neighbors().size(), config.ip.neighbors.maxEntries());
    }

    private static void limit(String what, int is, int most) {
        if (is > most) {
            throw new IllegalStateException(is + " " + what + ", where " + most + " are the limit");
        }
    }

    /**
     * The network is whole again and nobody forges any more: the honest connection has to end, in order or with a named error.
     *
     * @param unbroken it must have carried every byte
     */
    void finishHonest(boolean unbroken) {
        injector.loseIn = 0;
        injector.loseOut = 0;
        boolean over = runUntil(this::isHonestOver, 24 * 60 * MINUTE);
        if (unbroken) {
            String complaint = theirs.complaint() == null ? ours.complaint() : theirs.complaint();
            // With more losses one side may have had to give up, which the other learns by a reset.
            boolean mayEnd = over && injector.lost > MOST_LOSSES && isNamedError(complaint);
            if (!mayEnd && (!over || complaint != null)) {
                throw new IllegalStateException("the honest connection: " + complaint + "; " + stack.counters());
            }
        }
        if (!over && peerConnection != null && !theirs.isOver()) {
            peerConnection.abort(nowNs);
        }
    }

    /** Both ends have ended, or the one that there is. */
    private boolean isHonestOver() {
        return theirs.isOver() && (ours.isOver() || !application.hasHonest());
    }

    private static boolean isNamedError(String complaint) {
        return complaint == null || complaint.startsWith("ended with") || complaint.startsWith("sent ");
    }

    /** All applications go; then nothing may be left: no connection, no memory, no frame. */
    void finish() {
        application.closeAll();
        boolean drained =
                runUntil(() -> stack.tcp().connections() == 0 && peer.tcp().connections() == 0, 30 * MINUTE);
        if (!drained) {
            throw new IllegalStateException(stack.tcp().connections() + " connection(s) left, and "
                    + peer.tcp().connections() + " of the peer's");
        }
        // The reassembler's patience, and ARP's.
        run(2 * MINUTE);
        limit("chunks after the end", stack.chunks().outstanding(), 0);
        limit("chunks after the peer's end", peer.chunks().outstanding(), 0);
    }

    @Override
    public void close() {
        stack.onClose();
        peer.onClose();
        String leaks = stack.leaks() + peer.leaks();
        if (!leaks.isEmpty()) {
            throw new IllegalStateException("leaked " + leaks);
        }
        wire.assertAllReturned();
        if (!faults.isEmpty()) {
            throw new IllegalStateException("a fault at the end", faults.get(0));
        }
    }
}
