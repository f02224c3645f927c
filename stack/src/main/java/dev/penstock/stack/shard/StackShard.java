package dev.penstock.stack.shard;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.ChunkPool;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.device.Sleeper;
import dev.penstock.stack.dhcp.DhcpLayer;
import dev.penstock.stack.ip.IpLayer;
import dev.penstock.stack.socket.CommandQueue;
import dev.penstock.stack.socket.OpenSockets;
import dev.penstock.stack.socket.ShardContext;
import dev.penstock.stack.socket.Waker;
import dev.penstock.stack.tcp.Tcp;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.MacAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A whole stack, on one device or on several, run by whoever calls {@link #doWork()}: a thread of its own, an agent runner of Agrona, or
 * a simulation in virtual time. Starts no thread, takes no lock; time comes from the clock it is given.
 *
 * <p>One duty cycle: read the clock once, carry out commands, take a burst of frames, fire deadlines, then send and tell
 * once for all of it, and answer how much there was to do.
 */
public final class StackShard implements Agent, ShardContext {
    /** The device says when it has room again; should it not, so long is waited for it. */
    private static final long LONGEST_STALL_NS = 1_000_000;

    private final List<NetworkDevice> devices;
    private final ShardSleep sleep;
    private final ShardConfig config;
    private final NanoClock clock;
    private final Counters counters;
    private final Faults faults;
    private final ChunkPool chunks;
    private final DeadlineQueue deadlines;
    private final CommandQueue commands;
    private final UnsafeBuffer scratch = new UnsafeBuffer(ByteBuffer.allocateDirect(1 << 16));
    private final OpenSockets sockets = new OpenSockets();
    private final Protocols protocols;
    private final GuardedTcp tcp;
    private final long macAddress;
    private Waker waker;
    private long nowNs;
    private long refusedSeen;
    private int faultsInRow;
    private boolean stalled;
    private boolean closed;

    /**
     * @param devices of all interfaces
     * @param otherwise what to sleep on without a device, or null
     */
    StackShard(
            List<NetworkDevice> devices,
            Sleeper otherwise,
            ShardConfig config,
            NanoClock clock,
            Counters counters,
            ErrorHandler errors,
            ChunkPool chunks,
            DeadlineQueue deadlines,
            Protocols protocols) {
        config.check();
        this.devices = devices;
        this.sleep = new ShardSleep(devices, otherwise);
        this.config = config;
        this.clock = clock;
        this.counters = counters;
        this.faults = new Faults(counters, errors);
        this.chunks = chunks;
        this.deadlines = deadlines;
        this.protocols = protocols;
        this.tcp = new GuardedTcp(protocols.tcp(), faults);
        this.macAddress = devices.isEmpty() ? MacAddress.NONE : devices.get(0).macAddress();
        this.nowNs = clock.nanoTime();
        this.waker = sleep.isPossible() ? sleep::wakeUp : Waker.NONE;
        Waker waker = this::somethingToDo;
        this.commands = new CommandQueue(config.maxSockets, config.maxCommands, waker);
    }

    /**
     * A shard with all protocols on one interface, {@code eth0}.
     *
     * @param device whose frames it takes; a {@link BlockingDevice} if it is to sleep; closed in the end
     * @param addresses its own; none if it is to find them itself, see {@link dev.penstock.stack.ip.IpConfig#autoconfigure}
     * @param gateway where other networks are reached, or null
     * @param random all of its randomness
     * @param errors told of exceptions, see {@link #doWork}
     */
    public static StackShard create(
            NetworkDevice device,
            ShardConfig config,
            List<IpPrefix> addresses,
            IpAddress gateway,
            NanoClock clock,
            RandomSource random,
            ErrorHandler errors) {
        InterfaceConfig only = InterfaceConfig.of("eth0", device);
        addresses.forEach(only::address);
        if (gateway != null) {
            only.gateway(gateway);
        }
        return create(List.of(only), config, clock, random, errors, null);
    }

    /**
     * A shard with all protocols on several interfaces, or on none: then there is the loopback alone.
     *
     * @param interfaces in the order of their numbers, devices first; the devices are closed in the end
     * @param random all of its randomness
     * @param errors told of exceptions, see {@link #doWork}
     * @param otherwise what an idle shard without a device sleeps on, or null if it is not to sleep
     * @throws IllegalArgumentException if the interfaces contradict each other or an address does not fit
     */
    public static StackShard create(
            List<InterfaceConfig> interfaces,
            ShardConfig config,
            NanoClock clock,
            RandomSource random,
            ErrorHandler errors,
            Sleeper otherwise) {
        Counters counters = new Counters();
        DeadlineQueue deadlines = new DeadlineQueue();
        ChunkPool chunks = new ChunkPool(config.socketMemory);
        ShardProtocols protocols = new ShardProtocols(interfaces, config, counters, deadlines, random, chunks);
        ShardInterfaces.configure(protocols.ip(), interfaces, config.routes, clock.nanoTime());
        ShardInterfaces.discoverRouters(protocols.ip(), interfaces, config.ip.autoconfigure, clock.nanoTime());
        protocols.startDhcp(interfaces, clock.nanoTime());
        List<NetworkDevice> devices = interfaces.stream()
                .map(InterfaceConfig::device)
                .filter(Objects::nonNull)
                .toList();
        return new StackShard(devices, otherwise, config, clock, counters, errors, chunks, deadlines, protocols);
    }

    // --- the duty cycle ---

    /**
     * {@inheritDoc}
     *
     * @throws AgentTerminationException when the stack itself fails time and again, see
     *     {@link ShardConfig#maxFaultsInRow}
     */
    @Override
    public int doWork() {
        long now = clock.nanoTime();
        nowNs = now;
        int work = runCommands(now);
        try {
            work += protocols.poll(config.burst, now);
            work += expire(now);
            work += flush(now, work != 0);
            faultsInRow = 0;
        } catch (Exception | Error e) {
            faults.ofShard(e);
            work++;
            if (++faultsInRow >= config.maxFaultsInRow) {
                throw new AgentTerminationException(e);
            }
        }
        return work;
    }

    /** A deadline that throws is spent, so that this goes on whatever they do. */
    private int expire(long now) {
        try {
            return deadlines.expire(now, config.maxDeadlinesPerCycle);
        } catch (Exception | Error e) {
            faults.ofApplication(e);
            return 1;
        }
    }

    /** A device that takes nothing is no reason to run in circles: only it can end that, and {@link #await} sees it. */
    private int flush(long now, boolean busy) {
        long sentBefore = counters.get(StackCounter.FRAMES_OUT);
        int work = protocols.flush(now);
        stalled = !busy && protocols.hasPending() && counters.get(StackCounter.FRAMES_OUT) == sentBefore;
        return stalled ? 0 : work;
    }

    private int runCommands(long now) {
        int work;
        try {
            work = commands.drain(this, now, config.maxCommandsPerCycle);
        } catch (Exception | Error e) {
            faults.ofApplication(e);
            work = 1;
        }
        long refused = commands.refused();
        if (refused != refusedSeen) {
            counters.count(StackCounter.COMMAND_QUEUE_FULL, refused - refusedSeen);
            refusedSeen = refused;
        }
        return work;
    }

    /** True while there is something to do at once. Shard thread. */
    public boolean hasPending() {
        return !commands.isEmpty() || (!stalled && protocols.hasPending());
    }

    /** When the next deadline is due, {@link Deadline#NEVER} if none is set. Shard thread. */
    public long nextDeadlineNs() {
        return deadlines.nextDeadlineNs();
    }

    /**
     * Sleeps on the device until a frame, a deadline or a command comes, at most {@code maxNs}; returns at once while
     * there is something to do, or if the device cannot be slept on. Shard thread.
     */
    public void await(long maxNs) {
        if (!sleep.isPossible() || hasPending()) {
            return;
        }
        long timeout = stalled ? Math.min(maxNs, LONGEST_STALL_NS) : maxNs;
        long next = deadlines.nextDeadlineNs();
        if (next != Deadline.NEVER) {
            timeout = Math.min(timeout, next - clock.nanoTime());
        }
        if (timeout > 0 && commands.prepareToSleep()) {
            sleep.await(timeout);
            commands.awake();
        }
    }

    private void somethingToDo() {
        waker.wakeUp();
    }

    /** Ends the current or the next {@link #await}. Any thread. */
    public void wakeUp() {
        sleep.wakeUp();
    }

    /**
     * Who is told when a resting shard has something to do, instead of the device that it sleeps on. Before the shard is run.
     *
     * @param newWaker called by any thread
     */
    public void wakenBy(Waker newWaker) {
        if (sleep.isPossible()) {
            waker = newWaker;
        }
    }

    /**
     * Nobody will run the shard for a while: the next command calls the waker. {@link #resume} before the next duty cycle. Shard
     * thread.
     *
     * @return false if there is something to do now
     */
    public boolean prepareToRest() {
        return !hasPending() && commands.prepareToSleep();
    }

    /** True while a command waits. Any thread. */
    public boolean hasCommands() {
        return !commands.isEmpty();
    }

    /** Ends what {@link #prepareToRest} began. Shard thread. */
    public void resume() {
        commands.awake();
    }

    // --- the end ---

    /** Listeners close and connections end in order, as far as their peers let them. Shard thread. */
    public void beginClose() {
        tcp.closeAll(nowNs);
    }

    /** True while a connection is not yet done with its peer or, after that, a lease not yet given back. Shard thread. */
    public boolean isClosing() {
        return tcp.isBusy() || !protocols.leave(nowNs);
    }

    /** Ends everything at once: resets what is left, lets go of all memory and closes the device. Idempotent. */
    @Override
    public void onClose() {
        if (closed) {
            return;
        }
        closed = true;
        long now = clock.nanoTime();
        nowNs = now;
        try {
            runCommands(now);
            sockets.endAll(now);
            tcp.abortAll(now);
            for (int i = 0; i < 16 && protocols.hasPending(); i++) {
                protocols.flush(now);
            }
            protocols.close();
        } catch (Exception | Error e) {
            faults.ofShard(e);
        } finally {
            commands.end();
            devices.forEach(NetworkDevice::close);
        }
    }

    @Override
    public String roleName() {
        return "penstock";
    }

    // --- what commands use ---

    /** The way in for other threads. */
    public CommandQueue commands() {
        return commands;
    }

    /** The MAC address of the first device, in the low 48 bits; {@link MacAddress#NONE} without one. Any thread. */
    public long macAddress() {
        return macAddress;
    }

    /** What was not given back, once closed; empty if nothing. */
    public String leaks() {
        int c = chunks.outstanding();
        int f = protocols.framesOutstanding();
        return c == 0 && f == 0 ? "" : c + " chunk(s) of socket memory, " + f + " frame(s)";
    }

    /** Throws if the parts of a connection contradict each other; for tests, as it takes its time. Shard thread. */
    public void checkInvariants() {
        protocols.checkInvariants();
    }

    @Override
    public Tcp tcp() {
        return tcp;
    }

    @Override
    public UdpEndpoint openUdp(UdpHandler handler) {
        return protocols.udp().open(new GuardedUdpHandler(handler, faults));
    }

    @Override
    public UnsafeBuffer scratch() {
        return scratch;
    }

    @Override
    public IpLayer ip() {
        return protocols.ip();
    }

    @Override
    public DhcpLayer dhcp() {
        return protocols.dhcp();
    }

    @Override
    public DeadlineQueue deadlines() {
        return deadlines;
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public ChunkPool chunks() {
        return chunks;
    }

    @Override
    public OpenSockets sockets() {
        return sockets;
    }

    @Override
    public long nowNs() {
        return nowNs;
    }

    @Override
    public long clockNs() {
        return clock.nanoTime();
    }
}
