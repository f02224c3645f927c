package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.buffer.Chunk;
import dev.penstock.stack.buffer.ChunkPool;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@link ReceiveAutotuning} and {@link SendAutotuning}: buffers that grow with what the path and the reader can do. */
class AutotuningTest {
    /** 1 Gbit/s for 100 ms. */
    private static final int BANDWIDTH_DELAY = 12_500_000;

    private final TcpConfig config = new TcpConfig();
    private TcpPair net;
    private TransferApp client;
    private TransferApp server;
    private Connection sender;

    private void open(long delayMs, int bytes) {
        config.quietNs = Long.MAX_VALUE;
        net = new TcpPair(1, config, config);
        net.delayNs = delayMs * TcpPair.MS;
        client = new TransferApp(bytes, 0, 1);
        server = new TransferApp(0, bytes, 2);
        net.b.tcp.listen(0, 0, 80, 8, config.defaults, (l, now) -> l.accept(server));
        sender = TcpFixture.parts(net.a.tcp.connect(
                0, 0, 0, net.b.address.hi(), net.b.address.lo(), 80, config.defaults, client, net.nowNs));
    }

    private void runRoundTrips(int n) {
        net.run(2L * n * net.delayNs);
    }

    private void finish() {
        assertTrue(net.runUntil(() -> client.closed && server.closed, 600_000_000_000L));
        assertTrue(client.good() && server.good(), () -> client + "; " + server);
    }

    private void fillsAGigabit() {
        open(50, 60_000_000);
        runRoundTrips(2);
        int first = receiver().receiveQueue().limit();
        assertTrue(first <= 4 * config.initialReceiveBuffer, "begins small: " + first);
        runRoundTrips(14);
        assertTrue(
                receiver().receiveQueue().limit() >= BANDWIDTH_DELAY,
                () -> "receive buffer " + receiver().receiveQueue().limit());
        assertTrue(sender.tcb.snd.wnd >= BANDWIDTH_DELAY / 2, () -> "the window it knows " + sender.tcb.snd.wnd);
        assertTrue(
                sender.sendQueue().limit() >= BANDWIDTH_DELAY,
                () -> "send buffer " + sender.sendQueue().limit());
        TcpInfo info = new TcpInfo();
        receiver().info(info, net.nowNs);
        assertEquals(100e6, (double) info.receiveRttNs, 20e6);
        finish();
        assertTrue(receiver().receiveQueue().limit() <= config.maxReceiveBuffer);
    }

    private Connection receiver() {
        return TcpFixture.parts(server.connection);
    }

    @Test
    void aPathOfAHundredMillisecondsIsFilledWithinSomeRoundTrips() {
        fillsAGigabit();
    }

    @Test
    void withoutTimestampsAWindowIsTimed() {
        config.timestamps = false;
        fillsAGigabit();
    }

    @Test
    void theScaleOfTheSynExpressesTheLargestWindow() {
        // RFC 7323, section 2.3: it cannot be changed later.
        open(1, 1000);
        runRoundTrips(4);
        assertEquals(10, sender.tcb.rcv.wndShift);
        assertTrue(65_535 << 10 >= config.maxReceiveBuffer);
        finish();
    }

    @Test
    void aSizeThatWasSetStays() {
        config.defaults.receiveBuffer = 200_000;
        config.defaults.sendBuffer = 100_000;
        open(50, 10_000_000);
        runRoundTrips(20);
        assertEquals(200_000, receiver().receiveQueue().limit());
        assertEquals(100_000, sender.sendQueue().limit());
        finish();
    }

    @Test
    void aReaderThatDoesNotReadGetsNoLargerBuffer() {
        open(50, 10_000_000);
        server.paused = true;
        runRoundTrips(20);
        assertEquals(config.initialReceiveBuffer, receiver().receiveQueue().limit());
        server.paused = false;
        server.onReadable(server.connection, net.nowNs);
        finish();
    }

    @Test
    void scarceMemoryStopsTheGrowth() {
        open(50, 10_000_000);
        List<Chunk> taken = new ArrayList<>();
        while (!net.b.chunks.isScarce()) {
            taken.add(net.b.chunks.acquire());
        }
        runRoundTrips(10);
        assertEquals(config.initialReceiveBuffer, receiver().receiveQueue().limit());
        taken.forEach(net.b.chunks::release);
        runRoundTrips(10);
        assertTrue(receiver().receiveQueue().limit() > config.initialReceiveBuffer);
        finish();
    }

