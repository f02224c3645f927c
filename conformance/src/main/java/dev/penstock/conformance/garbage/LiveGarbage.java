package dev.penstock.conformance.garbage;

import dev.penstock.conformance.transfer.StreamEnd;
import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.device.Impairment;
import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.device.SoftwareOffload;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpEcn;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Two stacks, in one thread and in virtual time, exchange known streams over a path that loses and reorders, while each of
 * them hears bad copies of the segments that it gets ({@link SegmentMutator}), so that what keeps track of data in flight is
 * lied to. After each step its invariants are checked.
 */
public final class LiveGarbage implements AutoCloseable {
    private static final long MS = 1_000_000L;
    private static final long SECOND = 1_000 * MS;
    private static final long MINUTE = 60 * SECOND;
    private static final int PORT = 7;
    private static final int SCALE = 4;
    private static final IpAddress CLIENT = IpAddress.parse("10.9.0.1");
    private static final IpAddress SERVER = IpAddress.parse("10.9.0.2");

    /**
     * What came of a run.
     *
     * @param frames bad copies that were fed
     * @param transfers that were begun
     * @param broken of them did not end in order
     * @param complaint of the first transfer that broke, or null
     */
    public record Outcome(long frames, long transfers, long broken, String complaint) {}

    private final long seed;
    private final boolean wild;
    private final RandomSource random;
    private final MemoryWire wire = MemoryWire.builder().queue(4096, 16 << 20).build();
    private final List<Throwable> faults = new ArrayList<>();
    private final Impairment path;
    private final MutatingDevice clientDevice;
    private final MutatingDevice serverDevice;
    private final StackShard client;
    private final StackShard server;
    private StreamEnd expected;
    private long nowNs = SECOND;

    /** @param wild forges what may break a connection, too */
    public LiveGarbage(long seed, boolean wild) {
        this.seed = seed;
        this.wild = wild;
        this.random = RandomSource.seeded(seed);
        path = Impairment.over(wire.a(), RandomSource.seeded(random.nextLong()));
        path.transmit().loss(0.02).reorder(0.02, 3, 5 * MS).delay(2 * MS, MS);
        path.receive().loss(0.02).reorder(0.02, 3, 5 * MS).delay(2 * MS, MS);
        clientDevice = new MutatingDevice(path, RandomSource.seeded(random.nextLong()), wild);
        serverDevice = new MutatingDevice(wire.b(), RandomSource.seeded(random.nextLong()), wild);
        client = shard(clientDevice, CLIENT);
        server = shard(serverDevice, SERVER);
        server.tcp().listen(0, 0, PORT, 8, options(), (l, now) -> {
            while (l.acceptable() > 0) {
                l.accept(expected);
            }
        });
    }

    private StackShard shard(NetworkDevice device, IpAddress address) {
        ShardConfig config = new ShardConfig();
        config.tcp.ecn = TcpEcn.ON;
        config.tcp.timestamps = random.nextInt(2) == 0;
        config.tcp.rack = random.nextInt(4) != 0;
        config.tcp.tcbSharing = false;
        config.tcp.maxSentSegments = 1 << (6 + random.nextInt(6));
        // Challenges that forged segments provoke must not run out for the honest ones.
        config.tcp.challengeAcksPerSecond = 1_000_000;
        StackShard shard = StackShard.create(
                SoftwareOffload.over(device),
                config,
                List.of(new IpPrefix(address, 24)),
                null,
                () -> nowNs,
                RandomSource.seeded(random.nextLong()),
                faults::add);
        shard.onStart();
        return shard;
    }

    private TcpOptions options() {
        TcpOptions options = new TcpOptions();
        if (random.nextInt(2) == 0) {
            options.sendBuffer = 1 << (14 + random.nextInt(6));
            options.receiveBuffer = 1 << (14 + random.nextInt(6));
        }
        options.congestion = random.nextInt(2) == 0 ? "cubic" : "reno";
        options.noDelay = random.nextInt(2) == 0;
        options.keepAlive = true;
        options.keepIdleNs = MINUTE;
        return options;
    }

    /** Feeds about {@code frames} bad copies, most of them while data is in flight. */
    public Outcome run(long frames) {
        long transfers = 0;
        long broken = 0;
        String complaint = null;
        while (fed() < frames) {
            transfers++;
            String bad = transfer(100_000 + random.nextInt(1 << 20), random.nextInt(1 << 20));
            if (bad != null) {
                broken++;
                complaint = complaint == null ? "seed " + seed + ", transfer " + transfers + ": " + bad : complaint;
            }
        }
        return new Outcome(fed(), transfers, broken, complaint);
    }

    /** How many bad copies were fed. */
    public long fed() {
        return clientDevice.fed() + serverDevice.fed();
    }

