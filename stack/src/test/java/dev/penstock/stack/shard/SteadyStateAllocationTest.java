package dev.penstock.stack.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rule 4 of the architecture: once warm, a transfer allocates nothing. Two stacks in one thread, whose allocation the
 * JVM counts to the byte; a handful of bytes for the whole run is tolerated, for the JVM's own doings, none a segment.
 */
class SteadyStateAllocationTest {
    private static final int SERVER_PORT = 7;
    private static final long STEP_NS = 20_000;

    private long nowNs = 1_000_000_000L;

    private StackShard stack(NetworkDevice device, String prefix, long seed) {
        return StackShard.create(
                device,
                new ShardConfig(),
                List.of(IpPrefix.parse(prefix)),
                null,
                () -> nowNs,
                RandomSource.seeded(seed),
                t -> {
                    throw new AssertionError(t);
                });
    }

    /** Sends back what comes, from where it lies. */
    private static final class Echo implements TcpHandler {
        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            return Math.max(0, c.write(buffer, offset, length, nowNs));
        }
    }

    /** Keeps {@code window} bytes on their way to the echo and back. */
    private static final class Pinger implements TcpHandler {
        private final UnsafeBuffer message;
        private int inFlight;
        private long returned;

        Pinger(int bytes) {
            message = new UnsafeBuffer(new byte[bytes]);
        }

        @Override
        public void onConnected(TcpConnection c, long nowNs) {
            send(c, nowNs);
        }

        private void send(TcpConnection c, long nowNs) {
            inFlight = c.write(message, 0, message.capacity(), nowNs);
        }

        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            returned += length;
            inFlight -= length;
            if (inFlight == 0) {
                send(c, nowNs);
            }
            return length;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 1_000, 60_000, 400_000})
    void theEchoPathAllocatesNothingOverAPlainWire(int messageBytes) {
        measure(MemoryWire.plain(1500), messageBytes);
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 60_000, 400_000})
    void theEchoPathAllocatesNothingWithSuperSegments(int messageBytes) {
        measure(MemoryWire.offloading(1500), messageBytes);
    }

    @Test
    void theEchoPathAllocatesNothingOverIpv6() {
        measure(MemoryWire.plain(1500), "2001:db8::", 1_000);
        measure(MemoryWire.offloading(1500), "2001:db8::", 60_000);
    }

    private void measure(MemoryWire wire, int messageBytes) {
        measure(wire, "192.0.2.", messageBytes);
    }

    private void measure(MemoryWire wire, String network, int messageBytes) {
        String length = network.endsWith(":") ? "/64" : "/24";
        StackShard client = stack(wire.a(), network + 1 + length, 1);
        StackShard server = stack(wire.b(), network + 2 + length, 2);
        TcpOptions options = new TcpOptions();
        options.noDelay = true;
        server.tcp().listen(0, 0, SERVER_PORT, 4, options, (l, now) -> l.accept(new Echo()));
        Pinger pinger = new Pinger(messageBytes);
        IpAddress to = IpAddress.parse(network + 2);
        client.tcp().connect(0, 0, 0, to.hi(), to.lo(), SERVER_PORT, options, pinger, nowNs);
        // Nobody is asked for before the first address is verified (RFC 4429): 2 seconds at most.
        for (int i = 0; i < 300; i++) {
            nowNs += 10_000_000;
            run(client, server, 1);
        }
        // Warm: the compiler has seen the path, pools and rings have their size, neighbours are known.
        run(client, server, 30_000);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().getId();
        long best = Long.MAX_VALUE;
        long segments = 0;
        for (int attempt = 0; attempt < 3 && best > 0; attempt++) {
            long segmentsBefore = segments(client.counters()) + segments(server.counters());
            long returnedBefore = pinger.returned;
            long before = threads.getThreadAllocatedBytes(id);
            run(client, server, 20_000);
            long allocated = threads.getThreadAllocatedBytes(id) - before;
            segments = segments(client.counters()) + segments(server.counters()) - segmentsBefore;
            assertTrue(pinger.returned > returnedBefore, "the echo has stopped");
            best = Math.min(best, allocated);
        }
        assertTrue(segments > 10_000, "too few segments: " + segments);
        assertTrue(best < 2_048, best + " bytes were allocated for " + segments + " segments");
        assertEquals(0, best / segments);
        client.onClose();
        server.onClose();
        assertEquals("", client.leaks());
        assertEquals("", server.leaks());
        wire.assertAllReturned();
        wire.close();
    }

    private void run(StackShard client, StackShard server, int steps) {
        for (int i = 0; i < steps; i++) {
            nowNs += STEP_NS;
            client.doWork();
            server.doWork();
        }
    }

    private static long segments(Counters counters) {
        return counters.get(StackCounter.TCP_IN_SEGS);
    }
}
