package dev.penstock.stack.socket;

import dev.penstock.stack.tcp.TcpAcceptHandler;
import dev.penstock.stack.tcp.TcpAcceptor;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import org.jctools.queues.atomic.MpmcAtomicArrayQueue;

/**
 * A listening TCP endpoint, non-blocking, for threads other than the shard's. The shard hands over a limited number of
 * connections in advance, so that accepting one needs no hop; the others wait in TCP's own backlog.
 */
public final class ListenSocket extends SocketHandle implements TcpAcceptHandler {
    private static final int MAX_READY = 128;
    private static final TcpHandler REFUSING = new TcpHandler() {};

    private final MpmcAtomicArrayQueue<StreamSocket> ready;
    private long localHi;
    private long localLo;
    private int localPort;
    private final int backlog;
    private TcpOptions options;
    private volatile TcpOptions changed;
    private TcpError error;
    private volatile boolean bound;
    private volatile boolean over;
    private volatile boolean shardEnded;
    /** More connections wait in TCP than fitted in here. */
    private volatile boolean more;

    /** Shard only. */
    private TcpAcceptor acceptor;

    private ShardContext context;

    private ListenSocket(CommandQueue commands, ReadinessListener listener, int backlog) {
        super(commands, listener);
        this.backlog = backlog;
        this.ready = new MpmcAtomicArrayQueue<>(Math.max(2, Math.min(backlog, MAX_READY)));
    }

    /**
     * Listens; the outcome is told by {@link #isBound} or {@link #isOver}.
     *
     * @param backlog the most connections that wait to be taken, in TCP and here together, at least 1
     * @param options for the connections; copied
     * @return null, and counted, when there are too many sockets
     * @throws IllegalArgumentException if an option is out of range
     */
    public static ListenSocket listen(
            CommandQueue commands,
            ReadinessListener listener,
            long localHi,
            long localLo,
            int localPort,
            int backlog,
            TcpOptions options) {
        options.check();
        ListenSocket socket = new ListenSocket(commands, listener, backlog);
        if (!socket.open()) {
            return null;
        }
        socket.localHi = localHi;
        socket.localLo = localLo;
        socket.localPort = localPort;
        socket.options = options.clone();
        socket.post(CONNECT);
        return socket;
    }

    /** It listens, or did until it was closed. */
    public boolean isBound() {
        return bound;
    }

    /** It never listened, see {@link #error()}, or the stack was closed. */
    public boolean isOver() {
        return over || shardEnded;
    }

    /** The stack was closed. */
    public boolean isShardEnded() {
        return shardEnded;
    }

    /** Why it does not listen; null if it does. */
    public TcpError error() {
        return over ? error : null;
    }

    /** Where it listens; the port is known once bound. */
    public long localHi() {
        return localHi;
    }

    public long localLo() {
        return localLo;
    }

    public int localPort() {
        return localPort;
    }

    /** A connection waits. */
    public boolean isAcceptReady() {
        return isOver() || !ready.isEmpty();
    }

    /** The oldest connection, or null. Its user sets {@link #listener} and looks at it afterwards. Any thread. */
    public StreamSocket accept() {
        StreamSocket socket = ready.poll();
        if (socket != null && more) {
            post(ACCEPTED);
        }
        return socket;
    }

    /**
     * Gives these options to connections that come from now on; {@code newOptions} must not be changed any more.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public void options(TcpOptions newOptions) {
        newOptions.check();
        changed = newOptions;
        post(OPTIONS);
    }

    /** Stops listening; connections that were not taken are reset. The last call. */
    public void close() {
        post(CLOSE);
    }

    @Override
    void perform(int ops, ShardContext shard, long nowNs) {
        context = shard;
        if ((ops & CONNECT) != 0 && (ops & CLOSE) == 0) {
            acceptor = shard.tcp().listen(localHi, localLo, localPort, backlog, options, this);
            if (acceptor == null) {
                error = shard.tcp().errorOfLastCall();
                over = true;
                signal(Readiness.BOUND | Readiness.OVER);
                return;
            }
            localPort = acceptor.localPort();
            bound = true;
            signal(Readiness.BOUND);
        }
        if ((ops & OPTIONS) != 0 && acceptor != null) {
            acceptor.options().copyFrom(changed);
            acceptor.optionsChanged();
        }
        if ((ops & ACCEPTED) != 0 && acceptor != null) {
            take(nowNs);
        }
        if ((ops & CLOSE) != 0) {
            closeNow(nowNs);
        }
    }

    private void closeNow(long nowNs) {
        if (acceptor != null) {
            acceptor.close(nowNs);
            acceptor = null;
        }
        for (StreamSocket s = ready.poll(); s != null; s = ready.poll()) {
            s.abort();
        }
    }

    @Override
    public void onAcceptable(TcpAcceptor listener, long nowNs) {
        take(nowNs);
    }

    @Override
    public int waiting() {
        return ready.size();
    }

    private void take(long nowNs) {
        boolean any = false;
        while (acceptor != null && acceptor.acceptable() > 0) {
            if (ready.size() == ready.capacity()) {
                // Say so before looking again: whoever takes one afterwards asks for more.
                more = true;
                if (ready.size() == ready.capacity()) {
                    break;
                }
            }
            more = false;
            any |= takeOne(nowNs);
        }
        if (any) {
            signal(Readiness.ACCEPTABLE);
        }
    }

    /** False at the limit of sockets: the peer learns it by a reset, and the refusal was counted. */
    private boolean takeOne(long nowNs) {
        StreamSocket socket = StreamSocket.create(commands, ReadinessListener.NONE);
        if (socket == null) {
            TcpConnection refused = acceptor.accept(REFUSING);
            if (refused != null) {
                refused.abort(nowNs);
            }
            return false;
        }
        socket.accepted(acceptor, context);
        ready.offer(socket);
        return true;
    }

    @Override
    void onShardEnds(long nowNs) {
        shardEnded = true;
        closeNow(nowNs);
        onShardEnded();
    }

    @Override
    void onShardEnded() {
        shardEnded = true;
        signal(Readiness.OVER | Readiness.ACCEPTABLE | Readiness.BOUND);
    }
}
