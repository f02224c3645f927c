package dev.penstock.apps.trace;

import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.sim.QueuePolicy;
import dev.penstock.stack.sim.SimulatedHost;
import dev.penstock.stack.sim.SimulatedNetwork;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A transfer over a simulated link that loses segments, traced at the sender's end or at both. */
final class SimulatedTrace {
    private static final long SECOND = 1_000_000_000L;

    private SimulatedTrace() {}

    /** Sends until all is sent, then closes. */
    private static final class Sender implements TcpHandler {
        private final UnsafeBuffer piece = new UnsafeBuffer(new byte[32 * 1024]);
        private long left;
        boolean over;

        Sender(long bytes) {
            left = bytes;
        }

        private void send(TcpConnection c, long nowNs) {
            while (left > 0) {
                int n = c.write(piece, 0, (int) Math.min(left, piece.capacity()), nowNs);
                if (n <= 0) {
                    return;
                }
                left -= n;
            }
            c.close(nowNs);
        }

        @Override
        public void onConnected(TcpConnection c, long nowNs) {
            send(c, nowNs);
        }

        @Override
        public void onWritable(TcpConnection c, long nowNs) {
            send(c, nowNs);
        }

        @Override
        public void onClosed(TcpConnection c, TcpError error, long nowNs) {
            over = true;
        }
    }

    private static final TcpHandler SINK = new TcpHandler() {
        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            return length;
        }

        @Override
        public void onReadable(TcpConnection c, long nowNs) {
            c.close(nowNs);
        }
    };

    /** Writes the trace of a transfer at 20 Mbit/s, 40 ms, with this loss, to {@code file}. */
    static void write(Path file, long seed, long bytes, double loss, boolean bothEnds) throws IOException {
        try (SimulatedNetwork net = SimulatedNetwork.seeded(seed);
                TcpTraceCsv csv = new TcpTraceCsv(Files.newBufferedWriter(file))) {
            ShardConfig config = new ShardConfig();
            config.tcp.tracer = csv;
            SimulatedHost a = net.host("a", "192.0.2.1/24", 1500, config);
            SimulatedHost b = bothEnds ? net.host("b", "192.0.2.2/24", 1500, config) : net.host("b", "192.0.2.2/24");
            b.stack().tcp().listen(0, 0, 80, 4, new TcpOptions(), (l, now) -> l.accept(SINK));
            net.run(SECOND);
            a.link().delay(20_000_000);
            a.transmit().rate(20_000_000, QueuePolicy.dropTailPackets(200)).loss(loss);
            TcpOptions options = new TcpOptions();
            options.sendBuffer = 256 << 10;
            Sender sender = new Sender(bytes);
            a.stack().tcp().connect(0, 0, 0, b.address().hi(), b.address().lo(), 80, options, sender, net.nowNs());
            if (!net.runUntil(() -> sender.over, 600 * SECOND)) {
                throw new AssertionError("the transfer did not end; seed " + seed);
            }
        }
    }
}
