package dev.penstock.perf.bench;

import dev.penstock.perf.kernel.Cpu;
import dev.penstock.perf.kernel.Service;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.shard.StackShard;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IpPrefix;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.agrona.concurrent.SystemNanoClock;

/** One stack and a scripted peer with any number of connections to one service. */
final class LoneStack implements Closeable {
    private static final int PORT = 7007;
    private static final int HANDSHAKES_AT_ONCE = 16;
    private static final long PATIENCE_NS = 60_000_000_000L;

    final ScriptedPeer peer;
    final StackShard stack;
    private final CallbackService service;
    private int opened;

    LoneStack(int connections, Service what, boolean verified) throws IOException {
        Cpu.pin(Cpu.usable().get(0));
        peer = new ScriptedPeer(connections, PORT, verified);
        ShardConfig config = new ShardConfig();
        config.tcp.maxConnections = Math.max(config.tcp.maxConnections, connections + 16);
        stack = StackShard.create(
                peer,
                config,
                List.of(IpPrefix.parse(ScriptedPeer.prefix())),
                null,
                SystemNanoClock.INSTANCE,
                RandomSource.seeded(1),
                t -> {
                    throw new IllegalStateException(t);
                });
        service = new CallbackService(what, 64 << 10);
        TcpOptions options = new TcpOptions();
        options.noDelay = true;
        service.listen(stack, PORT, options);
    }

    /** Opens connections until there are so many, all of them established and idle. */
    void open(int upTo) throws IOException {
        long begin = System.nanoTime();
        while (opened < upTo) {
            int first = opened;
            int n = Math.min(HANDSHAKES_AT_ONCE, upTo - first);
            for (int i = 0; i < n; i++) {
                peer.open(first + i);
            }
            int established = 0;
            while (established < n) {
                stack.doWork();
                established = 0;
                for (int i = 0; i < n; i++) {
                    established += peer.isEstablished(first + i) ? 1 : 0;
                }
                if (System.nanoTime() - begin > PATIENCE_NS) {
                    throw new IOException(
                            (first + established) + " of " + upTo + " connections were opened within 60 s");
                }
            }
            // The last ACK of each handshake is on its way.
            int work = stack.doWork();
            while (work > 0) {
                work = stack.doWork();
            }
            opened = first + n;
        }
        if (stack.tcp().connections() < upTo) {
            throw new IOException("of " + upTo + " connections the stack has kept "
                    + stack.tcp().connections());
        }
    }

    /** Bytes that the service has received. */
    long received() {
        return service.bytes();
    }

    @Override
    public void close() {
        stack.onClose();
        Cpu.pin(Cpu.ANY);
    }
}
