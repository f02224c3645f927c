package dev.penstock.stack.socket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A socket as threads other than the shard's hold it. Operations are bits that are set atomically; the first one puts
 * the handle into the command queue, the others ride along, so that a handle waits there at most once.
 *
 * <p>One handle holds one place among the stack's sockets from {@link #open} until its close was carried out.
 */
abstract class SocketHandle implements Command {
    static final int CONNECT = 1;
    static final int OPTIONS = 1 << 1;
    static final int WRITTEN = 1 << 2;
    static final int READ = 1 << 3;
    static final int WANT_WRITABLE = 1 << 4;
    static final int SHUTDOWN_IN = 1 << 5;
    static final int SHUTDOWN_OUT = 1 << 6;
    static final int CLOSE = 1 << 7;
    static final int ABORT = 1 << 8;
    static final int ACCEPTED = 1 << 9;

    private static final VarHandle PENDING;

    static {
        try {
            PENDING = MethodHandles.lookup().findVarHandle(SocketHandle.class, "pending", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final CommandQueue commands;
    private volatile ReadinessListener listener;
    /** Operations that wait; not 0 exactly while the handle is in the queue. */
    @SuppressWarnings("UnusedVariable") // by way of the handle
    private int pending;
    /** Where it stands on its way; shard only. */
    private boolean known;

    private boolean done;
    /** Neighbours in the shard's list of {@link OpenSockets}. */
    SocketHandle next;

    SocketHandle previous;

    SocketHandle(CommandQueue commands, ReadinessListener listener) {
        this.commands = commands;
        this.listener = listener;
    }

    /** Takes a place among the sockets; false at the limit. Before anything else. */
    final boolean open() {
        return commands.addSocket();
    }

    /** Who is told from now on; look at the socket afterwards, as what was told before is gone. */
    public final void listener(ReadinessListener newListener) {
        listener = newListener;
    }

    final void signal(int ready) {
        listener.onReady(ready);
    }

    /** Asks the shard for {@code ops}, soon. Any thread. */
    final void post(int ops) {
        postLazily(ops);
        commands.wakeUp();
    }

    /** As {@link #post}, when it is early enough whenever the shard wakes next. Any thread. */
    final void postLazily(int ops) {
        if ((int) PENDING.getAndBitwiseOr(this, ops) == 0) {
            commands.enqueue(this);
        }
    }

    @Override
    public final void run(ShardContext shard, long nowNs) {
        int ops = (int) PENDING.getAndSet(this, 0);
        enter(shard);
        try {
            perform(ops, shard, nowNs);
        } finally {
            if ((ops & (CLOSE | ABORT)) != 0 && !isLingering()) {
                leave(shard);
            }
        }
    }

    /** Puts the handle on the list of open sockets. Shard. */
    final void enter(ShardContext shard) {
        if (!known) {
            known = true;
            shard.sockets().add(this);
        }
    }

    /** It was closed and still has something to send: it stays among the open ones, and calls {@link #leave} itself. */
    boolean isLingering() {
        return false;
    }

    /** Takes the handle from the list; idempotent. Shard. */
    final void leave(ShardContext shard) {
        if (!done) {
            done = true;
            shard.sockets().remove(this);
            commands.removeSocket();
        }
    }

    @Override
    public final void rejected() {
        PENDING.setVolatile(this, 0);
        onShardEnded();
    }

    /** Carries out the operations that have come together. Shard. */
    abstract void perform(int ops, ShardContext shard, long nowNs);

    /** The shard ends with this socket still open: let go of what is held, and tell. Shard. */
    abstract void onShardEnds(long nowNs);

    /** The shard has ended and an operation could not be carried out: tell. Any thread; idempotent. */
    abstract void onShardEnded();
}
