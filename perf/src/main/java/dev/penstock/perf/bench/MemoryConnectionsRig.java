package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Service;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Short connections from one stack to the other, both on this thread: connect, a message each way, close. */
final class MemoryConnectionsRig implements Rig, TcpHandler {
    /** Connections to so many ports in turn: TIME-WAIT keeps a pair of ports for a minute. */
    private static final int PORTS = 64;

    private final MemoryPair pair = new MemoryPair(true, new ShardConfig());
    private final TcpOptions options = new TcpOptions();
    private final UnsafeBuffer message;
    private final int atOnce;
    private long begun;
    private long done;
    private int running;
    private IOException failure;

    MemoryConnectionsRig(Setting s) throws IOException {
        this.message = new UnsafeBuffer(ByteBuffer.allocateDirect(s.message()));
        this.atOnce = s.streams();
        options.noDelay = true;
        options.congestion = s.congestion();
        CallbackService echo = new CallbackService(Service.ECHO, s.message());
        for (int i = 0; i < PORTS; i++) {
            pair.listen(echo, MemoryPair.PORT + i, options);
        }
        // The first connection waits for ARP.
        begin(1);
        pair.until(() -> done == 1 || failure != null, "a connection in memory");
    }

    private void begin(int most) throws IOException {
        while (running < most) {
            pair.connect(MemoryPair.PORT + (int) (begun % PORTS), options, this);
            begun++;
            running++;
        }
    }

    @Override
    public void onConnected(TcpConnection c, long nowNs) {
        c.write(message, 0, message.capacity(), nowNs);
    }

    @Override
    public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
        running--;
        done++;
        c.close(nowNs);
        return length;
    }

    @Override
    public void onClosed(TcpConnection c, TcpError error, long nowNs) {
        if (error != null && failure == null) {
            failure = new IOException("a connection in memory ended: " + error);
        }
    }

    /** Connections a second; garbage for each. */
    @Override
    public Sample measure(long ns) throws IOException {
        long before = done;
        long allocated = MemoryPair.garbage();
        long begin = System.nanoTime();
        long took = 0;
        while (took < ns) {
            begin(atOnce);
            pair.step();
            if (failure != null) {
                throw failure;
            }
            took = System.nanoTime() - begin;
        }
        long n = done - before;
        return Sample.rate(n * 1e9 / took, (MemoryPair.garbage() - allocated) / (double) n);
    }

    @Override
    public void close() {
        pair.close();
    }
}
