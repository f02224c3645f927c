package dev.penstock.stack.blocking;

import dev.penstock.stack.socket.ListenSocket;
import dev.penstock.stack.socket.StreamSocket;
import dev.penstock.stack.tcp.TcpOption;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.IpAddress;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A blocking TCP listener; behaves as {@code java.net.ServerSocket} does. Any number of threads may accept, platform or
 * virtual, but not the shard's own; interrupts as at {@link TcpSocket}.
 */
public final class TcpListener implements Closeable {
    private final PenstockStack stack;
    private final ReentrantLock optionLock = new ReentrantLock();
    /** Guarded by optionLock. */
    private final TcpOptions options;

    private final ListenSocket socket;
    private final ReentrantLock acceptLock = new ReentrantLock();
    private final WaitPoint point = new WaitPoint();
    private final Condition acceptReady = this::isAcceptReady;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile int soTimeoutMs;

    private TcpListener(PenstockStack stack, Endpoint local, int backlog, TcpOptions options) throws IOException {
        this.stack = stack;
        options.check();
        this.options = options.clone();
        if (!local.zone().isEmpty()) {
            this.options.interfaceIndex = stack.zones().index(local.zone());
        }
        IpAddress a = local.address();
        this.socket = ListenSocket.listen(
                stack.commands(), ready -> point.signal(), a.hi(), a.lo(), local.port(), backlog, this.options);
        if (socket == null) {
            throw stack.isClosed() ? SocketErrors.stackClosed() : SocketErrors.tooMany();
        }
    }

    static TcpListener listen(PenstockStack stack, Endpoint local, int backlog, TcpOptions options) throws IOException {
        stack.checkMayBlock();
        TcpListener listener = new TcpListener(stack, local, backlog < 1 ? 50 : backlog, options);
        stack.opened(listener);
        WaitPoint.Outcome outcome = listener.point.await(listener::isOpened, 0);
        ListenSocket s = listener.socket;
        if (outcome == WaitPoint.Outcome.INTERRUPTED || !s.isBound()) {
            listener.close();
            throw outcome == WaitPoint.Outcome.INTERRUPTED
                    ? SocketErrors.closedByInterrupt()
                    : s.error() == null ? SocketErrors.stackClosed() : SocketErrors.ofOpen(s.error());
        }
        return listener;
    }

    private boolean isOpened() {
        return socket.isBound() || socket.isOver();
    }

    /**
     * Waits for a connection.
     *
     * @throws SocketTimeoutException "Accept timed out", see {@link #setSoTimeout}
     * @throws SocketException "Socket closed" when the listener is closed, before or meanwhile
     */
    public TcpSocket accept() throws IOException {
        stack.checkMayBlock();
        long timeoutNs = TimeUnit.MILLISECONDS.toNanos(soTimeoutMs);
        long deadline = timeoutNs == 0 ? 0 : System.nanoTime() + timeoutNs;
        lock(timeoutNs);
        try {
            while (true) {
                ensureOpen();
                StreamSocket accepted = socket.accept();
                if (accepted != null) {
                    return new TcpSocket(stack, accepted.initialOptions(), accepted);
                }
                if (socket.isOver()) {
                    throw SocketErrors.stackClosed();
                }
                long left = timeoutNs == 0 ? 0 : Math.max(1, deadline - System.nanoTime());
                switch (point.await(acceptReady, left)) {
                    case TIMED_OUT -> throw new SocketTimeoutException("Accept timed out");
                    case INTERRUPTED -> {
                        close();
                        throw SocketErrors.closedByInterrupt();
                    }
                    case MET -> {}
                }
            }
        } finally {
            acceptLock.unlock();
        }
    }

    /** Threads that accept take turns; the time in the queue counts. */
    private void lock(long timeoutNs) throws IOException {
        if (timeoutNs == 0) {
            acceptLock.lock();
            return;
        }
        boolean interrupted = false;
        long deadline = System.nanoTime() + timeoutNs;
        try {
            while (true) {
                try {
                    if (acceptLock.tryLock(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                        return;
                    }
                    throw new SocketTimeoutException("Accept timed out");
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private boolean isAcceptReady() {
        return closed.get() || socket.isAcceptReady();
    }

    private void ensureOpen() throws SocketException {
        if (closed.get()) {
            throw SocketErrors.closed();
        }
    }

    /** Where it listens. */
    public Endpoint getLocalAddress() {
        IpAddress address = new IpAddress(socket.localHi(), socket.localLo());
        return stack.zones().endpoint(address, options.interfaceIndex, socket.localPort());
    }

    /** As {@link #getLocalAddress()}. */
    public InetSocketAddress getLocalSocketAddress() {
        return getLocalAddress().toInetSocketAddress();
    }

    public int getLocalPort() {
        return socket.localPort();
    }

    /** How long {@link #accept} waits, milliseconds; 0 for ever. */
    public void setSoTimeout(int ms) throws SocketException {
        ensureOpen();
        soTimeoutMs = TcpSocketSettings.checkTimeout(ms);
    }

    public int getSoTimeout() throws SocketException {
        ensureOpen();
        return soTimeoutMs;
    }

    /**
     * Changes an option of the connections that come from now on.
     *
     * @throws IllegalArgumentException if the value is out of range
     */
    public <T> void setOption(TcpOption<T> option, T value) throws SocketException {
        optionLock.lock();
        try {
            ensureOpen();
            option.set(options, value);
            socket.options(options.clone());
        } finally {
            optionLock.unlock();
        }
    }

    /** An option as new connections get it. */
    public <T> T getOption(TcpOption<T> option) throws SocketException {
        optionLock.lock();
        try {
            ensureOpen();
            return option.get(options);
        } finally {
            optionLock.unlock();
        }
    }

    public boolean isClosed() {
        return closed.get();
    }

    /** Stops listening: accepting threads get {@code SocketException("Socket closed")}. Idempotent. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        stack.closed(this);
        point.signal();
        socket.close();
    }
}
