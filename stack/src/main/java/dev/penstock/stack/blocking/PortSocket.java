package dev.penstock.stack.blocking;

import dev.penstock.stack.socket.OpenedPort;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What sockets for tools share: one port of the stack, which opens at once or never, and threads that wait for it. Its public methods
 * may be called by any thread but the stack's own.
 */
abstract class PortSocket<P extends OpenedPort> implements Closeable {
    static final long NS_PER_MS = 1_000_000;

    final PenstockStack stack;
    /** Who waits for something to be received. */
    final WaitPoint receivePoint = new WaitPoint();

    final AtomicBoolean closed = new AtomicBoolean();
    private final WaitPoint openPoint = new WaitPoint();
    private volatile int soTimeoutMs;
    /** Set by {@link #open}, before anybody else has the socket. */
    P port;

    PortSocket(PenstockStack stack) {
        this.stack = stack;
    }

    /**
     * Waits until {@code asked} has opened.
     *
     * @param asked null when there are too many sockets
     * @throws SocketException it cannot be opened
     */
    final void open(P asked) throws IOException {
        stack.checkMayBlock();
        if (asked == null) {
            throw stack.isClosed() ? SocketErrors.stackClosed() : SocketErrors.tooMany();
        }
        port = asked;
        stack.opened(this);
        WaitPoint.Outcome outcome = openPoint.await(asked::isOpened, 0);
        if (outcome == WaitPoint.Outcome.INTERRUPTED || asked.isOver()) {
            close();
            throw outcome == WaitPoint.Outcome.INTERRUPTED
                    ? SocketErrors.closedByInterrupt()
                    : asked.isShardEnded() ? SocketErrors.stackClosed() : refused();
        }
    }

    /** Why the stack did not open it. */
    SocketException refused() {
        return SocketErrors.tooMany();
    }

    /** The listener of the port: whoever waits looks again. Shard. */
    void onReady(int ready) {
        openPoint.signal();
        receivePoint.signal();
    }

    final void ensureOpen() throws SocketException {
        if (closed.get()) {
            throw SocketErrors.closed();
        }
        if (port.isShardEnded()) {
            throw SocketErrors.stackClosed();
        }
    }

    /** Waits until the condition holds or this is closed, at most for the timeout of the socket. */
    final void awaitReceive(Condition condition) throws IOException {
        await(receivePoint, condition, soTimeoutMs);
    }

    /** @param timeoutMs 0 for ever */
    final void await(WaitPoint point, Condition condition, int timeoutMs) throws IOException {
        stack.checkMayBlock();
        switch (point.await(() -> closed.get() || condition.isMet(), timeoutMs * NS_PER_MS)) {
            case TIMED_OUT -> throw new SocketTimeoutException("Receive timed out");
            case INTERRUPTED -> {
                close();
                throw SocketErrors.closedByInterrupt();
            }
            case MET -> {}
        }
    }

    /** How long a receive waits, milliseconds; 0 for ever. */
    final void soTimeout(int ms) {
        soTimeoutMs = TcpSocketSettings.checkTimeout(ms);
    }

    public final boolean isClosed() {
        return closed.get();
    }

    /** Closes; threads that wait get {@code SocketException("Socket closed")}. Idempotent. */
    @Override
    public final void close() {
        if (closed.compareAndSet(false, true)) {
            stack.closed(this);
            port.close();
            onReady(0);
        }
    }
}
