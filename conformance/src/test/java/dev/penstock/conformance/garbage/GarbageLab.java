package dev.penstock.conformance.garbage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.conformance.transfer.StreamEnd;
import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.tcp.TcpAcceptHandler;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;

/** Two stacks on a wire, in one thread and in virtual time; the server hears garbage besides what the client sends. */
final class GarbageLab implements AutoCloseable {
    private static final long MS = 1_000_000L;
    private static final long SECOND = 1_000 * MS;
    private static final IpAddress SERVER = IpAddress.parse("10.9.0.2");
    private static final IpAddress SERVER_V6 = IpAddress.parse("2001:db8:9::2");
    private static final IpAddress CLIENT = IpAddress.parse("10.9.0.1");
    private static final int ECHO = 7;
    private static final int TRANSFER = 80;
    private static final int UDP = 5353;
    private static final long SERVER_MAC = 0x02_00_00_00_00_0aL;

    private final long seed;
    private final MemoryWire wire = MemoryWire.builder().queue(4096, 16 << 20).build();
    private final List<Throwable> faults = new ArrayList<>();
    private final GarbageDevice garbage;
    private final StackShard server;
    private final StackShard client;
    private StreamEnd expected;
    private long transfers;
    private long nowNs = SECOND;

    GarbageLab(long seed) {
        this.seed = seed;
        garbage = new GarbageDevice(wire.a(), mutator(seed), 0);
        server = shard(garbage, SERVER);
        client = shard(wire.b(), CLIENT);
        garbage.audit(this::accounted);
        listen(server, ECHO);
        listen(server, TRANSFER);
        UdpEndpoint udp = server.openUdp(new UdpHandler() {});
        assertEquals(UdpEndpoint.OK, udp.bind(0, 0, UDP));
    }

    /** The frames that {@code seed} decides, aimed at the server. */
    static FrameMutator mutator(long seed) {
        return new FrameMutator(RandomSource.seeded(seed), SERVER_MAC, (int) SERVER.lo(), 0, ECHO, TRANSFER, UDP)
                .withIpv6(SERVER_V6);
    }

    private StackShard shard(NetworkDevice device, IpAddress address) {
        ShardConfig config = new ShardConfig();
        // While an address is being verified anyone may claim it, and garbage does.
        config.ip.dadTransmits = 0;
        List<IpPrefix> addresses = new ArrayList<>(List.of(new IpPrefix(address, 24)));
        if (address.equals(SERVER)) {
            addresses.add(new IpPrefix(SERVER_V6, 64));
        }
        StackShard shard = StackShard.create(
                device, config, addresses, null, () -> nowNs, RandomSource.seeded(seed ^ address.lo()), faults::add);
        shard.onStart();
        return shard;
    }

    private void listen(StackShard on, int port) {
        TcpAcceptHandler acceptor = (listener, now) -> {
            while (listener.acceptable() > 0) {
                listener.accept(new Visitor());
            }
        };
        assertNotNull(on.tcp().listen(0, 0, port, 32, options(), acceptor));
    }

    /** Keepalives find out that invented peers are gone. */
    private static TcpOptions options() {
        TcpOptions options = new TcpOptions();
        options.sendBuffer = 64 << 10;
        options.receiveBuffer = 64 << 10;
        options.keepAlive = true;
        options.keepIdleNs = 60 * SECOND;
        return options;
    }

    /** A connection that was accepted: the client gets the transfer that it expects, everyone else an echo. */
    private final class Visitor implements TcpHandler {
        private TcpHandler handler;

        private TcpHandler of(TcpConnection c) {
            if (handler == null) {
                handler = c.remoteLo() == CLIENT.lo() ? expected : new EchoHandler();
            }
            return handler;
        }

        @Override
        public void onConnected(TcpConnection c, long now) {
            of(c).onConnected(c, now);
        }

        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long now) {
            return of(c).onData(c, buffer, offset, length, now);
        }

        @Override
        public void onReadable(TcpConnection c, long now) {
            of(c).onReadable(c, now);
        }

        @Override
        public void onWritable(TcpConnection c, long now) {
            of(c).onWritable(c, now);
        }

        @Override
        public void onClosed(TcpConnection c, TcpError error, long now) {
            of(c).onClosed(c, error, now);
        }
    }

    GarbageDevice garbage() {
        return garbage;
    }

    Counters counters() {
        return server.counters();
    }

    /** Grows with every frame that is dropped, delivered, kept or answered. */
    private long accounted() {
        Counters c = server.counters();
        return c.totalDrops()
                + c.get(StackCounter.IP_IN_DELIVERS)
                + c.get(StackCounter.IP_REASM_REQUIRED)
                + c.get(StackCounter.ARP_REQUESTS_IN)
                + c.get(StackCounter.ARP_REPLIES_IN);
    }

    /** A checked transfer of so many bytes in both directions at once, between the client and the server. */
    void transfer(int bytes) {
        transfers++;
        StreamEnd ours = new StreamEnd(bytes, bytes, RandomSource.seeded(seed ^ transfers), true);
        expected = new StreamEnd(bytes, bytes, RandomSource.seeded(~seed ^ transfers), true);
        StreamEnd theirs = expected;
        TcpConnection c = client.tcp().connect(0, 0, 0, SERVER.hi(), SERVER.lo(), TRANSFER, options(), ours, nowNs);
        assertNotNull(c);
        boolean over = runUntil(() -> ours.isOver() && theirs.isOver(), 600 * SECOND);
        assertTrue(
                over,
                () -> "seed " + seed + ", transfer " + transfers + " does not end: " + ours.complaint() + "; "
                        + theirs.complaint() + "; " + counters());
        assertNull(ours.complaint(), "seed " + seed + ", transfer " + transfers);
        assertNull(theirs.complaint(), "seed " + seed + ", transfer " + transfers);
    }

    /** Lets virtual time pass. */
    void idle(long seconds) {
        runUntil(() -> false, seconds * SECOND);
    }

    private boolean runUntil(BooleanSupplier done, long forNs) {
        long end = nowNs + forNs;
        while (!done.getAsBoolean()) {
            if (nowNs - end >= 0) {
                return false;
            }
            int work = server.doWork() + client.doWork();
            assertTrue(faults.isEmpty(), () -> "seed " + seed + ", frame " + garbage.fed() + ": " + trace());
            nowNs += work == 0 ? idleStep(end) : garbage.left() > 0 ? MS : MS / 10;
        }
        return true;
    }

    private String trace() {
        Throwable first = faults.get(0);
        return first + " at " + List.of(first.getStackTrace());
    }

    private long idleStep(long end) {
        long next = Math.min(server.nextDeadlineNs(), client.nextDeadlineNs());
        return Math.max(MS / 10, Math.min(next, end) - nowNs);
    }

    /** After a long silence: no connection, no frame, no chunk is held, and the tables are within their limits. */
    void assertNothingLeft() {
        assertEquals(0, server.tcp().connections(), "connections with invented peers");
        assertEquals(0, server.chunks().outstanding());
        assertTrue(server.ip().neighbors().size() <= new ShardConfig().ip.neighbors.maxEntries());
        wire.assertAllReturned();
    }

    @Override
    public void close() {
        client.onClose();
        server.onClose();
        assertEquals("", server.leaks(), "seed " + seed);
        assertEquals("", client.leaks(), "seed " + seed);
        wire.assertAllReturned();
        assertTrue(faults.isEmpty(), this::trace);
        assertEquals(0, counters().get(StackCounter.SHARD_FAULTS));
        assertEquals(0, counters().get(StackCounter.APPLICATION_FAULTS));
    }
}
