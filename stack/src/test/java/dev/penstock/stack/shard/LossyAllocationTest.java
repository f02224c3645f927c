package dev.penstock.stack.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.device.Impairment;
import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.device.SoftwareOffload;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpEcn;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpPrefix;
import dev.penstock.stack.wire.Ipv4Header;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Rule 4 on a bad path: {@link SteadyStateAllocationTest} with what is lost, overtaken and marked, so that the scoreboard,
 * SACK, RACK, PRR, reassembly, ECN and pacing are at work, and buffers that size themselves.
 */
class LossyAllocationTest {
    private static final int PORT = 9;
    private static final long STEP_NS = 50_000;
    private static final long MS = 1_000_000;

    private long nowNs = 1_000_000_000L;
    private Impairment path;
    private long marked;

    /** Marks some of the ECN-capable packets that arrive, as a router with a queue would. */
    private final class Marker implements NetworkDevice, FrameHandler {
        private final NetworkDevice delegate;
        private final int every;
        private FrameHandler handler;
        private long capable;

        Marker(NetworkDevice delegate, int every) {
            this.delegate = delegate;
            this.every = every;
        }

        @Override
        public int poll(FrameHandler to, int limit) {
            handler = to;
            return delegate.poll(this, limit);
        }

        @Override
        public void onFrame(Frame frame) {
            UnsafeBuffer b = frame.buffer();
            int ip = frame.start() + EthernetHeader.LENGTH;
            if (EthernetHeader.type(b, frame.start()) == EthernetHeader.TYPE_IPV4
                    && (Ipv4Header.tos(b, ip) & 3) == 2
                    && every > 0
                    && ++capable % every == 0) {
                b.putByte(ip + 1, (byte) (Ipv4Header.tos(b, ip) | 3));
                Ipv4Header.putChecksum(b, ip, Ipv4Header.headerLength(b, ip));
                marked++;
            }
            handler.onFrame(frame);
        }

        @Override
        public int offer(Frame frame) {
            return delegate.offer(frame);
        }

        @Override
        public DeviceCapabilities capabilities() {
            return delegate.capabilities();
        }

        @Override
        public long macAddress() {
            return delegate.macAddress();
        }

        @Override
        public boolean isUp() {
            return delegate.isUp();
        }

        @Override
        public void close() {
            delegate.close();
        }
    }

    /** Writes without end. */
    private static final class Source implements TcpHandler {
        private final UnsafeBuffer data = new UnsafeBuffer(new byte[65_536]);

        @Override
        public void onConnected(TcpConnection c, long nowNs) {
            onWritable(c, nowNs);
        }

        @Override
        public void onWritable(TcpConnection c, long nowNs) {
            int n = data.capacity();
            while (n == data.capacity()) {
                n = c.write(data, 0, data.capacity(), nowNs);
            }
        }
    }

    private static final class Sink implements TcpHandler {
        private long bytes;

        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            bytes += length;
            return length;
        }
    }

    private StackShard stack(NetworkDevice device, String prefix, long seed) {
        ShardConfig config = new ShardConfig();
        config.tcp.ecn = TcpEcn.ON;
        return StackShard.create(
                device, config, List.of(IpPrefix.parse(prefix)), null, () -> nowNs, RandomSource.seeded(seed), t -> {
                    throw new AssertionError(t);
                });
    }

    @ParameterizedTest
    @CsvSource({"0.01, 0, 0, cubic", "0.02, 0.02, 0, reno", "0.001, 0, 40, cubic", "0.01, 0.01, 100, reno"})
    void aLossyTransferAllocatesNothing(double loss, double reorder, int markEvery, String congestion) {
        MemoryWire wire = MemoryWire.plain(1500);
        path = Impairment.over(wire.a(), RandomSource.seeded(11));
        path.transmit().loss(loss).reorder(reorder, 3, 5 * MS).delay(2 * MS, 0);
        path.receive().loss(loss).delay(2 * MS, 0);
        StackShard client = stack(SoftwareOffload.over(path), "192.0.2.1/24", 1);
        StackShard server = stack(SoftwareOffload.over(new Marker(wire.b(), markEvery)), "192.0.2.2/24", 2);
        TcpOptions options = new TcpOptions();
        options.congestion = congestion;
        Sink sink = new Sink();
        server.tcp().listen(0, 0, PORT, 4, options, (l, now) -> l.accept(sink));
        IpAddress to = IpAddress.parse("192.0.2.2");
        client.tcp().connect(0, 0, 0, to.hi(), to.lo(), PORT, options, new Source(), nowNs);
        run(client, server, 200_000);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().getId();
        long best = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 4 && best > 0; attempt++) {
            long bytes = sink.bytes;
            long again = client.counters().get(StackCounter.TCP_RETRANS_SEGS);
            long recoveries = client.counters().get(StackCounter.TCP_FAST_RETRANSMITS);
            long marks = marked;
            long before = threads.getThreadAllocatedBytes(id);
            run(client, server, 60_000);
            best = Math.min(best, threads.getThreadAllocatedBytes(id) - before);
            assertTrue(sink.bytes - bytes > 1_000_000, sink.bytes - bytes + " bytes");
            assertTrue(client.counters().get(StackCounter.TCP_RETRANS_SEGS) > again, "nothing was lost");
            assertTrue(client.counters().get(StackCounter.TCP_FAST_RETRANSMITS) > recoveries, "no recovery");
            assertEquals(markEvery > 0, marked > marks, "marks");
        }
        assertTrue(best < 2_048, best + " bytes were allocated");
        client.onClose();
        server.onClose();
        assertEquals("", client.leaks() + server.leaks());
        wire.assertAllReturned();
        wire.close();
    }

    private void run(StackShard client, StackShard server, int steps) {
        for (int i = 0; i < steps; i++) {
            nowNs += STEP_NS;
            path.advance(nowNs);
            client.doWork();
            server.doWork();
        }
    }
}