    @Test
    void scarceMemoryLimitsTheWindowsButTakesNothingBack() {
        open(50, 10_000_000);
        runRoundTrips(8);
        assertTrue(
                receiver().tcb.rcv.window() > 4 * ChunkPool.FAIR_SHARE,
                "window " + receiver().tcb.rcv.window());
        int edge = receiver().tcb.rcv.edge;
        List<Chunk> taken = new ArrayList<>();
        while (!net.b.chunks.isScarce()) {
            taken.add(net.b.chunks.acquire());
        }
        for (int i = 0; i < 20; i++) {
            runRoundTrips(1);
            assertTrue(receiver().tcb.rcv.edge - edge >= 0, "the edge never moves back");
            edge = receiver().tcb.rcv.edge;
        }
        assertTrue(
                receiver().tcb.rcv.window() <= ChunkPool.FAIR_SHARE,
                "window " + receiver().tcb.rcv.window());
        assertTrue(receiver().tcb.rcv.window() > ChunkPool.FAIR_SHARE / 2, "and it goes on");
        taken.forEach(net.b.chunks::release);
        runRoundTrips(5);
        assertTrue(
                receiver().tcb.rcv.window() > 2 * ChunkPool.FAIR_SHARE,
                "window " + receiver().tcb.rcv.window());
        finish();
    }

    @Test
    void aReaderThatGoesOnIsToldOfItsShareWhileMemoryIsScarce() {
        open(50, 10_000_000);
        runRoundTrips(8);
        server.paused = true;
        runRoundTrips(20);
        assertTrue(
                receiver().tcb.rcv.window() < 1_460,
                "closed: " + receiver().tcb.rcv.window());
        List<Chunk> taken = new ArrayList<>();
        while (!net.b.chunks.isScarce()) {
            taken.add(net.b.chunks.acquire());
        }
        server.paused = false;
        server.onReadable(server.connection, net.nowNs);
        runRoundTrips(1);
        assertTrue(
                receiver().tcb.rcv.window() > ChunkPool.FAIR_SHARE / 2,
                "told: " + receiver().tcb.rcv.window());
        taken.forEach(net.b.chunks::release);
        finish();
    }

    @Test
    void theSendBufferIsTwiceTheCongestionWindowWithinLimits() {
        assertEquals(256 << 10, SendAutotuning.limit(config, 14_600, 1460, 1L << 40));
        assertEquals(2_000_000 + 2920, SendAutotuning.limit(config, 1_000_000, 1460, 1L << 40));
        assertEquals(32 << 20, SendAutotuning.limit(config, 1L << 40, 1460, 1L << 40));
        assertFalse(config.initialSendBuffer > config.maxSendBuffer);
    }

    @Test
    void aWindowThatOnlyFillsQueuesDoesNotMakeTheSendBufferLarge() {
        // A neighbour: 2 GB/s, but 0.1 ms; and nothing measured yet.
        assertEquals(SendAutotuning.MODEST, SendAutotuning.limit(config, 30_000_000, 1460, 200_000));
        assertEquals(SendAutotuning.MODEST, SendAutotuning.limit(config, 30_000_000, 1460, -1));
        // 1 Gbit/s at 50 ms, in slow start and with a queue as long as the path.
        assertEquals(12_500_000, SendAutotuning.limit(config, 6_250_000, 1460, 3_125_000));
        assertEquals(25_000_000, SendAutotuning.limit(config, 12_500_000, 1460, 6_250_000));
    }

    private int limitWithShortQueue(long delayNs) {
        config.quietNs = Long.MAX_VALUE;
        net = new TcpPair(1, config, config);
        net.delayNs = delayNs;
        net.b.ip.receiveQueueLength = 500;
        client = new TransferApp(60_000_000, 0, 1);
        server = new TransferApp(0, 60_000_000, 2);
        net.b.tcp.listen(0, 0, 80, 8, config.defaults, (l, now) -> l.accept(server));
        sender = TcpFixture.parts(net.a.tcp.connect(
                0, 0, 0, net.b.address.hi(), net.b.address.lo(), 80, config.defaults, client, net.nowNs));
        net.run(120 * delayNs);
        int limit = receiver().receiveQueue().limit();
        finish();
        return limit;
    }

    /** The peer is next to us, and its window waits in a device that holds 500 packets: three quarters of them are offered. */
    @Test
    void theWindowOfANeighbourFitsIntoTheQueueOfTheDevice() {
        int limit = limitWithShortQueue(200_000);
        int most = 375 * receiver().tcb.rcv.peerSegment;
        assertTrue(limit > config.initialReceiveBuffer && limit <= most, () -> limit + " of " + most);
    }

    /** Of a long path the window is elsewhere. */
    @Test
    void theWindowOfALongPathIsNotBoundByTheQueueOfTheDevice() {
        int limit = limitWithShortQueue(20_000_000);
        assertTrue(limit > 2 * 500 * receiver().tcb.rcv.peerSegment, () -> "limit " + limit);
    }
}
