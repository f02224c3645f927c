package dev.penstock.apps.service;

import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.socket.ShardContext;
import dev.penstock.stack.tcp.Tcp;
import dev.penstock.stack.tcp.TcpAcceptor;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IpAddress;
import java.io.IOException;
import java.net.BindException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One of the small services of old, as callbacks on the stack's own thread: no hop, no copy but the one into the send
 * queue, nothing allocated for each segment. Bounded in connections; dead peers are found by keepalives.
 */
public abstract class TcpService implements AutoCloseable {
    /** The most connections of one service at once; those beyond it are reset. */
    static final int MOST = 1024;

    private static final int BACKLOG = 128;
    private static final int BUFFER = 1 << 20;
    private static final long KEEP_IDLE_NS = 60_000_000_000L;
    private static final TcpHandler REFUSING = new TcpHandler() {};

    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private PenstockStack stack;
    private TcpAcceptor acceptor;
    private int open;

    TcpService() {}

    /** The handler for one more connection; it tells {@link #ended()} in the end. Shard thread. */
    abstract TcpHandler newHandler();

    /**
     * Begins to listen on all addresses.
     *
     * @throws IOException when the port is taken or the stack closed
     */
    public void start(PenstockStack on, int port) throws IOException {
        stack = on;
        TcpError error = on.call(shard -> listen(shard, port));
        if (error != null) {
            throw new BindException("TCP port " + port + " cannot be listened on: " + error);
        }
    }

    /** As {@link #start}, on the stack's own thread already; answers why not, or null. */
    TcpError listen(ShardContext shard, int port) {
        Tcp tcp = shard.tcp();
        IpAddress any = IpAddress.ANY;
        acceptor = tcp.listen(any.hi(), any.lo(), port, BACKLOG, options(), (listener, nowNs) -> accept(nowNs));
        return acceptor == null ? tcp.errorOfLastCall() : null;
    }

    private static TcpOptions options() {
        TcpOptions options = new TcpOptions();
        options.sendBuffer = BUFFER;
        options.receiveBuffer = BUFFER;
        options.keepAlive = true;
        options.keepIdleNs = KEEP_IDLE_NS;
        return options;
    }

    private void accept(long nowNs) {
        while (acceptor != null && acceptor.acceptable() > 0) {
            if (open == MOST) {
                refused.lazySet(refused.get() + 1);
                acceptor.accept(REFUSING).abort(nowNs);
            } else {
                open++;
                accepted.lazySet(accepted.get() + 1);
                acceptor.accept(newHandler());
            }
        }
    }

    final void ended() {
        open--;
    }

    final void moved(long n) {
        bytes.lazySet(bytes.get() + n);
    }

    /** Connections accepted. Any thread. */
    public long accepted() {
        return accepted.get();
    }

    /** Connections reset because there were too many. Any thread. */
    public long refused() {
        return refused.get();
    }

    /** Bytes echoed, thrown away or generated. Any thread. */
    public long bytes() {
        return bytes.get();
    }

    /** Listens no more; connections go on until their peers, or the stack, end them. Idempotent. */
    @Override
    public void close() {
        if (stack != null && !stack.isClosed()) {
            stack.onShard(shard -> {
                if (acceptor != null) {
                    acceptor.close(shard.nowNs());
                    acceptor = null;
                }
            });
        }
    }

    /** What all three do in the end. */
    abstract class Handler implements TcpHandler {
        @Override
        public void onClosed(TcpConnection connection, TcpError error, long nowNs) {
            // After a reset, what was not read waits for a reader, and there is none.
            connection.close(nowNs);
            ended();
        }
    }
}
