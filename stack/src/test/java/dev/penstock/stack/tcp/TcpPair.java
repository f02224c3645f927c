package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.ip.IpPacket;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.IpAddress;
import java.util.PriorityQueue;

/** Two TCP layers joined by a path with delay, loss, reordering and duplication, in virtual time, from one seed. */
final class TcpPair {
    static final long MS = 1_000_000L;

    static final class Host {
        final IpAddress address;
        final FakeIp ip;
        final DeadlineQueue deadlines = new DeadlineQueue();
        final Counters counters = new Counters();
        final ChunkPool chunks = new ChunkPool(64 << 20);
        final TcpLayer tcp;
        long segmentsSent;

        Host(TcpPair net, IpAddress address, TcpConfig config, long seed) {
            this.address = address;
            this.ip = new FakeIp(address, (segment, path, now) -> {
                segmentsSent++;
                net.carry(this, segment, path.tos, now);
            });
            ip.mtu = (address.isV4() ? Family.V4 : Family.V6).mtu;
            ip.counters = counters;
            this.tcp = new TcpLayer(config, ip, deadlines, RandomSource.seeded(seed), counters, chunks);
        }
    }

    private record InFlight(long atNs, long order, Host to, Host from, byte[] segment, int tos) {}

    final Host a;
    final Host b;
    final RandomSource random;
    long nowNs = 1_000 * MS;
    private long horizonNs = Long.MAX_VALUE;
    long delayNs = 10 * MS;
    long jitterNs;
    double loss;
    double duplicate;
    double reorder;
    /** How much later a reordered segment arrives; 0 for as much as {@link #delayNs}. */
    long reorderNs;
    /** How many of the ECN-capable segments are marked. */
    double mark;
    /** Whatever is ECN-capable is lost. */
    boolean ectDropped;
    /** Drops the segment if it answers true: scripted losses. */
    java.util.function.BiPredicate<Host, byte[]> drop = (from, segment) -> false;

    private final PriorityQueue<InFlight> wire = new PriorityQueue<>(
            (x, y) -> x.atNs != y.atNs ? Long.compare(x.atNs, y.atNs) : Long.compare(x.order, y.order));
    private long order;

    TcpPair(long seed) {
        this(seed, new TcpConfig(), new TcpConfig());
    }

    TcpPair(long seed, TcpConfig configA, TcpConfig configB) {
        this(seed, Family.OF_THIS_RUN, configA, configB);
    }

    TcpPair(long seed, Family family, TcpConfig configA, TcpConfig configB) {
        random = RandomSource.seeded(seed);
        a = new Host(this, family.one, configA, random.nextLong());
        b = new Host(this, family.other, configB, random.nextLong());
    }

    private void carry(Host from, byte[] segment, int sentTos, long now) {
        if (drop.test(from, segment) || random.nextDouble() < loss) {
            return;
        }
        Host to = from == a ? b : a;
        boolean capable = (sentTos & 3) != 0;
        if (capable && ectDropped) {
            return;
        }
        // Without a look at the random numbers for others: what their seeds lead to must not change.
        int tos = capable && mark > 0 && random.nextDouble() < mark ? sentTos | 3 : sentTos;
        int copies = random.nextDouble() < duplicate ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            long extra = jitterNs == 0 ? 0 : (long) (random.nextDouble() * jitterNs);
            if (random.nextDouble() < reorder) {
                extra += reorderNs == 0 ? delayNs : reorderNs;
            }
            wire.add(new InFlight(now + delayNs + extra, order++, to, from, segment, tos));
        }
    }

    /** One step: everything that is due now, or the next moment at which something is. False when nothing waits. */
    boolean step() {
        if (!a.tcp.hasPending() && !b.tcp.hasPending()) {
            long next = Math.min(a.deadlines.nextDeadlineNs(), b.deadlines.nextDeadlineNs());
            if (!wire.isEmpty()) {
                next = Math.min(next, wire.peek().atNs);
            }
            if (next == Deadline.NEVER) {
                return false;
            }
            if (next > horizonNs) {
                return false;
            }
            nowNs = Math.max(nowNs, next);
        }
        while (!wire.isEmpty() && wire.peek().atNs <= nowNs) {
            InFlight f = wire.poll();
            IpPacket p = FakeIp.packet(f.segment.clone(), f.from.address, f.to.address);
            p.tos = f.tos;
            f.to.tcp.onPacket(p, nowNs);
        }
        a.deadlines.expire(nowNs, 1000);
        b.deadlines.expire(nowNs, 1000);
        a.tcp.flush(nowNs);
        b.tcp.flush(nowNs);
        a.tcp.checkInvariants();
        b.tcp.checkInvariants();
        return true;
    }

    /** Runs until {@code done} or until the time is over; answers whether it was done. */
    boolean runUntil(java.util.function.BooleanSupplier done, long forNs) {
        long end = nowNs + forNs;
        while (!done.getAsBoolean() && nowNs <= end) {
            if (!step()) {
                return done.getAsBoolean();
            }
        }
        return done.getAsBoolean();
    }

    void run(long forNs) {
        runUntil(() -> false, forNs);
    }

    /** As {@link #run}, but time stops after {@code ns}, whether something happens then or not. */
    void runExactly(long ns) {
        horizonNs = nowNs + ns;
        run(ns);
        nowNs = horizonNs;
        horizonNs = Long.MAX_VALUE;
    }

    void assertNoLeaks() {
        a.chunks.assertAllReturned();
        b.chunks.assertAllReturned();
        if (a.ip.openPaths != 0 || b.ip.openPaths != 0) {
            throw new IllegalStateException("paths left open: " + a.ip.openPaths + ", " + b.ip.openPaths);
        }
        if (a.tcp.connections() != 0 || b.tcp.connections() != 0) {
            throw new IllegalStateException("connections left");
        }
        if (a.deadlines.size() != 0 || b.deadlines.size() != 0) {
            throw new IllegalStateException("deadlines left");
        }
    }
}
