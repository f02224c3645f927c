package dev.penstock.stack.shard;

import dev.penstock.stack.tcp.Tcp;
import dev.penstock.stack.tcp.TcpAcceptHandler;
import dev.penstock.stack.tcp.TcpAcceptor;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.tcp.TcpState;
import java.util.ArrayDeque;
import org.agrona.DirectBuffer;

/**
 * TCP as applications get it: what their handlers throw costs them their connection and nobody else anything, and the
 * shard knows all connections and listeners, to close them at its end. One more virtual call for each upcall.
 */
final class GuardedTcp implements Tcp {
    private final Tcp tcp;
    private final Faults faults;
    /** Guards that nobody needs now are kept for the next connections, so many at most. */
    private static final int MOST_FREE = 4_096;

    private final Ring connections = new Ring();
    private final ArrayDeque<Guard> free = new ArrayDeque<>();
    private final Ring acceptors = new Ring();

    GuardedTcp(Tcp tcp, Faults faults) {
        this.tcp = tcp;
        this.faults = faults;
    }

    /** An element of a doubly-linked ring, and the ring's anchor. */
    private static class Ring {
        Ring next = this;
        Ring previous = this;

        final void link(Ring element) {
            element.next = next;
            element.previous = this;
            next.previous = element;
            next = element;
        }

        final void unlink() {
            previous.next = next;
            next.previous = previous;
            next = this;
            previous = this;
        }
    }

    @Override
    public TcpError errorOfLastCall() {
        return tcp.errorOfLastCall();
    }

    @Override
    public TcpAcceptor listen(
            long localHi, long localLo, int localPort, int backlog, TcpOptions options, TcpAcceptHandler handler) {
        GuardedAcceptor guarded = new GuardedAcceptor(handler);
        TcpAcceptor acceptor = tcp.listen(localHi, localLo, localPort, backlog, options, guarded);
        if (acceptor == null) {
            return null;
        }
        guarded.acceptor = acceptor;
        acceptors.link(guarded);
        return guarded;
    }

    @Override
    public TcpConnection connect(
            long localHi,
            long localLo,
            int localPort,
            long remoteHi,
            long remoteLo,
            int remotePort,
            TcpOptions options,
            TcpHandler handler,
            long nowNs) {
        Guard guard = guard(handler);
        TcpConnection c =
                tcp.connect(localHi, localLo, localPort, remoteHi, remoteLo, remotePort, options, guard, nowNs);
        if (c != null && !guard.closed) {
            guard.connection = c;
            connections.link(guard);
        } else if (c == null) {
            giveBack(guard);
        }
        return c;
    }

    private Guard guard(TcpHandler handler) {
        Guard guard = free.pollLast();
        if (guard == null) {
            guard = new Guard();
        }
        guard.handler = handler;
        guard.closed = false;
        return guard;
    }

    /** It was the last upcall of a connection. */
    private void giveBack(Guard guard) {
        guard.handler = null;
        guard.connection = null;
        if (free.size() < MOST_FREE) {
            free.addLast(guard);
        }
    }

    @Override
    public boolean hasPending() {
        return tcp.hasPending();
    }

    /** Not for applications, who are called from within it; they get 0. */
    @Override
    public int flush(long nowNs) {
        return 0;
    }

    @Override
    public int connections() {
        return tcp.connections();
    }

    /** No more connections are accepted, and those that exist end in order. */
    void closeAll(long nowNs) {
        for (Ring r = acceptors.next; r != acceptors; r = acceptors.next) {
            ((GuardedAcceptor) r).close(nowNs);
        }
        for (Ring r = connections.next; r != connections; ) {
            Ring following = r.next;
            ((Guard) r).connection.close(nowNs);
            r = following;
        }
    }

    /** Every connection ends now. */
    void abortAll(long nowNs) {
        closeAll(nowNs);
        for (Ring r = connections.next; r != connections; ) {
            Ring following = r.next;
            ((Guard) r).connection.abort(nowNs);
            r = following;
        }
    }