    private String transfer(int up, int down) {
        StreamEnd ours = new StreamEnd(up, down, RandomSource.seeded(random.nextLong()), random.nextInt(2) == 0);
        StreamEnd theirs = new StreamEnd(down, up, RandomSource.seeded(random.nextLong()), random.nextInt(2) == 0);
        expected = theirs;
        TcpConnection c = client.tcp().connect(0, 0, 0, SERVER.hi(), SERVER.lo(), PORT, options(), ours, nowNs);
        if (c == null) {
            throw new IllegalStateException(
                    where() + "no connection: " + client.tcp().errorOfLastCall());
        }
        clientDevice.most(SCALE);
        serverDevice.most(SCALE);
        // A wild one may be lost to both sides: then the application gives up.
        long end = nowNs + (wild ? 10 * MINUTE : 24 * 60 * MINUTE);
        while (!(ours.isOver() && theirs.isOver()) && nowNs < end) {
            step(end);
        }
        clientDevice.most(0);
        serverDevice.most(0);
        String complaint = ours.complaint() == null ? theirs.complaint() : ours.complaint();
        if (!ours.isOver()) {
            c.abort(nowNs);
        }
        long drained = nowNs + 20 * MINUTE;
        while (nowNs < drained
                && (client.tcp().connections() > 0 || server.tcp().connections() > 0)) {
            step(drained);
        }
        int left = client.tcp().connections() + server.tcp().connections();
        if (left > 0) {
            throw new IllegalStateException(where() + left + " connection(s) left, after: " + complaint);
        }
        return complaint;
    }

    private void step(long end) {
        path.advance(nowNs);
        int work = client.doWork() + server.doWork();
        client.checkInvariants();
        server.checkInvariants();
        if (!faults.isEmpty()) {
            throw new IllegalStateException(where() + "a fault", faults.get(0));
        }
        if (work == 0) {
            long next = Math.min(client.nextDeadlineNs(), Math.min(server.nextDeadlineNs(), path.nextDeadlineNs()));
            nowNs = Math.max(nowNs + MS / 20, Math.min(next, end));
        } else {
            nowNs += MS / 20;
        }
    }

    private String where() {
        return "seed " + seed + ", frame " + fed() + ": ";
    }

    /** Both stacks' counter of that name, together. */
    public long count(StackCounter counter) {
        Counters a = client.counters();
        return a.get(counter) + server.counters().get(counter);
    }

    /** Throws if something leaked. */
    @Override
    public void close() {
        client.onClose();
        server.onClose();
        String leaks = client.leaks() + server.leaks();
        wire.assertAllReturned();
        wire.close();
        if (!leaks.isEmpty() || !faults.isEmpty()) {
            throw new IllegalStateException(where() + leaks + faults);
        }
    }

    /**
     * {@code LiveGarbage FRAMES FIRST_SEED SEEDS}: so many bad copies in all, half of them wild. Exit code 0 when nothing
     * failed.
     */
    public static void main(String[] args) {
        long frames = Long.parseLong(args[0]);
        long first = Long.parseLong(args[1]);
        int seeds = Integer.parseInt(args[2]);
        long heapBefore = heap();
        int failures = 0;
        for (int i = 0; i < 2 * seeds; i++) {
            failures += run(frames / 2 / seeds, first + i / 2, i % 2 == 1);
        }
        System.out.printf(
                Locale.ROOT,
                "heap in use before %.1f MiB, after %.1f MiB%n",
                heapBefore / 1048576.0,
                heap() / 1048576.0);
        System.exit(failures == 0 ? 0 : 1);
    }

    private static int run(long frames, long seed, boolean wild) {
        long began = System.nanoTime();
        String name = String.format(Locale.ROOT, "seed %d, %s", seed, wild ? "wild" : "advice");
        LiveGarbage lab = new LiveGarbage(seed, wild);
        try {
            Outcome o = lab.run(frames);
            boolean good = wild || o.broken == 0;
            System.out.printf(
                    Locale.ROOT,
                    "%s  %s: %,d bad copies in %.1f s, %,d transfers, %,d broken; retransmitted %,d, recoveries %,d, RTOs"
                            + " %,d, undone %,d, bad SACK blocks %,d, renegings %,d%s%n",
                    good ? "ok  " : "FAIL",
                    name,
                    o.frames,
                    (System.nanoTime() - began) / 1e9,
                    o.transfers,
                    o.broken,
                    lab.count(StackCounter.TCP_RETRANS_SEGS),
                    lab.count(StackCounter.TCP_FAST_RETRANSMITS),
                    lab.count(StackCounter.TCP_RTO_TIMEOUTS),
                    lab.count(StackCounter.TCP_SPURIOUS_RECOVERIES),
                    lab.count(StackCounter.TCP_BAD_SACK_BLOCKS),
                    lab.count(StackCounter.TCP_SACK_RENEGING),
                    good ? "" : "; " + o.complaint);
            lab.close();
            return good ? 0 : 1;
        } catch (RuntimeException e) {
            System.out.println("FAIL  " + name + ": " + e);
            e.printStackTrace(System.out);
            return 1;
        }
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
