package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.device.PcapTap;
import dev.penstock.stack.device.PcapngWriter;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.socket.ShardContext;
import dev.penstock.stack.tcp.TcpConfig;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A whole stack in virtual time at one end of a {@link ScriptedDevice}. It is made when it is first used, so that commands
 * at the head of a script can still change what it is made of. The clock of the stack is the script's.
 */
final class VirtualHost implements Host, Machine {
    /** So that a stack or a script that keeps itself busy for ever comes to an end. */
    private static final int MAX_CYCLES_AT_ONCE = 100_000;

    private static final int MAX_MOMENTS = 5_000_000;
    /** Every run is the same. */
    private static final long SEED = 20_260_101;
    /** What captures show for the time 0 of a script: 2026-01-01T00:00:00Z. */
    static final long EPOCH_NS = 1_767_225_600_000_000_000L;

    private static final int SNAP_LENGTH = 256;
    /** In virtual time a retransmission after two minutes is near. */
    private static final long LOOK_AHEAD_NS = 130_000_000_000L;

    private static final long PATIENCE_NS = 3_600_000_000_000L;

    private final WireSettings settings;
    private final Profile profile;
    private final ShardConfig config = new ShardConfig();
    private final List<Throwable> faults = new ArrayList<>();
    private final long wallLimitNs;
    private final long wallStartNs = System.nanoTime();
    private final PcapngWriter capture;
    private final Program program;
    private ScriptedDevice device;
    private StackShard shard;
    private final LinuxMemory memory = new LinuxMemory();
    private boolean observing;
    private long nowNs;
    private int moments;

    /**
     * @param capture null for none; closed with this
     * @param wallLimitNs real time after which it gives up
     * @param programs makes the program that runs on it
     */
    VirtualHost(
            WireSettings settings,
            Profile profile,
            PcapngWriter capture,
            long wallLimitNs,
            Function<VirtualHost, Program> programs) {
        this.settings = settings;
        this.profile = profile;
        this.capture = capture;
        this.wallLimitNs = wallLimitNs;
        ProfileHabits.apply(profile, config);
        // A script begins on a host that has been there for long: its addresses are verified.
        config.ip.dadTransmits = 0;
        this.program = programs.apply(this);
    }

    private StackShard shard() {
        if (shard == null) {
            device = new ScriptedDevice(settings.mtu, this::nowNs);
            NetworkDevice wire =
                    capture == null ? device : PcapTap.over(device, capture, "tun0", () -> EPOCH_NS + nowNs);
            shard = StackShard.create(
                    wire,
                    config,
                    List.of(settings.localPrefix()),
                    settings.gateway,
                    this::nowNs,
                    RandomSource.seeded(SEED),
                    faults::add);
            settle();
            device.sent().clear();
        }
        return shard;
    }

    @Override
    public Program program() {
        return program;
    }

    @Override
    public void begin() {
        shard();
    }

    @Override
    public ArrayDeque<Packet> sent() {
        shard();
        return device.sent();
    }

    @Override
    public void inject(byte[] packet, int gsoSize) {
        shard();
        device.inject(packet, gsoSize);
        settle();
    }

    @Override
    public void mtu(int mtu, int line) throws SkipException {
        if (shard != null && mtu != settings.mtu) {
            throw new SkipException(line, "the MTU of the interface cannot change while the stack runs");
        }
        settings.mtu = mtu;
    }

    @Override
    public long patienceNs() {
        return PATIENCE_NS;
    }

    @Override
    public long lookAheadNs() {
        return LOOK_AHEAD_NS;
    }

    @Override
    public long nowNs() {
        return nowNs;
    }

    @Override
    public ShardContext stack() {
        return shard();
    }

    @Override
    public TcpConfig tcp() {
        return config.tcp;
    }

    @Override
    public LinuxMemory memory() {
        return memory;
    }

    @Override
    public Profile profile() {
        return profile;
    }

    @Override
    public Endpoint local() {
        return new Endpoint(settings.local.hi(), settings.local.lo(), settings.bindPort);
    }

    @Override
    public Endpoint remote() {
        return new Endpoint(settings.remote.hi(), settings.remote.lo(), settings.connectPort);
    }

    @Override
    public void settle() {
        work();
        // Whoever is told of something may do something in turn; calls within calls settle with the outermost.
        if (!observing) {
            observing = true;
            while (program.observe()) {
                work();
            }
            observing = false;
        }
    }

    private void work() {
        StackShard s = shard();
        int cycles = 0;
        boolean busy = true;
        while (busy) {
            int work = s.doWork();
            busy = work != 0 || s.hasPending() || device.hasInjected() || s.nextDeadlineNs() <= nowNs;
            if (!faults.isEmpty()) {
                throw new IllegalStateException("the stack failed: " + faults.get(0), faults.get(0));
            }
            if (++cycles > MAX_CYCLES_AT_ONCE) {
                throw new IllegalStateException("the stack does not come to rest at " + Times.text(nowNs));
            }
        }
    }

    @Override
    public long nextNs() {
        return shard().nextDeadlineNs();
    }

    @Override
    public void stepTo(long limitNs) {
        long next = nextNs();
        nowNs = Math.max(nowNs, Math.min(next, limitNs));
        if (++moments > MAX_MOMENTS) {
            throw new IllegalStateException("more than " + MAX_MOMENTS + " moments in one script");
        }
        if ((moments & 0xff) == 0 && System.nanoTime() - wallStartNs > wallLimitNs) {
            throw new IllegalStateException(
                    "the script ran for more than " + wallLimitNs / 1_000_000_000L + " seconds of real time");
        }
        settle();
    }

    @Override
    public void close() {
        if (shard != null) {
            shard.onClose();
        }
        if (capture != null) {
            capture.close();
        }
    }

    /** What the stack did not give back, once closed; empty if nothing. */
    String leaks() {
        return shard == null ? "" : shard.leaks();
    }

    static PcapngWriter capture(java.nio.file.Path dir, String name) throws java.io.IOException {
        java.nio.file.Files.createDirectories(dir);
        String file = name.replaceAll("^[./]+", "")
                .replaceAll("\\.pkt(?=$|-ipv6$)", "")
                .replaceAll("[^A-Za-z0-9._-]+", "_");
        java.nio.file.Path path = dir.resolve(file + ".pcapng");
        return new PcapngWriter(
                java.nio.channels.FileChannel.open(
                        path,
                        java.nio.file.StandardOpenOption.CREATE,
                        java.nio.file.StandardOpenOption.TRUNCATE_EXISTING,
                        java.nio.file.StandardOpenOption.WRITE),
                SNAP_LENGTH);
    }
}
