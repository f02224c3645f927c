package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Service;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.tcp.TcpState;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.HdrHistogram.Histogram;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A message to the other stack and back, both on this thread. */
final class MemoryEchoRig implements Rig, TcpHandler {
    private static final long HIGHEST_NS = 10_000_000_000L;
    private static final double NS_PER_US = 1e3;

    private final MemoryPair pair = new MemoryPair(true, new ShardConfig());
    private final UnsafeBuffer message;
    private final TcpConnection connection;
    private final double rate;
    private int returned;

    /** @param rate questions a second by a fixed schedule; 0 for a closed loop */
    MemoryEchoRig(Setting s, double rate) throws IOException {
        this.message = new UnsafeBuffer(ByteBuffer.allocateDirect(s.message()));
        this.rate = rate;
        TcpOptions options = new TcpOptions();
        options.noDelay = true;
        options.congestion = s.congestion();
        pair.listen(new CallbackService(Service.ECHO, s.message()), MemoryPair.PORT, options);
        connection = pair.connect(MemoryPair.PORT, options, this);
        pair.until(() -> connection.state() == TcpState.ESTABLISHED, "a connection in memory");
    }

    @Override
    public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
        returned += length;
        return length;
    }

    /** The median in microseconds, and the histogram; garbage for each echo. */
    @Override
    public Sample measure(long ns) {
        Histogram latency = new Histogram(HIGHEST_NS, 3);
        long allocated = MemoryPair.garbage();
        long begin = System.nanoTime();
        Schedule schedule = new Schedule(rate, begin);
        long now = begin;
        while (now - begin < ns) {
            long due = schedule.next(now);
            while (schedule.isFixed() && System.nanoTime() - due < 0) {
                pair.step();
            }
            echo();
            now = System.nanoTime();
            latency.recordValue(Math.min(HIGHEST_NS, now - due));
        }
        double each = (MemoryPair.garbage() - allocated) / (double) latency.getTotalCount();
        return new Sample(latency.getValueAtPercentile(50) / NS_PER_US, latency, each);
    }

    private void echo() {
        int length = message.capacity();
        returned = 0;
        connection.write(message, 0, length, pair.client.clockNs());
        while (returned < length) {
            pair.step();
        }
    }

    @Override
    public void close() {
        pair.close();
    }
}
