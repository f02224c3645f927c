package dev.penstock.stack.socket;

/**
 * A handle that opens at once or never: the shard is asked for it when it is made, and tells {@link Readiness#BOUND}. Its public
 * methods may be called by any thread.
 */
public abstract class OpenedPort extends SocketHandle {
    private volatile boolean opened;
    private volatile boolean over;
    private volatile boolean shardEnded;
    /** Shard only; set before anything else is called there. */
    ShardContext context;

    OpenedPort(CommandQueue commands, ReadinessListener listener) {
        super(commands, listener);
    }

    /** Asks the shard to open {@code made}; null, and counted, when there are too many sockets. */
    static <P extends OpenedPort> P asked(P made) {
        if (!made.open()) {
            return null;
        }
        made.post(CONNECT);
        return made;
    }

    /** It is open, or never will be. */
    public final boolean isOpened() {
        return opened || isOver();
    }

    /** It could not be opened, for there were too many or what it is for is not there, or the stack was closed. */
    public final boolean isOver() {
        return over || shardEnded;
    }

    public final boolean isShardEnded() {
        return shardEnded;
    }

    /** Lets go; what is on the way is given up. The last call. */
    public final void close() {
        post(CLOSE);
    }

    @Override
    final void perform(int ops, ShardContext shard, long nowNs) {
        context = shard;
        if ((ops & CONNECT) != 0 && (ops & CLOSE) == 0) {
            boolean open = openNow();
            opened = open;
            over = !open;
            signal(Readiness.BOUND);
        }
        if ((ops & CLOSE) != 0) {
            closeNow();
        }
    }

    /** Takes what it needs of the stack; false if that is not to be had. Shard. */
    abstract boolean openNow();

    /** Gives it back; idempotent, and harmless when it was never open. Shard. */
    abstract void closeNow();

    @Override
    final void onShardEnds(long nowNs) {
        closeNow();
        onShardEnded();
    }

    @Override
    final void onShardEnded() {
        shardEnded = true;
        signal(Readiness.OVER | Readiness.READABLE | Readiness.BOUND);
    }
}
