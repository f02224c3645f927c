package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Service;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Streams from one stack to the other, both on this thread. */
final class MemoryBulkRig implements Rig, TcpHandler {
    private static final int STEPS = 64;
    private static final double KIBIBYTE = 1024;

    private final MemoryPair pair;
    private final CallbackService discard;
    private final UnsafeBuffer block;

    MemoryBulkRig(Setting s) throws IOException {
        this.pair = new MemoryPair(s.offload(), new ShardConfig());
        this.block = new UnsafeBuffer(ByteBuffer.allocateDirect(s.message()));
        this.discard = new CallbackService(Service.DISCARD, s.message());
        TcpOptions options = new TcpOptions();
        options.noDelay = true;
        options.congestion = s.congestion();
        pair.listen(discard, MemoryPair.PORT, options);
        for (int i = 0; i < s.streams(); i++) {
            pair.connect(MemoryPair.PORT, options, this);
        }
        pair.until(() -> discard.bytes() > 0, "a stream in memory");
    }

    @Override
    public void onConnected(TcpConnection c, long nowNs) {
        fill(c, nowNs);
    }

    @Override
    public void onWritable(TcpConnection c, long nowNs) {
        fill(c, nowNs);
    }

    private void fill(TcpConnection c, long nowNs) {
        int taken = block.capacity();
        while (taken == block.capacity()) {
            taken = c.write(block, 0, block.capacity(), nowNs);
        }
    }

    /** Gbit/s of payload; garbage for each KiB. */
    @Override
    public Sample measure(long ns) throws IOException {
        long bytes = discard.bytes();
        long allocated = MemoryPair.garbage();
        long begin = System.nanoTime();
        long took = 0;
        while (took < ns) {
            for (int i = 0; i < STEPS; i++) {
                pair.step();
            }
            took = System.nanoTime() - begin;
        }
        long moved = discard.bytes() - bytes;
        if (moved == 0) {
            throw new IOException("the stream in memory stands still");
        }
        double perKib = (MemoryPair.garbage() - allocated) / (moved / KIBIBYTE);
        return Sample.rate(moved * 8.0 / took, perKib);
    }

    @Override
    public void close() {
        pair.close();
    }
}
