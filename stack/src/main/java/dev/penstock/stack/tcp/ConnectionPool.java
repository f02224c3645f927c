package dev.penstock.stack.tcp;

import dev.penstock.stack.buffer.ReceiveQueue;
import dev.penstock.stack.buffer.SendQueue;
import dev.penstock.stack.ip.IpPath;
import dev.penstock.stack.timer.Deadline;
import java.util.ArrayDeque;

/**
 * Lends connections the parts that they work with, and takes them back from those that have ended or been quiet for
 * {@link TcpConfig#quietNs}: an idle connection takes a few hundred bytes, and opening and closing allocates nothing once as many
 * were open before. What is free beyond a limit is the garbage collector's. Shard thread.
 *
 * <p>Who has parts is in a list, in the order of when it is to be looked at next, which is always equally long after it was put
 * there; whatever is done with a connection only leaves a mark.
 */
final class ConnectionPool extends Deadline {
    /** So many are looked at in one go; the next go comes with the next duty cycle. */
    private static final int MOST_AT_ONCE = 64;

    private final TcpLayer layer;
    private final StateCarrier carrier = new StateCarrier();
    private final ArrayDeque<Connection> free = new ArrayDeque<>();
    private final ArrayDeque<ConnectionHandle> freeHandles = new ArrayDeque<>();
    private Connection first;
    private Connection last;
    private int lent;

    ConnectionPool(TcpLayer layer) {
        this.layer = layer;
        Connection c = new Connection(layer);
        carrier.learn();
        ConnectionFolding.carry(c, carrier);
        free.addLast(c);
    }

    /** How many connections have parts now. */
    int lent() {
        return lent;
    }

    /** What nobody uses now; for tests. */
    Iterable<Connection> free() {
        return free;
    }

    // --- beginning ---

    /** A new connection, in state CLOSED. */
    Connection begin(
            IpPath path, int localPort, int remotePort, TcpOptions options, TcpHandler handler, Listener listener) {
        ConnectionHandle h = freeHandles.pollFirst();
        if (h == null) {
            h = new ConnectionHandle(this);
        }
        h.begin(path, localPort, remotePort, handler, listener);
        Connection c = lend(h);
        carrier.clear();
        ConnectionFolding.carry(c, carrier);
        ConnectionFolding.begin(c, options);
        return c;
    }

    private Connection lend(ConnectionHandle h) {
        Connection c = free.pollLast();
        if (c == null) {
            c = new Connection(layer);
        }
        lent++;
        h.parts = c;
        c.lendTo(h);
        touch(c);
        return c;
    }

    private void takeBack(Connection c) {
        unlink(c);
        c.timers.stopAll();
        lent--;
        c.handle.parts = null;
        boolean shown = c.handle.sendQueue != null;
        c.takeBack();
        if (free.size() < layer.config.maxFreeConnections) {
            if (shown) {
                c.use(new SendQueue(layer.chunks, 1), new ReceiveQueue(layer.chunks, 1));
            }
            free.addLast(c);
        }
    }

    // --- folding ---

    /** What {@code h} works with, as it was when it was folded. */
    Connection unfold(ConnectionHandle h) {
        if (h.path() == null) {
            throw new IllegalStateException("this connection was let go");
        }
        Connection c = lend(h);
        if (h.alarm != null) {
            layer.deadlines.cancel(h.alarm);
        }
        carrier.unfold(h.folded);
        ConnectionFolding.carry(c, carrier);
        ConnectionFolding.unfolded(c);
        return c;
    }

    private void fold(Connection c) {
        ConnectionHandle h = c.handle;
        carrier.fold();
        ConnectionFolding.carry(c, carrier);
        h.folded = carrier.folded(h.folded);
        h.foldedState = c.state();
        long wakeNs = c.timers.when(ConnectionTimers.KEEPALIVE);
        if (wakeNs != NEVER) {
            if (h.alarm == null) {
                h.alarm = new FoldedAlarm(h);
            }
            layer.deadlines.schedule(h.alarm, wakeNs);
        }
        takeBack(c);
    }

    // --- who is quiet ---

    /** Something was done with {@code c}. */
    void touch(Connection c) {
        c.touched = true;
        if (!c.watched && layer.config.quietNs != NEVER) {
            append(c, layer.lastFlushNs() + layer.config.quietNs);
        }
    }

    @Override
    protected void onDeadline(long nowNs) {
        for (int i = 0; i < MOST_AT_ONCE && first != null && first.lookNs <= nowNs; i++) {
            Connection c = first;
            unlink(c);
            if (c.touched) {
                c.touched = false;
                append(c, nowNs + layer.config.quietNs);
            } else if (c.isDone()) {
                considerEnd(c);
            } else if (ConnectionFolding.isQuiet(c)) {
                fold(c);
            }
            // Who waits for something is looked at again when that has come.
        }
        if (first != null) {
            layer.deadlines.schedule(this, Math.max(nowNs + 1, first.lookNs));
        }
    }

    private void append(Connection c, long lookNs) {
        c.watched = true;
        c.lookNs = lookNs;
        c.watchedBefore = last;
        c.watchedAfter = null;
        if (last == null) {
            first = c;
            layer.deadlines.schedule(this, lookNs);
        } else {
            last.watchedAfter = c;
        }
        last = c;
    }

    private void unlink(Connection c) {
        if (!c.watched) {
            return;
        }
        c.watched = false;
        if (c.watchedBefore == null) {
            first = c.watchedAfter;
        } else {
            c.watchedBefore.watchedAfter = c.watchedAfter;
        }
        if (c.watchedAfter == null) {
            last = c.watchedBefore;
        } else {
            c.watchedAfter.watchedBefore = c.watchedBefore;
        }
        c.watchedBefore = null;
        c.watchedAfter = null;
        if (first == null) {
            layer.deadlines.cancel(this);
        }
    }

    // --- ending ---

    /** {@code c} was told its last word, perhaps: then it needs its parts no more. */
    void considerEnd(Connection c) {
        ConnectionHandle h = c.handle;
        boolean keeps = layer.config.quietNs == NEVER && !h.isLetGo();
        if (keeps || !c.isDone()) {
            return;
        }
        if (h.isLetGo() || h.handler == null) {
            takeBack(c);
            recycle(h);
        } else {
            // It can be asked still.
            fold(c);
        }
    }

    /** The application has let go of {@code h}, which may be at its end already. */
    void onLetGo(ConnectionHandle h) {
        if (h.path() != null && h.parts == null && isOver(h.foldedState)) {
            recycle(h);
        }
    }

    private static boolean isOver(TcpState state) {
        return state == TcpState.CLOSED || state == TcpState.TIME_WAIT;
    }

    private void recycle(ConnectionHandle h) {
        h.end();
        if (freeHandles.size() < layer.config.maxFreeConnections) {
            freeHandles.addLast(h);
        }
    }
}