    /** True while a connection still has something to say to its peer: TIME-WAIT has not. */
    boolean isBusy() {
        for (Ring r = connections.next; r != connections; r = r.next) {
            TcpState state = ((Guard) r).connection.state();
            if (state != TcpState.TIME_WAIT && state != TcpState.CLOSED) {
                return true;
            }
        }
        return false;
    }

    /** Around the handler of one connection. */
    private final class Guard extends Ring implements TcpHandler {
        private TcpHandler handler;
        private TcpConnection connection;
        private boolean closed;

        private void contain(Throwable t, TcpConnection c, long nowNs) {
            faults.ofApplication(t);
            c.abort(nowNs);
        }

        @Override
        public void onConnected(TcpConnection c, long nowNs) {
            try {
                handler.onConnected(c, nowNs);
            } catch (Exception | Error t) {
                contain(t, c, nowNs);
            }
        }

        @Override
        public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
            int used;
            try {
                used = handler.onData(c, buffer, offset, length, nowNs);
                if (used < 0 || used > length) {
                    throw new IllegalStateException("onData used " + used + " of " + length + " bytes");
                }
            } catch (Exception | Error t) {
                contain(t, c, nowNs);
                used = length;
            }
            return used;
        }

        @Override
        public void onReadable(TcpConnection c, long nowNs) {
            try {
                handler.onReadable(c, nowNs);
            } catch (Exception | Error t) {
                contain(t, c, nowNs);
            }
        }

        @Override
        public void onUrgent(TcpConnection c, long nowNs) {
            try {
                handler.onUrgent(c, nowNs);
            } catch (Exception | Error t) {
                contain(t, c, nowNs);
            }
        }

        @Override
        public void onSoftError(TcpConnection c, TcpError error, long nowNs) {
            try {
                handler.onSoftError(c, error, nowNs);
            } catch (Exception | Error t) {
                contain(t, c, nowNs);
            }
        }

        @Override
        public void onWritable(TcpConnection c, long nowNs) {
            try {
                handler.onWritable(c, nowNs);
            } catch (Exception | Error t) {
                contain(t, c, nowNs);
            }
        }

        @Override
        public void onClosed(TcpConnection c, TcpError error, long nowNs) {
            closed = true;
            unlink();
            try {
                handler.onClosed(c, error, nowNs);
            } catch (Exception | Error t) {
                faults.ofApplication(t);
            }
            if (connection != null) {
                giveBack(this);
            }
        }
    }

    /** Around a listener and its handler. */
    private final class GuardedAcceptor extends Ring implements TcpAcceptor, TcpAcceptHandler {
        private final TcpAcceptHandler handler;
        private TcpAcceptor acceptor;

        GuardedAcceptor(TcpAcceptHandler handler) {
            this.handler = handler;
        }

        @Override
        public void onAcceptable(TcpAcceptor ignored, long nowNs) {
            try {
                handler.onAcceptable(this, nowNs);
            } catch (Exception | Error t) {
                faults.ofApplication(t);
            }
        }

        @Override
        public int waiting() {
            return handler.waiting();
        }

        @Override
        public TcpConnection accept(TcpHandler connectionHandler) {
            Guard guard = guard(connectionHandler);
            TcpConnection c = acceptor.accept(guard);
            if (c != null && !guard.closed) {
                guard.connection = c;
                connections.link(guard);
            } else if (c == null) {
                giveBack(guard);
            }
            return c;
        }

        @Override
        public long localHi() {
            return acceptor.localHi();
        }

        @Override
        public long localLo() {
            return acceptor.localLo();
        }

        @Override
        public int localPort() {
            return acceptor.localPort();
        }

        @Override
        public TcpOptions options() {
            return acceptor.options();
        }

        @Override
        public void optionsChanged() {
            acceptor.optionsChanged();
        }

        @Override
        public long overflows() {
            return acceptor.overflows();
        }

        @Override
        public long drops() {
            return acceptor.drops();
        }

        @Override
        public int acceptable() {
            return acceptor.acceptable();
        }

        @Override
        public void close(long nowNs) {
            unlink();
            acceptor.close(nowNs);
        }
    }
}
